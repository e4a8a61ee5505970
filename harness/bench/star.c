/* harness/bench/star.c: 999 hosts in ping-pong with one server, all on a switch. */
#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/host/host.h"
#include "harness/host/world.h"
#include "sim/arena.h"

#include "lwip/udp.h"

#define HOSTS 1000u
#define GIGABIT UINT64_C(1000000000)
#define LATENCY_NS 10000u
#define LEN 64u
#define END_NS 100000000u

static void leave(struct client *c)
{
    host_enter(c->host);
    udp_remove(c->pcb);
    host_leave(c->host);
}

/* One after the other: a thousand broadcasts at once would stretch every queue. */
void star_make(struct world *w)
{
    struct segment *s = peers_segment(w, SEGMENT_SWITCH, GIGABIT, LATENCY_NS);
    peers_echo(peers_host(w, s, 1, 2 * HOSTS));
    for (uint32_t n = 2; n <= HOSTS; n++) {
        struct budget b = {.world = w, .limit = 2};
        struct client c;
        client_open(&c, peers_host(w, s, n, 0), &b, 1, LEN);
        client_send(&c);
        budget_run(&b);
        leave(&c);
    }
}

uint64_t star_udp(struct world *w, uint64_t frames)
{
    static struct client clients[HOSTS - 1]; /* outside the world: only the bench's own */
    struct budget b = {.world = w, .limit = frames};
    for (uint32_t n = 2; n <= HOSTS; n++) {
        struct client *c = &clients[n - 2];
        client_open(c, vector_get(&w->hosts, n), &b, 1, LEN);
        client_send(c);
    }
    budget_run(&b);
    b.limit = 0; /* what is under way comes to its end */
    uint64_t end_ns = w->sim->now_ns + END_NS;
    while (sim_run(w->sim, end_ns, UINT64_MAX) == SIM_INTERRUPTED)
        continue;
    for (uint32_t n = 2; n <= HOSTS; n++)
        leave(&clients[n - 2]);
    return b.frames;
}

uint64_t star_bytes_per_host(struct world *w)
{
    (void)w;
    return arena_allocated() / HOSTS;
}
