#include "vnet/match.h"

#include "sim/arena.h"
#include "unit.h"

#include <stdlib.h>

/* One frame of each kind, in hex, and what each field in it is. `needs`: the shortest prefix of
 * the frame that still has the field. */
struct expected {
    const char *field;
    uint64_t value;
    uint32_t needs;
};

struct sample {
    const char *name, *hex;
    struct expected fields[24];
};

#define ETH "020000000002" "020000000001"

static const struct sample samples[] = {
    {"arp", ETH "0806" "0001080006040002" "020000000001" "0a000001" "020000000002" "0a000002",
     {{"eth.dst", 0x020000000002, 6}, {"eth.src", 0x020000000001, 12}, {"eth.type", 0x0806, 14},
      {"arp.op", 2, 22}, {"arp.sha", 0x020000000001, 28}, {"arp.spa", 0x0a000001, 32},
      {"arp.tha", 0x020000000002, 38}, {"arp.tpa", 0x0a000002, 42}}},
    {"udp with options in a tag in a tag",
     ETH "88a8" "6005" "8100" "0007" "0800"
     "46b8002800014000401100000a0000010a00000201010100" "303900350010abcd" "0011223344556677",
     {{"eth.type", 0x0800, 22}, {"vlan.id", 5, 16}, {"vlan.pcp", 3, 16}, {"ip.hl", 24, 23},
      {"ip.tos", 0xb8, 24}, {"ip.len", 40, 26}, {"ip.id", 1, 28}, {"ip.df", 1, 30},
      {"ip.mf", 0, 30}, {"ip.off", 0, 30}, {"ip.ttl", 64, 31}, {"ip.proto", 17, 32},
      {"ip.src", 0x0a000001, 38}, {"ip.dst", 0x0a000002, 42}, {"udp.sport", 12345, 48},
      {"udp.dport", 53, 50}, {"udp.len", 16, 52}, {"eth.dst", 0x020000000002, 6},
      {"eth.src", 0x020000000001, 12}}},
    {"icmp echo", ETH "0800" "4500001c0002000001010000" "0a0000010a000002" "08000000beef0003",
     {{"icmp.type", 8, 35}, {"icmp.code", 0, 36}, {"icmp.id", 0xbeef, 40}, {"icmp.seq", 3, 42},
      {"ip.proto", 1, 24}, {"ip.ttl", 1, 23}}},
    {"igmp", ETH "0800" "4500001c0002000001020000" "0a000001e0000001" "16000000e1020304",
     {{"igmp.type", 0x16, 35}, {"igmp.group", 0xe1020304, 42}}},
    {"tcp", ETH "0800" "4500002e0002000040060000" "0a0000010a000002"
     "00500051" "11223344" "55667788" "61181000" "00000000" "01010100" "aabb",
     {{"tcp.sport", 80, 36}, {"tcp.dport", 81, 38}, {"tcp.seq", 0x11223344, 42},
      {"tcp.ack", 0x55667788, 46}, {"tcp.flags", 0x118, 48}, {"tcp.win", 0x1000, 50},
      {"tcp.len", 2, 47}}},
    {"later fragment", ETH "0800" "4500001c000220b940110000" "0a0000010a000002" "3039003500080000",
     {{"ip.off", 1480, 22}, {"ip.mf", 1, 22}, {"ip.df", 0, 22}, {"ip.proto", 17, 24}}},
    {"first fragment", ETH "0800" "4500001c0002200040110000" "0a0000010a000002" "3039003505c00000",
     {{"udp.sport", 12345, 36}, {"udp.len", 1472, 40}, {"ip.mf", 1, 22}}},
    {"udp-lite", ETH "0800" "4500001c0002000040880000" "0a0000010a000002" "3039003500080000",
     {{"udp.sport", 12345, 36}, {"udp.dport", 53, 38}}},
    {"not ip", ETH "86dd" "60000000", {{"eth.type", 0x86dd, 14}}},
};

