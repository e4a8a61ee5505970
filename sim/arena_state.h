/* sim/arena_state.h: what lies at ARENA_BASE, and what a snapshot consists of. Internal to
 * sim/arena*.c; everyone else sees sim/arena.h. */
#ifndef SIM_ARENA_STATE_H
#define SIM_ARENA_STATE_H

#include "sim/arena.h"

/* Classes: multiples of 16 up to 1 KiB, then eight steps per doubling (at most 1/8 is lost). */
#define ARENA_GRAIN 16u
#define ARENA_LINEAR_MAX 1024u
#define ARENA_LINEAR_CLASSES (ARENA_LINEAR_MAX / ARENA_GRAIN)
#define ARENA_LIMIT_MAX ((size_t)1 << 36) /* free lists hold 32-bit numbers of grains */
#define ARENA_CLASSES (ARENA_LINEAR_CLASSES + 8u * (36u - 10u))

#define ARENA_MAGIC 0x4c57415245412e31u

struct arena_region {
    unsigned char *start;
    size_t bytes;
    struct arena_region *next;
};

/* The first bytes of the arena: all of the allocator's memory, so that it is restored along. */
struct arena_state {
    uint64_t magic;
    size_t limit;     /* what `charged` may reach */
    size_t charged;   /* as `top`, but without red zones */
    size_t top;       /* first byte never given, from ARENA_BASE */
    size_t allocated; /* live blocks, in class sizes */
    void *root;
    struct arena_region *regions; /* oldest first */
    uint32_t region_count;
    uint32_t free_lists[ARENA_CLASSES]; /* grain number of the block last freed; 0: none */
};

static inline struct arena_state *arena_state(void)
{
    return (struct arena_state *)ARENA_BASE;
}

/* A snapshot in the C heap. `bytes` holds, one after the other: the used part of the arena, its
 * shadow (ASan only), then for each region its struct arena_region, contents and shadow, each
 * rounded up to 16 bytes. */
struct arena_snapshot {
    size_t used;
    size_t shadow;
    uint32_t region_count;
    size_t total;
    _Alignas(16) unsigned char bytes[];
};

static inline size_t arena_round(size_t n)
{
    return (n + ARENA_GRAIN - 1u) & ~(size_t)(ARENA_GRAIN - 1u);
}

/* Bytes that are mapped and may be restored into; 0: no arena is open. */
size_t arena_mapped(void);
/* The world's memory from `used` on is free again: what ASan shall think of it. */
void arena_poison_from(size_t used);

#endif
