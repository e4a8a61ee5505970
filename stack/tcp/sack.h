/* tcp/sack.h: the sender's scoreboard: what of the data in flight is believed where [RFC6675 3].
 *
 * Each segment that was sent is marked (where they are: seg.h); the pcb keeps the sums, so that
 * "how much is in the network" costs nothing. Marks change only here. Without SACK they serve, too:
 * after a timeout everything is lost. Positions of earlier SACK blocks are remembered, so an ACK
 * costs what is new in it, not what is in flight. Where it has to be small and nobody speaks SACK
 * (TCP_SUMS_MARKS 0) marks are without sums, and the queue is gone through instead. */
#ifndef STACK_TCP_SACK_H
#define STACK_TCP_SACK_H

#include "stack/tcp/tcp_local.h"

#define SEG_SACKED 0x01u /* the peer has it */
#define SEG_LOST 0x02u   /* believed lost */
#define SEG_RETX 0x04u   /* sent again since it was found lost: in the network once more */

#define TCP_DUP_THRESH 3u

/* The peer says what it has: a timeout leaves everything where it is. */
static inline bool tcp_sack_on(const struct tcp_pcb *pcb)
{
    return tcp_agreed(pcb, TF_SACK) && CFG(lwip_tcp_sack_in);
}

static inline bool tcp_seg_sacked(const struct tcp_seg *seg)
{
    return TCP_MAY_SACK_IN && (seg->marks & SEG_SACKED) != 0;
}

#if TCP_SUMS_MARKS

/* Takes the peer's blocks; the bytes that they newly tell of. Blocks that make no sense are
 * ignored [RFC2018 4]. *dsack: the first one reports a duplicate [RFC2883 4]. */
u32_t tcp_sack_blocks(struct tcp_pcb *pcb, const struct wire_tcp_options *opt, u32_t ack,
                      bool *dsack);
/* Marks as lost what enough was SACKed behind [RFC6675 4 IsLost]. */
void tcp_sack_find_lost(struct tcp_pcb *pcb);
void tcp_sack_mark_lost(struct tcp_pcb *pcb, struct tcp_seg *seg);
/* The first segment that is neither lost nor sent again, but lies below one that was SACKed. */
struct tcp_seg *tcp_sack_next_hole(struct tcp_pcb *pcb);
/* seg has just been sent again. */
void tcp_sack_sent_again(struct tcp_pcb *pcb, struct tcp_seg *seg);
/* seg is about to leave the front of the queue, acknowledged. Returns its bytes that were not
 * known to have arrived. */
u32_t tcp_sack_acked(struct tcp_pcb *pcb, struct tcp_seg *seg);
/* Nothing is in flight: the sums are zero. */
void tcp_sack_reset(struct tcp_pcb *pcb);
/* The timer has expired: nothing is known any more, all is lost [RFC2018 8]. */
void tcp_sack_all_lost(struct tcp_pcb *pcb);
/* The first lost segment that has not been sent again, or NULL. */
struct tcp_seg *tcp_sack_next_lost(struct tcp_pcb *pcb);
/* The first n sequence numbers of seg, the front one, are about to be cut off: acknowledged. */
void tcp_sack_trimmed(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t n);
/* seg was cut in two; both halves have its marks. */
void tcp_sack_split(struct tcp_pcb *pcb, struct tcp_seg *seg);

#else /* sack_none.c: few marks, and no sums: they are taken when asked for */

static inline u32_t tcp_sack_blocks(struct tcp_pcb *pcb, const struct wire_tcp_options *opt,
                                    u32_t ack, bool *dsack)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(opt);
    LWIP_UNUSED_ARG(ack);
    *dsack = false;
    return 0;
}

static inline void tcp_sack_find_lost(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static inline void tcp_sack_mark_lost(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    LWIP_UNUSED_ARG(pcb);
    seg->marks = SEG_LOST;
}

static inline struct tcp_seg *tcp_sack_next_hole(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return NULL;
}

static inline void tcp_sack_sent_again(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    LWIP_UNUSED_ARG(pcb);
    seg->marks = SEG_RETX;
}

static inline u32_t tcp_sack_acked(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    LWIP_UNUSED_ARG(pcb);
    return tcp_seg_room(seg);
}

static inline void tcp_sack_reset(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

void tcp_sack_all_lost(struct tcp_pcb *pcb);
struct tcp_seg *tcp_sack_next_lost(struct tcp_pcb *pcb);

static inline void tcp_sack_trimmed(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t n)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(seg);
    LWIP_UNUSED_ARG(n);
}

static inline void tcp_sack_split(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(seg);
}

#endif

#endif
