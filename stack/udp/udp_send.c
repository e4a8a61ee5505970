/* udp/udp_send.c: datagrams out: interface, source address, header, checksum.
 *
 * Each function narrows what the one before left open: udp_send() the peer, udp_sendto() the
 * interface, udp_sendto_if() the source address, udp_sendto_if_src() sends. The _chksum variants
 * take the payload's sum from whoever copied it (LWIP_CHECKSUM_ON_COPY). p stays the caller's, but
 * headers are put in front of its payload where there is room. */
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/core/pbuf_shape.h"
#include "stack/ipv4/ip4_pcb.h"
#include "stack/udp/udp_checksum.h"
#include "stack/udp/udp_demux.h"
#include "stack/wire/udp.h"

#include <string.h>

#if LWIP_UDP

/* The sum of the payload that the caller has already, in memory order as lwIP's inet_chksum
 * functions give it (not complemented). */
struct payload_sum {
    bool known;
    u16_t sum;
};

#if LWIP_MULTICAST_TX_OPTIONS
/* The interface that the pcb wants its multicasts to leave by; NULL: no wish. */
static struct netif *multicast_netif(const struct udp_pcb *pcb)
{
    if (pcb->mcast_ifindex != NETIF_NO_INDEX)
        return netif_get_by_index(pcb->mcast_ifindex);
    if (ip4_addr_isany_val(pcb->mcast_ip4) || pcb->mcast_ip4.addr == IPADDR_BROADCAST)
        return NULL;
    return ip4_route_src(ip_2_ip4(&pcb->local_ip), &pcb->mcast_ip4);
}

static u8_t ttl_towards(const struct udp_pcb *pcb, const ip_addr_t *dst)
{
    return ip_addr_ismulticast(dst) ? udp_get_multicast_ttl(pcb) : pcb->ttl;
}

static bool loops(const struct udp_pcb *pcb, const ip_addr_t *dst)
{
    return (pcb->flags & UDP_FLAGS_MULTICAST_LOOP) != 0 && ip_addr_ismulticast(dst);
}
#else
static struct netif *multicast_netif(const struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return NULL;
}

static u8_t ttl_towards(const struct udp_pcb *pcb, const ip_addr_t *dst)
{
    LWIP_UNUSED_ARG(dst);
    return pcb->ttl;
}

static bool loops(const struct udp_pcb *pcb, const ip_addr_t *dst)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(dst);
    return false;
}
#endif

/* NULL, counted: no way leads there. */
static struct netif *netif_towards(const struct udp_pcb *pcb, const ip_addr_t *dst)
{
    struct netif *netif =
        ip4_pcb_netif(pcb, dst, ip_addr_ismulticast(dst) ? multicast_netif(pcb) : NULL);
    if (netif == NULL)
        UDP_STATS_INC(udp.rterr);
    return netif;
}

static bool generates_checksum(const struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    IF__NETIF_CHECKSUM_ENABLED(netif, NETIF_CHECKSUM_GEN_UDP)
    {
        return CHECKSUM_GEN_UDP != 0;
    }
    return false;
}

/* Adds the payload's sum to the header's complemented one if it is not in it yet. A result of 0 is
 * sent as its twin, all ones, because 0 says "none" [RFC768], [RFC1122 4.1.3.4]. All in memory
 * order, which makes no difference to such sums. */
static u16_t combine(u16_t checksum, bool add, u16_t payload_sum)
{
    if (add) {
        u32_t sum = (u32_t)checksum + (u16_t)~payload_sum;
        checksum = (u16_t)((sum & 0xffff) + (sum >> 16)); /* at most 0xffff: one fold is enough */
    }
    return checksum == 0 ? 0xffff : checksum;
}

