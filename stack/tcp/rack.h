/* tcp/rack.h: RACK-TLP [RFC8985]: loss found by time, not by counting; tail losses probed.
 *
 * With the option lwip_tcp_rack, on connections with SACK. A segment is lost when one that was sent
 * later has arrived and a reordering window has passed since; at the end of the data the last
 * segment is sent again after two round trips, so that its ACK shows what is missing. Times have
 * the resolution of TCP's clock, 1 ms. */
#ifndef STACK_TCP_RACK_H
#define STACK_TCP_RACK_H

#include "stack/tcp/recover.h"
#include "stack/tcp/tcp_local.h"

static inline bool tcp_rack_on(const struct tcp_pcb *pcb)
{
    return tcp_agreed(pcb, TF_SACK) && CFG(lwip_tcp_rack) && CFG(lwip_tcp_sack_in);
}

#if TCP_MAY_RACK

/* An ACK with these options is about to be taken. */
void tcp_rack_begin(struct tcp_pcb *pcb, const struct wire_tcp_options *opt);
/* seg has arrived: it is about to be freed or marked as sacked. Once per segment. */
void tcp_rack_acked(struct tcp_pcb *pcb, const struct tcp_seg *seg);
/* After an ACK's news: finds losses, arms TCP_TIMER_LOSS. */
void tcp_rack_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news);
/* TCP_TIMER_LOSS has expired. */
void tcp_rack_timer(struct tcp_pcb *pcb);
/* The retransmission timer has expired: marks what is lost. false: it does not know, all is. */
bool tcp_rack_timeout(struct tcp_pcb *pcb);
/* New data has been sent: arms the probe timer [RFC8985 7.2]. */
void tcp_rack_sent(struct tcp_pcb *pcb);

#else

static inline void tcp_rack_begin(struct tcp_pcb *pcb, const struct wire_tcp_options *opt)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(opt);
}

static inline void tcp_rack_acked(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(seg);
}

static inline void tcp_rack_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(news);
}

static inline void tcp_rack_timer(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static inline bool tcp_rack_timeout(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return false;
}

static inline void tcp_rack_sent(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

#endif

#endif
