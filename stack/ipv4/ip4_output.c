/* ipv4/ip4_output.c: a datagram leaves.
 *
 * The caller's pbuf gets the IP header in front (payload is left at the header, as in lwIP) and
 * stays the caller's. A datagram to one of our own addresses never sees a wire: it goes onto a
 * loopback queue [RFC1122 3.2.1.3(g)]. */
#include "lwip/ip.h"
#include "lwip/ip4_frag.h"
#include "lwip/snmp.h"
#include "stack/core/pbuf_shape.h"
#include "stack/core/speed.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/ipv4/ip4_pcb.h"
#include "stack/ipv4/ip4_redirect.h"
#include "stack/wire/checksum.h"

void ip4_header_checksum(u8_t *header, size_t len, const struct netif *netif)
{
    put_be16(header + WIRE_IP4_AT_CHECKSUM, 0);
    if (netif == NULL || ip4_checksum_wanted(netif, NETIF_CHECKSUM_GEN_IP, CHECKSUM_GEN_IP))
        put_be16(header + WIRE_IP4_AT_CHECKSUM, checksum_header(header, len));
}

static err_t refuse(const struct pbuf *p, struct netif *netif, enum drop_reason reason, err_t err)
{
    MIB2_STATS_INC(mib2.ipoutdiscards);
    drop(reason, netif, p);
    return err;
}

/* What few datagrams have. */
struct extra {
    const void *options;
    u16_t optlen; /* 0: none */
    u16_t flags;  /* 0 or WIRE_IP4_DF */
};
static const struct extra nothing;

#if IP4_SENDS_OPTIONS
/* Options behind the 20 bytes of `h`, padded with end-of-list [RFC791 3.1]. */
static inline u16_t padded_options(const struct extra *x)
{
    return (u16_t)((x->optlen + 3u) & ~3u);
}

static inline void emit_options(u8_t *bytes, const struct extra *x, u16_t padded)
{
    memcpy(bytes, x->options, x->optlen);
    memset(bytes + x->optlen, 0, (size_t)(padded - x->optlen));
}
#else
static inline u16_t padded_options(const struct extra *x)
{
    LWIP_UNUSED_ARG(x);
    return 0;
}

static inline void emit_options(u8_t *bytes, const struct extra *x, u16_t padded)
{
    LWIP_UNUSED_ARG(bytes);
    LWIP_UNUSED_ARG(x);
    LWIP_UNUSED_ARG(padded);
}
#endif

/* The options are there already. */
#if LWIP_CHECKSUM_SMALL
static void emit_header(u8_t *bytes, const struct wire_ip4 *h, const ip4_addr_t *src,
                        const ip4_addr_t *dest, const struct netif *netif)
{
    wire_ip4_emit_front(bytes, h);
    memcpy(bytes + WIRE_IP4_AT_SRC, src, sizeof *src);
    memcpy(bytes + WIRE_IP4_AT_DST, dest, sizeof *dest);
    ip4_header_checksum(bytes, h->header_len, netif);
}
#else
static HOT void emit_header(u8_t *bytes, const struct wire_ip4 *front, const ip4_addr_t *src,
                            const ip4_addr_t *dest, const struct netif *netif)
{
    struct wire_ip4 h = *front;

    h.src = get_be32((const u8_t *)&src->addr);
    h.dst = get_be32((const u8_t *)&dest->addr);
    if (h.header_len != WIRE_IP4_HEADER) {
        wire_ip4_emit(bytes, &h);
        ip4_header_checksum(bytes, h.header_len, netif);
    } else if (ip4_checksum_wanted(netif, NETIF_CHECKSUM_GEN_IP, CHECKSUM_GEN_IP)) {
        wire_ip4_emit_summed(bytes, &h);
    } else {
        wire_ip4_emit(bytes, &h);
    }
}
#endif