/* Fills in length and checksum; q's payload is at the header. Returns the protocol. */
static u8_t finish_header(struct udp_pcb *pcb, struct pbuf *q, u16_t dst_port,
                          const struct netif *netif, const ip_addr_t *src, const ip_addr_t *dst,
                          const struct payload_sum *payload)
{
    const u16_t total = q->tot_len;
    struct wire_udp u = {.src_port = pcb->local_port, .dst_port = dst_port, .length = total};
    u8_t proto = IP_PROTO_UDP;
    u16_t covered = total;
    bool wanted = generates_checksum(netif) && (pcb->flags & UDP_FLAGS_NOCHKSUM) == 0;

    if (LWIP_UDPLITE && udp_pcb_is_lite(pcb)) {
        proto = IP_PROTO_UDPLITE;
        wanted = generates_checksum(netif); /* [RFC3828 3.1]: not optional */
        u16_t asked = udp_pcb_coverage_tx(pcb);
        bool partly = asked >= WIRE_UDP_HLEN && asked <= total;
        /* 0, and what makes no sense, means all of it */
        u.length = partly ? asked : 0;
        covered = partly ? asked : total;
    }
    wire_udp_emit(q->payload, &u);
    if (wanted) {
        /* the caller's sum is over the whole payload: no use for a part of it */
        bool summed = payload->known && covered == total;
        u16_t sum = udp_checksum(q, proto, total, summed ? WIRE_UDP_HLEN : covered, ip_2_ip4(src),
                                 ip_2_ip4(dst));
        sum = combine(sum, summed, payload->sum);
        memcpy((uint8_t *)q->payload + 6, &sum, sizeof sum);
    }
    return proto;
}

/* IP options go with each datagram of a pcb that has some [RFC1122 4.1.3.2]. */
#if LWIP_UDP_IP_OPTIONS
static u16_t options_len(const struct udp_pcb *pcb)
{
    return pcb->ip_optlen;
}

static err_t output(struct udp_pcb *pcb, struct pbuf *q, const ip_addr_t *src,
                    const ip_addr_t *dst, u8_t proto, struct netif *netif)
{
    return ip4_output_if_opt_src(q, ip_2_ip4(src), ip_2_ip4(dst), ttl_towards(pcb, dst), pcb->tos,
                                 proto, netif, pcb->ip_options, pcb->ip_optlen);
}
#else
static u16_t options_len(const struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return 0;
}

static err_t output(struct udp_pcb *pcb, struct pbuf *q, const ip_addr_t *src,
                    const ip_addr_t *dst, u8_t proto, struct netif *netif)
{
    return ip4_output_if_src(q, ip_2_ip4(src), ip_2_ip4(dst), ttl_towards(pcb, dst), pcb->tos,
                             proto, netif);
}
#endif

/* p with room for the UDP header in front, as itself or behind a pbuf of its own; NULL: no memory.
 * The payload stands at the header. Options need more room than applications leave. */
static struct pbuf *make_room(struct pbuf *p, u16_t options)
{
    if (options == 0 && pbuf_push(p, WIRE_UDP_HLEN))
        return p;
    u16_t room = (u16_t)((options + 3u) & ~3u); /* IP pads them */
    struct pbuf *q = pbuf_alloc(PBUF_IP, (u16_t)(room + WIRE_UDP_HLEN), PBUF_RAM);
    if (q == NULL)
        return NULL;
    if (room != 0)
        pbuf_remove_header(q, room);
    if (p->tot_len != 0)
        pbuf_chain(q, p);
    return q;
}

/* The source that a pcb's datagrams have on an interface: the address it is bound to, else the
 * interface's. NULL: an address that is not, or no longer, the interface's own does not leave
 * [RFC1122 4.1.3.6]. */
static const ip_addr_t *source_on(const struct udp_pcb *pcb, const struct netif *netif)
{
    const ip_addr_t *own = netif_ip_addr4(netif);

    if (ip_addr_isany_val(pcb->local_ip) || ip_addr_ismulticast(&pcb->local_ip) ||
        ip_addr_eq(&pcb->local_ip, own))
        return own;
    return NULL;
}

/* What all of the following end in; its arguments have been checked. */
static err_t send_from(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst, u16_t dst_port,
                       struct netif *netif, const ip_addr_t *src,
                       const struct payload_sum *payload)
{
    if (IP_SOF_BROADCAST && !ip_get_option(pcb, SOF_BROADCAST) && ip_addr_isbroadcast(dst, netif))
        return ERR_VAL;
    if (pcb->local_port == 0) {
        err_t bound = udp_bind(pcb, &pcb->local_ip, 0);
        if (bound != ERR_OK)
            return bound;
    }
    if (p->tot_len > 0xffff - WIRE_UDP_HLEN)
        return ERR_MEM;
    struct pbuf *q = make_room(p, options_len(pcb));
    if (q == NULL) {
        UDP_STATS_INC(udp.memerr);
        return ERR_MEM;
    }
    if (loops(pcb, dst))
        q->flags |= PBUF_FLAG_MCASTLOOP;
    u8_t proto = finish_header(pcb, q, dst_port, netif, src, dst, payload);
    NETIF_SET_HINTS(netif, &pcb->netif_hints);
    err_t result = output(pcb, q, src, dst, proto, netif);
    NETIF_RESET_HINTS(netif);
    MIB2_STATS_INC(mib2.udpoutdatagrams);
    UDP_STATS_INC(udp.xmit);
    if (q != p)
        pbuf_free(q);
    return result;
}

