/* tcp/seg.h: struct tcp_seg, the unit of all of a pcb's queues (lwip/priv/tcp_priv.h has it). */
#ifndef STACK_TCP_SEG_H
#define STACK_TCP_SEG_H

#include "lwip/priv/tcp_priv.h"

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

#endif
