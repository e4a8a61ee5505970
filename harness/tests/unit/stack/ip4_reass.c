/* ip4_reass.c: fragments become datagrams, and what does not may not cost anything. */
#include "ip4_host.h"

#include "lwip/memp.h"

static uint8_t pattern[65536];

/* A fragment of a datagram whose octet i is i * 7 % 251. */
static struct datagram piece(uint16_t id, uint32_t start, uint32_t end, bool last)
{
    for (unsigned i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 % 251);
    return (struct datagram){.src = PEER,
                             .dst = A_IP,
                             .proto = HOST_PROTO,
                             .id = id,
                             .fragment = (uint16_t)(start / 8 | (last ? 0 : WIRE_IP4_MF)),
                             .data = pattern + start,
                             .len = end - start};
}

static void in(struct ip4_host *h, uint16_t id, uint32_t start, uint32_t end, bool last)
{
    struct datagram d = piece(id, start, end, last);
    host_in(h, &h->a, &d);
}

static struct ip4_host *reass_open(const struct stack_config *c)
{
    struct ip4_host *h = host_open(c);
    host_listen(h);
    return h;
}

static void check_delivered(struct ip4_host *h, unsigned times, size_t len)
{
    CHECK_INT(h->delivered, times);
    CHECK_INT(h->delivered_len, len);
    CHECK_MEM(h->delivered_bytes, pattern, len);
}

static void check_empty(void)
{
    CHECK_INT(STACK->ipv4.reass.pbufs, 0);
    CHECK(STACK->ipv4.reass.list == NULL);
}

/* [RFC791 3.2][RFC815 3] */
UNIT(ip4_reass, every_order_of_four_fragments_gives_the_datagram)
{
    struct ip4_host *h = reass_open(NULL);
    unsigned n = 0;
    for (unsigned code = 0; code < 256; code++) {
        unsigned order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        if ((1u << order[0] | 1u << order[1] | 1u << order[2] | 1u << order[3]) != 15)
            continue;
        for (unsigned i = 0; i < 4; i++)
            in(h, (uint16_t)n, order[i] * 16, order[i] == 3 ? 55 : order[i] * 16 + 16,
               order[i] == 3);
        n++;
        check_delivered(h, n, 55);
        check_empty();
    }
    SHOWS("RQ-791-12", n == 24);
    CHECK_INT(lwip_stats.ip_frag.recv, 96);
    CHECK_INT(lwip_stats.ip_frag.drop, 0);
    CHECK_INT(lwip_stats.mib2.ipreasmreqds, 96);
    CHECK_INT(lwip_stats.mib2.ipreasmoks, 24);
    CHECK_INT(h->s.events[STACK_EVENT_REASS], 48);
    host_close(h);
}

UNIT(ip4_reass, chained_fragments_are_joined_whole)
{
    for (size_t split = 20; split < 60; split += 3) {
        struct ip4_host *h = reass_open(NULL);
        uint8_t bytes[64];
        for (unsigned i = 3; i-- > 0;) {
            struct datagram d = piece(1, i * 40, i * 40 + 40, i == 2);
            host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), split, 0);
        }
        check_delivered(h, 1, 120);
        check_empty();
        host_close(h);
    }
}

/* [RFC791 3.1]: 576 octets must do; the largest there is does. */
UNIT(ip4_reass, largest_datagram_is_delivered)
{
    struct ip4_host *h = reass_open(NULL);
    const uint32_t end = 65515;
    for (uint32_t at = 0; at < end; at += 1480)
        in(h, 1, at, at + 1480 < end ? at + 1480 : end, at + 1480 >= end);
    check_delivered(h, 1, end);
    check_empty();
    host_close(h);
}

static uint8_t header_seen[60];
static unsigned header_len_seen;

static void look(struct pbuf *p, struct netif *inp)
{
    (void)inp;
    header_len_seen = ip_current_header_tot_len();
    memcpy(header_seen, ip4_current_header(), header_len_seen);
    CHECK((const uint8_t *)ip4_current_header() + header_len_seen == p->payload);
    pbuf_free(p);
}

