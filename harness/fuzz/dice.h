/* harness/fuzz/dice.h: choices of a mutator: a small generator, seeded by libFuzzer for each call,
 * so that a fuzzing run with a given -seed repeats. */
#ifndef HARNESS_FUZZ_DICE_H
#define HARNESS_FUZZ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood) */
static inline uint64_t dice_u64(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to n - 1; n > 0. The bias of a remainder does not matter here. */
static inline size_t dice_below(struct dice *d, size_t n)
{
    return (size_t)(dice_u64(d) >> 16) % n;
}

/* true once in n. */
static inline bool dice_once_in(struct dice *d, size_t n)
{
    return dice_below(d, n) == 0;
}

#endif
