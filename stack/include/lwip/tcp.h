/* lwip/tcp.h: TCP's RAW API [RFC9293 3.9].
 *
 * A connection is a struct tcp_pcb; a listening port is the smaller struct tcp_pcb_listen. Both are
 * the stack's: a pcb given to tcp_close() or tcp_abort(), or whose err call-back has run, may not
 * be touched again. Call-backs run inside the stack; a call-back that aborts its own pcb returns
 * ERR_ABRT. What lwIP does not have (urgent data, user timeout, soft errors, what a person
 * debugging asks) is in lockwire/tcp.h. With LWIP_TCP 0 nothing is declared, as in lwIP.
 *
 * Keepalive: ip_set_option(pcb, SOF_KEEPALIVE), and keep_idle, keep_intvl, keep_cnt in the pcb, in
 * any order, at any time. Nobody polls them: who writes so_options itself, or changes keep_idle
 * with the option on, outside of a call-back, says ip_set_option() again or tcp_output() after it,
 * or waits for the next segment or tick. */
#ifndef LWIP_HDR_TCP_H
#define LWIP_HDR_TCP_H

#include "lwip/err.h"
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/mem.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/tcpbase.h"

#if LWIP_TCP

#ifdef __cplusplus
extern "C" {
#endif

struct tcp_pcb;
struct tcp_pcb_listen;
struct tcp_seg;
struct tcp_cc; /* stack/tcp/cc.h: a congestion control */

/* A listener's connection is ready (ERR_OK), or could not be made for want of memory (newpcb NULL,
 * ERR_MEM). ERR_OK: taken; ERR_ABRT: aborted by the callee; else the stack aborts it. */
typedef err_t (*tcp_accept_fn)(void *arg, struct tcp_pcb *newpcb, err_t err);
/* p: in-order data, which the callee frees and then reports with tcp_recved(); NULL: the peer has
 * closed. ERR_OK: taken. ERR_ABRT: the callee aborted the pcb. Anything else: refused, p stays the
 * stack's and is offered again. */
typedef err_t (*tcp_recv_fn)(void *arg, struct tcp_pcb *tpcb, struct pbuf *p, err_t err);
/* len bytes have been acknowledged: there is room in the send buffer again. */
typedef err_t (*tcp_sent_fn)(void *arg, struct tcp_pcb *tpcb, u16_t len);
typedef err_t (*tcp_poll_fn)(void *arg, struct tcp_pcb *tpcb);
/* The pcb is gone already: ERR_RST reset by the peer, ERR_ABRT aborted here or timed out, ERR_CLSD
 * closed by both sides before the application had let go of it. */
typedef void (*tcp_err_fn)(void *arg, err_t err);
/* The handshake of tcp_connect() is complete. */
typedef err_t (*tcp_connected_fn)(void *arg, struct tcp_pcb *tpcb, err_t err);

#if LWIP_WND_SCALE
#define RCV_WND_SCALE(pcb, wnd) (((wnd) >> (pcb)->rcv_scale))
#define SND_WND_SCALE(pcb, wnd) (((wnd) << (pcb)->snd_scale))
#define TCPWND16(x) ((u16_t)LWIP_MIN((x), 0xFFFF))
#define TCP_WND_MAX(pcb) \
    ((tcpwnd_size_t)(((pcb)->flags & TF_WND_SCALE) ? TCP_WND_LIMIT_ : TCPWND16(TCP_WND_LIMIT_)))
#else
#define RCV_WND_SCALE(pcb, wnd) (wnd)
#define SND_WND_SCALE(pcb, wnd) (wnd)
#define TCPWND16(x) (x)
#define TCP_WND_MAX(pcb) ((tcpwnd_size_t)TCP_WND_LIMIT_)
#endif
/* Per host in the simulator; the option elsewhere. */
u32_t tcp_wnd_limit(void);
#if LWIP_MULTI_INSTANCE
#define TCP_WND_LIMIT_ tcp_wnd_limit()
#else
#define TCP_WND_LIMIT_ TCP_WND
#endif
/* wnd += inc without passing the type's largest value */
#define TCP_WND_INC(wnd, inc) \
    do { \
        if ((tcpwnd_size_t)((wnd) + (inc)) >= (wnd)) { \
            (wnd) = (tcpwnd_size_t)((wnd) + (inc)); \
        } else { \
            (wnd) = (tcpwnd_size_t)-1; \
        } \
    } while (0)

#if LWIP_TCP_PCB_NUM_EXT_ARGS
/* Arguments that others than the application hang onto pcbs, each under an id of its own. */
#define LWIP_TCP_PCB_NUM_EXT_ARG_ID_INVALID 0xFF
typedef void (*tcp_extarg_callback_pcb_destroyed_fn)(u8_t id, void *data);
/* A SYN has made cpcb for lpcb: ERR_OK, or the connection is refused silently. */
typedef err_t (*tcp_extarg_callback_passive_open_fn)(u8_t id, struct tcp_pcb_listen *lpcb,
                                                     struct tcp_pcb *cpcb);
struct tcp_ext_arg_callbacks {
    tcp_extarg_callback_pcb_destroyed_fn destroy; /* the pcb is being freed; may be NULL */
    tcp_extarg_callback_passive_open_fn passive_open;
};
struct tcp_pcb_ext_args {
    const struct tcp_ext_arg_callbacks *callbacks;
    void *data;
};
#define TCP_PCB_EXTARGS struct tcp_pcb_ext_args ext_args[LWIP_TCP_PCB_NUM_EXT_ARGS];
#else
#define TCP_PCB_EXTARGS
#endif

typedef u16_t tcpflags_t;
#define TCP_ALLFLAGS 0xffffU

/* What both kinds of pcb begin with, behind IP_PCB. */
#define TCP_PCB_COMMON(type) \
    type *next; /* of its list */ \
    void *callback_arg; \
    TCP_PCB_EXTARGS \
    enum tcp_state state; \
    u8_t prio; \
    u16_t local_port /* host byte order */

struct tcp_pcb_listen {
    IP_PCB;
    TCP_PCB_COMMON(struct tcp_pcb_listen);
#if LWIP_CALLBACK_API
    tcp_accept_fn accept;
#endif
    u8_t backlog;         /* connections that may wait, half-open ones included */
    u8_t accepts_pending; /* that wait */
};

struct tcp_sack_range {
    u32_t left;  /* first byte */
    u32_t right; /* the one behind the last; left == right: unused */
};
#define LWIP_TCP_SACK_VALID(pcb, idx) ((pcb)->rcv_sacks[idx].left != (pcb)->rcv_sacks[idx].right)

#define TF_ACK_DELAY 0x01U   /* an ACK is owed */
#define TF_ACK_NOW 0x02U     /* and has to leave at once */
#define TF_INFR 0x04U        /* in fast recovery */
#define TF_CLOSEPEND 0x08U   /* closed by the application; the FIN could not be queued yet */
#define TF_RXCLOSED 0x10U    /* the receive side was shut down */
#define TF_FIN 0x20U         /* our FIN is queued or sent */
#define TF_NODELAY 0x40U     /* no Nagle */
#define TF_NAGLEMEMERR 0x80U /* Nagle is off until memory has been found again */
#define TF_WND_SCALE 0x0100U
#define TF_BACKLOGPEND 0x0200U /* occupies a place in its listener's backlog */
#define TF_TIMESTAMP 0x0400U
#define TF_RTO 0x0800U /* mirror: a timeout, and what it covered is not all acknowledged yet */
#define TF_SACK 0x1000U

#define TCP_SNDQUEUELEN_OVERFLOW (0xffffU - 3)

/* The timers of a connection, see stack/tcp/timer.h. */
enum tcp_timer {
    TCP_TIMER_REXMIT,  /* the oldest unacknowledged segment [RFC6298] */
    TCP_TIMER_PERSIST, /* zero-window probes [RFC9293 3.8.6.1] and silly-window override */
    TCP_TIMER_DELACK,  /* an ACK that was put off [RFC9293 3.8.6.3] */
    TCP_TIMER_KEEP,    /* keepalive */
    TCP_TIMER_POLL,    /* the application's poll call-back */
    TCP_TIMER_STATE,   /* the end of TIME-WAIT, FIN-WAIT-2 */
    TCP_TIMER_USER,    /* the user timeout R2 */
    TCP_TIMER_LOSS,    /* RACK's reordering window, or a tail loss probe [RFC8985] */
    TCP_TIMER_RETRY,   /* memory was short: output, a FIN, refused data */
    TCP_TIMERS
};

/* CUBIC's memory [RFC9438 4]; bytes unless a unit is said. */
struct tcp_cubic {
    u32_t w_max, w_est, cwnd_prior, k_ms, epoch_ms, seen_ms;
    uint64_t ack_credit, est_credit; /* growth earned, less than a segment: see cc_cubic.h */
    u8_t in_epoch, after_timeout;
};

/* SND.x and RCV.x of [RFC9293 3.3.1] under lwIP's names, then what is ours. Sequence numbers are in
 * host byte order. Applications may read; they may write what lwIP lets them (flags by
 * tcp_set_flags(), so_options, ttl, tos, keep_*). Which file of the stack writes what stands in
 * stack/tcp/tcp_local.h.
 *
 * What is used most comes first: an ARM7's Thumb loads reach 31 bytes of a structure, 62 halfwords,
 * 124 words; what lies behind takes an instruction more, or two. */
struct tcp_pcb {
    IP_PCB;
    TCP_PCB_COMMON(struct tcp_pcb);

    u8_t recovery;          /* enum tcp_recovery of recover.h */
    u8_t nrtx;              /* retransmissions of the oldest segment in a row */
    u8_t dupacks;
    u8_t persist_probe;     /* probes unanswered */
    u8_t keep_cnt_sent;
    u8_t pollinterval;      /* coarse ticks between two calls */
    u8_t syn_lost;          /* SYN or SYN-ACK was repeated */
    u8_t limited;           /* segments sent by limited transmit (RFC 3042) */

    u16_t remote_port;
    tcpflags_t flags;       /* TF_x */
    u16_t timers;           /* bit per armed enum tcp_timer */
    u16_t mss;              /* largest segment to the peer, its options not counted */
    u16_t snd_queuelen;     /* pbufs in unsent and unacked */
    u16_t unsent_oversize;  /* room in the last unsent segment */
    u16_t ooseq_pbufs;
    tcpwnd_size_t rcv_wnd;  /* buffer that is free */
    tcpwnd_size_t snd_wnd;  /* SND.WND */
    tcpwnd_size_t snd_wnd_max;
    tcpwnd_size_t snd_buf;  /* free, bytes */
    tcpwnd_size_t cwnd;
    tcpwnd_size_t ssthresh;
    tcpwnd_size_t bytes_acked;

    u32_t marks;            /* TM_x of stack/tcp/tcp_local.h */
    u32_t lastack;          /* SND.UNA */
    u32_t snd_nxt;          /* SND.NXT */
    u32_t snd_lbb;          /* behind the last byte that is queued */
    u32_t rcv_nxt;          /* RCV.NXT */
    u32_t rcv_ann_right_edge; /* where what has been announced ends */
    u32_t rto_ms;           /* backed off as it may be */
    u32_t tmr;              /* ms: when an acceptable segment last arrived */
    struct tcp_seg *unsent; /* after a timeout without SACK: first what waits to be sent again */
    struct tcp_seg *unacked; /* sent; with SACK whatever became of it since */
    struct tcp_seg *unsent_tail, *unacked_tail;
    struct tcp_seg *ooseq;  /* received out of order, by sequence number, not overlapping */
    struct pbuf *refused_data;
    u32_t recover;          /* recovery point [RFC6582 3.2] [RFC6675 5] */
    u32_t srtt8;            /* ms * 8; 0: no sample yet */
    u32_t due_ms;           /* the earliest of timer_ms */
    u32_t iss;
    u32_t snd_wl2, snd_wl1; /* SND.WL2, SND.WL1 */
    u32_t irs;

    tcpwnd_size_t rcv_ann_wnd; /* RCV.WND: of rcv_wnd, what has been announced */
    u16_t challenge_left;
    struct tcp_pcb **at;    /* what points here of the list it is on; NULL: on none */
    struct tcp_pcb_listen *listener; /* that it came from and whose backlog it is in; or NULL */
#if LWIP_CALLBACK_API
    tcp_sent_fn sent;
    tcp_recv_fn recv;
    tcp_connected_fn connected;
    tcp_poll_fn poll;
    tcp_err_fn errf;
#endif
    u32_t timer_ms[TCP_TIMERS]; /* when it expires, TCP's clock */
    u32_t rttest;           /* ms when the timed segment left */
    u32_t rtseq;            /* the ACK that ends the measurement has passed this */
    u32_t rttvar4;          /* ms * 4 */
    u32_t keep_idle;        /* ms */
    u32_t keep_intvl;       /* ms */
    u32_t keep_cnt;
    u32_t first_rexmit_ms;  /* when the oldest segment first timed out */
    u32_t probe_ms;         /* interval of the persist timer */
    u32_t probe_answered_ms; /* when a keepalive probe was last answered outside of the limit */
    u32_t challenge_ms;     /* when the second began in which so many challenges are left */
    u32_t round_cwnd;       /* cwnd when bytes_acked was 0 */
    u32_t ooseq_bytes;

    /* what some options need, or lwIP's users */
    struct tcp_seg *ooseq_tail;
    u32_t lost_bytes;       /* of those in flight, see sack.h */
    struct tcp_seg *lost_hint; /* nothing to be sent again lies before it; NULL: not known */
    u32_t due_order;        /* among those due at the same time */
    struct tcp_pcb *due_child, *due_next, *due_prev; /* in the heap of due.c */
    struct tcp_pcb *hash_next; /* in its bucket of demux_hash.c */
    s16_t sa, sv;           /* mirrors for lwIP's users: 8*SRTT and 4*RTTVAR in 500 ms ticks */
    s16_t rto;              /* mirror: ticks */
    u32_t rto_end;          /* mirror: SND.NXT when the retransmission timer expired */
    s16_t rtime;            /* mirror: 0 while the retransmission timer runs, else -1 */
    u8_t persist_cnt, persist_backoff;
    u8_t polltmr;           /* coarse ticks passed */
    u8_t last_timer;
    u16_t rcv_mss;          /* largest segment that came */
    u16_t mss_peer;         /* as the peer's SYN said, or the default */
    u32_t user_timeout_ms;  /* R2 as the application set it; 0: by counts */
    u32_t sent_ms;          /* when data last left: restart after idle */

    /* congestion control */
    u32_t reduced_upto;     /* one reduction per window, by marks or losses [RFC3168 6.1.2] */
    u32_t reduced_ms;       /* when it was */
    u32_t transmissions;    /* of segments, so far */
    const struct tcp_cc *cc;
    struct tcp_cubic cubic;

    /* what is in the network beside lost_bytes, see sack.h: bytes */
    u32_t retx_bytes, sacked_bytes;
    struct tcp_seg *judged; /* the first that find_lost has not passed; NULL: front */
    u32_t sacked_before;    /* sacked bytes before `judged` */
    struct { u32_t left, right; struct tcp_seg *last; } seen[4]; /* blocks taken, newest first */
    u32_t rescue_rxt;       /* what the rescue may not go below [RFC6675 4] */
    u32_t prr_delivered, prr_out, recover_fs; /* [RFC6937] */
    struct tcp_sack_range rcv_sacks[LWIP_TCP_MAX_SACK_NUM]; /* to be sent, newest first */
    u32_t dsack_left, dsack_right; /* to be reported once [RFC2883] */

    u32_t rack_order, rack_rtt_ms; /* [RFC8985 6.2] */
    u32_t rack_fack, rack_fack_new; /* highest delivered before this ACK, and with it */
    u32_t rack_min_ms, rack_min_before_ms, rack_min_since_ms; /* shortest round trip, windowed */
    u32_t rack_round;       /* SND.NXT when a D-SACK last widened the window */
    u32_t rack_echo_ms, rack_dsack_end; /* of the ACK being taken: its TSecr, its first block */
    u32_t tlp_end;          /* SND.NXT at the probe */
    u8_t rack_reo_mult, rack_reo_persist;

    u8_t snd_scale, rcv_scale;
    u32_t ts_lastacksent;   /* Last.ACK.sent [RFC7323 4.3] */
    u32_t ts_recent;        /* TS.Recent */
    u32_t ts_recent_ms;     /* when it was set */
    u32_t ts_offset;        /* of our timestamp clock */

    u32_t pmtu_ms;          /* when the path's MTU was last lowered */
    u32_t pmtu_seq;         /* quoted by a message that has yet to be confirmed */
    u16_t pmtu_pending;     /* and the MTU it claims; 0: none */
    u16_t pmtu_acked;       /* most data in a segment that was acknowledged */
    u16_t mss_pmtu;         /* limit from the path; 0: none */

    s8_t soft_error;        /* err_t of the last ICMP error that did not end the connection */
    u32_t snd_up, rcv_up;   /* behind the last urgent byte */
    void (*urgent)(void *arg, struct tcp_pcb *pcb, u32_t bytes);
    void (*soft)(void *arg, struct tcp_pcb *pcb, err_t err, u8_t type, u8_t code);
};

/* ---- Call-backs ---- */
#if LWIP_EVENT_API
enum lwip_event {
    LWIP_EVENT_ACCEPT,
    LWIP_EVENT_SENT,
    LWIP_EVENT_RECV,
    LWIP_EVENT_CONNECTED,
    LWIP_EVENT_POLL,
    LWIP_EVENT_ERR
};
/* The application's: every event of every pcb. */
err_t lwip_tcp_event(void *arg, struct tcp_pcb *pcb, enum lwip_event event, struct pbuf *p,
                     u16_t size, err_t err);
#else
void tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv);
void tcp_sent(struct tcp_pcb *pcb, tcp_sent_fn sent);
void tcp_err(struct tcp_pcb *pcb, tcp_err_fn err);
void tcp_accept(struct tcp_pcb *pcb, tcp_accept_fn accept); /* pcb listens */
#endif
void tcp_poll(struct tcp_pcb *pcb, tcp_poll_fn poll, u8_t interval); /* in 500 ms */
void tcp_arg(struct tcp_pcb *pcb, void *arg);

