/* wire_tcp_options.c: TCP options: known areas, every truncation, every lying length, and what is
 * written. */
#include "stack/wire/bytes.h"
#include "stack/wire/tcp.h"
#include "unit.h"

#include <stdlib.h>

/* Parses an area in memory of exactly its size, into a structure that was full of rubbish. */
static bool parse(const uint8_t *area, size_t len, struct wire_tcp_options *o)
{
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    memcpy(exact, area, len);
    memset(o, 0xa5, sizeof *o);
    bool sound = wire_tcp_options_parse(exact, len, o);
    free(exact);
    return sound;
}

enum { MSS = WIRE_TCP_OPT_MSS, WS = WIRE_TCP_OPT_WS, SACK_OK = WIRE_TCP_OPT_SACK_OK,
       TS = WIRE_TCP_OPT_TS, SACK = WIRE_TCP_OPT_SACK };

struct vector {
    const char *what;
    uint8_t len, area[40];
    bool sound;
    uint16_t present;
};

/* Every MSS in here is 1460, every shift 7, every timestamp 0x01020304 echoing 0x05060708. */
static const struct vector vectors[] = {
    {"nothing", 0, {0}, true, 0},
    {"end of list", 4, {0, 0, 0, 0}, true, 0},
    {"MSS", 4, {2, 4, 5, 0xb4}, true, MSS},
    {"what a SYN carries", 20,
     {2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7}, true,
     MSS | SACK_OK | TS | WS},
    {"timestamp, the usual way", 12, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}, true, TS},
    {"timestamp first", 12, {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0}, true, TS},
    {"timestamp in the middle", 12, {1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1}, true, TS},
    {"timestamp last", 16, {1, 1, 1, 1, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}, true, TS},
    {"timestamp, then MSS", 16, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 2, 4, 5, 0xb4}, true,
     TS | MSS},
    {"first of two MSS", 8, {2, 4, 5, 0xb4, 2, 4, 0, 1}, true, MSS},
    {"first of two shifts", 8, {3, 3, 7, 3, 3, 9, 0, 0}, true, WS},
    {"first of two timestamps", 20,
     {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 9, 9, 9, 9, 9, 9, 9, 9}, true, TS},
    {"unknown, then MSS", 12, {99, 6, 9, 9, 9, 9, 2, 4, 5, 0xb4, 0, 0}, true, MSS},
    {"unknown of length 2", 8, {99, 2, 2, 4, 5, 0xb4, 0, 0}, true, MSS},
    {"unknown of 40 octets", 40, {99, 40}, true, 0},
    {"MF-TCP-19, unknown of length 0", 8, {99, 0, 2, 4, 5, 0xb4, 0, 0}, false, 0},
    {"MF-TCP-19, unknown of length 1", 8, {99, 1, 2, 4, 5, 0xb4, 0, 0}, false, 0},
    {"MF-TCP-19, behind an MSS", 8, {2, 4, 5, 0xb4, 99, 0, 3, 3}, false, MSS},
    {"MF-TCP-20, unknown of 40 in 4 octets", 4, {99, 40, 0, 0}, false, 0},
    {"MF-TCP-20, behind an MSS", 8, {2, 4, 5, 0xb4, 99, 5, 0, 0}, false, MSS},
    {"MF-TCP-21, a lone kind at the end", 4, {1, 1, 1, 2}, false, 0},
    {"MF-TCP-21, a lone unknown kind", 8, {2, 4, 5, 0xb4, 1, 1, 1, 99}, false, MSS},
    {"MF-TCP-22, MSS in the last two octets", 4, {1, 1, 2, 4}, false, 0},
    {"MF-TCP-23, NOPs only", 40,
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, true, 0},
    {"MF-TCP-23, NOP, MSS", 8, {1, 2, 4, 5, 0xb4, 1, 1, 0}, true, MSS},
    {"MF-TCP-23, three NOPs, shift", 8, {1, 1, 1, 3, 3, 7, 1, 1}, true, WS},
    {"MF-TCP-24, rubbish behind the end", 12,
     {2, 4, 5, 0xb4, 0, 2, 0, 3, 0, 0xff, 0xff, 0xff}, true, MSS},
    {"MF-TCP-24, options behind the end", 12, {0, 2, 4, 0, 1, 3, 3, 9, 4, 2, 0, 0}, true, 0},
    {"MF-TCP-25, shift of length 2", 4, {3, 2, 7, 0}, false, 0},
    {"MF-TCP-25, shift of length 4", 8, {2, 4, 5, 0xb4, 3, 4, 7, 0}, false, MSS},
    {"MSS of length 3", 4, {2, 3, 5, 0}, false, 0},
    {"MSS of length 5", 8, {2, 5, 5, 0xb4, 0, 0, 0, 0}, false, 0},
    {"MF-TCP-29, timestamp of length 9", 12, {8, 9, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0}, false, 0},
    {"MF-TCP-29, timestamp of length 11", 12, {8, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0}, false, 0},
    {"MF-TCP-29, timestamp cut", 8, {8, 10, 1, 2, 3, 4, 5, 6}, false, 0},
    {"MF-TCP-29, the usual layout with a wrong length", 12,
     {1, 1, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8}, false, 0},
    {"MF-TCP-36, SACK-permitted of length 3", 4, {4, 3, 0, 0}, false, 0},
    {"MF-TCP-36, SACK-permitted, alone", 4, {4, 2, 0, 0}, true, SACK_OK},
    {"MF-TCP-36, SACK-permitted, twice", 4, {4, 2, 4, 2}, true, SACK_OK},
    {"SACK", 12, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}, true, SACK},
    {"MF-TCP-37, SACK of length 9", 12, {1, 1, 5, 9, 0, 0, 0, 1, 0, 0, 0, 2}, false, 0},
    {"MF-TCP-37, SACK of length 2", 4, {1, 1, 5, 2}, false, 0},
    {"MF-TCP-37, SACK of length 34 in 20", 20, {2, 4, 5, 0xb4, 5, 34}, false, MSS},
    {"MF-TCP-37, SACK of length 6", 12, {5, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0}, false, 0},
};