/* Header and options in front of p. */
static HOT bool
prepend_header(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
               u8_t proto, struct netif *netif, const struct extra *x)
{
    u16_t padded = padded_options(x);

    if (padded > WIRE_IP4_HEADER_MAX - WIRE_IP4_HEADER)
        return false;
    u16_t header_len = (u16_t)(WIRE_IP4_HEADER + padded);
    if (!pbuf_push(p, header_len)) /* no room, or more than 65,535 bytes in all */
        return false;

    u8_t *bytes = p->payload;
    const struct wire_ip4 h = {
        .header_len = (u8_t)header_len, .tos = tos, .total_len = p->tot_len,
        .id = STACK->ipv4.next_id++, /* [RFC791 3.2][RFC6864 4.3] */
        .fragment = x->flags, .ttl = ttl, .proto = proto};
    if (padded != 0)
        emit_options(bytes + WIRE_IP4_HEADER, x, padded);
    emit_header(bytes, &h, src, dest, netif);
    return true;
}

/* For this host itself. It then goes onto the queue of the interface it was built for, whose
 * checksum settings it carries; being of the weak kind this host takes it from there. */
static bool is_for_us(const ip4_addr_t *dest, const struct netif *netif)
{
    return ip4_addr_eq(dest, netif_ip4_addr(netif)) || ip4_addr_isloopback(dest) ||
           ip4_owner(dest) != NULL;
}

/* What may not appear on a wire. */
static err_t check_for_wire(const struct pbuf *p, const ip4_addr_t *dest, struct netif *netif)
{
    const u8_t *bytes = p->payload;

    if (bytes[WIRE_IP4_AT_TTL] == 0) /* [RFC1122 3.2.1.7] */
        return refuse(p, netif, DROP_ip4_out_ttl, ERR_VAL);
    if ((bytes[WIRE_IP4_AT_SRC] == IP_LOOPBACKNET || ip4_addr_isloopback(dest)) &&
        !ip4_addr_isloopback(netif_ip4_addr(netif))) { /* [RFC1122 3.2.1.3(g)] */
        IP_STATS_INC(ip.rterr);
        return refuse(p, netif, DROP_ip4_out_loopback_on_wire, ERR_RTE);
    }
    return ERR_OK;
}

static inline err_t transmit(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    const u8_t *bytes = p->payload;

    dest = ip4_next_hop(netif, dest); /* [RFC1122 3.3.1.2] the route cache first */
    if (netif->mtu == 0 || p->tot_len <= netif->mtu)
        return netif->output(netif, p, dest);
    if (!CFG(ip_frag) || (get_be16(bytes + WIRE_IP4_AT_FRAGMENT) & WIRE_IP4_DF) != 0) {
        MIB2_STATS_INC(mib2.ipfragfails);
        return refuse(p, netif, DROP_ip4_out_too_big, ERR_VAL); /* [RFC791 3.1 DF] */
    }
    return ip4_frag(p, netif, dest);
}

err_t ip4_transmit(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    return transmit(p, netif, dest);
}

/* p has its header: onto a loopback queue, or the wire, or both. */
static err_t send_datagram(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    if (ENABLE_LOOPBACK && is_for_us(dest, netif))
        return netif_loop_output(netif, p);
    /* [RFC1112 6.1]; the flag stays on a pbuf that its owner may next send elsewhere */
    if (ENABLE_LOOPBACK && (p->flags & PBUF_FLAG_MCASTLOOP) != 0 && ip4_addr_ismulticast(dest))
        netif_loop_output(netif, p);
    err_t err = check_for_wire(p, dest, netif);
    if (err != ERR_OK)
        return err;
    return transmit(p, netif, dest);
}

/* The application wrote the header itself. Its total length must be the truth: neither the receiver
 * nor fragmentation could make sense of it otherwise. */
static err_t send_ready_made(struct pbuf *p, struct netif *netif)
{
    const u8_t *bytes = p->payload;

    if (wire_ip4_check(bytes, p->len, p->tot_len) != WIRE_IP4_OK ||
        get_be16(bytes + WIRE_IP4_AT_LENGTH) != p->tot_len) {
        IP_STATS_INC(ip.err);
        return refuse(p, netif, DROP_ip4_out_bad_header, ERR_BUF);
    }
    ip4_addr_t dest = ip4_addr_at(bytes + WIRE_IP4_AT_DST);
    IP_STATS_INC(ip.xmit);
    return send_datagram(p, netif, &dest);
}

