/* The loop: one trace whatever the mode and the batch, and external handles that get their turn. */
#include "sim/loop.h"

#include "sim/arena.h"
#include "unit.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define LIMIT ((size_t)1 << 20)

/* ---- a world of five tickers, with many ties ---- */

#define TICKERS 5u

struct ticker {
    struct event event;
    struct sim *sim;
    struct prng prng;
    uint32_t source;
    uint64_t left, interrupt_at;
};

struct world {
    struct sim *sim;
    struct ticker tickers[TICKERS];
};

static void tick(void *arg)
{
    struct ticker *k = arg;

    trace_emit(k->sim->trace, k->sim->now_ns, TRACE_APP, k->source, k->left, 0, NULL, 0);
    if (k->left == k->interrupt_at)
        sim_interrupt(k->sim);
    if (k->left-- > 0)
        queue_arm(k->sim->queue, &k->event, k->sim->now_ns + 500 * prng_below(&k->prng, 5));
}

/* The tickers run ticks + 1 times each, then the world is quiet. */
static struct world *make_world(uint64_t ticks)
{
    CHECK(arena_open(LIMIT));
    struct world *w = arena_calloc(sizeof *w);
    arena_root_set(w);
    w->sim = sim_new(9);
    for (unsigned i = 0; i < TICKERS; i++) {
        struct ticker *k = &w->tickers[i];
        char name[16];
        snprintf(name, sizeof name, "ticker%u", i);
        k->sim = w->sim;
        k->source = trace_source(w->sim->trace, name);
        k->left = ticks;
        k->interrupt_at = UINT64_MAX;
        prng_init(&k->prng, w->sim->seed, name);
        event_init(&k->event, tick, k);
        queue_arm(w->sim->queue, &k->event, 1000);
    }
    return w;
}

struct ending {
    struct loop *loop;
    unsigned times;
    enum sim_stop why;
};

static void note_end(void *ctx, enum sim_stop why)
{
    struct ending *e = ctx;
    e->times++;
    e->why = why;
}

static void run_whole(enum loop_mode mode, uint64_t batch, struct ratio pace, char hash[33],
                      uint64_t *now_ns)
{
    struct world *w = make_world(2000);
    struct loop *l = loop_new(w->sim, mode);
    struct ending end = {l, 0, SIM_BATCH};

    CHECK(l != NULL);
    loop_batch(l, batch);
    loop_pace(l, pace);
    loop_advance(l, NEVER, note_end, &end);
    loop_run(l);
    CHECK_INT(end.times, 1);
    CHECK_INT(end.why, SIM_QUIET);
    CHECK_INT(w->sim->events, TICKERS * 2001);
    trace_hash(w->sim->trace, hash);
    *now_ns = w->sim->now_ns;
    loop_free(l);
    arena_close();
}

UNIT(loop, every_mode_and_batch_gives_the_same_trace)
{
    static const enum loop_mode modes[] = {LOOP_STEPPED, LOOP_FREE, LOOP_PACED};
    struct world *w = make_world(2000);
    char plain[33], hash[33];
    uint64_t end_ns = 0, now_ns = 0;

    sim_run(w->sim, NEVER, NEVER); /* without any loop */
    trace_hash(w->sim->trace, plain);
    end_ns = w->sim->now_ns;
    arena_close();
    for (unsigned m = 0; m < 3; m++)
        for (uint64_t batch = 1; batch <= 4096; batch *= 4) {
            run_whole(modes[m], batch, (struct ratio){1, 1}, hash, &now_ns);
            CHECKF(strcmp(hash, plain) == 0, "mode %d, batch %llu", (int)modes[m],
                   (unsigned long long)batch);
            CHECK_INT(now_ns, end_ns);
        }
    run_whole(LOOP_PACED, 7, (struct ratio){1000000, 3}, hash, &now_ns);
    CHECK(strcmp(hash, plain) == 0);
    run_whole(LOOP_PACED, 7, (struct ratio){2, 3}, hash, &now_ns);
    CHECK(strcmp(hash, plain) == 0);
}

