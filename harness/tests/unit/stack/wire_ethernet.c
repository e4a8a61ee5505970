/* wire_ethernet.c: Ethernet headers: layouts, truncation at every length, lying length fields. */
#include "stack/wire/ethernet.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t dst[6] = {2, 0, 0, 0, 0, 1}, src[6] = {2, 0, 0, 0, 0, 2};

/* Parses a copy of exactly `len` bytes on the heap, so that ASan sees any byte too many. */
static enum wire_ethernet_result parse_exact(const uint8_t *frame, size_t len, uint16_t *type,
                                             uint8_t *hlen)
{
    struct wire_ethernet e = {0};
    uint8_t *copy = malloc(len + 1);
    memcpy(copy, frame, len);
    uint8_t *exact = realloc(copy, len == 0 ? 1 : len);
    enum wire_ethernet_result r = wire_ethernet_parse(exact, len, &e);
    *type = e.type;
    *hlen = e.hlen;
    free(exact);
    return r;
}

UNIT(wire_ethernet, emit_into_filled_memory_writes_14_bytes_only)
{
    uint8_t frame[20];
    memset(frame, 0xa5, sizeof frame);
    wire_ethernet_emit(frame, dst, src, 0x0806);
    static const uint8_t expected[20] = {2, 0, 0, 0,    0,    1,    2,    0,    0,    0,
                                         0, 2, 8, 0x06, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5};
    CHECK_MEM(frame, expected, sizeof expected);
}

UNIT(wire_ethernet, emit_tagged_into_filled_memory_writes_18_bytes_only)
{
    uint8_t frame[20];
    memset(frame, 0xa5, sizeof frame);
    wire_ethernet_emit_tagged(frame, dst, src, 0xe123, 0x0800);
    static const uint8_t expected[20] = {2, 0, 0,    0,    0,    1,    2, 0, 0,    0,
                                         0, 2, 0x81, 0x00, 0xe1, 0x23, 8, 0, 0xa5, 0xa5};
    CHECK_MEM(frame, expected, sizeof expected);
}

UNIT(wire_ethernet, round_trip_untagged_gives_the_same_fields)
{
    uint8_t frame[15] = {0};
    struct wire_ethernet e;
    wire_ethernet_emit(frame, dst, src, 0x86dd);
    CHECK_INT(wire_ethernet_parse(frame, sizeof frame, &e), WIRE_ETHERNET_OK);
    CHECK_MEM(e.dst, dst, 6);
    CHECK_MEM(e.src, src, 6);
    CHECK(e.tag == NULL);
    CHECK_INT(e.type, 0x86dd);
    CHECK_INT(e.hlen, 14);
}

UNIT(wire_ethernet, round_trip_tagged_gives_inner_type_and_tag)
{
    uint8_t frame[19] = {0};
    struct wire_ethernet e;
    wire_ethernet_emit_tagged(frame, dst, src, 0x6fff, 0x0800);
    CHECK_INT(wire_ethernet_parse(frame, sizeof frame, &e), WIRE_ETHERNET_OK);
    CHECK(e.tag == frame + 14);
    CHECK_INT(e.tag[0], 0x6f);
    CHECK_INT(e.tag[1], 0xff);
    CHECK_INT(e.type, 0x0800);
    CHECK_INT(e.hlen, 18);
}

UNIT(wire_ethernet, second_tag_is_left_as_an_unknown_type)
{
    uint8_t frame[40] = {0};
    struct wire_ethernet e;
    wire_ethernet_emit_tagged(frame, dst, src, 5, 0x8100);
    CHECK_INT(wire_ethernet_parse(frame, sizeof frame, &e), WIRE_ETHERNET_OK);
    CHECK_INT(e.type, 0x8100);
    CHECK_INT(e.hlen, 18);
}

UNIT(wire_ethernet, truncated_untagged_frame_is_short_up_to_the_header)
{
    uint8_t frame[16] = {0}, hlen;
    uint16_t type;
    wire_ethernet_emit(frame, dst, src, 0x0800);
    for (size_t len = 0; len <= sizeof frame; len++) {
        enum wire_ethernet_result r = parse_exact(frame, len, &type, &hlen);
        CHECKF(r == (len <= 14 ? WIRE_ETHERNET_SHORT : WIRE_ETHERNET_OK), "%zu bytes: %d", len, r);
    }
}

