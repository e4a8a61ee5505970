/* tcp_lwip.h: TCP as programs and tests for lwIP handle it, for tcp_lwip_*.c; on every build.
 *
 * A netif put on the list by hand, whose output counts, keeps the last packets and may fail; pcbs
 * put into a state by hand (TCP_REG first, addresses after); segments built as pbufs and given to
 * tcp_input() with ip_data filled in; tcp_fasttmr() and tcp_slowtmr() as time. Whatever lwIP allows
 * its users to touch may be touched this way: the stack has to cope with it. */
#ifndef LOCKWIRE_TCP_LWIP_H
#define LOCKWIRE_TCP_LWIP_H

#include "support.h"
#include "unit.h"

#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"
#include "lwip/tcp.h"

#include <string.h>

#if SUPPORT_CONFIGURABLE
#define MSS 536u
#else
#define MSS ((u32_t)TCP_MSS) /* windows and buffers are as many of these in both cases */
#endif
#define HEADERS 40u
#define LOCAL_PORT 0x101
#define REMOTE_PORT 0x100
#define KEPT 16u

/* How many elements of a pool are used, and how often it was empty: on builds that have pools. */
#if MEMP_STATS
#define LW_USED(pool, n) CHECK_INT(MEMP_STATS_GET(used, pool), n)
#define LW_POOL_ERRORS(pool, least) CHECK(MEMP_STATS_GET(err, pool) >= (least))
#else
#define LW_USED(pool, n) ((void)(n))
#define LW_POOL_ERRORS(pool, least) ((void)(least))
#endif

/* What lwIP's users read from its copies of numbers; where there are none (LWIP_TCP_MIRRORS 0) from
 * the numbers. */
#if LWIP_TCP_MIRRORS
#define LW_SEQ(seg) lwip_ntohl((seg)->tcphdr->seqno)
#define LW_EARLY_SEQ(seg) ((seg)->tcphdr->seqno)
#define LW_REXMIT_RUNS(pcb) ((pcb)->rtime == 0)
#define LW_BACKOFF(pcb) ((pcb)->persist_backoff)
#define LW_MEASURED(pcb) ((pcb)->sa != 0)
#define LW_IN_RTO(pcb) (((pcb)->flags & TF_RTO) != 0)
#define LW_RTO_END(pcb) ((pcb)->rto_end)
#else
#define LW_SEQ(seg) ((seg)->seq)
#define LW_EARLY_SEQ(seg) ((seg)->seq)
#define LW_REXMIT_RUNS(pcb) (((pcb)->timers & 1u << TCP_TIMER_REXMIT) != 0)
#define LW_BACKOFF(pcb) ((pcb)->timers >> TCP_TIMER_PERSIST & 1)
#define LW_MEASURED(pcb) ((pcb)->srtt8 != 0)
#define LW_IN_RTO(pcb) ((pcb)->recovery == 3) /* TCP_RECOVERY_TIMEOUT */
#define LW_RTO_END(pcb) ((pcb)->recover)
#endif

#if TCP_STATS
#define LW_COUNTED(member, n) CHECK_INT(lwip_stats.tcp.member, n)
#else
#define LW_COUNTED(member, n) ((void)(n))
#endif
/* How often a segment was dropped for that reason: on builds that count. */
#if LWIP_DROP_REASONS
#define LW_DROPS(reason, n) CHECK_INT(support_drop_count(&lw.s, reason), n)
#else
#define LW_DROPS(reason, n) ((void)(n))
#endif

static struct {
    struct support s;
    struct netif netif;
    unsigned calls, bytes;     /* of output */
    unsigned fail_at;          /* that call fails, counted from 1; 0: none */
    err_t fail_with;
    unsigned fail_more;        /* and so many after it */
    u8_t last[KEPT][MSS + 64];      /* the packets, the oldest first, IP header included */
    u16_t last_len[KEPT];
    unsigned recv_calls, recv_bytes, recv_fins, err_calls, sent_calls, sent_bytes;
    err_t last_err;
    u8_t got[16 * MSS];
    ip_addr_t local, remote;
    u8_t data[16 * MSS];
    unsigned ticks;
} lw;

static inline err_t lw_output(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)netif, (void)to;
    lw.calls++;
    if (lw.fail_at != 0 && lw.calls >= lw.fail_at && lw.calls <= lw.fail_at + lw.fail_more)
        return lw.fail_with;
    lw.bytes += p->tot_len;
    unsigned at = (lw.calls - 1) % KEPT;
    lw.last_len[at] = pbuf_copy_partial(p, lw.last[at], sizeof lw.last[at], 0);
    return ERR_OK;
}