static struct frame *from_hex(const char *hex)
{
    uint8_t bytes[256];
    uint32_t n = (uint32_t)strlen(hex) / 2;
    for (uint32_t i = 0; i < n; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    struct frame *f = frame_copy(bytes, n);
    CHECK(f != NULL);
    return f;
}

static bool is(const struct frame *f, const char *field, enum match_op op, uint64_t value)
{
    struct match_term t = {.field = match_field(field), .op = (uint8_t)op, .value = value};
    CHECKF(t.field != MATCH_NO_FIELD, "%s", field);
    return match_frame(&t, 1, f);
}

static const struct expected *find(const struct sample *s, const char *field)
{
    for (unsigned i = 0; s->fields[i].field != NULL; i++)
        if (strcmp(s->fields[i].field, field) == 0)
            return &s->fields[i];
    return NULL;
}

/* A frame's own allocation, so that ASan sees any look behind its end. */
static void check_prefix(const struct sample *s, const struct frame *whole, uint32_t len)
{
    struct frame *f = frame_copy(whole->data, len);
    for (unsigned i = 0; s->fields[i].field != NULL; i++) {
        const struct expected *e = &s->fields[i];
        bool there = len >= e->needs;
        CHECKF(is(f, e->field, MATCH_EQ, e->value) == there, "%s: %s of %u bytes", s->name,
               e->field, len);
        CHECKF(!is(f, e->field, MATCH_NE, e->value), "%s: %s of %u bytes", s->name, e->field, len);
        CHECKF(is(f, e->field, MATCH_GE, 0) == there, "%s: %s of %u", s->name, e->field, len);
    }
    CHECK(is(f, "frame.len", MATCH_EQ, len));
    frame_unref(f);
}

UNIT(match, every_field_is_found_as_soon_as_the_frame_has_it_and_not_before)
{
    CHECK(arena_open(1 << 20));
    for (unsigned i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct frame *f = from_hex(samples[i].hex);
        for (uint32_t len = 1; len <= f->len; len++)
            check_prefix(&samples[i], f, len);
        frame_unref(f);
    }
    arena_close();
}

UNIT(match, every_field_occurs_in_a_sample)
{
    for (uint16_t field = 0; match_field_name(field) != NULL; field++) {
        bool found = strcmp(match_field_name(field), "frame.len") == 0;
        for (unsigned i = 0; i < sizeof samples / sizeof samples[0]; i++)
            found |= find(&samples[i], match_field_name(field)) != NULL;
        CHECKF(found, "%s", match_field_name(field));
        CHECK_INT(match_field(match_field_name(field)), field);
    }
    CHECK_INT(match_field("ip.nonsense"), MATCH_NO_FIELD);
    CHECK(match_field_name(MATCH_NO_FIELD) == NULL);
}

/* Fields of other protocols, and those behind what the frame says, are not there. */
UNIT(match, field_that_the_frame_does_not_have_makes_any_term_false)
{
    static const struct {
        const char *sample, *field;
    } cases[] = {
        {"arp", "ip.src"},        {"arp", "vlan.id"},          {"icmp echo", "udp.sport"},
        {"icmp echo", "arp.op"},  {"later fragment", "udp.sport"}, {"udp-lite", "udp.len"},
        {"tcp", "udp.dport"},     {"igmp", "icmp.type"},       {"not ip", "ip.ttl"},
        {"later fragment", "udp.len"},
    };
    CHECK(arena_open(1 << 20));
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned k = 0; k < sizeof samples / sizeof samples[0]; k++) {
            if (strcmp(samples[k].name, cases[i].sample) != 0)
                continue;
            struct frame *f = from_hex(samples[k].hex);
            for (enum match_op op = MATCH_EQ; op <= MATCH_ANY_BIT; op++)
                CHECKF(!is(f, cases[i].field, op, 1), "%s in %s", cases[i].field, cases[i].sample);
            frame_unref(f);
        }
    arena_close();
}

