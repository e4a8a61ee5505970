/* tcp/reasm.h: what arrived out of order waits here, and the SACK blocks that tell of it.
 *
 * pcb->ooseq is sorted by sequence number, without overlaps, all of it in the receive window.
 * Where segments overlap, the byte that came first stays, always RFC 9293 leaves it open;
 * so an attacker's later copy changes nothing. A FIN is kept in the ctl and header flags of the
 * segment that it ends (which may have no data); what lies beyond a FIN is not kept, and a FIN that
 * has known data beyond it is not believed, unless the segment it is in begins at RCV.NXT.
 *
 * Limits: tcp_ooseq_max_bytes and _pbufs (0: the window), the TCP_SEG pool. They refuse what is
 * new; but what begins at RCV.NXT is always taken, and drives out the end of the queue if it must.
 * Cost: a segment behind the last one is O(1), others walk from the front; limits bound the list.
 * With TCP_QUEUE_OOSEQ 0 everything is refused: data in order has to do without this. With
 * TCP_OOSEQ_OVERLAP 0 less is kept of what overlaps: reasm_hole.c.
 *
 * SACK [RFC2018 4]: pcb->rcv_sacks holds the blocks to report, the one that changed last first.
 * What a segment brought again is reported once as D-SACK [RFC2883 4]: pcb->dsack_left and _right
 * (equal: none); reasm sets them, opt.c clears them once sent. The block that it lies in comes
 * first then, too. Both only with TF_SACK. See reasm_sack.h. */
#ifndef STACK_TCP_REASM_H
#define STACK_TCP_REASM_H

#include "lwip/tcp.h"

#include <stdbool.h>

enum tcp_reasm_result {
    TCP_REASM_KEPT,      /* something of it is new and waits; seldom not all of that */
    TCP_REASM_DUPLICATE, /* all of it was there already */
    TCP_REASM_LIMIT,     /* a limit or the pool refused it */
};

#if LWIP_TCP_SACK_OUT
/* Of a segment, [seq, seq+len) has been received before: for D-SACK. Call it before insert(), which
 * adds what it finds only if nothing has been found yet. */
void tcp_reasm_duplicate(struct tcp_pcb *pcb, u32_t seq, u32_t len);
#else
static inline void tcp_reasm_duplicate(struct tcp_pcb *pcb, u32_t seq, u32_t len)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(seq);
    LWIP_UNUSED_ARG(len);
}
#endif

#if TCP_QUEUE_OOSEQ

/* Takes over p (tot_len bytes of data that begin at seq, payload at the data; may be NULL when
 * there is only a FIN), which lies in the window: RCV.NXT <= seq, end <= RCV.NXT + RCV.WND. It may
 * begin at RCV.NXT: then tcp_reasm_take() has something afterwards. Frees what it does not keep. */
enum tcp_reasm_result tcp_reasm_insert(struct tcp_pcb *pcb, struct pbuf *p, u32_t seq, bool fin);

/* What now begins at RCV.NXT, as one chain (at most 65,535 bytes: call again), NULL when there is
 * nothing. *bytes: its length; *fin: the peer's FIN follows directly (then also with NULL). Removes
 * it and its SACK block; does not touch RCV.NXT or the window: the caller moves RCV.NXT before the
 * next call. */
struct pbuf *tcp_reasm_take(struct tcp_pcb *pcb, u32_t *bytes, bool *fin);

/* RCV.NXT has moved: what lies before it goes, and its SACK blocks. */
#if TCP_OOSEQ_OVERLAP
void tcp_reasm_forget_before(struct tcp_pcb *pcb, u32_t rcv_nxt);
#else /* nothing does: RCV.NXT only moves to where a piece that waits begins */
static inline void tcp_reasm_forget_before(struct tcp_pcb *pcb, u32_t rcv_nxt)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(rcv_nxt);
}
#endif

/* Gives everything back (memory is short, or the end). The peer has to send it again
 * [RFC2018 8]. */
void tcp_reasm_free(struct tcp_pcb *pcb);

/* NULL, or what is wrong: order, overlaps, window, counts, SACK blocks that nothing backs. */
const char *tcp_reasm_check(const struct tcp_pcb *pcb);

#else /* nothing is kept; data in order is delivered by the core without us */

static inline enum tcp_reasm_result tcp_reasm_insert(struct tcp_pcb *pcb, struct pbuf *p,
                                                     u32_t seq, bool fin)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(seq);
    LWIP_UNUSED_ARG(fin);
    if (p != NULL)
        pbuf_free(p);
    return TCP_REASM_LIMIT;
}

static inline struct pbuf *tcp_reasm_take(struct tcp_pcb *pcb, u32_t *bytes, bool *fin)
{
    LWIP_UNUSED_ARG(pcb);
    *bytes = 0;
    *fin = false;
    return NULL;
}

static inline void tcp_reasm_forget_before(struct tcp_pcb *pcb, u32_t rcv_nxt)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(rcv_nxt);
}

static inline void tcp_reasm_free(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static inline const char *tcp_reasm_check(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return NULL;
}

#endif

#endif
