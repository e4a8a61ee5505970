/* igmp.c: groups, reports and queries. */
#include "ip4_host.h"

#include "lwip/igmp.h"
#include "lwip/prot/igmp.h"
#include "stack/wire/igmp.h"

#define GROUP 0xef010101u
#define GROUP2 0xef010102u
#define ALL_SYSTEMS 0xe0000001u
#define ALL_ROUTERS 0xe0000002u

static err_t join(struct ip4_host *h, uint32_t group)
{
    ip4_addr_t g = host_addr(group);
    return igmp_joingroup_netif(&h->a.netif, &g);
}

static err_t leave(struct ip4_host *h, uint32_t group)
{
    ip4_addr_t g = host_addr(group);
    return igmp_leavegroup_netif(&h->a.netif, &g);
}

/* The i-th datagram is this IGMP message. */
static void check_sent(const struct ip4_host *h, unsigned i, unsigned type, uint32_t group,
                       uint32_t dst)
{
    static const uint8_t router_alert[4] = {0x94, 4, 0, 0};
    struct wire_ip4 w = host_sent(h, i);
    struct wire_igmp m;
    CHECK(h->out[i].netif == &h->a.netif);
    CHECK_INT(w.proto, 2);
    CHECK_INT(w.ttl, 1); /* [RFC2236 2] */
    CHECK_INT(w.header_len, 24);
    CHECK_MEM(h->out[i].bytes + 20, router_alert, 4);
    CHECK_INT(w.src, A_IP);
    CHECK_INT(w.dst, dst);
    CHECK_INT(w.total_len, 32);
    CHECK(wire_igmp_parse(&m, h->out[i].bytes + 24, 8));
    CHECK_INT(checksum_fold(checksum_add(0, h->out[i].bytes + 24, 8)), 0);
    CHECK_INT(m.type, type);
    CHECK_INT(m.max_response, 0);
    CHECK_INT(m.group, group);
}

struct igmp_in {
    uint32_t src, dst, group;
    uint8_t type, max_response;
    size_t len; /* 0: 8 */
    uint16_t spoil;
};

static void message_in(struct ip4_host *h, const struct igmp_in *m, size_t piece)
{
    static const uint8_t router_alert[4] = {0x94, 4, 0, 0};
    uint8_t body[64] = {0}, bytes[128];
    size_t len = m->len == 0 ? 8 : m->len;
    body[0] = m->type;
    body[1] = m->max_response;
    put_be32(body + 4, m->group);
    put_be16(body + 2, (uint16_t)(checksum_fold(checksum_add(0, body, len)) ^ m->spoil));
    struct datagram d = {.src = m->src == 0 ? PEER : m->src, .dst = m->dst, .proto = 2, .ttl = 1,
                         .options = router_alert, .optlen = 4, .data = body, .len = len};
    host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), piece, 0);
}

static void query(struct ip4_host *h, uint32_t group, uint8_t max_response)
{
    message_in(h, &(struct igmp_in){.dst = group == 0 ? ALL_SYSTEMS : group, .group = group,
                                    .type = 0x11, .max_response = max_response}, 128);
}

static void report(struct ip4_host *h, uint8_t type, uint32_t dst, uint32_t group)
{
    message_in(h, &(struct igmp_in){.dst = dst, .group = group, .type = type}, 128);
}

/* A host that joined GROUP long ago, alone. */
static struct ip4_host *member_open(void)
{
    struct ip4_host *h = host_open(NULL);
    CHECK_INT(join(h, GROUP), ERR_OK);
    support_advance(&h->s, 20000);
    h->count = 0;
    return h;
}

/* [RFC2236 3] */
UNIT(igmp, joining_reports_at_once_and_once_more)
{
    struct ip4_host *h = host_open(NULL);
    uint32_t start = sys_now();
    CHECK_INT(join(h, GROUP), ERR_OK);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x16, GROUP, GROUP);
    support_advance(&h->s, 60000);
    CHECK_INT(h->count, 2);
    check_sent(h, 1, 0x16, GROUP, GROUP);
    CHECK(h->out[1].at_ms - start >= 1 && h->out[1].at_ms - start <= 500);
    CHECK_INT(lwip_stats.igmp.tx_join, 1);
    CHECK_INT(lwip_stats.igmp.tx_report, 1);
    CHECK_INT(lwip_stats.igmp.xmit, 2);
    host_close(h);
}

