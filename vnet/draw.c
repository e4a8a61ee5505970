#include "vnet/draw.h"

/* 2^64 / golden ratio: successive multiples are spread evenly over the words. */
#define GOLDEN 0x9e3779b97f4a7c15u

/* SplitMix64's output function (Steele, Lea, Flood 2014): a bijection in which each bit of the
 * input moves each bit of the output with a chance near one half. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint64_t draw_key(uint64_t seed, const char *name)
{
    struct prng p;
    prng_init(&p, seed, name);
    return prng_u64(&p);
}

void draw_init(struct prng *p, uint64_t consumer, uint64_t from, uint64_t to, uint64_t number,
               uint64_t salt)
{
    uint64_t z = mix(consumer + GOLDEN);
    z = mix((z ^ from) + GOLDEN);
    z = mix((z ^ to) + GOLDEN);
    z = mix((z ^ number) + GOLDEN);
    if (salt != 0)
        z = mix((z ^ salt) + GOLDEN);
    for (unsigned i = 0; i < 4; i++)
        p->s[i] = mix(z += GOLDEN);
}
