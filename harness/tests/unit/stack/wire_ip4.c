/* wire_ip4.c: the IPv4 header: fields, every truncation, every lying length, TTL arithmetic. */
#include "stack/wire/ip4.h"
#include "stack/wire/checksum.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t header[20] = {0x45, 0xb8, 0x00, 0x22, 0x12, 0x34, 0x60, 0x03, 0x40, 0x11,
                                   0xab, 0xcd, 0x0a, 0x00, 0x00, 0x01, 0xc0, 0xa8, 0x01, 0xfe};

/* In memory of exactly that size, so that a sanitizer sees one byte too many. */
static enum wire_ip4_result parse_exact(const uint8_t *bytes, size_t len, size_t available)
{
    struct wire_ip4 h;
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    memcpy(exact, bytes, len);
    enum wire_ip4_result r = wire_ip4_parse(&h, exact, len, available);
    free(exact);
    return r;
}

UNIT(wire_ip4, parse_gives_every_field)
{
    struct wire_ip4 h;
    CHECK_INT(wire_ip4_parse(&h, header, 20, 34), WIRE_IP4_OK);
    CHECK_INT(h.header_len, 20);
    CHECK_INT(h.tos, 0xb8);
    CHECK_INT(h.total_len, 34);
    CHECK_INT(h.id, 0x1234);
    CHECK_INT(h.fragment, 0x6003);
    CHECK_INT(h.ttl, 64);
    CHECK_INT(h.proto, 17);
    CHECK_INT(h.checksum, 0xabcd);
    CHECK_INT(h.src, 0x0a000001);
    CHECK_INT(h.dst, 0xc0a801fe);
    CHECK(wire_ip4_is_fragment(&h));
    CHECK_INT(wire_ip4_offset(&h), 24);
}

UNIT(wire_ip4, emit_into_filled_memory_is_the_inverse_of_parse)
{
    uint8_t out[24];
    const uint8_t tail[4] = {0x5a, 0x5a, 0x5a, 0x5a};
    struct wire_ip4 h;
    CHECK_INT(wire_ip4_parse(&h, header, 20, 34), WIRE_IP4_OK);
    memset(out, 0x5a, sizeof out);
    wire_ip4_emit(out, &h);
    CHECK_MEM(out, header, 20);
    CHECK_MEM(out + 20, tail, 4);
    h.header_len = 60;
    wire_ip4_emit(out, &h);
    CHECK_INT(out[0], 0x4f);
}

UNIT(wire_ip4, every_truncation_is_named)
{
    for (size_t len = 0; len < 20; len++)
        CHECKF(parse_exact(header, len, 34) == WIRE_IP4_SHORT, "len %zu", len);
    CHECK_INT(parse_exact(header, 20, 34), WIRE_IP4_OK);
}

UNIT(wire_ip4, every_version_and_header_length_is_judged)
{
    uint8_t bytes[60];
    for (unsigned first = 0; first < 256; first++) {
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, header, 20);
        bytes[0] = (uint8_t)first;
        bytes[3] = 60;
        unsigned ihl = first & 15;
        enum wire_ip4_result want = first >> 4 != 4 ? WIRE_IP4_VERSION
                                    : ihl < 5       ? WIRE_IP4_IHL
                                                    : WIRE_IP4_OK;
        CHECKF(parse_exact(bytes, 60, 60) == want, "first octet %02x", first);
        /* the header must lie in the contiguous bytes */
        if (want == WIRE_IP4_OK && ihl > 5)
            CHECKF(parse_exact(bytes, ihl * 4 - 1, 60) == WIRE_IP4_IHL, "ihl %u", ihl);
    }
}

UNIT(wire_ip4, every_total_length_is_judged)
{
    uint8_t bytes[20];
    for (unsigned total = 0; total < 65536; total++) {
        memcpy(bytes, header, 20);
        put_be16(bytes + 2, (uint16_t)total);
        struct wire_ip4 h;
        enum wire_ip4_result want = total < 20   ? WIRE_IP4_TOTAL
                                    : total > 40 ? WIRE_IP4_TRUNCATED
                                                 : WIRE_IP4_OK;
        CHECKF(wire_ip4_parse(&h, bytes, 20, 40) == want, "total %u", total);
    }
}

UNIT(wire_ip4, fragments_are_told_from_whole_datagrams)
{
    struct wire_ip4 h = {.fragment = 0};
    CHECK(!wire_ip4_is_fragment(&h));
    h.fragment = 0x8000; /* reserved */
    CHECK(!wire_ip4_is_fragment(&h));
    h.fragment = WIRE_IP4_DF;
    CHECK(!wire_ip4_is_fragment(&h));
    h.fragment = WIRE_IP4_MF;
    CHECK(wire_ip4_is_fragment(&h));
    h.fragment = 0x1fff;
    CHECK(wire_ip4_is_fragment(&h));
    CHECK_INT(wire_ip4_offset(&h), 65528);
    h.fragment = 0xffff;
    CHECK_INT(wire_ip4_offset(&h), 65528);
}

UNIT(wire_ip4, decremented_ttl_keeps_the_checksum_right)
{
    uint8_t bytes[20];
    for (unsigned ttl = 1; ttl < 256; ttl++) {
        for (unsigned proto = 0; proto < 256; proto += 5) {
            memcpy(bytes, header, 20);
            bytes[8] = (uint8_t)ttl;
            bytes[9] = (uint8_t)proto;
            put_be16(bytes + 10, 0);
            put_be16(bytes + 10, checksum_fold(checksum_add(0, bytes, 20)));
            wire_ip4_decrement_ttl(bytes);
            CHECK_INT(bytes[8], ttl - 1);
            CHECK_INT(bytes[9], proto);
            CHECKF(checksum_fold(checksum_add(0, bytes, 20)) == 0, "ttl %u proto %u", ttl, proto);
        }
    }
}
