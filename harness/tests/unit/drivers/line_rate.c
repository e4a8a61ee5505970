/* 100 Mbit/s, full duplex: shortest and longest frames, back to back, in both directions at once,
 * without a loss and without a gap longer than it has to be. */
#include "board.h"

#define FRAMES 3000u

struct load {
    struct board *b;
    uint32_t bytes, next;
};

/* Whatever room there is, is used at once, as a transmit task would. */
static void keep_sending(struct load *l)
{
    while (l->next < FRAMES && l->b->eth.queue_count < LPC2468_ETHERNETIF_QUEUE / 2) {
        CHECK_INT(board_send_serial(l->b, l->bytes, l->next), ERR_OK);
        l->next++;
    }
}

static void both_ways(bool direct, bool interrupts, uint32_t bytes, unsigned step_us)
{
    struct board *b = board_new(NULL);
    struct load load = {.b = b, .bytes = bytes};
    b->knobs.dma_anywhere = direct;
    b->eth.emac.interrupts = interrupts;
    board_start(b);
    CHECK_INT(b->eth.mac.mbps, 100);
    CHECK(b->eth.mac.full_duplex);
    for (uint32_t i = 0; i < FRAMES; i++)
        board_arrive_serial(b, bytes, i, 0);
    while (b->received_count < FRAMES || b->sent_count < FRAMES) {
        keep_sending(&load);
        if (!interrupts)
            lpc2468_ethernetif_poll(&b->eth);
        board_run_us(b, step_us);
        CHECKF(b->now_ns < 4000 * MS, "%u received, %u sent", b->received_count, b->sent_count);
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        board_check_received(b, i, bytes, i);
        board_check_sent(b, i, bytes, i);
    }
    for (unsigned i = 1; i < FRAMES; i++)
        CHECKF(b->sent[i].t_ns - b->sent[i - 1].t_ns == board_slot_ns(b, bytes), "frame %u", i);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 0);
    CHECK_INT(b->netif.mib2_counters.ifinerrors, 0);
    board_end(b);
}

/* A frame of 60 bytes and FCS takes 6.72 us with its gap. */
UNIT(line_rate, shortest_frames_by_interrupt)
{
    both_ways(false, true, 60, 20);
}

UNIT(line_rate, longest_frames_by_interrupt)
{
    both_ways(false, true, 1514, 100);
}

UNIT(line_rate, shortest_frames_by_interrupt_without_copy)
{
    both_ways(true, true, 60, 20);
}

UNIT(line_rate, longest_frames_by_interrupt_without_copy)
{
    both_ways(true, true, 1514, 100);
}

/* Polled: often enough that the ring never fills, 15 short frames or five long ones. */
UNIT(line_rate, shortest_frames_polled_each_60_us)
{
    both_ways(false, false, 60, 60);
}

UNIT(line_rate, longest_frames_polled_each_300_us)
{
    both_ways(false, false, 1514, 300);
}

/* Two devices on one cable, each at its full rate towards the other. */
static void two(uint32_t bytes, unsigned step_us)
{
    struct support s;
    support_begin(&s, NULL, 0);
    struct board *a = board_new(&s), *b = board_new(&s);
    b->number = 2;
    board_add(a);
    board_add(b);
    board_partner(a, true, DM9161_ALL_MODES);
    board_partner(b, true, DM9161_ALL_MODES);
    board_run_both_us(a, b, 3000000);
    CHECK(netif_is_link_up(&a->netif) && netif_is_link_up(&b->netif));
    board_forget(a);
    board_forget(b);
    a->peer = b;
    b->peer = a;
    uint8_t to_a[BOARD_FRAME_MAX], to_b[BOARD_FRAME_MAX];
    for (uint32_t next = 0; b->received_count < FRAMES || a->received_count < FRAMES;) {
        while (next < FRAMES && a->eth.queue_count < 8 && b->eth.queue_count < 8) {
            board_make_frame(b, to_b, bytes, next);
            board_make_frame(a, to_a, bytes, next);
            struct pbuf *p = board_chain(to_b, bytes, 1, PBUF_RAM);
            struct pbuf *q = board_chain(to_a, bytes, 1, PBUF_RAM);
            CHECK_INT(a->netif.linkoutput(&a->netif, p), ERR_OK);
            CHECK_INT(b->netif.linkoutput(&b->netif, q), ERR_OK);
            pbuf_free(p);
            pbuf_free(q);
            next++;
        }
        board_run_both_us(a, b, step_us);
        CHECK(a->now_ns < 4000 * MS);
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        board_check_received(a, i, bytes, i);
        board_check_received(b, i, bytes, i);
    }
    for (unsigned i = 1; i < FRAMES; i++)
        CHECK(a->sent[i].t_ns - a->sent[i - 1].t_ns == board_slot_ns(a, bytes));
    board_end(a);
    board_end(b);
    support_end(&s);
}

UNIT(line_rate, two_devices_exchange_shortest_frames)
{
    two(60, 20);
}

UNIT(line_rate, two_devices_exchange_longest_frames)
{
    two(1514, 100);
}
