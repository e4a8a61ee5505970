/* core/drop.c: see drop.h. */
#include "stack/core/drop.h"

#include "stack/core/instance.h"

#if LWIP_DROP_REASONS

static const char *const names[] = {
#define DROP_REASON(name, text) #name,
#include "stack/core/drop.def"
#include "stack/link/drop.def"
#include "stack/ipv4/drop.def"
#include "stack/udp/drop.def"
#include "stack/tcp/drop.def"
#undef DROP_REASON
};

/* A single instance has no host to be told. */
#if LWIP_MULTI_INSTANCE
static inline void tell(enum drop_reason reason, const struct netif *netif, const struct pbuf *p)
{
    const struct stack_env *env = &STACK->env;
    if (env->drop != NULL)
        env->drop(env->ctx, reason, netif, p);
}
#else
static inline void tell(enum drop_reason reason, const struct netif *netif, const struct pbuf *p)
{
    LWIP_UNUSED_ARG(reason);
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(p);
}
#endif

void drop(enum drop_reason reason, const struct netif *netif, const struct pbuf *p)
{
    STACK->drops[reason]++;
    tell(reason, netif, p);
}

unsigned stack_drop_reasons(void)
{
    return DROP_REASONS;
}

const char *stack_drop_name(unsigned reason)
{
    return reason < DROP_REASONS ? names[reason] : NULL;
}

uint32_t stack_drop_count(const struct stack *s, unsigned reason)
{
    return reason < DROP_REASONS ? s->drops[reason] : 0;
}

#else

unsigned stack_drop_reasons(void)
{
    return 0;
}

const char *stack_drop_name(unsigned reason)
{
    LWIP_UNUSED_ARG(reason);
    return NULL;
}

uint32_t stack_drop_count(const struct stack *s, unsigned reason)
{
    LWIP_UNUSED_ARG(s);
    LWIP_UNUSED_ARG(reason);
    return 0;
}

#endif
