/* few.c: what is not compiled in cannot be switched on for a host: the message names both sides. */
#include "unit.h"

#include "stack/core/config.h"

#include <string.h>

static void refused(const char *name, const char *because)
{
    struct stack_config c = stack_config_default;
    uint32_t min, max;
    CHECK(stack_config_check(&c) == NULL);
    CHECK_INT(stack_config_set(&c, name, 1, &min, &max), STACK_CONFIG_OK);
    const char *message = stack_config_check(&c);
    CHECK(message != NULL && strncmp(message, name, strlen(name)) == 0);
    CHECK(strstr(message, because) != NULL && strstr(message, "not compiled in") != NULL);
}

UNIT(few, what_is_left_out_cannot_be_switched_on)
{
    refused("tcp_cc", "LWIP_TCP_CUBIC 0");
    refused("lwip_wnd_scale", "LWIP_WND_SCALE 0");
    refused("tcp_queue_ooseq", "TCP_QUEUE_OOSEQ 0");
    refused("lwip_tcp_sack_out", "LWIP_TCP_SACK_OUT 0");
    refused("lwip_tcp_pmtud", "LWIP_TCP_ICMP_ERRORS 0");
}

/* The code for these is there whenever there are many hosts: the build's value is a default. */
UNIT(few, what_is_only_off_can_be_switched_on)
{
    static const char *const names[] = {"lwip_tcp_sack_in", "lwip_tcp_timestamps", "lwip_tcp_ecn",
                                        "tcp_limited_transmit"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stack_config c = stack_config_default;
        uint32_t min, max;
        CHECK_INT(stack_config_set(&c, names[i], 1, &min, &max), STACK_CONFIG_OK);
        CHECK(stack_config_check(&c) == NULL);
    }
}
