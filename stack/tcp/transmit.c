/* tcp/transmit.c: segments become packets.
 *
 * Each transmission gets a header of its own, with the data of the segment chained behind: what is
 * queued for ARP or in a driver's hands is never rewritten by a later retransmission.
 *
 * What each segment carries: [RFC2018 2] [RFC7323 5.4] [RFC9293 3.9.1.9] [RFC9293 3.9.2]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

#include "lwip/snmp.h"
#include "stack/ipv4/ip4_pcb.h"
#include "stack/tcp/checksum.h"

#define CHECKSUM_AT 16u
#define ECT_0 0x02u /* ECN-capable transport [RFC3168 5] */

/* What is to be sent, in terms of [RFC9293 3.1]. */
struct out {
    u8_t ttl, tos;
    bool whole;        /* don't fragment */
    bool again;        /* a retransmission */
    bool data_summed;  /* data_sum is known */
    const struct tcp_pcb *pcb; /* for hooks; NULL: a RST for nobody */
    struct wire_tcp h;
    const ip_addr_t *src, *dst;
    struct pbuf *data; /* or NULL; stays the caller's */
    u32_t data_sum;    /* of it, folded */
    struct wire_tcp_options opt;
};

static bool generates_checksum(const struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    IF__NETIF_CHECKSUM_ENABLED(netif, NETIF_CHECKSUM_GEN_TCP)
    {
        return CHECKSUM_GEN_TCP != 0;
    }
    return false;
}

/* header_sum: of the header in front of the data. */
static u16_t checksum_of(const struct out *out, const struct pbuf *p, u64_t header_sum)
{
    if (!TCP_CHECKSUM_ON_COPY || !out->data_summed)
        return tcp_checksum(p, out->src, out->dst);
    u32_t src = get_be32((const u8_t *)&ip_2_ip4(out->src)->addr);
    u32_t dst = get_be32((const u8_t *)&ip_2_ip4(out->dst)->addr);
    u64_t pseudo = (u64_t)src + dst + TCP_PROTO + p->tot_len;
    return (u16_t)~checksum_fold64(pseudo + header_sum + out->data_sum);
}

static void emit(struct out *out, struct pbuf *p, u16_t hlen, const struct netif *netif)
{
    u8_t *bytes = p->payload;
    u16_t end = WIRE_TCP_HLEN;

    out->h.header_len = (u8_t)hlen;
    u64_t sum = wire_tcp_emit(bytes, &out->h);
    if (hlen > WIRE_TCP_HLEN)
        end = (u16_t)(end + wire_tcp_options_emit(bytes + WIRE_TCP_HLEN, hlen - WIRE_TCP_HLEN,
                                                  &out->opt));
    if (out->data != NULL)
        pbuf_chain(p, out->data);
    tcp_hook_add_options(p, out->pcb, end, hlen);
    if (TCP_CHECKSUM_ON_COPY && hlen > WIRE_TCP_HLEN)
        sum += checksum_add(0, bytes + WIRE_TCP_HLEN, hlen - WIRE_TCP_HLEN);
    if (generates_checksum(netif)) /* (RFC 9293, MUST-2) */
        put_be16(bytes + CHECKSUM_AT, checksum_of(out, p, sum));
}

static err_t hand_to_ip(const struct out *out, struct pbuf *p, struct netif *netif)
{
    const ip4_addr_t *src = ip_2_ip4(out->src), *dst = ip_2_ip4(out->dst);

    if (TCP_MAY_PMTUD && out->whole)
        return ip4_output_df(p, src, dst, out->ttl, out->tos, TCP_PROTO, netif);
    return ip4_output_if_src(p, src, dst, out->ttl, out->tos, TCP_PROTO, netif);
}

/* ERR_MEM: nothing has happened. */
static err_t send(struct out *out, struct netif *netif)
{
    u16_t ours = out->opt.present != 0 ? (u16_t)wire_tcp_options_len(&out->opt) : 0;
    u16_t hlen = (u16_t)(WIRE_TCP_HLEN + tcp_hook_options(out->pcb, ours));

    struct pbuf *p = pbuf_alloc(PBUF_IP, hlen, PBUF_RAM);
    if (p == NULL) {
        TCP_STATS_INC(tcp.memerr);
        return ERR_MEM;
    }
    if (netif == NULL) {
        TCP_STATS_INC(tcp.rterr);
        pbuf_free(p);
        return ERR_RTE;
    }
    emit(out, p, hlen, netif);
    TCP_STATS_INC(tcp.xmit);
    if (MIB2_STATS && !out->again)
        MIB2_STATS_INC(mib2.tcpoutsegs);
    err_t err = hand_to_ip(out, p, netif);
    pbuf_free(p);
    return err == ERR_MEM ? ERR_BUF : err; /* a packet that got lost below is one that was sent */
}

/* ---- For a connection ---- */

