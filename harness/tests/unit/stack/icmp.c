/* icmp.c: echo, errors that are sent and those that must not be, errors that come in. */
#include "ip4_host.h"

#include "lwip/sys.h"

struct icmp_in {
    struct wire_icmp m;
    uint16_t spoil; /* exclusive-or'ed into the checksum */
    const void *data;
    size_t len;
};

static size_t build_icmp(uint8_t *out, const struct icmp_in *m)
{
    struct wire_icmp w = m->m;
    w.checksum = 0;
    wire_icmp_emit(out, &w);
    if (m->len != 0)
        memcpy(out + 8, m->data, m->len);
    put_be16(out + 2, (uint16_t)(checksum_fold(checksum_add(0, out, 8 + m->len)) ^ m->spoil));
    return 8 + m->len;
}

static uint8_t message[65536];

static struct datagram with_icmp(const struct icmp_in *m)
{
    size_t len = build_icmp(message, m);
    return (struct datagram){.src = PEER, .dst = A_IP, .proto = 1, .data = message, .len = len};
}

static struct icmp_in echo(const void *data, size_t len)
{
    return (struct icmp_in){.m = {.type = 8, .word = 0x12340007}, .data = data, .len = len};
}

/* The i-th datagram answers the echo request in `message`, of this length. */
static void check_reply(const struct ip4_host *h, unsigned i, size_t len)
{
    struct wire_ip4 w = host_sent(h, i);
    const uint8_t *icmp = h->out[i].bytes + w.header_len;
    size_t shown = LWIP_MIN(len, sizeof h->out[i].bytes - w.header_len);
    CHECK_INT(w.proto, 1);
    CHECK_INT(w.total_len, w.header_len + len);
    CHECK_INT(icmp[0], 0);
    CHECK_INT(icmp[1], 0);
    CHECK_MEM(icmp + 4, message + 4, shown - 4);
    if (shown == len)
        CHECK_INT(checksum_fold(checksum_add(0, icmp, len)), 0);
}

/* [RFC792 Echo][RFC1122 3.2.2.6] */
UNIT(icmp, echo_reply_returns_every_octet)
{
    static const size_t lengths[] = {0, 1, 2, 56, 57, 1471, 1472};
    static uint8_t data[1472];
    struct ip4_host *h = host_open(NULL);
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 3);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct icmp_in m = echo(data, lengths[i]);
        struct datagram d = with_icmp(&m);
        d.tos = 0x12;
        host_in(h, &h->a, &d);
        CHECK_INT(h->count, i + 1);
        check_reply(h, i, 8 + lengths[i]);
        CHECK_INT(host_sent(h, i).src, A_IP);
        CHECK_INT(host_sent(h, i).dst, PEER);
        CHECK_INT(host_sent(h, i).ttl, stack_config_default.icmp_ttl);
        CHECK_INT(host_sent(h, i).tos, 0x10); /* without ECN */
        CHECK_INT(h->out[i].pbufs, 1);        /* the request's own buffer */
    }
    CHECK_INT(lwip_stats.icmp.recv, 7);
    CHECK_INT(lwip_stats.icmp.xmit, 7);
    CHECK_INT(lwip_stats.mib2.icmpinechos, 7);
    CHECK_INT(lwip_stats.mib2.icmpoutechoreps, 7);
    host_close(h);
}

UNIT(icmp, reply_to_an_all_zero_request_has_checksum_ffff)
{
    static const uint8_t zeros[32];
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = {.m = {.type = 8}, .data = zeros, .len = sizeof zeros};
    struct datagram d = with_icmp(&m);
    host_in(h, &h->a, &d);
    check_reply(h, 0, 40);
    CHECK_INT(get_be16(h->out[0].bytes + 22), 0xffff);
    host_close(h);
}

UNIT(icmp, reply_checksum_is_right_for_every_request_checksum)
{
    struct ip4_host *h = host_open(NULL);
    for (unsigned value = 0; value < 65536; value += 31) {
        uint8_t data[2] = {(uint8_t)(value >> 8), (uint8_t)value};
        struct icmp_in m = echo(data, 2);
        struct datagram d = with_icmp(&m);
        h->count = 0;
        host_in(h, &h->a, &d);
        check_reply(h, 0, 10);
    }
    host_close(h);
}

