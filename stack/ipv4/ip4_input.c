/* ipv4/ip4_input.c: a datagram arrives.
 *
 * Order of the checks: form of the header, checksum, addresses that no wire may carry, is it for
 * us, its source, its options, is it whole. A datagram that fails one is dropped with that check's
 * reason; nothing behind a failed check looks at it.
 *
 * Hosts here are of the weak kind, as in lwIP [RFC1122 3.3.4.2]: a unicast datagram is ours when
 * any interface that is up bears its destination, whichever interface it came in by. Multicast
 * counts only where the group was joined. */
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/ip4_frag.h"
#include "lwip/snmp.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_hooks.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ip4_options.h"
#include "stack/wire/udp.h"

/* The header is malformed: lwIP's counter names say "header error" for version and checksum, and
 * "discard" for lengths. */
static void discard_header(struct pbuf *p, enum wire_ip4_result result, struct netif *inp)
{
    static const u8_t reason[] = {
        [WIRE_IP4_SHORT] = DROP_ip4_too_short,
        [WIRE_IP4_VERSION] = DROP_ip4_bad_version,
        [WIRE_IP4_IHL] = DROP_ip4_bad_header_length,
        [WIRE_IP4_TOTAL] = DROP_ip4_header_beyond_total,
        [WIRE_IP4_TRUNCATED] = DROP_ip4_truncated,
    };

    if (result == WIRE_IP4_VERSION) {
        IP_STATS_INC(ip.err);
        MIB2_STATS_INC(mib2.ipinhdrerrors);
    } else {
        IP_STATS_INC(ip.lenerr);
        MIB2_STATS_INC(mib2.ipindiscards);
    }
    ip4_discard(p, (enum drop_reason)reason[result], inp);
}

/* Addresses that mark a datagram as impossible before anybody asks whose it is. */
static void discard_address(struct pbuf *p, enum drop_reason reason, struct netif *inp)
{
    MIB2_STATS_INC(mib2.ipinaddrerrors);
    MIB2_STATS_INC(mib2.ipindiscards);
    ip4_discard(p, reason, inp);
}

/* Form and checksum. False: p is gone. */
static bool header_accepted(struct pbuf *p, struct netif *inp)
{
    const u8_t *bytes = p->payload;
    enum wire_ip4_result result = wire_ip4_check(bytes, p->len, p->tot_len);

    if (result != WIRE_IP4_OK) {
        discard_header(p, result, inp);
        return false;
    }
    if (ip4_checksum_wanted(inp, NETIF_CHECKSUM_CHECK_IP, CHECKSUM_CHECK_IP) &&
        checksum_header(bytes, wire_ip4_header_len(bytes)) != 0) { /* [RFC1122 3.2.1.2] */
        IP_STATS_INC(ip.chkerr);
        MIB2_STATS_INC(mib2.ipinhdrerrors);
        ip4_discard(p, DROP_ip4_bad_checksum, inp);
        return false;
    }
    return true;
}

/* 127/8 and our own addresses as a source never come off a wire [RFC1122 3.2.1.3]. */
static bool may_come_off_the_wire(struct pbuf *p, struct netif *inp)
{
    if (ip4_is_looped() || ip4_addr_isloopback(netif_ip4_addr(inp)))
        return true;
    if (ip4_addr_isloopback(ip4_current_src_addr()) ||
        ip4_addr_isloopback(ip4_current_dest_addr())) {
        discard_address(p, DROP_ip4_martian, inp);
        return false;
    }
    if (ip4_owner(ip4_current_src_addr()) != NULL) {
        discard_address(p, DROP_ip4_own_source, inp);
        return false;
    }
    return true;
}

static bool is_address_of(const struct netif *n, const ip4_addr_t *dest)
{
    if (!netif_is_up(n) || ip4_addr_isany_val(*netif_ip4_addr(n)))
        return false;
    return ip4_addr_eq(dest, netif_ip4_addr(n)) || ip4_addr_isbroadcast(dest, n);
}

static struct netif *find_unicast(const ip4_addr_t *dest, struct netif *inp)
{
    struct netif *n, *found = NULL;

    /* the limited broadcasts are the incoming link's, whether or not there is an address there; all
     * of 127/8 is this host once it can only have come from this host */
    if (ip4_addr_get_u32(dest) == IPADDR_BROADCAST || ip4_addr_isany(dest) ||
        ip4_addr_isloopback(dest) || (FAST_PATHS && is_address_of(inp, dest)))
        return inp;
    NETIF_FOREACH(n)
    {
        if (is_address_of(n, dest)) {
            if (n == inp)
                return inp;
            if (found == NULL)
                found = n;
        }
    }
    return found;
}

