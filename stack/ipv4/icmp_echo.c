/* ipv4/icmp_echo.c: the echo server [RFC792 Echo][RFC1122 3.2.2.6].
 *
 * The reply carries the request's identifier, sequence number and data, from the address that was
 * asked, out of the interface the request came in by (as lwIP does). Where the request's buffer is
 * ours alone and has room for the headers, it becomes the reply; where it is ours but has no room,
 * a new header is put in front of its data (in small builds it is copied); a shared one is
 * copied. */
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "stack/core/speed.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ip4_options.h"

#if LWIP_ICMP

/* The address to answer from: never one that is not a single host. NULL: a broadcast or multicast
 * ping that is not to be answered [RFC1122 3.2.2.6], or cannot be, because the interface has no
 * address. */
static const ip4_addr_t *choose_source(const struct netif *inp)
{
    const ip4_addr_t *dest = ip4_current_dest_addr();
    bool multicast = ip4_addr_ismulticast(dest);

    if (!multicast && !ip4_addr_isbroadcast(dest, ip_current_netif()))
        return dest;
    if ((multicast ? CFG(lwip_multicast_ping) : CFG(lwip_broadcast_ping)) == 0)
        return NULL;
    dest = netif_ip4_addr(inp);
    return ip4_addr_isany_val(*dest) ? NULL : dest;
}

#if LWIP_IP_OPTIONS_CHECK
/* Options that go back with the reply, this host recorded in them [RFC1122 3.2.2.6]. */
static bool is_source(u32_t address)
{
    ip4_addr_t a = ip4_addr_from_host(address);
    return ip4_owner(&a) != NULL;
}

static u16_t reply_options(u8_t options[WIRE_IP4_OPTIONS_MAX], const ip4_addr_t *src)
{
    const u8_t *header = (const u8_t *)ip4_current_header();
    size_t len = (size_t)ip_current_header_tot_len() - WIRE_IP4_HEADER;

    if (len == 0)
        return 0;
    len = wire_ip4_options_echoed(options, header + WIRE_IP4_HEADER, len);
    wire_ip4_options_record(options, len, lwip_ntohl(ip4_addr_get_u32(src)),
                            sys_now() | 0x80000000u, is_source);
    return (u16_t)len;
}
#else
static u16_t reply_options(u8_t options[WIRE_IP4_OPTIONS_MAX], const ip4_addr_t *src)
{
    LWIP_UNUSED_ARG(options);
    LWIP_UNUSED_ARG(src);
    return 0;
}
#endif

/* One pbuf with room for all headers and `len` octets of message, which came with at least as many
 * octets of options; NULL: no memory. */
static struct pbuf *alloc_message(u16_t len, u16_t optlen)
{
    struct pbuf *r = pbuf_alloc(PBUF_IP, (u16_t)(len + optlen), PBUF_RAM);
    if (r != NULL && optlen != 0)
        pbuf_remove_header(r, optlen);
    return r;
}

/* The request as a pbuf whose first 8 octets may be written, with room for headers and options in
 * front. Takes over p; NULL: no memory, p is gone. */
static struct pbuf *make_reply(struct pbuf *p, u16_t optlen)
{
    const size_t room = WIRE_IP4_HEADER + (size_t)optlen + IP4_LINK_ROOM;
    bool whole = !LWIP_SPREAD_HEADERS || p->len >= WIRE_ICMP_HEADER;

    if (p->ref == 1 && whole && pbuf_add_header(p, room) == 0) {
        pbuf_remove_header(p, room);
        if (ENABLE_LOOPBACK) /* on to our own input: true of the request only */
            p->flags &= (u8_t)~(PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST);
        return p;
    }
    bool share = FAST_PATHS && p->ref == 1 && !LWIP_NETIF_TX_SINGLE_PBUF;
    u16_t fresh = share ? (u16_t)WIRE_ICMP_HEADER : p->tot_len;
    struct pbuf *r = alloc_message(fresh, optlen);
    if (r == NULL) {
        pbuf_free(p);
        return NULL;
    }
    pbuf_copy_partial(p, r->payload, fresh, 0);
    if (share)
        p = pbuf_free_header(p, WIRE_ICMP_HEADER);
    if (share && p != NULL)
        pbuf_cat(r, p);
    else if (p != NULL)
        pbuf_free(p);
    return r;
}

/* Type 8 becomes type 0. The sum over everything falls by 0x0800, so its complement rises by that,
 * with end-around carry; a message of zeros gets 0xffff, which is right, never 0x0000. */
static void turn_into_reply(struct pbuf *r, const struct netif *inp)
{
    u8_t *bytes = r->payload;
    u8_t *checksum = bytes + WIRE_ICMP_AT_CHECKSUM;
    unsigned high = checksum[0] + (unsigned)WIRE_ICMP_ECHO, low = checksum[1] + (high >> 8);

    if (!ip4_checksum_wanted(inp, NETIF_CHECKSUM_GEN_ICMP, CHECKSUM_GEN_ICMP))
        high = low = 0;
    bytes[0] = WIRE_ICMP_ECHO_REPLY;
    checksum[0] = (u8_t)(high + (low >> 8));
    checksum[1] = (u8_t)low;
}

void icmp_echo_input(struct pbuf *p, struct netif *inp)
{
    const u8_t *header = (const u8_t *)ip4_current_header();
    u8_t tos = (u8_t)(header[WIRE_IP4_AT_TOS] & ~WIRE_IP4_ECN); /* [RFC1349 5.1] */
    const ip4_addr_t *src = choose_source(inp);
    u8_t options[WIRE_IP4_OPTIONS_MAX];

    if (src == NULL) {
        ICMP_STATS_INC(icmp.err);
        MIB2_STATS_INC(mib2.icmpinerrors);
        icmp_discard(p, DROP_icmp_echo_broadcast, inp);
        return;
    }
    u16_t optlen = reply_options(options, src);
    p = make_reply(p, optlen);
    if (p == NULL) {
        ICMP_STATS_INC(icmp.memerr);
        ICMP_STATS_INC(icmp.drop);
        drop(DROP_icmp_echo_no_memory, inp, NULL);
        return;
    }
    turn_into_reply(p, inp);
    ICMP_STATS_INC(icmp.xmit);
    MIB2_STATS_INC(mib2.icmpoutmsgs);
    MIB2_STATS_INC(mib2.icmpoutechoreps);
    if (ip4_send(p, src, ip4_current_src_addr(), (u8_t)CFG(icmp_ttl), tos, IP_PROTO_ICMP, inp,
                 options, optlen) != ERR_OK) {
        ICMP_STATS_INC(icmp.err);
        drop(DROP_icmp_echo_failed, inp, p);
    }
    pbuf_free(p);
}

#endif