/* Gives the next order from within the end of the last, as the control socket does. */
struct orders {
    struct loop *loop;
    struct sim *sim;
    uint64_t next_ns, until_ns, step_ns;
    unsigned deadlines;
    enum sim_stop last;
};

static void give_next_order(void *ctx, enum sim_stop why)
{
    struct orders *o = ctx;

    o->last = why;
    if (why == SIM_DEADLINE) {
        o->deadlines++;
        CHECK_INT(o->sim->now_ns, o->next_ns);
    }
    if (o->next_ns >= o->until_ns)
        return;
    o->next_ns += o->step_ns;
    loop_advance(o->loop, o->next_ns, give_next_order, o);
}

UNIT(loop, stop_and_go_gives_the_same_trace)
{
    char whole[33], pieces[33];
    uint64_t end_ns;

    run_whole(LOOP_STEPPED, 256, (struct ratio){1, 1}, whole, &end_ns);
    struct world *w = make_world(2000);
    struct orders o = {.sim = w->sim, .until_ns = end_ns, .step_ns = 777};
    o.loop = loop_new(w->sim, LOOP_STEPPED);
    loop_batch(o.loop, 3);
    give_next_order(&o, SIM_QUIET);
    loop_run(o.loop);
    trace_hash(w->sim->trace, pieces);
    CHECK(strcmp(whole, pieces) == 0);
    CHECK_INT(o.deadlines, (end_ns - 1) / 777);
    CHECK_INT(o.last, SIM_QUIET);
    loop_free(o.loop);
}

UNIT(loop, run_returns_at_once_when_there_is_nothing_to_do)
{
    struct world *w = make_world(10);
    struct loop *l = loop_new(w->sim, LOOP_STEPPED);
    loop_run(l);
    CHECK_INT(w->sim->events, 0);
    loop_free(l);
}

UNIT(loop, interrupt_ends_the_advance_and_the_rest_waits)
{
    static const enum loop_mode modes[] = {LOOP_STEPPED, LOOP_FREE, LOOP_PACED};
    char whole[33], hash[33];
    uint64_t end_ns;

    run_whole(LOOP_FREE, 256, (struct ratio){1, 1}, whole, &end_ns);
    for (unsigned m = 0; m < 3; m++) {
        struct world *w = make_world(2000);
        struct loop *l = loop_new(w->sim, modes[m]);
        struct ending end = {l, 0, SIM_BATCH};
        w->tickers[3].interrupt_at = 1000;
        loop_advance(l, NEVER, note_end, &end);
        loop_run(l);
        CHECK_INT(end.times, 1);
        CHECK_INT(end.why, SIM_INTERRUPTED);
        CHECK_INT(w->tickers[3].left, 999);
        loop_advance(l, NEVER, note_end, &end);
        loop_run(l);
        CHECK_INT(end.times, 2);
        CHECK_INT(end.why, SIM_QUIET);
        trace_hash(w->sim->trace, hash);
        CHECK(strcmp(whole, hash) == 0);
        loop_free(l);
        arena_close();
    }
}

/* ---- external handles ---- */

struct outside {
    struct loop *loop;
    struct sim *sim;
    int fd; /* always readable */
    unsigned calls, off_batch;
    uint64_t batch, synced_ns;
    unsigned stop_after;
    bool may_bring;
};

static void hear_outside(uv_poll_t *handle, int status, int events)
{
    struct outside *o = handle->data;

    (void)status, (void)events;
    o->calls++;
    o->off_batch += o->sim->events % o->batch != 0;
    loop_sync(o->loop);
    o->synced_ns = o->sim->now_ns;
    if (o->calls == o->stop_after)
        loop_stop(o->loop);
}

static void end_outside(void *ctx, enum sim_stop why)
{
    (void)why;
    uv_poll_stop(ctx);
}

