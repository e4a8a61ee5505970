/* lwip/priv/opt_tcp.h: TCP's options. Read from lwip/opt.h only, whose size it would double.
 *
 * First lwIP's, with lwIP's defaults, then ours. What can differ from host to host is listed in
 * stack/core/config.def as well, under the same name in lower case; combinations that cannot work
 * are refused by stack/core/opt_check.c. */
#ifndef LWIP_HDR_PRIV_OPT_TCP_H
#define LWIP_HDR_PRIV_OPT_TCP_H

/* ---- lwIP's ---- */

#ifndef LWIP_TCP
#define LWIP_TCP 1
#endif
#ifndef TCP_TTL
#define TCP_TTL IP_DEFAULT_TTL
#endif
/* receive window: bytes that a peer may send before it hears from us */
#ifndef TCP_WND
#define TCP_WND (4 * TCP_MSS)
#endif
/* times that data is sent again before the connection is given up */
#ifndef TCP_MAXRTX
#define TCP_MAXRTX 12
#endif
/* the same for a SYN; see TCP_SYN_R2_MS */
#ifndef TCP_SYNMAXRTX
#define TCP_SYNMAXRTX 6
#endif
/* 1: segments behind a gap are kept */
#ifndef TCP_QUEUE_OOSEQ
#define TCP_QUEUE_OOSEQ LWIP_TCP
#endif
/* 1: and the peer is told of them (RFC 2018) */
#ifndef LWIP_TCP_SACK_OUT
#define LWIP_TCP_SACK_OUT 0
#endif
/* blocks in one ACK at most; the header has room for 4, or 3 beside a timestamp */
#ifndef LWIP_TCP_MAX_SACK_NUM
#define LWIP_TCP_MAX_SACK_NUM 4
#endif
/* data in one segment that we are ready to receive */
#ifndef TCP_MSS
#define TCP_MSS 536
#endif
/* 1: and to send: no more than fits in the interface's MTU */
#ifndef TCP_CALCULATE_EFF_SEND_MSS
#define TCP_CALCULATE_EFF_SEND_MSS 1
#endif
/* milliseconds to the first retransmission while no round trip was measured; RFC 6298 says
 * 1000 */
#ifndef LWIP_TCP_RTO_TIME
#define LWIP_TCP_RTO_TIME 3000
#endif
/* bytes that may be queued for sending */
#ifndef TCP_SND_BUF
#define TCP_SND_BUF (2 * TCP_MSS)
#endif
/* and pbufs that hold them */
#ifndef TCP_SND_QUEUELEN
#define TCP_SND_QUEUELEN ((4 * (TCP_SND_BUF) + (TCP_MSS - 1)) / (TCP_MSS))
#endif
/* a connection is writable from so much free space on (sockets) */
#ifndef TCP_SNDLOWAT
#define TCP_SNDLOWAT LWIP_MIN(LWIP_MAX(((TCP_SND_BUF) / 2), (2 * TCP_MSS) + 1), (TCP_SND_BUF)-1)
#endif
/* and below so many queued pbufs */
#ifndef TCP_SNDQUEUELOWAT
#define TCP_SNDQUEUELOWAT LWIP_MAX(((TCP_SND_QUEUELEN) / 2), 5)
#endif
/* bytes and pbufs that a connection may hold behind gaps; 0: what the window allows. The LIMIT
 * macros say it per pcb; lwipopts.h may define them instead */
