/* harness/bench/peers.c */
#include "harness/bench/peers.h"

#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/options.h"
#include "harness/host/world.h"

#include "lwip/udp.h"

#include <stdio.h>
#include <string.h>

#define NET 0x0a000000u
#define MASK 0xff000000u

struct segment *peers_lossy(struct world *w, enum segment_kind kind, uint64_t rate_bps,
                            uint64_t latency_ns, struct ratio loss)
{
    struct segment_config config = {.kind = kind, .rate_bps = rate_bps, .latency_ns = latency_ns,
        .loss = loss, .queue = 4 * SEGMENT_QUEUE_DEFAULT, .ageing_ns = SEGMENT_AGEING_DEFAULT};
    const char *why = "no memory";
    struct segment *s = segment_new(w->sim, w->capture, "lan", &config, &why);
    if (s == NULL || vector_add(&w->segments, s) == 0)
        fatal(FATAL_INTERNAL, "bench: no segment: %s", why);
    return s;
}

struct segment *peers_segment(struct world *w, enum segment_kind kind, uint64_t rate_bps,
                              uint64_t latency_ns)
{
    return peers_lossy(w, kind, rate_bps, latency_ns, (struct ratio){0, 1});
}

uint32_t peers_addr(uint32_t number)
{
    return NET + number;
}

struct host *peers_host(struct world *w, struct segment *s, uint32_t number, uint32_t arp_entries)
{
    struct host_config config = {.name = ""};
    options_default(&config);
    if (arp_entries != 0)
        config.stack.arp_table_size = arp_entries;
    return peers_host_with(w, s, number, &config.stack);
}

struct host *peers_host_with(struct world *w, struct segment *s, uint32_t number,
                             const struct stack_config *options)
{
    char name[32];
    snprintf(name, sizeof name, "h%u", number);
    struct host_config config = {.name = name};
    options_default(&config);
    config.stack = *options;
    const char *why = "no memory";
    struct host *h = host_new(w, &config, &why);
    struct interface_config netif = {.segment = s, .ip = peers_addr(number), .mask = MASK,
        .mtu = 1500, .vlan = INTERFACE_VLAN_NONE, .checksum = NETIF_CHECKSUM_ENABLE_ALL,
        .up = true};
    enum interface_refusal refusal;
    if (h == NULL || interface_new(h, &netif, &why, &refusal) == NULL)
        fatal(FATAL_INTERNAL, "bench: no host: %s", why);
    return h;
}

static struct udp_pcb *open_pcb(u16_t port, udp_recv_fn receive, void *arg)
{
    struct udp_pcb *pcb = udp_new();
    if (pcb == NULL || udp_bind(pcb, IP_ANY_TYPE, port) != ERR_OK)
        fatal(FATAL_INTERNAL, "bench: no UDP pcb");
    udp_recv(pcb, receive, arg);
    return pcb;
}

static void answer(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                   u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, addr, port);
    pbuf_free(p);
}

void peers_echo(struct host *h)
{
    host_enter(h);
    open_pcb(PEER_PORT, answer, NULL);
    host_leave(h);
}

static void transmit(struct client *c)
{
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, c->len, PBUF_RAM);
    if (p == NULL)
        fatal(FATAL_INTERNAL, "bench: no memory for a datagram");
    memset(p->payload, 0x55, c->len);
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(peers_addr(c->server)));
    udp_sendto(c->pcb, p, &to, PEER_PORT);
    pbuf_free(p);
}

static void came_back(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                      u16_t port)
{
    struct client *c = arg;
    (void)pcb;
    (void)addr;
    (void)port;
    pbuf_free(p);
    c->budget->frames += 2;
    if (c->budget->frames < c->budget->limit)
        transmit(c);
    else
        sim_interrupt(c->budget->world->sim);
}

void client_open(struct client *c, struct host *h, struct budget *b, uint32_t server, uint16_t len)
{
    *c = (struct client){.host = h, .budget = b, .server = server, .len = len};
    host_enter(h);
    c->pcb = open_pcb(0, came_back, c);
    host_leave(h);
}

void client_send(struct client *c)
{
    host_enter(c->host);
    transmit(c);
    host_leave(c->host);
}

void budget_run(struct budget *b)
{
    while (b->frames < b->limit) {
        world_forgive(b->world);
        enum sim_stop why = sim_run(b->world->sim, NEVER, UINT64_C(1) << 16);
        if (why == SIM_QUIET)
            fatal(FATAL_INTERNAL, "bench: the world fell silent");
    }
}
