#include "vnet/draw.h"

#include "unit.h"

static uint64_t first(uint64_t key, uint64_t from, uint64_t to, uint64_t number, uint64_t salt)
{
    struct prng p;
    draw_init(&p, key, from, to, number, salt);
    return prng_u64(&p);
}

UNIT(draw, same_place_gives_the_same_numbers_and_any_other_place_others)
{
    uint64_t base = first(1, 2, 3, 4, 0);
    CHECK(base == first(1, 2, 3, 4, 0));
    CHECK(base != first(2, 2, 3, 4, 0));
    CHECK(base != first(1, 3, 2, 4, 0)); /* the way back */
    CHECK(base != first(1, 2, 4, 3, 0));
    CHECK(base != first(1, 2, 3, 5, 0));
    CHECK(base != first(1, 2, 3, 4, 1));
    CHECK(draw_key(1, "a") == draw_key(1, "a"));
    CHECK(draw_key(1, "a") != draw_key(2, "a"));
    CHECK(draw_key(1, "a") != draw_key(1, "b"));
}

UNIT(draw, successive_frames_meet_their_probability)
{
    uint64_t key = draw_key(7, "test");
    uint32_t hits = 0, pairs = 0;
    bool last = false;
    for (uint64_t n = 1; n <= 100000; n++) {
        struct prng p;
        draw_init(&p, key, 11, 12, n, 0);
        bool hit = prng_chance(&p, (struct ratio){1, 10});
        hits += hit;
        pairs += hit && last;
        last = hit;
    }
    /* 10000 +- 3 sigma (285); 1000 +- 3 sigma (about 105) for two in a row */
    CHECKF(hits > 9715 && hits < 10285, "%u", hits);
    CHECKF(pairs > 890 && pairs < 1110, "%u", pairs);
}