/* Always inline: handing on ten arguments costs more than the second copy. */
static HOT err_t
send_from(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
          u8_t proto, struct netif *netif, const struct extra *x)
{
    ip4_addr_t any;

    LWIP_ASSERT_CORE_LOCKED();
    LWIP_IP_CHECK_PBUF_REF_COUNT_FOR_TX(p);
    MIB2_STATS_INC(mib2.ipoutrequests);
    if (dest == LWIP_IP_HDRINCL)
        return send_ready_made(p, netif);
    if (src == NULL) {
        ip4_addr_set_any(&any);
        src = &any;
    }
    if (!prepend_header(p, src, dest, ttl, tos, proto, netif, x)) {
        IP_STATS_INC(ip.err);
        return refuse(p, netif, DROP_ip4_out_no_room, ERR_BUF);
    }
    IP_STATS_INC(ip.xmit);
    return send_datagram(p, netif, dest);
}

err_t ip4_output_if_src(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif *netif)
{
    return send_from(p, src, dest, ttl, tos, proto, netif, &nothing);
}

#if LWIP_TCP
err_t ip4_output_df(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                    u8_t tos, u8_t proto, struct netif *netif)
{
    const struct extra x = {.flags = WIRE_IP4_DF};
    return send_from(p, src, dest, ttl, tos, proto, netif, &x);
}
#endif

#if IP4_SENDS_OPTIONS
err_t ip4_send(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
               u8_t proto, struct netif *netif, const void *options, u16_t optlen)
{
    const struct extra x = {.options = options, .optlen = optlen};
    return send_from(p, src, dest, ttl, tos, proto, netif, &x);
}
#endif

/* The interface's own address where the caller leaves the choice [RFC1122 3.3.4.3]. */
static const ip4_addr_t *source_for(const ip4_addr_t *src, const ip4_addr_t *dest,
                                    const struct netif *netif)
{
    return dest != LWIP_IP_HDRINCL && ip4_addr_isany(src) ? netif_ip4_addr(netif) : src;
}

err_t ip4_output_if(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                    u8_t tos, u8_t proto, struct netif *netif)
{
    return ip4_output_if_src(p, source_for(src, dest, netif), dest, ttl, tos, proto, netif);
}

#if IP_OPTIONS_SEND
err_t ip4_output_if_opt(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif *netif, void *ip_options, u16_t optlen)
{
    return ip4_send(p, source_for(src, dest, netif), dest, ttl, tos, proto, netif, ip_options,
                    optlen);
}

err_t ip4_output_if_opt_src(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                            u8_t tos, u8_t proto, struct netif *netif, void *ip_options,
                            u16_t optlen)
{
    return ip4_send(p, src, dest, ttl, tos, proto, netif, ip_options, optlen);
}
#endif

/* The route of p, by `dest` or, when the header is in p, by the destination there. */
static struct netif *route_out(const struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest)
{
    ip4_addr_t in_header;

    if (dest == LWIP_IP_HDRINCL) {
        if (p->len < WIRE_IP4_HEADER)
            return NULL;
        in_header = ip4_addr_at((const u8_t *)p->payload + WIRE_IP4_AT_DST);
        dest = &in_header;
    }
    struct netif *netif = ip4_route_src(src, dest);
    (void)src; /* without a hook ip4_route_src() is a macro that does not look at it */
    return netif;
}

static err_t refuse_unrouted(const struct pbuf *p)
{
    /* ip4_route() has counted it already (lwIP's ip4_output() counts the same event again) */
    drop(DROP_ip4_out_no_route, NULL, p);
    return ERR_RTE;
}

err_t ip4_output(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
                 u8_t proto)
{
    LWIP_IP_CHECK_PBUF_REF_COUNT_FOR_TX(p);
    struct netif *netif = route_out(p, src, dest);
    if (netif == NULL)
        return refuse_unrouted(p);
    return ip4_output_if(p, src, dest, ttl, tos, proto, netif);
}

#if LWIP_NETIF_USE_HINTS
err_t ip4_output_hinted(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif_hint *netif_hint)
{
    LWIP_IP_CHECK_PBUF_REF_COUNT_FOR_TX(p);
    struct netif *netif = route_out(p, src, dest);
    if (netif == NULL)
        return refuse_unrouted(p);
    NETIF_SET_HINTS(netif, netif_hint);
    err_t err = ip4_output_if(p, src, dest, ttl, tos, proto, netif);
    NETIF_RESET_HINTS(netif);
    return err;
}
#endif