static void check_values(const char *what, const struct wire_tcp_options *o)
{
    if (o->present & MSS)
        CHECKF(o->mss == 1460, "%s: MSS %u", what, o->mss);
    if (o->present & WS)
        CHECKF(o->window_shift == 7, "%s: shift %u", what, o->window_shift);
    if (o->present & TS)
        CHECKF(o->ts_value == 0x01020304 && o->ts_echo == 0x05060708, "%s: %#x %#x", what,
               o->ts_value, o->ts_echo);
    CHECKF(o->sack_count == (o->present & SACK ? 1 : 0), "%s: %u blocks", what, o->sack_count);
    if (o->present & SACK)
        CHECKF(o->sack[0].left == 1 && o->sack[0].right == 2, "%s: block", what);
}

/* [RFC9293 3.1 MUST-4] [RFC9293 3.1 MUST-6] [RFC9293 3.1 MUST-7] [RFC9293 3.2 MUST-64]
 * [RFC9293 3.1 MUST-69] */
UNIT(wire_tcp_options, known_vectors_get_their_verdict_and_values)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct wire_tcp_options o;
        CHECKF(parse(v->area, v->len, &o) == v->sound, "%s: expected %d", v->what, v->sound);
        CHECKF(o.present == v->present, "%s: present %#x, expected %#x", v->what, o.present,
               v->present);
        check_values(v->what, &o);
    }
}

/* MF-TCP-25, MF-TCP-26: whatever the shift is, it comes as it stands. */
UNIT(wire_tcp_options, every_window_shift_comes_as_it_stands)
{
    for (unsigned shift = 0; shift < 256; shift++) {
        const uint8_t area[4] = {3, 3, (uint8_t)shift, 0};
        struct wire_tcp_options o;
        CHECK(parse(area, sizeof area, &o));
        CHECK_INT(o.present, WS);
        CHECK_INT(o.window_shift, shift);
    }
}

