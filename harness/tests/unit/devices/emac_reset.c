/* Resets, with frames in flight; power-up; the recipes of drivers (sheet, 14, 16 E5, 17, 19). */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"

static void fill_host_registers(struct bench *b)
{
    wr(b, FLOW_COUNTER, 0x12345678);
    wr(b, FILTER, 0x303f);
    wr(b, HASH_L, 0x11111111);
    wr(b, HASH_H, 0x22222222);
    wr(b, INT_ENABLE, 0x30ff);
    wr(b, INT_SET, 0x1000);
}

UNIT(emac_reset, section_14_1_reg_reset_clears_the_host_registers_and_not_the_macs)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 60, 1), 60, 0);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    fill_host_registers(b);
    CHECK(b->line);
    wr(b, COMMAND, rd(b, COMMAND) | 8);
    for (uint32_t offset = 0x100; offset < 0xffc; offset += 4)
        if (emac_register_name(offset) != NULL && offset != 0x208 && offset != 0xfe8 &&
            offset != 0xfec)
            CHECKF(rd(b, offset) == 0, "%s", emac_register_name(offset));
    CHECK(!b->line);
    CHECK_INT(rd(b, MAC1), 1);
    CHECK_INT(rd(b, MAC2), 0x31);
    CHECK_INT(rd(b, SA1), 0x1100);
    CHECK_INT(rd(b, SUPP), 0x100);
    CHECK_INT(rd(b, IPGT), 0x15);
    bench_end(b);
}

UNIT(emac_reset, section_14_1_tx_reset_in_mid_frame)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    wr(b, INT_CLEAR, 0xffff);
    ram32_set(b, TX_STATUSES + 4, 0x77777777);
    tx_send(b, frame(ALL, 1000, 1), 1000);
    run_for(b, (8 + 100) * 80);
    wr(b, COMMAND, rd(b, COMMAND) | 0x10);
    CHECK_INT(rd(b, COMMAND), 0x603); /* the bit clears itself, the enables stay */
    CHECK_INT(b->cut_count, 1);
    CHECK_INT(b->cut_bytes, 100);
    CHECK_INT(rd(b, TX_PRODUCE), 0);
    CHECK_INT(rd(b, TX_CONSUME), 0);
    CHECK_INT(rd(b, STATUS) & 2, 0);
    run_for(b, 1000000);
    CHECK_INT(tx_status(b, 1), 0x77777777);
    CHECK_INT(rd(b, INT_STATUS), 0);
    tx_send(b, frame(ALL, 70, 1), 70);
    CHECK_INT(last_sent(b)->length, 70);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), 0);
    bench_end(b);
}

UNIT(emac_reset, section_14_1_rx_reset_in_mid_frame)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 60, 1), 60, 0);
    wr(b, RX_CONSUME, 1);
    run_for(b, 1000);
    wr(b, COMMAND, rd(b, COMMAND) | 0x20);
    CHECK_INT(rd(b, COMMAND), 0x603);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(rd(b, RX_CONSUME), 0);
    run_for(b, 72 * 80 - 1);
    emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 2), .length = 60},
                 b->now);
    CHECK_INT(rd(b, RX_PRODUCE), 0); /* it had begun before */
    CHECK_INT(counters(b).rx_reset, 1);
    arrive(b, frame(STATION, 60, 3), 60, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_MEM(rx_buffer(b, 0), frame(STATION, 60, 3), 60);
    bench_end(b);
}

UNIT(emac_reset, section_14_1_rx_reset_makes_rx_status_0_until_the_channel_goes_on)
{
    static const uint32_t next[][2] = {{RX_CONSUME, 0}, {RX_DESCRIPTOR, 0}, {COMMAND, 0x602}};

    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = bench_started(NULL);
        CHECK_INT(rd(b, STATUS), 1);
        wr(b, COMMAND, 0x623); /* RxEnable is left on */
        CHECK_INT(rd(b, STATUS), 0);
        run_for(b, 100000);
        CHECK_INT(rd(b, STATUS), 0);
        if (i < 3)
            wr(b, next[i][0], next[i][0] == RX_DESCRIPTOR ? RX_DESCRIPTORS + 8 : next[i][1]);
        if (i == 1)
            expect_error(b, GUEST_RING_LIVE);
        wr(b, COMMAND, 0x603);
        if (i < 3)
            CHECK_INT(rd(b, STATUS), 1);
        CHECK_ARRIVES(b, 0, 1); /* a frame makes it go on as well */
        CHECK_INT(rd(b, STATUS), 1);
        bench_end(b);
    }
}

