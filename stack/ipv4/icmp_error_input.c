/* ipv4/icmp_error_input.c: an ICMP error about a datagram of ours comes in [RFC1122 3.2.2].
 *
 * Anybody can forge one, so that it is only passed on when its quote is one that this host can have
 * sent: whole IP header, the first fragment, at least 8 octets of data, a source that is ours. What
 * it means is for the transport to decide, time exceeded [RFC1122 3.2.2.4] like the others; it is
 * never more than a hint [RFC1122 3.2.2.1]. */
#include "lwip/icmp.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "stack/core/modules.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_local.h"

#if LWIP_ICMP && LWIP_ICMP_ERRORS_IN

/* Octets of the quote that are looked at: the longest header and then some for the transport. */
#define QUOTE_MAX (WIRE_IP4_HEADER_MAX + 64u)

/* Codes beyond those assigned mean nothing [RFC1122 3.2.2]. */
static bool is_known_code(const struct wire_icmp *m)
{
    switch (m->type) {
    case WIRE_ICMP_UNREACHABLE:
        return m->code <= WIRE_ICMP_CODE_UNREACHABLE_MAX;
    case WIRE_ICMP_TIME_EXCEEDED:
        return m->code <= 1;
    default:
        return m->code <= 2;
    }
}

static bool is_fragmentation_needed(const struct wire_icmp *m)
{
    return m->type == WIRE_ICMP_UNREACHABLE && m->code == WIRE_ICMP_CODE_FRAGMENTATION_NEEDED;
}

static void refuse(struct pbuf *p, enum drop_reason reason, const struct netif *inp)
{
    ICMP_STATS_INC(icmp.err);
    MIB2_STATS_INC(mib2.icmpinerrors);
    icmp_discard(p, reason, inp);
}

void icmp_error_input(struct pbuf *p, const struct wire_icmp *m, struct netif *inp)
{
    u8_t quote[QUOTE_MAX];
    struct wire_ip4 h;
    const u8_t *data;
    size_t data_len;

    if (!is_known_code(m)) {
        refuse(p, DROP_icmp_bad_code, inp);
        return;
    }
    size_t len = pbuf_copy_partial(p, quote, sizeof quote, WIRE_ICMP_HEADER);
    if (!wire_icmp_parse_quote(&h, &data, &data_len, quote, len)) {
        ICMP_STATS_INC(icmp.lenerr);
        refuse(p, DROP_icmp_bad_quote, inp);
        return;
    }
    struct icmp_error e = {
        .type = m->type,
        .code = m->code,
        .mtu = is_fragmentation_needed(m) ? (u16_t)m->word : 0,
        .from = *ip4_current_src_addr(),
        .src = ip4_addr_from_host(h.src),
        .dst = ip4_addr_from_host(h.dst),
        .proto = h.proto,
        .total_len = h.total_len,
        .quoted = data,
        .quoted_len = (u16_t)data_len,
    };
    if (wire_ip4_offset(&h) != 0 || ip4_owner(&e.src) == NULL) {
        refuse(p, DROP_icmp_bad_quote, inp);
        return;
    }
    if (ip4_demux_error(&e, inp) || ip4_demux_seen_by_raw()) {
        pbuf_free(p);
    } else {
        icmp_discard(p, DROP_icmp_error_unused, inp);
    }
}

#endif
