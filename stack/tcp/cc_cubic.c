/* tcp/cc_cubic.c: CUBIC [RFC9438]. See cc.h, and cc_cubic.h for how its numbers are scaled.
 *
 * An epoch is a stretch of congestion avoidance between two reductions. In it the window follows a
 * cubic of time with its saddle at w_max, the window that was too much. It never grows slower than
 * Reno would, whose window is estimated beside it in w_est. */
#include "lwip/opt.h"

#if LWIP_TCP && LWIP_TCP_CUBIC

#include "stack/tcp/cc_cubic.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/tcp/cc.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/timer.h"

#include <string.h>

#define MS3_PER_C 2500000000u /* 1000^3 / C */
#define WINDOW_MAX (1u << 30) /* the largest that TCP can have [RFC7323 2.3] */
#define ALPHA_NUM 9u          /* 3 * (1 - beta) / (1 + beta) = 9/17 */
#define ALPHA_DEN 17u

u32_t cubic_root(uint64_t n)
{
    uint64_t root = 0;

    for (int shift = 63; shift >= 0; shift -= 3) {
        root *= 2;
        uint64_t next = 3 * root * (root + 1) + 1; /* (root + 1)^3 - root^3 */
        if (n >> shift >= next) {
            n -= next << shift;
            root++;
        }
    }
    return (u32_t)root;
}

u32_t cubic_k_ms(u32_t below, u32_t smss)
{
    u32_t k = cubic_root((uint64_t)below * MS3_PER_C / smss); /* once an epoch */

    return LWIP_MIN(k, CUBIC_TIME_MAX);
}

/* t^3 * SMSS fits in 64 bits for 16-bit t; a longer time is first divided by 32. 2^31 / 2.5e9 is
 * 1844674407 / 2^31, less 2 parts in 10^10. */
u32_t cubic_rise(u32_t t_ms, u32_t smss)
{
    unsigned coarse = t_ms > 0xffff ? 5 : 0;
    uint64_t t = t_ms >> coarse;
    uint64_t rise = ((t * t * t * smss) >> 31) * 1844674407u >> 31;

    rise <<= 3 * coarse;
    return rise < 0x7fffffff ? (u32_t)rise : 0x7fffffff;
}

/* A * num / den for 32 bits and small fractions, rounded down, without a 64-bit division. */
static u32_t part_of(u32_t a, u32_t num, u32_t den)
{
    return a / den * num + a % den * num / den;
}

static void init(struct tcp_pcb *pcb)
{
    pcb->cubic = (struct tcp_cubic){.in_epoch = 0};
    pcb->bytes_acked = 0;
}

/* K and W_max for the growth from here. Above the old maximum, or after a timeout, the window is
 * itself the saddle [RFC9438 4.2] [RFC9438 4.8]. */
static void begin_epoch(struct tcp_pcb *pcb, u32_t now)
{
    struct tcp_cubic *c = &pcb->cubic;

    if (c->after_timeout || c->w_max < pcb->cwnd)
        c->w_max = pcb->cwnd;
    c->k_ms = cubic_k_ms(c->w_max - pcb->cwnd, tcp_mss(pcb));
    c->w_est = pcb->cwnd;
    c->epoch_ms = now;
    c->seen_ms = now;
    c->ack_credit = 0;
    c->est_credit = 0;
    c->after_timeout = 0;
    c->in_epoch = 1;
}

/* W_cubic(t) [RFC9438 4.2]. */
static u32_t w_cubic(const struct tcp_pcb *pcb, u32_t t_ms)
{
    const struct tcp_cubic *c = &pcb->cubic;
    bool before_k = t_ms < c->k_ms;
    u32_t apart = before_k ? c->k_ms - t_ms : t_ms - c->k_ms;
    u32_t rise = cubic_rise(LWIP_MIN(apart, CUBIC_TIME_MAX), tcp_mss(pcb));

    if (!before_k)
        return LWIP_MIN(c->w_max + rise, WINDOW_MAX);
    return c->w_max > rise ? c->w_max - rise : 0;
}

/* What Reno would have by now if it reduced as little as CUBIC does; once it has come to the
 * window before the loss, exactly as fast as Reno [RFC9438 4.3]. */
