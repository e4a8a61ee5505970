/* tcp/isn.c: see isn.h.
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012): made for short inputs, no tables, and no way known to
 * learn the key from its output, which a remote host sees. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/isn.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "stack/core/instance.h"
#include "stack/tcp/isn_hook.h"
#include "stack/tcp/timer.h"

#define STEPS_PER_MS 250u /* of 4 us [RFC9293 3.4.1 MUST-8] */
#define FIRST_BY_HAND 6510u /* what lwIP begins with */
#define OPTION_STEP 64000u

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

/* SipHash-2-4 of both addresses and ports: F of [RFC6528 3] in the lower half, the timestamps' in
 * the upper. One tells nothing of the other, as with any pseudo-random function. */
static uint64_t keyed_hash(const struct tcp_pcb *pcb)
{
    const u32_t *secret = STACK->tcp.secret;
    struct siphash h = begin(secret[0] | (uint64_t)secret[1] << 32,
                             secret[2] | (uint64_t)secret[3] << 32);

    absorb(&h, ip4_addr_get_u32(ip_2_ip4(&pcb->local_ip)) |
                   (uint64_t)ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip)) << 32);
    return finish(&h, pcb->local_port | (u32_t)pcb->remote_port << 16 | (uint64_t)12 << 56);
}

void tcp_isn_init(void)
{
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(STACK->tcp.secret); i++)
        STACK->tcp.secret[i] = stack_random();
    STACK->tcp.isn_count = 0;
    STACK->tcp.ts_started = 0;
    STACK->tcp.iss_by_hand = FIRST_BY_HAND;
}

static bool hashes_isn(void)
{
    return CFG(tcp_isn) == 0;
}

static bool hashes_offset(void)
{
    return CFG(tcp_timestamp_offset) && CFG(tcp_ts_start) == 0;
}

/* The clock's wrap after 2^32 ms does not show: 250 * 2^32 is 0 in 32 bits. */
static u32_t isn_of(const struct tcp_pcb *pcb, uint64_t hash)
{
    u32_t made = STACK->tcp.isn_count++;
    u32_t isn;

    if (tcp_hook_isn(pcb, &isn))
        return isn;
    if (!hashes_isn())
        return CFG(tcp_isn) - 1 + made * OPTION_STEP;
    return sys_now() * STEPS_PER_MS + (u32_t)hash;
}

static u32_t offset_of(uint64_t hash)
{
    if (CFG(tcp_ts_start) != 0) {
        if (!STACK->tcp.ts_started)
            STACK->tcp.ts_offset = CFG(tcp_ts_start) - 1 - tcp_now();
        STACK->tcp.ts_started = 1;
        return STACK->tcp.ts_offset;
    }
    return hashes_offset() ? (u32_t)(hash >> 32) : 0;
}

void tcp_isn_begin(struct tcp_pcb *pcb)
{
    uint64_t hash = hashes_isn() || hashes_offset() ? keyed_hash(pcb) : 0;

    pcb->iss = isn_of(pcb, hash);
    pcb->ts_offset = offset_of(hash);
}

u32_t tcp_isn_choose(const struct tcp_pcb *pcb)
{
    return isn_of(pcb, keyed_hash(pcb));
}

u32_t tcp_next_iss(struct tcp_pcb *pcb)
{
    if (pcb != NULL && pcb->remote_port != 0)
        return tcp_isn_choose(pcb);
    return STACK->tcp.iss_by_hand += STACK->pub.tcp_ticks_;
}

u32_t tcp_isn_timestamp_offset(const struct tcp_pcb *pcb)
{
    return offset_of(keyed_hash(pcb));
}

#endif
