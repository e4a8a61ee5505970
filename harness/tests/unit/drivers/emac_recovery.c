/* After RxOverrun and TxUnderrun: nothing that the hardware had is lost or comes twice, and the
 * other channel goes on. */
#include "board.h"

#include "stack/drivers/lpc2468_regs.h"

static struct board *started(bool direct, unsigned full, bool interrupts)
{
    struct board *b = board_new(NULL);
    b->knobs.dma_anywhere = direct;
    b->knobs.rx_full = (uint8_t)full;
    b->eth.emac.interrupts = interrupts;
    board_start(b);
    return b;
}

/* The ring's 15 frames are received, the five behind them are lost, and it goes on. */
static void overrun(struct board *b, unsigned recoveries)
{
    for (uint32_t round = 0; round < 3; round++) {
        board_forget(b);
        b->busy = true;
        for (uint32_t i = 0; i < 20; i++)
            board_arrive_serial(b, 100, round * 100 + i, 0);
        board_run_us(b, 500);
        b->busy = false;
        board_run_us(b, 2000);
        CHECK_INT(b->received_count, 15);
        for (uint32_t i = 0; i < 10; i++)
            board_arrive_serial(b, 1000, round * 100 + 50 + i, 0);
        board_run_us(b, 10000);
        CHECK_INT(b->received_count, 25);
        for (unsigned i = 0; i < 15; i++)
            board_check_received(b, i, 100, round * 100 + i);
        for (unsigned i = 0; i < 10; i++)
            board_check_received(b, 15 + i, 1000, round * 100 + 50 + i);
        CHECK_INT(b->eth.mac.counters.rx_recoveries, (round + 1) * recoveries);
    }
    board_end(b);
}

UNIT(emac_recovery, overrun_keeps_what_was_received)
{
    overrun(started(false, EMAC_RX_FULL_OVERRUN, true), 1);
}

UNIT(emac_recovery, overrun_without_copy_keeps_what_was_received)
{
    overrun(started(true, EMAC_RX_FULL_OVERRUN, true), 1);
}

UNIT(emac_recovery, receiver_that_is_wedged_receives_again)
{
    overrun(started(false, EMAC_RX_FULL_WEDGE, true), 1);
}

UNIT(emac_recovery, silent_overrun_needs_no_recovery)
{
    overrun(started(false, EMAC_RX_FULL_SILENT, true), 0);
}

UNIT(emac_recovery, status_stall_of_the_receiver_is_recovered_from)
{
    for (unsigned polled = 0; polled < 2; polled++) {
        struct board *b = started(false, EMAC_RX_FULL_OVERRUN, polled == 0);
        for (uint32_t i = 0; i < 3; i++)
            board_arrive_serial(b, 700, i, i == 2 ? EMAC_RX_STALL : 0);
        board_run_us(b, 10000);
        CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
        for (uint32_t i = 3; i < 6; i++)
            board_arrive_serial(b, 700, i, 0);
        board_run_us(b, 10000);
        CHECK_INT(b->received_count, 5);
        for (unsigned i = 0; i < 5; i++)
            board_check_received(b, i, 700, i < 2 ? i : i + 1);
        board_end(b);
    }
}

/* Sending goes on while the receiver is rebuilt. */
UNIT(emac_recovery, transmitter_does_not_notice_the_receivers)
{
    struct board *b = started(false, EMAC_RX_FULL_WEDGE, true);
    b->busy = true;
    for (uint32_t i = 0; i < 18; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 95);
    for (uint32_t i = 0; i < 5; i++)
        CHECK_INT(board_send_serial(b, 1000, i), ERR_OK);
    board_run_us(b, 100);
    b->busy = false;
    board_run_us(b, 1000);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    CHECK_INT(b->sent_count, 5);
    for (unsigned i = 0; i < 5; i++)
        board_check_sent(b, i, 1000, i);
    board_end(b);
}

/* The n-th frame's status stalls: it was on the wire and is not repeated, those behind it follow,
 * in order, each once. */
static void stall(struct board *b, unsigned nth, unsigned frames, uint32_t bytes)
{
    board_forget(b);
    b->tx_fault = (struct emac_tx_fault){.status_stall = true};
    b->tx_fault_after = nth;
    b->tx_fault_armed = true;
    for (uint32_t i = 0; i < frames; i++)
        CHECK_INT(board_send_serial(b, bytes, i), ERR_OK);
    board_run_us(b, 20000);
    CHECK_INT(b->sent_count, frames);
    for (unsigned i = 0; i < frames; i++)
        board_check_sent(b, i, bytes, i);
}

