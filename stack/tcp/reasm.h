/* tcp/reasm.h: what arrived out of order waits here, and the SACK blocks that tell of it.
 *
 * pcb->ooseq is sorted by sequence number, without overlaps, all of it in the receive window.
 * Where segments overlap, the byte that came first stays, always [RFC9293 3.10.7.4 leaves it open];
 * so an attacker's later copy changes nothing. A FIN is kept in the ctl and header flags of the
 * segment that it ends (which may have no data); what lies beyond a FIN is not kept. Limits:
 * tcp_ooseq_max_bytes and _pbufs (0: the window), the TCP_SEG pool. Cost: finding a place walks from
 * the end backwards, so a segment at the end is O(1); the list is bounded by its limits.
 *
 * SACK [RFC2018 4]: pcb->rcv_sacks holds the blocks to report, the one that changed last first.
 * A segment that brought nothing new is reported once as D-SACK [RFC2883 4]: pcb->dsack_left and
 * _right (equal: none); reasm sets them, opt.c clears them once sent. Both only with TF_SACK. */
#ifndef STACK_TCP_REASM_H
#define STACK_TCP_REASM_H

#include "lwip/tcp.h"

#include <stdbool.h>

enum tcp_reasm_result {
    TCP_REASM_KEPT,      /* something of it is new and waits */
    TCP_REASM_DUPLICATE, /* all of it was there already */
    TCP_REASM_LIMIT,     /* a limit or the pool refused it */
};

/* Takes over p (tot_len bytes of data that begin at seq, payload at the data; may be NULL when there
 * is only a FIN), which lies in the window: RCV.NXT <= seq, end <= RCV.NXT + RCV.WND. It may begin at
 * RCV.NXT: then tcp_reasm_take() has something afterwards. Frees what it does not keep. */
enum tcp_reasm_result tcp_reasm_insert(struct tcp_pcb *pcb, struct pbuf *p, u32_t seq, bool fin);

/* What now begins at RCV.NXT, as one chain (at most 65,535 bytes: call again), NULL when there is
 * nothing. *bytes: its length; *fin: the peer's FIN follows directly (then also with NULL). Removes
 * it and its SACK block; does not touch RCV.NXT or the window: the caller moves RCV.NXT before the
 * next call. */
struct pbuf *tcp_reasm_take(struct tcp_pcb *pcb, u32_t *bytes, bool *fin);

/* A segment [seq, seq+len) that has been received before: for D-SACK. */
void tcp_reasm_duplicate(struct tcp_pcb *pcb, u32_t seq, u32_t len);

/* RCV.NXT has moved: blocks that lie before it go. */
void tcp_reasm_forget_before(struct tcp_pcb *pcb, u32_t rcv_nxt);

/* Gives everything back (memory is short, or the end). The peer has to send it again [RFC2018 8]. */
void tcp_reasm_free(struct tcp_pcb *pcb);

/* NULL, or what is wrong: order, overlaps, window, counts, SACK blocks that nothing backs. */
const char *tcp_reasm_check(const struct tcp_pcb *pcb);

#endif