UNIT(emac_reset, knob_resets_disable_14_1)
{
    for (unsigned knob = 0; knob < 2; knob++) {
        struct bench *b = bench_started(&(struct emac_knobs){.resets_disable = knob});
        wr(b, COMMAND, 0x613);
        CHECK_INT(rd(b, COMMAND), knob ? 0x601 : 0x603);
        wr(b, COMMAND, 0x623);
        CHECK_INT(rd(b, COMMAND), knob ? 0x602 : 0x603);
        CHECK_ARRIVES(b, 0, knob ? 0 : 1);
        wr(b, COMMAND, 0x633);
        CHECK_INT(rd(b, COMMAND), knob ? 0x600 : 0x603);
        wr(b, COMMAND, 0x603);
        CHECK_ARRIVES(b, 0, 1);
        bench_end(b);
    }
}

UNIT(emac_reset, section_14_1_rx_reset_drops_statuses_under_way)
{
    struct bench *b = bench_started(&(struct emac_knobs){.dma_ns = 5000});

    arrive(b, frame(STATION, 60, 1), 60, 0);
    wr(b, COMMAND, rd(b, COMMAND) | 0x20);
    run_for(b, 10000);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(rx_status(b, 0), 0);
    bench_end(b);
}

UNIT(emac_reset, section_4_1_bits_8_9_and_15_hold_the_transmitter)
{
    static const uint32_t held[] = {0x100, 0x200, 0x8000};

    for (unsigned i = 0; i < 3; i++) {
        struct bench *b = bench_started(NULL);
        wr(b, MAC1, held[i] | 1);
        CHECK_INT(rd(b, MAC1), held[i] | 1); /* it does not clear itself */
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 1000000);
        CHECK_INT(b->sent_count, 0);
        CHECK_INT(rd(b, STATUS) & 2, 2);
        wr(b, COMMAND, rd(b, COMMAND) & ~2u);
        CHECK_INT(rd(b, STATUS) & 2, 0); /* RTEMS waits for that */
        wr(b, COMMAND, rd(b, COMMAND) | 2);
        wr(b, MAC1, 1);
        CHECK_INT(b->sent_count, 1);
        bench_end(b);
    }
}

UNIT(emac_reset, section_4_1_bits_8_and_15_cut_the_frame_and_9_does_not)
{
    static const uint32_t held[] = {0x100, 0x8000, 0x200};

    for (unsigned i = 0; i < 3; i++) {
        struct bench *b = bench_started(NULL);
        tx_send(b, frame(ALL, 1000, 1), 1000);
        run_for(b, (8 + 50) * 80);
        wr(b, MAC1, held[i] | 1);
        CHECK_INT(b->cut_count, i < 2);
        wr(b, COMMAND, rd(b, COMMAND) & ~2u);
        run_for(b, 100000);
        CHECK_INT(rd(b, STATUS) & 2, 0);
        CHECK_INT(rd(b, TX_CONSUME), 1);
        CHECK_INT(tx_status(b, 0), i < 2 ? S_ERROR | 0x20000000 : 0);
        bench_end(b);
    }
}

UNIT(emac_reset, section_4_1_bits_10_11_and_15_hold_the_receiver)
{
    static const uint32_t held[] = {0x400, 0x800, 0x8000};

    for (unsigned i = 0; i < 3; i++) {
        struct bench *b = bench_started(NULL);
        run_for(b, 100000);
        wr(b, MAC1, held[i] | 1);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        run_for(b, 1000);
        wr(b, MAC1, 1);
        run_for(b, 1000); /* a frame that began while it was held */
        emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60},
                     b->now);
        CHECK_INT(rd(b, RX_PRODUCE), 0);
        CHECK_INT(counters(b).rx_reset, 2);
        CHECK_ARRIVES(b, 0, 1);
        bench_end(b);
    }
}