/* ---- Life ---- */
struct tcp_pcb *tcp_new(void); /* NULL: no memory */
struct tcp_pcb *tcp_new_ip_type(u8_t type);
/* ipaddr NULL: any; port 0: an ephemeral one. ERR_USE: taken; ERR_VAL: not closed. */
err_t tcp_bind(struct tcp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port);
void tcp_bind_netif(struct tcp_pcb *pcb, const struct netif *netif);
/* Sends a SYN. ERR_RTE: no route; ERR_VAL: a group or broadcast address; ERR_ISCONN. */
err_t tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port,
                  tcp_connected_fn connected);
/* Frees pcb and returns a listener; NULL (pcb stays): *err says why. */
struct tcp_pcb *tcp_listen_with_backlog_and_err(struct tcp_pcb *pcb, u8_t backlog, err_t *err);
struct tcp_pcb *tcp_listen_with_backlog(struct tcp_pcb *pcb, u8_t backlog);
#define tcp_listen(pcb) tcp_listen_with_backlog(pcb, TCP_DEFAULT_LISTEN_BACKLOG)
/* Sends a RST where the peer has to know, calls err with ERR_ABRT, frees. */
void tcp_abort(struct tcp_pcb *pcb);
/* ERR_OK: pcb is the stack's now. With unread data it resets the connection. ERR_MEM: call again
 * (lwIP's contract; here the FIN is then queued by the stack itself, and ERR_OK returned). */
