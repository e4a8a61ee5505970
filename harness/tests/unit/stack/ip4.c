/* ip4.c: a datagram arrives at, and leaves, a host: checks, delivery, headers.
 * Runs on every build. */
#include "ip4_host.h"

static const uint8_t sixteen[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static struct datagram to_us(void)
{
    return (struct datagram){
        .src = PEER, .dst = A_IP, .proto = HOST_PROTO, .data = sixteen, .len = sizeof sixteen};
}

UNIT(ip4, whole_datagram_is_delivered_with_its_addresses)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    host_listen(h);
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    CHECK_INT(h->delivered_len, 16);
    CHECK_MEM(h->delivered_bytes, sixteen, 16);
    CHECK_INT(h->delivered_src, PEER);
    CHECK_INT(h->delivered_dst, A_IP);
    CHECK_INT(lwip_stats.ip.recv, 1);
    CHECK_INT(lwip_stats.ip.drop, 0);
    CHECK_INT(lwip_stats.mib2.ipinreceives, 1);
    CHECK_INT(lwip_stats.mib2.ipindelivers, 1);
    CHECK(ip_current_netif() == NULL);
    CHECK(ip4_current_header() == NULL);
    host_close(h);
}

static struct {
    struct netif *netif, *input_netif;
    const void *header, *payload;
    u16_t header_len;
    u8_t proto;
} seen;

static void look(struct pbuf *p, struct netif *inp)
{
    (void)inp;
    seen.netif = ip_current_netif();
    seen.input_netif = ip_current_input_netif();
    seen.header = ip4_current_header();
    seen.header_len = ip_current_header_tot_len();
    seen.proto = ip_current_header_proto();
    seen.payload = p->payload;
    pbuf_free(p);
}

UNIT(ip4, current_packet_is_described_as_lwip_does)
{
    static const struct ip_transport looker = {look, NULL};
    static const uint8_t options[4] = {1, 1, 1, 0};
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    d.dst = B_IP; /* weak host [RFC1122 3.3.4.2]: accepted on a, current netif is b */
    d.options = options;
    d.optlen = 4;
    ip_transport_register(HOST_PROTO, &looker);
    host_in(h, &h->a, &d);
    CHECK(seen.netif == &h->b.netif);
    CHECK(seen.input_netif == &h->a.netif);
    CHECK_INT(seen.header_len, 24);
    CHECK_INT(seen.proto, HOST_PROTO);
    CHECK((const uint8_t *)seen.header + 24 == seen.payload);
    host_close(h);
}

UNIT(ip4, padding_behind_the_total_length_is_cut_off)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[60] = {0};
    host_listen(h);
    host_build(bytes, &d);
    memset(bytes + 36, 0xee, 24);
    for (size_t piece = 20; piece <= 60; piece++) {
        host_in_pieces(h, &h->a, bytes, sizeof bytes, piece, 0);
        CHECK_INT(h->delivered_len, 16);
    }
    CHECK_INT(h->delivered, 41);
    host_close(h);
}

struct bad_header {
    const char *what;
    uint8_t at, value;
    size_t len; /* bytes that arrive of 36 */
    unsigned reason;
    size_t counter; /* offset in lwip_stats.ip */
};

#define COUNTER(name) offsetof(struct stats_proto, name)

static const struct bad_header bad_headers[] = {
    {"version 0", 0, 0x05, 36, DROP_ip4_bad_version, COUNTER(err)},
    {"version 6", 0, 0x65, 36, DROP_ip4_bad_version, COUNTER(err)},
    {"version 15", 0, 0xf5, 36, DROP_ip4_bad_version, COUNTER(err)},
    {"IHL 0", 0, 0x40, 36, DROP_ip4_bad_header_length, COUNTER(lenerr)},
    {"IHL 4", 0, 0x44, 36, DROP_ip4_bad_header_length, COUNTER(lenerr)},
    {"IHL 15 in 36 bytes", 0, 0x4f, 36, DROP_ip4_bad_header_length, COUNTER(lenerr)},
    {"total length 0", 3, 0, 36, DROP_ip4_header_beyond_total, COUNTER(lenerr)},
    {"total length 19", 3, 19, 36, DROP_ip4_header_beyond_total, COUNTER(lenerr)},
    {"total length 100", 3, 100, 36, DROP_ip4_truncated, COUNTER(lenerr)},
    {"one byte missing", 3, 36, 35, DROP_ip4_truncated, COUNTER(lenerr)},
    {"one byte arrived", 3, 36, 1, DROP_ip4_too_short, COUNTER(lenerr)},
    {"19 bytes arrived", 3, 36, 19, DROP_ip4_too_short, COUNTER(lenerr)},
    {"checksum", 10, 0x12, 36, DROP_ip4_bad_checksum, COUNTER(chkerr)},
};

