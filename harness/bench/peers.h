/* harness/bench/peers.h: hosts and UDP peers for benchmarks. */
#ifndef HARNESS_BENCH_PEERS_H
#define HARNESS_BENCH_PEERS_H

#include "vnet/segment.h"

#include <stdint.h>

struct host;
struct stack_config;
struct world;

#define PEER_PORT 7

struct segment *peers_segment(struct world *w, enum segment_kind kind, uint64_t rate_bps,
                              uint64_t latency_ns);
/* The same, with frames lost by chance. */
struct segment *peers_lossy(struct world *w, enum segment_kind kind, uint64_t rate_bps,
                            uint64_t latency_ns, struct ratio loss);
/* 10.x.y.z with a prefix of 8; options as of the sim profile, `arp_entries` 0: its default. */
struct host *peers_host(struct world *w, struct segment *s, uint32_t number, uint32_t arp_entries);
/* The same with options of one's own: the sim profile, changed. */
struct host *peers_host_with(struct world *w, struct segment *s, uint32_t number,
                             const struct stack_config *options);
uint32_t peers_addr(uint32_t number); /* host byte order */

/* Answers every datagram to PEER_PORT with itself. */
void peers_echo(struct host *h);

/* Sends a datagram of `len` bytes to an echo peer and, when it comes back, the next, until the
 * world's budget of frames is used up. */
struct budget {
    struct world *world;
    uint64_t frames; /* received by clients and servers so far */
    uint64_t limit;
};
struct client {
    struct host *host;
    struct budget *budget;
    struct udp_pcb *pcb;
    uint32_t server; /* number */
    uint16_t len;
};
void client_open(struct client *c, struct host *h, struct budget *b, uint32_t server,
                 uint16_t len);
void client_send(struct client *c); /* host not entered */

/* Runs until the budget is used up. */
void budget_run(struct budget *b);

#endif
