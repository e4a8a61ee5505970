/* Tests of stack/core/config.c. */
#include "unit.h"

#include "stack/core/config.h"

UNIT(config, every_option_can_be_read_and_set_within_its_range)
{
    struct stack_config c = stack_config_default;
    uint32_t min, max, value;
    size_t i = 0;
    for (const char *name; (name = stack_config_get(&c, i, &value)) != NULL; i++) {
        CHECK_INT(stack_config_set(&c, name, UINT64_MAX, &min, &max), STACK_CONFIG_RANGE);
        CHECKF(min <= value && value <= max, "%s: default %u is out of range", name, value);
        CHECK_INT(stack_config_set(&c, name, (uint64_t)max + 1, &min, &max), STACK_CONFIG_RANGE);
        CHECK_INT(stack_config_set(&c, name, max, &min, &max), STACK_CONFIG_OK);
        uint32_t now = 0;
        stack_config_get(&c, i, &now);
        CHECK_INT(now, max);
        if (min > 0)
            CHECK_INT(stack_config_set(&c, name, min - 1, &min, &max), STACK_CONFIG_RANGE);
        CHECK_INT(stack_config_set(&c, name, min, &min, &max), STACK_CONFIG_OK);
        stack_config_get(&c, i, &now);
        CHECK_INT(now, min);
    }
    CHECK_INT(i, sizeof(struct stack_config) / sizeof(uint32_t));
}

UNIT(config, unknown_names_change_nothing)
{
    struct stack_config c = stack_config_default;
    uint32_t min, max;
    CHECK_INT(stack_config_set(&c, "mem_siz", 1000, &min, &max), STACK_CONFIG_UNKNOWN);
    CHECK_INT(stack_config_set(&c, "", 1000, &min, &max), STACK_CONFIG_UNKNOWN);
    CHECK_INT(stack_config_set(&c, "mem_size", 0, &min, &max), STACK_CONFIG_RANGE);
    CHECK_MEM(&c, &stack_config_default, sizeof c);
}

UNIT(config, defaults_are_lwips_options)
{
    CHECK_INT(stack_config_default.mem_size, MEM_SIZE);
    CHECK_INT(stack_config_default.pbuf_pool_size, PBUF_POOL_SIZE);
    CHECK_INT(stack_config_default.arp_maxage, ARP_MAXAGE);
    CHECK(stack_config_check(&stack_config_default) == NULL);
}

UNIT(config, contradictions_are_named)
{
    struct stack_config c = stack_config_default;
    c.pbuf_pool_bufsize = 64;
    CHECK(strstr(stack_config_check(&c), "pbuf_pool_bufsize") != NULL);
    c = stack_config_default;
    c.pbuf_pool_bufsize = 65535;
    CHECK(strstr(stack_config_check(&c), "pbuf_pool_bufsize") != NULL);
}
