/* tcp/cc_newreno.c: slow start and congestion avoidance of [RFC5681 3.1]. See cc.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"

#include "lwip/priv/tcp_priv.h"

/* Holds a window times a segment. */
#if LWIP_WND_SCALE
typedef u64_t wide_t;
#else
typedef u32_t wide_t;
#endif

/* A new phase begins: what was acknowledged in the one before does not count in it. */
static void begin(struct tcp_pcb *pcb)
{
    pcb->bytes_acked = 0;
}

/* SMSS * acked / round, for acked < round. */
static u32_t share(const struct tcp_pcb *pcb, u32_t acked)
{
    return (u32_t)((wide_t)acked * tcp_mss(pcb) / pcb->round_cwnd);
}

/* [RFC3465 2.1] */
static void avoid_in_steps(struct tcp_pcb *pcb, u32_t bytes)
{
    u32_t acked = pcb->bytes_acked + bytes;

    if (acked >= pcb->cwnd) {
        acked = LWIP_MIN(acked - pcb->cwnd, pcb->cwnd - 1u); /* one step at most for each ACK */
        tcp_cc_grow(pcb, tcp_mss(pcb));
    }
    pcb->bytes_acked = (tcpwnd_size_t)acked;
}

/* One segment for each window that was acknowledged [RFC5681 3.1], [RFC3465 2.1]: not all of it at
 * the end, but byte by byte. A threshold of half a flight is half a segment more than whole ones
 * every other time, and grown in steps the window would carry that half along for good, unused. */
static void avoidance(struct tcp_pcb *pcb, u32_t bytes)
{
    if (!TCP_CWND_SMOOTH) {
        avoid_in_steps(pcb, bytes);
        return;
    }
    if (pcb->bytes_acked == 0)
        pcb->round_cwnd = pcb->cwnd;
    u32_t acked = pcb->bytes_acked + LWIP_MIN(bytes, pcb->cwnd);
    u32_t paid = share(pcb, pcb->bytes_acked);

    if (acked >= pcb->round_cwnd) {
        tcp_cc_grow(pcb, tcp_mss(pcb) - paid);
        acked -= pcb->round_cwnd; /* less than cwnd, of which both were parts */
        pcb->round_cwnd = pcb->cwnd;
        paid = 0;
    }
    tcp_cc_grow(pcb, share(pcb, acked) - paid);
    pcb->bytes_acked = (tcpwnd_size_t)LWIP_MIN(acked, TCP_CWND_MAX);
}

void tcp_cc_newreno_grow(struct tcp_pcb *pcb, u32_t bytes, bool after_rto)
{
    if (pcb->cwnd <= pcb->ssthresh) /* at the threshold either may be [RFC5681 3.1] */
        tcp_cc_slow_start(pcb, bytes, after_rto);
    else
        avoidance(pcb, bytes);
}

static void acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    if (limited)
        tcp_cc_newreno_grow(pcb, bytes, after_rto);
}

u32_t tcp_cc_newreno_reduce(struct tcp_pcb *pcb, u32_t flight)
{
    u32_t least = 2u * tcp_mss(pcb);

    begin(pcb);
    return LWIP_MAX(flight / 2, least); /* [RFC5681 3.1] equation 4 */
}

const struct tcp_cc tcp_cc_newreno = {
    .name = "newreno",
    .init = begin,
    .acked = acked,
    .reduce = tcp_cc_newreno_reduce,
    .timeout = begin,
    .idle = begin,
};

#endif