UNIT(ip4, malformed_header_is_dropped_and_counted)
{
    for (size_t i = 0; i < sizeof bad_headers / sizeof bad_headers[0]; i++) {
        const struct bad_header *b = &bad_headers[i];
        struct ip4_host *h = host_open(NULL);
        struct datagram d = to_us();
        uint8_t bytes[36];
        STAT_COUNTER count;
        host_listen(h);
        host_build(bytes, &d);
        bytes[b->at] = b->value;
        host_in_bytes(h, &h->a, bytes, b->len);
        memcpy(&count, (const uint8_t *)&lwip_stats.ip + b->counter, sizeof count);
        CHECKF(host_drops(h, b->reason) == 1, "%s: reason", b->what);
        CHECKF(count == 1 && lwip_stats.ip.drop == 1, "%s: counters", b->what);
        CHECKF(h->delivered == 0 && h->count == 0, "%s: reaction", b->what);
        host_in(h, &h->a, &d);
        CHECKF(h->delivered == 1, "%s: the next one", b->what);
        host_close(h);
    }
}

UNIT(ip4, every_truncation_of_a_datagram_is_dropped)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[36];
    host_listen(h);
    host_build(bytes, &d);
    for (size_t len = 1; len < sizeof bytes; len++)
        host_in_bytes(h, &h->a, bytes, len);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(h->count, 0);
    CHECK_INT(lwip_stats.ip.lenerr, 35);
    host_close(h);
}

UNIT(ip4, checksum_is_not_looked_at_where_the_hardware_did)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[36];
    host_listen(h);
    host_build(bytes, &d);
    bytes[10] ^= 1;
    NETIF_SET_CHECKSUM_CTRL(&h->a.netif, NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_CHECK_IP);
    host_in_bytes(h, &h->a, bytes, sizeof bytes);
    CHECK_INT(h->delivered, 1);
    host_close(h);
}

/* [RFC1122 3.2.1.3] */
UNIT(ip4, source_that_is_not_one_other_host_is_dropped)
{
    static const struct {
        uint32_t src;
        unsigned reason;
    } sources[] = {
        {0x0a0000ff, DROP_ip4_bad_source}, {0xffffffff, DROP_ip4_bad_source},
        {0xe0010203, DROP_ip4_bad_source}, {0xf0000001, DROP_ip4_bad_source},
        {0x00000000, DROP_ip4_bad_source}, {0x00000001, DROP_ip4_bad_source},
        {0x7f000001, DROP_ip4_martian},    {A_IP, DROP_ip4_own_source},
        {B_IP, DROP_ip4_own_source},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct ip4_host *h = host_open(NULL);
        struct datagram d = to_us();
        host_listen(h);
        d.src = sources[i].src;
        host_in(h, &h->a, &d);
        CHECKF(h->delivered == 0 && h->count == 0, "source %08x", d.src);
        CHECKF(host_drops(h, sources[i].reason) == 1, "source %08x: reason", d.src);
        CHECK_INT(lwip_stats.ip.drop, 1);
        CHECK_INT(lwip_stats.mib2.ipinaddrerrors, 1);
        host_close(h);
    }
}

UNIT(ip4, destination_decides_whose_it_is)
{
    static const struct {
        uint32_t dst;
        bool ours;
    } destinations[] = {
        {A_IP, true},        {B_IP, true},        {0x0a0000ff, true},  {0xffffffff, true},
        {0xc0a801ff, true},  {0x0a000000, false}, {0x0a000009, false}, {0x7f000001, false},
        {0xe0000001, true},  {0xe0000002, false}, {0xef010101, false}, {0xf0000001, false},
    };
    for (size_t i = 0; i < sizeof destinations / sizeof destinations[0]; i++) {
        struct ip4_host *h = host_open(NULL);
        struct datagram d = to_us();
        host_listen(h);
        d.dst = destinations[i].dst;
        host_in(h, &h->a, &d);
        CHECKF(h->delivered == destinations[i].ours, "destination %08x", d.dst);
        CHECK_INT(lwip_stats.ip.drop, !destinations[i].ours);
        CHECKF(h->count == 0, "destination %08x", d.dst);
        host_close(h);
    }
}

/* [RFC1122 3.3.6] */
UNIT(ip4, unicast_in_a_link_broadcast_is_dropped)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[36];
    host_listen(h);
    host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), 36, PBUF_FLAG_LLBCAST);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(host_drops(h, DROP_ip4_link_broadcast), 1);
    d.dst = 0x0a0000ff;
    host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), 36, PBUF_FLAG_LLBCAST);
    CHECK_INT(h->delivered, 1);
    host_close(h);
}

