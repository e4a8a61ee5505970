/* wire_arp.c: ARP packets [RFC826]: fields, every truncation, lying types and lengths. */
#include "stack/wire/arp.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t packet[28] = {0,    1,    8,    0,    6,    4,    0,    2,    2,    3,
                                   4,    5,    6,    7,    0x0a, 0x00, 0x00, 0x01, 0x12, 0x13,
                                   0x14, 0x15, 0x16, 0x17, 0x0a, 0x00, 0x00, 0xfe};

static enum wire_arp_result parse_exact(const uint8_t *bytes, size_t len)
{
    struct wire_arp a;
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    memcpy(exact, bytes, len);
    enum wire_arp_result r = wire_arp_parse(exact, len, &a);
    free(exact);
    return r;
}

UNIT(wire_arp, parse_gives_every_field)
{
    struct wire_arp a;
    CHECK_INT(wire_arp_parse(packet, sizeof packet, &a), WIRE_ARP_OK);
    CHECK_INT(a.opcode, 2);
    CHECK_INT(a.sender_ip, 0x0a000001);
    CHECK_INT(a.target_ip, 0x0a0000fe);
    CHECK(a.sender_mac == packet + 8);
    CHECK(a.target_mac == packet + 18);
}

UNIT(wire_arp, emit_into_filled_memory_writes_28_bytes_only)
{
    uint8_t out[32];
    const uint8_t tail[4] = {0x5a, 0x5a, 0x5a, 0x5a};
    struct wire_arp a = {packet + 8, packet + 18, 0x0a000001, 0x0a0000fe, 2};
    memset(out, 0x5a, sizeof out);
    wire_arp_emit(out, &a);
    CHECK_MEM(out, packet, 28);
    CHECK_MEM(out + 28, tail, 4);
}

UNIT(wire_arp, round_trip_keeps_extreme_values)
{
    static const uint8_t ones[6] = {255, 255, 255, 255, 255, 255}, zeros[6];
    uint8_t out[28];
    struct wire_arp in = {ones, zeros, 0xffffffffu, 0, 0xffff}, back;
    wire_arp_emit(out, &in);
    CHECK_INT(wire_arp_parse(out, sizeof out, &back), WIRE_ARP_OK);
    CHECK_INT(back.opcode, 0xffff);
    CHECK_INT(back.sender_ip, 0xffffffffu);
    CHECK_INT(back.target_ip, 0);
    CHECK_MEM(back.sender_mac, ones, 6);
    CHECK_MEM(back.target_mac, zeros, 6);
}

UNIT(wire_arp, every_truncation_is_short_and_trailing_bytes_are_ignored)
{
    uint8_t padded[46] = {0};
    memcpy(padded, packet, sizeof packet);
    for (size_t len = 0; len <= sizeof padded; len++)
        CHECKF(parse_exact(padded, len) == (len < 28 ? WIRE_ARP_SHORT : WIRE_ARP_OK), "%zu bytes",
               len);
}

/* [RFC826 Packet Reception]: hardware space, protocol space and both lengths must be ours. */
UNIT(wire_arp, every_other_type_and_length_is_refused)
{
    uint8_t bytes[28];
    for (unsigned v = 0; v < 65536; v++) {
        memcpy(bytes, packet, 28);
        bytes[0] = (uint8_t)(v >> 8);
        bytes[1] = (uint8_t)v;
        CHECKF(parse_exact(bytes, 28) == (v == 1 ? WIRE_ARP_OK : WIRE_ARP_HARDWARE), "hw %u", v);
        memcpy(bytes, packet, 28);
        bytes[2] = (uint8_t)(v >> 8);
        bytes[3] = (uint8_t)v;
        CHECKF(parse_exact(bytes, 28) == (v == 0x800 ? WIRE_ARP_OK : WIRE_ARP_PROTOCOL), "proto %u",
               v);
        memcpy(bytes, packet, 28);
        bytes[4] = (uint8_t)(v >> 8);
        bytes[5] = (uint8_t)v;
        CHECKF(parse_exact(bytes, 28) == (v == 0x0604 ? WIRE_ARP_OK : WIRE_ARP_LENGTHS),
               "lengths %u", v);
    }
}
