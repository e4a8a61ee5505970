/* wire_tcp.c: TCP headers, sequence numbers and options: fields, every truncation, every lying
 * length. */
#include "stack/wire/tcp.h"
#include "stack/wire/bytes.h"
#include "stack/wire/tcp_seq.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t header[20] = {0x12, 0x34, 0x56, 0x78, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc,
                                   0xba, 0x98, 0x60, 0x5a, 0xc0, 0xde, 0xbe, 0xef, 0x7f, 0x01};

/* ---- Sequence numbers ---- */

/* [RFC9293 3.4] [RFC7323 5.2]: modulo 2^32, whatever the numbers themselves are. */
UNIT(wire_tcp_seq, order_is_by_distance_at_every_wrap)
{
    static const uint32_t bases[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    static const uint32_t ahead[] = {1, 2, 0xffff, 0x10000, 0x40000000, 0x7fffffff};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        uint32_t a = bases[i];
        CHECK(!seq_lt(a, a) && seq_leq(a, a) && !seq_gt(a, a) && seq_geq(a, a));
        CHECK_INT(seq_diff(a, a), 0);
        for (size_t j = 0; j < sizeof ahead / sizeof ahead[0]; j++) {
            uint32_t b = a + ahead[j];
            CHECKF(seq_lt(a, b) && seq_leq(a, b) && !seq_gt(a, b) && !seq_geq(a, b), "%#x %#x", a,
                   b);
            CHECKF(!seq_lt(b, a) && !seq_leq(b, a) && seq_gt(b, a) && seq_geq(b, a), "%#x %#x", a,
                   b);
            CHECK_INT(seq_diff(b, a), (int32_t)ahead[j]);
            CHECK_INT(seq_diff(a, b), -(int32_t)ahead[j]);
            CHECK(seq_max(a, b) == b && seq_max(b, a) == b);
            CHECK(seq_min(a, b) == a && seq_min(b, a) == a);
        }
    }
}

UNIT(wire_tcp_seq, between_includes_both_ends_and_knows_long_ranges)
{
    static const uint32_t bases[] = {0, 0x7ffffff0, 0xfffffff0, 0xffffffff};
    static const uint32_t lengths[] = {0, 1, 100, 0x80000000, 0xc0000000};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            uint32_t first = bases[i], last = first + lengths[j];
            CHECK(seq_between(first, first, last));
            CHECK(seq_between(last, first, last));
            CHECK(seq_between(first + lengths[j] / 2, first, last));
            CHECK(!seq_between(first - 1, first, last));
            CHECK(!seq_between(last + 1, first, last));
        }
    }
}

/* ---- The header ---- */

/* [RFC9293 3.1] */
UNIT(wire_tcp, parse_gives_every_field)
{
    struct wire_tcp t;
    CHECK_INT(wire_tcp_parse(header, 20, 100, &t), WIRE_TCP_OK);
    CHECK_INT(t.src_port, 0x1234);
    CHECK_INT(t.dst_port, 0x5678);
    CHECK_INT(t.seq, 0x89abcdef);
    CHECK_INT(t.ack, 0xfedcba98);
    CHECK_INT(t.header_len, 24);
    CHECK_INT(t.flags, WIRE_TCP_ECE + WIRE_TCP_ACK + WIRE_TCP_PSH + WIRE_TCP_SYN);
    CHECK_INT(t.window, 0xc0de);
    CHECK_INT(t.checksum, 0xbeef);
    CHECK_INT(t.urgent, 0x7f01);
}

UNIT(wire_tcp, each_flag_has_its_bit)
{
    static const uint16_t flags[8] = {WIRE_TCP_FIN, WIRE_TCP_SYN, WIRE_TCP_RST, WIRE_TCP_PSH,
                                      WIRE_TCP_ACK, WIRE_TCP_URG, WIRE_TCP_ECE, WIRE_TCP_CWR};
    uint8_t bytes[20];
    struct wire_tcp t;
    memcpy(bytes, header, sizeof bytes);
    for (unsigned i = 0; i < 8; i++) {
        bytes[13] = (uint8_t)(1u << i);
        CHECK_INT(wire_tcp_parse(bytes, 20, 100, &t), WIRE_TCP_OK);
        CHECK_INT(t.flags, flags[i]);
    }
}

UNIT(wire_tcp, emit_into_filled_memory_writes_20_bytes_and_round_trips)
{
    uint8_t out[22];
    struct wire_tcp t, back;
    CHECK_INT(wire_tcp_parse(header, 20, 100, &t), WIRE_TCP_OK);
    memset(out, 0xa5, sizeof out);
    wire_tcp_emit(out, &t);
    CHECK_MEM(out, header, 20);
    CHECK_INT(out[20], 0xa5);
    CHECK_INT(wire_tcp_parse(out, 20, 100, &back), WIRE_TCP_OK);
    CHECK_INT(back.header_len, t.header_len);
    CHECK_INT(back.flags, t.flags);
}

/* [RFC9293 3.1 Rsrvd]: must be zero in generated segments and must be ignored in received ones. */
UNIT(wire_tcp, reserved_bits_are_neither_read_nor_sent)
{
    uint8_t bytes[20], out[20];
    struct wire_tcp t;
    memcpy(bytes, header, sizeof bytes);
    bytes[12] |= 0x0f;
    CHECK_INT(wire_tcp_parse(bytes, 20, 100, &t), WIRE_TCP_OK);
    CHECK_INT(t.flags, header[13]);
    CHECK_INT(t.header_len, 24);
    wire_tcp_emit(out, &t);
    CHECK_MEM(out, header, 20);
    t.flags |= 0xff00;
    wire_tcp_emit(out, &t);
    CHECK_MEM(out, header, 20);
}

UNIT(wire_tcp, every_truncation_of_the_header_is_short)
{
    struct wire_tcp t;
    for (size_t len = 0; len < 20; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len);
        memcpy(exact, header, len);
        CHECKF(wire_tcp_parse(exact, len, len, &t) == WIRE_TCP_SHORT, "%zu bytes", len);
        CHECKF(wire_tcp_parse(exact, len, 100, &t) == WIRE_TCP_SHORT, "%zu of 100 bytes", len);
        free(exact);
    }
    CHECK_INT(wire_tcp_parse(header, 20, 19, &t), WIRE_TCP_SHORT);
}

/* At least five words, at most the segment; the options need not be contiguous. */
UNIT(wire_tcp, every_data_offset_is_judged)
{
    uint8_t bytes[20];
    struct wire_tcp t;
    memcpy(bytes, header, 20);
    for (unsigned words = 0; words < 16; words++) {
        for (size_t total = 20; total <= 64; total++) {
            bytes[12] = (uint8_t)(words << 4);
            enum wire_tcp_result expected = words < 5           ? WIRE_TCP_OFFSET_SMALL
                                            : words * 4 > total ? WIRE_TCP_OFFSET_LARGE
                                                                : WIRE_TCP_OK;
            CHECKF(wire_tcp_parse(bytes, 20, total, &t) == expected, "%u words of %zu bytes", words,
                   total);
            CHECK_INT(t.header_len, words * 4);
        }
    }
}
