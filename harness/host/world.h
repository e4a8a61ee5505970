/* harness/host/world.h: everything that one run consists of. Lives in the arena and is its root.
 *
 * Ids (vector.h) count per kind from 1. A delivery is something that the controller is to be told:
 * a frame that arrived at one of its ports, or that an object (socket, ping, app) has something to
 * fetch. Pushing one interrupts the simulation, so that the controller sees the world as it was at
 * that moment.
 *
 * What belongs to the process rather than to the world (the control socket, files, how often to
 * check) is not here, so that a snapshot can be restored under another process. */
#ifndef HARNESS_HOST_WORLD_H
#define HARNESS_HOST_WORLD_H

#include "harness/host/vector.h"
#include "sim/sim.h"

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct fault;
struct frame;
struct object;
struct port;
struct segment;

/* How many frames hosts may send before it counts as a packet storm. */
#define STORM_INSTANT_DEFAULT 10000u
#define STORM_SECOND_DEFAULT 1000000u

struct storm_limits {
    uint64_t instant; /* frames sent, or wake-ups of one host, at one virtual instant */
    uint64_t second;  /* frames sent within one virtual second without controller input */
};

struct storm {
    struct storm_limits limit;
    uint64_t at_ns, at_frames;       /* the instant being counted */
    uint64_t second_ns, second_frames; /* start of the second being counted */
};

struct delivery {
    struct delivery *next;
    struct frame *frame; /* NULL: an object notifies */
    uint64_t t_ns;
    uint32_t id; /* port or object */
};

/* A place where the controller sends and receives frames itself, or the kernel does. */
struct control_port {
    struct world *world;
    struct port *port;
    uint32_t id;
    bool tap; /* the kernel: control/ops_tap.c */
};

/* A fault or impairment by id. */
struct rule {
    struct fault *fault;
    bool must_fire;
};

struct world {
    struct sim *sim;
    struct capture *capture;
    struct vector segments; /* struct segment */
    struct vector ports;    /* struct control_port */
    struct vector hosts;    /* struct host */
    struct vector machines; /* struct machine: firmware */
    struct vector objects;  /* struct object */
    struct vector impairs;  /* struct rule */
    struct vector faults;   /* struct rule */
    struct delivery *first, *last;
    struct storm storm;
    uint64_t seen_ns; /* the latest time any host has seen: it may not go back */
    struct event planted;   /* a planted bug that acts later; check/plant.h */
};

/* Builds an empty world in the open arena and makes it the root. NULL: no room. */
struct world *world_new(uint64_t seed);
/* Closes whatever is left (hosts too) and gives everything back, itself and the sim included: the
 * arena is as empty as it was before world_new(), or memory of the world was lost. */
void world_free(struct world *w);

void world_push_frame(struct world *w, uint32_t port, struct frame *frame); /* takes a reference */
void world_push_notify(struct world *w, struct object *object);
/* Takes out the oldest delivery; false: there is none. The frame's reference goes to the caller. */
bool world_pop(struct world *w, struct delivery *out);

/* A host is about to put a frame on the wire: counts it, and ends the run when it is a storm. */
void world_count_frame(struct world *w);
/* The controller has spoken: the frames of the current second are forgiven. */
static inline void world_forgive(struct world *w)
{
    w->storm.second_ns = w->sim->now_ns;
    w->storm.second_frames = 0;
}

/* A host is being entered: ends the run when virtual time went backwards. */
void world_see_time(struct world *w);

uint64_t world_frames(const struct world *w); /* deliveries on all segments so far */
struct segment *world_segment(const struct world *w, const char *name); /* NULL: none */

#endif
