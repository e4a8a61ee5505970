/* wire/bytes.h: big-endian integers at any address. The only way wire data becomes numbers. */
#ifndef STACK_WIRE_BYTES_H
#define STACK_WIRE_BYTES_H

#include <stdint.h>
#include <string.h>

/* A processor that swaps bytes in one instruction and stores at any address writes an integer in
 * two; left to find that out from single bytes, gcc puts headers together in vectors instead, at
 * several times the cost. */
#if (defined __x86_64__ || defined __aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTES_SWAP 1
#else
#define BYTES_SWAP 0
#endif

/* One that cannot swap at all is better off with the bytes as they come; but gcc sees a swap in
 * them and makes it out of three shifts. It looks away from what is volatile. */
#if defined __arm__ && __ARM_ARCH < 6
typedef const volatile uint8_t *bytes_first;
#else
typedef const uint8_t *bytes_first;
#endif

static inline uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)((unsigned)*(bytes_first)p << 8 | p[1]);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
    if (BYTES_SWAP) {
        v = __builtin_bswap16(v);
        memcpy(p, &v, sizeof v);
    } else {
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
    }
}

/* Where compilers are told to make things small (-Os) these are calls: bytes.c. get_net32: an
 * address as it stands in a packet, and in an ip4_addr_t. */
#ifdef __OPTIMIZE_SIZE__
uint32_t get_net32(const uint8_t *p);
__attribute__((pure)) uint32_t get_be32(const uint8_t *p);
void put_be32(uint8_t *p, uint32_t v);
#else
static inline uint32_t get_net32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
    if (BYTES_SWAP) {
        v = __builtin_bswap32(v);
        memcpy(p, &v, sizeof v);
    } else {
        p[0] = (uint8_t)(v >> 24);
        p[1] = (uint8_t)(v >> 16);
        p[2] = (uint8_t)(v >> 8);
        p[3] = (uint8_t)v;
    }
}
#endif

#endif
