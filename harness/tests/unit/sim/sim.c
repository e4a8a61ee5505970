/* The clock and sim_run(): when they stop, and what the clock then shows. */
#include "sim/sim.h"

#include "sim/arena.h"
#include "unit.h"

struct probe {
    struct event event;
    struct sim *sim;
    uint64_t period_ns, left, ran_at, runs;
    bool interrupts;
};

static void run_probe(void *arg)
{
    struct probe *p = arg;

    p->ran_at = p->sim->now_ns;
    p->runs++;
    if (p->interrupts)
        sim_interrupt(p->sim);
    if (p->left > 0) {
        p->left--;
        queue_arm(p->sim->queue, &p->event, p->sim->now_ns + p->period_ns);
    }
}

static struct sim *new_sim(void)
{
    CHECK(arena_open((size_t)1 << 20));
    struct sim *s = sim_new(1);
    CHECK(s != NULL);
    return s;
}

static struct probe *new_probe(struct sim *s, uint64_t first_ns, uint64_t period_ns, uint64_t more)
{
    struct probe *p = arena_calloc(sizeof *p);
    CHECK(p != NULL);
    p->sim = s;
    p->period_ns = period_ns;
    p->left = more;
    event_init(&p->event, run_probe, p);
    queue_arm(s->queue, &p->event, first_ns);
    return p;
}

UNIT(sim, new_world_is_at_zero_and_quiet)
{
    struct sim *s = new_sim();
    CHECK_INT(s->now_ns, 0);
    CHECK_INT(s->seed, 1);
    CHECK(!sim_step(s, NEVER));
    CHECK_INT(sim_run(s, NEVER, NEVER), SIM_QUIET);
    CHECK_INT(s->now_ns, 0);
    CHECK_INT(s->events, 0);
}

UNIT(sim, deadline_is_inclusive_and_the_clock_shows_it)
{
    struct sim *s = new_sim();
    struct probe *p = new_probe(s, 100, 100, 5);

    CHECK_INT(sim_run(s, 200, NEVER), SIM_DEADLINE);
    CHECK_INT(p->runs, 2);
    CHECK_INT(sim_run(s, 299, NEVER), SIM_DEADLINE);
    CHECK_INT(s->now_ns, 299);
    CHECK_INT(p->runs, 2);
    CHECK_INT(sim_run(s, 300, NEVER), SIM_DEADLINE);
    CHECK_INT(p->ran_at, 300);
    CHECK_INT(sim_run(s, 250, NEVER), SIM_DEADLINE); /* the clock never goes back */
    CHECK_INT(s->now_ns, 300);
}

UNIT(sim, quiet_with_deadline_shows_it_and_without_stays)
{
    struct sim *s = new_sim();

    new_probe(s, 100, 0, 0);
    CHECK_INT(sim_run(s, NEVER, NEVER), SIM_QUIET);
    CHECK_INT(s->now_ns, 100);
    CHECK_INT(sim_run(s, 5000, NEVER), SIM_QUIET);
    CHECK_INT(s->now_ns, 5000);
    CHECK_INT(s->events, 1);
}

UNIT(sim, batch_ends_after_max_events)
{
    struct sim *s = new_sim();
    struct probe *p = new_probe(s, 10, 10, 9);

    CHECK_INT(sim_run(s, NEVER, 0), SIM_BATCH);
    CHECK_INT(p->runs, 0);
    CHECK_INT(sim_run(s, NEVER, 4), SIM_BATCH);
    CHECK_INT(s->now_ns, 40);
    CHECK_INT(sim_run(s, NEVER, 6), SIM_BATCH);
    CHECK_INT(sim_run(s, NEVER, 6), SIM_QUIET);
    CHECK_INT(p->runs, 10);
}

UNIT(sim, interrupt_stops_after_its_event_and_the_rest_waits)
{
    struct sim *s = new_sim();
    struct probe *a = new_probe(s, 10, 0, 0), *b = new_probe(s, 10, 0, 0);

    a->interrupts = true;
    CHECK_INT(sim_run(s, 50, 1), SIM_INTERRUPTED); /* even when the batch is full as well */
    CHECK_INT(s->now_ns, 10);
    CHECK_INT(b->runs, 0);
    CHECK_INT(sim_run(s, 50, NEVER), SIM_QUIET);
    CHECK_INT(b->runs, 1);
}

UNIT(sim, interrupt_between_events_stops_the_next_run_at_once)
{
    struct sim *s = new_sim();
    struct probe *p = new_probe(s, 10, 0, 0);

    sim_interrupt(s);
    CHECK_INT(sim_run(s, 50, NEVER), SIM_INTERRUPTED);
    CHECK_INT(s->now_ns, 0);
    CHECK_INT(p->runs, 0);
    CHECK_INT(sim_run(s, 50, NEVER), SIM_QUIET);
}

UNIT(sim, no_room_for_any_part_gives_null_and_leaves_nothing)
{
    CHECK(arena_open((size_t)1 << 20));
    uint64_t n = 1;
    for (;; n++) {
        arena_fail_nth(n);
        struct sim *s = sim_new(1);
        arena_fail_nth(0);
        if (s != NULL) {
            sim_free(s);
            break;
        }
        CHECK_INT(arena_allocated(), 0);
    }
    CHECK_INT(n, 4); /* sim, queue and trace failed once each */
    CHECK_INT(arena_allocated(), 0);
}

UNIT(sim, empty_world_fits_in_sixteen_kib)
{
    new_sim();
    CHECKF(arena_used() <= 16 * 1024, "%zu bytes", arena_used());
}
