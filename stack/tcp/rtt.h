/* tcp/rtt.h: the round trip, and the retransmission timeout from it [RFC6298], [RFC9293 3.8.1].
 *
 * SRTT and RTTVAR are kept in ms with 3 and 2 binary places. rto_ms = SRTT + max(G, 4*RTTVAR), at
 * least tcp_rto_min_ms, at most tcp_rto_max_ms; G is the timers' granularity (1 ms, or 500 with
 * lwIP's ticks). Backed off it stays until a clean sample [RFC6298 5]. One segment per round trip
 * is timed; with timestamps the echo of that moment is the sample, and then retransmitted segments
 * count, too [RFC7323 4]. lwIP's mirrors (sa, sv, rto) follow. */
#ifndef STACK_TCP_RTT_H
#define STACK_TCP_RTT_H

#include "lwip/tcp.h"
#include "stack/core/instance.h"

#define TCP_SYN_LOST_RTO_MS 3000u

/* A new pcb, all zero: no sample, the initial RTO. */
void tcp_rtt_init(struct tcp_pcb *pcb);
/* A measurement (ms; 0 counts as less than the clock can see). Ends the back-off. */
void tcp_rtt_sample(struct tcp_pcb *pcb, u32_t rtt_ms);
/* The timer has expired: RTO *= 2 [RFC6298 5.5]. */
void tcp_rtt_back_off(struct tcp_pcb *pcb);
/* The handshake is complete; a SYN was lost and its timer was shorter than 3 s: RTO = 3 s
 * [RFC6298 5.7]. */
void tcp_rtt_syn_was_lost(struct tcp_pcb *pcb);
/* The handshake is complete and its sample taken: data goes out with the RTO that the SYN's fate
 * asks for. */
static inline void tcp_rtt_settle(struct tcp_pcb *pcb)
{
    if (CFG(tcp_rto_init_ms) < TCP_SYN_LOST_RTO_MS && pcb->syn_lost)
        tcp_rtt_syn_was_lost(pcb);
}

/* SRTT in ms rounded up, or the initial RTO while there is no sample. */
static inline u32_t tcp_rtt_smoothed_ms(const struct tcp_pcb *pcb)
{
    return pcb->srtt8 != 0 ? (pcb->srtt8 + 7) >> 3 : CFG(tcp_rto_init_ms);
}

#endif
