/* wire/checksum.c: the Internet checksum. Contract: wire/checksum.h.
 *
 * One's-complement addition does not care how wide the words are nor which byte comes first
 * (RFC 1071 section 2): checksum_words.h adds them in host order, and only the folded 16-bit result
 * is turned into network order. checksum_small.c is its sibling for small targets. */
#include "stack/wire/checksum.h"

#include "stack/wire/bytes.h"
#include "stack/wire/checksum_words.h"

#if !LWIP_CHECKSUM_SMALL

/* A sum of words in host order, folded, in network order. */
static inline uint16_t in_network_order(uint64_t sum)
{
    uint16_t folded = checksum_fold64(sum);
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
    return add_partial(sum, in_network_order(checksum_words(bytes, len)));
}

uint32_t checksum_copy(uint32_t sum, void *to, const void *from, size_t len)
{
    return add_partial(sum, in_network_order(checksum_words_copy(to, from, len)));
}

uint32_t checksum_add_at(uint32_t sum, const void *bytes, size_t len, size_t offset)
{
    uint16_t piece = in_network_order(checksum_words(bytes, len));

    if (offset % 2u != 0) /* every byte has changed places with its neighbour */
        piece = (uint16_t)(piece << 8 | piece >> 8);
    return add_partial(sum, piece);
}

#endif

/* [RFC1624 3] HC' = ~(~HC + ~m + m') */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after)
{
    return checksum_fold((uint32_t)(uint16_t)~checksum + (uint16_t)~before + after);
}