/* [RFC2236 2.2]: whatever the random source says, a report leaves, and within its time. */
UNIT(igmp, extreme_random_numbers_keep_to_the_maximum_response_time)
{
    static const uint32_t draws[] = {0, 1, 99, 100, 0x7fffffff, UINT32_MAX};
    struct ip4_host *h = member_open();
    h->s.random_fixed = true;
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; i++) {
        for (uint8_t tenths = 1; tenths <= 3; tenths++) {
            h->count = 0;
            h->s.random = draws[i];
            uint32_t start = sys_now();
            query(h, 0, tenths);
            support_advance(&h->s, 10000);
            CHECK_INT(h->count, 1);
            uint32_t took = h->out[0].at_ms - start;
            SHOWS("MB-GROUP-03", took >= 1 && took <= 100u * tenths);
        }
    }
    host_close(h);
}

UNIT(igmp, joins_are_counted)
{
    struct ip4_host *h = member_open();
    CHECK_INT(join(h, GROUP), ERR_OK);
    CHECK_INT(leave(h, GROUP), ERR_OK);
    CHECK_INT(h->count, 0);
    CHECK_INT(leave(h, GROUP), ERR_OK);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x17, GROUP, ALL_ROUTERS); /* [RFC2236 3] the last reporter leaves */
    CHECK_INT(leave(h, GROUP), ERR_VAL);
    CHECK_INT(lwip_stats.igmp.tx_leave, 1);
    host_close(h);
}

UNIT(igmp, impossible_groups_and_interfaces_are_refused)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t none = host_addr(0x01020304), any = host_addr(0), group = host_addr(GROUP);
    CHECK_INT(join(h, PEER), ERR_VAL);
    CHECK_INT(join(h, ALL_SYSTEMS), ERR_VAL);
    CHECK_INT(leave(h, ALL_SYSTEMS), ERR_VAL);
    CHECK_INT(leave(h, GROUP), ERR_VAL);
    CHECK_INT(igmp_joingroup(&none, &group), ERR_VAL);
    CHECK_INT(igmp_leavegroup(&any, &group), ERR_VAL);
    netif_clear_flags(&h->b.netif, NETIF_FLAG_IGMP);
    CHECK_INT(igmp_joingroup_netif(&h->b.netif, &group), ERR_VAL);
    netif_set_flags(&h->b.netif, NETIF_FLAG_IGMP);
    CHECK_INT(h->count, 0);
    CHECK_INT(igmp_joingroup(&any, &group), ERR_OK); /* on both */
    CHECK_INT(h->count, 2);
    CHECK(igmp_lookfor_group(&h->b.netif, &group) != NULL);
    CHECK_INT(igmp_leavegroup(&any, &group), ERR_OK);
    CHECK(igmp_lookfor_group(&h->a.netif, &group) == NULL);
    host_close(h);
}

UNIT(igmp, full_pool_is_an_error)
{
    struct stack_config c = stack_config_default;
    c.memp_num_igmp_group = 3; /* two interfaces, one group */
    struct ip4_host *h = host_open(&c);
    CHECK_INT(join(h, GROUP), ERR_OK);
    CHECK_INT(join(h, GROUP2), ERR_MEM);
    host_close(h);
}

static struct {
    unsigned calls;
    uint32_t group;
    int action;
} filter;

static err_t on_filter(struct netif *netif, const ip4_addr_t *group,
                       enum netif_mac_filter_action action)
{
    (void)netif;
    filter.calls++;
    filter.group = lwip_ntohl(ip4_addr_get_u32(group));
    filter.action = (int)action;
    return ERR_OK;
}

UNIT(igmp, hardware_filter_follows_membership)
{
    struct ip4_host *h = host_open(NULL);
    memset(&filter, 0, sizeof filter);
    netif_set_igmp_mac_filter(&h->a.netif, on_filter);
    join(h, GROUP);
    CHECK_INT(filter.calls, 1);
    CHECK_INT(filter.group, GROUP);
    CHECK_INT(filter.action, NETIF_ADD_MAC_FILTER);
    join(h, GROUP);
    leave(h, GROUP);
    CHECK_INT(filter.calls, 1);
    leave(h, GROUP);
    CHECK_INT(filter.calls, 2);
    CHECK_INT(filter.action, NETIF_DEL_MAC_FILTER);
    join(h, GROUP);
    netif_remove(&h->a.netif);
    CHECK_INT(filter.calls, 5); /* the group and 224.0.0.1 */
    host_close(h);
}

