/* tcp/isn.h: initial sequence numbers and timestamp offsets that nobody can predict [RFC6528].
 *
 * ISN = M + F(addresses, ports, secret): M counts 4 us steps of the instance's clock (250 per ms,
 * so it moves in whole milliseconds), F is SipHash-2-4 with a key drawn when the instance is made;
 * with TCP_ISN_SIPHASH 0 HalfSipHash-2-4, with TCP_ISN_HASH 0 the key alone.
 * The option tcp_isn replaces it by n - 1, n - 1 + 64000, n - 1 + 128000 ...: far enough apart for
 * a port that is used again. LWIP_HOOK_TCP_ISN replaces both by the user's code. */
#ifndef STACK_TCP_ISN_H
#define STACK_TCP_ISN_H

#include "lwip/tcp.h"
#include "stack/core/instance.h"

/* Draws the secret from the instance's random stream. */
void tcp_isn_init(void);
/* A connection begins: pcb->iss and pcb->ts_offset. */
void tcp_isn_begin(struct tcp_pcb *pcb);
/* The ISN for pcb's addresses and ports now. */
u32_t tcp_isn_choose(const struct tcp_pcb *pcb);
/* What is added to TCP's clock for this connection's TSval [RFC7323 7.1]: depends on addresses and
 * ports, so that a 4-tuple's timestamps go on rising from one connection to the next
 * (RFC 6191). 0 when tcp_timestamp_offset is 0. With tcp_ts_start the instance's first TSval is
 * that - 1, and from then on all its connections share that clock. Ask once per connection. */
u32_t tcp_isn_timestamp_offset(const struct tcp_pcb *pcb);

/* For isn.c: of both addresses and ports, F of [RFC6528 3] in the lower half, the timestamps' in
 * the upper. One tells nothing of the other, as with any pseudo-random function. With TCP_ISN_HASH
 * 0 the same for all. */
#if TCP_ISN_HASH
uint64_t tcp_isn_hash(const struct tcp_pcb *pcb);
#else
static inline uint64_t tcp_isn_hash(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return STACK->tcp.secret[0];
}
#endif

#if !TCP_ISN_HASH
#elif TCP_ISN_SIPHASH
/* SipHash-2-4 of `len` bytes under a 128-bit key, folded to 64 bits (for tests: its published
 * vectors). */
uint64_t tcp_isn_siphash(const uint64_t key[2], const void *bytes, size_t len);
#else
/* HalfSipHash-2-4 under a 64-bit key. The input as little-endian words, of which the last is what
 * is left of it, with its length in the highest byte. */
u32_t tcp_isn_halfsiphash(const u32_t key[2], const u32_t *words, size_t count);
#endif

#endif