/* [RFC1122 3.2.1.7] */
UNIT(ip4, ttl_0_and_1_to_us_are_delivered)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    host_listen(h);
    d.ttl_zero = true;
    host_in(h, &h->a, &d);
    d.ttl = 1;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 2);
    host_close(h);
}

UNIT(ip4, reserved_flag_is_ignored)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    host_listen(h);
    d.fragment = 0x8000;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    host_close(h);
}

UNIT(ip4, interface_that_is_down_takes_nothing)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    host_listen(h);
    netif_set_down(&h->a.netif);
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(host_drops(h, DROP_ip4_netif_down), 1);
    host_close(h);
}

/* [RFC1122 3.2.2.1] */
UNIT(ip4, unknown_protocol_is_answered_with_an_error)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[36];
    d.proto = 143;
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->count, 1);
    host_sent_error(h, 0, 3, 2, 0, bytes);
    CHECK_INT(host_sent(h, 0).src, A_IP);
    CHECK_INT(host_drops(h, DROP_ip4_no_protocol), 1);
    CHECK_INT(lwip_stats.ip.proterr, 1);
    CHECK_INT(lwip_stats.mib2.ipinunknownprotos, 1);
    CHECK_INT(lwip_stats.mib2.icmpoutdestunreachs, 1);
    d.dst = 0x0a0000ff;
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 1);
    host_close(h);
}

UNIT(ip4, options_are_passed_over_and_bad_ones_answered)
{
    static const uint8_t unknown[4] = {0x9e, 4, 0, 0}, bad[4] = {7, 0, 0, 0};
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[40];
    host_listen(h);
    d.optlen = 4;
    d.options = unknown; /* [RFC1122 3.2.1.8] */
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    CHECK_MEM(h->delivered_bytes, sixteen, 16);
    d.options = bad;
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->delivered, 1);
    CHECK_INT(h->count, 1);
    host_sent_error(h, 0, 12, 0, 21u << 24, bytes); /* [RFC792 Param Problem] */
    CHECK_INT(lwip_stats.ip.opterr, 1);
    CHECK_INT(lwip_stats.ip.drop, 1);
    CHECK_INT(host_drops(h, DROP_ip4_bad_option), 1);
    host_close(h);
}

UNIT(ip4, source_route_is_refused)
{
    static const uint8_t route[8] = {0x83, 7, 4, 10, 0, 0, 9, 0};
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us();
    uint8_t bytes[44];
    host_listen(h);
    d.optlen = 8;
    d.options = route;
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->delivered, 0);
    host_sent_error(h, 0, 3, 5, 0, bytes); /* [RFC1122 3.3.5] */
    CHECK_INT(host_drops(h, DROP_ip4_source_route), 1);
    host_close(h);
}

UNIT(ip4, options_are_refused_when_not_allowed)
{
    static const uint8_t nops[4] = {1, 1, 1, 0};
    struct stack_config c = stack_config_default;
    if (!SUPPORT_CONFIGURABLE)
        return;
    c.ip_options_allowed = 0;
    struct ip4_host *h = host_open(&c);
    struct datagram d = to_us();
    host_listen(h);
    d.optlen = 4;
    d.options = nops;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 0);
    CHECK_INT(h->count, 0);
    CHECK_INT(lwip_stats.ip.opterr, 1);
    CHECK_INT(host_drops(h, DROP_ip4_options_refused), 1);
    host_close(h);
}

static enum raw_verdict raw_answer;
static unsigned raw_seen;

static enum raw_verdict raw_spy(struct pbuf *p, struct netif *inp)
{
    (void)inp;
    raw_seen++;
    CHECK_INT(*(const uint8_t *)p->payload, 0x45); /* at the IP header */
    if (raw_answer == RAW_EATEN)
        pbuf_free(p);
    return raw_answer;
}

UNIT(ip4, raw_verdict_decides_what_becomes_of_a_datagram)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = to_us(), unknown = to_us();
    unknown.proto = 143;
    host_listen(h);
    raw_seen = 0;
    ip_raw_register(raw_spy);
    raw_answer = RAW_NONE;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 1);
    raw_answer = RAW_DELIVERED;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 2);
    host_in(h, &h->a, &unknown);
    CHECK_INT(h->count, 0); /* somebody wanted it: no error */
    raw_answer = RAW_EATEN;
    host_in(h, &h->a, &d);
    CHECK_INT(h->delivered, 2);
    CHECK_INT(raw_seen, 4);
    CHECK_INT(lwip_stats.ip.drop, 0);
    CHECK_INT(lwip_stats.mib2.ipindelivers, 4);
    host_close(h);
}

