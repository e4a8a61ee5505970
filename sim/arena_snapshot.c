/* sim/arena_snapshot.c: taking and restoring snapshots. Contract: sim/arena.h; to and from files:
 * sim/arena_file.c. A snapshot is a plain copy: nothing in it is translated. */
#include "sim/arena_state.h"

#include "sim/arena_poison.h"

#include <assert.h>
#include <stdlib.h>

/* A region's shadow starts at the 8-aligned address at or below it. */
static size_t region_shadow(const struct arena_region *r)
{
    return shadow_bytes(r->bytes + (uintptr_t)r->start % 8u);
}

static size_t region_room(const struct arena_region *r)
{
    return arena_round(sizeof *r) + arena_round(r->bytes) + arena_round(region_shadow(r));
}

/* The rest of the last 16 bytes is zeroed: it goes into files. */
static unsigned char *save(unsigned char *to, const void *from, size_t bytes)
{
    copy_raw(to, from, bytes);
    memset(to + bytes, 0, arena_round(bytes) - bytes);
    return to + arena_round(bytes);
}

static const unsigned char *bring_back(void *to, const unsigned char *from, size_t bytes)
{
    copy_raw(to, from, bytes);
    return from + arena_round(bytes);
}

struct arena_snapshot *arena_snapshot_take(void)
{
    const struct arena_state *a = arena_state();
    size_t used = a->top, shadow = shadow_bytes(used);
    size_t total = arena_round(used) + arena_round(shadow);

    assert(arena_mapped() != 0);
    for (const struct arena_region *r = a->regions; r != NULL; r = r->next)
        total += region_room(r);
    struct arena_snapshot *s = malloc(sizeof *s + total);
    if (s == NULL)
        return NULL;
    s->used = used;
    s->shadow = shadow;
    s->region_count = a->region_count;
    s->total = total;
    unsigned char *to = save(s->bytes, a, used);
    to = save(to, shadow_of(a), shadow);
    for (const struct arena_region *r = a->regions; r != NULL; r = r->next) {
        to = save(to, r, sizeof *r);
        to = save(to, r->start, r->bytes);
        to = save(to, shadow_of(r->start), region_shadow(r));
    }
    assert(to == s->bytes + total);
    return s;
}

void arena_snapshot_restore(const struct arena_snapshot *s)
{
    const unsigned char *from = s->bytes;
    struct arena_region r;

    assert(arena_mapped() >= s->used);
    from = bring_back(arena_state(), from, s->used);
    from = bring_back(shadow_of(arena_state()), from, s->shadow);
    arena_poison_from(s->used);
    for (uint32_t i = 0; i < s->region_count; i++) {
        from = bring_back(&r, from, sizeof r);
        from = bring_back(r.start, from, r.bytes);
        from = bring_back(shadow_of(r.start), from, region_shadow(&r));
    }
    assert(from == s->bytes + s->total);
}

size_t arena_snapshot_bytes(const struct arena_snapshot *s)
{
    return s->total;
}

void arena_snapshot_free(struct arena_snapshot *s)
{
    free(s);
}
