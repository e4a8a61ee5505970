/* tcp/cc.c: what all congestion controls share, and how one is found. See cc.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#include <string.h>

#define IW_SEGMENTS 10u
#define IW_BYTES 14600u

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
    return LWIP_MIN(window, TCP_CWND_MAX);
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
    u32_t limit = LWIP_MIN(CFG(tcp_snd_buf), TCP_CWND_MAX);

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

#endif
