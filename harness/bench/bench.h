/* harness/bench/bench.h: how fast the simulator and the stack are.
 *
 * A benchmark makes a world, then does units of work in it, again and again; only the work is
 * timed (CPU time of the process). One frame is one delivery from host to host; it includes
 * sending in one stack and receiving in the other. The trace hash is on, capture and object checks
 * are off; the peers are C on the RAW API. */
#ifndef HARNESS_BENCH_BENCH_H
#define HARNESS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

struct bench {
    const char *name;
    const char *what; /* one line for --help */
    const char *unit; /* what one unit of work is: "frame", "event", "day" ...; NULL: there is no
                         work to time */
    uint64_t warm;    /* units of work before timing */
    uint64_t count;   /* units of work to time at once */
    void (*make)(struct world *w);               /* fills the world */
    uint64_t (*work)(struct world *w, uint64_t units); /* returns the units really done */
    uint64_t (*bytes_per_host)(struct world *w); /* or NULL */
    /* or, instead of all that: makes its own worlds and prints its results; see goodput.h */
    bool (*print)(size_t memory_bytes, bool json, bool first);
};

extern const struct bench benches[]; /* ends with a name of NULL */

/* bench.c: a new world without limits of frames, in the arena that it opens; NULL: told on stderr.
 * arena_close() ends it. */
struct world *bench_world_open(size_t memory_bytes);

/* pair.c: two hosts on a link */
void pair_make(struct world *w);
uint64_t pair_arp(struct world *w, uint64_t frames);
uint64_t pair_ping_56(struct world *w, uint64_t frames);
uint64_t pair_udp_64(struct world *w, uint64_t frames);
uint64_t pair_udp_1472(struct world *w, uint64_t frames);
/* star.c: a thousand hosts on a switch */
void star_make(struct world *w);
uint64_t star_udp(struct world *w, uint64_t frames);
uint64_t star_bytes_per_host(struct world *w);
/* star_tcp.c: the same over TCP */
void star_tcp_make(struct world *w);
uint64_t star_tcp(struct world *w, uint64_t frames);
/* bulk.c: TCP at full speed */
void bulk_make_64k(struct world *w);
void bulk_make_256k(struct world *w);
void bulk_make_loss1(struct world *w);
uint64_t bulk_run(struct world *w, uint64_t frames);
/* connect.c: TCP connections that come and go, or stay and do nothing */
void connect_make(struct world *w);
uint64_t connect_run(struct world *w, uint64_t connections);
void idle_make(struct world *w);
uint64_t idle_run(struct world *w, uint64_t days);
/* plain.c: no stacks */
void events_make(struct world *w);
uint64_t events_run(struct world *w, uint64_t events);
void snapshot_make(struct world *w);
uint64_t snapshot_cycle(struct world *w, uint64_t cycles);

#endif
