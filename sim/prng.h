/* sim/prng.h: randomness as a pure function of the run's seed and the consumer's name.
 *
 * Each consumer (a link direction's loss, a host's ISNs) has a stream of its own, seeded from
 * hash(run seed, name): adding a consumer changes nobody else's numbers. Generator: xoshiro256**
 * (Blackman, Vigna). Decisions are integer ratios; no floating point. */
#ifndef SIM_PRNG_H
#define SIM_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t s[4];
};

/* A probability as an exact ratio, 0 <= num <= den, den > 0. */
struct ratio {
    uint64_t num, den;
};

void prng_init(struct prng *p, uint64_t seed, const char *name);
uint64_t prng_u64(struct prng *p);
/* uniform in [0, n), n > 0, without bias */
uint64_t prng_below(struct prng *p, uint64_t n);
/* true with probability r; draws nothing for 0 and 1 */
bool prng_chance(struct prng *p, struct ratio r);

#endif
