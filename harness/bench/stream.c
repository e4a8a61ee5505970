/* harness/bench/stream.c */
#include "harness/bench/stream.h"

#include "harness/bench/peers.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/world.h"

#include "lwip/tcp.h"

#define PATTERN 65535u

/* The bytes sent: what they are matters to nobody, but not all should be the same. */
static const uint8_t pattern[PATTERN] = {0x4c, 0x6f, 0x63, 0x6b, 0x77, 0x69, 0x72, 0x65};

static void fill(struct tcp_pcb *pcb)
{
    u32_t room = tcp_sndbuf(pcb);

    while (room != 0) {
        u16_t n = (u16_t)LWIP_MIN(room, PATTERN);
        if (tcp_write(pcb, pattern, n, TCP_WRITE_FLAG_COPY) != ERR_OK)
            return; /* the queue is full: more when some of it is acknowledged */
        room = tcp_sndbuf(pcb);
    }
}

static err_t more(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)arg;
    (void)len;
    fill(pcb);
    return ERR_OK;
}

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    fill(pcb);
    return ERR_OK;
}

static void failed(void *arg, err_t err)
{
    (void)arg;
    fatal(FATAL_INTERNAL, "bench: the connection ended with error %d", err);
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct stream *s = arg;

    (void)err;
    if (p == NULL)
        return ERR_OK;
    s->received += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    if (s->received >= s->until_bytes || segment_frames(s->segment) >= s->until_frames)
        sim_interrupt(s->world->sim);
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)err;
    tcp_arg(pcb, arg);
    tcp_recv(pcb, received);
    tcp_err(pcb, failed);
    return ERR_OK;
}

static void listen_at(struct stream *s, struct host *h)
{
    host_enter(h);
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL || tcp_bind(pcb, IP_ANY_TYPE, PEER_PORT) != ERR_OK ||
        (pcb = tcp_listen(pcb)) == NULL)
        fatal(FATAL_INTERNAL, "bench: cannot listen");
    tcp_arg(pcb, s);
    tcp_accept(pcb, accepted);
    host_leave(h);
}

static void connect_from(struct stream *s, struct host *h, uint32_t to)
{
    ip_addr_t addr;

    ip_addr_set_ip4_u32_val(addr, lwip_htonl(peers_addr(to)));
    host_enter(h);
    s->out = tcp_new();
    if (s->out == NULL)
        fatal(FATAL_INTERNAL, "bench: no TCP pcb");
    tcp_err(s->out, failed);
    tcp_sent(s->out, more);
    if (tcp_connect(s->out, &addr, PEER_PORT, connected) != ERR_OK)
        fatal(FATAL_INTERNAL, "bench: cannot connect");
    host_leave(h);
}

void stream_open(struct stream *s, struct world *w, struct segment *segment, uint32_t from,
                 uint32_t to)
{
    *s = (struct stream){.world = w, .segment = segment, .until_bytes = UINT64_MAX,
                         .until_frames = UINT64_MAX};
    listen_at(s, vector_get(&w->hosts, to));
    connect_from(s, vector_get(&w->hosts, from), to);
}

void stream_run(struct stream *s, uint64_t until_bytes, uint64_t until_frames)
{
    s->until_bytes = until_bytes;
    s->until_frames = until_frames;
    while (s->received < until_bytes && segment_frames(s->segment) < until_frames) {
        world_forgive(s->world);
        if (sim_run(s->world->sim, NEVER, UINT64_C(1) << 16) == SIM_QUIET)
            fatal(FATAL_INTERNAL, "bench: the connection fell silent");
    }
}