UNIT(wire_tcp_options, up_to_four_sack_blocks_are_read)
{
    uint8_t area[40];
    for (unsigned blocks = 1; blocks <= 4; blocks++) {
        struct wire_tcp_options o;
        memset(area, 0, sizeof area);
        area[0] = area[1] = 1;
        area[2] = 5;
        area[3] = (uint8_t)(2 + 8 * blocks);
        for (unsigned i = 0; i < 2 * blocks; i++)
            put_be32(area + 4 + 4 * i, 0xfffffffeu + i);
        CHECK(parse(area, 4 + 8 * blocks, &o));
        CHECK_INT(o.present, SACK);
        CHECK_INT(o.sack_count, blocks);
        for (unsigned i = 0; i < blocks; i++) {
            CHECK_INT(o.sack[i].left, 0xfffffffeu + 2 * i);
            CHECK_INT(o.sack[i].right, 0xffffffffu + 2 * i);
        }
    }
}

UNIT(wire_tcp_options, of_two_sack_options_the_first_counts)
{
    static const uint8_t area[20] = {5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4};
    struct wire_tcp_options o;
    CHECK(parse(area, sizeof area, &o));
    CHECK_INT(o.sack_count, 1);
    CHECK_INT(o.sack[0].left, 1);
    CHECK_INT(o.sack[0].right, 2);
}

/* A malformed second SACK must not leave a half-read one behind. */
UNIT(wire_tcp_options, malformed_sack_leaves_the_first_alone)
{
    static const uint8_t area[20] = {5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 5, 9, 0, 0, 0, 3, 0, 0, 0, 0};
    struct wire_tcp_options o;
    CHECK(!parse(area, sizeof area, &o));
    CHECK_INT(o.present, SACK);
    CHECK_INT(o.sack_count, 1);
    CHECK_INT(o.sack[0].left, 1);
}

/* Memory of exactly the area's size: a sanitizer or valgrind sees a read behind it. */
UNIT(wire_tcp_options, every_truncation_keeps_what_is_whole)
{
    static const uint8_t area[24] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4,
                                     5, 6, 7, 8, 1, 3, 3, 7, 99, 4, 0, 0};
    static const struct { size_t from; uint16_t present; } whole[] = {
        {0, 0}, {4, MSS}, {6, MSS | SACK_OK}, {16, MSS | SACK_OK | TS},
        {20, MSS | SACK_OK | TS | WS}, {25, 0}};
    for (size_t len = 0; len <= sizeof area; len++) {
        size_t i = 0;
        while (len >= whole[i + 1].from)
            i++;
        /* sound when it ends where an option does; a NOP stands at 16 */
        bool sound = len == whole[i].from || len == 17 || len == 24;
        struct wire_tcp_options o;
        CHECKF(parse(area, len, &o) == sound, "%zu bytes", len);
        CHECKF(o.present == whole[i].present, "%zu bytes: %#x", len, o.present);
        check_values("truncated", &o);
    }
}

/* [RFC9293 3.1 MUST-7]: one option of every kind and length, in every room. */
UNIT(wire_tcp_options, every_kind_and_length_is_judged)
{
    static const uint8_t fixed[9] = {0, 0, 4, 3, 2, 0, 0, 0, 10};
    static const uint16_t bits[9] = {0, 0, MSS, WS, SACK_OK, SACK, 0, 0, TS};
    uint8_t area[40];
    memset(area, 1, sizeof area); /* what follows the option is NOPs */
    for (unsigned kind = 2; kind < 256; kind++) {
        for (unsigned len = 0; len < 256; len++) {
            area[0] = (uint8_t)kind;
            area[1] = (uint8_t)len;
            uint16_t bit = kind < 9 ? bits[kind] : 0;
            for (size_t room = 4; room <= sizeof area; room += 4) {
                bool sound = len >= 2 && len <= room;
                if (kind == 5)
                    sound = sound && len > 2 && (len - 2) % 8 == 0;
                else if (bit != 0)
                    sound = sound && len == fixed[kind];
                struct wire_tcp_options o;
                CHECKF(parse(area, room, &o) == sound, "kind %u length %u room %zu", kind, len,
                       room);
                CHECKF(o.present == (sound ? bit : 0), "kind %u length %u room %zu: %#x", kind,
                       len, room, o.present);
            }
        }
    }
}

/* ---- Writing ---- */