UNIT(emac_recovery, status_stall_of_the_transmitter_loses_and_repeats_nothing)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        for (unsigned polled = 0; polled < 2; polled++) {
            struct board *b = started(direct != 0, 0, polled == 0);
            unsigned stalls = 0;
            for (unsigned frames = 1; frames <= 12; frames++)
                for (unsigned nth = 0; nth < frames; nth++, stalls++)
                    stall(b, nth, frames, 200 + frames);
            CHECK_INT(b->eth.mac.counters.tx_recoveries, stalls);
            CHECK_INT(b->eth.mac.counters.tx_unknown, stalls);
            CHECK_INT(b->eth.mac.tx_held, 0);
            board_end(b);
        }
    }
}

UNIT(emac_recovery, stall_with_long_frames_in_the_memory_ring)
{
    struct board *b = started(false, 0, true);
    for (unsigned nth = 0; nth < 18; nth++)
        stall(b, nth, 18, 1514);
    board_end(b);
}

/* Multi-fragment frames from pbufs move to the ring's front whole. */
UNIT(emac_recovery, stall_with_fragments_in_the_ring)
{
    struct board *b = started(true, 0, true);
    for (unsigned nth = 0; nth < 4; nth++) {
        board_forget(b);
        b->tx_fault = (struct emac_tx_fault){.status_stall = true};
        b->tx_fault_after = nth;
        b->tx_fault_armed = true;
        for (uint32_t i = 0; i < 4; i++) {
            uint8_t frame[900];
            board_make_frame(b, frame, sizeof frame, i);
            struct pbuf *p = board_chain(frame, sizeof frame, 3, i & 1 ? PBUF_RAM : PBUF_POOL);
            CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
            pbuf_free(p);
        }
        board_run_us(b, 20000);
        CHECK_INT(b->sent_count, 4);
        for (unsigned i = 0; i < 4; i++)
            board_check_sent(b, i, 900, i);
    }
    CHECK_INT(b->eth.mac.tx_held, 0);
    board_end(b);
}

/* Receiving goes on while the transmitter is rebuilt. */
UNIT(emac_recovery, receiver_does_not_notice_the_transmitters)
{
    struct board *b = started(false, 0, true);
    for (uint32_t i = 0; i < 30; i++)
        board_arrive_serial(b, 60, i, 0);
    stall(b, 1, 4, 60);
    board_check_all(b, 30, 60);
    board_end(b);
}

/* E1: TxConsumeIndex does not move with the first frame. No dummy frame: nothing is on the wire
 * that nobody sent, and the first frame's memory comes back in time. */
UNIT(emac_recovery, erratum_e1_costs_no_frame)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        struct board *b = board_new(NULL);
        b->knobs.tx_consume_erratum = true;
        b->knobs.dma_anywhere = direct != 0;
        board_add(b);
        board_partner(b, true, DM9161_ALL_MODES);
        netif_set_down(&b->netif); /* no announcements: the frame below is the very first */
        board_run_us(b, 3000000);
        CHECK_INT(b->sent_count, 0);
        CHECK_INT(board_send_serial(b, 100, 0), ERR_OK);
        board_run_us(b, 100);
        lpc2468_ethernetif_poll(&b->eth);
        CHECK_INT(board_reg(b, LPC_TXCONSUMEINDEX), 0);
        CHECK_INT(lpc2468_emac_tx_pending(&b->eth.mac), 0);
        CHECK_INT(b->eth.mac.tx_held, 0);
        for (uint32_t i = 1; i < 30; i++)
            CHECK_INT(board_send_serial(b, 100, i), ERR_OK);
        board_run_us(b, 2000);
        CHECK_INT(b->sent_count, 30);
        for (unsigned i = 0; i < 30; i++)
            board_check_sent(b, i, 100, i);
        stall(b, 3, 8, 100); /* and again after the reset of a recovery */
        stall(b, 0, 3, 100);
        board_end(b);
    }
}

/* E2: never fewer than six descriptors, whatever is asked for. */
UNIT(emac_recovery, erratum_e2_is_refused_by_configuration)
{
    struct board *b = board_new(NULL);
    b->knobs.rx_number_erratum = true;
    b->eth.emac.rx_descriptors = 6;
    b->eth.emac.rx_buffer_bytes = 1536;
    board_start(b);
    for (uint32_t i = 0; i < 20; i++)
        board_arrive_serial(b, 1000, i, 0);
    board_run_us(b, 3000);
    board_check_all(b, 20, 1000);
    struct lpc2468_emac e;
    struct lpc2468_emac_config c = {.rx_descriptors = 5};
    CHECK_INT(lpc2468_emac_init(&e, &b->bus, &c), ERR_ARG);
    board_end(b);
}