/* [RFC815 4] */
UNIT(ip4_reass, header_is_that_of_the_first_fragment)
{
    static const struct ip_transport looker = {look, NULL};
    static const uint8_t options[8] = {0x9e, 4, 1, 2, 7, 3, 4, 0};
    struct ip4_host *h = host_open(NULL);
    struct datagram first = piece(1, 0, 16, false), last = piece(1, 16, 24, true);
    uint8_t want[28 + 16];
    ip_transport_register(HOST_PROTO, &looker);
    first.options = options;
    first.optlen = 8;
    first.tos = 0x28;
    first.ttl = 33;
    last.ttl = 77;
    host_build(want, &first);
    host_in(h, &h->a, &last);
    host_in(h, &h->a, &first);
    CHECK_INT(header_len_seen, 28);
    CHECK_INT(get_be16(header_seen + 2), 28 + 24);
    CHECK_INT(get_be16(header_seen + 6), 0);
    CHECK_INT(checksum_fold(checksum_add(0, header_seen, 28)), 0);
    put_be16(want + 2, 28 + 24);
    put_be16(want + 6, 0);
    memcpy(want + 10, header_seen + 10, 2);
    CHECK_MEM(header_seen, want, 28);
    host_close(h);
}

/* [RFC791 3.2] */
UNIT(ip4_reass, datagrams_are_told_apart_by_all_four_fields)
{
    struct ip4_host *h = reass_open(NULL);
    struct datagram last = piece(1, 8, 16, true);
    in(h, 1, 0, 8, false);
    last.proto = 17;
    host_in(h, &h->a, &last);
    last.proto = HOST_PROTO;
    last.src = 0x0a000003;
    host_in(h, &h->a, &last);
    last.src = PEER;
    last.dst = B_IP;
    host_in(h, &h->a, &last);
    last.dst = A_IP;
    last.id = 2;
    host_in(h, &h->a, &last);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(STACK->ipv4.reass.pbufs, 5);
    last.id = 1;
    host_in(h, &h->a, &last);
    check_delivered(h, 1, 16);
    host_close(h);
}

UNIT(ip4_reass, repeated_fragment_is_ignored)
{
    struct ip4_host *h = reass_open(NULL);
    in(h, 1, 0, 16, false);
    in(h, 1, 0, 16, false);
    in(h, 1, 32, 40, true);
    in(h, 1, 32, 40, true);
    CHECK_INT(host_drops(h, DROP_ip4_reass_duplicate), 2);
    CHECK_INT(STACK->ipv4.reass.pbufs, 2);
    in(h, 1, 16, 32, false);
    check_delivered(h, 1, 40);
    check_empty();
    host_close(h);
}

struct fragment {
    uint16_t start, end;
    bool last;
};

struct conflict {
    const char *what;
    unsigned reason;
    struct fragment f[4];
};

/* [RFC5722 4]: in each the datagram must be gone, whatever follows. */
static const struct conflict conflicts[] = {
    {"overlap from behind", DROP_ip4_reass_overlap, {{0, 16, 0}, {8, 24, 0}, {24, 32, 1}}},
    {"overlap from the front", DROP_ip4_reass_overlap, {{8, 24, 0}, {0, 16, 0}, {24, 32, 1}}},
    {"inside another", DROP_ip4_reass_overlap, {{0, 24, 0}, {8, 16, 0}, {24, 32, 1}}},
    {"around another", DROP_ip4_reass_overlap, {{8, 16, 0}, {0, 24, 0}, {24, 32, 1}}},
    {"same start, longer", DROP_ip4_reass_overlap, {{0, 8, 0}, {0, 16, 0}, {16, 24, 1}}},
    {"last overlaps", DROP_ip4_reass_overlap, {{0, 16, 0}, {8, 24, 1}, {16, 24, 1}}},
    {"two ends, later one larger", DROP_ip4_reass_bad_last, {{8, 16, 1}, {16, 24, 1}, {0, 8, 0}}},
    {"two ends, gap between", DROP_ip4_reass_bad_last, {{0, 8, 0}, {16, 24, 1}, {8, 16, 1}}},
    {"data behind the end", DROP_ip4_reass_bad_last, {{8, 16, 1}, {16, 24, 0}, {0, 8, 0}}},
    {"end before data", DROP_ip4_reass_bad_last, {{16, 24, 0}, {8, 16, 1}, {0, 8, 0}}},
    {"same place, no longer last", DROP_ip4_reass_bad_last, {{8, 16, 1}, {8, 16, 0}, {0, 8, 0}}},
    {"same place, now last", DROP_ip4_reass_overlap, {{8, 16, 0}, {8, 16, 1}, {0, 8, 0}}},
    {"too far", DROP_ip4_reass_too_big, {{0, 8, 0}, {65512, 65528, 1}, {8, 16, 1}}},
};

