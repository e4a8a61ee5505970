/* tcp/tcp_local.h: what the files of this directory tell each other. Read this first.
 *
 * The life of a segment, in: input.c (parse, checksum, find the pcb in demux.c) -> by state:
 * reply.c (CLOSED), listen.c, connect.c (SYN-SENT), timewait.c, or segment.c, which takes the eight
 * steps of [RFC9293 3.10.7.4] -> ack.c (with sack.c, recover.c, rack.c, cc) and rcv.c (with
 * reasm.c) -> deliver.c calls the application -> output.c. Out: snd.c queues, output.c decides,
 * transmit.c builds. timer.c runs what is due.
 *
 * Who writes what in a pcb: rcv_*, ooseq: rcv.c, reasm.c. snd_wnd, snd_wl*: ack.c, which takes off
 * what is acknowledged. snd_lbb, snd_buf, the end of unsent: snd.c. unacked, the front of unsent
 * (seg.h: what of it was sent), snd_nxt, marks of segments: output.c and sack.c. cwnd, ssthresh,
 * recovery: recover.c and the congestion control. srtt8, rttvar4, rto_ms: rtt.c. timers: timer.c.
 * state, lists: pcb.c (tcp_pcb_set_state()), called by segment.c, connect.c, listen.c, close.c. */
#ifndef STACK_TCP_TCP_LOCAL_H
#define STACK_TCP_TCP_LOCAL_H

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/tcp/features.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/segment_hooks.h"
#include "stack/tcp/timer.h"
#include "stack/wire/tcp.h"
#include "stack/wire/tcp_seq.h"

#include <stdbool.h>

/* A peer that can take less in a segment gets this much all the same: a window's worth of headers
 * around single bytes helps nobody (CVE-2019-11477, -11479). */
#define TCP_MSS_MIN 48u

/* pcb->marks; the first eight are those that a processor with short constants meets most. */
#define TM_ACTIVE_OPEN 0x1u /* by tcp_connect(): SYN-RECEIVED means a simultaneous open */
#define TM_FIN_TAKEN 0x2u /* the peer's FIN has been received in order */
#define TM_FIN_OWED 0x4u /* and the application has yet to be told: it refuses data */
#define TM_CLOSED 0x8u /* tcp_close(): nobody reads any more */
#define TM_OVERRIDE 0x10u /* the persist timer guards a small window, not a closed one */
#define TM_TIMING 0x20u /* rtseq is being timed since rttest */
#define TM_RESTART 0x40u /* the timer was restarted by a partial ACK in this recovery */
#define TM_CWND_LIMITED 0x80u /* cwnd was what held output back */
#define TM_HASHED 0x100u /* in a bucket of demux.c */
#define TM_URGENT_OUT 0x200u /* snd_up counts */
#define TM_URGENT_IN 0x400u /* rcv_up counts */
#define TM_ECN 0x800u /* both ends speak it (RFC 3168) */
#define TM_ECE_OWED 0x1000u /* a CE mark came: ECE on every ACK until CWR comes */
#define TM_CWR_OWED 0x2000u /* the next new data carries CWR */
#define TM_TLP 0x4000u /* a tail loss probe is out */
#define TM_R1_TOLD 0x8000u
#define TM_PTO 0x10000u /* TCP_TIMER_LOSS is for a tail loss probe, not for reordering */
#define TM_TLP_AGAIN 0x20000u /* the probe that is out is a retransmission */
#define TM_RTT_FRESH 0x40000u /* a round trip has been measured since the last probe */
#define TM_RACK 0x80000u /* rack_*: something has been delivered */
#define TM_REORDERED 0x100000u /* segments have arrived out of order [RFC8985 6.2] */
#define TM_DSACK_ROUND 0x200000u /* until rack_round D-SACKs are no news */
#define TM_RACK_REPAIR 0x400000u /* the last ACK found us in recovery */
#define TM_NO_DF 0x800000u /* the path's MTU is too small to be obeyed: fragments are let be */
#define TM_DOOMED 0x1000000u /* its address goes, and it goes with it */
#define TM_ECN_PACED 0x2000000u /* a segment when the retransmission timer expires, not before */
/* Marks that no pcb of this build ever has. */
#define TM_NEVER \
    ((TCP_HASH_SIZE ? 0 : TM_HASHED) | \
     (TCP_MAY_ECN ? 0 : TM_ECN | TM_ECE_OWED | TM_CWR_OWED | TM_ECN_PACED) | \
     (LWIP_TCP_URGENT ? 0 : TM_URGENT_OUT | TM_URGENT_IN) | (TCP_MAY_PMTUD ? 0 : TM_NO_DF) | \
     (LWIP_TCP_ICMP_ERRORS ? 0 : TM_R1_TOLD) | (TCP_MAY_RACK ? 0 : TM_TLP))