/* The interface on which the destination is ours, or NULL. */
static struct netif *find_destination(const ip4_addr_t *dest, struct netif *inp)
{
    if (!ip4_addr_ismulticast(dest))
        return find_unicast(dest, inp);
    if (igmp_is_member(inp, dest)) /* [RFC1122 3.2.3] */
        return inp;
    return NULL;
}

#if IP4_HOOK_UDP_PORT
static bool wants_any_source(const struct pbuf *p)
{
    const u8_t *bytes = p->payload;
    u8_t ports[4];

    if (bytes[WIRE_IP4_AT_PROTO] != IP_PROTO_UDP ||
        (wire_ip4_fragment(bytes) & WIRE_IP4_OFFSET) != 0)
        return false;
    if (pbuf_copy_partial(p, ports, sizeof ports, (u16_t)wire_ip4_header_len(bytes)) !=
        sizeof ports)
        return false;
    return ip4_hook_accepts_udp_port(get_be16(ports + 2));
}
#else
static bool wants_any_source(const struct pbuf *p)
{
    (void)p;
    return false;
}
#endif

/* [RFC1122 3.2.1.3]: a source that is not one host is silently discarded; nor is the broadcast
 * address of another of our links one: the answer would go to everybody there. */
static bool is_source_sane(const struct pbuf *p)
{
    const u8_t *bytes = p->payload;

    if (ip4_is_single_host(ip4_current_src_addr()))
        return true;
    if (!ip4_addr_isany_val(*ip4_current_src_addr()))
        return false;
    /* a snooping switch queries from 0.0.0.0 [RFC4541 2.1.1] */
    return (LWIP_IGMP && bytes[WIRE_IP4_AT_PROTO] == IP_PROTO_IGMP &&
            ip4_addr_get_u32(ip4_current_dest_addr()) == PP_HTONL(0xe0000001u)) ||
           wants_any_source(p);
}

#if LWIP_IP_OPTIONS_CHECK
static bool options_sound(const struct pbuf *p, u8_t header_len, struct netif *inp)
{
    const u8_t *area = (const u8_t *)p->payload + WIRE_IP4_HEADER;
    u8_t offence = 0;

    switch (wire_ip4_options_check(area, header_len - WIRE_IP4_HEADER, &offence)) {
    case WIRE_IP4_OPTIONS_SOUND:
        return true;
    case WIRE_IP4_OPTIONS_SOURCE_ROUTE:
        /* Source routing is a tool of attackers and used by nobody else: refused, whether we are
         * its end or a stop on the way [RFC1122 3.3.5]. */
        icmp_error_send(p, WIRE_ICMP_UNREACHABLE, ICMP_DUR_SR, 0);
        drop(DROP_ip4_source_route, inp, p);
        break;
    case WIRE_IP4_OPTIONS_MALFORMED: /* [RFC1122 3.2.2.5] */
        icmp_error_send(p, WIRE_ICMP_PARAMETER_PROBLEM, 0, (u32_t)offence << 24);
        drop(DROP_ip4_bad_option, inp, p);
        break;
    }
    IP_STATS_INC(ip.opterr);
    MIB2_STATS_INC(mib2.ipinhdrerrors);
    return false;
}
#else
static bool options_sound(const struct pbuf *p, u8_t header_len, struct netif *inp)
{
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(header_len);
    LWIP_UNUSED_ARG(inp);
    return true;
}
#endif

bool ip4_options_accepted(const struct pbuf *p, u8_t header_len, u8_t proto, struct netif *inp)
{
    if (!CFG(ip_options_allowed) && !(LWIP_IGMP && proto == IP_PROTO_IGMP)) {
        IP_STATS_INC(ip.opterr);
        MIB2_STATS_INC(mib2.ipinunknownprotos);
        drop(DROP_ip4_options_refused, inp, p);
        return false;
    }
    return options_sound(p, header_len, inp);
}

/* A piece of a datagram. Returns the whole one when this was the last piece missing. */
static struct pbuf *reassemble(struct pbuf *p, struct netif *inp)
{
    if (CFG(ip_reassembly))
        return ip4_reass(p);
    IP_STATS_INC(ip.opterr);
    MIB2_STATS_INC(mib2.ipinunknownprotos);
    ip4_discard(p, DROP_ip4_fragment_refused, inp);
    return NULL;
}