static inline void lw_forget(void)
{
    lw.calls = lw.bytes = lw.fail_at = lw.fail_more = 0;
    memset(lw.last_len, 0, sizeof lw.last_len);
}

static inline void lw_config(struct stack_config *c)
{
    *c = stack_config_default;
    c->tcp_mss = MSS;
    c->tcp_wnd = 10 * MSS;
    c->tcp_snd_buf = 12 * MSS;
    c->tcp_snd_queuelen = 40;
    c->timer_granularity_ms = 0;
    c->memp_num_tcp_pcb = 16;
}

static inline void lw_up(const struct stack_config *config)
{
    struct stack_config c;
    lw_config(&c);
    memset(&lw, 0, sizeof lw);
    if (config == NULL && SUPPORT_CONFIGURABLE)
        config = &c;
    support_begin(&lw.s, config, 0);
    IP4_ADDR(&lw.local, 192, 168, 1, 1);
    IP4_ADDR(&lw.remote, 192, 168, 1, 2);
    lw.netif.output = lw_output;
    lw.netif.input = ip_input; /* for the object check; nothing calls it */
    lw.netif.flags = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
    IP4_ADDR(&lw.netif.netmask, 255, 255, 255, 0);
    ip_addr_copy(lw.netif.ip_addr, lw.local);
    NETIF_SET_CHECKSUM_CTRL(&lw.netif, NETIF_CHECKSUM_ENABLE_ALL);
    lw.netif.next = NULL;
    netif_list = &lw.netif;
    for (unsigned i = 0; i < sizeof lw.data; i++)
        lw.data[i] = (u8_t)(i * 7 + i / 256);
}

static inline void lw_down(void)
{
    support_check(&lw.s);
    while (tcp_active_pcbs != NULL)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs != NULL)
        tcp_abort(tcp_tw_pcbs);
    while (tcp_bound_pcbs != NULL)
        tcp_abort(tcp_bound_pcbs);
    while (tcp_listen_pcbs.pcbs != NULL)
        CHECK_INT(tcp_close(tcp_listen_pcbs.pcbs), ERR_OK);
    netif_list = NULL;
    support_end(&lw.s);
}

/* lwIP's two timers, as a main loop of 250 ms calls them. */
static inline void lw_tmr(void)
{
    tcp_fasttmr();
    if ((++lw.ticks & 1) != 0)
        tcp_slowtmr();
}

static inline struct pbuf *lw_segment_to(u16_t src_port, u16_t dst_port, const void *data,
                                         u16_t len, u32_t seq, u32_t ack, u8_t flags, u16_t wnd)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(HEADERS + len), PBUF_POOL);
    CHECK(p != NULL && p->len >= HEADERS);
    struct ip_hdr *ip = p->payload;
    struct tcp_hdr *tcp = (struct tcp_hdr *)((u8_t *)p->payload + 20);
    memset(p->payload, 0, HEADERS);
    IPH_VHL_SET(ip, 4, 5);
    IPH_LEN_SET(ip, lwip_htons((u16_t)(HEADERS + len)));
    ip->src.addr = ip_2_ip4(&lw.remote)->addr;
    ip->dest.addr = ip_2_ip4(&lw.local)->addr;
    tcp->src = lwip_htons(src_port);
    tcp->dest = lwip_htons(dst_port);
    tcp->seqno = lwip_htonl(seq);
    tcp->ackno = lwip_htonl(ack);
    TCPH_HDRLEN_FLAGS_SET(tcp, 5, flags);
    tcp->wnd = lwip_htons(wnd);
    if (len != 0)
        CHECK_INT(pbuf_take_at(p, data, len, HEADERS), ERR_OK);
    pbuf_remove_header(p, 20);
    ((struct tcp_hdr *)p->payload)->chksum =
        ip_chksum_pseudo(p, IP_PROTO_TCP, p->tot_len, &lw.remote, &lw.local);
    pbuf_add_header(p, 20);
    return p;
}

/* From the pcb's peer, relative to what the pcb expects. */
static inline struct pbuf *lw_segment(const struct tcp_pcb *pcb, const void *data, u16_t len,
                                      u32_t seq_offset, u32_t ack_offset, u8_t flags)
{
    return lw_segment_to(pcb->remote_port, pcb->local_port, data, len, pcb->rcv_nxt + seq_offset,
                         pcb->lastack + ack_offset, flags, (u16_t)TCP_WND_MAX(pcb));
}

