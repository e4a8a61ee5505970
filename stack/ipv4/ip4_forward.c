/* ipv4/ip4_forward.c: this host as a router [RFC1812 5].
 *
 * Switched on per host (ip_forward). Errors go back to the source while the datagram is still as
 * it came; then the TTL falls by one, options that ask for it record us, and the datagram leaves,
 * in fragments if the next link is smaller.
 *
 * A datagram that would leave by the interface it came in by is dropped, as in lwIP, unless
 * ip_forward_allow_tx_on_rx_netif is set. Then it is forwarded, and if its source could have
 * reached the next hop directly it is told so with a redirect for the host [RFC1812 5.2.7.2]. */
#include "lwip/ip.h"
#include "lwip/ip4_frag.h"
#include "lwip/snmp.h"
#include "lwip/sys.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_hooks.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ip4_options.h"

/* The time stamp of a host that does not know the time of day: any clock, highest bit set
 * [RFC791 3.1 Internet Timestamp]. */
#define TIMESTAMP_NON_STANDARD 0x80000000u

/* Addresses between which nothing is forwarded, whatever the routes say [RFC1812 5.3.7]. */
static bool is_forwardable(u32_t host_order)
{
    u32_t net = host_order >> 24;
    bool link_local = host_order >> 16 == 0xa9feu; /* 169.254/16 [RFC3927 2.7] */

    return net != 0 && net != IP_LOOPBACKNET && host_order >> 28 < 0xe && !link_local;
}

static bool may_forward(struct pbuf *p, const struct wire_ip4 *h)
{
    int decided = ip4_hook_canforward(p, h->dst);

    if (decided >= 0)
        return decided != 0;
    return is_forwardable(h->dst) && is_forwardable(h->src);
}

static bool is_known_here(u32_t address)
{
    ip4_addr_t a = ip4_addr_from_host(address);
    return ip4_owner(&a) != NULL;
}

/* One hop further: TTL and checksum by difference; options rewrite more than that. */
static void update_header(struct pbuf *p, const struct wire_ip4 *h, const struct netif *out)
{
    u8_t *bytes = p->payload;
    u32_t own = lwip_ntohl(ip4_addr_get_u32(netif_ip4_addr(out)));

    wire_ip4_decrement_ttl(bytes);
    if (h->header_len == WIRE_IP4_HEADER)
        return;
    if (wire_ip4_options_record(bytes + WIRE_IP4_HEADER, h->header_len - WIRE_IP4_HEADER, own,
                                sys_now() | TIMESTAMP_NON_STANDARD, is_known_here)) {
        put_be16(bytes + WIRE_IP4_AT_CHECKSUM, 0);
        put_be16(bytes + WIRE_IP4_AT_CHECKSUM,
                 checksum_header(bytes, h->header_len));
    }
}

/* The same datagram with a header that may be written and room for a link header in front of it.
 * Takes over p; NULL: no memory, p is gone. */
static struct pbuf *make_writable(struct pbuf *p, u8_t header_len)
{
    const size_t room = IP4_LINK_ROOM;

    if (p->ref == 1 && pbuf_add_header(p, room) == 0) {
        pbuf_remove_header(p, room);
        return p;
    }
    /* Received data may be shared, or lie in a buffer with no room: the payload is only referred
     * to when we are its only holder, else it is copied. */
    if (p->ref > 1) {
        struct pbuf *copy = pbuf_clone(PBUF_LINK, PBUF_RAM, p);
        pbuf_free(p);
        return copy;
    }
    struct pbuf *head = pbuf_alloc(PBUF_LINK, header_len, PBUF_RAM);
    if (head == NULL) {
        pbuf_free(p);
        return NULL;
    }
    memcpy(head->payload, p->payload, header_len);
    p = pbuf_free_header(p, header_len);
    if (p != NULL)
        pbuf_cat(head, p);
    return head;
}

/* [RFC1812 5.2.7.2]: same interface, and source and next hop are neighbours on it. The message
 * carries the next hop [RFC792 Redirect]. */