static void estimate_reno(struct tcp_pcb *pcb, u32_t bytes)
{
    struct tcp_cubic *c = &pcb->cubic;
    uint64_t price = (uint64_t)ALPHA_DEN * pcb->cwnd;

    c->est_credit += (uint64_t)bytes * (c->w_est >= c->cwnd_prior ? ALPHA_DEN : ALPHA_NUM);
    while (c->est_credit >= price) {
        c->est_credit -= price;
        c->w_est = LWIP_MIN(c->w_est + tcp_mss(pcb), WINDOW_MAX);
    }
}

/* Towards where the cubic will be after one more round trip, at most by half [RFC9438 4.4]
 * [RFC9438 4.5]. */
static void follow_cubic(struct tcp_pcb *pcb, u32_t bytes, u32_t t_ms)
{
    struct tcp_cubic *c = &pcb->cubic;
    u32_t cwnd = pcb->cwnd, smss = tcp_mss(pcb);
    uint64_t price = (uint64_t)cwnd * smss;
    u32_t target = w_cubic(pcb, t_ms + tcp_rtt_smoothed_ms(pcb));

    if (target <= cwnd)
        return;
    target = LWIP_MIN(target, cwnd + cwnd / 2);
    c->ack_credit += (uint64_t)bytes * (target - cwnd);
    while (c->ack_credit >= price) {
        c->ack_credit -= price;
        tcp_cc_grow(pcb, smss);
    }
}

/* The time since the last ACK does not count: cwnd was not what limited, so the cubic would have
 * run ahead of what the network is known to take [RFC9438 4.2] [RFC9438 5.8]. */
static void resumed(struct tcp_pcb *pcb)
{
    struct tcp_cubic *c = &pcb->cubic;
    u32_t now = tcp_now();

    c->epoch_ms += now - c->seen_ms; /* outside of an epoch neither means anything */
    c->seen_ms = now;
}

static void acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    struct tcp_cubic *c = &pcb->cubic;
    u32_t now = tcp_now();

    if (!limited) {
        resumed(pcb);
        return;
    }
    c->seen_ms = now;
    if (pcb->cwnd <= pcb->ssthresh) { /* no more than it [RFC9438 4.10] */
        tcp_cc_slow_start(pcb, bytes, after_rto);
        return;
    }
    if (!c->in_epoch)
        begin_epoch(pcb, now);
    u32_t t_ms = LWIP_MIN(now - c->epoch_ms, 1u << 30);
    bytes = LWIP_MIN(bytes, pcb->cwnd);
    estimate_reno(pcb, bytes);
    if (w_cubic(pcb, t_ms) >= c->w_est)
        follow_cubic(pcb, bytes, t_ms);
    else if (c->w_est > pcb->cwnd)
        tcp_cc_grow(pcb, c->w_est - pcb->cwnd);
}

/* [RFC9438 4.6]; if the window did not get as far as the last time, somebody else needs room, and
 * the saddle is put below what was reached: fast convergence [RFC9438 4.7]. */
static u32_t reduce(struct tcp_pcb *pcb, u32_t flight)
{
    struct tcp_cubic *c = &pcb->cubic;
    u32_t least = 2u * tcp_mss(pcb);
    u32_t threshold = part_of(flight, 7, 10);

    c->cwnd_prior = pcb->cwnd;
    c->w_max = pcb->cwnd < c->w_max ? part_of(pcb->cwnd, 17, 20) : pcb->cwnd;
    c->in_epoch = 0;
    c->after_timeout = 0; /* unless it is one: then it is set again [RFC9438 4.8] */
    pcb->bytes_acked = 0;
    return LWIP_MAX(threshold, least);
}

static void timeout(struct tcp_pcb *pcb)
{
    pcb->cubic.in_epoch = 0;
    pcb->cubic.after_timeout = 1;
    pcb->bytes_acked = 0;
}

static void idle(struct tcp_pcb *pcb)
{
    pcb->cubic.in_epoch = 0;
    pcb->bytes_acked = 0;
}

const struct tcp_cc tcp_cc_cubic = {
    .name = "cubic",
    .init = init,
    .acked = acked,
    .reduce = reduce,
    .timeout = timeout,
    .idle = idle,
    .resumed = resumed,
};

#endif
