/* udp/udp_input.c: a datagram arrives from IP: form, receiver, checksum, delivery.
 *
 * The UDP header is taken off only for delivery: an ICMP error quotes it. */
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/core/pbuf_shape.h"
#include "stack/udp/udp_checksum.h"
#include "stack/udp/udp_demux.h"
#include "stack/wire/udp.h"

#if LWIP_UDP

/* Frees p. The caller has counted what was wrong. */
static void refuse(struct pbuf *p, struct netif *inp, enum drop_reason reason)
{
    drop(reason, inp, p);
    UDP_STATS_INC(udp.drop);
    pbuf_free(p);
}

static void refuse_error(struct pbuf *p, struct netif *inp, enum drop_reason reason)
{
    MIB2_STATS_INC(mib2.udpinerrors);
    refuse(p, inp, reason);
}

static void refuse_form(struct pbuf *p, struct netif *inp, enum wire_udp_result result, bool lite)
{
    static const enum drop_reason reasons[] = {
        [WIRE_UDP_SHORT] = DROP_udp_short,
        [WIRE_UDP_LENGTH_SMALL] = DROP_udp_length_small,
        [WIRE_UDP_LENGTH_LARGE] = DROP_udp_length_large,
    };

    if (lite && result != WIRE_UDP_SHORT) {
        UDP_STATS_INC(udp.chkerr); /* what it covers is wrong, not what it is */
        refuse_error(p, inp, DROP_udplite_bad_coverage);
    } else {
        UDP_STATS_INC(udp.lenerr);
        refuse_error(p, inp, reasons[result]);
    }
}

static bool parse(struct pbuf *p, struct netif *inp, bool lite, struct wire_udp *u)
{
    u8_t copy[WIRE_UDP_HLEN];
    const u8_t *bytes = p->payload;
    size_t len = p->len;

    /* IP options may have filled a small first buffer */
    if (LWIP_SPREAD_HEADERS && len < WIRE_UDP_HLEN) {
        len = pbuf_copy_partial(p, copy, WIRE_UDP_HLEN, 0);
        bytes = copy;
    }
    enum wire_udp_result result = lite ? wire_udplite_parse(bytes, len, p->tot_len, u)
                                       : wire_udp_parse(bytes, len, p->tot_len, u);
    if (result == WIRE_UDP_OK)
        return true;
    refuse_form(p, inp, result, lite);
    return false;
}

/* UDP: 0 means that the sender computed none [RFC768]. UDP-Lite: that is not allowed
 * [RFC3828 3.1]. */
static bool checksum_right(struct pbuf *p, struct netif *inp, bool lite, const struct wire_udp *u)
{
    bool wanted = false;
    u8_t proto = lite ? IP_PROTO_UDPLITE : IP_PROTO_UDP;

    IF__NETIF_CHECKSUM_ENABLED(inp, NETIF_CHECKSUM_CHECK_UDP)
    {
        wanted = CHECKSUM_CHECK_UDP != 0;
    }
    if (!wanted || (!lite && u->checksum == 0))
        return true;
    if (u->checksum == 0) {
        UDP_STATS_INC(udp.chkerr);
        refuse_error(p, inp, DROP_udplite_zero_checksum);
        return false;
    }
    u16_t length = lite ? p->tot_len : u->length;
    if (udp_checksum(p, proto, length, u->length, ip4_current_src_addr(),
                     ip4_current_dest_addr()) == 0)
        return true;
    UDP_STATS_INC(udp.chkerr);
    refuse_error(p, inp, DROP_udp_bad_checksum);
    return false;
}

/* [RFC1122 4.1.3.1]: whoever speaks to nobody is told so, unless he spoke to many. */
static void refuse_port(struct pbuf *p, struct netif *inp, const struct udp_arrival *a)
{
    UDP_STATS_INC(udp.proterr);
    MIB2_STATS_INC(mib2.udpnoports);
    if (LWIP_ICMP && !a->broadcast && !ip_addr_ismulticast(ip_current_dest_addr()) &&
        (p->flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST)) == 0) {
        u16_t hlen = ip_current_header_tot_len();
        pbuf_add_header_force(p, hlen);
        icmp_port_unreach(ip_current_is_v6(), p);
        if (LWIP_DROP_REASONS) /* which are told of UDP's part */
            pbuf_remove_header(p, hlen);
    }
    refuse(p, inp, DROP_udp_no_port);
}

