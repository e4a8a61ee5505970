/* ipv4/icmp.c: an ICMP message arrives [RFC792][RFC1122 3.2.2].
 *
 * Raw pcbs have had their look already: that is how a ping program gets its replies. What is left
 * is the echo server, and errors about datagrams of ours, which go on to their transport.
 * Timestamp, information and mask requests are not answered: nobody needs them, and each tells a
 * stranger something [RFC1122 3.2.2.7][RFC1122 3.2.2.8][RFC1122 3.2.2.9]. */
#include "lwip/icmp.h"

#include "lwip/inet_chksum.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "stack/core/instance.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/ipv4/ip4_redirect.h"

#if LWIP_ICMP

static bool checksum_is_good(struct pbuf *p, const struct netif *inp)
{
    return !ip4_checksum_wanted(inp, NETIF_CHECKSUM_CHECK_ICMP, CHECKSUM_CHECK_ICMP) ||
           inet_chksum_pbuf(p) == 0;
}

/* A message that is not acted upon. If a raw pcb has seen it, nothing was lost. */
static void ignore(struct pbuf *p, enum drop_reason reason, const struct netif *inp)
{
    if (ip4_demux_seen_by_raw()) {
        pbuf_free(p);
        return;
    }
    if (reason == DROP_icmp_unknown_type || reason == DROP_icmp_unanswered) {
        ICMP_STATS_INC(icmp.proterr);
    }
    icmp_discard(p, reason, inp);
}

static void ignore_other(struct pbuf *p, u8_t type, const struct netif *inp)
{
    switch (type) {
    case WIRE_ICMP_TIMESTAMP:
        MIB2_STATS_INC(mib2.icmpintimestamps);
        break;
    case WIRE_ICMP_TIMESTAMP_REPLY:
        MIB2_STATS_INC(mib2.icmpintimestampreps);
        break;
    case WIRE_ICMP_MASK:
        MIB2_STATS_INC(mib2.icmpinaddrmasks);
        break;
    case WIRE_ICMP_MASK_REPLY:
        MIB2_STATS_INC(mib2.icmpinaddrmaskreps);
        break;
    case WIRE_ICMP_INFORMATION:
    case WIRE_ICMP_INFORMATION_REPLY:
        break;
    default:
        ignore(p, DROP_icmp_unknown_type, inp); /* [RFC1122 3.2.2] */
        return;
    }
    ignore(p, DROP_icmp_unanswered, inp);
}

static void redirect_input(struct pbuf *p, const struct wire_icmp *m, struct netif *inp)
{
    enum drop_reason reason = ip4_redirect_learn(p, m, inp); /* [RFC1122 3.2.2.2] */

    if (reason == DROP_REASONS) {
        pbuf_free(p);
        return;
    }
    if (reason == DROP_icmp_bad_code || reason == DROP_icmp_bad_quote) {
        ICMP_STATS_INC(icmp.err);
        MIB2_STATS_INC(mib2.icmpinerrors);
    }
    ignore(p, reason, inp);
}

static void dispatch(struct pbuf *p, const struct wire_icmp *m, struct netif *inp)
{
    if (m->type == WIRE_ICMP_ECHO) {
        MIB2_STATS_INC(mib2.icmpinechos);
        icmp_echo_input(p, inp);
        return;
    }
    switch (m->type) {
    case WIRE_ICMP_ECHO_REPLY:
        MIB2_STATS_INC(mib2.icmpinechoreps);
        ignore(p, DROP_icmp_echo_reply, inp);
        break;
    case WIRE_ICMP_UNREACHABLE:
        MIB2_STATS_INC(mib2.icmpindestunreachs);
        icmp_error_input(p, m, inp);
        break;
    case WIRE_ICMP_TIME_EXCEEDED:
        MIB2_STATS_INC(mib2.icmpintimeexcds);
        icmp_error_input(p, m, inp);
        break;
    case WIRE_ICMP_PARAMETER_PROBLEM:
        MIB2_STATS_INC(mib2.icmpinparmprobs);
        icmp_error_input(p, m, inp);
        break;
    case WIRE_ICMP_SOURCE_QUENCH:
        MIB2_STATS_INC(mib2.icmpinsrcquenchs);
        ignore(p, DROP_icmp_source_quench, inp); /* [RFC6633 3] */
        break;
    case WIRE_ICMP_REDIRECT:
        MIB2_STATS_INC(mib2.icmpinredirects);
        redirect_input(p, m, inp);
        break;
    default:
        ignore_other(p, m->type, inp);
        break;
    }
}

void icmp_input(struct pbuf *p, struct netif *inp)
{
    u8_t copy[WIRE_ICMP_HEADER];
    const u8_t *head = p->payload;
    size_t len = p->len;
    struct wire_icmp m;

    ICMP_STATS_INC(icmp.recv);
    MIB2_STATS_INC(mib2.icmpinmsgs);
    if (LWIP_SPREAD_HEADERS && len < WIRE_ICMP_HEADER) { /* spread over several buffers, or short */
        len = pbuf_copy_partial(p, copy, sizeof copy, 0);
        head = copy;
    }
    if (!wire_icmp_parse(&m, head, len)) {
        ICMP_STATS_INC(icmp.lenerr);
        MIB2_STATS_INC(mib2.icmpinerrors);
        icmp_discard(p, DROP_icmp_too_short, inp);
        return;
    }
    if (!checksum_is_good(p, inp)) {
        ICMP_STATS_INC(icmp.chkerr);
        MIB2_STATS_INC(mib2.icmpinerrors);
        icmp_discard(p, DROP_icmp_bad_checksum, inp);
        return;
    }
    dispatch(p, &m, inp);
}

#endif
