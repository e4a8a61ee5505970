/* cable.h: one direction of one cable: a transmitter with its queue, and what is under way.
 *
 * Frames leave in order and arrive in order, so all of them (waiting, being sent, in flight) sit
 * in one ring, and one event stands for the next thing that happens. Times of a frame are settled
 * when it is put: start = when the transmitter is free, arrival = start + wire time + latency +
 * jitter, never before the frame ahead. */
#ifndef VNET_CABLE_H
#define VNET_CABLE_H

#include "sim/sim.h"
#include "vnet/fault.h"
#include "vnet/transit.h"

struct cable;

struct cable_slot {
    struct transit t; /* t.frame NULL: taken off at its start */
    uint64_t start_ns, arrive_ns;
};

/* Takes over what `t` holds. Called inside the cable's event, after the cable has been re-armed. */
typedef void cable_arrive_fn(struct cable *c, struct transit *t);
/* The frame starts on the wire. May take it off the cable (t.frame = NULL); it then does not
 * arrive here. Only called while the cable is told to announce starts. */
typedef void cable_start_fn(struct cable *c, struct cable_slot *slot);

struct cable {
    struct event event;
    struct sim *sim;
    struct port *port; /* whose cable */
    cable_arrive_fn *arrive;
    cable_start_fn *start;
    struct cable_slot *ring;
    uint32_t room, head, count; /* room: 0 or a power of two */
    uint32_t started;           /* of count, from the head: those whose start has passed */
    uint32_t queue;
    bool announce;
    bool stamp; /* note the start in t.asked_ns: the sender's cable */
    uint64_t free_ns;   /* when the next frame may start */
    uint64_t last_ns;   /* the latest arrival given out */
    uint64_t rate_bps, latency_ns;
    uint64_t byte_ns;   /* whole nanoseconds per byte, 0: not whole */
};

void cable_init(struct cable *c, struct sim *sim, struct port *port, uint64_t rate_bps,
                uint64_t latency_ns, uint32_t queue);
void cable_free(struct cable *c); /* lets go of everything on it without a word */

/* true: a frame put now would find the queue full. */
bool cable_full(struct cable *c);
/* Takes over `t` if the answer is WIRE_NONE; else WIRE_QUEUE_FULL or WIRE_NO_MEMORY. */
enum wire_reason cable_put(struct cable *c, const struct transit *t, uint64_t jitter_ns);

/* Whether the cable calls start(); frames that have started by now count as announced. */
void cable_announce(struct cable *c, bool on);

/* Takes the oldest frame off; false: the cable is empty. The transmitter is free afterwards. */
bool cable_take(struct cable *c, struct transit *t);

/* The sender stops in the middle of the frame that it is sending: takes it off the cable. false:
 * none is being sent, or a rule has it. */
bool cable_abort(struct cable *c, struct transit *t);

static inline const struct cable_slot *cable_slot_at(const struct cable *c, uint32_t i)
{
    return &c->ring[(c->head + i) & (c->room - 1)];
}

const char *cable_check(const struct cable *c);

#endif