/* A segment that has arrived, and what came of it. Lives on the stack of tcp_input(). Short things
 * first, see struct tcp_pcb. */
struct tcp_in {
    struct tcp_hold hold;   /* the pcb it is for; NULL once that is gone */
    bool ce;                /* congestion experienced (RFC 3168) */
    bool crossed;           /* a SYN-ACK whose SYN had come before; its window is not scaled */
    /* to be told to the application in this order: connected or accepted, acked, over, data, fin */
    bool connected, accepted; /* the handshake is complete */
    bool over;              /* LAST-ACK: our FIN was acknowledged, the pcb goes */
    bool fin;               /* the peer has closed */
    u16_t len;              /* bytes of data */
    u32_t seq;              /* of the first byte of p, SYN counted: moves when p is trimmed */
    u32_t acked;            /* bytes of the send buffer that became free */
    struct pbuf *p;         /* the data, whoever takes it clears it; freed by tcp_input() */
    struct pbuf *data;      /* in order; NULL: none */
    struct netif *netif;
    const ip_addr_t *src, *dst;
    struct wire_tcp h;      /* header; h.window as it came */
    struct wire_tcp_options opt;
    struct tcp_hook_header kept;
};

static inline bool tcp_has(const struct tcp_in *in, unsigned flags)
{
    return (in->h.flags & flags) != 0;
}

/* Bytes of sequence space of the segment. */
TCP_LEAF u32_t tcp_in_room(const struct tcp_in *in);

#if !defined __OPTIMIZE_SIZE__ || defined TCP_LEAVES_HERE
TCP_LEAF u32_t tcp_in_room(const struct tcp_in *in)
{
    return in->len + (tcp_has(in, WIRE_TCP_SYN) ? 1u : 0u) + (tcp_has(in, WIRE_TCP_FIN) ? 1u : 0u);
}
#endif

/* As much as a window without scaling can say. */
static inline tcpwnd_size_t tcp_wnd16(u32_t bytes)
{
    return (tcpwnd_size_t)LWIP_MIN(bytes, 0xffffu);
}

static inline void tcp_mark(struct tcp_pcb *pcb, unsigned mark)
{
    pcb->marks |= mark & ~TM_NEVER;
}

static inline void tcp_unmark(struct tcp_pcb *pcb, unsigned mark)
{
    if ((mark & ~TM_NEVER) != 0)
        pcb->marks &= ~(mark & ~TM_NEVER);
}

static inline bool tcp_marked(const struct tcp_pcb *pcb, unsigned mark)
{
    return (pcb->marks & mark & ~TM_NEVER) != 0;
}

/* Data waits behind a gap. */
static inline bool tcp_has_early(const struct tcp_pcb *pcb)
{
    return TCP_QUEUE_OOSEQ && pcb->ooseq != NULL;
}

/* The retransmission timer runs to keep segments apart [RFC3168 6.1.2]; where another took its
 * place the mark means nothing. */
static inline bool tcp_is_paced(const struct tcp_pcb *pcb)
{
    return tcp_marked(pcb, TM_ECN_PACED) && tcp_timer_runs(pcb, TCP_TIMER_REXMIT);
}

