/* Receiving: every size, by copy and without, frames over several buffers, errors, no memory. */
#include "board.h"

#include "lwip/stats.h"
#include "stack/drivers/lpc2468_regs.h"

#define BYTES_MIN 60u
#define BYTES_MAX 1514u

static struct board *started(bool direct, uint16_t buffer_bytes)
{
    struct board *b = board_new(NULL);
    b->knobs.dma_anywhere = direct;
    b->eth.emac.rx_buffer_bytes = buffer_bytes;
    if (buffer_bytes > 700)
        b->eth.emac.rx_descriptors = 7;
    board_start(b);
    CHECK_INT(b->eth.mac.rx_direct, direct);
    return b;
}

static void receive_all_sizes(struct board *b)
{
    for (uint32_t bytes = BYTES_MIN; bytes <= BYTES_MAX; bytes++) {
        board_forget(b);
        board_arrive_serial(b, bytes, bytes, 0);
        board_run_us(b, 130);
        CHECK_INT(b->received_count, 1);
        board_check_received(b, 0, bytes, bytes);
    }
    CHECK_INT(b->netif.mib2_counters.ifinerrors, 0);
    CHECK_INT(b->eth.mac.counters.rx_frames, BYTES_MAX - BYTES_MIN + 1);
    board_end(b);
}

UNIT(emac_receive, every_size_is_received_over_several_buffers)
{
    receive_all_sizes(started(false, 0));
}

UNIT(emac_receive, every_size_is_received_in_one_buffer)
{
    receive_all_sizes(started(false, 1536));
}

/* The smallest buffers: the FCS is split in every way over the last two of up to 24 fragments. */
UNIT(emac_receive, every_size_is_received_in_tiny_buffers)
{
    struct board *b = board_new(NULL);
    b->eth.emac.rx_buffer_bytes = 64;
    b->eth.emac.rx_descriptors = 32;
    board_start(b);
    receive_all_sizes(b);
}

UNIT(emac_receive, every_size_is_received_without_copy)
{
    receive_all_sizes(started(true, 0));
}

/* Pool buffers smaller than a frame: the chain that goes up is the ring's own. */
UNIT(emac_receive, frames_without_copy_over_several_pool_buffers)
{
    struct support s;
    struct stack_config config = stack_config_default;
    config.pbuf_pool_bufsize = 512;
    support_begin(&s, &config, 0);
    struct board *b = board_new(&s);
    b->knobs.dma_anywhere = true;
    board_start(b);
    CHECK(b->eth.mac.rx_direct);
    CHECK_INT(b->eth.mac.rx_bytes, 512 - ETH_PAD_SIZE);
    for (uint32_t bytes = 500; bytes <= 1100; bytes++) {
        board_forget(b);
        board_arrive_serial(b, bytes, bytes, 0);
        board_run_us(b, 130);
        CHECK_INT(b->received_count, 1);
        CHECK_INT(b->received_chains, bytes > b->eth.mac.rx_bytes);
        board_check_received(b, 0, bytes, bytes);
    }
    board_end(b);
    support_end(&s);
}

/* Without the FCS in memory (20.1). */
UNIT(emac_receive, fcs_that_the_silicon_strips_is_not_stripped_again)
{
    struct board *b = board_new(NULL);
    b->knobs.no_fcs_stored = true;
    b->eth.emac.fcs_not_stored = true;
    board_start(b);
    receive_all_sizes(b);
}

UNIT(emac_receive, flat_frames_are_in_one_piece)
{
    struct board *b = board_new(NULL);
    b->eth.emac.flat = true;
    board_start(b);
    receive_all_sizes(b);
}

/* The ring's pbufs belong to whoever received them: they may be kept. */
UNIT(emac_receive, pool_that_runs_dry_costs_frames_not_the_ring)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        struct board *b = started(direct != 0, 0);
        struct pbuf *hoard = NULL, *p;
        while ((p = pbuf_alloc(PBUF_RAW, 1500, PBUF_POOL)) != NULL) {
            if (hoard != NULL)
                pbuf_cat(p, hoard);
            hoard = p;
            if (p->tot_len > 60000)
                break;
        }
        struct pbuf *more[16];
        unsigned count = 0;
        while (count < 16 && (more[count] = pbuf_alloc(PBUF_RAW, 60000, PBUF_POOL)) != NULL)
            count++;
        struct pbuf *last[256];
        unsigned lasts = 0;
        while ((last[lasts] = pbuf_alloc(PBUF_RAW, 1, PBUF_POOL)) != NULL)
            lasts++;
        for (uint32_t i = 0; i < 40; i++)
            board_arrive_serial(b, 600, i, 0);
        board_run_us(b, 3000);
        CHECK_INT(b->received_count, 0);
        CHECK_INT(b->eth.mac.counters.rx_no_memory, 40);
        CHECK_INT(b->netif.mib2_counters.ifindiscards, 40);
        pbuf_free(hoard);
        while (count > 0)
            pbuf_free(more[--count]);
        while (lasts > 0)
            pbuf_free(last[--lasts]);
        for (uint32_t i = 0; i < 40; i++)
            board_arrive_serial(b, 600, i, 0);
        board_run_us(b, 3000);
        board_check_all(b, 40, 600);
        board_end(b);
    }
}

