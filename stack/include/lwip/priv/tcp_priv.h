/* lwip/priv/tcp_priv.h: what lwIP's ports, tests and old applications know of TCP's inside.
 *
 * Lists and timers under lwIP's names. The stack itself works on stack/tcp/tcp_local.h. */
#ifndef LWIP_HDR_TCP_PRIV_H
#define LWIP_HDR_TCP_PRIV_H

#include "lwip/opt.h"

#if LWIP_TCP

#include "lwip/def.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/current.h"
#include "lwip/prot/tcp.h"
#include "lwip/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TCP_TMR_INTERVAL
#define TCP_TMR_INTERVAL 250 /* ms */
#endif
#ifndef TCP_FAST_INTERVAL
#define TCP_FAST_INTERVAL TCP_TMR_INTERVAL
#endif
#ifndef TCP_SLOW_INTERVAL
#define TCP_SLOW_INTERVAL (2 * TCP_TMR_INTERVAL)
#endif
#define TCP_FIN_WAIT_TIMEOUT 20000
#define TCP_SYN_RCVD_TIMEOUT 20000
#define TCP_OOSEQ_TIMEOUT 6U /* in RTOs */
#define TCP_MAXIDLE (TCP_KEEPCNT_DEFAULT * TCP_KEEPINTVL_DEFAULT)
#ifndef TCP_LOCAL_PORT_RANGE_START
#define TCP_LOCAL_PORT_RANGE_START 0xc000
#define TCP_LOCAL_PORT_RANGE_END 0xffff
#endif

/* Sequence numbers, modulo 2^32 [RFC9293 3.4]. */
#define TCP_SEQ_SUB(a, b) ((s32_t)((u32_t)(a) - (u32_t)(b)))
#define TCP_SEQ_LT(a, b) (TCP_SEQ_SUB(a, b) < 0)
#define TCP_SEQ_LEQ(a, b) (TCP_SEQ_SUB(a, b) <= 0)
#define TCP_SEQ_GT(a, b) (TCP_SEQ_SUB(a, b) > 0)
#define TCP_SEQ_GEQ(a, b) (TCP_SEQ_SUB(a, b) >= 0)
#define TCP_SEQ_BETWEEN(a, b, c) (TCP_SEQ_GEQ(a, b) && TCP_SEQ_LEQ(a, c))

#define TF_SEG_OPTS_MSS 0x01U
#define TF_SEG_OPTS_TS 0x02U
#define TF_SEG_DATA_CHECKSUMMED 0x04U /* `sum` is known */
#define TF_SEG_OPTS_WND_SCALE 0x08U
#define TF_SEG_OPTS_SACK_PERM 0x10U

/* A piece of the sequence space on one of a pcb's queues. */
struct tcp_seg {
    struct tcp_seg *next;
    struct pbuf *p; /* the data alone, or NULL; shared with frames in flight, so never rewritten */
    u16_t len;      /* bytes of data */
    u8_t flags;     /* TF_SEG_x */
    u8_t ctl;       /* TCP_SYN, TCP_FIN, TCP_PSH, TCP_URG: what it carries beside data */
    u8_t marks;     /* SEG_x of stack/tcp/sack.h */
    u8_t sent;      /* transmissions so far, at most 255 */
    u16_t sum;      /* of the data: folded, not complemented, host order */
    u16_t urgent;   /* as received */
    u32_t seq;      /* first byte (or SYN) */
    u32_t sent_ms;  /* when it last left */
    u32_t order;    /* and as which transmission of the connection */
#if LWIP_TCP_MIRRORS
    u16_t oversize_left; /* room behind the data */
    struct tcp_hdr *tcphdr; /* points at `header` */
    struct tcp_hdr header;  /* for lwIP's users: seqno in host order on ooseq, else network */
#endif
};

/* Sequence numbers that a segment takes. */
#if LWIP_TCP_MIRRORS
#define TCP_TCPLEN(seg) \
    ((seg)->len + (((TCPH_FLAGS((seg)->tcphdr) & (TCP_FIN | TCP_SYN)) != 0) ? 1U : 0U))
