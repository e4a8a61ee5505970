/* tcp/due_list.c: which connection's timer expires next, where there are few: TCP_HASH_SIZE 0. See
 * due.h. Whoever has a timer armed is on the list of active pcbs or on that of TIME-WAIT. */
#include "lwip/opt.h"

#if LWIP_TCP && !TCP_HASH_SIZE

#include "stack/tcp/due.h"

#include "stack/tcp/tcp_local.h"

/* The one of `list` that is due before `first`, which knows when; else that. */
static struct tcp_pcb *earlier(struct tcp_pcb *list, struct tcp_pcb *first)
{
    for (; list != NULL; list = list->next)
        for (unsigned i = 0; i < TCP_TIMERS; i++)
            if ((list->timers >> i & 1u) != 0 &&
                (first == NULL || seq_lt(list->timer_ms[i], first->due_ms))) {
                first = list;
                first->due_ms = list->timer_ms[i];
            }
    return first;
}

static struct tcp_pcb *wake_for_first(void)
{
    struct tcp_pcb *first =
        earlier(STACK->pub.tcp_tw_pcbs_, earlier(STACK->pub.tcp_active_pcbs_, NULL));

    if (first != NULL)
        ticker_set(&STACK->tcp.ticker, first->due_ms);
    else
        ticker_stop(&STACK->tcp.ticker);
    return first;
}

void tcp_due_update(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    (void)wake_for_first();
}

struct tcp_pcb *tcp_due_expired(void)
{
    struct tcp_pcb *first = wake_for_first();

    return first != NULL && ticker_passed(&STACK->tcp.ticker, first->due_ms) ? first : NULL;
}

const char *tcp_due_check(void)
{
    const struct tcp_pcb *first =
        earlier(STACK->pub.tcp_tw_pcbs_, earlier(STACK->pub.tcp_active_pcbs_, NULL));

    if (first == NULL)
        return STACK->tcp.ticker.armed ? "tcp: the ticker is armed for no timer" : NULL;
    if (!STACK->tcp.ticker.armed || STACK->tcp.ticker.due_ms != first->due_ms)
        return "tcp: the ticker is not armed for the first timer";
    return NULL;
}

#endif
