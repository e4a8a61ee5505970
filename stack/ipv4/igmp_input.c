/* ipv4/igmp_input.c: queries, and the reports of other members [RFC2236 3].
 *
 * Routers' messages (leave) and those of version 3 other than queries are of no interest to a
 * host. A query of version 3 is longer; its first eight octets are answered in version 2. */
#include "lwip/igmp.h"

#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/stats.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_local.h"

#if LWIP_IGMP

#define TENTH_MS 100u
#define V1_MAX_RESPONSE_MS 10000u /* [RFC2236 4] */

struct message {
    struct wire_igmp m;
    u16_t len;
    ip4_addr_t group, dest;
};

static void discard(struct pbuf *p, enum drop_reason reason, const struct netif *inp)
{
    IGMP_STATS_INC(igmp.drop);
    drop(reason, inp, p);
}

/* [RFC2236 2.4]: what a message says and where it was sent to have to agree; [RFC3376 9.1] whoever
 * sends it is on this link. Queriers that have no address use 0.0.0.0 [RFC4541 2.1.1]. */
static bool is_from_link(struct netif *inp)
{
    const ip4_addr_t *src = ip4_current_src_addr();

    return ip4_addr_isany(src) ||
           ip4_addr_net_eq(src, netif_ip4_addr(inp), netif_ip4_netmask(inp));
}

/* How long a member may take to answer, in tenths of a second [RFC2236 2.2]. Version 1 knows no
 * such time [RFC2236 4]; a longer query is not of version 1, and what is behind its eighth octet is
 * not for us [RFC3376 7.1]. */
static u32_t max_response_ms(const struct message *q, struct netif *inp)
{
    if (q->m.max_response == 0 && q->len == WIRE_IGMP_LENGTH) {
        IGMP_STATS_INC(igmp.rx_v1);
        igmp_querier_v1_heard(inp);
        return V1_MAX_RESPONSE_MS;
    }
    return (q->m.max_response == 0 ? 1u : q->m.max_response) * TENTH_MS;
}

static void hear_general_query(const struct message *q, struct netif *inp)
{
    u32_t max_ms = max_response_ms(q, inp);
    struct igmp_group *g = netif_igmp_data(inp);

    if (q->m.max_response != 0) {
        IGMP_STATS_INC(igmp.rx_general);
    }
    for (g = g->next; g != NULL; g = g->next) /* not for 224.0.0.1 [RFC2236 3] */
        igmp_report_within(g, max_ms);
}

static enum drop_reason hear_group_query(const struct message *q, struct netif *inp)
{
    struct igmp_group *first = netif_igmp_data(inp);
    struct igmp_group *g = igmp_lookfor_group(inp, &q->group);

    IGMP_STATS_INC(igmp.rx_group);
    if (g == NULL || g == first)
        return DROP_igmp_not_member; /* [RFC2236 6] */
    igmp_report_within(g, max_response_ms(q, inp));
    return DROP_REASONS;
}

static bool is_sent_to_all(const struct message *q)
{
    return lwip_ntohl(ip4_addr_get_u32(&q->dest)) == IGMP_ALL_SYSTEMS;
}

static enum drop_reason hear_query(const struct message *q, struct netif *inp)
{
    if (ip4_addr_isany_val(q->group)) {
        if (!is_sent_to_all(q))
            return DROP_igmp_bad_destination;
        hear_general_query(q, inp);
        return DROP_REASONS;
    }
    if (!ip4_addr_ismulticast(&q->group) ||
        !(is_sent_to_all(q) || ip4_addr_eq(&q->dest, &q->group)))
        return DROP_igmp_bad_destination;
    return hear_group_query(q, inp);
}

/* Another member of the group has answered the query. The group is what the message says, and a
 * message that was sent elsewhere is no report [RFC2236 3]. */
static enum drop_reason hear_report(const struct message *q, struct netif *inp)
{
    struct igmp_group *g = igmp_lookfor_group(inp, &q->group);

    IGMP_STATS_INC(igmp.rx_report);
    if (!ip4_addr_eq(&q->dest, &q->group))
        return DROP_igmp_bad_destination;
    if (g == NULL || g == netif_igmp_data(inp))
        return DROP_igmp_not_member;
    if (g->group_state == IGMP_GROUP_DELAYING_MEMBER) {
        g->last_reporter_flag = 0;
        g->reports_left = 0;
        igmp_report_cancel(g);
    }
    return DROP_REASONS;
}

/* DROP_REASONS stands for "taken". */
static enum drop_reason hear(const struct message *q, struct netif *inp)
{
    if (netif_igmp_data(inp) == NULL)
        return DROP_igmp_not_member;
    if (!is_from_link(inp))
        return DROP_igmp_off_link;
    switch (q->m.type) {
    case WIRE_IGMP_QUERY:
        return hear_query(q, inp);
    case WIRE_IGMP_V1_REPORT:
    case WIRE_IGMP_V2_REPORT:
        return hear_report(q, inp);
    default:
        return DROP_igmp_unknown_type; /* [RFC2236 2.1] */
    }
}

void igmp_input(struct pbuf *p, struct netif *inp, const ip4_addr_t *dest)
{
    u8_t head[WIRE_IGMP_LENGTH];
    struct message q = {.len = p->tot_len, .dest = *dest};

    LWIP_ASSERT_CORE_LOCKED();
    IGMP_STATS_INC(igmp.recv);
    if (!wire_igmp_parse(&q.m, head, pbuf_copy_partial(p, head, sizeof head, 0))) {
        IGMP_STATS_INC(igmp.lenerr);
        discard(p, DROP_igmp_too_short, inp);
    } else if (inet_chksum_pbuf(p) != 0) { /* over all of it [RFC2236 2.3] */
        IGMP_STATS_INC(igmp.chkerr);
        discard(p, DROP_igmp_bad_checksum, inp);
    } else {
        q.group = ip4_addr_from_host(q.m.group);
        enum drop_reason reason = hear(&q, inp);
        if (reason == DROP_igmp_unknown_type || reason == DROP_igmp_bad_destination) {
            IGMP_STATS_INC(igmp.proterr);
        }
        if (reason != DROP_REASONS)
            discard(p, reason, inp);
    }
    pbuf_free(p);
}

#endif
