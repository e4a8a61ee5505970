/* tcp/cc_newreno.c: slow start and congestion avoidance of [RFC5681 3.1]. See cc.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"

#include "lwip/priv/tcp_priv.h"

/* A new phase begins: what was acknowledged in the one before does not count in it. */
static void begin(struct tcp_pcb *pcb)
{
    pcb->bytes_acked = 0;
}

static void acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    if (!limited)
        return;
    if (pcb->cwnd <= pcb->ssthresh) /* at the threshold either may be [RFC5681 3.1] */
        tcp_cc_slow_start(pcb, bytes, after_rto);
    else
        tcp_cc_avoidance(pcb, bytes);
}

static u32_t reduce(struct tcp_pcb *pcb, u32_t flight)
{
    u32_t least = 2u * tcp_mss(pcb);

    begin(pcb);
    return LWIP_MAX(flight / 2, least); /* [RFC5681 3.1] equation 4 */
}

#if !LWIP_TCP_CUBIC
void tcp_cc_acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    acked(pcb, bytes, limited, after_rto);
}

u32_t tcp_cc_reduce(struct tcp_pcb *pcb, u32_t flight)
{
    return reduce(pcb, flight);
}
#endif

const struct tcp_cc tcp_cc_newreno = {
    .name = "newreno",
    .init = begin,
    .acked = acked,
    .reduce = reduce,
    .timeout = begin,
    .idle = begin,
};

#endif