UNIT(emac_receive, refused_pbuf_is_freed_by_the_driver)
{
    struct board *b = started(false, 0);
    b->input_result = ERR_MEM;
    board_arrive_serial(b, 100, 1, 0);
    board_run_us(b, 50);
    board_end(b); /* support_end() finds what is left behind */
}

static void one_bad(unsigned fault, size_t counter)
{
    struct board *b = started(false, 0);
    for (uint32_t i = 0; i < 3; i++)
        board_arrive_serial(b, 700, i, i == 1 ? fault : 0);
    board_run_us(b, 400);
    CHECK_INT(b->received_count, 2);
    board_check_received(b, 0, 700, 0);
    board_check_received(b, 1, 700, 2);
    uint32_t value;
    memcpy(&value, (const char *)&b->eth.mac.counters + counter, sizeof value);
    CHECK_INT(value, 1);
    CHECK_INT(b->netif.mib2_counters.ifinerrors, 1);
    board_end(b);
}

UNIT(emac_receive, wrong_checksum_costs_that_frame_alone)
{
    one_bad(EMAC_RX_CRC, offsetof(struct lpc2468_emac_counters, rx_crc));
}

UNIT(emac_receive, alignment_error_costs_that_frame_alone)
{
    one_bad(EMAC_RX_ALIGNMENT, offsetof(struct lpc2468_emac_counters, rx_alignment));
}

UNIT(emac_receive, symbol_error_costs_that_frame_alone)
{
    one_bad(EMAC_RX_SYMBOL, offsetof(struct lpc2468_emac_counters, rx_symbol));
}

UNIT(emac_receive, overrun_inside_the_block_costs_that_frame_alone)
{
    one_bad(EMAC_RX_OVERRUN, offsetof(struct lpc2468_emac_counters, rx_overrun));
}

UNIT(emac_receive, frame_cut_off_costs_that_frame_alone)
{
    one_bad(EMAC_RX_CUT, offsetof(struct lpc2468_emac_counters, rx_crc));
}

UNIT(emac_receive, runts_never_reach_the_driver)
{
    struct board *b = started(false, 0);
    for (uint32_t bytes = 14; bytes < 60; bytes++)
        board_arrive_serial(b, bytes, bytes, 0);
    board_run_us(b, 1000);
    CHECK_INT(b->received_count, 0);
    CHECK_INT(b->netif.mib2_counters.ifinerrors, 0);
    board_end(b);
}

/* RangeError is set for types, too: it is the length that counts (E4). */
UNIT(emac_receive, giants_are_dropped_and_what_maxf_allows_is_not)
{
    struct board *b = started(false, 0);
    board_arrive_serial(b, 1532, 1, 0);
    board_arrive_serial(b, 1533, 2, 0);
    board_arrive_serial(b, 2000, 3, 0);
    board_arrive_serial(b, 60, 4, 0);
    board_run_us(b, 1000);
    CHECK_INT(b->received_count, 2);
    board_check_received(b, 0, 1532, 1);
    board_check_received(b, 1, 60, 4);
    CHECK_INT(b->eth.mac.counters.rx_length, 2);
    board_end(b);
}

UNIT(emac_receive, statistics_count_as_the_virtual_interface_does)
{
    struct board *b = started(false, 0);
    const struct stats_mib2_netif_ctrs before = b->netif.mib2_counters;
    uint8_t frame[100] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    board_arrive(b, frame, 100, 0);
    board_arrive_serial(b, 80, 1, 0);
    board_run_us(b, 100);
    CHECK_INT(b->netif.mib2_counters.ifinoctets - before.ifinoctets, 180);
    CHECK_INT(b->netif.mib2_counters.ifinucastpkts - before.ifinucastpkts, 1);
    CHECK_INT(b->netif.mib2_counters.ifinnucastpkts - before.ifinnucastpkts, 1);
    board_end(b);
}

/* While the processor is away the ring holds what it can: 15 short frames. */
UNIT(emac_receive, ring_holds_what_its_size_says)
{
    struct board *b = started(false, 0);
    b->busy = true;
    for (uint32_t i = 0; i < 15; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    CHECK_INT(b->received_count, 0);
    b->busy = false;
    board_run_us(b, 1);
    board_check_all(b, 15, 60);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 0);
    board_end(b);
}