UNIT(emac_reset, chip_reset_with_a_frame_in_flight)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 60, 1), 60, 0);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK(b->line);
    run_for(b, 2000);
    emac_reset(b->e, b->now);
    CHECK(!b->line);
    CHECK_INT(b->cut_count, 1);
    CHECK_INT(rd(b, MAC1), 0x8000);
    CHECK_INT(rd(b, RX_DESCRIPTOR), 0);
    CHECK_INT(rd(b, TX_NUMBER), 0);
    CHECK_INT(rd(b, INT_STATUS), 0);
    run_for(b, 1000000);
    CHECK_INT(tx_status(b, 0), 0);
    CHECK_INT(emac_next(b->e), EMAC_NEVER);
    bench_start(b, 4, 4, BUFFER);
    CHECK_ARRIVES(b, 0, 1);
    bench_end(b);
}

UNIT(emac_reset, section_3_after_power_up_nothing_passes_soft_reset)
{
    struct bench *b = bench_new(NULL);

    wr(b, COMMAND, 3);
    wr(b, MAC1, 0x8001);
    run_for(b, 100000);
    CHECK_ARRIVES(b, 0, 0);
    CHECK_INT(counters(b).rx_reset, 1);
    bench_end(b);
}

UNIT(emac_reset, guest_error_no_clock_reports_and_goes_on)
{
    for (uint32_t bit = 8; bit <= 0x20; bit <<= 1) {
        struct bench *b = bench_started(NULL);
        b->medium.clock = false;
        wr(b, COMMAND, 0x600 | bit);
        CHECK_INT(b->last_error.value, 0x600 | bit);
        expect_error(b, GUEST_NO_CLOCK);
        CHECK(!emac_hung(b->e));
        CHECK_INT(rd(b, COMMAND), bit == 8 ? 0 : 0x600);
        wr(b, COMMAND, 0x600); /* no reset, no complaint */
        bench_end(b);
    }
}

UNIT(emac_reset, knob_hang_without_clock_e5)
{
    struct bench *b = bench_new(&(struct emac_knobs){.hang_without_clock = true});

    b->medium.clock = false;
    wr(b, MAC1, 0xcf00); /* may be written */
    wr(b, MAXF, 1000);
    wr(b, COMMAND, 0x38);
    expect_error(b, GUEST_NO_CLOCK);
    CHECK(emac_hung(b->e));
    b->medium.clock = true;
    CHECK_INT(rd(b, MAXF), 0);
    wr(b, MAXF, 5);
    emac_reset(b->e, b->now);
    CHECK(!emac_hung(b->e));
    CHECK_INT(rd(b, MAXF), 0x600);
    bench_end(b);
}

/* RTEMS' and the sheet's recovery from RxOverrun, with frames arriving all the time. */
UNIT(emac_reset, section_17_recovery_of_the_receiver)
{
    struct bench *b = bench_started(NULL);

    for (unsigned i = 0; i < 5; i++)
        arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, INT_STATUS) & RX_OVERRUN, RX_OVERRUN);
    wr(b, MAC1, rd(b, MAC1) | 0x800);
    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    CHECK_INT(rd(b, STATUS) & 1, 0);
    wr(b, COMMAND, rd(b, COMMAND) | 0x20);
    for (unsigned i = 0; i < 4; i++) /* rebuilt, in another order */
        ram32_set(b, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + (3 - i) * BUFFER);
    wr(b, RX_DESCRIPTOR, RX_DESCRIPTORS);
    wr(b, RX_STATUS, RX_STATUSES);
    wr(b, RX_NUMBER, 3);
    wr(b, RX_CONSUME, 0);
    arrive(b, frame(STATION, 60, 2), 60, 0);
    wr(b, MAC1, rd(b, MAC1) & ~0x800u);
    wr(b, INT_CLEAR, 0xffff);
    wr(b, COMMAND, rd(b, COMMAND) | 1);
    wr(b, MAC1, rd(b, MAC1) | 1);
    arrive(b, frame(STATION, 60, 3), 60, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_MEM(rx_buffer(b, 3), frame(STATION, 60, 3), 60);
    bench_end(b);
}
