/* The skeleton for a new MAC, on a MAC that is a queue of frames: it works before anybody fills it
 * in, and says so where the hardware is missing. */
#include "stack/drivers/ethernetif_skeleton.h"

#include "unit.h"

#include "../../stack/support.h"

#include "lwip/stats.h"
#include "netif/ethernet.h"

#define QUEUE 4u

struct mac {
    uint8_t frames[QUEUE][2048];
    uint16_t bytes[QUEUE];
    unsigned first, count;
    bool answers, link, loops; /* loops: what is sent comes back */
};

static bool start(void *ctx, const uint8_t address[6])
{
    const struct mac *m = ctx;
    return m->answers && (address[0] & 1) == 0;
}

static void *send_begin(void *ctx, uint16_t bytes)
{
    struct mac *m = ctx;
    CHECK(bytes >= 60 && bytes <= SKELETON_FRAME_MAX);
    return m->count < QUEUE ? m->frames[(m->first + m->count) % QUEUE] : NULL;
}

static void send_end(void *ctx, uint16_t bytes)
{
    struct mac *m = ctx;
    m->bytes[(m->first + m->count) % QUEUE] = bytes;
    m->count++;
}

static const void *receive_begin(void *ctx, uint16_t *bytes)
{
    struct mac *m = ctx;
    *bytes = m->bytes[m->first];
    return m->loops && m->count > 0 ? m->frames[m->first] : NULL;
}

static void receive_end(void *ctx)
{
    struct mac *m = ctx;
    m->first = (m->first + 1) % QUEUE;
    m->count--;
}

static bool get_link(void *ctx)
{
    return ((const struct mac *)ctx)->link;
}

struct bench {
    struct support s;
    struct mac mac;
    struct skeleton_ethernetif eth;
    struct netif netif;
    unsigned received;
    uint8_t last[2048];
    uint16_t last_bytes;
};

static struct bench bench; /* tests run in processes of their own, or one after the other */

static err_t on_input(struct pbuf *p, struct netif *netif)
{
    (void)netif;
    bench.received++;
    bench.last_bytes = pbuf_copy_partial(p, bench.last, sizeof bench.last, 0);
    if (bench.last[14] == 0xee)
        return ERR_VAL; /* the driver frees it then */
    pbuf_free(p);
    return ERR_OK;
}

static void begin(void)
{
    memset(&bench, 0, sizeof bench);
    support_begin(&bench.s, NULL, 0);
    bench.mac.answers = bench.mac.loops = true;
    bench.eth.mac = (struct skeleton_mac){.ctx = &bench.mac, .start = start,
                                          .send_begin = send_begin, .send_end = send_end,
                                          .receive_begin = receive_begin,
                                          .receive_end = receive_end, .link = get_link};
    bench.eth.address[0] = 2;
}

static void end(void)
{
    netif_remove(&bench.netif);
    support_end(&bench.s);
}

static struct netif *add(void)
{
    return netif_add(&bench.netif, NULL, NULL, NULL, &bench.eth, ethernetif_init, on_input);
}

static unsigned expected(unsigned i, unsigned bytes, uint8_t mark)
{
    if (i >= bytes)
        return 0; /* padding */
    return i == 14 ? mark : (i * 3u + mark) & 0xffu;
}

static err_t send(uint16_t bytes, unsigned pieces, uint8_t mark)
{
    uint8_t frame[2048];
    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)(i * 3 + mark);
    frame[14] = mark;
    struct pbuf *chain = NULL;
    uint16_t each = (uint16_t)(bytes / pieces);
    for (uint16_t at = 0, n; at < bytes; at = (uint16_t)(at + n)) {
        n = bytes - at < 2 * each ? (uint16_t)(bytes - at) : each;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, n, PBUF_RAM);
        CHECK(p != NULL);
        CHECK_INT(pbuf_take(p, frame + at, n), ERR_OK);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
    }
    err_t result = bench.netif.linkoutput(&bench.netif, chain);
    pbuf_free(chain);
    return result;
}

UNIT(skeleton, frames_pass_both_ways_whole_and_padded)
{
    begin();
    CHECK(add() == &bench.netif);
    for (uint16_t bytes = 15; bytes <= SKELETON_FRAME_MAX; bytes = (uint16_t)(bytes + 13)) {
        bench.received = 0;
        CHECK_INT(send(bytes, 1 + bytes % 5, 7), ERR_OK);
        ethernetif_input(&bench.netif);
        CHECK_INT(bench.received, 1);
        CHECK_INT(bench.last_bytes, bytes < 60 ? 60 : bytes);
        for (unsigned i = 0; i < bench.last_bytes; i++)
            CHECKF(bench.last[i] == expected(i, bytes, 7), "byte %u of %u", i, bytes);
    }
    end();
}

UNIT(skeleton, missing_hardware_is_reported_not_simulated)
{
    begin();
    bench.mac.answers = false;
    CHECK(add() == NULL);
    bench.eth.mac.start = NULL;
    CHECK(add() == NULL);
    bench.mac.answers = true;
    bench.eth.mac.start = start;
    bench.eth.mac.send_begin = NULL;
    bench.eth.mac.receive_begin = NULL;
    CHECK(add() == &bench.netif);
    CHECK_INT(send(60, 1, 1), ERR_IF);
    ethernetif_input(&bench.netif);
    CHECK_INT(bench.received, 0);
    end();
}

UNIT(skeleton, no_room_and_impossible_frames_are_refused)
{
    begin();
    CHECK(add() == &bench.netif);
    CHECK_INT(send(13, 1, 1), ERR_BUF);
    CHECK_INT(send(SKELETON_FRAME_MAX + 1, 1, 1), ERR_BUF);
    for (unsigned i = 0; i < QUEUE; i++)
        CHECK_INT(send(100, 1, 1), ERR_OK);
    CHECK_INT(send(100, 1, 1), ERR_MEM);
    ethernetif_input(&bench.netif);
    CHECK_INT(bench.received, QUEUE);
    CHECK_INT(send(100, 1, 1), ERR_OK);
    end();
}

UNIT(skeleton, refused_pbuf_is_freed)
{
    begin();
    CHECK(add() == &bench.netif);
    CHECK_INT(send(100, 1, 0xee), ERR_OK);
    ethernetif_input(&bench.netif);
    CHECK_INT(bench.received, 1);
    end(); /* which looks for pbufs left behind */
}

UNIT(skeleton, frames_of_impossible_length_are_dropped)
{
    begin();
    CHECK(add() == &bench.netif);
    CHECK_INT(send(100, 1, 1), ERR_OK);
    CHECK_INT(send(100, 1, 1), ERR_OK);
    bench.mac.bytes[0] = 5;
    bench.mac.bytes[1] = 2000;
    ethernetif_input(&bench.netif);
    CHECK_INT(bench.received, 0);
    CHECK_INT(bench.mac.count, 0);
    end();
}

UNIT(skeleton, link_follows_the_mac)
{
    begin();
    CHECK(add() == &bench.netif);
    ethernetif_check_link(&bench.netif);
    CHECK(!netif_is_link_up(&bench.netif));
    bench.mac.link = true;
    ethernetif_check_link(&bench.netif);
    CHECK(netif_is_link_up(&bench.netif));
    end();
}
