/* tcp/isn_siphash.c: see isn.h.
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012): made for short inputs, no tables, and no way known to
 * learn the key from its output, which a remote host sees. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_ISN_HASH && TCP_ISN_SIPHASH

#include "stack/tcp/isn.h"

#include "stack/core/instance.h"

struct siphash {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void mix(struct siphash *h)
{
    h->v0 += h->v1;
    h->v2 += h->v3;
    h->v1 = rotate(h->v1, 13) ^ h->v0;
    h->v3 = rotate(h->v3, 16) ^ h->v2;
    h->v0 = rotate(h->v0, 32);
    h->v2 += h->v1;
    h->v0 += h->v3;
    h->v1 = rotate(h->v1, 17) ^ h->v2;
    h->v3 = rotate(h->v3, 21) ^ h->v0;
    h->v2 = rotate(h->v2, 32);
}

/* Up to 8 bytes as a little-endian number. */
static uint64_t word(const u8_t *bytes, size_t n)
{
    uint64_t w = 0;

    for (size_t i = 0; i < n; i++)
        w |= (uint64_t)bytes[i] << (8 * i);
    return w;
}

/* The algorithm's constants: "somepseudorandomlygeneratedbytes". */
static inline struct siphash begin(uint64_t key0, uint64_t key1)
{
    return (struct siphash){
        .v0 = key0 ^ 0x736f6d6570736575u,
        .v1 = key1 ^ 0x646f72616e646f6du,
        .v2 = key0 ^ 0x6c7967656e657261u,
        .v3 = key1 ^ 0x7465646279746573u,
    };
}

static inline void absorb(struct siphash *h, uint64_t w)
{
    h->v3 ^= w;
    mix(h);
    mix(h);
    h->v0 ^= w;
}

/* `last`: the bytes behind the last whole word, and in its highest one the length of all. */
static inline uint64_t finish(struct siphash *h, uint64_t last)
{
    absorb(h, last);
    h->v2 ^= 0xff;
    mix(h);
    mix(h);
    mix(h);
    mix(h);
    return h->v0 ^ h->v1 ^ h->v2 ^ h->v3;
}

uint64_t tcp_isn_siphash(const uint64_t key[2], const void *bytes, size_t len)
{
    struct siphash h = begin(key[0], key[1]);
    const u8_t *at = bytes;
    size_t left = len;

    for (; left >= 8; left -= 8, at += 8)
        absorb(&h, word(at, 8));
    return finish(&h, word(at, left) | (uint64_t)len << 56);
}

_Static_assert(sizeof(ip_addr_t) == 4, "keyed_hash: two addresses are more than one word");

uint64_t tcp_isn_hash(const struct tcp_pcb *pcb)
{
    const u32_t *secret = STACK->tcp.secret;
    struct siphash h = begin(secret[0] | (uint64_t)secret[1] << 32,
                             secret[2] | (uint64_t)secret[3] << 32);

    absorb(&h, ip4_addr_get_u32(ip_2_ip4(&pcb->local_ip)) |
                   (uint64_t)ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip)) << 32);
    return finish(&h, pcb->local_port | (u32_t)pcb->remote_port << 16 | (uint64_t)12 << 56);
}

#endif
