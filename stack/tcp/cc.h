/* tcp/cc.h: congestion control behind one small interface.
 *
 * The core (ack.c, recover.c, timer.c, output.c) decides what happened: data acknowledged, a loss
 * found, the timer expired, the line idle. A congestion control answers with cwnd and ssthresh and
 * touches nothing else in the pcb but `bytes_acked`, `round_cwnd` and its own memory (`cubic`). It
 * never looks at queues, windows or timers. All in bytes; SMSS is tcp_mss(pcb). Two come with the
 * stack: NewReno [RFC5681 3.1] [RFC6582 3.2] and CUBIC [RFC9438]. */
#ifndef STACK_TCP_CC_H
#define STACK_TCP_CC_H

#include "lwip/tcp.h"

#include <stdbool.h>

#define TCP_CWND_MAX ((u32_t)(tcpwnd_size_t)0xffffffffu)

struct tcp_cc {
    const char *name; /* "newreno" */
    /* the connection is established, cwnd is set: begin */
    void (*init)(struct tcp_pcb *pcb);
    /* `bytes` > 0 of new data were acknowledged outside of recovery. `limited`: cwnd was what held
     * the sender back; else it must not grow [RFC7661 4] [RFC9438 5.8]. after_rto: data
     * from before a timeout is still in doubt: growth is at most one SMSS per ACK [RFC3465 2.3] */
    void (*acked)(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto);
    /* a loss or an ECN mark: the new ssthresh, for `flight` bytes in the network; cwnd is the
     * core's to set. Called once per recovery, and again when a retransmission is lost */
    u32_t (*reduce)(struct tcp_pcb *pcb, u32_t flight);
    /* the timer expired: cwnd has been set to one SMSS by the core. Or what was sent again after
     * that was lost, too: cwnd is what reduce() said, or less */
    void (*timeout)(struct tcp_pcb *pcb);
    /* nothing was sent for more than an RTO; cwnd has been set to the restart window */
    void (*idle)(struct tcp_pcb *pcb);
    /* cwnd holds the sender back from now on, and did not before: it sent less than it might have,
     * or nothing. NULL: no matter */
    void (*resumed)(struct tcp_pcb *pcb);
};

extern const struct tcp_cc tcp_cc_newreno;
extern const struct tcp_cc tcp_cc_cubic;

/* cc_newreno.c */
void tcp_cc_newreno_grow(struct tcp_pcb *pcb, u32_t bytes, bool after_rto);
u32_t tcp_cc_newreno_reduce(struct tcp_pcb *pcb, u32_t flight);

/* What the pcb's congestion control does. Where there is only one it is called by its name. */
#if LWIP_TCP_CUBIC
static inline void tcp_cc_acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    pcb->cc->acked(pcb, bytes, limited, after_rto);
}

static inline u32_t tcp_cc_reduce(struct tcp_pcb *pcb, u32_t flight)
{
    return pcb->cc->reduce(pcb, flight);
}

static inline void tcp_cc_begin(struct tcp_pcb *pcb)
{
    pcb->cc->init(pcb);
}

static inline void tcp_cc_timeout(struct tcp_pcb *pcb)
{
    pcb->cc->timeout(pcb);
}

static inline void tcp_cc_idle(struct tcp_pcb *pcb)
{
    pcb->cc->idle(pcb);
}

static inline void tcp_cc_resumed(struct tcp_pcb *pcb)
{
    if (pcb->cc->resumed != NULL)
        pcb->cc->resumed(pcb);
}
#else
static inline void tcp_cc_acked(struct tcp_pcb *pcb, u32_t bytes, bool limited, bool after_rto)
{
    if (limited)
        tcp_cc_newreno_grow(pcb, bytes, after_rto);
}

static inline u32_t tcp_cc_reduce(struct tcp_pcb *pcb, u32_t flight)
{
    return tcp_cc_newreno_reduce(pcb, flight);
}

static inline void tcp_cc_begin(struct tcp_pcb *pcb)
{
    pcb->bytes_acked = 0;
}

static inline void tcp_cc_timeout(struct tcp_pcb *pcb)
{
    tcp_cc_begin(pcb);
}

static inline void tcp_cc_idle(struct tcp_pcb *pcb)
{
    tcp_cc_begin(pcb);
}

static inline void tcp_cc_resumed(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

/* By number (option tcp_cc: 0 NewReno, 1 CUBIC); out of range: NewReno. And by name; NULL: none. */
const struct tcp_cc *tcp_cc_by_number(u32_t n);
const struct tcp_cc *tcp_cc_by_name(const char *name);

/* IW [RFC6928 2]; one SMSS after a lost SYN or SYN-ACK [RFC5681 3.1]. */
u32_t tcp_cc_initial_window(const struct tcp_pcb *pcb);
/* RW = min(IW, cwnd) [RFC5681 4.1]. */
u32_t tcp_cc_restart_window(const struct tcp_pcb *pcb);
/* cwnd grows by n, within what the type and the send buffer can mean. */
void tcp_cc_grow(struct tcp_pcb *pcb, u32_t n);
/* How all of them begin. */
void tcp_cc_slow_start(struct tcp_pcb *pcb, u32_t bytes, bool after_rto);

#endif