#ifndef TCP_OOSEQ_MAX_BYTES
#define TCP_OOSEQ_MAX_BYTES 0
#endif
#if !defined TCP_OOSEQ_BYTES_LIMIT && TCP_OOSEQ_MAX_BYTES
#define TCP_OOSEQ_BYTES_LIMIT(pcb) TCP_OOSEQ_MAX_BYTES
#endif
#ifndef TCP_OOSEQ_MAX_PBUFS
#define TCP_OOSEQ_MAX_PBUFS 0
#endif
#if !defined TCP_OOSEQ_PBUFS_LIMIT && TCP_OOSEQ_MAX_PBUFS
#define TCP_OOSEQ_PBUFS_LIMIT(pcb) TCP_OOSEQ_MAX_PBUFS
#endif
/* 1: tcp_listen_with_backlog()'s number is a limit */
#ifndef TCP_LISTEN_BACKLOG
#define TCP_LISTEN_BACKLOG 0
#endif
/* the limit of tcp_listen(); 255: as good as none */
#ifndef TCP_DEFAULT_LISTEN_BACKLOG
#define TCP_DEFAULT_LISTEN_BACKLOG 0xff
#endif
/* room allocated ahead when data is copied, so that small writes share a pbuf; 0: none */
#ifndef TCP_OVERSIZE
#define TCP_OVERSIZE TCP_MSS
#endif
/* 1: offer and use timestamps (RFC 7323) */
#ifndef LWIP_TCP_TIMESTAMPS
#define LWIP_TCP_TIMESTAMPS 0
#endif
/* the window is announced anew when it has opened by so much */
#ifndef TCP_WND_UPDATE_THRESHOLD
#define TCP_WND_UPDATE_THRESHOLD LWIP_MIN((TCP_WND / 4), (TCP_MSS * 4))
#endif
/* events reach the application by call-backs per pcb, or all by its lwip_tcp_event() */
#if !defined LWIP_EVENT_API && !defined LWIP_CALLBACK_API
#define LWIP_EVENT_API 0
#define LWIP_CALLBACK_API 1
#endif
#ifndef LWIP_EVENT_API
#define LWIP_EVENT_API 0
#endif
#ifndef LWIP_CALLBACK_API
#define LWIP_CALLBACK_API 0
#endif
/* 1: offer and use window scaling (RFC 7323); windows and send buffers then count 32 bits */
#ifndef LWIP_WND_SCALE
#define LWIP_WND_SCALE 0
#endif
/* the shift that is offered, 0 to 14 */
#ifndef TCP_RCV_SCALE
#define TCP_RCV_SCALE 0
#endif
/* slots per pcb for tcp_ext_arg_alloc_id() */
#ifndef LWIP_TCP_PCB_NUM_EXT_ARGS
#define LWIP_TCP_PCB_NUM_EXT_ARGS 0
#endif
/* 1: each pcb has its own keepalive interval and count */
#ifndef LWIP_TCP_KEEPALIVE
#define LWIP_TCP_KEEPALIVE 0
#endif
/* milliseconds; lwIP has these four in tcp_priv.h */
#ifndef TCP_MSL
#define TCP_MSL 60000UL
#endif
#ifndef TCP_KEEPIDLE_DEFAULT
#define TCP_KEEPIDLE_DEFAULT 7200000UL
#endif
#ifndef TCP_KEEPINTVL_DEFAULT
#define TCP_KEEPINTVL_DEFAULT 75000UL
#endif
#ifndef TCP_KEEPCNT_DEFAULT
#define TCP_KEEPCNT_DEFAULT 9U
#endif
/* 1: do not compare the numbers above with each other */
#ifndef LWIP_DISABLE_TCP_SANITY_CHECKS
#define LWIP_DISABLE_TCP_SANITY_CHECKS 0
#endif

/* ---- Ours ---- */

/* bounds of the retransmission timeout (RFC 6298, 2.4 and 2.5) */
#ifndef TCP_RTO_MIN_MS
#define TCP_RTO_MIN_MS 1000
#endif
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 60000
#endif
/* delay of a delayed ACK, rounded up to the timer grid (250 with lwIP's coarse timers); 0: every
 * segment is acknowledged at once */
#ifndef TCP_DELACK_MS
#define TCP_DELACK_MS 40
#endif
/* buckets in which connections are looked up; a power of two. 0: connections are few, and gone
 * through one by one, by address and for the timer that is due first */
#ifndef TCP_HASH_SIZE
#define TCP_HASH_SIZE 16
#endif
/* 1: CUBIC's code is there */
#ifndef LWIP_TCP_CUBIC
#define LWIP_TCP_CUBIC 1
#endif
/* congestion control of a new pcb: 0 NewReno, 1 CUBIC */
#ifndef TCP_CC
#define TCP_CC 0
#endif
/* 1: of a segment that overlaps what waits behind a gap all that is new is kept; 0: what fills the
 * first of the gaps it reaches, the peer repeats the rest. SACK blocks and lwIP's tests need it */
#ifndef TCP_OOSEQ_OVERLAP
#define TCP_OOSEQ_OVERLAP 1
#endif
/* 1: in TIME-WAIT a new SYN that cannot be an old one opens a new connection at once, if somebody
 * listens [RFC9293 3.6.1 MAY-2]; 0: when TIME-WAIT is over, as in lwIP */
#ifndef TCP_TIME_WAIT_REUSE
#define TCP_TIME_WAIT_REUSE 1
#endif
/* 1: in congestion avoidance the window grows byte by byte; 0: by a segment once a window has been
 * acknowledged, as in lwIP */
