/* ipv4/ip4_demux.c: who gets a datagram that is for us.
 *
 * Raw pcbs look first, then the one that speaks the protocol. Of the transports this room knows
 * what core/modules.h says: the functions they are called by. */
#include "lwip/snmp.h"
#include "stack/core/modules.h"
#include "stack/core/pbuf_shape.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_local.h"

#if LWIP_MODULES_MORE
void ip_transport_register(u8_t proto, const struct ip_transport *transport)
{
    struct ip4_demux_state *d = &STACK->ipv4.demux;

    LWIP_ASSERT("transport table has room", d->count < IP_TRANSPORTS_MAX);
    d->proto[d->count] = proto;
    d->transport[d->count] = transport;
    d->count++;
}

/* NULL: none was registered for it. */
static const struct ip_transport *registered(u8_t proto)
{
    const struct ip4_demux_state *d = &STACK->ipv4.demux;

    for (u8_t i = d->count; i-- > 0;)
        if (d->proto[i] == proto)
            return d->transport[i];
    return NULL;
}
#else
static const struct ip_transport *registered(u8_t proto)
{
    LWIP_UNUSED_ARG(proto);
    return NULL;
}
#endif

static bool is_udp(unsigned proto)
{
    return proto == IP_PROTO_UDP || (LWIP_UDPLITE && proto == IP_PROTO_UDPLITE);
}

/* One of the build's own transports speaks the protocol. */
static bool is_spoken(unsigned proto)
{
    return (LWIP_TCP && proto == IP_PROTO_TCP) || (LWIP_UDP && is_udp(proto)) ||
           (LWIP_ICMP && proto == IP_PROTO_ICMP) || (LWIP_IGMP && proto == IP_PROTO_IGMP);
}

/* One of those gets the datagram. */
static void deliver(struct pbuf *p, unsigned proto, struct netif *inp)
{
    if (LWIP_TCP && proto == IP_PROTO_TCP)
        tcp_input(p, inp);
    else if (LWIP_UDP && is_udp(proto))
        udp_input(p, inp);
    else if (LWIP_ICMP && (!LWIP_IGMP || proto == IP_PROTO_ICMP))
        icmp_input(p, inp);
    else if (LWIP_IGMP)
        igmp_input(p, inp, ip4_current_dest_addr());
}

#if LWIP_ICMP_ERRORS_IN
bool ip4_demux_error(const struct icmp_error *e, struct netif *inp)
{
    const struct ip_transport *more = registered(e->proto);

    if (more != NULL && more->error != NULL)
        more->error(e, inp);
    else if (LWIP_TCP && LWIP_TCP_ICMP_ERRORS && e->proto == IP_PROTO_TCP)
        tcp_error_input(e, inp);
    else if (LWIP_UDP && is_udp(e->proto))
        udp_error_input(e, inp);
    else
        return false;
    return true;
}
#endif

#if LWIP_RAW
void ip_raw_register(enum raw_verdict (*raw_input)(struct pbuf *p, struct netif *inp))
{
    STACK->ipv4.demux.raw_input = raw_input;
}

bool ip4_demux_seen_by_raw(void)
{
    return STACK->ipv4.demux.verdict == RAW_DELIVERED;
}

/* Raw pcbs look at the datagram. False: that was all, p is gone. */
static bool look_raw(struct pbuf *p, struct netif *inp)
{
    struct ip4_demux_state *d = &STACK->ipv4.demux;
    u8_t index = netif_get_index(inp);

    d->verdict = d->raw_input != NULL ? (u8_t)d->raw_input(p, inp) : (u8_t)RAW_NONE;
    if (d->verdict == RAW_EATEN) {
        MIB2_STATS_INC(mib2.ipindelivers);
        return false;
    }
    if (d->verdict == RAW_DELIVERED && netif_get_by_index(index) != inp) {
        pbuf_free(p); /* its receiver removed the interface: there is nobody to answer from */
        return false;
    }
    return true;
}
#else
static bool look_raw(struct pbuf *p, struct netif *inp)
{
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(inp);
    return true;
}
#endif

/* Nobody speaks the protocol [RFC1122 3.2.2.1]. */
static void unknown_protocol(struct pbuf *p, struct netif *inp)
{
    if (ip4_demux_seen_by_raw()) {
        MIB2_STATS_INC(mib2.ipindelivers);
        pbuf_free(p);
        return;
    }
    icmp_error_send(p, WIRE_ICMP_UNREACHABLE, ICMP_DUR_PROTO, 0);
    IP_STATS_INC(ip.proterr);
    IP_STATS_INC(ip.drop);
    MIB2_STATS_INC(mib2.ipinunknownprotos);
    drop(DROP_ip4_no_protocol, inp, p);
    pbuf_free(p);
}

void ip4_demux(struct pbuf *p, u8_t header_len, u8_t proto, struct netif *inp)
{
    const struct ip_transport *more = registered(proto);
    unsigned own = proto;

    if (!look_raw(p, inp))
        return;
    if (more == NULL && !is_spoken(own)) {
        unknown_protocol(p, inp);
        return;
    }
    ONE_PATH(own);
    MIB2_STATS_INC(mib2.ipindelivers);
    pbuf_pull(p, header_len);
    if (more != NULL)
        more->input(p, inp);
    else
        deliver(p, own, inp);
}