UNIT(icmp, reply_comes_from_the_address_that_was_asked)
{
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = echo("abc", 3);
    struct datagram d = with_icmp(&m);
    d.dst = B_IP;
    host_in(h, &h->a, &d);
    CHECK_INT(host_sent(h, 0).src, B_IP);
    CHECK(h->out[0].netif == &h->a.netif);
    host_close(h);
}

UNIT(icmp, request_in_any_chain_is_answered)
{
    static uint8_t bytes[120];
    struct icmp_in m = echo("0123456789012345678901234567890123456789", 40);
    for (size_t split = 20; split <= 70; split++) {
        struct ip4_host *h = host_open(NULL);
        struct datagram d = with_icmp(&m);
        host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), split, 0);
        check_reply(h, 0, 48);
        host_close(h);
    }
}

UNIT(icmp, shared_or_roomless_request_is_not_written_to)
{
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = echo("0123456789", 10);
    struct datagram d = with_icmp(&m);
    uint8_t bytes[38], before[38];
    host_build(bytes, &d);
    memcpy(before, bytes, 38);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 38, PBUF_REF);
    p->payload = bytes;
    CHECK_INT(ip4_input(p, &h->a.netif), ERR_OK);
    check_reply(h, 0, 18);
    CHECK_MEM(bytes, before, 38);
    CHECK_INT(h->out[0].pbufs, 2); /* its data is only referred to */
    p = pbuf_alloc(PBUF_LINK, 38, PBUF_RAM);
    memcpy(p->payload, bytes, 38);
    pbuf_ref(p);
    CHECK_INT(ip4_input(p, &h->a.netif), ERR_OK);
    check_reply(h, 1, 18);
    CHECK_INT(h->out[1].pbufs, 1);
    CHECK_MEM(p->payload, before + 20, 18);
    pbuf_free(p);
    host_close(h);
}

UNIT(icmp, largest_request_is_answered_in_fragments)
{
    static uint8_t data[65507];
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = echo(data, sizeof data);
    struct datagram d = with_icmp(&m);
    for (unsigned reverse = 0; reverse < 2; reverse++) {
        unsigned fragments = (65515 + 1479) / 1480;
        h->count = 0;
        for (unsigned k = 0; k < fragments; k++) {
            unsigned i = reverse ? fragments - 1 - k : k;
            d.data = message + i * 1480;
            d.len = i == fragments - 1 ? 65515 - i * 1480 : 1480;
            d.id = (uint16_t)(21 + reverse);
            d.fragment = (uint16_t)(i * 185 | (i == fragments - 1 ? 0 : WIRE_IP4_MF));
            host_in(h, &h->a, &d);
        }
        CHECK_INT(h->count, fragments);
        struct wire_ip4 w = host_sent(h, fragments - 1);
        CHECK_INT(wire_ip4_offset(&w) + w.total_len - w.header_len, 65515);
    }
    host_close(h);
}

/* [RFC1122 3.2.2.6] */
UNIT(icmp, broadcast_ping_is_answered_only_when_asked_for)
{
    static const uint32_t dst[] = {0x0a0000ff, 0xffffffff, 0xe0000001};
    for (unsigned on = 0; on < 2; on++) {
        struct stack_config c = stack_config_default;
        c.lwip_broadcast_ping = c.lwip_multicast_ping = on;
        struct ip4_host *h = host_open(&c);
        for (unsigned i = 0; i < 3; i++) {
            struct icmp_in m = echo("abc", 3);
            struct datagram d = with_icmp(&m);
            uint8_t bytes[64];
            d.dst = dst[i];
            host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), 64, PBUF_FLAG_LLBCAST);
        }
        CHECK_INT(h->count, on ? 3 : 0);
        for (unsigned i = 0; i < h->count; i++)
            CHECK_INT(host_sent(h, i).src, A_IP);
        CHECK_INT(host_drops(h, DROP_icmp_echo_broadcast), on ? 0 : 3);
        host_close(h);
    }
}

