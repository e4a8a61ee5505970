/* lockwire/tcp.h: what RFC 9293 asks of TCP's user interface and lwIP's API has no name for, and
 * what a person debugging asks of a connection. */
#ifndef LOCKWIRE_TCP_H
#define LOCKWIRE_TCP_H

#include "lwip/tcp.h"

#include <stdbool.h>

#if LWIP_TCP

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Urgent data [RFC9293 3.8.5]. New applications should not use it [SHLD-13]. ---- */

#if LWIP_TCP_URGENT
/* `urgent` is called whenever the peer announces urgent data further ahead than known so far:
 * `bytes` of the stream from what has been delivered until behind the last urgent byte. */
void tcp_urgent(struct tcp_pcb *pcb, void (*urgent)(void *arg, struct tcp_pcb *pcb, u32_t bytes));
/* Bytes not yet delivered up to behind the last urgent one; 0: no urgent data ahead. */
u32_t tcp_urgent_ahead(const struct tcp_pcb *pcb);
/* tcp_write() whose last byte is the last urgent one; the segments until then carry URG. */
err_t tcp_write_urgent(struct tcp_pcb *pcb, const void *dataptr, u16_t len, u8_t apiflags);
#endif

/* ---- Errors and limits ---- */

#if LWIP_TCP_ICMP_ERRORS
/* `soft` is called for ICMP errors that do not end the connection (RFC 5461), and with ERR_TIMEOUT
 * (type and code 0) when the retransmission threshold R1 (3) is reached [RFC9293 3.8.3]. NULL: not
 * any more [SHLD-20]. */
void tcp_soft_error(struct tcp_pcb *pcb, void (*soft)(void *arg, struct tcp_pcb *pcb, err_t err,
                                                      u8_t type, u8_t code));
#endif
#if LWIP_TCP_USER_TIMEOUT
/* R2: the connection ends with ERR_ABRT when data has been unacknowledged for that long
 * [RFC9293 3.8.3 MUST-21], RFC 5482. 0: after tcp_maxrtx retransmissions, as in lwIP. */
void tcp_user_timeout(struct tcp_pcb *pcb, u32_t ms);
#endif

/* "newreno" or "cubic"; ERR_VAL: unknown. At any time. */
err_t tcp_congestion_control(struct tcp_pcb *pcb, const char *name);

/* ---- State ---- */

/* Sequence numbers as on the wire, windows in bytes as they count (scaled), times in ms; a timer
 * that is not running is UINT32_MAX, else what is left until it expires. */
struct tcp_info {
    enum tcp_state state;
    u32_t iss, irs;
    u32_t snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, snd_up, snd_buf, snd_lbb, snd_wnd_max;
    u32_t rcv_nxt, rcv_wnd, rcv_ann_wnd, rcv_up;
    u32_t mss;               /* of data in a full segment to the peer */
    /* the peer's option; the largest segment that came: without LWIP_TCP_MIRRORS not kept */
    u32_t mss_peer, rcv_mss;
    u32_t cwnd, ssthresh, in_flight, dupacks, recover;
    u32_t sacked, lost, retransmitting; /* bytes in flight that are known to be so */
    const char *recovery;    /* "none", "fast", "sack", "timeout" */
    const char *cc;          /* name of the congestion control */
    u32_t srtt_us, rttvar_us, rto, backoff; /* backoff: retransmissions in a row */
    u32_t unsent, unacked, ooseq;           /* bytes on the queues; see lwip/tcp.h */
    u32_t unsent_segments, unacked_segments, ooseq_segments, queuelen;
    u32_t refused;                          /* bytes the application has refused so far */
    u32_t timer[TCP_TIMERS];
    u32_t keep_probes, persist_probes;
    u8_t snd_scale, rcv_scale;
    bool timestamps, sack, window_scale, ecn, nagle, ack_delayed;
    u32_t ts_recent;
    struct tcp_sack_range blocks[4]; /* that the next ACK reports; left == right: none */
    err_t soft_error;
};
void tcp_info_get(const struct tcp_pcb *pcb, struct tcp_info *info);
/* "rexmit", "persist" ... */
const char *tcp_timer_name(enum tcp_timer timer);

#ifdef __cplusplus
}
#endif

#endif
#endif
