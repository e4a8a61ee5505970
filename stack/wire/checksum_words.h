/* wire/checksum_words.h: the sum of many 16-bit words, and the same while they are copied.
 *
 * What checksum.c is made of, with siblings: checksum_words.c in portable C, checksum_words_x86.c
 * with SSE2, and AVX2 where the processor has it. Words are taken in host order from any alignment;
 * an odd last byte is followed by a zero byte [RFC1071 4.1]. Each result is a number of 64 bits
 * which is, by checksum_fold64(), the one's-complement sum; 0 only if all bytes are 0. */
#ifndef STACK_WIRE_CHECKSUM_WORDS_H
#define STACK_WIRE_CHECKSUM_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CHECKSUM_BLOCK 32u

uint64_t checksum_words(const uint8_t *p, size_t len);
/* Copies; the two places do not overlap. */
uint64_t checksum_words_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t len);

/* 8 bytes: two words of 32 bits. */
static inline uint64_t checksum_words_eight(const uint8_t *p)
{
    uint64_t eight;

    memcpy(&eight, p, sizeof eight);
    return (eight >> 32) + (eight & 0xffffffffu);
}

static inline uint64_t checksum_words_four(const uint8_t *p)
{
    uint32_t four;

    memcpy(&four, p, sizeof four);
    return four;
}

/* What a sibling's blocks leave over: the last bytes of `len`, fewer than CHECKSUM_BLOCK. */
static inline uint64_t checksum_words_rest(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;

    if ((len & 16) != 0) {
        sum = checksum_words_eight(p) + checksum_words_eight(p + 8);
        p += 16;
    }
    if ((len & 8) != 0) {
        sum += checksum_words_eight(p);
        p += 8;
    }
    if ((len & 4) != 0) {
        sum += checksum_words_four(p);
        p += 4;
    }
    if ((len & 3) != 0) {
        uint8_t padded[4] = {p[0], (len & 2) != 0 ? p[1] : 0, (len & 3) == 3 ? p[2] : 0, 0};
        sum += checksum_words_four(padded);
    }
    return sum;
}

/* The same bytes copied: a memcpy() of a length that is known costs an instruction or two. */
static inline void checksum_words_copy_rest(uint8_t *restrict to, const uint8_t *restrict from,
                                            size_t len)
{
    if ((len & 16) != 0) {
        memcpy(to, from, 16);
        to += 16;
        from += 16;
    }
    if ((len & 8) != 0) {
        memcpy(to, from, 8);
        to += 8;
        from += 8;
    }
    if ((len & 4) != 0) {
        memcpy(to, from, 4);
        to += 4;
        from += 4;
    }
    if ((len & 2) != 0) {
        memcpy(to, from, 2);
        to += 2;
        from += 2;
    }
    if ((len & 1) != 0)
        *to = *from;
}

#endif