UNIT(icmp, record_route_and_timestamp_go_back_with_the_reply)
{
    static const uint8_t options[16] = {7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0, 0, 0, 0, 0};
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = echo("abc", 3);
    struct datagram d = with_icmp(&m);
    d.options = options;
    d.optlen = 16;
    host_in(h, &h->a, &d);
    CHECK_INT(host_sent(h, 0).header_len, 28); /* the router alert stays behind */
    CHECK_INT(h->out[0].bytes[20], 7);
    CHECK_INT(h->out[0].bytes[22], 8);
    CHECK_INT(get_be32(h->out[0].bytes + 23), A_IP);
    check_reply(h, 0, 11);
    host_close(h);
}

/* [RFC1122 3.2.2] */
UNIT(icmp, unanswered_and_unknown_types_are_dropped_in_silence)
{
    struct ip4_host *h = host_open(NULL);
    unsigned dropped = 0;
    for (unsigned type = 0; type < 256; type++) {
        struct icmp_in m = {
            .m = {.type = (uint8_t)type, .code = 255}, .data = "01234567", .len = 8};
        struct datagram d = with_icmp(&m);
        if (type == 8)
            continue;
        host_in(h, &h->a, &d);
        dropped++;
        CHECKF(h->count == 0, "type %u", type);
        CHECKF(lwip_stats.icmp.drop == dropped, "type %u", type);
    }
    CHECK_INT(host_drops(h, DROP_icmp_unanswered), 6);
    CHECK_INT(host_drops(h, DROP_icmp_unknown_type), 256 - 8 - 5);
    CHECK_INT(host_drops(h, DROP_icmp_source_quench), 1);
    CHECK_INT(host_drops(h, DROP_icmp_bad_code), 4); /* 3, 5, 11, 12 */
    CHECK_INT(host_drops(h, DROP_icmp_echo_reply), 1);
    CHECK_INT(lwip_stats.mib2.icmpintimestamps, 1);
    CHECK_INT(lwip_stats.mib2.icmpintimestampreps, 1);
    CHECK_INT(lwip_stats.mib2.icmpinaddrmasks, 1);
    CHECK_INT(lwip_stats.mib2.icmpinaddrmaskreps, 1);
    CHECK_INT(lwip_stats.mib2.icmpinredirects, 1);
    CHECK_INT(lwip_stats.mib2.icmpinsrcquenchs, 1);
    CHECK_INT(lwip_stats.mib2.icmpinechoreps, 1);
    CHECK_INT(lwip_stats.icmp.proterr, 256 - 1 - 6); /* all but echo, its reply, 3, 4, 5, 11, 12 */
    host_close(h);
}

UNIT(icmp, short_or_corrupt_message_is_dropped)
{
    struct ip4_host *h = host_open(NULL);
    struct icmp_in m = echo("abcd", 4);
    struct datagram d = with_icmp(&m);
    for (d.len = 0; d.len < 8; d.len++)
        host_in(h, &h->a, &d);
    CHECK_INT(lwip_stats.icmp.lenerr, 8);
    CHECK_INT(host_drops(h, DROP_icmp_too_short), 8);
    m.spoil = 1;
    d = with_icmp(&m);
    host_in(h, &h->a, &d);
    CHECK_INT(lwip_stats.icmp.chkerr, 1);
    CHECK_INT(host_drops(h, DROP_icmp_bad_checksum), 1);
    CHECK_INT(lwip_stats.mib2.icmpinerrors, 9);
    CHECK_INT(h->count, 0);
    NETIF_SET_CHECKSUM_CTRL(&h->a.netif, NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_CHECK_ICMP);
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 1);
    host_close(h);
}

/* ---- errors that are sent ---- */

static struct datagram offending(void)
{
    return (struct datagram){.src = PEER, .dst = A_IP, .proto = 17, .data = "0123456789abcdef",
                             .len = 16};
}

