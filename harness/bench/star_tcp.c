/* harness/bench/star_tcp.c: 999 hosts on a switch in ping-pong with one server over TCP: each has a
 * connection, and sends its next 64 bytes when the last have come back. */
#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/options.h"
#include "harness/host/world.h"

#include "lwip/tcp.h"

#include <string.h>

#define HOSTS 1000u
#define GIGABIT UINT64_C(1000000000)
#define LATENCY_NS 10000u
#define LEN 64u
#define END_NS 300000000u /* beyond delayed ACKs */
#define SERVER_HEAP (8u << 20)

struct player {
    struct host *host;
    struct tcp_pcb *pcb;
};

/* Outside the world: only the bench's own. */
static struct player players[HOSTS + 1]; /* by number of host */
static struct budget budget;

static void put(struct tcp_pcb *pcb, const void *bytes, u16_t len)
{
    if (tcp_write(pcb, bytes, len, TCP_WRITE_FLAG_COPY) != ERR_OK || tcp_output(pcb) != ERR_OK)
        fatal(FATAL_INTERNAL, "bench: the send buffer is full");
}

static void serve_ball(struct tcp_pcb *pcb)
{
    uint8_t ball[LEN];

    memset(ball, 0x55, sizeof ball);
    put(pcb, ball, sizeof ball);
}

static err_t send_back(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)err;
    if (p == NULL)
        fatal(FATAL_INTERNAL, "bench: a player has left");
    put(pcb, p->payload, p->len);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t came_back(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)err;
    if (p == NULL)
        fatal(FATAL_INTERNAL, "bench: the server has left");
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    budget.frames += 2;
    if (budget.frames < budget.limit)
        serve_ball(pcb);
    else
        sim_interrupt(budget.world->sim);
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    tcp_recv(pcb, send_back);
    return ERR_OK;
}

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    serve_ball(pcb);
    return ERR_OK;
}

static void serve(struct host *h)
{
    host_enter(h);
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL || tcp_bind(pcb, IP_ANY_TYPE, PEER_PORT) != ERR_OK ||
        (pcb = tcp_listen(pcb)) == NULL)
        fatal(FATAL_INTERNAL, "bench: cannot listen");
    tcp_accept(pcb, accepted);
    host_leave(h);
}

static void join(struct player *p, struct host *h)
{
    ip_addr_t to;

    ip_addr_set_ip4_u32_val(to, lwip_htonl(peers_addr(1)));
    p->host = h;
    host_enter(h);
    p->pcb = tcp_new();
    if (p->pcb == NULL)
        fatal(FATAL_INTERNAL, "bench: no TCP pcb");
    tcp_recv(p->pcb, came_back);
    if (tcp_connect(p->pcb, &to, PEER_PORT, connected) != ERR_OK)
        fatal(FATAL_INTERNAL, "bench: cannot connect");
    host_leave(h);
}

/* One after the other, as in star.c. */
void star_tcp_make(struct world *w)
{
    struct segment *s = peers_segment(w, SEGMENT_SWITCH, GIGABIT, LATENCY_NS);
    struct host_config config = {.name = ""};
    options_default(&config);
    config.stack.arp_table_size = 2 * HOSTS;
    config.stack.memp_num_tcp_pcb = HOSTS;
    config.stack.mem_size = SERVER_HEAP;
    serve(peers_host_with(w, s, 1, &config.stack));
    for (uint32_t n = 2; n <= HOSTS; n++) {
        budget = (struct budget){.world = w, .limit = 2};
        join(&players[n], peers_host(w, s, n, 0));
        budget_run(&budget);
    }
}

/* What is under way when the budget is used up comes to its end. */
uint64_t star_tcp(struct world *w, uint64_t frames)
{
    budget = (struct budget){.world = w, .limit = frames};
    for (uint32_t n = 2; n <= HOSTS; n++) {
        host_enter(players[n].host);
        serve_ball(players[n].pcb);
        host_leave(players[n].host);
    }
    budget_run(&budget);
    uint64_t end_ns = w->sim->now_ns + END_NS;
    while (sim_run(w->sim, end_ns, UINT64_MAX) == SIM_INTERRUPTED)
        continue;
    return budget.frames;
}
