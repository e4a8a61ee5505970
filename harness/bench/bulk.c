/* harness/bench/bulk.c: one TCP connection at full speed over a link: no time stamps, MSS 1460,
 * send buffer and window of 44 segments (as lwIP's figures were measured), or 262,144 bytes,
 * scaled. */
#include "harness/bench/bench.h"
#include "harness/bench/peers.h"
#include "harness/bench/stream.h"
#include "harness/host/host.h"
#include "harness/host/options.h"

#define GIGABIT UINT64_C(1000000000)
#define LATENCY_NS 1000u
#define SMALL 64240u
#define LARGE 262144u
#define LARGE_SHIFT 3u

static struct stream stream; /* outside the world: only the bench's own */

static void make(struct world *w, uint32_t window, uint32_t shift, struct ratio loss)
{
    struct segment *s = peers_lossy(w, SEGMENT_LINK, GIGABIT, LATENCY_NS, loss);
    struct host_config config = {.name = ""};
    options_default(&config);
    config.stack.lwip_tcp_timestamps = 0;
    config.stack.tcp_wnd = window;
    config.stack.tcp_snd_buf = window;
    config.stack.tcp_rcv_scale = shift;
    peers_host_with(w, s, 1, &config.stack);
    peers_host_with(w, s, 2, &config.stack);
    stream_open(&stream, w, s, 1, 2);
}

void bulk_make_64k(struct world *w)
{
    make(w, SMALL, 0, (struct ratio){0, 1});
}

void bulk_make_256k(struct world *w)
{
    make(w, LARGE, LARGE_SHIFT, (struct ratio){0, 1});
}

void bulk_make_loss1(struct world *w)
{
    make(w, SMALL, 0, (struct ratio){1, 100});
}

uint64_t bulk_run(struct world *w, uint64_t frames)
{
    uint64_t before = segment_frames(stream.segment);
    (void)w;
    stream_run(&stream, UINT64_MAX, before + frames);
    return segment_frames(stream.segment) - before;
}