static void provoke(struct ip4_host *h, const struct datagram *d, uint8_t flags)
{
    uint8_t bytes[128];
    size_t len = host_build(bytes, d);
    struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)len, PBUF_RAM);
    memcpy(p->payload, bytes, len);
    p->flags |= flags;
    icmp_dest_unreach(p, ICMP_DUR_PORT);
    CHECK_MEM(p->payload, bytes, len);
    pbuf_free(p);
    (void)h;
}

UNIT(icmp, error_quotes_header_and_eight_octets)
{
    static const uint8_t options[8] = {0x9e, 8, 1, 2, 3, 4, 5, 6};
    struct ip4_host *h = host_open(NULL);
    struct datagram d = offending();
    uint8_t bytes[64];
    provoke(h, &d, 0);
    host_build(bytes, &d);
    host_sent_error(h, 0, 3, 3, 0, bytes);
    CHECK_INT(host_sent(h, 0).ttl, stack_config_default.icmp_ttl);
    d.options = options;
    d.optlen = 8;
    provoke(h, &d, 0);
    host_build(bytes, &d);
    host_sent_error(h, 1, 3, 3, 0, bytes);
    CHECK_INT(host_sent(h, 1).total_len, 20 + 8 + 28 + 8);
    CHECK_INT(lwip_stats.mib2.icmpoutmsgs, 2);
    CHECK_INT(lwip_stats.icmp.xmit, 2);
    host_close(h);
}

UNIT(icmp, error_about_a_short_datagram_quotes_all_there_is)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = offending();
    d.len = 3;
    provoke(h, &d, 0);
    CHECK_INT(host_sent(h, 0).total_len, 20 + 8 + 20 + 3);
    host_close(h);
}

UNIT(icmp, time_exceeded_has_its_own_counter)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = offending();
    uint8_t bytes[64];
    size_t len = host_build(bytes, &d);
    struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)len, PBUF_RAM);
    memcpy(p->payload, bytes, len);
    icmp_time_exceeded(p, ICMP_TE_FRAG);
    pbuf_free(p);
    host_sent_error(h, 0, 11, 1, 0, bytes);
    CHECK_INT(lwip_stats.mib2.icmpouttimeexcds, 1);
    host_close(h);
}

/* [RFC1122 3.2.2] */
UNIT(icmp, error_is_never_sent_where_the_rules_forbid_it)
{
    struct ip4_host *h = host_open(NULL);
    static const uint32_t sources[] = {0, 5, 0x7f000001, 0x0a0000ff, 0xffffffff, 0xe0000001,
                                       0xf0000001, 0xc0a801ff};
    static const uint32_t destinations[] = {0, 0xffffffff, 0x0a0000ff, 0xc0a801ff, 0xe0000001};
    struct datagram d = offending();
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        d.src = sources[i];
        provoke(h, &d, 0);
        CHECKF(h->count == 0, "source %08x", d.src);
    }
    d = offending();
    for (size_t i = 0; i < sizeof destinations / sizeof destinations[0]; i++) {
        d.dst = destinations[i];
        provoke(h, &d, 0);
        CHECKF(h->count == 0, "destination %08x", d.dst);
    }
    d = offending();
    provoke(h, &d, PBUF_FLAG_LLBCAST);
    provoke(h, &d, PBUF_FLAG_LLMCAST);
    d.fragment = 1; /* not the first */
    provoke(h, &d, 0);
    CHECK_INT(h->count, 0);
    d.fragment = WIRE_IP4_MF; /* the first */
    provoke(h, &d, 0);
    CHECK_INT(h->count, 1);
    host_close(h);
}

UNIT(icmp, error_about_icmp_is_sent_for_queries_only)
{
    struct ip4_host *h = host_open(NULL);
    for (unsigned type = 0; type < 256; type++) {
        uint8_t data[8] = {(uint8_t)type};
        struct datagram d = offending();
        d.proto = 1;
        d.data = data;
        d.len = sizeof data;
        h->count = 0;
        provoke(h, &d, 0);
        bool query = type == 0 || type == 8 || (type >= 13 && type <= 18);
        CHECKF(h->count == query, "type %u", type);
        d.len = 0; /* the type cannot be seen */
        provoke(h, &d, 0);
        CHECK_INT(h->count, query);
    }
    host_close(h);
}

