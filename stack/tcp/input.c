/* tcp/input.c: a segment arrives: is it one, whose is it, and then by state. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

#include "lwip/snmp.h"
#include "stack/core/pbuf_cursor.h"
#include "stack/core/pbuf_shape.h"
#include "stack/tcp/checksum.h"

#if LWIP_DROP_REASONS
void tcp_in_drop(struct tcp_in *in, enum drop_reason reason)
{
    TCP_STATS_INC(tcp.drop);
    drop(reason, in->netif, in->p);
}
#endif

static bool checks(const struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    IF__NETIF_CHECKSUM_ENABLED(netif, NETIF_CHECKSUM_CHECK_TCP)
    {
        return CHECKSUM_CHECK_TCP != 0;
    }
    return false;
}

static bool refuse(struct tcp_in *in, enum drop_reason reason)
{
    tcp_in_drop(in, reason);
    MIB2_STATS_INC(mib2.tcpinerrs);
    return false;
}

/* Header and options, wherever the driver's buffers cut them. */
static bool parse(struct tcp_in *in)
{
    u8_t room[WIRE_TCP_HLEN_MAX];
    struct pbuf *p = in->p;
    const u8_t *bytes = p->payload;
    u16_t contiguous = p->len;

    if (p->len < WIRE_TCP_HLEN_MAX && p->next != NULL) {
        contiguous = pbuf_copy_partial(p, room, sizeof room, 0);
        bytes = room;
    }
    enum wire_tcp_result result = wire_tcp_parse(bytes, contiguous, p->tot_len, &in->h);
    if (result != WIRE_TCP_OK) {
        TCP_STATS_INC(tcp.lenerr);
        return refuse(in, result == WIRE_TCP_SHORT          ? DROP_tcp_short
                          : result == WIRE_TCP_OFFSET_SMALL ? DROP_tcp_offset_small
                                                            : DROP_tcp_offset_large);
    }
    tcp_hook_keep(&in->kept, bytes, in->h.header_len);
    in->opt.present = 0;
    if (in->h.header_len > WIRE_TCP_HLEN) /* a malformed one: what came before it counts */
        (void)wire_tcp_options_parse(bytes + WIRE_TCP_HLEN, in->h.header_len - WIRE_TCP_HLEN,
                                     &in->opt);
    return true;
}

/* [RFC9293 3.9.2.3]: connections are between two hosts. Mostly our own address says so. */
static bool is_for_one_host(const ip_addr_t *dst, const struct netif *netif)
{
    return ip_addr_eq(dst, netif_ip_addr4(netif)) ||
           (!ip_addr_isbroadcast(dst, netif) && !ip_addr_ismulticast(dst));
}

/* IP has refused sources that cannot be one host. */
static bool between_two_hosts(const struct tcp_in *in)
{
    return is_for_one_host(in->dst, ip_current_netif()) &&
           (in->p->flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST)) == 0;
}

static bool is_sound(struct tcp_in *in)
{
    if (in->p->tot_len < WIRE_TCP_HLEN) {
        TCP_STATS_INC(tcp.lenerr);
        return refuse(in, DROP_tcp_short);
    }
    if (!between_two_hosts(in)) {
        TCP_STATS_INC(tcp.proterr);
        return refuse(in, DROP_tcp_not_unicast);
    }
    if (checks(in->netif) && tcp_checksum(in->p, in->src, in->dst) != 0) { /* [MUST-3] */
        TCP_STATS_INC(tcp.chkerr);
        return refuse(in, DROP_tcp_bad_checksum);
    }
    if (!parse(in))
        return false;
    if (in->h.src_port == 0 || in->h.dst_port == 0) {
        TCP_STATS_INC(tcp.proterr);
        return refuse(in, DROP_tcp_port_zero);
    }
    return true;
}

static void hide_header(struct tcp_in *in)
{
    u8_t hlen = in->h.header_len;

    in->len = (u16_t)(in->p->tot_len - hlen);
    in->seq = in->h.seq + (tcp_has(in, WIRE_TCP_SYN) ? 1u : 0u);
    if (in->len != 0) {
        in->p = pbuf_free_header(in->p, hlen);
        return;
    }
    pbuf_free(in->p);
    in->p = NULL;
}

/* What the user's hook has to say. */
static bool is_let_in(struct tcp_in *in, void *pcb)
{
    if (tcp_hook_lets_in(&in->kept, pcb, in->p))
        return true;
    tcp_in_drop(in, DROP_tcp_hook);
    return false;
}

static void dispatch(struct tcp_in *in)
{
    struct tcp_pcb *pcb = tcp_demux_connection(in);

    if (pcb == NULL) {
        struct tcp_pcb_listen *lpcb = tcp_demux_listener(in);
        if (lpcb != NULL) {
            if (is_let_in(in, lpcb))
                tcp_listen_arrives(in, lpcb, NULL);
            return;
        }
        TCP_STATS_INC(tcp.proterr);
        tcp_in_drop(in, DROP_tcp_no_connection);
        tcp_reply_rst(in);
        return;
    }
    if (!is_let_in(in, pcb))
        return;
    tcp_hold_begin(&in->hold, pcb);
    if (pcb->state == TIME_WAIT)
        tcp_time_wait_arrives(in, pcb);
    else if (pcb->state == SYN_SENT)
        tcp_syn_sent_arrives(in, pcb);
    else
        tcp_segment_arrives(in, pcb);
    tcp_deliver(in);
    if (in->hold.pcb != NULL && in->hold.pcb->state != TIME_WAIT)
        (void)tcp_output_now(in->hold.pcb);
    tcp_hold_end(&in->hold);
}

void tcp_input(struct pbuf *p, struct netif *inp)
{
    struct tcp_in in;

    LWIP_ASSERT_CORE_LOCKED();
    TCP_STATS_INC(tcp.recv);
    MIB2_STATS_INC(mib2.tcpinsegs);
    in.hold.pcb = NULL;
    in.netif = inp;
    in.p = p;
    in.src = ip_current_src_addr();
    in.dst = ip_current_dest_addr();
    in.ce = TCP_MAY_ECN && ip4_current_header() != NULL &&
            (IPH_TOS(ip4_current_header()) & 3u) == 3u;
    in.acked = 0;
    in.data = NULL;
    in.fin = in.connected = in.accepted = in.over = in.crossed = false;
    if (is_sound(&in)) {
        hide_header(&in);
        dispatch(&in);
    }
    if (in.p != NULL)
        pbuf_free(in.p);
    if (in.data != NULL)
        pbuf_free(in.data);
}

#endif
