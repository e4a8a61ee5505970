/* The Internet checksum against a byte-by-byte model, at every length, address and carry.
 * Runs on every build. */
#include "stack/wire/checksum.h"

#include "stack/wire/bytes.h"
#include "unit.h"

/* RFC 1071 section 1 word for word: 16-bit words, high byte first, end-around carry. */
static uint16_t naive(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
        if (sum > 0xffff)
            sum -= 0xffff;
    }
    return (uint16_t)(0xffff - sum);
}

static void fill(uint8_t *p, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
}

UNIT(checksum, example_of_rfc1071_section_3_gives_its_sum)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CHECK_INT((uint16_t)~checksum_fold(checksum_add(0, bytes, 8)), 0xddf2);
}

UNIT(checksum, header_of_a_known_datagram_verifies)
{
    static const uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                     0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    CHECK_INT(checksum_fold(checksum_add(0, header, 20)), 0);
    uint32_t sum = checksum_add(0, header, 10);
    CHECK_INT(checksum_fold(checksum_add(sum, header + 12, 8)), 0xb861);
}

UNIT(checksum, every_length_at_every_address_equals_the_model)
{
    static uint8_t room[300];

    for (size_t offset = 0; offset < 8; offset++)
        for (size_t len = 0; len <= 200; len++) {
            memset(room, 0xff, sizeof room); /* a read beyond either end would show */
            fill(room + offset, len, (uint32_t)(len * 8 + offset));
            CHECKF(checksum_fold(checksum_add(0, room + offset, len)) == naive(room + offset, len),
                   "%zu bytes at %zu", len, offset);
        }
}

/* Both siblings of checksum_words.h have blocks of some size, and take what is left over in words
 * and bytes. */
UNIT(checksum, copying_gives_the_same_bytes_and_the_same_sum)
{
    static uint8_t from[300], to[300];

    for (size_t at = 0; at < 64; at++)
        for (size_t len = 0; len <= 200; len++) {
            fill(from, sizeof from, (uint32_t)(len * 64 + at));
            memset(to, 0x5a, sizeof to);
            uint8_t *begin = to + 1 + at * 7 % 64; /* any two alignments */
            uint32_t sum = checksum_copy(0x1234, begin, from + at, len);
            CHECKF(sum == checksum_add(0x1234, from + at, len), "sum of %zu at %zu", len, at);
            CHECKF(checksum_fold(checksum_copy(0, begin, from + at, len)) == naive(from + at, len),
                   "%zu bytes at %zu against the model", len, at);
            CHECKF(memcmp(begin, from + at, len) == 0, "%zu bytes at %zu", len, at);
            CHECKF(begin[-1] == 0x5a && begin[len] == 0x5a, "around %zu bytes at %zu", len, at);
        }
}

UNIT(checksum, long_blocks_sum_and_copy_as_short_ones)
{
    enum { LEN = LWIP_CHECKSUM_SMALL ? 65535 : 200001 };
    static uint8_t from[LEN], to[LEN];

    for (unsigned filler = 0; filler < 3; filler++) {
        if (filler < 2)
            memset(from, filler == 0 ? 0xff : 0x80, LEN); /* the largest words, and 0x8080 */
        else
            fill(from, LEN, 1);
        for (size_t len = LEN - 3; len <= LEN; len++) {
            CHECK_INT(checksum_fold(checksum_add(0, from, len)), naive(from, len));
            CHECK_INT(checksum_fold(checksum_copy(0, to, from, len)), naive(from, len));
            CHECKF(memcmp(from, to, len) == 0, "%zu bytes", len);
        }
    }
}

UNIT(checksum, nothing_sums_to_nothing)
{
    static const uint8_t zero[64];

    CHECK_INT(checksum_add(0, "", 0), 0);
    CHECK_INT(checksum_add(0x12345678, "", 0), 0x12345678);
    for (size_t len = 0; len <= sizeof zero; len++)
        CHECK_INT(checksum_fold(checksum_add(0, zero, len)), 0xffff);
}

UNIT(checksum, all_ones_fold_to_zero_at_every_length)
{
    static uint8_t ones[65536 + 8];

    memset(ones, 0xff, sizeof ones);
    for (size_t len = 2; len <= 400; len += 2)
        CHECK_INT(checksum_fold(checksum_add(0, ones, len)), 0);
    for (size_t len = 1; len <= 401; len += 2)
        CHECKF(checksum_fold(checksum_add(0, ones + len % 8, len)) == naive(ones, len), "%zu", len);
    for (size_t offset = 0; offset < 8; offset++)
        CHECK_INT(checksum_fold(checksum_add(0, ones + offset, 65536)), 0);
    CHECK_INT(checksum_fold(checksum_add(0, ones, 65535)), naive(ones, 65535));
}