/* ---- output ---- */

static struct pbuf *payload(u16_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, len, PBUF_RAM);
    CHECK(p != NULL);
    for (u16_t i = 0; i < len; i++)
        ((uint8_t *)p->payload)[i] = (uint8_t)i;
    return p;
}

UNIT(ip4, output_writes_every_field)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = payload(10);
    CHECK_INT(ip4_output(p, NULL, &dest, 7, 0x10, 99), ERR_OK);
    struct wire_ip4 w = host_sent(h, 0);
    CHECK(h->out[0].netif == &h->a.netif);
    CHECK_INT(h->out[0].next_hop, PEER);
    CHECK_INT(w.total_len, 30);
    CHECK_INT(w.tos, 0x10);
    CHECK_INT(w.ttl, 7);
    CHECK_INT(w.proto, 99);
    CHECK_INT(w.fragment, 0); /* reserved bit zero [RFC791 3.1] */
    CHECK_INT(w.src, A_IP);
    CHECK_INT(w.dst, PEER);
    CHECK_MEM(h->out[0].bytes + 20, (uint8_t *)p->payload + 20, 10);
    pbuf_free(p);
    p = payload(10);
    CHECK_INT(ip4_output(p, NULL, &dest, 7, 0, 99), ERR_OK);
    CHECK_INT((uint16_t)(host_sent(h, 1).id - w.id), 1);
    pbuf_free(p);
    CHECK_INT(lwip_stats.mib2.ipoutrequests, 2);
    CHECK_INT(lwip_stats.ip.xmit, 2);
    host_close(h);
}

UNIT(ip4, given_source_is_used_and_any_is_filled_in_or_kept)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER), src = host_addr(B_IP), any = host_addr(0);
    struct pbuf *p = payload(0);
    CHECK_INT(ip4_output_if(p, &src, &dest, 7, 0, 99, &h->a.netif), ERR_OK);
    pbuf_free(p);
    p = payload(0);
    CHECK_INT(ip4_output_if(p, &any, &dest, 7, 0, 99, &h->a.netif), ERR_OK);
    pbuf_free(p);
    p = payload(0);
    CHECK_INT(ip4_output_if_src(p, &any, &dest, 7, 0, 99, &h->a.netif), ERR_OK);
    pbuf_free(p);
    CHECK_INT(host_sent(h, 0).src, B_IP);
    CHECK_INT(host_sent(h, 1).src, A_IP);
    CHECK_INT(host_sent(h, 2).src, 0);
    host_close(h);
}

UNIT(ip4, output_options_are_padded_to_words)
{
    static uint8_t option[3] = {0x9e, 3, 0xaa};
    const uint8_t want[4] = {0x9e, 3, 0xaa, 0};
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memset(p->payload, 7, 4);
    CHECK_INT(ip4_output_if_opt(p, NULL, &dest, 7, 0, 99, &h->a.netif, option, 3), ERR_OK);
    pbuf_free(p);
    CHECK_INT(host_sent(h, 0).header_len, 24);
    CHECK_MEM(h->out[0].bytes + 20, want, 4);
    p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    CHECK_INT(ip4_output_if_opt(p, NULL, &dest, 7, 0, 99, &h->a.netif, option, 41), ERR_BUF);
    pbuf_free(p);
    CHECK_INT(host_drops(h, DROP_ip4_out_no_room), 1);
    ip4_addr_t src = host_addr(B_IP);
    p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    CHECK_INT(ip4_output_if_opt_src(p, &src, &dest, 7, 0, 99, &h->a.netif, option, 3), ERR_OK);
    pbuf_free(p);
    CHECK_INT(host_sent(h, 1).src, B_IP);
    CHECK_MEM(h->out[1].bytes + 20, want, 4);
    host_close(h);
}

/* The hint is the interface's for the time of the call only. */
UNIT(ip4, hint_is_lent_to_the_interface)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER), nowhere = host_addr(0);
    struct netif_hint hint = {.addr_hint = 3};
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memset(p->payload, 7, 4);
    CHECK_INT(ip4_output_hinted(p, NULL, &dest, 7, 0, 99, &hint), ERR_OK);
    CHECK_INT(host_sent(h, 0).dst, PEER);
    CHECK(h->a.netif.hints == NULL);
    netif_set_default(NULL);
    nowhere = host_addr(0x08080808);
    CHECK_INT(ip4_output_hinted(p, NULL, &nowhere, 7, 0, 99, &hint), ERR_RTE);
    pbuf_free(p);
    host_close(h);
}