static void add_timestamp(const struct tcp_pcb *pcb, struct out *out)
{
    if (!tcp_agreed(pcb, TF_TIMESTAMP))
        return;
    out->opt.present |= WIRE_TCP_OPT_TS;
    out->opt.ts_value = tcp_now() + pcb->ts_offset;
    out->opt.ts_echo = (out->h.flags & WIRE_TCP_ACK) != 0 ? pcb->ts_recent : 0; /* [RFC7323 3.2] */
}

static void add_syn_options(const struct tcp_pcb *pcb, const struct netif *netif, struct out *out)
{
    out->opt.present |= WIRE_TCP_OPT_MSS; /* [RFC9293 3.7.1 MUST-14, SHLD-5] */
    out->opt.mss = tcp_pcb_mss_to(pcb, netif);
    if (tcp_agreed(pcb, TF_WND_SCALE)) {
        out->opt.present |= WIRE_TCP_OPT_WS;
        out->opt.window_shift = pcb->rcv_scale;
    }
    if (tcp_agreed(pcb, TF_SACK))
        out->opt.present |= WIRE_TCP_OPT_SACK_OK;
}

static void add_block(struct out *out, u32_t left, u32_t right)
{
    out->opt.sack[out->opt.sack_count].left = left;
    out->opt.sack[out->opt.sack_count].right = right;
    out->opt.sack_count++;
}

/* As many blocks as fit; a duplicate comes first [RFC2018 3] [RFC2883 4]. */
static void add_sack(struct tcp_pcb *pcb, struct out *out)
{
    if (!tcp_agreed(pcb, TF_SACK) || !CFG(lwip_tcp_sack_out))
        return;
    out->opt.sack_count = 0;
    unsigned most = tcp_hook_sack_blocks(pcb, tcp_agreed(pcb, TF_TIMESTAMP) ? 3 : 4);
    if (pcb->dsack_left != pcb->dsack_right && most != 0) {
        add_block(out, pcb->dsack_left, pcb->dsack_right);
        pcb->dsack_left = pcb->dsack_right = 0;
    }
    for (unsigned i = 0; i < LWIP_TCP_MAX_SACK_NUM && LWIP_TCP_SACK_VALID(pcb, i) &&
                         out->opt.sack_count < most; i++)
        add_block(out, pcb->rcv_sacks[i].left, pcb->rcv_sacks[i].right);
    if (out->opt.sack_count != 0)
        out->opt.present |= WIRE_TCP_OPT_SACK;
}

static void add_urgent(const struct tcp_pcb *pcb, struct out *out)
{
    if (!tcp_marked(pcb, TM_URGENT_OUT) || !seq_lt(out->h.seq, pcb->snd_up))
        return;
    out->h.flags |= WIRE_TCP_URG;
    out->h.urgent = (u16_t)LWIP_MIN(pcb->snd_up - out->h.seq, 0xffffu);
}

static void start(const struct tcp_pcb *pcb, u32_t seq, u16_t flags, struct out *out)
{
    out->pcb = pcb;
    out->h.seq = seq;
    out->h.flags = flags;
    out->h.ack = (flags & WIRE_TCP_ACK) != 0 ? pcb->rcv_nxt : 0;
    out->h.window = out->h.checksum = out->h.urgent = 0;
    out->h.src_port = pcb->local_port;
    out->h.dst_port = pcb->remote_port;
    out->src = &pcb->local_ip;
    out->dst = &pcb->remote_ip;
    out->ttl = pcb->ttl;
    out->tos = pcb->tos;
    out->whole = TCP_MAY_PMTUD && CFG(lwip_tcp_pmtud) != 0 && !tcp_marked(pcb, TM_NO_DF);
    out->again = false;
    out->data = NULL;
    if (TCP_CHECKSUM_ON_COPY) {
        out->data_sum = 0;
        out->data_summed = true;
    }
    out->opt.present = 0;
}

static err_t send_hinted(struct tcp_pcb *pcb, struct out *out, struct netif *netif)
{
    LWIP_UNUSED_ARG(pcb); /* without hints */
    if (netif == NULL)
        return send(out, NULL);
    NETIF_SET_HINTS(netif, &pcb->netif_hints);
    err_t err = send(out, netif);
    NETIF_RESET_HINTS(netif);
    return err;
}

static err_t send_for(struct tcp_pcb *pcb, struct out *out, struct netif *netif)
{
    err_t err = send_hinted(pcb, out, netif);

    if (err != ERR_MEM && (out->h.flags & WIRE_TCP_ACK) != 0) {
        if ((pcb->flags & TF_ACK_DELAY) != 0)
            tcp_timer_stop(pcb, TCP_TIMER_DELACK);
        tcp_clear_flags(pcb, TF_ACK_DELAY | TF_ACK_NOW);
        if (TCP_MAY_TIMESTAMPS)
            pcb->ts_lastacksent = pcb->rcv_nxt;
    }
    return err;
}

