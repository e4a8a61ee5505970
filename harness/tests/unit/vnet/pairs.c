#include "vnet/pairs.h"

#include "sim/arena.h"
#include "unit.h"

UNIT(pairs, elements_are_zeroed_kept_apart_and_found_after_growth)
{
    CHECK(arena_open(1 << 22));
    struct pairs p;
    pairs_init(&p, sizeof(uint32_t));
    CHECK(pairs_find(&p, 0, 0) == NULL);
    for (uint32_t from = 0; from < 40; from++)
        for (uint32_t to = 0; to < 40; to++) {
            uint32_t *e = pairs_get(&p, from, to);
            CHECK(e != NULL && *e == 0);
            *e = from * 100 + to + 1;
        }
    CHECK_INT(p.count, 1600);
    for (uint32_t from = 0; from < 40; from++)
        for (uint32_t to = 0; to < 40; to++) {
            uint32_t *e = pairs_get(&p, from, to);
            CHECK_INT(*e, from * 100 + to + 1);
            CHECK(pairs_find(&p, from, to) == e);
        }
    CHECK_INT(p.count, 1600);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < p.room; i++)
        seen += pairs_at(&p, i) != NULL;
    CHECK_INT(seen, 1600);
    pairs_free(&p);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}