/* One interrupt for many frames: receive interrupts are masked while there is work. */
UNIT(emac_receive, frames_that_came_together_cost_one_interrupt)
{
    struct board *b = started(false, 0);
    b->busy = true;
    for (uint32_t i = 0; i < 10; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    unsigned before = b->served;
    b->busy = false;
    board_run_us(b, 1);
    CHECK_INT(b->received_count, 10);
    CHECK_INT(b->served, before + 1);
    board_end(b);
}

/* The other end is asked to pause while the ring is nearly full, and let go afterwards (11). */
UNIT(emac_receive, full_ring_sends_pause_if_the_link_agreed)
{
    struct board *b = board_new(NULL);
    b->eth.emac.pause_tx = b->eth.emac.pause_rx = true;
    board_start(b);
    CHECK(b->eth.mac.pause);
    b->busy = true;
    for (uint32_t i = 0; i < 13; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    b->busy = false;
    board_run_us(b, 100);
    CHECK_INT(b->received_count, 13);
    CHECK_INT(b->sent_count, 2);
    static const uint8_t to[6] = {0x01, 0x80, 0xc2, 0, 0, 1};
    CHECK_MEM(b->sent[0].data, to, 6);
    CHECK(b->sent[0].data[16] != 0);
    CHECK_INT(b->sent[1].data[16] | b->sent[1].data[17], 0);
    board_end(b);
}

/* ---- The protocol between service routine and receiver, step by step ---- */

static void arrive_60(struct board *b, uint32_t serial)
{
    board_arrive_serial(b, 60, serial, 0);
    board_run_us(b, 10);
}

static void take_good(struct board *b)
{
    struct lpc2468_emac_rx frame;

    CHECK(lpc2468_emac_receive(&b->eth.mac, &frame));
    CHECK_INT(frame.error, LPC2468_EMAC_RX_OK);
    pbuf_free(frame.p);
}

static bool nothing_more(struct board *b)
{
    struct lpc2468_emac_rx frame;

    return !lpc2468_emac_receive(&b->eth.mac, &frame);
}

UNIT(emac_receive, interrupts_are_masked_from_the_routine_until_done)
{
    struct board *b = started(false, 0);
    b->busy = true;
    arrive_60(b, 1);
    CHECK(b->irq);
    CHECK_INT(lpc2468_emac_interrupt(&b->eth.mac), LPC2468_EMAC_RECEIVE);
    CHECK(!b->irq);
    arrive_60(b, 2);
    CHECK(!b->irq); /* masked, though RxDone is set again */
    CHECK_INT(lpc2468_emac_interrupt(&b->eth.mac), 0);
    take_good(b);
    take_good(b);
    CHECK(nothing_more(b));
    CHECK(!lpc2468_emac_receive_done(&b->eth.mac));
    CHECK(!b->irq); /* what was received does not interrupt any more */
    arrive_60(b, 3);
    CHECK(b->irq);
    b->busy = false;
    board_run_us(b, 10);
    CHECK_INT(b->received_count, 1);
    board_end(b);
}

/* A frame that comes after the last look is not left behind. */
UNIT(emac_receive, done_says_so_when_something_has_come_meanwhile)
{
    struct board *b = started(false, 0);
    b->busy = true;
    arrive_60(b, 1);
    (void)lpc2468_emac_interrupt(&b->eth.mac);
    take_good(b);
    CHECK(nothing_more(b));
    arrive_60(b, 2);
    CHECK(lpc2468_emac_receive_done(&b->eth.mac));
    take_good(b);
    CHECK(nothing_more(b));
    CHECK(!lpc2468_emac_receive_done(&b->eth.mac));
    board_end(b);
}

/* The ring is not reset with frames in it, even if nobody asked for them yet. */
UNIT(emac_receive, recovery_waits_until_the_ring_has_been_received)
{
    struct board *b = started(false, 0);
    struct lpc2468_emac_rx frame;
    b->busy = true;
    for (uint32_t i = 0; i < 18; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    CHECK_INT(lpc2468_emac_interrupt(&b->eth.mac),
              LPC2468_EMAC_RECEIVE | LPC2468_EMAC_RX_RECOVER);
    CHECK(lpc2468_emac_rx_recover(&b->eth.mac, 3000));
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 0);
    for (uint32_t i = 0; i < 15; i++) {
        CHECK(lpc2468_emac_receive(&b->eth.mac, &frame));
        pbuf_free(frame.p);
    }
    CHECK(!lpc2468_emac_receive(&b->eth.mac, &frame));
    CHECK(!lpc2468_emac_rx_recover(&b->eth.mac, 3000));
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    CHECK(!lpc2468_emac_rx_recover(&b->eth.mac, 3000));
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    board_end(b);
}

/* While a frame is coming in, the receiver is not reset under it: Status says so (14.4). */
UNIT(emac_receive, recovery_waits_for_the_frame_on_the_wire)
{
    struct board *b = started(false, 0);
    board_arrive_serial(b, 1500, 7, 0);
    board_run_us(b, 50);
    b->eth.mac.rx_broken = true; /* as the service routine leaves it */
    lpc2468_ethernetif_poll(&b->eth);
    CHECK(b->eth.mac.rx_stopping);
    CHECK_INT(lpc2468_ethernetif_next_poll_ms(&b->eth), 1);
    board_run_us(b, 3000);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    CHECK_INT(b->received_count, 1);
    board_check_received(b, 0, 1500, 7);
    board_arrive_serial(b, 1500, 8, 0);
    board_run_us(b, 200);
    board_check_received(b, 1, 1500, 8);
    board_end(b);
}
