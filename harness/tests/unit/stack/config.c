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

/* The numbers that users and scenarios may rely on; the sim profile changes none of these. */
UNIT(config, tcps_own_defaults_are_those_documented)
{
    const struct stack_config *c = &stack_config_default;
    CHECK_INT(c->tcp_rto_min_ms, 1000);
    CHECK_INT(c->tcp_rto_max_ms, 60000);
    CHECK_INT(c->tcp_delack_ms, 40);
    CHECK_INT(c->tcp_cc, 0);
    CHECK_INT(c->lwip_tcp_ecn, 0);
    CHECK_INT(c->lwip_tcp_rack, 0);
    CHECK_INT(c->lwip_tcp_sack_in, c->lwip_tcp_sack_out);
    CHECK_INT(c->tcp_limited_transmit, 1);
    CHECK_INT(c->tcp_challenge_ack_limit, 10);
    CHECK_INT(c->tcp_syn_r2_ms, 180000);
    CHECK_INT(c->tcp_fin_wait_timeout_ms, 20000);
    CHECK_INT(c->tcp_msl_ms, 60000);
    CHECK_INT(c->tcp_iw_segments, 0);
    CHECK_INT(c->tcp_restart_idle, 1);
    CHECK_INT(c->tcp_timestamp_offset, 1);
    CHECK_INT(c->tcp_keepidle_ms, 7200000);
    CHECK_INT(c->tcp_keepintvl_ms, 75000);
    CHECK_INT(c->tcp_keepcnt, 9);
    CHECK_INT(c->tcp_isn, 0);
    CHECK_INT(c->tcp_ts_start, 0);
    CHECK_INT(c->tcp_port_first, 0);
}

/* [RFC9293 3.8.6.3 MUST-40]: less than half a second */
UNIT(config, delayed_ack_of_half_a_second_is_refused)
{
    struct stack_config c = stack_config_default;
    uint32_t min, max;
    CHECK_INT(stack_config_set(&c, "tcp_delack_ms", 500, &min, &max), STACK_CONFIG_RANGE);
    CHECK_INT(max, 499);
    CHECK_INT(stack_config_set(&c, "tcp_delack_ms", 499, &min, &max), STACK_CONFIG_OK);
}

UNIT(config, contradictions_are_named)
{
    struct stack_config c = stack_config_default;
    c.pbuf_pool_bufsize = 64;
    CHECK(strstr(stack_config_check(&c), "pbuf_pool_bufsize") != NULL);
    c = stack_config_default;
    c.pbuf_pool_bufsize = 65535;
    CHECK(strstr(stack_config_check(&c), "pbuf_pool_bufsize") != NULL);
    c = stack_config_default;
    c.tcp_wnd = c.tcp_mss - 1;
    CHECK(strstr(stack_config_check(&c), "tcp_wnd is less than tcp_mss") != NULL);
    c.tcp_wnd = c.tcp_mss;
    CHECK(stack_config_check(&c) == NULL);
    c.tcp_rto_min_ms = c.tcp_rto_max_ms;
    CHECK(stack_config_check(&c) == NULL);
    c.tcp_rto_max_ms--;
    CHECK(strstr(stack_config_check(&c), "tcp_rto_min_ms is more than") != NULL);
}