static void start_outside(struct outside *o, uv_poll_t *poll)
{
    uint64_t one = 1;

    o->fd = eventfd(0, 0);
    CHECK_INT(write(o->fd, &one, sizeof one), sizeof one);
    uv_poll_init(loop_uv(o->loop), poll, o->fd);
    poll->data = o;
    uv_poll_start(poll, UV_READABLE, hear_outside);
}

static void close_outside(struct outside *o, uv_poll_t *poll)
{
    uv_close((uv_handle_t *)poll, NULL);
    loop_free(o->loop);
    close(o->fd);
}

UNIT(loop, external_handle_is_served_between_batches)
{
    static const enum loop_mode modes[] = {LOOP_STEPPED, LOOP_FREE};

    for (unsigned m = 0; m < 2; m++) {
        struct world *w = make_world(1999);
        struct outside o = {.loop = loop_new(w->sim, modes[m]), .sim = w->sim, .batch = 100};
        uv_poll_t poll;
        loop_batch(o.loop, o.batch);
        start_outside(&o, &poll);
        loop_advance(o.loop, NEVER, end_outside, &poll);
        loop_run(o.loop);
        CHECK_INT(w->sim->events, 10000);
        CHECK_INT(o.calls, 100);
        CHECK_INT(o.off_batch, 0);
        close_outside(&o, &poll);
        arena_close();
    }
}

UNIT(loop, stop_in_the_middle_can_be_continued)
{
    struct world *w = make_world(1999);
    struct outside o = {.loop = loop_new(w->sim, LOOP_FREE), .sim = w->sim, .batch = 10,
                        .stop_after = 5};
    uv_poll_t poll;

    loop_batch(o.loop, 10);
    start_outside(&o, &poll);
    loop_advance(o.loop, NEVER, end_outside, &poll);
    loop_run(o.loop);
    CHECK_INT(w->sim->events, 50);
    loop_run(o.loop);
    CHECK_INT(w->sim->events, 10000);
    loop_stop(o.loop); /* too late: must not upset closing */
    close_outside(&o, &poll);
}

/* ---- pacing ---- */

static uint64_t run_paced(struct world *w, uint64_t until_ns, struct ratio pace)
{
    struct loop *l = loop_new(w->sim, LOOP_PACED);
    struct ending end = {l, 0, SIM_BATCH};
    uint64_t start = uv_hrtime();

    loop_pace(l, pace);
    loop_advance(l, until_ns, note_end, &end);
    loop_run(l);
    uint64_t wall_ns = uv_hrtime() - start;
    CHECK_INT(end.times, 1);
    CHECK_INT(w->sim->now_ns, until_ns);
    loop_free(l);
    return wall_ns;
}

UNIT(loop, paced_time_never_runs_ahead_of_the_wall)
{
    static const struct { struct ratio pace; uint64_t until_ns, wall_ns; } cases[] = {
        {{1, 1}, 20000000, 20000000},
        {{1000, 1}, 20000000000, 20000000},
        {{1, 4}, 5000000, 20000000}};

    for (unsigned i = 0; i < 3; i++) {
        struct world *w = make_world(100); /* quiet long before: the deadline is waited for */
        uint64_t wall_ns = run_paced(w, cases[i].until_ns, cases[i].pace);
        CHECKF(wall_ns >= cases[i].wall_ns && wall_ns < cases[i].wall_ns + 5000000000u,
               "case %u took %llu ns", i, (unsigned long long)wall_ns);
        CHECK_INT(w->sim->events, TICKERS * 101);
        arena_close();
    }
}

UNIT(loop, paced_advance_stops_exactly_at_its_deadline)
{
    /* The wall is far beyond each deadline by the time the first turn is taken. */
    for (uint64_t until_ns = 1000; until_ns < 200000; until_ns += 21500) {
        struct world *w = make_world(2000);
        sim_run(w->sim, until_ns, NEVER);
        uint64_t events = w->sim->events;
        arena_close();
        w = make_world(2000);
        run_paced(w, until_ns, (struct ratio){1000000, 1});
        CHECK_INT(w->sim->events, events);
        CHECK(queue_pending(w->sim->queue) > 0);
        arena_close();
    }
}

