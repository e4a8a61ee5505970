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
#include "stack/wire/bytes.h"

#include <string.h>

#define STEPS_PER_MS 250u /* of 4 us [RFC9293 3.4.1 MUST-8] */
#define FIRST_BY_HAND 6510u /* what lwIP begins with */
#define OPTION_STEP 64000u

/* What the hash is for: the same addresses give unrelated numbers. */
enum purpose { FOR_ISN, FOR_TIMESTAMPS };

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned n)
{
    while (n-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

/* Up to 8 bytes as a little-endian number. */
static uint64_t word(const u8_t *bytes, size_t n)
{
    uint64_t w = 0;

    for (size_t i = 0; i < n; i++)
        w |= (uint64_t)bytes[i] << (8 * i);
    return w;
}

static void absorb(uint64_t v[4], uint64_t w)
{
    v[3] ^= w;
    rounds(v, 2);
    v[0] ^= w;
}

uint64_t tcp_isn_siphash(const uint64_t key[2], const void *bytes, size_t len)
{
    /* the algorithm's constants: "somepseudorandomlygeneratedbytes" */
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575u,
        key[1] ^ 0x646f72616e646f6du,
        key[0] ^ 0x6c7967656e657261u,
        key[1] ^ 0x7465646279746573u,
    };
    const u8_t *at = bytes;
    size_t left = len;

    for (; left >= 8; left -= 8, at += 8)
        absorb(v, word(at, 8));
    absorb(v, word(at, left) | (uint64_t)len << 56);
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* F of [RFC6528 3]. */
static u32_t keyed_hash(const struct tcp_pcb *pcb, enum purpose purpose)
{
    const u32_t *secret = STACK->tcp.secret;
    uint64_t key[2] = {
        secret[0] | (uint64_t)secret[1] << 32,
        secret[2] | (uint64_t)secret[3] << 32,
    };
    u8_t bytes[2 * sizeof(ip_addr_t) + 5];
    u8_t *at = bytes;

    memcpy(at, &pcb->local_ip, sizeof(ip_addr_t));
    at += sizeof(ip_addr_t);
    memcpy(at, &pcb->remote_ip, sizeof(ip_addr_t));
    at += sizeof(ip_addr_t);
    put_be16(at, pcb->local_port);
    put_be16(at + 2, pcb->remote_port);
    at[4] = (u8_t)purpose;
    return (u32_t)tcp_isn_siphash(key, bytes, sizeof bytes);
}

void tcp_isn_init(void)
{
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(STACK->tcp.secret); i++)
        STACK->tcp.secret[i] = stack_random();
    STACK->tcp.isn_count = 0;
    STACK->tcp.ts_started = 0;
    STACK->tcp.iss_by_hand = FIRST_BY_HAND;
}

/* The clock's wrap after 2^32 ms does not show: 250 * 2^32 is 0 in 32 bits. */
u32_t tcp_isn_choose(struct tcp_pcb *pcb)
{
    u32_t made = STACK->tcp.isn_count++;
    u32_t isn;

    if (tcp_hook_isn(pcb, &isn))
        return isn;
    if (CFG(tcp_isn) != 0)
        return CFG(tcp_isn) - 1 + made * OPTION_STEP;
    return sys_now() * STEPS_PER_MS + keyed_hash(pcb, FOR_ISN);
}

u32_t tcp_next_iss(struct tcp_pcb *pcb)
{
    if (pcb != NULL && pcb->remote_port != 0)
        return tcp_isn_choose(pcb);
    return STACK->tcp.iss_by_hand += STACK->pub.tcp_ticks_;
}

u32_t tcp_isn_timestamp_offset(const struct tcp_pcb *pcb)
{
    if (CFG(tcp_ts_start) != 0) {
        if (!STACK->tcp.ts_started)
            STACK->tcp.ts_offset = CFG(tcp_ts_start) - 1 - tcp_now();
        STACK->tcp.ts_started = 1;
        return STACK->tcp.ts_offset;
    }
    return CFG(tcp_timestamp_offset) ? keyed_hash(pcb, FOR_TIMESTAMPS) : 0;
}

#endif