/* Not for this host: forwarded only if it was told to be a router [RFC1122 3.1]. */
static void pass_on(struct pbuf *p, struct netif *inp)
{
    struct wire_ip4 h;

    if (CFG(ip_forward) && !ip4_addr_isbroadcast(ip4_current_dest_addr(), inp) &&
        !ip4_addr_ismulticast(ip4_current_dest_addr()) &&
        wire_ip4_parse(&h, p->payload, p->len, p->tot_len) == WIRE_IP4_OK) {
        ip4_forward(p, &h, inp);
        return;
    }
    discard_address(
        p, ip4_addr_ismulticast(ip4_current_dest_addr()) ? DROP_ip4_not_member : DROP_ip4_not_ours,
        inp);
}

/* For this host, on interface n. */
static void accept_local(struct pbuf *p, struct netif *n, struct netif *inp)
{
    const ip4_addr_t *dest = ip4_current_dest_addr();
    const u8_t *bytes = p->payload;
    unsigned header_len = wire_ip4_header_len(bytes);
    u8_t proto = bytes[WIRE_IP4_AT_PROTO];

    if ((p->flags & PBUF_FLAG_LLBCAST) != 0 && !ip4_addr_ismulticast(dest) &&
        !ip4_addr_isbroadcast(dest, n)) { /* [RFC1122 3.3.6] */
        discard_address(p, DROP_ip4_link_broadcast, inp);
        return;
    }
    if (header_len > WIRE_IP4_HEADER && !ip4_options_accepted(p, (u8_t)header_len, proto, inp)) {
        IP_STATS_INC(ip.drop);
        pbuf_free(p);
        return;
    }
    if ((wire_ip4_fragment(bytes) & (WIRE_IP4_MF | WIRE_IP4_OFFSET)) != 0) {
        p = reassemble(p, inp);
        if (p == NULL)
            return;
        /* the first fragment's header speaks for the whole [RFC815 4] */
        ip_data.current_ip4_header = p->payload;
        header_len = wire_ip4_header_len(p->payload);
        ip_data.current_ip_header_tot_len = (u16_t)header_len;
    }
    ip_data.current_netif = n;
    ip4_demux(p, (u8_t)header_len, proto, inp);
}

static void route_in(struct pbuf *p, struct netif *inp)
{
    const u8_t *bytes = p->payload;
    ip4_addr_t src = ip4_addr_at(bytes + WIRE_IP4_AT_SRC);
    ip4_addr_t dest = ip4_addr_at(bytes + WIRE_IP4_AT_DST);

    ip_addr_copy_from_ip4(ip_data.current_iphdr_src, src);
    ip_addr_copy_from_ip4(ip_data.current_iphdr_dest, dest);
    ip_data.current_netif = inp;
    ip_data.current_input_netif = inp;
    ip_data.current_ip4_header = (const struct ip_hdr *)(const void *)bytes;
    ip_data.current_ip_header_tot_len = (u16_t)wire_ip4_header_len(bytes);

    if (!may_come_off_the_wire(p, inp))
        return;
    if (!is_source_sane(p)) {
        discard_address(p, DROP_ip4_bad_source, inp);
        return;
    }
    struct netif *n = find_destination(&dest, inp);
    if (n != NULL)
        accept_local(p, n, inp);
    else
        pass_on(p, inp);
}

err_t ip4_input(struct pbuf *p, struct netif *inp)
{
    LWIP_ASSERT_CORE_LOCKED();
    IP_STATS_INC(ip.recv);
    MIB2_STATS_INC(mib2.ipinreceives);
    if (ip4_hook_input(p, inp))
        return ERR_OK;
    if (!netif_is_up(inp)) {
        MIB2_STATS_INC(mib2.ipindiscards);
        ip4_discard(p, DROP_ip4_netif_down, inp);
        return ERR_OK;
    }
    if (!header_accepted(p, inp))
        return ERR_OK;
    u16_t total_len = get_be16((const u8_t *)p->payload + WIRE_IP4_AT_LENGTH);
    if (!FAST_PATHS || total_len < p->tot_len)
        pbuf_realloc(p, total_len); /* link-layer padding [RFC894] */

    /* nested: what the receiver of the packet outside sends is answered by a driver at once; else
     * there is no packet, and all of it is zero */
    const struct ip_globals outer = ip_data;
    route_in(p, inp);
    ip_data = outer;
    return ERR_OK;
}
