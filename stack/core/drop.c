/* core/drop.c: see drop.h. */
#include "stack/core/drop.h"

#include "stack/core/instance.h"

static const char *const names[] = {
#define DROP_REASON(name, text) #name,
#include "stack/core/drop.def"
#include "stack/link/drop.def"
#include "stack/ipv4/drop.def"
#include "stack/udp/drop.def"
#include "stack/tcp/drop.def"
#undef DROP_REASON
};

void drop(enum drop_reason reason, const struct netif *netif, const struct pbuf *p)
{
    struct stack *s = STACK;
    s->drops[reason]++;
    if (s->env.drop != NULL)
        s->env.drop(s->env.ctx, reason, netif, p);
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