UNIT(ip4, ready_made_header_leaves_as_it_is_if_it_tells_the_truth)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = {.src = A_IP, .dst = PEER, .proto = 99, .id = 0x4242, .data = sixteen,
                         .len = 16};
    uint8_t bytes[36];
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 36, PBUF_RAM);
    host_build(bytes, &d);
    memcpy(p->payload, bytes, 36);
    CHECK_INT(ip4_output_if(p, NULL, LWIP_IP_HDRINCL, 0, 0, 0, &h->a.netif), ERR_OK);
    CHECK_INT(h->count, 1);
    CHECK_MEM(h->out[0].bytes, bytes, 36);
    CHECK_INT(ip4_output(p, NULL, LWIP_IP_HDRINCL, 0, 0, 0), ERR_OK);
    CHECK_INT(h->count, 2);
    for (unsigned bad = 0; bad < 4; bad++) {
        static const uint8_t at[] = {0, 0, 3, 3}, value[] = {0x65, 0x4f, 35, 37};
        memcpy(p->payload, bytes, 36);
        ((uint8_t *)p->payload)[at[bad]] = value[bad];
        CHECK_INT(ip4_output_if(p, NULL, LWIP_IP_HDRINCL, 0, 0, 0, &h->a.netif), ERR_BUF);
    }
    CHECK_INT(h->count, 2);
    CHECK_INT(host_drops(h, DROP_ip4_out_bad_header), 4);
    pbuf_free(p);
    host_close(h);
}

/* [RFC1122 3.2.1.7] */
UNIT(ip4, ttl_0_never_leaves)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = payload(4);
    CHECK_INT(ip4_output(p, NULL, &dest, 0, 0, 99), ERR_VAL);
    pbuf_free(p);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_ip4_out_ttl), 1);
    host_close(h);
}

UNIT(ip4, own_and_loopback_addresses_stay_in_the_host)
{
    static const uint32_t own[] = {A_IP, B_IP, 0x7f000001, 0x7f010203};
    struct ip4_host *h = host_open(NULL);
    host_listen(h);
    for (unsigned i = 0; i < 4; i++) {
        ip4_addr_t dest = host_addr(own[i]);
        struct pbuf *p = payload(12);
        CHECK_INT(ip4_output(p, NULL, &dest, 9, 0, HOST_PROTO), ERR_OK);
        pbuf_free(p);
        CHECK_INT(h->delivered, i); /* only later, from the queue */
        support_advance(&h->s, 0);
        CHECK_INT(h->delivered, i + 1);
        CHECK_INT(h->delivered_dst, own[i]);
    }
    /* whatever interface the caller names */
    ip4_addr_t dest = host_addr(B_IP);
    struct pbuf *p = payload(12);
    CHECK_INT(ip4_output_if(p, NULL, &dest, 9, 0, HOST_PROTO, &h->a.netif), ERR_OK);
    pbuf_free(p);
    support_advance(&h->s, 0);
    CHECK_INT(h->delivered, 5);
    CHECK_INT(h->delivered_src, A_IP);
    CHECK_INT(h->count, 0);
    CHECK_INT(lwip_stats.ip.drop, 0);
    host_close(h);
}

/* [RFC1122 3.2.1.3(g)] */
UNIT(ip4, loopback_source_never_reaches_a_wire)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER), src = host_addr(0x7f000001);
    struct pbuf *p = payload(4);
    CHECK_INT(ip4_output(p, &src, &dest, 9, 0, 99), ERR_RTE);
    pbuf_free(p);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_ip4_out_loopback_on_wire), 1);
    host_close(h);
}

/* [RFC1112 6.1] */
UNIT(ip4, multicast_is_looped_back_when_asked_for)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t all = host_addr(0xe0000001);
    host_listen(h);
    for (unsigned looped = 0; looped < 2; looped++) {
        struct pbuf *p = payload(4);
        if (looped)
            p->flags |= PBUF_FLAG_MCASTLOOP;
        CHECK_INT(ip4_output_if(p, NULL, &all, 9, 0, HOST_PROTO, &h->a.netif), ERR_OK);
        pbuf_free(p);
        support_advance(&h->s, 0);
        CHECK_INT(h->count, looped + 1);
        CHECK_INT(h->delivered, looped);
    }
    host_close(h);
}

UNIT(ip4, result_of_the_interface_is_handed_on)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = payload(4);
    h->output_result = ERR_IF;
    CHECK_INT(ip4_output(p, NULL, &dest, 9, 0, 99), ERR_IF);
    pbuf_free(p);
    host_close(h);
}
