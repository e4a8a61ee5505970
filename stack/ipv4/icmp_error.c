/* ipv4/icmp_error.c: ICMP errors that this host sends [RFC1122 3.2.2][RFC1812 4.3.2].
 *
 * An error quotes the offending datagram's IP header, options included, and the first 8 octets of
 * its data: what lwIP quotes. It leaves with TOS 0, by the route to the source, from the address
 * the datagram was sent to if that is ours, else from that of the interface. */
#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/checksum.h"

#if LWIP_ICMP

/* An ICMP datagram that is itself an error, or whose type cannot be seen. */
static bool is_icmp_error(const struct pbuf *p, const u8_t *bytes)
{
    if (bytes[WIRE_IP4_AT_PROTO] != IP_PROTO_ICMP)
        return false;
    /* what is not there (-1) is the type 255, which nobody has assigned */
    return wire_icmp_is_error((u8_t)pbuf_try_get_at(p, (u16_t)wire_ip4_header_len(bytes)));
}

/* All the "never" rules in one place. True: an ICMP error about p, from *src to *dst, may be
 * sent. */
static bool is_allowed(const struct pbuf *p, ip4_addr_t *src, ip4_addr_t *dst)
{
    const u8_t *bytes = p->payload;

    /* the quote may be longer than p: only the header has to be there */
    if (wire_ip4_check(bytes, p->len, WIRE_IP4_TOTAL_MAX) != WIRE_IP4_OK)
        return false;
    *src = ip4_addr_at(bytes + WIRE_IP4_AT_SRC);
    *dst = ip4_addr_at(bytes + WIRE_IP4_AT_DST);
    if (is_icmp_error(p, bytes)) /* [RFC792 Introduction][RFC1122 3.2.2] about an ICMP error */
        return false;
    if (ip4_addr_ismulticast(dst) || ip4_is_broadcast(dst)) /* IP broadcast or multicast */
        return false;
    if ((p->flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST)) != 0) /* link-layer broadcast */
        return false;
    /* non-initial fragment [RFC792 Introduction] */
    if ((wire_ip4_fragment(bytes) & WIRE_IP4_OFFSET) != 0)
        return false;
    if (!ip4_is_single_host(src)) /* source that is not one host */
        return false;
    /* loopback addresses: only to ourselves */
    return !ip4_addr_isloopback(src) || ip4_is_looped();
}

/* The message, ready but for its checksum; NULL: no memory. Its quote is the header and 8 octets
 * [RFC792 Dest Unreachable]. */
static struct pbuf *build(const struct pbuf *p, u8_t type, u8_t code, u32_t word)
{
    unsigned whole = wire_ip4_header_len(p->payload) + WIRE_ICMP_QUOTED;
    u16_t quoted = (u16_t)LWIP_MIN(whole, p->tot_len);
    struct pbuf *q = pbuf_alloc(PBUF_IP, (u16_t)(WIRE_ICMP_HEADER + quoted), PBUF_RAM);

    if (q == NULL)
        return NULL;
    struct wire_icmp m = {.type = type, .code = code, .word = word};
    wire_icmp_emit(q->payload, &m);
    pbuf_copy_partial(p, (u8_t *)q->payload + WIRE_ICMP_HEADER, quoted, 0);
    return q;
}

static void count_sent(u8_t type)
{
    ICMP_STATS_INC(icmp.xmit);
    MIB2_STATS_INC(mib2.icmpoutmsgs);
    if (type == WIRE_ICMP_UNREACHABLE) {
        MIB2_STATS_INC(mib2.icmpoutdestunreachs);
    } else if (type == WIRE_ICMP_TIME_EXCEEDED) {
        MIB2_STATS_INC(mib2.icmpouttimeexcds);
    }
}

static void fail(const struct pbuf *p, enum drop_reason reason)
{
    ICMP_STATS_INC(icmp.err);
    MIB2_STATS_INC(mib2.icmpouterrors);
    drop(reason, NULL, p);
}

void icmp_error_send(const struct pbuf *p, u8_t type, u8_t code, u32_t word)
{
    ip4_addr_t to, asked;

    if (!is_allowed(p, &to, &asked))
        return;
    if (!icmp_limit_take()) {
        drop(DROP_icmp_error_limited, NULL, p);
        return;
    }
    const ip4_addr_t *from = ip4_owner(&asked) != NULL ? &asked : NULL;

    struct netif *netif = ip4_route_src(from, &to);
    if (netif == NULL) {
        fail(p, DROP_icmp_error_no_route);
        return;
    }
    struct pbuf *q = build(p, type, code, word);
    if (q == NULL) {
        ICMP_STATS_INC(icmp.memerr);
        fail(p, DROP_icmp_error_no_memory);
        return;
    }
    u8_t *bytes = q->payload;
    if (ip4_checksum_wanted(netif, NETIF_CHECKSUM_GEN_ICMP, CHECKSUM_GEN_ICMP))
        put_be16(bytes + WIRE_ICMP_AT_CHECKSUM, checksum_bytes(bytes, q->len));
    count_sent(type);
    ip4_output_if(q, from, &to, (u8_t)CFG(icmp_ttl), 0, IP_PROTO_ICMP, netif);
    pbuf_free(q);
}

void icmp_dest_unreach(struct pbuf *p, enum icmp_dur_type t)
{
    icmp_error_send(p, WIRE_ICMP_UNREACHABLE, (u8_t)t, 0);
}

void icmp_time_exceeded(struct pbuf *p, enum icmp_te_type t)
{
    icmp_error_send(p, WIRE_ICMP_TIME_EXCEEDED, (u8_t)t, 0);
}

#endif