UNIT(igmp, membership_decides_what_is_received)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = {.src = PEER, .dst = GROUP, .proto = HOST_PROTO, .data = "x", .len = 1};
    host_listen(h);
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(host_drops(h, DROP_ip4_not_member), 1);
    join(h, GROUP);
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    d.src = B_PEER;
    host_in(h, &h->b, &d); /* joined on a, not on b */
    CHECK_INT(h->delivered, 1);
    leave(h, GROUP);
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    host_close(h);
}

/* [RFC2236 3][RFC2236 2.2] */
UNIT(igmp, general_query_is_answered_within_the_time_it_gives)
{
    static const uint8_t times[] = {1, 2, 3, 10, 100, 255};
    struct ip4_host *h = member_open();
    unsigned early = 0, late = 0;
    for (unsigned round = 0; round < 120; round++) {
        uint8_t max = times[round % 6];
        uint32_t start = sys_now();
        h->count = 0;
        query(h, 0, max);
        support_advance(&h->s, 30000);
        CHECK_INT(h->count, 1);
        check_sent(h, 0, 0x16, GROUP, GROUP);
        uint32_t delay = h->out[0].at_ms - start;
        CHECKF(delay >= 1 && delay <= max * 100u, "%u ms of %u", delay, max * 100u);
        early += delay <= max * 50u;
        late += delay > max * 50u;
    }
    CHECKF(early > 30 && late > 30, "%u early, %u late", early, late);
    CHECK_INT(lwip_stats.igmp.rx_general, 120);
    host_close(h);
}

/* [RFC2236 6] */
UNIT(igmp, group_query_is_answered_for_that_group_only)
{
    struct ip4_host *h = member_open();
    join(h, GROUP2);
    support_advance(&h->s, 20000);
    h->count = 0;
    query(h, GROUP2, 10);
    support_advance(&h->s, 30000);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x16, GROUP2, GROUP2);
    query(h, 0, 10);
    support_advance(&h->s, 30000);
    CHECK_INT(h->count, 3);
    CHECK_INT(lwip_stats.igmp.rx_group, 1);
    host_close(h);
}

/* [RFC2236 3] */
UNIT(igmp, all_systems_is_never_reported)
{
    struct ip4_host *h = host_open(NULL);
    query(h, 0, 10);
    query(h, ALL_SYSTEMS, 10);
    support_advance(&h->s, 15000);
    CHECK_INT(h->count, 0);
    host_close(h);
}

UNIT(igmp, shorter_running_timer_is_kept_and_longer_one_shortened)
{
    struct ip4_host *h = member_open();
    uint32_t start = sys_now();
    query(h, 0, 10);
    query(h, 0, 255); /* must not make it later */
    support_advance(&h->s, 30000);
    CHECK_INT(h->count, 1);
    CHECK(h->out[0].at_ms - start <= 1000);
    for (unsigned i = 0; i < 20; i++) {
        h->count = 0;
        start = sys_now();
        query(h, 0, 255);
        query(h, 0, 1);
        support_advance(&h->s, 30000);
        CHECK_INT(h->count, 1);
        CHECK(h->out[0].at_ms - start <= 100);
    }
    host_close(h);
}

/* [RFC2236 3] */
UNIT(igmp, report_of_another_member_suppresses_ours)
{
    for (unsigned v1 = 0; v1 < 2; v1++) {
        struct ip4_host *h = member_open();
        query(h, 0, 100);
        report(h, v1 ? 0x12 : 0x16, GROUP, GROUP);
        support_advance(&h->s, 12000);
        CHECK_INT(h->count, 0);
        CHECK_INT(lwip_stats.igmp.rx_report, 1);
        CHECK_INT(leave(h, GROUP), ERR_OK); /* not the last reporter: no leave message */
        CHECK_INT(h->count, 0);
        host_close(h);
    }
}