err_t tcp_close(struct tcp_pcb *pcb);
/* Both: like tcp_close(). ERR_CONN: not in a state to. */
err_t tcp_shutdown(struct tcp_pcb *pcb, int shut_rx, int shut_tx);

#if TCP_LISTEN_BACKLOG
#define tcp_backlog_set(pcb, new_backlog) \
    do { \
        LWIP_ASSERT("pcb->state == LISTEN (called for wrong pcb?)", (pcb)->state == LISTEN); \
        ((struct tcp_pcb_listen *)(pcb))->backlog = \
            (u8_t)((new_backlog) ? (new_backlog) : 1); \
    } while (0)
void tcp_backlog_delayed(struct tcp_pcb *pcb);
void tcp_backlog_accepted(struct tcp_pcb *pcb);
#else
#define tcp_backlog_set(pcb, new_backlog)
#define tcp_backlog_delayed(pcb)
#define tcp_backlog_accepted(pcb)
#endif
#define tcp_accepted(pcb) do { LWIP_UNUSED_ARG(pcb); } while (0) /* of lwIP before 2.0 */

/* ---- Data ---- */
/* The application has dealt with len bytes: the window opens. */
void tcp_recved(struct tcp_pcb *pcb, u16_t len);
/* Queues all of it or nothing. apiflags: TCP_WRITE_FLAG_COPY, else dataptr must stay as it is until
 * acknowledged; TCP_WRITE_FLAG_MORE: no PSH, more follows. ERR_MEM: no room; ERR_CONN: not in a
 * state to send. */