/* Hands p over. */
static void deliver(struct udp_pcb *pcb, struct pbuf *p, struct netif *inp, u16_t src_port)
{
    if (pcb->recv == NULL)
        refuse(p, inp, DROP_udp_no_receiver);
    else
        pcb->recv(pcb->recv_arg, pcb, p, ip_current_src_addr(), src_port);
}

#if SO_REUSE && SO_REUSE_RXTOALL
/* With SOF_REUSEADDR on the best match, a broadcast or multicast goes to every pcb that admits it:
 * copies to the others first, then the original to the best match, if that is still there. */
static void deliver_to_all(struct udp_pcb *first, struct pbuf *p, struct netif *inp,
                           const struct udp_arrival *a)
{
    struct udp_delivery d = {first, STACK->pub.udp_pcbs_, STACK->udp.deliveries};
    u8_t index = netif_get_index(inp);

    STACK->udp.deliveries = &d;
    while (d.next != NULL && netif_get_by_index(index) == inp) { /* not removed meanwhile */
        struct udp_pcb *pcb = d.next;
        d.next = pcb->next;
        if (pcb == d.first || pcb->recv == NULL || !udp_demux_admits(pcb, a, inp))
            continue;
        struct pbuf *q = pbuf_clone(PBUF_RAW, PBUF_POOL, p);
        if (q == NULL) {
            UDP_STATS_INC(udp.memerr);
            drop(DROP_udp_copy_memory, inp, p);
            continue;
        }
        deliver(pcb, q, inp, a->src_port);
    }
    STACK->udp.deliveries = d.outer;
    if (d.first != NULL)
        deliver(d.first, p, inp, a->src_port);
    else
        refuse(p, inp, DROP_udp_no_port);
}

static bool delivered_to_all(struct udp_pcb *pcb, struct pbuf *p, struct netif *inp,
                             const struct udp_arrival *a)
{
    if (!ip_get_option(pcb, SOF_REUSEADDR) ||
        (!a->broadcast && !ip_addr_ismulticast(ip_current_dest_addr())))
        return false;
    deliver_to_all(pcb, p, inp, a);
    return true;
}
#else
static bool delivered_to_all(struct udp_pcb *pcb, struct pbuf *p, struct netif *inp,
                             const struct udp_arrival *a)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(inp);
    LWIP_UNUSED_ARG(a);
    return false;
}
#endif

/* UDP's length wins over IP's [RFC768]: what is behind it is no data. UDP-Lite has no length. A
 * header that is spread over buffers goes with them, but for the last: an empty datagram is one. */
static struct pbuf *strip(struct pbuf *p, bool lite, u16_t length)
{
    unsigned left = WIRE_UDP_HLEN;

    if (!lite && length < p->tot_len)
        pbuf_realloc(p, length);
    while (LWIP_SPREAD_HEADERS && left > p->len) {
        struct pbuf *rest = p->next;
        left -= p->len;
        rest->flags |= p->flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST);
        rest->if_idx = p->if_idx;
        p->next = NULL;
        pbuf_free(p);
        p = rest;
    }
    pbuf_pull(p, left);
    return p;
}

void udp_input(struct pbuf *p, struct netif *inp)
{
    struct wire_udp u;
    bool lite = LWIP_UDPLITE && ip_current_header_proto() == IP_PROTO_UDPLITE;

    UDP_STATS_INC(udp.recv);
    if (!parse(p, inp, lite, &u))
        return;
    if (u.dst_port == 0) { /* an unbound pcb has port 0: nobody is there */
        refuse_error(p, inp, DROP_udp_port_zero);
        return;
    }
    struct udp_arrival a = {
        .src_port = u.src_port,
        .dst_port = u.dst_port,
        .lite = lite,
        .broadcast = ip_addr_isbroadcast(ip_current_dest_addr(), ip_current_netif()),
    };
    struct udp_pcb *pcb = udp_demux_find(&a, inp);
    if (!checksum_right(p, inp, lite, &u))
        return;
    if (pcb == NULL) {
        refuse_port(p, inp, &a);
        return;
    }
    if (lite && u.length < udp_pcb_coverage_rx(pcb)) { /* [RFC3828 3.3] */
        UDP_STATS_INC(udp.chkerr);
        refuse_error(p, inp, DROP_udplite_low_coverage);
        return;
    }
    p = strip(p, lite, u.length);
    MIB2_STATS_INC(mib2.udpindatagrams);
    if (!delivered_to_all(pcb, p, inp, &a))
        deliver(pcb, p, inp, u.src_port);
}

#endif