UNIT(igmp, report_whose_group_is_not_its_destination_is_ignored)
{
    struct ip4_host *h = member_open();
    query(h, 0, 100);
    report(h, 0x16, GROUP, 0xef090909);
    report(h, 0x16, ALL_SYSTEMS, GROUP);
    CHECK_INT(host_drops(h, DROP_igmp_bad_destination), 2);
    support_advance(&h->s, 12000);
    CHECK_INT(h->count, 1);
    host_close(h);
}

/* [RFC2236 4] */
UNIT(igmp, querier_of_version_1_is_spoken_to_in_version_1_for_400_seconds)
{
    struct ip4_host *h = member_open();
    uint32_t start = sys_now();
    query(h, 0, 0);
    support_advance(&h->s, 10000);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x12, GROUP, GROUP);
    CHECK(h->out[0].at_ms - start <= 10000);
    CHECK_INT(lwip_stats.igmp.rx_v1, 1);
    support_advance(&h->s, 389999);
    join(h, GROUP2);
    check_sent(h, 1, 0x12, GROUP2, GROUP2);
    leave(h, GROUP2);
    CHECK_INT(h->count, 2); /* no leave */
    support_advance(&h->s, 1);
    h->count = 0;
    join(h, GROUP2);
    check_sent(h, 0, 0x16, GROUP2, GROUP2);
    leave(h, GROUP2);
    check_sent(h, 1, 0x17, GROUP2, ALL_ROUTERS);
    host_close(h);
}

UNIT(igmp, query_of_version_3_is_answered_in_version_2)
{
    struct ip4_host *h = member_open();
    const struct igmp_in v3 = {.dst = ALL_SYSTEMS, .type = 0x11, .max_response = 0, .len = 12};
    message_in(h, &v3, 128);
    support_advance(&h->s, 1000);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x16, GROUP, GROUP);
    CHECK_INT(lwip_stats.igmp.rx_v1, 0);
    host_close(h);
}

UNIT(igmp, malformed_messages_are_dropped)
{
    static const struct {
        struct igmp_in m;
        unsigned reason;
    } bad[] = {
        {{.dst = ALL_SYSTEMS, .type = 0x11, .max_response = 1, .len = 7}, DROP_igmp_too_short},
        {{.dst = ALL_SYSTEMS, .type = 0x11, .max_response = 1, .len = 1}, DROP_igmp_too_short},
        {{.dst = ALL_SYSTEMS, .type = 0x11, .max_response = 1, .spoil = 1},
         DROP_igmp_bad_checksum},
        {{.dst = A_IP, .type = 0x11, .max_response = 1}, DROP_igmp_bad_destination},
        {{.dst = GROUP, .type = 0x11, .max_response = 1}, DROP_igmp_bad_destination},
        {{.dst = ALL_SYSTEMS, .group = PEER, .type = 0x11, .max_response = 1},
         DROP_igmp_bad_destination},
        {{.dst = ALL_SYSTEMS, .group = GROUP2, .type = 0x11, .max_response = 1},
         DROP_igmp_not_member},
        {{.src = 0x08080808, .dst = ALL_SYSTEMS, .type = 0x11, .max_response = 1},
         DROP_igmp_off_link},
        {{.dst = ALL_SYSTEMS, .type = 0x99}, DROP_igmp_unknown_type},
        {{.dst = ALL_SYSTEMS, .type = 0x22}, DROP_igmp_unknown_type},
        {{.dst = GROUP, .group = GROUP, .type = 0x17}, DROP_igmp_unknown_type},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ip4_host *h = member_open();
        message_in(h, &bad[i].m, 128);
        support_advance(&h->s, 12000);
        CHECKF(h->count == 0, "vector %zu", i);
        CHECKF(host_drops(h, bad[i].reason) == 1, "vector %zu", i);
        CHECK_INT(lwip_stats.igmp.drop, 1);
        host_close(h);
    }
}

UNIT(igmp, message_in_any_chain_is_checked_as_a_whole)
{
    for (size_t split = 24; split <= 32; split++) {
        for (unsigned spoilt = 0; spoilt < 2; spoilt++) {
            struct ip4_host *h = member_open();
            struct igmp_in m = {.dst = ALL_SYSTEMS, .type = 0x11, .max_response = 10, .len = 12,
                                .spoil = (uint16_t)spoilt};
            message_in(h, &m, split);
            support_advance(&h->s, 2000);
            CHECK_INT(h->count, !spoilt);
            host_close(h);
        }
    }
}

