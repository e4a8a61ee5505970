/* harness/bench/pair.c: two hosts on a link, one exchange in flight. */
#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"

#include "lwip/etharp.h"
#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

#include <string.h>

#define GIGABIT UINT64_C(1000000000)
#define LATENCY_NS 1000u
#define EXCHANGE_NS 10000u
#define ECHO_HEADER 8u
#define ECHO_DATA 56u

static struct host *client_host(const struct world *w)
{
    return vector_get(&w->hosts, 1);
}

void pair_make(struct world *w)
{
    struct segment *s = peers_segment(w, SEGMENT_LINK, GIGABIT, LATENCY_NS);
    peers_host(w, s, 1, 0);
    peers_echo(peers_host(w, s, 2, 0));
}

uint64_t pair_arp(struct world *w, uint64_t frames)
{
    struct host *h = client_host(w);
    ip4_addr_t to = {lwip_htonl(peers_addr(2))};
    uint64_t before = world_frames(w);
    for (uint64_t n = 0; n < frames; n += 2) {
        world_forgive(w);
        host_enter(h);
        etharp_request(&h->interfaces->netif, &to);
        host_leave(h);
        sim_run(w->sim, w->sim->now_ns + EXCHANGE_NS, UINT64_MAX);
    }
    return world_frames(w) - before;
}

/* Ping. */

struct pinger {
    struct budget budget;
    struct raw_pcb *pcb;
    uint16_t seq;
};

static void send_echo(struct pinger *g)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, ECHO_HEADER + ECHO_DATA, PBUF_RAM);
    if (p == NULL)
        fatal(FATAL_INTERNAL, "bench: no memory for a request");
    uint8_t *echo = p->payload;
    memset(echo, 0x55, ECHO_HEADER + ECHO_DATA);
    echo[0] = ICMP_ECHO;
    echo[1] = echo[2] = echo[3] = 0;
    echo[4] = echo[5] = 1;
    g->seq++;
    echo[6] = (uint8_t)(g->seq >> 8);
    echo[7] = (uint8_t)g->seq;
    u16_t sum = inet_chksum(echo, ECHO_HEADER + ECHO_DATA);
    memcpy(echo + 2, &sum, 2);
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(peers_addr(2)));
    raw_sendto(g->pcb, p, &to);
    pbuf_free(p);
}

static u8_t got_reply(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    struct pinger *g = arg;
    (void)pcb;
    (void)addr;
    pbuf_free(p);
    g->budget.frames += 2;
    if (g->budget.frames < g->budget.limit)
        send_echo(g);
    else
        sim_interrupt(g->budget.world->sim);
    return 1;
}

uint64_t pair_ping_56(struct world *w, uint64_t frames)
{
    struct host *h = client_host(w);
    struct pinger g = {.budget = {.world = w, .limit = frames}};
    host_enter(h);
    g.pcb = raw_new(IP_PROTO_ICMP);
    if (g.pcb == NULL)
        fatal(FATAL_INTERNAL, "bench: no raw pcb");
    raw_recv(g.pcb, got_reply, &g);
    send_echo(&g);
    host_leave(h);
    budget_run(&g.budget);
    host_enter(h);
    raw_remove(g.pcb);
    host_leave(h);
    return g.budget.frames;
}

/* UDP. */

static uint64_t echo(struct world *w, uint64_t frames, uint16_t len)
{
    struct host *h = client_host(w);
    struct budget b = {.world = w, .limit = frames};
    struct client c;
    client_open(&c, h, &b, 2, len);
    client_send(&c);
    budget_run(&b);
    host_enter(h);
    udp_remove(c.pcb);
    host_leave(h);
    return b.frames;
}

uint64_t pair_udp_64(struct world *w, uint64_t frames)
{
    return echo(w, frames, 64);
}

uint64_t pair_udp_1472(struct world *w, uint64_t frames)
{
    return echo(w, frames, 1472);
}