static const struct wire_tcp_options everything = {
    .present = MSS | WS | SACK_OK | TS | SACK, .mss = 1460, .window_shift = 7, .sack_count = 4,
    .ts_value = 0x01020304, .ts_echo = 0x05060708,
    .sack = {{0x11111111, 0x22222222}, {0x33333333, 0x44444444}, {0x55555555, 0x66666666},
             {0x77777777, 0x88888888}}};

struct layout {
    uint16_t present;
    uint8_t len, bytes[40];
};

static const struct layout layouts[] = {
    {0, 0, {0}},
    {MSS, 4, {2, 4, 5, 0xb4}},
    {WS, 4, {1, 3, 3, 7}},
    {SACK_OK, 4, {1, 1, 4, 2}},
    {TS, 12, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}},
    {MSS | WS | SACK_OK | TS, 20,
     {2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7}},
    {MSS | WS | SACK_OK, 12, {2, 4, 5, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7}},
    {SACK, 36, {1, 1, 5, 34, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22, 0x33, 0x33, 0x33,
                0x33, 0x44, 0x44, 0x44, 0x44, 0x55, 0x55, 0x55, 0x55, 0x66, 0x66, 0x66, 0x66,
                0x77, 0x77, 0x77, 0x77, 0x88, 0x88, 0x88, 0x88}},
    /* beside a timestamp there is room for three blocks [RFC2018 3] */
    {TS | SACK, 40, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 5, 26, 0x11, 0x11, 0x11, 0x11,
                     0x22, 0x22, 0x22, 0x22, 0x33, 0x33, 0x33, 0x33, 0x44, 0x44, 0x44, 0x44,
                     0x55, 0x55, 0x55, 0x55, 0x66, 0x66, 0x66, 0x66}},
};

UNIT(wire_tcp_options, emit_has_one_layout_for_each_set)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        const struct layout *l = &layouts[i];
        struct wire_tcp_options o = everything;
        uint8_t out[44];
        o.present = l->present;
        memset(out, 0xa5, sizeof out);
        size_t n = wire_tcp_options_emit(out, 40, &o);
        CHECKF(n == l->len, "%#x: %zu bytes", l->present, n);
        CHECKF(memcmp(out, l->bytes, n) == 0, "%#x: bytes", l->present);
        CHECKF(out[n] == 0xa5, "%#x: wrote behind its end", l->present);
    }
}

/* [RFC9293 3.1 MUST-68]: whatever is written parses to what was meant, in every room. */
UNIT(wire_tcp_options, every_set_in_every_room_round_trips)
{
    for (unsigned present = 0; present < 32; present++) {
        const unsigned least = present & SACK ? 1 : 0;
        for (unsigned blocks = least; blocks <= 4 * least; blocks++) {
            for (size_t room = 0; room <= 40; room += 4) {
                struct wire_tcp_options o = everything, back;
                uint8_t out[41];
                o.present = (uint16_t)present;
                o.sack_count = (uint8_t)blocks;
                memset(out, 0xa5, sizeof out);
                size_t n = wire_tcp_options_emit(out, room, &o);
                CHECKF(n <= room && n % 4 == 0, "%#x in %zu: %zu", present, room, n);
                CHECKF(out[n] == 0xa5, "%#x in %zu: wrote behind its end", present, room);
                CHECKF(parse(out, n, &back), "%#x in %zu: malformed", present, room);
                CHECKF((back.present & ~present) == 0, "%#x in %zu: %#x", present, room,
                       back.present);
                CHECK(back.sack_count <= blocks);
                if (back.sack_count > 0)
                    CHECK_MEM(back.sack, o.sack, back.sack_count * sizeof o.sack[0]);
                if (room < 40)
                    continue;
                CHECK_INT(wire_tcp_options_len(&o), n);
                /* at 40 all is there, but for blocks: (40 - the rest - 4) / 8 of them fit */
                size_t rest = n - (back.sack_count > 0 ? 4 + 8u * back.sack_count : 0);
                size_t fit = (40 - rest - 4) / 8;
                CHECK_INT(back.present, present);
                CHECK_INT(back.sack_count, blocks < fit ? blocks : fit);
            }
        }
    }
}
