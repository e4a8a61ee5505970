/* reorder.c: a delivery is kept until `depth` later ones of its direction have passed this rule,
 * or until its time is up. What overtook it stays ahead of it: it goes on no earlier than they. */
#include "vnet/impair/impair.h"

#include "sim/arena.h"

#include <assert.h>
#include <string.h>

#define KEPT_MAX 65536u
#define KEPT_ROOM_FIRST 4u

struct kept {
    struct delivery d;
    uint64_t deadline_ns;
    uint32_t left; /* how many must still pass */
};

struct state {
    struct event event; /* the earliest deadline */
    struct kept *kept;  /* in the order they came */
    uint32_t room, count;
};

static const char *problem(const struct fault_config *c)
{
    if (c->depth == 0)
        return "depth: at least 1 frame must overtake";
    if (c->delay_ns == 0)
        return "delay_ns: must be more than 0, or a frame would be held for ever";
    return NULL;
}

static void arm(struct fault *f)
{
    struct state *st = f->state;
    struct queue *q = f->segment->sim->queue;
    uint64_t next = NEVER;
    for (uint32_t i = 0; i < st->count; i++)
        if (st->kept[i].deadline_ns < next)
            next = st->kept[i].deadline_ns;
    if (next == NEVER)
        queue_cancel(q, &st->event);
    else if (!event_armed(&st->event) || st->event.t_ns != next)
        queue_arm(q, &st->event, next);
}

static struct kept take(struct state *st, uint32_t i)
{
    struct kept k = st->kept[i];
    st->count--;
    memmove(&st->kept[i], &st->kept[i + 1], (st->count - i) * sizeof *st->kept);
    return k;
}

static void run(void *arg)
{
    struct fault *f = arg;
    struct state *st = f->state;
    uint64_t now = f->segment->sim->now_ns;
    for (uint32_t i = 0; i < st->count;) {
        if (st->kept[i].deadline_ns > now) {
            i++;
            continue;
        }
        struct kept k = take(st, i);
        k.d.release_ns += f->config.delay_ns;
        impair_record(&k.d, WIRE_REORDERED, f->config.depth - k.left, 0, false);
        impair_resume(f, &k.d);
    }
    arm(f);
}

static const char *init(struct fault *f, const struct fault_config *config)
{
    (void)config;
    struct state *st = f->state;
    event_init(&st->event, run, f);
    return NULL;
}

static bool grow(struct state *st)
{
    uint32_t room = st->room == 0 ? KEPT_ROOM_FIRST : st->room * 2;
    struct kept *kept = room > KEPT_MAX ? NULL : arena_alloc(room * sizeof *kept);
    if (kept == NULL)
        return false;
    if (st->count > 0)
        memcpy(kept, st->kept, st->count * sizeof *kept);
    arena_free(st->kept, st->room * sizeof *st->kept);
    st->kept = kept;
    st->room = room;
    return true;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    struct state *st = f->state;
    if (st->count == st->room && !grow(st)) {
        d->why = WIRE_NO_MEMORY;
        return VERDICT_DROP;
    }
    st->kept[st->count++] = (struct kept){
        .d = *d,
        .deadline_ns = f->segment->sim->now_ns + f->config.delay_ns,
        .left = f->config.depth,
    };
    arm(f);
    return VERDICT_KEPT;
}

static void passed(struct fault *f, const struct port *src, const struct port *dst,
                   uint64_t release_ns)
{
    struct state *st = f->state;
    bool changed = false;
    for (uint32_t i = 0; i < st->count;) {
        struct kept *k = &st->kept[i];
        if (k->d.t.src != src || k->d.dst != dst || --k->left > 0) {
            i++;
            continue;
        }
        struct kept due = take(st, i);
        changed = true;
        if (due.d.release_ns < release_ns)
            due.d.release_ns = release_ns;
        impair_record(&due.d, WIRE_REORDERED, f->config.depth, 0, false);
        impair_resume(f, &due.d);
    }
    if (changed)
        arm(f);
}

static void done(struct fault *f, bool drop)
{
    struct state *st = f->state;
    uint64_t now = f->segment->sim->now_ns;
    queue_cancel(f->segment->sim->queue, &st->event);
    while (st->count > 0) {
        struct kept k = take(st, 0);
        if (drop) {
            frame_unref(k.d.t.frame);
            note_free(k.d.t.note);
            continue;
        }
        if (k.d.release_ns < now)
            k.d.release_ns = now;
        impair_resume(f, &k.d);
    }
    arena_free(st->kept, st->room * sizeof *st->kept);
    st->kept = NULL;
    st->room = 0;
}

static uint64_t held(const struct fault *f)
{
    const struct state *st = f->state;
    return st->count;
}

static const char *check(const struct fault *f)
{
    const struct state *st = f->state;
    uint64_t next = NEVER;
    for (uint32_t i = 0; i < st->count; i++) {
        const struct kept *k = &st->kept[i];
        if (k->left == 0 || k->left > f->config.depth)
            return "a frame held back waits for a wrong number of others";
        if (k->d.t.frame == NULL || k->d.t.frame->refs == 0)
            return "a frame held back was freed";
        next = k->deadline_ns < next ? k->deadline_ns : next;
    }
    if (event_armed(&st->event) != (st->count > 0) ||
        (st->count > 0 && st->event.t_ns != next))
        return "the deadline of frames held back is not armed as it should be";
    return NULL;
}

const struct impair_ops impair_reorder = {
    .kind = FAULT_REORDER,
    .problem = problem,
    .state_size = sizeof(struct state),
    .init = init,
    .apply = apply,
    .passed = passed,
    .done = done,
    .held = held,
    .check = check,
};
