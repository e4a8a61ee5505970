/* sim/sim.c: the virtual clock and the event loop proper. Contract: sim/sim.h. */
#include "sim/sim.h"

#include "sim/arena.h"

#include <assert.h>
#include <stddef.h>

struct sim *sim_new(uint64_t seed)
{
    struct sim *s = arena_calloc(sizeof *s);
    if (s == NULL)
        return NULL;
    s->seed = seed;
    s->queue = queue_new();
    s->trace = trace_new();
    if (s->queue == NULL || s->trace == NULL) {
        sim_free(s);
        return NULL;
    }
    return s;
}

void sim_free(struct sim *s)
{
    trace_free(s->trace);
    queue_free(s->queue);
    arena_free(s, sizeof *s);
}

bool sim_step(struct sim *s, uint64_t until_ns)
{
    struct event *e = queue_pop(s->queue, until_ns);
    if (e == NULL)
        return false;
    assert(e->t_ns >= s->now_ns); /* armed in the past: the owner's bug */
    s->now_ns = e->t_ns;
    s->events++;
    e->fn(e->arg);
    return true;
}

enum sim_stop sim_run(struct sim *s, uint64_t until_ns, uint64_t max_events)
{
    s->until_ns = until_ns;
    for (uint64_t n = 0; !s->interrupted; n++) {
        if (n == max_events)
            return SIM_BATCH;
        if (!sim_step(s, until_ns)) {
            if (until_ns != NEVER && until_ns > s->now_ns)
                s->now_ns = until_ns;
            return queue_pending(s->queue) == 0 ? SIM_QUIET : SIM_DEADLINE;
        }
    }
    s->interrupted = false;
    return SIM_INTERRUPTED;
}
