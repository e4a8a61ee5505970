/* wire/checksum.c: the Internet checksum. Contract: wire/checksum.h.
 *
 * One's-complement addition does not care how wide the words are nor which byte comes first
 * (RFC 1071 section 2): 32-bit words are added in host order into 64-bit sums, which have room for
 * the carries of more words than memory holds, and only the folded 16-bit result is turned into
 * network order. */
#include "stack/wire/checksum.h"

#include "stack/wire/bytes.h"

#include <string.h>

#define BLOCK 16u

#if UINTPTR_MAX > 0xffffffffu
/* Two 64-bit sums side by side: one vector operation where the machine has them. */
typedef uint64_t pair __attribute__((vector_size(BLOCK)));

static inline uint64_t sum_blocks(const uint8_t *p, size_t len)
{
    pair even = {0, 0}, odd = {0, 0};
    const pair low = {0xffffffffu, 0xffffffffu};

    for (; len >= BLOCK; len -= BLOCK, p += BLOCK) {
        pair words;
        memcpy(&words, p, sizeof words);
        even += words & low;
        odd += words >> 32;
    }
    even += odd;
    return even[0] + even[1];
}
#else
static inline uint64_t sum_blocks(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;

    for (; len >= BLOCK; len -= BLOCK, p += BLOCK) {
        uint32_t words[BLOCK / 4];
        memcpy(words, p, sizeof words);
        sum += words[0];
        sum += words[1];
        sum += words[2];
        sum += words[3];
    }
    return sum;
}
#endif

/* Fewer bytes than a block; an odd one is followed by a zero byte [RFC1071 4.1]. */
static inline uint64_t sum_tail(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;
    uint32_t four = 0;

    for (; len >= sizeof four; len -= sizeof four, p += sizeof four) {
        memcpy(&four, p, sizeof four);
        sum += four;
    }
    if (len != 0) {
        uint8_t padded[4] = {p[0], len > 1 ? p[1] : 0, len > 2 ? p[2] : 0, 0};
        memcpy(&four, padded, sizeof four);
        sum += four;
    }
    return sum;
}

/* The folded sum of `len` bytes from an even position, in network order. */
static inline uint16_t sum_bytes(const uint8_t *p, size_t len)
{
    size_t blocks = len & ~(size_t)(BLOCK - 1);
    uint16_t folded = checksum_fold64(sum_blocks(p, blocks) + sum_tail(p + blocks, len - blocks));
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

/* [RFC1624 3] HC' = ~(~HC + ~m + m') */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after)
{
    return checksum_fold((uint32_t)(uint16_t)~checksum + (uint16_t)~before + after);
}
