/* tcp/leaves.h: small functions that are called from many places.
 *
 * Inlined where speed counts. Where size does (-Os), a call is shorter than what it calls: each is
 * there once, in leaves.c. */
#ifndef STACK_TCP_LEAVES_H
#define STACK_TCP_LEAVES_H

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"
#include "stack/tcp/features.h"
#include "stack/wire/tcp_seq.h"

#include <stdbool.h>

#ifdef __OPTIMIZE_SIZE__
#define TCP_LEAF __attribute__((pure)) /* they only look */
#define TCP_PER_CALLER static
/* By itself: within its caller the compiler would follow each of its outcomes apart. */
#define TCP_APART static __attribute__((noinline))
#else
#define TCP_LEAF static inline
/* One for each caller, with what it says folded in. */
#define TCP_PER_CALLER static inline __attribute__((always_inline))
#define TCP_APART static
#endif

/* TCP's clock, ms. */
TCP_LEAF u32_t tcp_now(void);
/* Sequence numbers it takes: data, SYN, FIN. */
TCP_LEAF u32_t tcp_seg_room(const struct tcp_seg *seg);
TCP_LEAF u32_t tcp_seg_end(const struct tcp_seg *seg);

/* ---- What was sent and is not acknowledged ----
 *
 * It is on `unacked`, in order. After a timeout without SACK all but the first wait at the front of
 * `unsent` to be sent again, where lwIP's users look for them: so `unacked` may be empty while
 * something is outstanding. What is below SND.NXT has been sent. */

/* Some of it waits on `unsent`. */
TCP_LEAF bool tcp_sent_waits(const struct tcp_pcb *pcb);
/* NULL: nothing is outstanding. */
TCP_LEAF struct tcp_seg *tcp_sent_first(const struct tcp_pcb *pcb);
/* The one behind seg, which was sent; NULL: none. */
TCP_LEAF struct tcp_seg *tcp_sent_next(const struct tcp_pcb *pcb, const struct tcp_seg *seg);

/* Sequence numbers sent and not acknowledged, [RFC5681 2] FlightSize. */
static inline u32_t tcp_flight(const struct tcp_pcb *pcb)
{
    return pcb->snd_nxt - pcb->lastack;
}

/* Of them, those believed lost; and those that were, and were sent again: sack.h. */
#if TCP_SUMS_MARKS
static inline u32_t tcp_lost_bytes(const struct tcp_pcb *pcb)
{
    return pcb->lost_bytes;
}

static inline u32_t tcp_retx_bytes(const struct tcp_pcb *pcb)
{
    return pcb->retx_bytes;
}
#else
u32_t tcp_lost_bytes(const struct tcp_pcb *pcb);
u32_t tcp_retx_bytes(const struct tcp_pcb *pcb);
#endif

/* Those believed to be in the network [RFC6675 4 SetPipe]. */
TCP_LEAF u32_t tcp_pipe(const struct tcp_pcb *pcb);

#if !defined __OPTIMIZE_SIZE__ || defined TCP_LEAVES_HERE

TCP_LEAF u32_t tcp_now(void)
{
    return ticker_now(&STACK->tcp.ticker);
}

TCP_LEAF u32_t tcp_seg_room(const struct tcp_seg *seg)
{
    return seg->len + ((seg->ctl & (TCP_SYN | TCP_FIN)) != 0 ? 1u : 0u);
}

TCP_LEAF u32_t tcp_seg_end(const struct tcp_seg *seg)
{
    return seg->seq + tcp_seg_room(seg);
}

TCP_LEAF bool tcp_sent_waits(const struct tcp_pcb *pcb)
{
    return pcb->unsent != NULL && seq_lt(pcb->unsent->seq, pcb->snd_nxt);
}

TCP_LEAF struct tcp_seg *tcp_sent_first(const struct tcp_pcb *pcb)
{
    if (pcb->unacked != NULL)
        return pcb->unacked;
    return tcp_sent_waits(pcb) ? pcb->unsent : NULL;
}

TCP_LEAF struct tcp_seg *tcp_sent_next(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (seg == pcb->unacked_tail)
        return tcp_sent_waits(pcb) ? pcb->unsent : NULL;
    return seg->next != NULL && seq_lt(seg->next->seq, pcb->snd_nxt) ? seg->next : NULL;
}

TCP_LEAF u32_t tcp_pipe(const struct tcp_pcb *pcb)
{
    u32_t gone = (TCP_MAY_SACK_IN ? pcb->sacked_bytes : 0) + tcp_lost_bytes(pcb);
    u32_t flight = tcp_flight(pcb);

    return flight > gone ? flight - gone : 0;
}

#endif

#endif
