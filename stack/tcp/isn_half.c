/* tcp/isn_half.c: see isn.h. With TCP_ISN_SIPHASH 0.
 *
 * HalfSipHash-2-4: SipHash on 32-bit words, by its authors for processors that have no others. A
 * quarter of the code; its key of 64 bits is enough for a secret that ends with the power. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_ISN_HASH && !TCP_ISN_SIPHASH

#include "stack/tcp/isn.h"

#include "stack/core/instance.h"

struct half {
    u32_t v0, v1, v2, v3;
};

static u32_t rotate(u32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static void mix(struct half *h, unsigned rounds)
{
    u32_t a = h->v0, b = h->v1, c = h->v2, d = h->v3;

    for (; rounds != 0; rounds--) {
        a += b;
        b = rotate(b, 5) ^ a;
        a = rotate(a, 16);
        c += d;
        d = rotate(d, 8) ^ c;
        a += d;
        d = rotate(d, 7) ^ a;
        c += b;
        b = rotate(b, 13) ^ c;
        c = rotate(c, 16);
    }
    *h = (struct half){a, b, c, d};
}

/* `words` of input; in the highest byte of the last one is the input's length. */
u32_t tcp_isn_halfsiphash(const u32_t key[2], const u32_t *words, size_t count)
{
    struct half h = {key[0], key[1], key[0] ^ 0x6c796765u, key[1] ^ 0x74656462u};

    for (; count != 0; count--, words++) {
        h.v3 ^= *words;
        mix(&h, 2);
        h.v0 ^= *words;
    }
    h.v2 ^= 0xff;
    mix(&h, 4);
    return h.v1 ^ h.v3;
}

_Static_assert(sizeof(ip_addr_t) == 4, "tcp_isn_hash: an address is more than one word");

uint64_t tcp_isn_hash(const struct tcp_pcb *pcb)
{
    const u32_t words[] = {ip_2_ip4(&pcb->local_ip)->addr, ip_2_ip4(&pcb->remote_ip)->addr,
                           (u32_t)pcb->local_port << 16 | pcb->remote_port, 12u << 24};

    return tcp_isn_halfsiphash(STACK->tcp.secret, words, LWIP_ARRAYSIZE(words));
}

#endif