#ifndef TCP_CWND_SMOOTH
#define TCP_CWND_SMOOTH 1
#endif
/* 1: what is acknowledged of a segment is let go at once; 0: with the rest of it, as in lwIP */
#ifndef TCP_TRIM_ACKED
#define TCP_TRIM_ACKED 1
#endif
/* 1: nobody can guess initial sequence numbers, who has not seen them [RFC6528 3]; 0: they follow
 * the clock [RFC9293 3.4.1 MUST-8] from a random start on: who has seen one knows the next, as with
 * lwIP's, which follow its ticks. LWIP_HOOK_TCP_ISN replaces both */
#ifndef TCP_ISN_HASH
#define TCP_ISN_HASH 1
#endif
/* 1: SipHash-2-4 keeps initial sequence numbers from being guessed; 0: HalfSipHash-2-4, for 32-bit
 * processors that have to be small; it knows no timestamp offsets */
#ifndef TCP_ISN_SIPHASH
#define TCP_ISN_SIPHASH 1
#endif
/* 1: urgent data, as lockwire/tcp.h has it; 0: it is data like any other, as in lwIP */
#ifndef LWIP_TCP_URGENT
#define LWIP_TCP_URGENT 1
#endif
/* 1: tcp_user_timeout() */
#ifndef LWIP_TCP_USER_TIMEOUT
#define LWIP_TCP_USER_TIMEOUT 1
#endif
/* 1: ICMP errors end handshakes, and tcp_soft_error(); 0: they are ignored, as in lwIP */
#ifndef LWIP_TCP_ICMP_ERRORS
#define LWIP_TCP_ICMP_ERRORS 1
#endif
/* 1: what lwIP's own tests look at inside of pcbs and segments, and the stack has no use for, is
 * kept up: rtime, sa, sv, rto, rto_end with TF_RTO, persist_backoff, a segment's tcphdr, tcp_ticks;
 * and mss_peer and rcv_mss for lockwire/tcp.h */
#ifndef LWIP_TCP_MIRRORS
#define LWIP_TCP_MIRRORS 1
#endif
/* 1: ask for explicit congestion notification, and grant it */
#ifndef LWIP_TCP_ECN
#define LWIP_TCP_ECN 0
#endif
/* 1: losses are found by time, with tail loss probes; needs the peer's SACK blocks */
#ifndef LWIP_TCP_RACK
#define LWIP_TCP_RACK 0
#endif
/* 1: use the peer's SACK blocks in loss recovery */
#ifndef LWIP_TCP_SACK_IN
#define LWIP_TCP_SACK_IN LWIP_TCP_SACK_OUT
#endif
/* 1: set DF, and obey "fragmentation needed" */
#ifndef LWIP_TCP_PMTUD
#define LWIP_TCP_PMTUD 0
#endif
/* packets are not made smaller than this, whatever a router says: DF is then left out instead. The
 * minimum of RFC 1191 (68) would let a forged message make a connection crawl */
#ifndef TCP_PMTU_MIN
#define TCP_PMTU_MIN 552
#endif
/* 1: the first two duplicate ACKs may each send a new segment */
#ifndef TCP_LIMITED_TRANSMIT
#define TCP_LIMITED_TRANSMIT 1
#endif
/* challenge ACKs per second, all connections together; 0: no limit */
#ifndef TCP_CHALLENGE_ACK_LIMIT
#define TCP_CHALLENGE_ACK_LIMIT 10
#endif
/* a SYN is repeated for so long at least, whatever TCP_SYNMAXRTX says */
#ifndef TCP_SYN_R2_MS
#define TCP_SYN_R2_MS 180000
#endif
/* how long a closed connection waits for the peer's FIN */
#ifndef TCP_FIN_WAIT_TIMEOUT_MS
#define TCP_FIN_WAIT_TIMEOUT_MS 20000
#endif
/* initial window: n segments; 0: min(10*MSS, max(2*MSS, 14600)) bytes */
#ifndef TCP_IW_SEGMENTS
#define TCP_IW_SEGMENTS 0
#endif
/* 1: a connection that was idle for an RTO starts slowly again */
#ifndef TCP_RESTART_IDLE
#define TCP_RESTART_IDLE 1
#endif
/* 1: each connection's timestamps begin at a random value of their own */
#ifndef TCP_TIMESTAMP_OFFSET
#define TCP_TIMESTAMP_OFFSET 1
#endif

#endif