/* [RFC3168 6.1] */
static void add_ecn(struct tcp_pcb *pcb, const struct tcp_seg *seg, struct out *out)
{
    if (!tcp_marked(pcb, TM_ECN))
        return;
    if ((out->h.flags & WIRE_TCP_SYN) != 0) {
        out->h.flags |= (out->h.flags & WIRE_TCP_ACK) != 0 ? WIRE_TCP_ECE
                                                       : WIRE_TCP_ECE | WIRE_TCP_CWR;
        return;
    }
    if (tcp_marked(pcb, TM_ECE_OWED))
        out->h.flags |= WIRE_TCP_ECE;
    if (seg == NULL || seg->len == 0 || seg->sent != 0 ||
        !seq_lt(seg->seq, pcb->lastack + pcb->snd_wnd))
        return; /* neither ACKs, retransmissions nor window probes are ECN-capable */
    out->tos |= ECT_0;
    if (tcp_marked(pcb, TM_CWR_OWED)) {
        out->h.flags |= WIRE_TCP_CWR;
        tcp_unmark(pcb, TM_CWR_OWED);
    }
}

static u16_t flags_of(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return (u16_t)(seg->ctl | (pcb->state == SYN_SENT ? 0 : WIRE_TCP_ACK));
}

static void add_segment(const struct tcp_pcb *pcb, const struct tcp_seg *seg, struct out *out)
{
    if (MIB2_STATS)
        out->again = seg->sent != 0;
    add_urgent(pcb, out);
    if (seg->p == NULL)
        return;
    out->data = seg->p;
    if (!TCP_CHECKSUM_ON_COPY)
        return;
    out->data_sum = seg->sum;
    out->data_summed = (seg->flags & TF_SEG_DATA_CHECKSUMMED) != 0;
}

/* A segment of a queue, or with seg NULL one without data at `seq`. */
TCP_PER_CALLER err_t send_one(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t seq,
                              u16_t flags)
{
    struct netif *netif = ip4_pcb_netif(pcb, &pcb->remote_ip, NULL);
    struct out out;
    unsigned syn = flags & WIRE_TCP_SYN;

    start(pcb, seq, flags, &out);
    add_timestamp(pcb, &out); /* in a RST, too [RFC7323 3.2] */
    if ((flags & WIRE_TCP_RST) == 0) {
        out.h.window = tcp_rcv_window_field(pcb, syn);
        if (syn != 0)
            add_syn_options(pcb, netif, &out);
        if (seg != NULL)
            add_segment(pcb, seg, &out);
        else
            add_sack(pcb, &out);
        add_ecn(pcb, seg, &out);
    }
    return send_for(pcb, &out, netif);
}

err_t tcp_transmit(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return send_one(pcb, seg, seg->seq, flags_of(pcb, seg));
}

err_t tcp_transmit_ack(struct tcp_pcb *pcb)
{
    return send_one(pcb, NULL, pcb->snd_nxt, WIRE_TCP_ACK);
}

err_t tcp_transmit_probe(struct tcp_pcb *pcb)
{
    return send_one(pcb, NULL, pcb->lastack - 1, WIRE_TCP_ACK);
}

/* ---- RST ---- */

void tcp_transmit_rst(struct tcp_pcb *pcb)
{
    (void)send_one(pcb, NULL, pcb->snd_nxt, WIRE_TCP_RST | WIRE_TCP_ACK);
    MIB2_STATS_INC(mib2.tcpoutrsts);
}

/* What is sent for no connection, or for one that does not know of it. */
static void send_rst(struct out *out, u8_t ttl, u8_t tos)
{
    out->ttl = ttl;
    out->tos = tos;
    (void)send(out, ip4_route_src(ip_2_ip4(out->src), ip_2_ip4(out->dst)));
    MIB2_STATS_INC(mib2.tcpoutrsts);
}

void tcp_rst(const struct tcp_pcb *pcb, u32_t seqno, u32_t ackno, const ip_addr_t *local_ip,
             const ip_addr_t *remote_ip, u16_t local_port, u16_t remote_port)
{
    struct out out = {.pcb = pcb, .src = local_ip, .dst = remote_ip, .data_summed = true,
                      .h = {.seq = seqno, .ack = ackno, .flags = WIRE_TCP_RST | WIRE_TCP_ACK,
                            .src_port = local_port, .dst_port = remote_port}};

    send_rst(&out, pcb != NULL ? pcb->ttl : (u8_t)CFG(tcp_ttl), pcb != NULL ? pcb->tos : 0);
}

void tcp_rst_to(const struct tcp_in *in, u32_t seq, u32_t ack, u16_t flags)
{
    struct out out = {.src = in->dst, .dst = in->src, .data_summed = true,
                      .h = {.seq = seq, .ack = ack, .flags = flags, .src_port = in->h.dst_port,
                            .dst_port = in->h.src_port}};

    send_rst(&out, (u8_t)CFG(tcp_ttl), 0);
}

#endif
