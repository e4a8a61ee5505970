/* sim/loop.c: virtual events on a libuv loop. Contract: sim/loop.h.
 *
 * While an advance is running, the prepare handle takes one turn (a batch of events) in each
 * iteration of the uv loop, just before libuv polls. The idle handle does nothing but keep that
 * poll from blocking; it is on while there is something to run at once. In paced mode with nothing
 * due it is off, and a timerfd (libuv's own timers only know milliseconds) ends the poll when
 * the wall clock reaches the next event. As the turn comes after all external callbacks of the
 * previous poll, what they armed is seen before the process sleeps. */
#include "sim/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define BATCH_DEFAULT 256u
#define NS_PER_S 1000000000u

struct loop {
    uv_loop_t uv;
    uv_prepare_t turn;
    uv_idle_t no_block;
    uv_poll_t alarm; /* on alarm_fd; paced mode only */
    int alarm_fd;    /* -1 in the other modes */
    struct sim *sim;
    enum loop_mode mode;
    uint64_t batch;
    struct ratio pace; /* virtual per wall */
    /* the running advance; done is NULL while there is none */
    loop_done_fn *done;
    void *ctx;
    uint64_t until_ns;
    uint64_t wall_start_ns, virtual_start_ns; /* paced: these two instants are the same */
    bool interrupted; /* found by loop_sync(), to be reported by the next turn */
    bool outside;     /* somebody out there speaks: a quiet world is not the end */
};

/* x * num / den, rounded down, NEVER - 1 if that is too much. */
static uint64_t scale(uint64_t x, uint64_t num, uint64_t den)
{
    unsigned __int128 y = (unsigned __int128)x * num / den;
    return y < NEVER ? (uint64_t)y : NEVER - 1u;
}

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    return a < NEVER - 1u - b ? a + b : NEVER - 1u;
}

/* Where the wall clock says virtual time should be, but not beyond the deadline. */
static uint64_t paced_target(const struct loop *l)
{
    uint64_t elapsed = uv_hrtime() - l->wall_start_ns;
    uint64_t target = add_saturating(l->virtual_start_ns,
                                     scale(elapsed, l->pace.num, l->pace.den));
    return target < l->until_ns ? target : l->until_ns;
}

/* The first wall instant at which paced_target() is t_ns or later. */
static uint64_t wall_of(const struct loop *l, uint64_t t_ns)
{
    uint64_t ahead = t_ns - l->virtual_start_ns;
    uint64_t wait = scale(ahead, l->pace.den, l->pace.num);
    return add_saturating(l->wall_start_ns, add_saturating(wait, 1));
}

static void anchor(struct loop *l)
{
    l->wall_start_ns = l->mode == LOOP_PACED ? uv_hrtime() : 0;
    l->virtual_start_ns = l->sim->now_ns;
}

static void do_nothing(uv_idle_t *handle)
{
    (void)handle;
}

static void start_idle(struct loop *l)
{
    uv_idle_start(&l->no_block, do_nothing);
}

static void stop_advance(struct loop *l)
{
    uv_prepare_stop(&l->turn);
    uv_idle_stop(&l->no_block);
    if (l->alarm_fd >= 0)
        uv_poll_stop(&l->alarm);
    l->done = NULL;
}

static void end_advance(struct loop *l, enum sim_stop why)
{
    loop_done_fn *done = l->done;

    stop_advance(l);
    done(l->ctx, why);
}

/* Runs events that are due at or before target_ns. The clock stays at the last one, so that it
 * shows the same as in the other modes. SIM_DEADLINE: no more are due. */
static enum sim_stop run_due(struct loop *l, uint64_t target_ns, uint64_t max_events)
{
    struct sim *sim = l->sim;
    uint64_t first = sim->events;

    for (;;) {
        uint64_t next = queue_next(sim->queue);
        if (!sim->interrupted && (next == NEVER || next > target_ns))
            return next == NEVER ? SIM_QUIET : SIM_DEADLINE;
        enum sim_stop why = sim_run(sim, next, max_events - (sim->events - first));
        if (why == SIM_BATCH || why == SIM_INTERRUPTED)
            return why;
    }
}

