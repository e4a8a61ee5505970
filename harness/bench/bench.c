/* harness/bench/bench.c: the table of benchmarks, timing, printing. */
#include "harness/bench/bench.h"

#include "harness/bench/goodput.h"
#include "harness/host/closest.h"
#include "harness/host/host.h"
#include "harness/host/world.h"
#include "harness/runner/cli.h"
#include "sim/arena.h"
#include "vnet/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPEATS 40u /* on a machine shared with others, the quiet moments count */
#define NS_PER_S 1000000000.0

const struct bench benches[] = {
    {"arp_exchange", "ARP request and reply between two hosts", "frame", 2000, 200000, pair_make,
     pair_arp, NULL, NULL},
    {"icmp_echo_56", "ping-pong of ICMP echo with 56 bytes of data", "frame", 2000, 200000,
     pair_make, pair_ping_56, NULL, NULL},
    {"udp_echo_64", "ping-pong of UDP datagrams of 64 bytes", "frame", 2000, 200000, pair_make,
     pair_udp_64, NULL, NULL},
    {"udp_echo_1472", "the same with 1472 bytes, a full frame", "frame", 2000, 100000, pair_make,
     pair_udp_1472, NULL, NULL},
    {"star_1000_udp", "999 hosts in ping-pong with one, on a switch", "frame", 20000, 200000,
     star_make, star_udp, NULL, NULL},
    {"tcp_bulk_64k", "a TCP connection at full speed, window and send buffer of 64,240 bytes",
     "frame", 4000, 100000, bulk_make_64k, bulk_run, NULL, NULL},
    {"tcp_bulk_256k", "the same with 262,144 bytes, scaled", "frame", 4000, 100000, bulk_make_256k,
     bulk_run, NULL, NULL},
    {"tcp_bulk_loss1", "64,240 bytes, and 1 % of the frames are lost", "frame", 4000, 50000,
     bulk_make_loss1, bulk_run, NULL, NULL},
    {"tcp_connect", "TCP connections, opened and closed", "connection", 200, 10000, connect_make,
     connect_run, NULL, NULL},
    {"star_1000_tcp", "999 hosts in ping-pong with one, on a switch, 64 bytes over TCP", "frame",
     20000, 200000, star_tcp_make, star_tcp, NULL, NULL},
    {"idle_1000x24h", "1000 idle TCP connections, keepalive on, 24 hours", "day", 1, 1, idle_make,
     idle_run, NULL, NULL},
    {"snapshot_256k", "snapshot and restore of a world of 256 KiB", "snapshot+restore", 100, 5000,
     snapshot_make, snapshot_cycle, NULL, NULL},
    {"events", "empty events, 10,000 of them pending", "event", 20000, 2000000, events_make,
     events_run, NULL, NULL},
    {"host_memory", "memory of one of 1000 hosts that have talked UDP", NULL, 0, 0, star_make, NULL,
     star_bytes_per_host, NULL},
    {GOODPUT_NAME, GOODPUT_WHAT, NULL, 0, 0, NULL, NULL, NULL, goodput_print},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

struct result {
    uint64_t units, virtual_ns, bytes_per_host;
    uint64_t cpu_ns; /* of the fastest repeat */
};

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct world *bench_world_open(size_t memory_bytes)
{
    if (!arena_open(memory_bytes)) {
        perror("lockwire-sim: bench: the world's memory cannot be mapped");
        return NULL;
    }
    struct world *w = world_new(1);
    if (w == NULL)
        return NULL;
    w->storm.limit.second = UINT64_MAX;
    w->storm.limit.instant = UINT64_MAX;
    w->capture = capture_open(w->sim, NULL, "");
    return w;
}

static bool measure(const struct bench *b, const struct cli *c, struct result *r)
{
    unsigned repeats = c->frames != 0 ? 1 : REPEATS;
    uint64_t count = c->frames != 0 ? c->frames : b->count;
    *r = (struct result){.cpu_ns = UINT64_MAX};
    struct world *w = bench_world_open(c->memory_bytes);
    if (w == NULL)
        return false;
    b->make(w);
    if (b->bytes_per_host != NULL)
        r->bytes_per_host = b->bytes_per_host(w);
    if (b->work != NULL) {
        b->work(w, b->warm);
        for (unsigned i = 0; i < repeats; i++) {
            uint64_t virtual_ns = w->sim->now_ns, before = cpu_ns();
            uint64_t units = b->work(w, count), spent = cpu_ns() - before;
            if (r->cpu_ns == UINT64_MAX || spent * r->units < r->cpu_ns * units) {
                r->cpu_ns = spent;
                r->units = units;
                r->virtual_ns = w->sim->now_ns - virtual_ns;
            }
        }
    }
    arena_close();
    return true;
}

static void print_json(const struct bench *b, const struct result *r, bool first)
{
    double cpu = (double)r->cpu_ns;
    printf("%s\n    {\"name\": \"%s\"", first ? "" : ",", b->name);
    if (b->unit != NULL) {
        double ns = cpu / (double)r->units;
        if (strcmp(b->unit, "frame") == 0)
            printf(", \"ns_per_frame\": %.2f, \"frames_per_s\": %.0f", ns, NS_PER_S / ns);
        else
            printf(", \"unit\": \"%s\", \"ns_per_unit\": %.2f", b->unit, ns);
        printf(", \"units\": %" PRIu64 ", \"cpu_s\": %.6f, \"virtual_s\": %.6f", r->units,
               cpu / NS_PER_S, (double)r->virtual_ns / NS_PER_S);
    }
    if (b->bytes_per_host != NULL)
        printf(", \"bytes_per_host\": %" PRIu64, r->bytes_per_host);
    printf("}");
}

static void print_text(const struct bench *b, const struct result *r)
{
    if (b->unit != NULL) {
        double ns = (double)r->cpu_ns / (double)r->units;
        printf("%-16s %10.1f ns/%s %12.0f/s %10.3f s CPU\n", b->name, ns, b->unit, NS_PER_S / ns,
               (double)r->cpu_ns / NS_PER_S);
    }
    if (b->bytes_per_host != NULL)
        printf("%-16s %10" PRIu64 " bytes/host\n", b->name, r->bytes_per_host);
}

static const char *bench_name(const void *ctx, size_t i)
{
    (void)ctx;
    return benches[i].name;
}

static bool is_wanted(const struct bench *b, const struct cli *c)
{
    return strcmp(c->bench, "all") == 0 || strcmp(c->bench, b->name) == 0;
}

static int unknown(const struct cli *c)
{
    char near[200];
    size_t n = closest_names(c->bench, bench_name, NULL, near, sizeof near);
    fprintf(stderr, "lockwire-sim: --bench: there is no benchmark \"%s\"%s%s%s (--help lists "
            "them)\n", c->bench, n > 0 ? ", did you mean " : "", near, n > 0 ? "?" : "");
    return EXIT_USAGE_ERROR;
}

static bool run(const struct bench *b, const struct cli *c, bool first)
{
    struct result r;

    if (b->print != NULL)
        return b->print(c->memory_bytes, c->json, first);
    if (!measure(b, c, &r))
        return false;
    if (c->json)
        print_json(b, &r, first);
    else
        print_text(b, &r);
    return true;
}

int bench_main(const struct cli *c)
{
    unsigned done = 0;
    host_check_every(0);
    for (const struct bench *b = benches; b->name != NULL; b++) {
        if (!is_wanted(b, c))
            continue;
        if (c->json && done == 0)
            printf("{\"benchmarks\": [");
        if (!run(b, c, done == 0))
            return EXIT_FATAL;
        fflush(stdout);
        done++;
    }
    if (done == 0)
        return unknown(c);
    if (c->json)
        printf("\n]}\n");
    return EXIT_OK;
}
