/* sim/loop.h: libuv drives the world.
 *
 * One uv_loop_t owns everything external: the control socket, signals, a TAP device, the pacing
 * timer. While virtual work is wanted, each of its iterations runs one batch of events, so
 * external handles are served between batches whatever the mode:
 *   stepped  run until a virtual deadline that the controller gave, then wait for the next order;
 *   free     run until no event is left or a limit is reached;
 *   paced    virtual time follows wall time: 1 s wall = ratio s virtual. Only this mode reads a
 *            wall clock, and only to decide when to run a batch, never what happens in it.
 * The trace is the same in all modes and for all batch sizes, as long as nothing external speaks.
 * Stepped and free run alike; they differ in who gives the deadlines (free: usually NEVER).
 * Paced, with a finite deadline, waits for it even in a quiet world: something may come from
 * outside. With NEVER it ends, as the others do, when no event is left, unless loop_outside() has
 * said that somebody out there speaks. */
#ifndef SIM_LOOP_H
#define SIM_LOOP_H

#include "sim/sim.h"

#include <uv.h>

struct loop;

enum loop_mode { LOOP_STEPPED, LOOP_FREE, LOOP_PACED };

/* Told when an advance has ended; called from the uv loop, never from inside an event. It may
 * start the next advance. */
typedef void loop_done_fn(void *ctx, enum sim_stop why);

/* NULL: libuv could not start (a message went to stderr). */
struct loop *loop_new(struct sim *sim, enum loop_mode mode);
void loop_free(struct loop *l); /* closes its own handles; the caller has closed theirs */
uv_loop_t *loop_uv(struct loop *l);
void loop_pace(struct loop *l, struct ratio virtual_per_wall); /* default 1/1 */
void loop_batch(struct loop *l, uint64_t events);              /* default 256 */
/* The world was replaced by a snapshot: look at this sim from now on (no advance is running). */
void loop_rebind(struct loop *l, struct sim *sim);

/* Begins to run events up to until_ns (inclusive; NEVER: no deadline). One at a time: asserts. */
void loop_advance(struct loop *l, uint64_t until_ns, loop_done_fn *done, void *ctx);

/* For handles that bring something in from outside, before each thing they bring: in paced mode
 * runs what is due by now and moves the clock to where the wall says it is. true: it stands there,
 * bring it in. false: not now, as no advance is running, or the running one was interrupted and is
 * about to end (that is reported later, from the uv loop), or the mode is another. */
bool loop_sync(struct loop *l);
/* Paced: from now on a quiet world is not the end, not even without a deadline. */
void loop_outside(struct loop *l);

/* Runs the uv loop until loop_stop() or no handle is left. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