err_t udp_sendto_if_src(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        u16_t dst_port, struct netif *netif, const ip_addr_t *src_ip)
{
    static const struct payload_sum unknown = {.known = false};
    LWIP_ERROR("udp_sendto_if_src: arguments",
               pcb != NULL && p != NULL && dst_ip != NULL && netif != NULL && src_ip != NULL,
               return ERR_ARG);
    return send_from(pcb, p, dst_ip, dst_port, netif, src_ip, &unknown);
}

err_t udp_sendto_if(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip, u16_t dst_port,
                    struct netif *netif)
{
    LWIP_ERROR("udp_sendto_if: arguments", pcb != NULL && netif != NULL, return ERR_ARG);
    const ip_addr_t *src = source_on(pcb, netif);
    return src == NULL ? ERR_RTE : udp_sendto_if_src(pcb, p, dst_ip, dst_port, netif, src);
}

err_t udp_sendto(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip, u16_t dst_port)
{
    LWIP_ERROR("udp_sendto: arguments", pcb != NULL && dst_ip != NULL, return ERR_ARG);
    struct netif *netif = netif_towards(pcb, dst_ip);
    return netif == NULL ? ERR_RTE : udp_sendto_if(pcb, p, dst_ip, dst_port, netif);
}

err_t udp_send(struct udp_pcb *pcb, struct pbuf *p)
{
    LWIP_ERROR("udp_send: arguments", pcb != NULL, return ERR_ARG);
    return udp_sendto(pcb, p, &pcb->remote_ip, pcb->remote_port);
}

#if LWIP_CHECKSUM_ON_COPY && CHECKSUM_GEN_UDP
err_t udp_sendto_if_src_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                               u16_t dst_port, struct netif *netif, u8_t have_chksum,
                               u16_t chksum, const ip_addr_t *src_ip)
{
    LWIP_ERROR("udp_sendto_if_src_chksum: arguments",
               pcb != NULL && p != NULL && dst_ip != NULL && netif != NULL && src_ip != NULL,
               return ERR_ARG);
    return send_from(pcb, p, dst_ip, dst_port, netif, src_ip,
                     &(struct payload_sum){have_chksum != 0, chksum});
}

err_t udp_sendto_if_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                           u16_t dst_port, struct netif *netif, u8_t have_chksum, u16_t chksum)
{
    LWIP_ERROR("udp_sendto_if_chksum: arguments", pcb != NULL && netif != NULL, return ERR_ARG);
    const ip_addr_t *src = source_on(pcb, netif);
    return src == NULL ? ERR_RTE
                       : udp_sendto_if_src_chksum(pcb, p, dst_ip, dst_port, netif, have_chksum,
                                                  chksum, src);
}

err_t udp_sendto_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        u16_t dst_port, u8_t have_chksum, u16_t chksum)
{
    LWIP_ERROR("udp_sendto_chksum: arguments", pcb != NULL && dst_ip != NULL, return ERR_ARG);
    struct netif *netif = netif_towards(pcb, dst_ip);
    return netif == NULL ? ERR_RTE
                         : udp_sendto_if_chksum(pcb, p, dst_ip, dst_port, netif, have_chksum,
                                                chksum);
}

err_t udp_send_chksum(struct udp_pcb *pcb, struct pbuf *p, u8_t have_chksum, u16_t chksum)
{
    LWIP_ERROR("udp_send_chksum: arguments", pcb != NULL, return ERR_ARG);
    return udp_sendto_chksum(pcb, p, &pcb->remote_ip, pcb->remote_port, have_chksum, chksum);
}
#endif

#endif
