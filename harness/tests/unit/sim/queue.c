/* The event queue: against a model that knows no cleverness, and the corners one by one. */
#include "sim/queue.h"

#include "sim/arena.h"
#include "sim/prng.h"
#include "unit.h"

#define LIMIT ((size_t)1 << 20)

static struct queue *new_queue(void)
{
    CHECK(arena_open(LIMIT));
    struct queue *q = queue_new();
    CHECK(q != NULL);
    return q;
}

static void nothing(void *arg)
{
    (void)arg;
}

/* ---- the model: an unsorted table, searched for the least (time, arming number) ---- */

#define EVENTS 400u

struct model {
    struct event events[EVENTS];
    uint64_t t_ns[EVENTS], armed_as[EVENTS]; /* armed_as 0: not armed */
    uint64_t armings, pending, last_popped;
};

static int model_first(const struct model *m)
{
    int first = -1;
    for (int i = 0; i < (int)EVENTS; i++)
        if (m->armed_as[i] != 0 &&
            (first < 0 || m->t_ns[i] < m->t_ns[first] ||
             (m->t_ns[i] == m->t_ns[first] && m->armed_as[i] < m->armed_as[first])))
            first = i;
    return first;
}

static void model_disarm(struct model *m, unsigned i)
{
    m->pending -= m->armed_as[i] != 0;
    m->armed_as[i] = 0;
}

static void model_arm(struct model *m, unsigned i, uint64_t t_ns)
{
    model_disarm(m, i);
    m->t_ns[i] = t_ns;
    m->armed_as[i] = ++m->armings;
    m->pending++;
}

/* Distances of every magnitude, many of them equal. */
static uint64_t draw_time(struct prng *p, uint64_t from)
{
    uint64_t distance = 0;
    switch (prng_below(p, 4)) {
    case 0: distance = prng_below(p, 3); break;
    case 1: distance = prng_below(p, 200); break;
    case 2: distance = prng_below(p, 50) * 1000000u; break;
    default: distance = prng_u64(p) >> prng_below(p, 64); break;
    }
    return distance < NEVER - 1u - from ? from + distance : NEVER - 1u;
}

static void pop_both(struct queue *q, struct model *m, uint64_t until_ns)
{
    int expected = model_first(m);
    struct event *e = queue_pop(q, until_ns);

    if (expected >= 0 && m->t_ns[expected] > until_ns)
        expected = -1;
    CHECK_INT(e == NULL ? -1 : e - m->events, expected);
    if (e == NULL)
        return;
    CHECK(!event_armed(e));
    CHECK_INT(e->t_ns, m->t_ns[expected]);
    m->last_popped = e->t_ns;
    model_disarm(m, (unsigned)expected);
}

static void run_against_model(uint64_t seed, uint64_t steps)
{
    static struct model m;
    struct prng p;
    struct queue *q = new_queue();

    memset(&m, 0, sizeof m);
    prng_init(&p, seed, "queue");
    for (unsigned i = 0; i < EVENTS; i++)
        event_init(&m.events[i], nothing, NULL);
    for (uint64_t step = 0; step < steps; step++) {
        unsigned i = (unsigned)prng_below(&p, EVENTS);
        uint64_t t_ns = draw_time(&p, m.last_popped);
        switch (prng_below(&p, 8)) {
        case 0: case 1: case 2: /* arms and re-arms */
            queue_arm(q, &m.events[i], t_ns);
            model_arm(&m, i, t_ns);
            break;
        case 3:
            queue_cancel(q, &m.events[i]);
            model_disarm(&m, i);
            break;
        case 4: /* mostly too early a limit: the peek must not move the wheel */
            pop_both(q, &m, t_ns);
            break;
        case 5:
            pop_both(q, &m, NEVER);
            break;
        default: {
            int first = model_first(&m);
            CHECK_INT(queue_next(q), first < 0 ? NEVER : m.t_ns[first]);
        }
        }
        CHECK_INT(queue_pending(q), m.pending);
        CHECK_INT(event_armed(&m.events[i]), m.armed_as[i] != 0);
        if (step % 512 == 0)
            CHECKF(queue_check(q) == NULL, "step %llu: %s", (unsigned long long)step,
                   queue_check(q));
    }
    while (m.pending > 0)
        pop_both(q, &m, NEVER);
    CHECK(queue_pop(q, NEVER) == NULL);
    CHECK(queue_check(q) == NULL);
    queue_free(q);
    CHECK(arena_allocated() == 0);
    arena_close();
}

UNIT(queue, random_operations_behave_like_sorted_list)
{
    run_against_model(1, 100000);
}

UNIT(queue, other_seeds_behave_like_sorted_list)
{
    for (uint64_t seed = 2; seed < 22; seed++)
        run_against_model(seed, 5000);
}

/* ---- corners ---- */

UNIT(queue, empty_queue_has_no_next_and_nothing_to_pop)
{
    struct queue *q = new_queue();
    CHECK_INT(queue_next(q), NEVER);
    CHECK(queue_pop(q, NEVER) == NULL);
    CHECK_INT(queue_pending(q), 0);
}