/* [RFC1812 4.3.2.8] */
UNIT(icmp, errors_are_limited_to_rate_and_burst)
{
    struct stack_config c = stack_config_default;
    c.icmp_error_rate = 100;
    c.icmp_error_burst = 5;
    struct ip4_host *h = host_open(&c);
    struct datagram d = offending();
    for (unsigned i = 0; i < 50; i++)
        provoke(h, &d, 0);
    CHECK_INT(h->count, 5);
    CHECK_INT(host_drops(h, DROP_icmp_error_limited), 45);
    support_advance(&h->s, 9);
    provoke(h, &d, 0);
    CHECK_INT(h->count, 5);
    support_advance(&h->s, 1); /* 10 ms at 100 a second: one */
    provoke(h, &d, 0);
    provoke(h, &d, 0);
    CHECK_INT(h->count, 6);
    support_advance(&h->s, 100000);
    for (unsigned i = 0; i < 50; i++)
        provoke(h, &d, 0);
    CHECK_INT(h->count, 11);
    struct icmp_in m = echo("abc", 3); /* not an error: not limited */
    d = with_icmp(&m);
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 12);
    host_close(h);
}

UNIT(icmp, lack_of_memory_or_route_costs_the_message_only)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = offending();
    uint8_t bytes[64];
    size_t len = host_build(bytes, &d);
    struct pbuf *bad = pbuf_alloc(PBUF_LINK, (u16_t)len, PBUF_RAM);
    memcpy(bad->payload, bytes, len);
    struct icmp_in m = echo("abc", 3);
    d = with_icmp(&m);
    struct pbuf *request = pbuf_alloc(PBUF_LINK, 31, PBUF_RAM);
    host_build(request->payload, &d);
    pbuf_ref(request); /* cannot become the reply itself */
    struct pbuf *all = host_exhaust(h);
    icmp_dest_unreach(bad, ICMP_DUR_PORT);
    CHECK_INT(ip4_input(request, &h->a.netif), ERR_OK);
    host_refill(h, all);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_icmp_error_no_memory), 1);
    CHECK_INT(host_drops(h, DROP_icmp_echo_no_memory), 1);
    CHECK_INT(lwip_stats.icmp.memerr, 2);
    CHECK_INT(lwip_stats.mib2.icmpouterrors, 1);
    netif_set_default(NULL);
    ((uint8_t *)bad->payload)[12] = 9; /* a source without a route */
    icmp_dest_unreach(bad, ICMP_DUR_PORT);
    CHECK_INT(host_drops(h, DROP_icmp_error_no_route), 1);
    h->output_result = ERR_IF;
    host_in(h, &h->a, &d);
    CHECK_INT(host_drops(h, DROP_icmp_echo_failed), 1);
    pbuf_free(bad);
    pbuf_free(request);
    host_close(h);
}

/* ---- errors that come in ---- */

/* An error about a datagram of `proto` from `src` to PEER, cut to `keep` octets. */
static void error_in(struct ip4_host *h, uint8_t type, uint8_t code, uint32_t word, uint8_t proto,
                     uint32_t src, uint16_t fragment, size_t keep)
{
    uint8_t quote[64];
    struct datagram inner = {.src = src, .dst = PEER, .proto = proto, .fragment = fragment,
                             .data = "ABCDEFGHIJKLMNOPQRST", .len = 20};
    host_build(quote, &inner);
    struct icmp_in m = {
        .m = {.type = type, .code = code, .word = word}, .data = quote, .len = keep};
    struct datagram d = with_icmp(&m);
    d.src = GATEWAY;
    host_in(h, &h->a, &d);
}

