/* wire_ip4_options.c: walking, judging, copying and recording IPv4 options. */
#include "stack/wire/ip4_options.h"
#include "stack/wire/bytes.h"
#include "unit.h"

#include <stdlib.h>

/* The verdict on an area in memory of exactly its size; *offence is 0 when there is none. */
static enum wire_ip4_options_verdict judge(const uint8_t *area, size_t len, uint8_t *offence)
{
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    memcpy(exact, area, len);
    *offence = 0;
    enum wire_ip4_options_verdict v = wire_ip4_options_check(exact, len, offence);
    free(exact);
    return v;
}

struct vector {
    const char *what;
    uint8_t len, area[16];
    enum wire_ip4_options_verdict verdict;
    uint8_t offence;
};

static const struct vector vectors[] = {
    {"nothing", 0, {0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"no-operations", 4, {1, 1, 1, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"unknown, sound", 4, {0x9e, 4, 0xff, 0xff}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"unknown, length 0", 4, {0x9e, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"unknown, length 1", 4, {0x9e, 1, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"unknown, length behind the end", 4, {0x9e, 5, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"length octet missing", 4, {1, 1, 1, 7}, WIRE_IP4_OPTIONS_MALFORMED, 23},
    {"behind end-of-list is padding", 4, {0, 0x83, 3, 0x27}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"record route", 8, {7, 7, 4, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"record route, full", 8, {7, 7, 8, 1, 2, 3, 4, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"record route, pointer 255", 8, {7, 7, 255, 1, 2, 3, 4, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"record route, length 2", 4, {7, 2, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"record route, pointer 3", 8, {7, 7, 3, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"record route, pointer 0", 8, {7, 7, 0, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"record route, pointer 5", 8, {7, 7, 5, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"record route, half a slot", 8, {7, 5, 4, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"loose source route", 8, {0x83, 7, 4, 1, 2, 3, 4, 0}, WIRE_IP4_OPTIONS_SOURCE_ROUTE, 0},
    {"strict source route", 8, {0x89, 7, 4, 1, 2, 3, 4, 0}, WIRE_IP4_OPTIONS_SOURCE_ROUTE, 0},
    {"used up source route", 4, {0x83, 3, 0x27, 0}, WIRE_IP4_OPTIONS_SOURCE_ROUTE, 0},
    {"two source routes", 8, {0x83, 3, 0x27, 0x89, 3, 4, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 23},
    {"timestamp", 8, {68, 8, 5, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"timestamp, flag 2", 8, {68, 8, 5, 2, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 23},
    {"timestamp, flag 15", 8, {68, 8, 5, 0xff, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 23},
    {"timestamp, pointer 4", 8, {68, 8, 4, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"timestamp, pointer 6", 8, {68, 8, 6, 0, 0, 0, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"timestamp with address, half a slot", 8, {68, 8, 5, 1, 0, 0, 0, 0},
     WIRE_IP4_OPTIONS_MALFORMED, 22},
    {"timestamp, length 3", 4, {68, 3, 5, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"router alert", 4, {0x94, 4, 0, 0}, WIRE_IP4_OPTIONS_SOUND, 0},
    {"router alert, length 2", 4, {0x94, 2, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 21},
    {"second option bad", 8, {7, 3, 4, 1, 0x9e, 9, 0, 0}, WIRE_IP4_OPTIONS_MALFORMED, 25},
};

UNIT(wire_ip4_options, known_vectors_get_their_verdict)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        uint8_t offence;
        enum wire_ip4_options_verdict verdict = judge(v->area, v->len, &offence);
        CHECKF(verdict == v->verdict, "%s: verdict %d", v->what, (int)verdict);
        CHECKF(offence == v->offence, "%s: offence %u, expected %u", v->what, offence, v->offence);
    }
}

UNIT(wire_ip4_options, every_type_length_and_pointer_stays_in_bounds)
{
    uint8_t area[12], out[WIRE_IP4_OPTIONS_MAX];
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned len = 0; len < 256; len++) {
            for (size_t room = 0; room <= sizeof area; room += 4) {
                uint8_t offence;
                memset(area, 0x07, sizeof area);
                area[0] = (uint8_t)type;
                area[1] = (uint8_t)len;
                judge(area, room, &offence);
                CHECKF(offence == 0 || (offence >= 20 && offence < 20 + room),
                       "type %u length %u room %zu: offence %u", type, len, room, offence);
                CHECK(wire_ip4_options_copied(out, area, room) <= room);
                CHECK(wire_ip4_options_echoed(out, area, room) <= room);
            }
        }
    }
}

UNIT(wire_ip4_options, walk_over_40_no_operations_ends)
{
    uint8_t area[40];
    struct wire_ip4_option_walk w;
    struct wire_ip4_option o;
    memset(area, 1, sizeof area);
    wire_ip4_option_start(&w, area, sizeof area);
    CHECK_INT(wire_ip4_option_next(&w, &o), WIRE_IP4_OPTION_DONE);
    CHECK_INT(w.next, 40);
}

UNIT(wire_ip4_options, later_fragments_carry_options_with_the_copied_bit)
{
    const uint8_t area[12] = {7, 3, 4, 0x94, 4, 0, 0, 1, 0x9e, 3, 0xaa, 0};
    const uint8_t want[8] = {0x94, 4, 0, 0, 0x9e, 3, 0xaa, 0};
    uint8_t out[WIRE_IP4_OPTIONS_MAX];
    memset(out, 0x5a, sizeof out);
    CHECK_INT(wire_ip4_options_copied(out, area, sizeof area), 8);
    CHECK_MEM(out, want, 8);
    CHECK_INT(out[8], 0x5a);
}

UNIT(wire_ip4_options, echo_reply_carries_record_route_and_timestamp)
{
    const uint8_t area[16] = {0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 68, 4, 5, 0, 0};
    const uint8_t want[12] = {7, 7, 4, 0, 0, 0, 0, 68, 4, 5, 0, 0};
    uint8_t out[WIRE_IP4_OPTIONS_MAX];
    CHECK_INT(wire_ip4_options_echoed(out, area, sizeof area), 12);
    CHECK_MEM(out, want, 12);
}

static bool is_10_0_0_1(uint32_t address)
{
    return address == 0x0a000001;
}

static bool record(uint8_t *area, size_t len)
{
    return wire_ip4_options_record(area, len, 0x0a000001, 0x80000102, is_10_0_0_1);
}

UNIT(wire_ip4_options, record_route_takes_the_next_slot)
{
    uint8_t area[12] = {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const uint8_t once[12] = {7, 11, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0};
    const uint8_t twice[12] = {7, 11, 12, 10, 0, 0, 1, 10, 0, 0, 1, 0};
    CHECK(record(area, 12));
    CHECK_MEM(area, once, 12);
    CHECK(record(area, 12));
    CHECK_MEM(area, twice, 12);
    CHECK(!record(area, 12)); /* full: left alone [RFC791 3.1] */
    CHECK_MEM(area, twice, 12);
}

UNIT(wire_ip4_options, timestamp_only_takes_four_octets)
{
    uint8_t area[8] = {68, 8, 5, 0, 0, 0, 0, 0};
    const uint8_t want[8] = {68, 8, 9, 0, 0x80, 0, 1, 2};
    CHECK(record(area, 8));
    CHECK_MEM(area, want, 8);
}

UNIT(wire_ip4_options, full_timestamp_counts_the_overflow_up_to_15)
{
    uint8_t area[8] = {68, 8, 9, 0xe0, 1, 2, 3, 4};
    CHECK(record(area, 8));
    CHECK_INT(area[3], 0xf0);
    CHECK(!record(area, 8));
    CHECK_INT(area[3], 0xf0);
    CHECK_INT(get_be32(area + 4), 0x01020304);
}

UNIT(wire_ip4_options, timestamp_with_address_takes_eight_octets)
{
    uint8_t area[12] = {68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    const uint8_t want[12] = {68, 12, 13, 1, 10, 0, 0, 1, 0x80, 0, 1, 2};
    CHECK(record(area, 12));
    CHECK_MEM(area, want, 12);
}

UNIT(wire_ip4_options, prespecified_timestamp_is_only_for_the_host_named)
{
    uint8_t ours[12] = {68, 12, 5, 3, 10, 0, 0, 1, 0, 0, 0, 0};
    uint8_t other[12] = {68, 12, 5, 3, 10, 0, 0, 2, 0, 0, 0, 0};
    const uint8_t ours_after[12] = {68, 12, 13, 3, 10, 0, 0, 1, 0x80, 0, 1, 2};
    uint8_t other_before[12];
    memcpy(other_before, other, 12);
    CHECK(record(ours, 12));
    CHECK_MEM(ours, ours_after, 12);
    CHECK(!record(other, 12));
    CHECK_MEM(other, other_before, 12);
}
