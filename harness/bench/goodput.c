/* harness/bench/goodput.c: congestion control by loss and round trip time.
 *
 * One connection over a link of 100 Mbit/s with room for 4000 frames, 2 MiB of window and send
 * buffer, time stamps, SACK and RACK on, every segment acknowledged at once (what the constant of
 * the models, the square root of 3/2, assumes). Both directions lose frames. The round trip is what
 * a full segment and its ACK take on the idle link, their own length included. Measured is the time
 * from the moment when `warm` bytes have arrived until `bytes` more have: slow start is over. */
#include "harness/bench/goodput.h"

#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/bench/stream.h"
#include "harness/host/host.h"
#include "harness/host/options.h"
#include "harness/host/world.h"
#include "sim/arena.h"

#include <inttypes.h>
#include <stdio.h>

#define RATE_BPS UINT64_C(100000000)
#define NS_PER_MS 1000000u
#define OVERHEAD 24u                       /* on the medium: check sequence, preamble, gap */
#define LONGEST (14u + 1500 + OVERHEAD)    /* a full segment */
#define ACK (14u + 20 + 20 + 12 + OVERHEAD) /* with a time stamp */
#define NS_PER_S UINT64_C(1000000000)
#define WINDOW (2u << 20)
#define SHIFT 6u
#define HEAP (8u << 20)
#define SEGMENTS 8192u
#define MB UINT64_C(1000000)

static const char *const algorithms[] = {"newreno", "cubic"};
static const uint32_t round_trips_ms[] = {1, 10, 100};

/* Enough bytes for the figures to settle where frames are lost: with other seeds they differ by
 * 3 % at a loss of 0.1 %, by 1 % at 1 %; at 5 % by 5 %, and by 20 % on the short path, where a
 * single timeout is as long as a thousand round trips. */
static const struct row {
    const char *text;
    struct ratio loss;
    uint64_t warm, bytes;
} rows[] = {
    {"0", {0, 1}, 10 * MB, 20 * MB},
    {"1/1000", {1, 1000}, 10 * MB, 300 * MB},
    {"1/100", {1, 100}, 2 * MB, 200 * MB},
    {"1/20", {1, 20}, MB, 60 * MB},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct stream stream; /* outside the world: only the bench's own */

/* One way, for a round trip of so much. */
static uint64_t latency_ns(uint32_t rtt_ms)
{
    return (rtt_ms * NS_PER_MS - (LONGEST + ACK) * 8 * NS_PER_S / RATE_BPS) / 2;
}

static void make(struct world *w, uint32_t algorithm, struct ratio loss, uint32_t rtt_ms)
{
    struct segment *s = peers_lossy(w, SEGMENT_LINK, RATE_BPS, latency_ns(rtt_ms), loss);
    struct host_config config = {.name = ""};
    options_default(&config);
    config.stack.tcp_cc = algorithm;
    config.stack.tcp_wnd = config.stack.tcp_snd_buf = WINDOW;
    config.stack.tcp_rcv_scale = SHIFT;
    config.stack.lwip_tcp_rack = 1;
    config.stack.tcp_delack_ms = 0;
    config.stack.tcp_snd_queuelen = SEGMENTS;
    config.stack.memp_num_tcp_seg = SEGMENTS;
    config.stack.mem_size = HEAP;
    config.stack.pbuf_pool_size = SEGMENTS; /* what arrives out of order waits in them */
    peers_host_with(w, s, 1, &config.stack);
    peers_host_with(w, s, 2, &config.stack);
    stream_open(&stream, w, s, 1, 2);
}

/* Bits per second; 0: no world. */
static uint64_t measure(size_t memory_bytes, uint32_t algorithm, const struct row *r,
                        uint32_t rtt_ms)
{
    struct world *w = bench_world_open(memory_bytes);
    if (w == NULL)
        return 0;
    make(w, algorithm, r->loss, rtt_ms);
    stream_run(&stream, r->warm, UINT64_MAX);
    uint64_t begin_ns = w->sim->now_ns, before = stream.received;
    stream_run(&stream, before + r->bytes, UINT64_MAX);
    uint64_t ns = w->sim->now_ns - begin_ns, bits = (stream.received - before) * 8;
    arena_close();
    return bits * NS_PER_S / ns;
}

static bool print_row(size_t memory_bytes, uint32_t algorithm, const struct row *r, bool json,
                      bool first)
{
    if (!json)
        printf("%-16s %-8s loss %-7s", first ? GOODPUT_NAME : "", algorithms[algorithm], r->text);
    for (size_t i = 0; i < COUNT(round_trips_ms); i++) {
        uint64_t bps = measure(memory_bytes, algorithm, r, round_trips_ms[i]);
        if (bps == 0)
            return false;
        if (json)
            printf("%s\n      {\"cc\": \"%s\", \"loss\": \"%s\", \"rtt_ms\": %" PRIu32
                   ", \"goodput_bps\": %" PRIu64 "}", first && i == 0 ? "" : ",",
                   algorithms[algorithm], r->text, round_trips_ms[i], bps);
        else
            printf(" %10.3f Mbit/s at %3" PRIu32 " ms", (double)bps / 1e6, round_trips_ms[i]);
    }
    if (!json)
        printf("\n");
    fflush(stdout);
    return true;
}

bool goodput_print(size_t memory_bytes, bool json, bool first)
{
    if (json)
        printf("%s\n    {\"name\": \"%s\", \"goodput\": [", first ? "" : ",", GOODPUT_NAME);
    for (uint32_t a = 0; a < COUNT(algorithms); a++)
        for (size_t i = 0; i < COUNT(rows); i++)
            if (!print_row(memory_bytes, a, &rows[i], json, a == 0 && i == 0))
                return false;
    if (json)
        printf("]}");
    return true;
}
