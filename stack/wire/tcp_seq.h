/* wire/tcp_seq.h: the order of TCP sequence numbers, the one place that compares them.
 *
 * They count modulo 2^32, so that "before" only means something for numbers that lie less than 2^31
 * apart, as those of one window do [RFC9293 3.4]. The same holds for timestamps [RFC7323 5.2].
 * Sums and differences of unsigned numbers wrap by themselves and need no function. */
#ifndef STACK_WIRE_TCP_SEQ_H
#define STACK_WIRE_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* How far a lies behind b; negative: before it. */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) < 0;
}

static inline bool seq_leq(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) <= 0;
}

static inline bool seq_gt(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) > 0;
}

static inline bool seq_geq(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) >= 0;
}

/* first <= seq <= last, for ranges of any length: counted from first on, seq comes no later than
 * last. (A last before first is a range that goes nearly all the way round.) */
static inline bool seq_between(uint32_t seq, uint32_t first, uint32_t last)
{
    return seq - first <= last - first;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
    return seq_lt(a, b) ? b : a;
}

static inline uint32_t seq_min(uint32_t a, uint32_t b)
{
    return seq_lt(a, b) ? a : b;
}

#endif