static void redirect(const struct pbuf *p, const struct wire_ip4 *h, const struct netif *out)
{
    ip4_addr_t src = ip4_addr_from_host(h->src), next = ip4_addr_from_host(h->dst);

    if (!ip4_addr_net_eq(&next, netif_ip4_addr(out), netif_ip4_netmask(out)))
        next = *netif_ip4_gw(out);
    if (!ip4_addr_net_eq(&src, netif_ip4_addr(out), netif_ip4_netmask(out)) ||
        !ip4_addr_net_eq(&next, netif_ip4_addr(out), netif_ip4_netmask(out)))
        return;
    icmp_error_send(p, WIRE_ICMP_REDIRECT, WIRE_ICMP_CODE_REDIRECT_HOST,
                    lwip_ntohl(ip4_addr_get_u32(&next)));
}

static void send_on(struct pbuf *p, const struct wire_ip4 *h, struct netif *out, struct netif *inp)
{
    ip4_addr_t dest = ip4_addr_from_host(h->dst);

    p = make_writable(p, h->header_len);
    if (p == NULL) {
        IP_STATS_INC(ip.memerr);
        IP_STATS_INC(ip.drop);
        MIB2_STATS_INC(mib2.ipoutdiscards);
        drop(DROP_ip4_forward_no_memory, inp, NULL);
        return;
    }
    ip_data.current_ip4_header = p->payload;
    update_header(p, h, out);
    IP_STATS_INC(ip.fw);
    MIB2_STATS_INC(mib2.ipforwdatagrams);
    IP_STATS_INC(ip.xmit);

    err_t err = ip4_transmit(p, out, &dest);
    if (err != ERR_OK) {
        MIB2_STATS_INC(mib2.ipoutdiscards);
        drop(DROP_ip4_forward_failed, out, p);
    }
    pbuf_free(p);
}

/* What still speaks against forwarding once the way out is known; false: p is gone. */
static bool check_way_out(struct pbuf *p, const struct wire_ip4 *h, struct netif *out,
                          struct netif *inp)
{
    if (out == inp && !CFG(ip_forward_allow_tx_on_rx_netif)) {
        ip4_discard(p, DROP_ip4_forward_same_netif, inp);
        return false;
    }
    if (h->header_len > WIRE_IP4_HEADER && !ip4_options_accepted(p, h->header_len, h->proto, inp)) {
        IP_STATS_INC(ip.drop);
        pbuf_free(p);
        return false;
    }
    if (h->ttl <= 1) { /* [RFC1812 5.3.1] */
        MIB2_STATS_INC(mib2.ipinhdrerrors);
        icmp_error_send(p, WIRE_ICMP_TIME_EXCEEDED, ICMP_TE_TTL, 0);
        ip4_discard(p, DROP_ip4_forward_ttl, inp);
        return false;
    }
    if (out->mtu != 0 && p->tot_len > out->mtu &&
        ((h->fragment & WIRE_IP4_DF) != 0 || !CFG(ip_frag))) { /* [RFC1191 4] */
        MIB2_STATS_INC(mib2.ipfragfails);
        icmp_error_send(p, WIRE_ICMP_UNREACHABLE, WIRE_ICMP_CODE_FRAGMENTATION_NEEDED, out->mtu);
        ip4_discard(p, DROP_ip4_forward_df, inp);
        return false;
    }
    return true;
}

void ip4_forward(struct pbuf *p, const struct wire_ip4 *h, struct netif *inp)
{
    if ((p->flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST)) != 0) { /* [RFC1812 5.3.4] */
        MIB2_STATS_INC(mib2.ipinaddrerrors);
        ip4_discard(p, DROP_ip4_forward_link_broadcast, inp);
        return;
    }
    if (!may_forward(p, h)) {
        MIB2_STATS_INC(mib2.ipinaddrerrors);
        ip4_discard(p, DROP_ip4_forward_refused, inp);
        return;
    }
    struct netif *out = ip4_route_src(ip4_current_src_addr(), ip4_current_dest_addr());
    if (out == NULL) { /* [RFC1812 5.2.7.1] */
        icmp_error_send(p, WIRE_ICMP_UNREACHABLE, ICMP_DUR_NET, 0);
        ip4_discard(p, DROP_ip4_forward_no_route, inp);
        return;
    }
    if (!check_way_out(p, h, out, inp))
        return;
    if (out == inp)
        redirect(p, h, out);
    send_on(p, h, out, inp);
}