UNIT(loop, sync_moves_the_clock_with_the_wall_in_paced_mode_only)
{
    for (unsigned paced = 0; paced < 2; paced++) {
        struct world *w = make_world(0);
        struct outside o = {.loop = loop_new(w->sim, paced ? LOOP_PACED : LOOP_STEPPED),
                            .sim = w->sim, .batch = TICKERS, .stop_after = 20};
        uv_poll_t poll;
        struct ending end = {o.loop, 0, SIM_BATCH};
        for (unsigned i = 0; i < TICKERS; i++)
            queue_cancel(w->sim->queue, &w->tickers[i].event);
        queue_arm(w->sim->queue, &w->tickers[0].event, (uint64_t)1 << 62); /* far away */
        start_outside(&o, &poll);
        if (paced)
            loop_advance(o.loop, NEVER, note_end, &end);
        loop_run(o.loop);
        CHECK_INT(o.calls, 20);
        CHECK_INT(w->sim->events, 0);
        CHECK((o.synced_ns > 0) == (paced == 1));
        close_outside(&o, &poll);
        arena_close();
    }
}

/* An external callback arms something earlier than what the alarm was set for. */
static void arm_soon(uv_timer_t *handle)
{
    struct outside *o = handle->data;
    struct world *w = arena_root();

    o->may_bring = loop_sync(o->loop);
    queue_arm(w->sim->queue, &w->tickers[0].event, w->sim->now_ns + 1000);
    w->tickers[0].interrupt_at = 0;
}

static void wake_from_outside(uint64_t until_ns, bool announced)
{
    struct world *w = make_world(0);
    struct outside o = {.loop = loop_new(w->sim, LOOP_PACED), .sim = w->sim};
    struct ending end = {o.loop, 0, SIM_BATCH};
    uv_timer_t timer;

    for (unsigned i = 0; i < TICKERS; i++)
        queue_cancel(w->sim->queue, &w->tickers[i].event);
    uv_timer_init(loop_uv(o.loop), &timer);
    timer.data = &o;
    uv_timer_start(&timer, arm_soon, 2, 0);
    if (announced)
        loop_outside(o.loop);
    loop_advance(o.loop, until_ns, note_end, &end);
    loop_run(o.loop);
    CHECK_INT(end.why, SIM_INTERRUPTED);
    CHECK(o.may_bring);
    CHECK(!loop_sync(o.loop)); /* no advance is running any more */
    CHECK_INT(w->sim->events, 1);
    CHECK(w->sim->now_ns < 60000000000);
    uv_close((uv_handle_t *)&timer, NULL);
    loop_free(o.loop);
    arena_close();
}

UNIT(loop, event_armed_from_outside_wakes_the_paced_world)
{
    wake_from_outside(3600000000000, false); /* one hour, quiet so far */
}

UNIT(loop, quiet_world_waits_without_a_deadline_for_somebody_outside)
{
    wake_from_outside(NEVER, true);
}

UNIT(loop, rebound_world_runs_on_after_a_restore)
{
    struct world *w = make_world(2000);
    struct loop *l = loop_new(w->sim, LOOP_FREE);
    struct ending end = {l, 0, SIM_BATCH};
    char first[33], again[33];

    loop_advance(l, 300000, note_end, &end);
    loop_run(l);
    struct arena_snapshot *s = arena_snapshot_take();
    loop_advance(l, NEVER, note_end, &end);
    loop_run(l);
    trace_hash(w->sim->trace, first);
    arena_snapshot_restore(s);
    loop_rebind(l, ((struct world *)arena_root())->sim);
    loop_advance(l, NEVER, note_end, &end);
    loop_run(l);
    trace_hash(w->sim->trace, again);
    CHECK(strcmp(first, again) == 0);
    CHECK_INT(end.times, 3);
    arena_snapshot_free(s);
    loop_free(l);
}
