/* tcp/seg.h: struct tcp_seg, the unit of all of a pcb's queues (lwip/priv/tcp_priv.h has it). */
#ifndef STACK_TCP_SEG_H
#define STACK_TCP_SEG_H

#include "lwip/priv/tcp_priv.h"
#include "stack/wire/tcp_seq.h"

#include <stdbool.h>

/* Zeroed but for seq, len, ctl and the header for lwIP's users; takes over p. NULL: the pool is
 * empty (p is then still the caller's). `received`: header fields in host order. */
struct tcp_seg *tcp_seg_new(struct pbuf *p, u32_t seq, u16_t len, u8_t ctl, bool received);
void tcp_seg_free(struct tcp_seg *seg);   /* with its data; NULL is allowed */
void tcp_segs_free(struct tcp_seg *list);
/* After seq, len or ctl changed. */
void tcp_seg_mirror(struct tcp_seg *seg, bool received);

/* Sequence numbers it takes: data, SYN, FIN. */
static inline u32_t tcp_seg_room(const struct tcp_seg *seg)
{
    return seg->len + ((seg->ctl & (TCP_SYN | TCP_FIN)) != 0 ? 1u : 0u);
}

static inline u32_t tcp_seg_end(const struct tcp_seg *seg)
{
    return seg->seq + tcp_seg_room(seg);
}

/* ---- What was sent and is not acknowledged ----
 *
 * It is on `unacked`, in order. After a timeout without SACK all but the first wait at the front of
 * `unsent` to be sent again, where lwIP's users look for them: so `unacked` may be empty while
 * something is outstanding. What is below SND.NXT has been sent. */

/* Some of it waits on `unsent`. */
static inline bool tcp_sent_waits(const struct tcp_pcb *pcb)
{
    return pcb->unsent != NULL && seq_lt(pcb->unsent->seq, pcb->snd_nxt);
}

/* NULL: nothing is outstanding. */
static inline struct tcp_seg *tcp_sent_first(const struct tcp_pcb *pcb)
{
    if (pcb->unacked != NULL)
        return pcb->unacked;
    return tcp_sent_waits(pcb) ? pcb->unsent : NULL;
}

/* The one behind seg, which was sent; NULL: none. */
static inline struct tcp_seg *tcp_sent_next(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (seg == pcb->unacked_tail)
        return tcp_sent_waits(pcb) ? pcb->unsent : NULL;
    return seg->next != NULL && seq_lt(seg->next->seq, pcb->snd_nxt) ? seg->next : NULL;
}

#endif
