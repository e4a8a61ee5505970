/* wire/checksum_small.c: checksum.h for small targets (LWIP_CHECKSUM_SMALL): byte by byte, in 32
 * bits. 32,768 bytes of each kind, more than a packet has, do not overflow. */
#include "stack/wire/checksum.h"

#if LWIP_CHECKSUM_SMALL

uint32_t checksum_add_at(uint32_t sum, const void *bytes, size_t len, size_t offset)
{
    const uint8_t *p = bytes, *end = p + len;
    unsigned shift = offset % 2u != 0 ? 0 : 8;
    uint32_t piece = 0;

    for (; p != end; p++) {
        piece += (uint32_t)*p << shift;
        shift ^= 8;
    }
    sum += piece;
    return sum + (sum < piece); /* 2^32 counts as 1 */
}

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
    return checksum_add_at(sum, bytes, len, 0);
}

uint16_t checksum_fold(uint32_t sum)
{
    return (uint16_t)(~(sum + (sum << 16 | sum >> 16)) >> 16);
}

uint16_t checksum_bytes(const void *bytes, size_t len)
{
    return checksum_fold(checksum_add(0, bytes, len));
}

uint32_t checksum_copy(uint32_t sum, void *to, const void *from, size_t len)
{
    memcpy(to, from, len);
    return checksum_add(sum, from, len);
}

uint32_t checksum_pseudo(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint16_t len)
{
    return checksum_add(checksum_add((uint32_t)proto + len, src, 4), dst, 4);
}

#endif