static void check_conflict(const struct conflict *c)
{
    struct ip4_host *h = reass_open(NULL);
    unsigned sent = 0;
    for (; sent < 4 && c->f[sent].end != 0; sent++)
        in(h, 7, c->f[sent].start, c->f[sent].end, c->f[sent].last);
    in(h, 7, 80, 88, false); /* and one that fits wherever there is room */
    CHECKF(h->delivered == 0, "%s: delivered %u octets", c->what, h->delivered_len);
    CHECKF(host_drops(h, c->reason) >= 1, "%s: reason", c->what);
    CHECKF(STACK->ipv4.reass.pbufs == 0, "%s: buffers", c->what);
    CHECKF(lwip_stats.mib2.ipreasmfails == 1, "%s: counter", c->what);
    CHECKF(host_drops(h, DROP_ip4_reass_given_up) >= 1, "%s: what came after", c->what);
    /* another datagram is none the worse for it */
    in(h, 8, 0, 16, false);
    in(h, 8, 16, 20, true);
    check_delivered(h, 1, 20);
    /* when its time is over the identification is free again; no error is sent */
    support_advance(&h->s, 1000 * stack_config_default.ip_reass_maxage);
    CHECKF(h->count == 0, "%s: an error was sent", c->what);
    check_empty();
    in(h, 7, 0, 8, false);
    in(h, 7, 8, 16, true);
    check_delivered(h, 2, 16);
    host_close(h);
}

UNIT(ip4_reass, conflicting_fragments_discard_the_datagram_for_good)
{
    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++)
        check_conflict(&conflicts[i]);
}

UNIT(ip4_reass, impossible_fragments_are_dropped_alone)
{
    struct ip4_host *h = reass_open(NULL);
    in(h, 1, 0, 8, false);
    in(h, 1, 8, 8, false);  /* empty */
    in(h, 1, 8, 8, true);   /* empty and last */
    in(h, 1, 8, 21, false); /* 13 octets with more to come */
    CHECK_INT(host_drops(h, DROP_ip4_reass_bad_length), 3);
    CHECK_INT(lwip_stats.ip_frag.drop, 3);
    in(h, 1, 8, 21, true);
    check_delivered(h, 1, 21);
    check_empty();
    host_close(h);
}

UNIT(ip4_reass, ping_of_death_costs_nothing)
{
    static const uint8_t options[40] = {1};
    struct ip4_host *h = reass_open(NULL);
    struct datagram d = piece(0x455, 0, 9, true);
    d.fragment = 8190; /* 65520 + 9 octets behind a header of 20 */
    for (unsigned i = 0; i < 1000; i++)
        host_in(h, &h->a, &d);
    CHECK_INT(host_drops(h, DROP_ip4_reass_too_big), 1000);
    check_empty();
    d.fragment = 8189; /* 65512 + 8 would do behind 20, but not behind 60 */
    d.len = 4;
    d.options = options;
    d.optlen = 40;
    host_in(h, &h->a, &d);
    CHECK_INT(host_drops(h, DROP_ip4_reass_too_big), 1001);
    check_empty();
    host_close(h);
}

/* [RFC792 Time Exceeded][RFC1122 3.3.2] */
UNIT(ip4_reass, time_exceeded_is_sent_only_with_fragment_zero)
{
    const uint32_t maxage_ms = 1000 * stack_config_default.ip_reass_maxage;
    struct ip4_host *h = reass_open(NULL);
    struct datagram first = piece(1, 0, 1000, false);
    uint8_t bytes[1020];
    uint32_t start = sys_now();
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &first));
    in(h, 2, 8, 16, false); /* no first one here */
    in(h, 2, 16, 24, true);
    support_advance(&h->s, maxage_ms / 2);
    in(h, 1, 1000, 1008, false); /* does not prolong it */
    support_advance(&h->s, maxage_ms - maxage_ms / 2 - 1);
    CHECK_INT(h->count, 0);
    CHECK_INT(STACK->ipv4.reass.pbufs, 4);
    support_advance(&h->s, 1);
    CHECK_INT(h->count, 1);
    host_sent_error(h, 0, 11, 1, 0, bytes);
    CHECK_INT(h->out[0].at_ms - start, maxage_ms);
    check_empty();
    CHECK_INT(host_drops(h, DROP_ip4_reass_timeout), 4);
    CHECK_INT(lwip_stats.mib2.ipreasmfails, 2);
    host_close(h);
}