#else
#define TCP_TCPLEN(seg) ((seg)->len + ((((seg)->ctl & (TCP_FIN | TCP_SYN)) != 0) ? 1U : 0U))
#endif

#define LWIP_TCP_OPT_LEN_MSS 4
#define LWIP_TCP_OPT_LEN_TS 10
#define LWIP_TCP_OPT_LEN_TS_OUT 12 /* padded */
#define LWIP_TCP_OPT_LEN_WS_OUT 4
#define LWIP_TCP_OPT_LEN_SACK_PERM_OUT 4
#define LWIP_TCP_OPT_LENGTH(flags) \
    ((((flags)&TF_SEG_OPTS_MSS) ? LWIP_TCP_OPT_LEN_MSS : 0) + \
     (((flags)&TF_SEG_OPTS_TS) ? LWIP_TCP_OPT_LEN_TS_OUT : 0) + \
     (((flags)&TF_SEG_OPTS_WND_SCALE) ? LWIP_TCP_OPT_LEN_WS_OUT : 0) + \
     (((flags)&TF_SEG_OPTS_SACK_PERM) ? LWIP_TCP_OPT_LEN_SACK_PERM_OUT : 0))
#define TCP_OVERSIZE_DBGCHECK 0
#define TCP_CHECKSUM_ON_COPY (LWIP_CHECKSUM_ON_COPY && CHECKSUM_GEN_TCP)

#define tcp_bound_pcbs (stack_current->tcp_bound_pcbs_)
#define tcp_listen_pcbs (stack_current->tcp_listen_pcbs_)
#define tcp_active_pcbs (stack_current->tcp_active_pcbs_)
#define tcp_tw_pcbs (stack_current->tcp_tw_pcbs_)
/* 500 ms ticks of TCP's clock. Tests for lwIP set it, to choose what tcp_next_iss(NULL) returns. */
#define tcp_ticks (stack_current->tcp_ticks_)

/* Puts a pcb made by hand on a list, or takes it off. */
void tcp_register(struct tcp_pcb **list, struct tcp_pcb *pcb);
void tcp_unregister(struct tcp_pcb **list, struct tcp_pcb *pcb);
#define TCP_REG(pcbs, npcb) tcp_register((struct tcp_pcb **)(pcbs), (struct tcp_pcb *)(npcb))
#define TCP_RMV(pcbs, npcb) tcp_unregister((struct tcp_pcb **)(pcbs), (struct tcp_pcb *)(npcb))
#define TCP_REG_ACTIVE(npcb) TCP_REG(&tcp_active_pcbs, npcb)
#define TCP_RMV_ACTIVE(npcb) TCP_RMV(&tcp_active_pcbs, npcb)

void tcp_init(void);
/* 250 ms of TCP's clock pass at once, and what has become due runs. For applications and tests that
 * keep time by hand; otherwise the stack's own timeouts do it. */
void tcp_tmr(void);
/* lwIP's two halves of it: 250 ms; and as much as 500 ms since the last tcp_slowtmr() still lack,
 * of which each tcp_fasttmr() has been a half. So N slow ticks are N * 500 ms, with or without fast
 * ones between. */
void tcp_fasttmr(void);
void tcp_slowtmr(void);

/* p->payload is at the TCP header; ip_data is filled in; takes over p. */
void tcp_input(struct pbuf *p, struct netif *inp);
/* Sends a RST; pcb NULL: of no connection. Ports in host byte order. */
void tcp_rst(const struct tcp_pcb *pcb, u32_t seqno, u32_t ackno, const ip_addr_t *local_ip,
             const ip_addr_t *remote_ip, u16_t local_port, u16_t remote_port);
/* The next connection's initial sequence number [RFC6528]. For NULL, or a pcb that has no peer yet
 * (one that is made by hand), it is no secret: tcp_ticks more than the one before. */
u32_t tcp_next_iss(struct tcp_pcb *pcb);
void tcp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);
void tcp_free_ooseq(struct tcp_pcb *pcb);

#ifdef __cplusplus
}
#endif

#endif
#endif
