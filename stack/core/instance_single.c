/* core/instance_single.c: the one instance of a program with its own port. */
#include "stack/core/grow.h"
#include "stack/core/instance.h"
#include "stack/core/instance_local.h"

#include "lwip/debug.h"
#include "lwip/init.h"
#include "lwip/sys.h"

#include <string.h>

#if !LWIP_MULTI_INSTANCE

struct stack stack_only;

void lwip_init(void)
{
    /* not all of it: the pools' memory need not be cleared, and may be large */
    memset(&stack_only.pub, 0, sizeof stack_only.pub);
    memset(stack_only.drops, 0, sizeof stack_only.drops);
    memset(&stack_only.timeouts, 0, sizeof stack_only.timeouts);
    memset(&stack_only.netif, 0, sizeof stack_only.netif);
    memset(&stack_only.link, 0, sizeof stack_only.link);
    memset(&stack_only.ipv4, 0, sizeof stack_only.ipv4);
    memset(&stack_only.udp, 0, sizeof stack_only.udp);
    stack_only.config = stack_config_default;
    bool up = instance_bring_up();
    LWIP_ASSERT("lwip_init: out of memory", up);
    LWIP_UNUSED_ARG(up);
}

struct stack_public *instance_switch(const struct stack *s)
{
    LWIP_UNUSED_ARG(s);
    return NULL;
}

void instance_switch_back(struct stack_public *before)
{
    LWIP_UNUSED_ARG(before);
}

uint32_t instance_now(const struct stack *s)
{
    LWIP_UNUSED_ARG(s);
    return sys_now();
}

#ifdef LWIP_RAND
uint32_t stack_random(void)
{
    return (uint32_t)LWIP_RAND();
}
#else
/* A port without a source of randomness gets what lwIP would do without one: numbers that only
 * differ. */
uint32_t stack_random(void)
{
    stack_only.now_ms = stack_only.now_ms * 1664525u + 1013904223u;
    return stack_only.now_ms ^ sys_now();
}
#endif

/* All memory is static. */
void *stack_grow(size_t size)
{
    LWIP_UNUSED_ARG(size);
    return NULL;
}

#endif
