/* Line rate at 100 Mbit/s full duplex: least and largest frames back to back, both ways at once,
 * with an interrupt-driven driver that does what the sheet says, and nothing is lost. */
#include "emac_bench.h"

#define FRAMES 20000u

struct both {
    struct bench *b;
    uint32_t length, sent, received, filled;
    uint64_t last_ns;
    bool in_routine;
};

static uint32_t number_in(const uint8_t *p)
{
    return (uint32_t)p[14] << 24 | (uint32_t)p[15] << 16 | (uint32_t)p[16] << 8 | p[17];
}

static void make(uint8_t *f, uint32_t length, uint32_t number)
{
    memcpy(f, STATION "\x02\x00\x00\x00\x00\x01\x08\x00", 14);
    for (unsigned i = 0; i < 4; i++)
        f[14 + i] = (uint8_t)(number >> (24 - 8 * i));
    for (uint32_t i = 18; i < length; i++)
        f[i] = (uint8_t)(number + i);
}

static bool whole(const uint8_t *f, uint32_t length)
{
    uint32_t number = number_in(f);

    for (uint32_t i = 18; i < length; i++)
        if (f[i] != (uint8_t)(number + i))
            return false;
    return true;
}

static void send_more(struct both *d)
{
    struct bench *b = d->b;
    uint8_t f[1514];
    uint32_t produce = rd(b, TX_PRODUCE);

    while (d->filled < FRAMES && (produce + 1) % 4 != rd(b, TX_CONSUME)) {
        make(f, d->length, d->filled++);
        tx_put(b, produce, f, d->length, C_LAST | C_INT);
        produce = (produce + 1) % 4;
        wr(b, TX_PRODUCE, produce);
    }
}

static void take_received(struct both *d)
{
    struct bench *b = d->b;
    uint32_t consume = rd(b, RX_CONSUME);

    for (; consume != rd(b, RX_PRODUCE); consume = (consume + 1) % 4) {
        CHECK_INT(rx_status(b, consume), S_LAST | (d->length + 3));
        const uint8_t *f = rx_buffer(b, consume);
        CHECK_INT(number_in(f), d->received);
        CHECK(whole(f, d->length));
        d->received++;
    }
    wr(b, RX_CONSUME, consume);
}

static void routine(struct both *d)
{
    struct bench *b = d->b;

    while (b->line) {
        uint32_t status = rd(b, INT_STATUS);
        CHECK_INT(status & (RX_OVERRUN | RX_ERROR | TX_UNDERRUN | TX_ERROR), 0);
        wr(b, INT_CLEAR, status);
        take_received(d);
        send_more(d);
    }
}

/* Frames leave every `slot` ns exactly and in order. */
static void check_sent(struct both *d, uint64_t slot)
{
    struct bench *b = d->b;

    while (d->sent < b->sent_count) {
        const struct bench_frame *f = &b->sent[d->sent % SENT_MAX];
        CHECK_INT(number_in(f->bytes), d->sent);
        CHECK(f->length == d->length && !f->bad_fcs && whole(f->bytes, d->length));
        if (d->sent > 0)
            CHECK_INT(f->t_ns - d->last_ns, slot);
        d->last_ns = f->t_ns;
        d->sent++;
    }
}

static void carry(uint32_t length)
{
    struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});
    struct both d = {.b = b, .length = length};
    uint64_t slot = (8 + length + 4 + 12) * 80, first;
    uint8_t f[1514];

    send_more(&d);
    first = b->now + slot;
    for (uint32_t i = 0; i < FRAMES; i++) {
        while (emac_next(b->e) <= first + i * slot) {
            b->now = emac_next(b->e);
            emac_advance(b->e, b->now);
            routine(&d);
        }
        b->now = first + i * slot;
        make(f, length, i);
        emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = length}, b->now);
        routine(&d);
        check_sent(&d, slot);
    }
    CHECK_INT(d.received, FRAMES);
    CHECK_INT(d.sent, FRAMES);
    CHECK_INT(counters(b).rx_stored, FRAMES);
    bench_end(b);
}

UNIT(emac_line_rate, least_frames_both_ways_without_loss)
{
    carry(60);
}

UNIT(emac_line_rate, largest_frames_both_ways_without_loss)
{
    carry(1514);
}
