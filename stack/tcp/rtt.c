/* tcp/rtt.c: see rtt.h.
 *
 * srtt8 is SRTT in eighths of a millisecond, rttvar4 RTTVAR in quarters, so that 4 * RTTVAR, which
 * is all that RTTVAR is for, is rttvar4 in milliseconds. Both are rounded to the nearest step after
 * each sample, halves upwards; the timeout takes SRTT rounded up to a millisecond.
 *
 * The clock is as fine as [RFC6298 4]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/rtt.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#define TICK_MS 500u         /* of lwIP's mirrors */
#define SAMPLE_MAX (1u << 25) /* ms, nine hours: nothing below overflows 32 bits */
#define UNSEEN8 4u           /* a sample of 0 ms stands for half a millisecond, in eighths */

static s16_t mirror(u32_t n)
{
    return (s16_t)LWIP_MIN(n, 0x7fffu);
}

static u32_t ticks(u32_t ms)
{
    return (ms + TICK_MS - 1) / TICK_MS;
}

static void set_rto(struct tcp_pcb *pcb, u32_t ms)
{
    pcb->rto_ms = LWIP_MIN(ms, CFG(tcp_rto_max_ms)); /* [RFC6298 2.5] */
    if (LWIP_TCP_MIRRORS)
        pcb->rto = mirror(ticks(pcb->rto_ms));
}

void tcp_rtt_init(struct tcp_pcb *pcb)
{
    set_rto(pcb, CFG(tcp_rto_init_ms)); /* [RFC6298 2.1] */
    if (LWIP_TCP_MIRRORS)
        pcb->sv = pcb->rto;
}

void tcp_rtt_sample(struct tcp_pcb *pcb, u32_t rtt_ms)
{
    u32_t granularity = CFG(timer_granularity_ms) != 0 ? CFG(timer_granularity_ms) : TICK_MS;
    u32_t r = LWIP_MIN(rtt_ms, SAMPLE_MAX);
    u32_t r8 = r == 0 ? UNSEEN8 : 8 * r;

    if (pcb->srtt8 == 0) { /* [RFC6298 2.2] */
        pcb->srtt8 = r8;
        pcb->rttvar4 = r8 / 4;
    } else { /* [RFC6298 2.3]: RTTVAR first, with the old SRTT */
        u32_t off8 = pcb->srtt8 > r8 ? pcb->srtt8 - r8 : r8 - pcb->srtt8;
        pcb->rttvar4 = (6 * pcb->rttvar4 + off8 + 4) >> 3;
        pcb->srtt8 = (7 * pcb->srtt8 + r8 + 4) >> 3;
    }
    u32_t rto = ((pcb->srtt8 + 7) >> 3) + LWIP_MAX(granularity, pcb->rttvar4);
    set_rto(pcb, LWIP_MAX(rto, CFG(tcp_rto_min_ms))); /* [RFC6298 2.4] */
    if (LWIP_TCP_MIRRORS) {
        pcb->sa = mirror(pcb->srtt8 / TICK_MS);
        pcb->sv = mirror(pcb->rttvar4 / TICK_MS);
    }
}

void tcp_rtt_back_off(struct tcp_pcb *pcb)
{
    set_rto(pcb, 2 * pcb->rto_ms); /* no overflow: the limit is 2^30 at most */
}

void tcp_rtt_syn_was_lost(struct tcp_pcb *pcb)
{
    set_rto(pcb, TCP_SYN_LOST_RTO_MS);
}

#endif
