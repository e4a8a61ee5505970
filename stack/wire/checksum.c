/* wire/checksum.c: the Internet checksum. Contract: wire/checksum.h.
 *
 * One's-complement addition does not care how wide the words are nor which byte comes first
 * (RFC 1071 section 2): whole machine words are added in host order, each carry going back in at
 * the bottom, and only the folded 16-bit result is turned into network order. Four sums run side
 * by side so that an addition need not wait for the carry of the one before. */
#include "stack/wire/checksum.h"

#include "stack/wire/bytes.h"

#include <string.h>

typedef uintptr_t word; /* what the machine adds at once */

#define WORDS_AT_ONCE 4u

static inline word load_word(const uint8_t *p)
{
    word w;
    memcpy(&w, p, sizeof w);
    return w;
}

static inline word add_carry(word sum, word w)
{
    sum += w;
    return sum + (sum < w);
}

/* At most 1 bit more than 16 is left after each halving, hence the last step. */
static uint16_t fold_word(word sum)
{
    uint64_t wide = sum;

    wide = (wide >> 32) + (wide & 0xffffffffu);
    wide = (wide >> 16) + (wide & 0xffffu);
    wide = (wide >> 16) + (wide & 0xffffu);
    wide = (wide >> 16) + (wide & 0xffffu);
    return (uint16_t)wide;
}

/* Fewer bytes than a word. */
static word add_tail(word sum, const uint8_t *p, size_t len)
{
    uint32_t four;
    uint16_t two;

    if (len & 4u) {
        memcpy(&four, p, sizeof four);
        sum = add_carry(sum, four);
        p += 4;
    }
    if (len & 2u) {
        memcpy(&two, p, sizeof two);
        sum = add_carry(sum, two);
        p += 2;
    }
    if (len & 1u) { /* as if a zero byte followed [RFC1071 4.1] */
        uint8_t padded[2] = {*p, 0};
        memcpy(&two, padded, sizeof two);
        sum = add_carry(sum, two);
    }
    return sum;
}

/* The folded sum of `len` bytes from an even position, in network order. */
static uint16_t sum_bytes(const uint8_t *p, size_t len)
{
    word s0 = 0, s1 = 0, s2 = 0, s3 = 0;

    for (; len >= WORDS_AT_ONCE * sizeof(word); len -= WORDS_AT_ONCE * sizeof(word)) {
        s0 = add_carry(s0, load_word(p));
        s1 = add_carry(s1, load_word(p + sizeof(word)));
        s2 = add_carry(s2, load_word(p + 2 * sizeof(word)));
        s3 = add_carry(s3, load_word(p + 3 * sizeof(word)));
        p += WORDS_AT_ONCE * sizeof(word);
    }
    s0 = add_carry(add_carry(s0, s1), add_carry(s2, s3));
    for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word))
        s0 = add_carry(s0, load_word(p));
    uint16_t folded = fold_word(add_tail(s0, p, len));
    uint8_t in_memory[2];
    memcpy(in_memory, &folded, sizeof folded);
    return get_be16(in_memory);
}

/* 2^32 counts as 1, so a carry out of the partial sum goes back in at the bottom. */
static uint32_t add_partial(uint32_t sum, uint32_t more)
{
    sum += more;
    return sum + (sum < more);
}

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
    return add_partial(sum, sum_bytes(bytes, len));
}

uint32_t checksum_add_at(uint32_t sum, const void *bytes, size_t len, size_t offset)
{
    uint16_t piece = sum_bytes(bytes, len);

    if (offset % 2u != 0) /* every byte has changed places with its neighbour */
        piece = (uint16_t)(piece << 8 | piece >> 8);
    return add_partial(sum, piece);
}

uint16_t checksum_fold(uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffffu);
    sum = (sum >> 16) + (sum & 0xffffu);
    return (uint16_t)~sum;
}

uint32_t checksum_pseudo(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint16_t len)
{
    return (uint32_t)get_be16(src) + get_be16(src + 2) + get_be16(dst) + get_be16(dst + 2) +
           proto + len;
}

/* [RFC1624 3] HC' = ~(~HC + ~m + m') */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after)
{
    return checksum_fold((uint32_t)(uint16_t)~checksum + (uint16_t)~before + after);
}
