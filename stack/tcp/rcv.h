/* tcp/rcv.h: the receiver between segment.c and deliver.c. */
#ifndef STACK_TCP_RCV_H
#define STACK_TCP_RCV_H

#include "stack/tcp/tcp_local.h"

/* Moves what is now in order from the reassembly queue to in->data, RCV.NXT and window with it. */
#if TCP_QUEUE_OOSEQ
void tcp_rcv_take(struct tcp_in *in, struct tcp_pcb *pcb);
#else
static inline void tcp_rcv_take(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(in);
    LWIP_UNUSED_ARG(pcb);
}
#endif

#endif