err_t tcp_write(struct tcp_pcb *pcb, const void *dataptr, u16_t len, u8_t apiflags);
/* Sends what windows and Nagle allow. */
err_t tcp_output(struct tcp_pcb *pcb);

/* ---- Settings ---- */
void tcp_setprio(struct tcp_pcb *pcb, u8_t prio);
/* ERR_VAL: pcb, addr or port is missing, or the pcb is not in a state to have them. */
err_t tcp_tcp_get_tcp_addrinfo(struct tcp_pcb *pcb, int local, ip_addr_t *addr, u16_t *port);

#define tcp_set_flags(pcb, set_flags) \
    do { (pcb)->flags = (tcpflags_t)((pcb)->flags | (set_flags)); } while (0)
#define tcp_clear_flags(pcb, clr_flags) \
    do { (pcb)->flags = (tcpflags_t)((pcb)->flags & (tcpflags_t)(~(clr_flags)&TCP_ALLFLAGS)); \
    } while (0)
#define tcp_is_flag_set(pcb, flag) (((pcb)->flags & (flag)) != 0)

#if LWIP_TCP_TIMESTAMPS || LWIP_MULTI_INSTANCE
#define tcp_mss(pcb) \
    ((u16_t)(((pcb)->flags & TF_TIMESTAMP) ? ((pcb)->mss - 12) : (pcb)->mss)) /* bytes of data */
