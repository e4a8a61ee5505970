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
    /* not the heap's and the pools' memory: it need not be cleared, and may be large */
    memset(&stack_only, 0, offsetof(struct stack, mem));
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
    stack_only.random = stack_only.random * 1664525u + 1013904223u;
    return stack_only.random ^ sys_now();
}
#endif

/* All memory is static. */
void *stack_grow(size_t size)
{
    LWIP_UNUSED_ARG(size);
    return NULL;
}

#endif