/* [RFC4541 2.1.1] */
UNIT(igmp, query_from_no_address_is_answered)
{
    struct ip4_host *h = member_open();
    uint8_t body[8] = {0x11, 10}, bytes[64];
    put_be16(body + 2, checksum_fold(checksum_add(0, body, 8)));
    struct datagram d = {
        .src = 0, .dst = ALL_SYSTEMS, .proto = 2, .ttl = 1, .data = body, .len = 8};
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    support_advance(&h->s, 2000);
    CHECK_INT(h->count, 1);
    host_close(h);
}

UNIT(igmp, interface_coming_up_reports_its_groups_again)
{
    struct ip4_host *h = member_open();
    query(h, 0, 100);
    netif_set_link_down(&h->a.netif);
    support_advance(&h->s, 12000);
    CHECK_INT(h->count, 0); /* nothing while down */
    netif_set_link_up(&h->a.netif);
    unsigned arp = h->count;
    CHECK_INT(arp, 0);
    support_advance(&h->s, 12000);
    CHECK_INT(h->count, 2);
    check_sent(h, 0, 0x16, GROUP, GROUP);
    check_sent(h, 1, 0x16, GROUP, GROUP);
    host_close(h);
}

UNIT(igmp, coarse_ticks_keep_within_the_time_too)
{
    struct stack_config c = stack_config_default;
    c.timer_granularity_ms = 0; /* lwIP's 100 ms */
    struct ip4_host *h = host_open(&c);
    join(h, GROUP);
    support_advance(&h->s, 20037);
    for (unsigned round = 0; round < 60; round++) {
        uint8_t max = (uint8_t)(1 + round % 3);
        uint32_t start = sys_now();
        h->count = 0;
        query(h, 0, max);
        support_advance(&h->s, 1037);
        CHECK_INT(h->count, 1);
        CHECKF(h->out[0].at_ms - start <= max * 100u, "%u ms", h->out[0].at_ms - start);
        CHECK_INT(h->out[0].at_ms % 100, 0);
    }
    host_close(h);
}

/* [RFC2236 3]: a report that is due but waits for the tick is not put off by the next query: a
 * stream of them would silence the host. */
UNIT(igmp, queries_between_two_ticks_do_not_put_a_report_off)
{
    struct stack_config c = stack_config_default;
    c.timer_granularity_ms = 0; /* lwIP's 100 ms */
    struct ip4_host *h = host_open(&c);
    join(h, GROUP);
    support_advance(&h->s, 20037);
    for (unsigned round = 0; round < 30; round++) {
        uint32_t start = sys_now();
        h->count = 0;
        while (sys_now() - start < 300) {
            query(h, 0, 3);
            support_advance(&h->s, 7);
        }
        CHECK(h->count >= 1);
        CHECKF(h->out[0].at_ms - start <= 300, "%u ms", h->out[0].at_ms - start);
        support_advance(&h->s, 1000);
    }
    host_close(h);
}

UNIT(igmp, report_lost_for_lack_of_memory_is_made_up_for)
{
    struct ip4_host *h = host_open(NULL);
    CHECK_INT(join(h, GROUP), ERR_OK);
    CHECK_INT(leave(h, GROUP), ERR_OK); /* its group's memory is in the pool now */
    h->count = 0;
    struct pbuf *all = host_exhaust(h);
    CHECK_INT(join(h, GROUP), ERR_OK);
    host_refill(h, all);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_igmp_no_memory), 1);
    CHECK_INT(lwip_stats.igmp.memerr, 1);
    support_advance(&h->s, 1000);
    CHECK_INT(h->count, 1);
    check_sent(h, 0, 0x16, GROUP, GROUP);
    host_close(h);
}

UNIT(igmp, ticks_by_hand_send_the_report)
{
    struct ip4_host *h = member_open();
    query(h, 0, 10);
    for (unsigned i = 0; i < 10; i++)
        igmp_tmr();
    CHECK_INT(h->count, 1);
    host_close(h);
}