/* [RFC1122 3.2.2] */
UNIT(icmp, error_about_our_datagram_reaches_its_transport)
{
    struct ip4_host *h = host_open(NULL);
    host_listen(h);
    error_in(h, 3, 4, 1400, HOST_PROTO, A_IP, 0, 40);
    CHECK_INT(h->errors, 1);
    CHECK_INT(h->last_error.type, 3);
    CHECK_INT(h->last_error.code, 4);
    CHECK_INT(h->last_error.mtu, 1400);
    CHECK_INT(lwip_ntohl(h->last_error.from.addr), GATEWAY);
    CHECK_INT(lwip_ntohl(h->last_error.src.addr), A_IP);
    CHECK_INT(lwip_ntohl(h->last_error.dst.addr), PEER);
    CHECK_INT(h->last_error.proto, HOST_PROTO);
    CHECK_INT(h->last_error.quoted_len, 20);
    CHECK_MEM(h->last_quoted, "ABCDEFGHIJKLMNOPQRST", 20);
    error_in(h, 11, 0, 0, HOST_PROTO, B_IP, 0, 28); /* [RFC1122 3.2.2.4] */
    CHECK_INT(h->errors, 2);
    CHECK_INT(h->last_error.mtu, 0);
    CHECK_INT(h->last_error.quoted_len, 8);
    error_in(h, 12, 0, 20u << 24, HOST_PROTO, A_IP, WIRE_IP4_MF, 28);
    CHECK_INT(h->errors, 3);
    CHECK_INT(lwip_stats.mib2.icmpindestunreachs, 1);
    CHECK_INT(lwip_stats.mib2.icmpintimeexcds, 1);
    CHECK_INT(lwip_stats.mib2.icmpinparmprobs, 1);
    CHECK_INT(lwip_stats.icmp.drop, 0);
    host_close(h);
}

UNIT(icmp, error_that_cannot_be_about_us_is_dropped)
{
    struct ip4_host *h = host_open(NULL);
    host_listen(h);
    for (size_t keep = 0; keep < 28; keep++)
        error_in(h, 3, 3, 0, HOST_PROTO, A_IP, 0, keep);
    CHECK_INT(lwip_stats.icmp.lenerr, 28);
    error_in(h, 3, 3, 0, HOST_PROTO, 0x0a000009, 0, 40); /* not ours */
    error_in(h, 3, 3, 0, HOST_PROTO, A_IP, 1, 40);       /* not the first fragment */
    CHECK_INT(host_drops(h, DROP_icmp_bad_quote), 30);
    error_in(h, 3, 16, 0, HOST_PROTO, A_IP, 0, 40);
    error_in(h, 11, 2, 0, HOST_PROTO, A_IP, 0, 40);
    error_in(h, 12, 3, 0, HOST_PROTO, A_IP, 0, 40);
    CHECK_INT(host_drops(h, DROP_icmp_bad_code), 3);
    error_in(h, 3, 3, 0, 99, A_IP, 0, 40); /* no such transport */
    CHECK_INT(host_drops(h, DROP_icmp_error_unused), 1);
    CHECK_INT(h->errors, 0);
    CHECK_INT(h->count, 0);
    CHECK_INT(lwip_stats.icmp.drop, 34);
    host_close(h);
}

UNIT(icmp, quoted_header_that_lies_is_not_read_past_its_end)
{
    struct ip4_host *h = host_open(NULL);
    uint8_t quote[80] = {0};
    host_listen(h);
    for (unsigned first = 0; first < 256; first++) {
        for (size_t len = 20; len <= 80; len += 4) {
            struct icmp_in m = {.m = {.type = 3, .code = 3}, .data = quote, .len = len};
            quote[0] = (uint8_t)first;
            quote[3] = 80;
            quote[9] = HOST_PROTO;
            put_be32(quote + 12, A_IP);
            struct datagram d = with_icmp(&m);
            unsigned before = h->errors;
            host_in(h, &h->a, &d);
            bool want = first >> 4 == 4 && (first & 15) >= 5 && len >= (first & 15) * 4 + 8;
            CHECKF(h->errors == before + want, "first octet %02x len %zu", first, len);
        }
    }
    host_close(h);
}