static void set_alarm(struct loop *l)
{
    uint64_t next = queue_next(l->sim->queue);
    uint64_t wall = wall_of(l, next < l->until_ns ? next : l->until_ns);
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(wall / NS_PER_S),
                                         .tv_nsec = (long)(wall % NS_PER_S)}};

    timerfd_settime(l->alarm_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void take_paced_turn(struct loop *l)
{
    uint64_t target = paced_target(l);
    enum sim_stop why = l->interrupted ? SIM_INTERRUPTED : run_due(l, target, l->batch);

    l->interrupted = false;
    if (why == SIM_INTERRUPTED) {
        end_advance(l, why);
    } else if (why == SIM_BATCH) {
        start_idle(l);
    } else if (l->until_ns == NEVER ? why == SIM_QUIET && !l->outside
                                     : target >= l->until_ns) {
        end_advance(l, sim_run(l->sim, l->until_ns, NEVER)); /* no event is left: moves the clock */
    } else {
        uv_idle_stop(&l->no_block);
        set_alarm(l);
    }
}

static void take_turn(uv_prepare_t *handle)
{
    struct loop *l = handle->data;

    if (l->mode == LOOP_PACED) {
        take_paced_turn(l);
        return;
    }
    enum sim_stop why = sim_run(l->sim, l->until_ns, l->batch);
    if (why != SIM_BATCH)
        end_advance(l, why);
}

static void hear_alarm(uv_poll_t *handle, int status, int events)
{
    struct loop *l = handle->data;
    uint64_t expirations;

    (void)status, (void)events;
    ssize_t n = read(l->alarm_fd, &expirations, sizeof expirations);
    (void)n; /* nothing to read: it was set anew meanwhile; the next turn looks at the clock */
}

static bool open_alarm(struct loop *l)
{
    l->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->alarm_fd < 0)
        return false;
    int error = uv_poll_init(&l->uv, &l->alarm, l->alarm_fd);
    if (error != 0) {
        close(l->alarm_fd);
        return false;
    }
    l->alarm.data = l;
    return true;
}

struct loop *loop_new(struct sim *sim, enum loop_mode mode)
{
    struct loop *l = calloc(1, sizeof *l);
    int error = l == NULL ? UV_ENOMEM : uv_loop_init(&l->uv);

    if (error != 0) {
        fprintf(stderr, "lockwire: the event loop cannot start: %s\n", uv_strerror(error));
        free(l);
        return NULL;
    }
    l->sim = sim;
    l->mode = mode;
    l->batch = BATCH_DEFAULT;
    l->pace = (struct ratio){1, 1};
    l->alarm_fd = -1;
    if (mode == LOOP_PACED && !open_alarm(l)) {
        fprintf(stderr, "lockwire: the pacing timer cannot start\n");
        uv_loop_close(&l->uv);
        free(l);
        return NULL;
    }
    uv_prepare_init(&l->uv, &l->turn);
    uv_idle_init(&l->uv, &l->no_block);
    l->turn.data = l->no_block.data = l;
    return l;
}

void loop_free(struct loop *l)
{
    uv_close((uv_handle_t *)&l->turn, NULL);
    uv_close((uv_handle_t *)&l->no_block, NULL);
    if (l->alarm_fd >= 0)
        uv_close((uv_handle_t *)&l->alarm, NULL);
    uv_run(&l->uv, UV_RUN_NOWAIT);
    if (uv_loop_alive(&l->uv)) /* a loop_stop() that came too late swallows one run */
        uv_run(&l->uv, UV_RUN_NOWAIT);
    int error = uv_loop_close(&l->uv);
    assert(error == 0); /* else the caller left a handle open */
    (void)error;
    if (l->alarm_fd >= 0)
        close(l->alarm_fd);
    free(l);
}

uv_loop_t *loop_uv(struct loop *l)
{
    return &l->uv;
}

void loop_pace(struct loop *l, struct ratio virtual_per_wall)
{
    assert(virtual_per_wall.num > 0 && virtual_per_wall.den > 0);
    l->pace = virtual_per_wall;
    anchor(l);
}

void loop_batch(struct loop *l, uint64_t events)
{
    assert(events > 0);
    l->batch = events;
}

void loop_rebind(struct loop *l, struct sim *sim)
{
    assert(l->done == NULL);
    l->sim = sim;
}

void loop_advance(struct loop *l, uint64_t until_ns, loop_done_fn *done, void *ctx)
{
    assert(l->done == NULL && done != NULL);
    l->done = done;
    l->ctx = ctx;
    l->until_ns = until_ns;
    l->interrupted = false;
    anchor(l);
    uv_prepare_start(&l->turn, take_turn);
    start_idle(l);
    if (l->alarm_fd >= 0)
        uv_poll_start(&l->alarm, UV_READABLE, hear_alarm);
}

bool loop_sync(struct loop *l)
{
    if (l->done == NULL || l->mode != LOOP_PACED || l->interrupted)
        return false;
    uint64_t target = paced_target(l);
    enum sim_stop why = run_due(l, target, NEVER);
    l->interrupted = why == SIM_INTERRUPTED;
    if (!l->interrupted && target > l->sim->now_ns)
        l->sim->now_ns = target;
    return !l->interrupted;
}

void loop_outside(struct loop *l)
{
    l->outside = true;
}

void loop_run(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}
