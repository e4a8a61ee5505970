/* harness/check/plant.c: see plant.h: for tests only. */
#include "harness/check/plant.h"

#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "vnet/frame.h"

#include "lwip/debug.h"
#include "lwip/mem.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FRAME 60u
#define POKE_NS 10000u
#define BACK_NS 1000000u

static void leak_pbuf(struct host *h)
{
    host_enter(h);
    (void)pbuf_alloc(PBUF_RAW, 100, PBUF_POOL);
    host_leave(h);
}

static void leak_heap(struct host *h)
{
    host_enter(h);
    (void)mem_malloc(100);
    host_leave(h);
}

static void lost_frame(struct host *h)
{
    (void)h;
    (void)frame_new(FRAME);
}

static void send_one(struct host *h)
{
    struct host_interface *i = h->interfaces;
    host_enter(h);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, FRAME, PBUF_RAM);
    memset(p->payload, 0xff, FRAME);
    i->netif.linkoutput(&i->netif, p);
    pbuf_free(p);
    host_leave(h);
}

static void storm(struct host *h)
{
    for (uint64_t n = 0; n <= h->world->storm.limit.instant; n++)
        send_one(h);
}

/* What happens at the planted event. */

static void arm(struct host *h, event_fn *fn, uint64_t after_ns)
{
    struct world *w = h->world;
    event_init(&w->planted, fn, h);
    queue_arm(w->sim->queue, &w->planted, w->sim->now_ns + after_ns);
}

/* Damage is noticed when the host is used. */
static void use_again(void *arg)
{
    struct host *h = arg;
    host_enter(h);
    host_leave(h);
    queue_arm(h->world->sim->queue, &h->world->planted, h->world->sim->now_ns + POKE_NS);
}

static void corrupt_queue(struct host *h)
{
    h->interfaces->netif.loop_cnt_current++;
    arm(h, use_again, POKE_NS);
}

static void corrupt_list(struct host *h)
{
    h->interfaces->netif.next = &h->interfaces->netif;
    arm(h, use_again, POKE_NS);
}

static void send_again(void *arg)
{
    struct host *h = arg;
    send_one(h);
    queue_arm(h->world->sim->queue, &h->world->planted, h->world->sim->now_ns + POKE_NS);
}

static void storm_slow(struct host *h)
{
    arm(h, send_again, POKE_NS);
}

static void loop_again(void *arg)
{
    struct host *h = arg;
    queue_arm(h->world->sim->queue, &h->event, h->world->sim->now_ns);
    queue_arm(h->world->sim->queue, &h->world->planted, h->world->sim->now_ns);
}

static void loop(struct host *h)
{
    arm(h, loop_again, 1);
}

static void go_back(void *arg)
{
    struct host *h = arg;
    host_enter(h);
    host_leave(h);
    h->world->sim->now_ns -= BACK_NS;
    host_enter(h);
    host_leave(h);
}

static void time_backwards(struct host *h)
{
    arm(h, go_back, 2 * BACK_NS);
}

static void panic(struct host *h)
{
    host_enter(h);
    LWIP_ASSERT("a planted bug", h == NULL);
    host_leave(h);
}

static void crash(struct host *h)
{
    (void)h;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void hang(struct host *h)
{
    (void)h;
    for (;;)
        pause();
}

/* In a frame without a tag. */
#define AT_TYPE 12u
#define AT_TTL 22u
#define AT_PROTO 23u

static err_t trap(struct pbuf *p, struct netif *netif)
{
    bool udp = pbuf_get_at(p, AT_TYPE) == 0x08 && pbuf_get_at(p, AT_PROTO) == 17;
    LWIP_ASSERT("a planted bug: a UDP datagram with a TTL of 0", !udp || pbuf_get_at(p, AT_TTL));
    return ethernet_input(p, netif);
}

static void frame(struct host *h)
{
    for (struct host_interface *i = h->interfaces; i != NULL; i = i->next)
        i->netif.input = trap;
}

static const struct {
    const char *name;
    void (*plant)(struct host *h);
} bugs[] = {
    {"leak_pbuf", leak_pbuf},         {"leak_heap", leak_heap},
    {"lost_frame", lost_frame},       {"corrupt_queue", corrupt_queue},
    {"corrupt_list", corrupt_list},   {"storm", storm},
    {"storm_slow", storm_slow},       {"loop", loop},
    {"time_backwards", time_backwards}, {"panic", panic},
    {"crash", crash},                 {"hang", hang},
    {"frame", frame},
};

bool plant_bug(struct host *h, const char *kind)
{
    for (size_t i = 0; i < sizeof bugs / sizeof bugs[0]; i++) {
        if (strcmp(bugs[i].name, kind) == 0) {
            bugs[i].plant(h);
            return true;
        }
    }
    return false;
}

const char *plant_kinds(void)
{
    return "leak_pbuf, leak_heap, lost_frame, corrupt_queue, corrupt_list, storm, storm_slow, "
           "loop, time_backwards, panic, crash, hang, frame";
}
