/* harness/bench/plain.c: the simulator without stacks. */
#include "harness/bench/bench.h"
#include "harness/host/fatal.h"
#include "harness/host/world.h"
#include "sim/arena.h"

#include <string.h>

#define PENDING 10000u
#define SPREAD_NS 1000000u
#define WORLD_BYTES (256u * 1024u)

/* Events that arm themselves anew, at distances that differ. */
struct ticking {
    struct event event;
    struct world *world;
    uint64_t gap_ns;
};

static void tick(void *arg)
{
    struct ticking *t = arg;
    queue_arm(t->world->sim->queue, &t->event, t->world->sim->now_ns + t->gap_ns);
}

void events_make(struct world *w)
{
    struct ticking *all = arena_calloc(PENDING * sizeof *all);
    if (all == NULL)
        fatal(FATAL_INTERNAL, "bench: no memory for events");
    struct prng p;
    prng_init(&p, 1, "bench/events");
    for (uint32_t i = 0; i < PENDING; i++) {
        all[i].world = w;
        all[i].gap_ns = 1 + prng_below(&p, SPREAD_NS);
        event_init(&all[i].event, tick, &all[i]);
        queue_arm(w->sim->queue, &all[i].event, all[i].gap_ns);
    }
}

uint64_t events_run(struct world *w, uint64_t events)
{
    sim_run(w->sim, NEVER, events);
    return events;
}

void snapshot_make(struct world *w)
{
    (void)w;
    while (arena_used() < WORLD_BYTES) {
        void *block = arena_alloc(4096);
        if (block == NULL)
            fatal(FATAL_INTERNAL, "bench: no memory for a world of 256 KiB");
        memset(block, 0x55, 4096);
    }
}

uint64_t snapshot_cycle(struct world *w, uint64_t cycles)
{
    (void)w;
    for (uint64_t i = 0; i < cycles; i++) {
        struct arena_snapshot *s = arena_snapshot_take();
        if (s == NULL)
            fatal(FATAL_INTERNAL, "bench: no memory for a snapshot");
        arena_snapshot_restore(s);
        arena_snapshot_free(s);
    }
    return cycles;
}