/* Something to do: on a pcb freed meanwhile `hold.pcb` is NULL after the call. */
static inline void tcp_hold_begin(struct tcp_hold *hold, struct tcp_pcb *pcb)
{
    hold->pcb = pcb;
    hold->outer = STACK->tcp.holds;
    STACK->tcp.holds = hold;
}

static inline void tcp_hold_end(struct tcp_hold *hold)
{
    STACK->tcp.holds = hold->outer;
}

/* Someone works on the pcb, and sends what is due when done. */
static inline bool tcp_is_held(const struct tcp_pcb *pcb)
{
    const struct tcp_hold *hold = STACK->tcp.holds;

    while (hold != NULL && hold->pcb != pcb)
        hold = hold->outer;
    return hold != NULL;
}

/* ---- pcb.c ---- */
struct tcp_pcb *tcp_pcb_new(u8_t prio);      /* frees others' if need be; NULL: no memory */
void tcp_pcb_free_quietly(struct tcp_pcb *pcb); /* off all lists, everything given back */
/* The same, after which err is told (arg and function of the pcb as they were). */
void tcp_pcb_end(struct tcp_pcb *pcb, err_t why);
/* Closed by both sides, in good order. Who has called tcp_close() knows that the pcb is not his any
 * more; who has only shut down is told so, ERR_CLSD. */
void tcp_pcb_over(struct tcp_pcb *pcb);
/* Ended with ERR_ABRT. */
void tcp_pcb_abandon(struct tcp_pcb *pcb, bool send_rst);
/* Puts it first on a list; it must be on none. */
void tcp_pcb_enlist(struct tcp_pcb **list, struct tcp_pcb *pcb);
/* Moves it to the list its new state, which is none of CLOSED and LISTEN, belongs on. */
void tcp_pcb_set_state(struct tcp_pcb *pcb, enum tcp_state state);
/* Its queues, both ways. */
void tcp_pcb_purge(struct tcp_pcb *pcb);
u16_t tcp_pcb_mss_to(const struct tcp_pcb *pcb, const struct netif *netif); /* we can receive */

