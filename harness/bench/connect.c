/* harness/bench/connect.c: TCP connections that are opened and closed, and ones that do nothing. */
#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/options.h"
#include "harness/host/world.h"

#include "lwip/tcp.h"

#define GIGABIT UINT64_C(1000000000)
#define LATENCY_NS 1000u
#define EXCHANGE_NS 20000u /* more than six frames take */
#define IDLE 1000u
#define DAY_NS (UINT64_C(86400) * 1000000000u)

static uint64_t closed; /* by both ends; outside the world: only the bench's own */

static struct host *client_host(const struct world *w)
{
    return vector_get(&w->hosts, 1);
}

static void serve(struct host *h, tcp_accept_fn accepted)
{
    host_enter(h);
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL || tcp_bind(pcb, IP_ANY_TYPE, PEER_PORT) != ERR_OK ||
        (pcb = tcp_listen(pcb)) == NULL)
        fatal(FATAL_INTERNAL, "bench: cannot listen");
    tcp_accept(pcb, accepted);
    host_leave(h);
}

/* One connection, and time for whatever it does when it is there. */
static void open_one(struct world *w, tcp_connected_fn connected)
{
    struct host *h = client_host(w);
    ip_addr_t to;

    ip_addr_set_ip4_u32_val(to, lwip_htonl(peers_addr(2)));
    world_forgive(w);
    host_enter(h);
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL || tcp_connect(pcb, &to, PEER_PORT, connected) != ERR_OK)
        fatal(FATAL_INTERNAL, "bench: cannot connect");
    host_leave(h);
    sim_run(w->sim, w->sim->now_ns + EXCHANGE_NS, UINT64_MAX);
}

/* Open and close. The connecting end closes first, and has the TIME-WAIT. */

static err_t close_first(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    return tcp_close(pcb);
}

static err_t close_second(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)err;
    if (p != NULL)
        fatal(FATAL_INTERNAL, "bench: data that nobody sent");
    closed++;
    return tcp_close(pcb);
}

static err_t wait_for_close(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    tcp_recv(pcb, close_second);
    return ERR_OK;
}

void connect_make(struct world *w)
{
    struct segment *s = peers_segment(w, SEGMENT_LINK, GIGABIT, LATENCY_NS);
    peers_host(w, s, 1, 0);
    serve(peers_host(w, s, 2, 0), wait_for_close);
}

uint64_t connect_run(struct world *w, uint64_t connections)
{
    uint64_t before = closed;
    for (uint64_t n = 0; n < connections; n++)
        open_one(w, close_first);
    if (closed - before != connections)
        fatal(FATAL_INTERNAL, "bench: a connection was not closed in time");
    return connections;
}

/* Idle, with keepalive at both ends. */

static err_t idle(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    ip_set_option(pcb, SOF_KEEPALIVE);
    return ERR_OK;
}

void idle_make(struct world *w)
{
    struct segment *s = peers_segment(w, SEGMENT_LINK, GIGABIT, LATENCY_NS);
    struct host_config config = {.name = ""};
    options_default(&config);
    config.stack.memp_num_tcp_pcb = IDLE + 1;
    peers_host_with(w, s, 1, &config.stack);
    serve(peers_host_with(w, s, 2, &config.stack), idle);
    for (unsigned i = 0; i < IDLE; i++)
        open_one(w, idle);
}

uint64_t idle_run(struct world *w, uint64_t days)
{
    uint64_t before = world_frames(w);
    world_forgive(w);
    sim_run(w->sim, w->sim->now_ns + days * DAY_NS, UINT64_MAX);
    if (world_frames(w) - before < days * IDLE)
        fatal(FATAL_INTERNAL, "bench: nobody keeps the connections alive");
    return days;
}
