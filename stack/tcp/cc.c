/* tcp/cc.c: what all congestion controls share, and how one is found. See cc.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#include <string.h>

#define CWND_MAX ((u32_t)(tcpwnd_size_t)0xffffffffu)
#define IW_SEGMENTS 10u
#define IW_BYTES 14600u

/* Holds a window times a segment. */
#if LWIP_WND_SCALE
typedef u64_t wide_t;
#else
typedef u32_t wide_t;
#endif

/* By the number of the option tcp_cc. */
static const struct tcp_cc *const all[] = {
    &tcp_cc_newreno,
#if LWIP_TCP_CUBIC
    &tcp_cc_cubic,
#endif
};

const struct tcp_cc *tcp_cc_by_number(u32_t n)
{
    return n < LWIP_ARRAYSIZE(all) ? all[n] : &tcp_cc_newreno;
}

const struct tcp_cc *tcp_cc_by_name(const char *name)
{
    for (size_t i = 0; i < LWIP_ARRAYSIZE(all); i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

u32_t tcp_cc_initial_window(const struct tcp_pcb *pcb)
{
    u32_t smss = tcp_mss(pcb);
    u32_t window;

    if (pcb->syn_lost) /* [RFC5681 3.1] */
        window = smss;
    else if (CFG(tcp_iw_segments) != 0)
        window = CFG(tcp_iw_segments) * smss; /* both have 16 bits */
    else /* [RFC6928 2] */
        window = LWIP_MIN(IW_SEGMENTS * smss, LWIP_MAX(2 * smss, IW_BYTES));
    return LWIP_MIN(window, CWND_MAX);
}

u32_t tcp_cc_restart_window(const struct tcp_pcb *pcb)
{
    u32_t initial = tcp_cc_initial_window(pcb);

    return LWIP_MIN(initial, pcb->cwnd);
}

/* What is in flight lies in the send buffer, so more window than that is none. A window that is
 * larger already (the initial one, or set by hand) stays. */
void tcp_cc_grow(struct tcp_pcb *pcb, u32_t n)
{
    u32_t limit = LWIP_MIN(CFG(tcp_snd_buf), CWND_MAX);

    if (pcb->cwnd >= limit)
        return;
    u32_t room = limit - pcb->cwnd;
    pcb->cwnd = (tcpwnd_size_t)(pcb->cwnd + LWIP_MIN(n, room));
}

/* Counting bytes, at most a segment for an ACK: neither ACKs for parts of segments nor ACKs that
 * cover many make the window grow faster [RFC5681 3.1]. That is L = 1 of [RFC3465 2.2], so nothing
 * changes after a timeout. */
void tcp_cc_slow_start(struct tcp_pcb *pcb, u32_t bytes, bool after_rto)
{
    u32_t smss = tcp_mss(pcb);

    LWIP_UNUSED_ARG(after_rto);
    tcp_cc_grow(pcb, LWIP_MIN(bytes, smss));
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
void tcp_cc_avoidance(struct tcp_pcb *pcb, u32_t bytes)
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
    pcb->bytes_acked = (tcpwnd_size_t)LWIP_MIN(acked, CWND_MAX);
}

#endif
