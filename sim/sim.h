/* sim/sim.h: a world's core: virtual clock, event queue, seed, trace. Lives in the arena.
 *
 * Virtual time is unsigned 64-bit nanoseconds from 0. It moves only in sim_step(): an event is
 * popped, the clock is set to its time, its function runs. Nothing here looks at a wall clock. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/prng.h"
#include "sim/queue.h"
#include "sim/trace.h"

struct sim {
    uint64_t now_ns;
    uint64_t seed;
    uint64_t events; /* run so far */
    uint64_t until_ns; /* of sim_run(): nothing may be known of what comes later */
    struct queue *queue;
    struct trace *trace;
    bool interrupted; /* see sim_interrupt() */
};

struct sim *sim_new(uint64_t seed); /* in the open arena; NULL: no room */
void sim_free(struct sim *s);       /* whoever still has events armed has let go of them */

/* Runs the next event if it is due at or before until_ns. false: there is none. */
bool sim_step(struct sim *s, uint64_t until_ns);

enum sim_stop {
    SIM_DEADLINE,    /* nothing left up to until_ns; the clock now shows until_ns */
    SIM_QUIET,       /* no event left at all; the clock shows until_ns, or stays if that is NEVER */
    SIM_INTERRUPTED, /* an event called sim_interrupt(): the rest waits */
    SIM_BATCH        /* max_events were run */
};
enum sim_stop sim_run(struct sim *s, uint64_t until_ns, uint64_t max_events);

/* From inside an event: the controller must hear of something; stop after this event. Raised
 * between events, the next sim_run() returns SIM_INTERRUPTED at once. Reporting it clears it. */
static inline void sim_interrupt(struct sim *s) { s->interrupted = true; }

#endif
