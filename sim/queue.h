/* sim/queue.h: what happens next. An exact hierarchical timing wheel on nanoseconds.
 *
 * Events are intrusive: the owner embeds struct event and keeps it alive while it is armed. The
 * order is total: by time, and among equal times by the order of arming (a re-armed event counts
 * as armed anew). Arm, cancel and re-arm cost O(1), pop is amortised O(levels).
 * Guideline: one event per link direction and one per host, not one per frame or timer. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define NEVER UINT64_MAX

struct event;
typedef void event_fn(void *arg);

struct event {
    uint64_t t_ns; /* valid while armed */
    event_fn *fn;
    void *arg;
    struct event *next, *prev;
    uint32_t slot; /* internal: wheel position + 1; 0 = not armed */
};

struct queue; /* lives in the arena */

struct queue *queue_new(void);
void queue_free(struct queue *q);

void event_init(struct event *e, event_fn *fn, void *arg);
static inline bool event_armed(const struct event *e) { return e->slot != 0; }

/* Arms or re-arms e for t_ns; NEVER means cancel. A time before the last popped event's is our
 * bug: asserts. */
void queue_arm(struct queue *q, struct event *e, uint64_t t_ns);
void queue_cancel(struct queue *q, struct event *e); /* not armed: nothing happens */

/* Time of the earliest event, NEVER if none. Does not move the wheel. */
uint64_t queue_next(const struct queue *q);
/* Takes out the earliest event if its time is <= until_ns; NULL otherwise. */
struct event *queue_pop(struct queue *q, uint64_t until_ns);
uint64_t queue_pending(const struct queue *q);
/* NULL, or the first broken invariant, in words. Looks at everything: for checking builds. */
const char *queue_check(const struct queue *q);

#endif