#else
#define tcp_mss(pcb) ((pcb)->mss)
#endif
#define tcp_sndbuf(pcb) (TCPWND16((pcb)->snd_buf))
#define tcp_sndqueuelen(pcb) ((pcb)->snd_queuelen)
#define tcp_nagle_disable(pcb) tcp_set_flags(pcb, TF_NODELAY)
#define tcp_nagle_enable(pcb) tcp_clear_flags(pcb, TF_NODELAY)
#define tcp_nagle_disabled(pcb) tcp_is_flag_set(pcb, TF_NODELAY)
#define tcp_dbg_get_tcp_state(pcb) ((pcb)->state)
#define tcp_new_ip6() tcp_new_ip_type(IPADDR_TYPE_V6)

#if LWIP_TCP_PCB_NUM_EXT_ARGS
u8_t tcp_ext_arg_alloc_id(void);
void tcp_ext_arg_set_callbacks(struct tcp_pcb *pcb, u8_t id,
                               const struct tcp_ext_arg_callbacks *const callbacks);
void tcp_ext_arg_set(struct tcp_pcb *pcb, u8_t id, void *arg);
void *tcp_ext_arg_get(const struct tcp_pcb *pcb, u8_t id);
#endif

#ifdef __cplusplus
}
#endif

#endif
#endif
