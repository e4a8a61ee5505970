/* tcp/seg.h: struct tcp_seg, the unit of all of a pcb's queues (lwip/priv/tcp_priv.h has it). */
#ifndef STACK_TCP_SEG_H
#define STACK_TCP_SEG_H

#include "lwip/priv/tcp_priv.h"
#include "stack/tcp/leaves.h"
#include "stack/wire/tcp_seq.h"

#include <stdbool.h>

/* Zeroed but for seq, ctl, len (p's, which may be NULL) and the header for lwIP's users; takes over
 * p. NULL: the pool is empty (p is then still the caller's). `received`: header fields in host
 * order. */
struct tcp_seg *tcp_seg_new(struct pbuf *p, u32_t seq, u8_t ctl, bool received);
void tcp_seg_free(struct tcp_seg *seg);   /* with its data; NULL is allowed */
void tcp_segs_free(struct tcp_seg *list);
/* A frame in flight has its data, too. */
bool tcp_seg_is_shared(const struct tcp_seg *seg);
/* Its data is not what it was. */
static inline void tcp_seg_sum_unknown(struct tcp_seg *seg)
{
    if (TCP_CHECKSUM_ON_COPY)
        seg->flags &= (u8_t)~TF_SEG_DATA_CHECKSUMMED;
}
/* After seq, len or ctl changed; and the room behind the data. */
#if LWIP_TCP_MIRRORS
void tcp_seg_mirror(struct tcp_seg *seg, bool received);
static inline void tcp_seg_mirror_room(struct tcp_seg *seg, u16_t behind)
{
    seg->oversize_left = behind;
}
#else
static inline void tcp_seg_mirror(const struct tcp_seg *seg, bool received)
{
    LWIP_UNUSED_ARG(seg);
    LWIP_UNUSED_ARG(received);
}

static inline void tcp_seg_mirror_room(const struct tcp_seg *seg, u16_t behind)
{
    LWIP_UNUSED_ARG(seg);
    LWIP_UNUSED_ARG(behind);
}
#endif

#endif
