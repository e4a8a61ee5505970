/* Randomness: published vectors for the generator, pinned ones for the naming of streams. */
#include "sim/prng.h"

#include "unit.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

UNIT(prng, known_state_gives_published_xoshiro_outputs)
{
    static const uint64_t expected[] = {
        11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u, 607988272756665600u,
        16172922978634559625u, 8476171486693032832u, 10595114339597558777u, 2904607092377533576u};
    struct prng p = {{1, 2, 3, 4}};

    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
        CHECKF(prng_u64(&p) == expected[i], "output %u", i);
}

/* The seeding written down a second time, from its description. */
static uint64_t next_splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

UNIT(prng, splitmix_of_this_test_gives_published_outputs)
{
    uint64_t state = 1234567;
    CHECK(next_splitmix(&state) == UINT64_C(6457827717110365317));
    CHECK(next_splitmix(&state) == UINT64_C(3203168211198807973));
    CHECK(next_splitmix(&state) == UINT64_C(9817491932198370423));
}

UNIT(prng, state_is_splitmix_of_xxh3_of_seed_and_name)
{
    static const char *const names[] = {"", "a", "lan/a>b loss", "a name much longer than a block "
                                        "of the hash function, so that all its branches are used, "
                                        "which takes more than two hundred and forty characters "
                                        "of text in this version of XXH3, so here are some more "
                                        "words that nobody will ever read"};
    static const uint64_t seeds[] = {0, 1, UINT64_MAX};

    for (unsigned n = 0; n < 4; n++)
        for (unsigned s = 0; s < 3; s++) {
            struct prng p;
            XXH128_hash_t h = XXH3_128bits_withSeed(names[n], strlen(names[n]), seeds[s]);
            uint64_t low = h.low64, high = h.high64;
            prng_init(&p, seeds[s], names[n]);
            CHECK(p.s[0] == next_splitmix(&low));
            CHECK(p.s[1] == next_splitmix(&low));
            CHECK(p.s[2] == next_splitmix(&high));
            CHECK(p.s[3] == next_splitmix(&high));
        }
}

UNIT(prng, stream_of_a_name_is_pinned)
{
    static const uint64_t expected[] = {0x9dd55436ecb3a458u, 0x83accf0e6e9f4d17u,
                                        0xd75d5aed708c4a04u, 0xbe5fd3f14e392e2eu};
    struct prng p;

    prng_init(&p, 1, "lan/a");
    for (unsigned i = 0; i < 4; i++) {
        uint64_t x = prng_u64(&p);
        CHECKF(x == expected[i], "draw %u gave 0x%016llx", i, (unsigned long long)x);
    }
}

UNIT(prng, other_name_or_seed_gives_other_stream)
{
    struct prng p[4];
    uint64_t equal_words = 0;

    prng_init(&p[0], 7, "a");
    prng_init(&p[1], 7, "b");
    prng_init(&p[2], 8, "a");
    prng_init(&p[3], 7, "a ");
    for (unsigned k = 0; k < 1000; k++) {
        uint64_t x[4];
        for (unsigned i = 0; i < 4; i++)
            x[i] = prng_u64(&p[i]);
        for (unsigned i = 0; i < 4; i++)
            for (unsigned j = 0; j < i; j++)
                equal_words += x[i] == x[j];
    }
    CHECK_INT(equal_words, 0);
}

UNIT(prng, draws_of_one_stream_leave_the_others_alone)
{
    struct prng a, b, b_alone;

    prng_init(&a, 3, "a");
    prng_init(&b, 3, "b");
    prng_init(&b_alone, 3, "b");
    for (unsigned i = 0; i < 100; i++) {
        for (unsigned k = 0; k < i % 7; k++)
            prng_u64(&a);
        CHECK(prng_u64(&b) == prng_u64(&b_alone));
    }
}

UNIT(prng, below_stays_below_and_reaches_every_value)
{
    struct prng p;

    prng_init(&p, 5, "below");
    for (uint64_t n = 1; n <= 64; n++) {
        uint64_t seen = 0;
        for (unsigned i = 0; i < 64 * 40; i++) {
            uint64_t x = prng_below(&p, n);
            CHECKF(x < n, "n %llu", (unsigned long long)n);
            seen |= (uint64_t)1 << x;
        }
        CHECKF(seen == UINT64_MAX >> (64 - n), "n %llu", (unsigned long long)n);
    }
}

UNIT(prng, below_is_uniform_within_five_sigma)
{
    enum { CELLS = 10, DRAWS = 1000000 };
    uint32_t count[CELLS] = {0};
    struct prng p;

    prng_init(&p, 5, "uniform");
    for (unsigned i = 0; i < DRAWS; i++)
        count[prng_below(&p, CELLS)]++;
    for (unsigned c = 0; c < CELLS; c++) /* sigma = sqrt(DRAWS * 0.1 * 0.9) = 300 */
        CHECKF(count[c] > DRAWS / CELLS - 1500 && count[c] < DRAWS / CELLS + 1500,
               "cell %u has %u", c, count[c]);
}

UNIT(prng, below_of_a_wide_bound_has_no_bias)
{
    /* 3 * 2^62: without rejection, values divisible by 3 would come twice as often. */
    const uint64_t n = 3 * ((uint64_t)1 << 62);
    uint32_t count[3] = {0};
    struct prng p;

    prng_init(&p, 5, "bias");
    for (unsigned i = 0; i < 300000; i++)
        count[prng_below(&p, n) % 3]++;
    for (unsigned c = 0; c < 3; c++) /* sigma = 258 */
        CHECKF(count[c] > 98700 && count[c] < 101300, "residue %u came %u times", c, count[c]);
}

UNIT(prng, chance_of_nothing_and_certainty_draws_nothing)
{
    struct prng p, untouched;

    prng_init(&p, 1, "chance");
    untouched = p;
    CHECK(!prng_chance(&p, (struct ratio){0, 1}));
    CHECK(!prng_chance(&p, (struct ratio){0, UINT64_MAX}));
    CHECK(prng_chance(&p, (struct ratio){1, 1}));
    CHECK(prng_chance(&p, (struct ratio){UINT64_MAX, UINT64_MAX}));
    CHECK_MEM(&p, &untouched, sizeof p);
}

UNIT(prng, chance_of_extreme_ratios_is_exact)
{
    struct prng p, same;

    prng_init(&p, 1, "extreme");
    same = p;
    for (unsigned i = 0; i < 10000; i++) { /* hit only by the draw 0, missed only by the last */
        uint64_t x = prng_below(&same, UINT64_MAX);
        CHECK(prng_chance(&p, (struct ratio){1, UINT64_MAX}) == (x < 1));
        x = prng_below(&same, UINT64_MAX);
        CHECK(prng_chance(&p, (struct ratio){UINT64_MAX - 1, UINT64_MAX}) == (x < UINT64_MAX - 1));
    }
    CHECK_MEM(&p, &same, sizeof p);
}

UNIT(prng, chance_hits_its_ratio_within_five_sigma)
{
    struct prng p;
    unsigned hits = 0;

    prng_init(&p, 1, "ratio");
    for (unsigned i = 0; i < 1000000; i++)
        hits += prng_chance(&p, (struct ratio){1, 50});
    CHECKF(hits > 20000 - 700 && hits < 20000 + 700, "%u hits", hits); /* sigma = 140 */
}