/* Words that make the carry run through the whole machine word, and exactly to its end. */
UNIT(checksum, carry_extremes_equal_the_model)
{
    static const uint64_t extremes[] = {0, 1, 0xffff, 0x10000, 0xffffffff, 0x100000000,
                                        UINT64_MAX, UINT64_MAX - 1, (uint64_t)1 << 63,
                                        ((uint64_t)1 << 63) - 1, 0xffff0000ffff0000,
                                        0x0001fffefffefffe};
    enum { N = sizeof extremes / sizeof extremes[0] };
    uint8_t room[8 * 9];

    for (unsigned a = 0; a < N; a++)
        for (unsigned b = 0; b < N; b++)
            for (unsigned c = 0; c < N; c++) {
                uint64_t words[9];
                for (unsigned i = 0; i < 9; i++) {
                    const uint64_t three[] = {extremes[a], extremes[b], extremes[c]};
                    words[i] = three[(i + i / 4) % 3];
                }
                memcpy(room, words, sizeof room);
                for (size_t len = 56; len <= sizeof room; len += 5)
                    CHECKF(checksum_fold(checksum_add(0, room, len)) == naive(room, len),
                           "extremes %u %u %u, %zu bytes", a, b, c, len);
            }
}

UNIT(checksum, sixty_four_kib_equals_the_model)
{
    static uint8_t room[65536 + 8];

    fill(room, sizeof room, 99);
    for (size_t offset = 0; offset < 8; offset++)
        for (size_t cut = 0; cut < 9; cut++)
            CHECK_INT(checksum_fold(checksum_add(0, room + offset, 65536 - cut)),
                      naive(room + offset, 65536 - cut));
}

UNIT(checksum, pieces_sum_like_the_whole)
{
    static uint8_t room[256];

    fill(room, sizeof room, 5);
    for (size_t len = 0; len <= 128; len++)
        for (size_t cut = 0; cut <= len; cut += 2) {
            uint32_t sum = checksum_add(0, room, cut);
            sum = checksum_add(sum, room + cut, len - cut);
            CHECKF(checksum_fold(sum) == naive(room, len), "%zu of %zu", cut, len);
        }
}

UNIT(checksum, pieces_at_odd_positions_sum_like_the_whole)
{
    static uint8_t room[256];

    fill(room, sizeof room, 6);
    for (size_t len = 0; len <= 64; len++)
        for (size_t cut = 0; cut <= len; cut++)
            for (size_t second = cut; second <= len; second++) {
                uint32_t sum = checksum_add_at(0, room, cut, 0);
                sum = checksum_add_at(sum, room + second, len - second, second); /* any order */
                sum = checksum_add_at(sum, room + cut, second - cut, cut);
                CHECKF(checksum_fold(sum) == naive(room, len), "%zu, %zu of %zu", cut, second, len);
            }
}

UNIT(checksum, single_bytes_sum_like_the_whole)
{
    uint8_t room[333];
    uint32_t sum = 0;

    fill(room, sizeof room, 7);
    for (size_t i = 0; i < sizeof room; i++)
        sum = checksum_add_at(sum, room + i, 1, 1000 + i);
    CHECK_INT(checksum_fold(sum), naive(room, sizeof room));
}

UNIT(checksum, full_partial_sum_carries_around)
{
    static const uint8_t two[] = {0x00, 0x02}, ones[] = {0xff, 0xff};

    CHECK_INT(checksum_fold(0xffffffff), 0);
    CHECK_INT(checksum_fold(0xffff0001), 0xfffe); /* 0xffff + 1 = 1 */
    CHECK_INT(checksum_fold(0), 0xffff);
    CHECK_INT(checksum_fold(checksum_add(0xffffffff, two, 2)), 0xfffd);
    CHECK_INT(checksum_fold(checksum_add(0xffff0000, ones, 2)), 0);
    CHECK_INT(checksum_fold(checksum_add_at(0xffffffff, two, 2, 1)), 0xfdff);
}

UNIT(checksum, pseudo_header_equals_the_model_over_its_bytes)
{
    static const uint16_t lengths[] = {0, 8, 1480, 65535};

    for (uint32_t seed = 0; seed < 50; seed++)
        for (unsigned k = 0; k < 4; k++) {
            uint8_t header[12];
            fill(header, 10, seed);
            header[8] = 0;
            put_be16(header + 10, lengths[k]);
            CHECK_INT(checksum_fold(checksum_pseudo(header, header + 4, header[9], lengths[k])),
                      naive(header, 12));
        }
    uint8_t ones[12];
    memset(ones, 0xff, sizeof ones);
    ones[8] = 0;
    CHECK_INT(checksum_fold(checksum_pseudo(ones, ones + 4, 0xff, 0xffff)), naive(ones, 12));
}

/* [RFC1624 3] the incremental update equals computing it all again. */
UNIT(checksum, update_equals_recomputation)
{
    static const uint16_t values[] = {0, 1, 0x00ff, 0x1234, 0x7fff, 0x8000, 0xfffe, 0xffff};
    uint8_t room[20];

    for (uint32_t seed = 0; seed < 100; seed++)
        for (unsigned b = 0; b < 8; b++)
            for (unsigned a = 0; a < 8; a++) {
                fill(room, sizeof room, seed);
                put_be16(room + 6, values[b]);
                uint16_t before = naive(room, sizeof room);
                put_be16(room + 6, values[a]);
                CHECK_INT(checksum_update(before, values[b], values[a]),
                          naive(room, sizeof room));
            }
}

/* The example of RFC 1624 section 4, where the older equation gave 0xffff. */
UNIT(checksum, update_avoids_the_flaw_of_rfc1141)
{
    CHECK_INT(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}
