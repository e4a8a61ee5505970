/* wire/checksum.h: the Internet checksum (RFC 1071): fast, and independent of alignment.
 *
 * Partial sums are 32-bit accumulators of 16-bit one's-complement addition in network byte order:
 * sum = checksum_add(sum, bytes, len) over pieces, all of which but the last have even length
 * (with odd pieces in between: checksum_add_at()), then checksum_fold(sum) is the
 * value to store with put_be16(). Verifying: the fold over data and stored checksum is 0.
 * With LWIP_CHECKSUM_SMALL a piece has at most 65,535 bytes, as packets have. */
#ifndef STACK_WIRE_CHECKSUM_H
#define STACK_WIRE_CHECKSUM_H

#include "lwip/opt.h" /* LWIP_CHECKSUM_SMALL */
#include "stack/wire/bytes.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len);
/* The same while the bytes are copied, in one pass over them; the two places do not overlap. */
uint32_t checksum_copy(uint32_t sum, void *to, const void *from, size_t len);
/* `offset`: position of `bytes` in the whole; odd positions are rotated in correctly. */
uint32_t checksum_add_at(uint32_t sum, const void *bytes, size_t len, size_t offset);
/* complemented, host order. Added to itself with its halves exchanged, a sum has in its upper half
 * both halves and the carry out of them (RFC 1071 2 (A)). */
#if LWIP_CHECKSUM_SMALL
uint16_t checksum_fold(uint32_t sum);
#else
static inline uint16_t checksum_fold(uint32_t sum)
{
    return (uint16_t)~((sum + (sum << 16 | sum >> 16)) >> 16);
}
#endif

/* Of one piece. */
#if LWIP_CHECKSUM_SMALL
uint16_t checksum_bytes(const void *bytes, size_t len);
#else
static inline uint16_t checksum_bytes(const void *bytes, size_t len)
{
    return checksum_fold(checksum_add(0, bytes, len));
}
#endif

/* The sum of an IPv4 pseudo header; addresses in network byte order as stored in ip4_addr_t. */
#if LWIP_CHECKSUM_SMALL
uint32_t checksum_pseudo(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint16_t len);
#else
static inline uint32_t checksum_pseudo(const uint8_t src[4], const uint8_t dst[4], uint8_t proto,
                                       uint16_t len)
{
    uint32_t s = get_be32(src), d = get_be32(dst);
    return (s >> 16) + (s & 0xffffu) + (d >> 16) + (d & 0xffffu) + proto + len;
}
#endif

/* A sum of 32-bit words, at most 2^32 of them, as 16 bits; not complemented, order as it is. */
static inline uint16_t checksum_fold64(uint64_t sum)
{
    uint32_t half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);
    return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* The same for an IPv4 header: len is a multiple of 4, 20 to 60. Without options there is nothing
 * to loop over. */
#if LWIP_CHECKSUM_SMALL
static inline uint16_t checksum_header(const uint8_t *bytes, size_t len)
{
    return checksum_bytes(bytes, len);
}
#else
static inline uint16_t checksum_header(const uint8_t *bytes, size_t len)
{
    uint32_t words[5];
    memcpy(words, bytes, sizeof words);
    uint64_t sum = (uint64_t)words[0] + words[1] + words[2] + words[3] + words[4];
    for (size_t i = sizeof words; i < len; i += 4) {
        memcpy(words, bytes + i, 4);
        sum += words[0];
    }
    uint16_t folded = (uint16_t)~checksum_fold64(sum);
    uint8_t in_memory[2];
    memcpy(in_memory, &folded, sizeof folded);
    return get_be16(in_memory);
}
#endif

/* RFC 1624: the checksum after the 16-bit field `before` became `after` (host order values). */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after);

#endif
