/* wire_icmp.c: ICMP headers and the quotes of errors. */
#include "stack/wire/icmp.h"
#include "unit.h"

#include <stdlib.h>

UNIT(wire_icmp, emit_into_filled_memory_is_the_inverse_of_parse)
{
    const uint8_t bytes[8] = {3, 4, 0xab, 0xcd, 0, 0, 0x05, 0xdc};
    uint8_t out[10];
    struct wire_icmp m;
    CHECK(wire_icmp_parse(&m, bytes, 8));
    CHECK_INT(m.type, 3);
    CHECK_INT(m.code, 4);
    CHECK_INT(m.checksum, 0xabcd);
    CHECK_INT(m.word, 1500);
    memset(out, 0x5a, sizeof out);
    wire_icmp_emit(out, &m);
    CHECK_MEM(out, bytes, 8);
    CHECK_INT(out[8], 0x5a);
}

UNIT(wire_icmp, every_truncation_is_refused)
{
    for (size_t len = 0; len < 8; len++) {
        struct wire_icmp m;
        uint8_t *exact = calloc(1, len == 0 ? 1 : len);
        CHECKF(!wire_icmp_parse(&m, exact, len), "len %zu", len);
        free(exact);
    }
}

UNIT(wire_icmp, errors_are_told_from_queries)
{
    static const uint8_t queries[] = {0, 8, 13, 14, 15, 16, 17, 18};
    bool is_query[256] = {false};
    for (size_t i = 0; i < sizeof queries; i++)
        is_query[queries[i]] = true;
    for (unsigned type = 0; type < 256; type++)
        CHECKF(wire_icmp_is_error((uint8_t)type) == !is_query[type], "type %u", type);
}

static bool parse_quote_exact(const uint8_t *bytes, size_t len, size_t *data_len)
{
    struct wire_ip4 h;
    const uint8_t *data;
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    memcpy(exact, bytes, len);
    bool ok = wire_icmp_parse_quote(&h, &data, data_len, exact, len);
    if (ok) {
        CHECK(data == exact + h.header_len);
        CHECK_INT(h.total_len, 1000);
    }
    free(exact);
    return ok;
}

UNIT(wire_icmp, quote_needs_its_whole_header_and_eight_octets)
{
    uint8_t quote[80] = {0};
    for (unsigned ihl = 0; ihl < 16; ihl++) {
        quote[0] = (uint8_t)(0x40 | ihl);
        quote[2] = 1000 >> 8;
        quote[3] = 1000 & 255;
        for (size_t len = 0; len <= sizeof quote; len++) {
            size_t data_len = 0;
            bool want = ihl >= 5 && len >= ihl * 4 + 8;
            CHECKF(parse_quote_exact(quote, len, &data_len) == want, "ihl %u len %zu", ihl, len);
            if (want)
                CHECK_INT(data_len, len - ihl * 4);
        }
    }
}