UNIT(ip4_reass, no_error_about_a_broadcast_that_timed_out)
{
    struct ip4_host *h = reass_open(NULL);
    struct datagram first = piece(1, 0, 64, false);
    uint8_t bytes[84];
    first.dst = 0x0a0000ff;
    host_in(h, &h->a, &first);
    first.dst = A_IP;
    host_in_pieces(h, &h->a, bytes, host_build(bytes, &first), 84, PBUF_FLAG_LLMCAST);
    CHECK_INT(STACK->ipv4.reass.pbufs, 2);
    support_advance(&h->s, 1000 * stack_config_default.ip_reass_maxage);
    CHECK_INT(h->count, 0);
    check_empty();
    host_close(h);
}

UNIT(ip4_reass, ticks_by_hand_age_it)
{
    struct ip4_host *h = reass_open(NULL);
    in(h, 1, 8, 16, true);
    for (unsigned i = 1; i < stack_config_default.ip_reass_maxage; i++)
        ip_reass_tmr();
    CHECK_INT(STACK->ipv4.reass.pbufs, 1);
    ip_reass_tmr();
    check_empty();
    host_close(h);
}

UNIT(ip4_reass, oldest_datagram_makes_way_at_the_limit_of_datagrams)
{
    struct stack_config c = stack_config_default;
    c.memp_num_reassdata = 3;
    struct ip4_host *h = reass_open(&c);
    for (uint16_t id = 1; id <= 1000; id++)
        in(h, id, 0, 8, false);
    CHECK_INT(STACK->ipv4.reass.pbufs, 3);
    CHECK_INT(lwip_stats.mib2.ipreasmfails, 997);
    CHECK_INT(host_drops(h, DROP_ip4_reass_limit), 997);
    in(h, 998, 8, 16, true); /* of the three that are left the oldest */
    check_delivered(h, 1, 16);
    in(h, 997, 8, 16, true); /* long gone */
    CHECK_INT(h->delivered, 1);
    CHECK_INT(h->count, 0);
    host_close(h);
}

UNIT(ip4_reass, oldest_datagram_makes_way_at_the_limit_of_buffers)
{
    struct stack_config c = stack_config_default;
    c.ip_reass_max_pbufs = 4;
    struct ip4_host *h = reass_open(&c);
    in(h, 1, 0, 8, false);
    in(h, 1, 16, 24, false);
    in(h, 2, 0, 8, false);
    in(h, 2, 16, 24, false);
    in(h, 2, 32, 40, false); /* 1 makes way */
    CHECK_INT(STACK->ipv4.reass.pbufs, 3);
    in(h, 2, 48, 56, false);
    in(h, 2, 64, 72, true); /* never at its own cost */
    CHECK_INT(STACK->ipv4.reass.pbufs, 4);
    CHECK_INT(lwip_stats.ip_frag.memerr, 1);
    CHECK_INT(h->delivered, 0);
    in(h, 3, 0, 8, false); /* 2 makes way */
    in(h, 3, 8, 16, true);
    check_delivered(h, 1, 16);
    host_close(h);
}

UNIT(ip4_reass, datagram_being_worked_on_never_makes_way_for_itself)
{
    struct stack_config c = stack_config_default;
    c.ip_reass_max_pbufs = 3;
    struct ip4_host *h = reass_open(&c);
    in(h, 1, 0, 8, false); /* the oldest */
    in(h, 1, 8, 16, false);
    in(h, 2, 0, 8, false);
    in(h, 1, 16, 24, true); /* 2 makes way */
    check_delivered(h, 1, 24);
    check_empty();
    host_close(h);
}

