/* harness/bench/stream.h: bytes one way over a TCP connection, on the RAW API.
 *
 * The sender writes (by copy) whatever its send buffer has room for, whenever some is acknowledged;
 * the receiver takes it at once. */
#ifndef HARNESS_BENCH_STREAM_H
#define HARNESS_BENCH_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct segment;
struct tcp_pcb;
struct world;

struct stream {
    struct world *world;
    struct segment *segment;
    struct tcp_pcb *out;
    uint64_t received;                  /* bytes */
    uint64_t until_bytes, until_frames; /* the world is stopped at the first of them */
};

/* Connects host `number` from to host `number` to of the segment and begins to send. What s points
 * to stays where it is as long as the world lives. */
void stream_open(struct stream *s, struct world *w, struct segment *segment, uint32_t from,
                 uint32_t to);
/* Runs until so much in all has come; frames: deliveries on the segment, both ways. */
void stream_run(struct stream *s, uint64_t until_bytes, uint64_t until_frames);

#endif