UNIT(queue, equal_times_pop_in_order_of_arming)
{
    static const uint64_t times[] = {0, 1, 63, 64, 65, 4096, 1000000007, (uint64_t)1 << 63};
    struct queue *q = new_queue();
    struct event e[40];

    for (unsigned k = 0; k < sizeof times / sizeof times[0]; k++) {
        for (unsigned i = 0; i < 40; i++) {
            event_init(&e[i], nothing, NULL);
            queue_arm(q, &e[i], times[k]);
        }
        for (unsigned i = 0; i < 40; i++)
            CHECKF(queue_pop(q, times[k]) == &e[i], "time %llu, event %u",
                   (unsigned long long)times[k], i);
    }
}

UNIT(queue, equal_times_armed_at_different_cursors_keep_their_order)
{
    struct queue *q = new_queue();
    struct event early, late, step;

    event_init(&early, nothing, NULL);
    event_init(&late, nothing, NULL);
    event_init(&step, nothing, NULL);
    queue_arm(q, &early, 5000); /* seen from 0: a high level */
    queue_arm(q, &step, 4990);
    CHECK(queue_pop(q, NEVER) == &step);
    queue_arm(q, &late, 5000); /* seen from 4990: a low level */
    CHECK(queue_pop(q, NEVER) == &early);
    CHECK(queue_pop(q, NEVER) == &late);
}

UNIT(queue, re_armed_event_goes_behind_its_equals)
{
    struct queue *q = new_queue();
    struct event a, b;

    event_init(&a, nothing, NULL);
    event_init(&b, nothing, NULL);
    queue_arm(q, &a, 100);
    queue_arm(q, &b, 100);
    queue_arm(q, &a, 100);
    CHECK_INT(queue_pending(q), 2);
    CHECK(queue_pop(q, NEVER) == &b);
    CHECK(queue_pop(q, NEVER) == &a);
}

UNIT(queue, pop_before_the_deadline_leaves_earlier_times_open)
{
    struct queue *q = new_queue();
    struct event far, near;

    event_init(&far, nothing, NULL);
    event_init(&near, nothing, NULL);
    queue_arm(q, &far, 100000);
    CHECK_INT(queue_next(q), 100000);
    CHECK(queue_pop(q, 99999) == NULL);
    queue_arm(q, &near, 1); /* possible only if the wheel has not moved */
    CHECK_INT(queue_next(q), 1);
    CHECK(queue_pop(q, NEVER) == &near);
    CHECK(queue_pop(q, 100000) == &far);
}

UNIT(queue, next_after_cancel_of_the_earliest_is_the_second)
{
    struct queue *q = new_queue();
    struct event e[3];

    for (unsigned i = 0; i < 3; i++) {
        event_init(&e[i], nothing, NULL);
        queue_arm(q, &e[i], 1000 + 10 * i);
    }
    CHECK_INT(queue_next(q), 1000);
    queue_cancel(q, &e[0]);
    CHECK_INT(queue_next(q), 1010);
    queue_arm(q, &e[1], 2000);
    CHECK_INT(queue_next(q), 1020);
    queue_cancel(q, &e[2]);
    queue_cancel(q, &e[2]);
    CHECK_INT(queue_next(q), 2000);
    CHECK_INT(queue_pending(q), 1);
}

UNIT(queue, far_deadlines_are_exact)
{
    static const uint64_t times[] = {
        ((uint64_t)1 << 62) - 1, (uint64_t)1 << 62, ((uint64_t)1 << 63) - 1, (uint64_t)1 << 63,
        ((uint64_t)1 << 63) + 1, NEVER - 1};
    enum { N = sizeof times / sizeof times[0] };
    struct queue *q = new_queue();
    struct event e[N];

    for (unsigned i = 0; i < N; i++) {
        event_init(&e[i], nothing, NULL);
        queue_arm(q, &e[i], times[(i * 5) % N]);
    }
    for (unsigned i = 0; i < N; i++) {
        CHECK_INT(queue_next(q), times[i]);
        struct event *got = queue_pop(q, times[i]);
        CHECKF(got != NULL && got->t_ns == times[i], "deadline %u", i);
    }
}

UNIT(queue, arming_for_never_cancels)
{
    struct queue *q = new_queue();
    struct event e;

    event_init(&e, nothing, NULL);
    queue_arm(q, &e, 10);
    queue_arm(q, &e, NEVER);
    CHECK(!event_armed(&e));
    CHECK_INT(queue_pending(q), 0);
    CHECK_INT(queue_next(q), NEVER);
}

#ifndef LOCKWIRE_UNIT_PLAIN
#include <signal.h>

Test(queue, arming_before_the_last_popped_event_asserts, .signal = SIGABRT)
{
    struct queue *q = new_queue();
    struct event e;

    event_init(&e, nothing, NULL);
    queue_arm(q, &e, 1000);
    queue_pop(q, NEVER);
    queue_arm(q, &e, 999);
}
#endif