UNIT(match, lying_lengths_hide_what_they_exclude)
{
    CHECK(arena_open(1 << 20));
    struct frame *f = from_hex(samples[6].hex); /* UDP, one header of 20 */
    uint8_t *ip = f->data + 14;
    for (unsigned hl = 0; hl < 16; hl++) {
        ip[0] = (uint8_t)(0x40 | hl);
        CHECK_INT(is(f, "udp.sport", MATCH_GE, 0), hl == 5 || hl == 6); /* 28 bytes in all */
        CHECK(is(f, "ip.hl", MATCH_EQ, hl * 4));
        CHECK(is(f, "ip.proto", MATCH_EQ, 17));
    }
    ip[0] = 0x65;
    CHECK(!is(f, "ip.proto", MATCH_EQ, 17));
    ip[0] = 0x45;
    for (unsigned total = 0; total < 300; total++) {
        ip[2] = (uint8_t)(total >> 8);
        ip[3] = (uint8_t)total;
        CHECK_INT(is(f, "udp.sport", MATCH_EQ, 12345), total >= 22);
        CHECK_INT(is(f, "udp.len", MATCH_EQ, 1472), total >= 26); /* else it is padding */
    }
    frame_unref(f);
    f = from_hex(samples[4].hex); /* TCP: data offset against ip.len */
    for (unsigned offset = 0; offset < 16; offset++) {
        f->data[46] = (uint8_t)(offset << 4);
        bool sane = offset >= 5 && offset <= 6;
        CHECK_INT(is(f, "tcp.len", MATCH_GE, 0), sane);
        if (sane)
            CHECK(is(f, "tcp.len", MATCH_EQ, 26 - offset * 4));
    }
    frame_unref(f);
    f = from_hex(samples[2].hex);
    for (unsigned type = 0; type < 256; type++) {
        f->data[34] = (uint8_t)type;
        bool has_id = type == 0 || type == 8 || (type >= 13 && type <= 18);
        CHECK_INT(is(f, "icmp.id", MATCH_EQ, 0xbeef), has_id);
    }
    frame_unref(f);
    f = from_hex(samples[0].hex); /* ARP for something else than IPv4 over Ethernet */
    for (unsigned at = 14; at < 20; at++) {
        f->data[at] ^= 1;
        CHECK(!is(f, "arp.op", MATCH_EQ, 2));
        f->data[at] ^= 1;
    }
    arena_close();
}

UNIT(match, operators_compare_unsigned)
{
    static const struct {
        const char *text;
        bool less, equal, greater; /* frame.len 60 against 61, 60, 59 */
    } cases[] = {
        {"==", false, true, false}, {"!=", true, false, true}, {"<", true, false, false},
        {"<=", true, true, false},  {">", false, false, true}, {">=", false, true, true},
        {"&", true, true, true}, /* 60 = 111100b, 61 = 111101b, 59 = 111011b */
    };
    CHECK(arena_open(1 << 20));
    struct frame *f = frame_new(60);
    memset(f->data, 0, 60);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t op;
        CHECK(match_op_parse(cases[i].text, &op));
        CHECK_INT(is(f, "frame.len", op, 61), cases[i].less);
        CHECK_INT(is(f, "frame.len", op, 60), cases[i].equal);
        CHECK_INT(is(f, "frame.len", op, 59), cases[i].greater);
    }
    CHECK(!is(f, "frame.len", MATCH_ANY_BIT, 3));
    uint8_t op;
    CHECK(!match_op_parse("=", &op));
    CHECK(!match_op_parse("", &op));
    arena_close();
}

UNIT(match, bytes_are_compared_only_inside_the_frame)
{
    CHECK(arena_open(1 << 20));
    struct frame *f = frame_copy("0123456789", 10);
    struct match_term t = {.op = MATCH_BYTES, .offset = 8, .bytes_len = 2, .bytes = {'8', '9'}};
    CHECK(match_frame(&t, 1, f));
    t.bytes_len = 3;
    CHECK(!match_frame(&t, 1, f));
    t.offset = UINT32_MAX;
    CHECK(!match_frame(&t, 1, f));
    t.offset = 10;
    t.bytes_len = 0;
    CHECK(match_frame(&t, 1, f));
    CHECK(match_frame(NULL, 0, f)); /* no condition holds always */
    arena_close();
}