UNIT(wire_ethernet, truncated_tagged_frame_is_short_up_to_the_tag)
{
    uint8_t frame[20] = {0}, hlen;
    uint16_t type;
    wire_ethernet_emit_tagged(frame, dst, src, 1, 0x0800);
    for (size_t len = 0; len <= sizeof frame; len++) {
        enum wire_ethernet_result expected = len <= 14   ? WIRE_ETHERNET_SHORT
                                             : len <= 18 ? WIRE_ETHERNET_TAG_SHORT
                                                         : WIRE_ETHERNET_OK;
        CHECKF(parse_exact(frame, len, &type, &hlen) == expected, "%zu bytes", len);
    }
}

static void emit_snap(uint8_t *frame, uint16_t length, uint16_t type)
{
    static const uint8_t llc[6] = {0xaa, 0xaa, 3, 0, 0, 0};
    wire_ethernet_emit(frame, dst, src, length);
    memcpy(frame + 14, llc, sizeof llc);
    frame[20] = (uint8_t)(type >> 8);
    frame[21] = (uint8_t)type;
}

/* [RFC1122 2.3.3] */
UNIT(wire_ethernet, snap_frame_gives_the_type_behind_the_llc_header)
{
    uint8_t frame[60] = {0};
    struct wire_ethernet e;
    emit_snap(frame, 46, 0x0800);
    CHECK_INT(wire_ethernet_parse(frame, sizeof frame, &e), WIRE_ETHERNET_OK);
    CHECK_INT(e.type, 0x0800);
    CHECK_INT(e.hlen, 22);
}

UNIT(wire_ethernet, snap_frame_behind_a_tag_is_found)
{
    uint8_t plain[60] = {0}, frame[60];
    struct wire_ethernet e;
    emit_snap(plain, 40, 0x0806);
    wire_ethernet_emit_tagged(frame, dst, src, 3, 40);
    memcpy(frame + 18, plain + 14, 42);
    CHECK_INT(wire_ethernet_parse(frame, sizeof frame, &e), WIRE_ETHERNET_OK);
    CHECK_INT(e.type, 0x0806);
    CHECK_INT(e.hlen, 26);
}

UNIT(wire_ethernet, every_802_3_length_is_judged_against_what_is_there)
{
    uint8_t frame[60] = {0}, hlen;
    uint16_t type;
    for (unsigned length = 0; length < WIRE_ETHERTYPE_MIN; length++) {
        emit_snap(frame, (uint16_t)length, 0x0800);
        enum wire_ethernet_result expected = length > 46  ? WIRE_ETHERNET_LENGTH
                                             : length > 8 ? WIRE_ETHERNET_OK
                                                          : WIRE_ETHERNET_LLC;
        CHECKF(parse_exact(frame, sizeof frame, &type, &hlen) == expected, "length %u", length);
    }
}

UNIT(wire_ethernet, truncated_snap_frame_is_never_read_beyond_its_end)
{
    uint8_t frame[60] = {0}, hlen;
    uint16_t type;
    for (size_t len = 15; len <= sizeof frame; len++) {
        emit_snap(frame, (uint16_t)(len - 14), 0x0800);
        enum wire_ethernet_result expected = len > 22 ? WIRE_ETHERNET_OK : WIRE_ETHERNET_LLC;
        CHECKF(parse_exact(frame, len, &type, &hlen) == expected, "%zu bytes", len);
    }
}

UNIT(wire_ethernet, llc_header_other_than_snap_is_refused)
{
    uint8_t frame[60] = {0}, hlen;
    uint16_t type;
    for (size_t at = 14; at < 20; at++) {
        emit_snap(frame, 46, 0x0800);
        frame[at] ^= 1;
        CHECKF(parse_exact(frame, sizeof frame, &type, &hlen) == WIRE_ETHERNET_LLC, "byte %zu", at);
    }
}

/* [RFC1112 6.4]: 23 bits of the group, the 24th is lost. */
UNIT(wire_ethernet, multicast_mapping_keeps_23_bits)
{
    static const uint8_t expected[6] = {0x01, 0x00, 0x5e, 0x7f, 0xfe, 0xfd};
    uint8_t mac[6];
    wire_ethernet_map_multicast(mac, (const uint8_t[]){0xe0, 0xff, 0xfe, 0xfd});
    CHECK_MEM(mac, expected, 6);
    wire_ethernet_map_multicast(mac, (const uint8_t[]){0xef, 0x7f, 0xfe, 0xfd});
    CHECK_MEM(mac, expected, 6);
}