UNIT(ip4_reass, rejected_overlaps_leave_no_trace_in_the_counter)
{
    struct ip4_host *h = reass_open(NULL);
    for (uint16_t id = 0; id < 1000; id++) {
        in(h, id, 0, 16, false);
        in(h, id, 8, 24, false);
    }
    CHECK_INT(STACK->ipv4.reass.pbufs, 0);
    in(h, 2000, 0, 8, false);
    in(h, 2000, 8, 16, true);
    check_delivered(h, 1, 16);
    host_close(h);
}

/* [RFC3168 5.3] */
UNIT(ip4_reass, congestion_mark_survives_unless_the_datagram_cannot_carry_it)
{
    static const struct ip_transport looker = {look, NULL};
    static const struct {
        uint8_t ecn[2];
        int tos; /* of the result, -1: discarded */
    } marks[] = {{{0, 0}, 0}, {{2, 2}, 2}, {{2, 3}, 3}, {{3, 1}, 3},
                 {{3, 3}, 3}, {{0, 3}, -1}, {{3, 0}, -1}, {{2, 0}, 2}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct ip4_host *h = host_open(NULL);
        struct datagram first = piece(1, 0, 8, false), last = piece(1, 8, 16, true);
        ip_transport_register(HOST_PROTO, &looker);
        first.tos = marks[i].ecn[0];
        last.tos = marks[i].ecn[1];
        header_len_seen = 0;
        host_in(h, &h->a, &first);
        host_in(h, &h->a, &last);
        CHECKF(header_len_seen == (marks[i].tos < 0 ? 0u : 20u), "vector %zu", i);
        if (marks[i].tos >= 0)
            CHECKF(header_seen[1] == marks[i].tos, "vector %zu: %u", i, header_seen[1]);
        else
            CHECK_INT(host_drops(h, DROP_ip4_reass_bad_ecn), 2);
        host_close(h);
    }
}

UNIT(ip4_reass, fragments_are_refused_when_switched_off)
{
    struct stack_config c = stack_config_default;
    c.ip_reassembly = 0;
    struct ip4_host *h = reass_open(&c);
    in(h, 1, 0, 8, false);
    CHECK_INT(host_drops(h, DROP_ip4_fragment_refused), 1);
    CHECK_INT(lwip_stats.ip.opterr, 1);
    check_empty();
    host_close(h);
}

/* Random fragments of a small datagram against a model: a bit per unit of 8 octets. */
UNIT(ip4_reass, random_fragments_agree_with_a_model)
{
    struct ip4_host *h = reass_open(NULL);
    uint32_t r = 12345;
    unsigned whole = 0;
    for (uint16_t id = 0; id < 2000; id++) {
        unsigned have = 0, units = 0;
        bool dead = false, done = false;
        struct fragment seen[16];
        unsigned seen_count = 0;
        for (unsigned k = 0; k < 16 && !done; k++) {
            r = r * 1664525u + 1013904223u;
            unsigned start = r >> 8 & 3, len = 1 + (r >> 12 & 1);
            bool last = start != 0 && (start + len == 4 || (r >> 16) % 16 == 0);
            unsigned bits = ((1u << len) - 1) << start;
            bool duplicate = false, conflict = false;
            for (unsigned i = 0; i < seen_count; i++)
                duplicate |= seen[i].start == start && seen[i].end == start + len &&
                             seen[i].last == last;
            conflict = !duplicate && ((have & bits) != 0 || (units != 0 && start + len > units) ||
                                      (units != 0 && last && start + len != units) ||
                                      (units != 0 && !last && start + len == units) ||
                                      (last && have >> (start + len) != 0));
            if (!dead && !duplicate && !conflict) {
                have |= bits;
                seen[seen_count++] =
                    (struct fragment){(uint16_t)start, (uint16_t)(start + len), last};
                if (last)
                    units = start + len;
                done = units != 0 && have == (1u << units) - 1;
            }
            dead |= conflict;
            in(h, id, start * 8, (start + len) * 8, last);
            whole += done;
            CHECKF(h->delivered == whole, "datagram %u fragment %u", id, k);
            if (done)
                check_delivered(h, whole, units * 8);
        }
        support_advance(&h->s, 1000 * stack_config_default.ip_reass_maxage);
        h->count = 0;
        check_empty();
    }
    SHOWS("RQ-815-01", whole > 100);
    host_close(h);
}
