/* wire_udp.c: UDP and UDP-Lite headers: fields, every truncation, every lying length. */
#include "stack/wire/udp.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t header[8] = {0x12, 0x34, 0x56, 0x78, 0x00, 0x0c, 0xbe, 0xef};

UNIT(wire_udp, parse_gives_every_field)
{
    struct wire_udp u;
    CHECK_INT(wire_udp_parse(header, 8, 12, &u), WIRE_UDP_OK);
    CHECK_INT(u.src_port, 0x1234);
    CHECK_INT(u.dst_port, 0x5678);
    CHECK_INT(u.length, 12);
    CHECK_INT(u.checksum, 0xbeef);
}

UNIT(wire_udp, emit_into_filled_memory_writes_8_bytes_and_round_trips)
{
    uint8_t out[10];
    struct wire_udp u = {0x1234, 0x5678, 12, 0xbeef}, back;
    memset(out, 0xa5, sizeof out);
    wire_udp_emit(out, &u);
    CHECK_MEM(out, header, 8);
    CHECK_INT(out[8], 0xa5);
    CHECK_INT(wire_udp_parse(out, 8, 12, &back), WIRE_UDP_OK);
    CHECK_INT(back.src_port, u.src_port);
    CHECK_INT(back.dst_port, u.dst_port);
    CHECK_INT(back.checksum, u.checksum);
}

UNIT(wire_udp, every_truncation_of_the_header_is_short)
{
    struct wire_udp u;
    for (size_t len = 0; len < 8; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len);
        memcpy(exact, header, len);
        CHECKF(wire_udp_parse(exact, len, len, &u) == WIRE_UDP_SHORT, "%zu bytes", len);
        CHECKF(wire_udplite_parse(exact, len, len, &u) == WIRE_UDP_SHORT, "lite, %zu bytes", len);
        free(exact);
    }
}

/* [RFC768 Fields]: at least 8, at most what is there; less than what is there is allowed. */
UNIT(wire_udp, every_length_value_is_judged)
{
    uint8_t bytes[8];
    struct wire_udp u;
    memcpy(bytes, header, 8);
    for (unsigned v = 0; v < 65536; v++) {
        bytes[4] = (uint8_t)(v >> 8);
        bytes[5] = (uint8_t)v;
        enum wire_udp_result expected = v < 8     ? WIRE_UDP_LENGTH_SMALL
                                        : v > 100 ? WIRE_UDP_LENGTH_LARGE
                                                  : WIRE_UDP_OK;
        CHECKF(wire_udp_parse(bytes, 8, 100, &u) == expected, "length %u", v);
    }
}

/* [RFC3828 3.1]: 0 covers all; 1 to 7 and more than there is are illegal. */
UNIT(wire_udp, every_udplite_coverage_is_judged)
{
    uint8_t bytes[8];
    struct wire_udp u;
    memcpy(bytes, header, 8);
    for (unsigned v = 0; v < 65536; v++) {
        bytes[4] = (uint8_t)(v >> 8);
        bytes[5] = (uint8_t)v;
        enum wire_udp_result expected = v == 0    ? WIRE_UDP_OK
                                        : v < 8   ? WIRE_UDP_LENGTH_SMALL
                                        : v > 100 ? WIRE_UDP_LENGTH_LARGE
                                                  : WIRE_UDP_OK;
        CHECKF(wire_udplite_parse(bytes, 8, 100, &u) == expected, "coverage %u", v);
        if (expected == WIRE_UDP_OK)
            CHECK_INT(u.length, v == 0 ? 100 : v);
    }
}