/* ---- listen.c ---- */
void tcp_listener_free(struct tcp_pcb_listen *lpcb);
/* Gives back the place in the listener's backlog. */
#if TCP_MAY_BACKLOG
void tcp_backlog_leave(struct tcp_pcb *pcb);
#else
static inline void tcp_backlog_leave(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

/* ---- demux.c; demux_hash.c or demux_list.c ---- */
#if TCP_HASH_SIZE
void tcp_demux_add(struct tcp_pcb *pcb);
void tcp_demux_remove(struct tcp_pcb *pcb);
/* It was put on a list by hand, or leaves such a list. */
static inline void tcp_demux_unhashed(int more)
{
    STACK->tcp.unhashed += (u32_t)more;
}

static inline bool tcp_demux_any_unhashed(void)
{
    return STACK->tcp.unhashed != 0;
}
#else
static inline void tcp_demux_add(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static inline void tcp_demux_remove(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static inline void tcp_demux_unhashed(int more)
{
    LWIP_UNUSED_ARG(more);
}

static inline bool tcp_demux_any_unhashed(void)
{
    return false;
}
#endif
/* An active or TIME-WAIT pcb; NULL: none. */
struct tcp_pcb *tcp_demux_connection(const struct tcp_in *in);
struct tcp_pcb_listen *tcp_demux_listener(const struct tcp_in *in);
struct tcp_pcb *tcp_demux_find(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                               u16_t remote_port);

/* ---- input.c ---- */
#if LWIP_DROP_REASONS
__attribute__((cold)) void tcp_in_drop(struct tcp_in *in, enum drop_reason reason);
#else /* nobody would hear of it */
static inline void tcp_in_drop(const struct tcp_in *in, enum drop_reason reason)
{
    LWIP_UNUSED_ARG(in);
    LWIP_UNUSED_ARG(reason);
}
#endif

/* ---- states ---- */
/* iss_above: what the new connection's sequence numbers have to lie above; NULL: nothing. */
void tcp_listen_arrives(struct tcp_in *in, struct tcp_pcb_listen *lpcb, const u32_t *iss_above);
void tcp_syn_sent_arrives(struct tcp_in *in, struct tcp_pcb *pcb);
void tcp_time_wait_arrives(struct tcp_in *in, struct tcp_pcb *pcb);
void tcp_segment_arrives(struct tcp_in *in, struct tcp_pcb *pcb);
/* The first step: false: the segment has been dropped, and answered if need be. */
bool tcp_sequence_acceptable(struct tcp_in *in, struct tcp_pcb *pcb);
/* From the sixth step of [RFC9293 3.10.7.4] on: urgent, text, FIN. */
void tcp_segment_text(struct tcp_in *in, struct tcp_pcb *pcb);
/* The options that our SYN, or SYN-ACK, asks for. */
#if TCP_MAY_WISH
void tcp_syn_wishes(struct tcp_pcb *pcb);
#else
static inline void tcp_syn_wishes(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif
/* The peer's SYN: its number, options and window; both kinds of open. */
void tcp_syn_options(struct tcp_in *in, struct tcp_pcb *pcb);
/* The handshake is over: windows, congestion window, timers. */
void tcp_established(struct tcp_in *in, struct tcp_pcb *pcb);
/* -> TIME-WAIT, for 2 MSL from now. */
void tcp_time_wait_enter(struct tcp_pcb *pcb);

/* ---- transmit.c ---- */
err_t tcp_transmit(struct tcp_pcb *pcb, const struct tcp_seg *seg);
err_t tcp_transmit_ack(struct tcp_pcb *pcb);
/* No data, one sequence number back: the peer has to answer. */
err_t tcp_transmit_probe(struct tcp_pcb *pcb);
void tcp_transmit_rst(struct tcp_pcb *pcb);

/* ---- reply.c: answers to what no connection wants [RFC9293 3.10.7.1] ---- */
void tcp_reply_rst(const struct tcp_in *in);
/* A RST to the sender of `in`; flags: WIRE_TCP_x. */
void tcp_rst_to(const struct tcp_in *in, u32_t seq, u32_t ack, u16_t flags);
/* An ACK for something unacceptable [RFC5961 7]: as often as the limit lets us. */
#if TCP_MAY_LIMIT_CHALLENGES
void tcp_challenge(struct tcp_pcb *pcb);
#else
static inline void tcp_challenge(struct tcp_pcb *pcb)
{
    (void)tcp_transmit_ack(pcb);
}
#endif

/* ---- ack.c ---- */
/* false: the segment is not to be looked at further. */
bool tcp_ack_acceptable(struct tcp_in *in, struct tcp_pcb *pcb);
void tcp_ack_process(struct tcp_in *in, struct tcp_pcb *pcb);
void tcp_ack_window(const struct tcp_in *in, struct tcp_pcb *pcb);
/* Our FIN has been acknowledged. */
bool tcp_fin_acked(const struct tcp_pcb *pcb);

/* ---- rcv.c ---- */
u32_t tcp_rcv_window(const struct tcp_pcb *pcb); /* what is acceptable from RCV.NXT on */
void tcp_rcv_text(struct tcp_in *in, struct tcp_pcb *pcb);
void tcp_rcv_ack_now(struct tcp_pcb *pcb);
/* Announces more where that is worth it; how far the right edge would move. */
u32_t tcp_rcv_update_window(struct tcp_pcb *pcb);
u16_t tcp_rcv_window_field(struct tcp_pcb *pcb, unsigned syn); /* syn: 0, or it is one */
/* The receive buffer, as far as windows can tell of it. */
static inline u32_t tcp_rcv_limit(const struct tcp_pcb *pcb)
{
    return tcp_agreed(pcb, TF_WND_SCALE) ? CFG(tcp_wnd) : LWIP_MIN(CFG(tcp_wnd), 0xffffu);
}

/* ---- deliver.c: the application is told ---- */
void tcp_deliver(struct tcp_in *in);
/* Offers refused data again. false: the pcb is gone. */
bool tcp_deliver_refused(struct tcp_pcb *pcb);

/* ---- snd.c ---- */
/* Everything that is sent begins at iss, which the SYN takes. */
void tcp_send_from(struct tcp_pcb *pcb, u32_t iss);
err_t tcp_snd_syn(struct tcp_pcb *pcb, u8_t ctl);
err_t tcp_snd_fin(struct tcp_pcb *pcb);
/* Cuts seg (on any queue) to `len` bytes; the rest becomes the next segment. false: no memory. */
bool tcp_snd_split(struct tcp_pcb *pcb, struct tcp_seg *seg, u16_t len);
/* The same if it has more than that many; false: no memory, or it should have none at all. */
static inline bool tcp_snd_fit(struct tcp_pcb *pcb, struct tcp_seg *seg, u32_t most)
{
    return seg->len <= most || (most != 0 && tcp_snd_split(pcb, seg, (u16_t)most));
}
/* The send buffer. */
static inline tcpwnd_size_t tcp_snd_limit(void)
{
    return (tcpwnd_size_t)LWIP_MIN(CFG(tcp_snd_buf), (u32_t)(tcpwnd_size_t)-1);
}
/* What a segment can hold, and what is one to Nagle's rule: the MSS, or less in a small window. */
u16_t tcp_snd_full(const struct tcp_pcb *pcb);

/* ---- output.c ---- */
/* tcp_output() without the check for being inside of tcp_input(). */
err_t tcp_output_now(struct tcp_pcb *pcb);
/* A timeout has taken all that was sent for lost: without SACK all but the first goes back to the
 * front of `unsent`. The first is on `unacked` then in any case; there has to be one. */
void tcp_output_requeue(struct tcp_pcb *pcb);
/* Sends a segment again that was sent. If it waits on `unsent` it goes to `unacked`, and so does
 * what lies before it. */
err_t tcp_output_again(struct tcp_pcb *pcb, struct tcp_seg *seg);
/* The same for what lies in the peer's window of it; ERR_WOULDBLOCK: nothing does. */
err_t tcp_output_lost(struct tcp_pcb *pcb, struct tcp_seg *seg);
/* Sends the next new segment if the peer's window takes all of it, whatever cwnd and Nagle say. */
bool tcp_output_one(struct tcp_pcb *pcb);
void tcp_output_probe(struct tcp_pcb *pcb); /* the persist timer */

/* ---- close.c ---- */
void tcp_close_retry(struct tcp_pcb *pcb);

/* ---- give_up.c: tcp_give_up_ooseq() stands in core/modules.h ---- */

/* ---- pmtu.c ---- */
#if LWIP_TCP_ICMP_ERRORS
void tcp_error_input(const struct icmp_error *error, struct netif *inp);
/* Segments fit `mtu` from now on; what is in flight and does not is sent again in pieces. */
void tcp_pmtu_lower(struct tcp_pcb *pcb, u16_t mtu);
#endif
#if TCP_MAY_PMTUD
/* tcp_mss() for a segment about to be made: ten minutes after it was lowered a larger one is
 * tried again [RFC1191 6.3]. */
u16_t tcp_pmtu_mss(struct tcp_pcb *pcb);
/* The retransmission timer has expired, before anything is sent again: what a message claimed about
 * a segment that had come through in that size before is now believed [RFC5927 7.2]. */
void tcp_pmtu_timeout(struct tcp_pcb *pcb);
#else
static inline u16_t tcp_pmtu_mss(struct tcp_pcb *pcb)
{
    return tcp_hook_text_max(pcb);
}

static inline void tcp_pmtu_timeout(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif
/* seg has been acknowledged: packets of its size arrive. */
static inline void tcp_pmtu_acked(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (TCP_MAY_PMTUD && seg->len > pcb->pmtu_acked)
        pcb->pmtu_acked = seg->len;
}

/* ---- check.c ---- */
const char *tcp_pcb_check(const struct tcp_pcb *pcb);

#endif
