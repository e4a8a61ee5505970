/* tcp/reasm_sack.h: the SACK blocks that tell of pcb->ooseq; for reasm.c alone.
 *
 * Each block is one whole run of what is held: the bytes around it are missing [RFC2018 3]. The run
 * at RCV.NXT, if there is one, is about to be acknowledged and is none. There may be more runs than
 * blocks: the blocks are those that changed last, newest first. Without TF_SACK there are none. */
#ifndef STACK_TCP_REASM_SACK_H
#define STACK_TCP_REASM_SACK_H

#include "lwip/tcp.h"

#include <stdbool.h>

#if LWIP_TCP_SACK_OUT

/* [left, right) has come and is in the queue: the run it is in becomes the first block [RFC2018 4].
 * joins_left, joins_right: the queue has the byte in front of left, the one at right. */
void tcp_reasm_report(struct tcp_pcb *pcb, u32_t left, u32_t right, bool joins_left,
                      bool joins_right);
/* RCV.NXT is going to be `edge`: neither what lies before it nor what begins there is reported. */
void tcp_reasm_unreport_to(struct tcp_pcb *pcb, u32_t edge);
/* Nothing from `edge` on is held any more [RFC2018 8]. */
void tcp_reasm_unreport_from(struct tcp_pcb *pcb, u32_t edge);
/* NULL, or which block says something untrue. */
const char *tcp_reasm_check_blocks(const struct tcp_pcb *pcb);

#else /* nothing is told */

static inline void tcp_reasm_report(struct tcp_pcb *pcb, u32_t left, u32_t right, bool joins_left,
                                    bool joins_right)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(left);
    LWIP_UNUSED_ARG(right);
    LWIP_UNUSED_ARG(joins_left);
    LWIP_UNUSED_ARG(joins_right);
}

static inline void tcp_reasm_unreport_to(struct tcp_pcb *pcb, u32_t edge)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(edge);
}

static inline void tcp_reasm_unreport_from(struct tcp_pcb *pcb, u32_t edge)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(edge);
}

static inline const char *tcp_reasm_check_blocks(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return NULL;
}

#endif

#endif
