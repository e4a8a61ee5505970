/* rate.c: a direction is shaped: deliveries leave at least a frame's wire time at rate_bps apart.
 * What may go at once is not delayed, so the first of a burst is never touched. */
#include "vnet/impair/impair.h"

#include "sim/arena.h"

#include <string.h>

#define WAITING_ROOM_FIRST 4u

/* Per direction. `leave` rings the times at which those still waiting will go. */
struct shaper {
    uint64_t free_ns;
    uint64_t *leave;
    uint32_t room, head, count;
};

struct state {
    struct pairs shapers;
};

static const char *problem(const struct fault_config *c)
{
    return c->rate_bps == 0 ? "rate_bps: must be more than 0" : NULL;
}

static const char *init(struct fault *f, const struct fault_config *config)
{
    (void)config;
    struct state *st = f->state;
    pairs_init(&st->shapers, sizeof(struct shaper));
    return NULL;
}

static bool grow(struct shaper *sh)
{
    uint32_t room = sh->room == 0 ? WAITING_ROOM_FIRST : sh->room * 2;
    uint64_t *leave = arena_alloc(room * sizeof *leave);
    if (leave == NULL)
        return false;
    for (uint32_t i = 0; i < sh->count; i++)
        leave[i] = sh->leave[(sh->head + i) & (sh->room - 1)];
    arena_free(sh->leave, sh->room * sizeof *sh->leave);
    sh->leave = leave;
    sh->room = room;
    sh->head = 0;
    return true;
}

static enum verdict lost(struct delivery *d, enum wire_reason why)
{
    d->why = why;
    return VERDICT_DROP;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    struct state *st = f->state;
    struct shaper *sh = pairs_get(&st->shapers, d->t.src->index, d->dst->index);
    if (sh == NULL)
        return lost(d, WIRE_NO_MEMORY);
    while (sh->count > 0 && sh->leave[sh->head] <= d->release_ns) {
        sh->head = (sh->head + 1) & (sh->room - 1);
        sh->count--;
    }
    uint64_t gap = wire_time_ns(d->t.frame->len, f->config.rate_bps, true);
    if (sh->free_ns <= d->release_ns) {
        sh->free_ns = d->release_ns + gap;
        return VERDICT_PASS;
    }
    if (sh->count >= f->segment->config.queue)
        return lost(d, WIRE_QUEUE_FULL);
    if (sh->count == sh->room && !grow(sh))
        return lost(d, WIRE_NO_MEMORY);
    uint64_t wait = sh->free_ns - d->release_ns;
    sh->leave[(sh->head + sh->count++) & (sh->room - 1)] = sh->free_ns;
    d->release_ns = sh->free_ns;
    sh->free_ns += gap;
    impair_record(d, WIRE_SHAPED, wait, 0, false);
    return VERDICT_CHANGED;
}

static void done(struct fault *f, bool drop)
{
    struct state *st = f->state;
    (void)drop;
    for (uint32_t i = 0; i < st->shapers.room; i++) {
        struct shaper *sh = pairs_at(&st->shapers, i);
        if (sh != NULL)
            arena_free(sh->leave, sh->room * sizeof *sh->leave);
    }
    pairs_free(&st->shapers);
}

const struct impair_ops impair_rate = {
    .kind = FAULT_RATE,
    .problem = problem,
    .state_size = sizeof(struct state),
    .init = init,
    .apply = apply,
    .done = done,
};
