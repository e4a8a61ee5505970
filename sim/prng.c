/* sim/prng.c: xoshiro256** streams, one per name. Contract: sim/prng.h. */
#include "sim/prng.h"

#include "sim/hash.h"

#include <assert.h>
#include <string.h>

/* splitmix64 (Steele, Lea, Flood): spreads a seed over a state. Distinct inputs give distinct
 * outputs, so two words of one sequence are never both 0 and xoshiro's dead state is out of
 * reach. */
static uint64_t splitmix(uint64_t *x)
{
    *x += 0x9e3779b97f4a7c15u;
    uint64_t z = *x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void prng_init(struct prng *p, uint64_t seed, const char *name)
{
    struct hash_value v = hash_of(name, strlen(name), seed);

    p->s[0] = splitmix(&v.low);
    p->s[1] = splitmix(&v.low);
    p->s[2] = splitmix(&v.high);
    p->s[3] = splitmix(&v.high);
}

static uint64_t rotate_left(uint64_t x, unsigned n)
{
    return x << n | x >> (64u - n);
}

uint64_t prng_u64(struct prng *p)
{
    uint64_t *s = p->s;
    uint64_t result = rotate_left(s[1] * 5u, 7) * 9u;
    uint64_t carried = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= carried;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* The high word of draw * n is the answer; draws whose low word falls below 2^64 mod n would make
 * some answers one draw more likely than others and are thrown away (Lemire 2019). */
uint64_t prng_below(struct prng *p, uint64_t n)
{
    assert(n > 0);
    unsigned __int128 product = (unsigned __int128)prng_u64(p) * n;
    if ((uint64_t)product < n) {
        uint64_t surplus = (0u - n) % n;
        while ((uint64_t)product < surplus)
            product = (unsigned __int128)prng_u64(p) * n;
    }
    return (uint64_t)(product >> 64);
}

bool prng_chance(struct prng *p, struct ratio r)
{
    assert(r.den > 0 && r.num <= r.den);
    if (r.num == 0)
        return false;
    if (r.num == r.den)
        return true;
    return prng_below(p, r.den) < r.num;
}