static inline void lw_input(struct pbuf *p)
{
    struct ip_hdr *ip = p->payload;
    ip_addr_copy_from_ip4(*ip_current_dest_addr(), ip->dest);
    ip_addr_copy_from_ip4(*ip_current_src_addr(), ip->src);
    ip_current_netif() = &lw.netif;
    ip_data.current_ip4_header = ip;
    ip_data.current_input_netif = &lw.netif;
    pbuf_remove_header(p, 20);
    tcp_input(p, &lw.netif);
    ip_addr_set_zero(ip_current_dest_addr());
    ip_addr_set_zero(ip_current_src_addr());
    ip_current_netif() = NULL;
    ip_data.current_ip4_header = NULL;
}

static inline err_t lw_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    CHECK(arg == &lw && pcb != NULL && err == ERR_OK);
    if (p == NULL) {
        lw.recv_fins++;
        return ERR_OK;
    }
    lw.recv_calls++;
    CHECK(lw.recv_bytes + p->tot_len <= sizeof lw.got);
    pbuf_copy_partial(p, lw.got + lw.recv_bytes, p->tot_len, 0);
    lw.recv_bytes += p->tot_len;
    pbuf_free(p);
    return ERR_OK;
}

static inline err_t lw_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    CHECK(arg == &lw && pcb != NULL);
    lw.sent_calls++;
    lw.sent_bytes += len;
    return ERR_OK;
}

static inline void lw_err(void *arg, err_t err)
{
    CHECK(arg == &lw);
    lw.err_calls++;
    lw.last_err = err;
}

#if LWIP_CALLBACK_API
static inline void lw_functions(struct tcp_pcb *pcb)
{
    tcp_recv(pcb, lw_recv);
    tcp_sent(pcb, lw_sent);
    tcp_err(pcb, lw_err);
}
#else
static inline void lw_functions(struct tcp_pcb *pcb)
{
    (void)pcb; /* lwip_tcp_event() hears of everything */
}
#endif

/* As tests for lwIP do it: state, numbers, the list, then addresses. */
static inline struct tcp_pcb *lw_pcb(enum tcp_state state)
{
    struct tcp_pcb *pcb = tcp_new();
    CHECK(pcb != NULL);
    tcp_arg(pcb, &lw);
    lw_functions(pcb);
    pcb->snd_wnd = pcb->snd_wnd_max = TCP_WND_MAX(pcb);
    pcb->state = state;
    u32_t iss = tcp_next_iss(pcb);
    pcb->snd_wl2 = pcb->snd_nxt = pcb->lastack = pcb->snd_lbb = iss;
    TCP_REG(state == TIME_WAIT ? &tcp_tw_pcbs : &tcp_active_pcbs, pcb);
    ip_addr_copy(pcb->local_ip, lw.local);
    pcb->local_port = LOCAL_PORT;
    ip_addr_copy(pcb->remote_ip, lw.remote);
    pcb->remote_port = REMOTE_PORT;
    pcb->mss = MSS;
    return pcb;
}

/* One that has something to send, from the sequence number `iss` on. */
static inline struct tcp_pcb *lw_sender(u32_t iss, u32_t cwnd)
{
    tcp_ticks = 0;
    tcp_ticks = 0 - (tcp_next_iss(NULL) - iss);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    tcp_ticks = 0;
    CHECK_INT(pcb->lastack, iss);
    pcb->cwnd = (tcpwnd_size_t)cwnd;
    return pcb;
}

static inline void lw_write(struct tcp_pcb *pcb, unsigned segments)
{
    for (unsigned i = 0; i < segments; i++)
        CHECK_INT(tcp_write(pcb, lw.data + i * MSS, MSS, TCP_WRITE_FLAG_COPY), ERR_OK);
}

/* Sequence numbers of a queue, in network order as in lwIP. */
static inline void lw_check_queue(const struct tcp_seg *seg, unsigned n, u32_t first, u32_t step)
{
    for (unsigned i = 0; i < n; i++, seg = seg->next) {
        CHECK(seg != NULL);
        CHECK_INT(LW_SEQ(seg), first + i * step);
    }
    CHECK(seg == NULL);
}

static inline u32_t lw_sent_seq(unsigned call)
{
    const u8_t *p = lw.last[call % KEPT] + 24;
    return (u32_t)p[0] << 24 | (u32_t)p[1] << 16 | (u32_t)p[2] << 8 | p[3];
}

static inline unsigned lw_sent_len(unsigned call)
{
    return lw.last_len[call % KEPT];
}

#endif
