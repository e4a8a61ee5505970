/* The receive path's knobs: readings of the sheet and errata (sheet, 8, 16, 18, 20). */
#include "emac_bench.h"

#define GOOD (S_LAST | S_ERROR | S_RANGE) /* with the quirk of 16, E4 */

/* The last bit of a frame of 60 bytes, now. */
static void end_of_frame(struct bench *b)
{
    emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60},
                 b->now);
}

UNIT(emac_rx_knobs, knob_finished_when_empty)
{
    struct bench *b = bench_started(&(struct emac_knobs){.finished_when_empty = true});

    for (unsigned i = 0; i < 3; i++)
        arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, INT_STATUS) & RX_FINISHED, 0);
    wr(b, RX_CONSUME, 2);
    CHECK_INT(rd(b, INT_STATUS) & RX_FINISHED, 0);
    wr(b, RX_CONSUME, 3);
    CHECK_INT(rd(b, INT_STATUS) & RX_FINISHED, RX_FINISHED);
    bench_end(b);
}

UNIT(emac_rx_knobs, knob_rx_full_in_its_three_readings)
{
    for (uint8_t full = 0; full < 3; full++) {
        struct bench *b = bench_started(&(struct emac_knobs){.rx_full = full});
        for (unsigned i = 0; i < 3; i++)
            arrive(b, frame(STATION, 60, (uint8_t)i), 60, 0);
        wr(b, INT_CLEAR, 0xffff);
        arrive(b, frame(STATION, 60, 9), 60, 0);
        CHECK_INT(rd(b, RX_PRODUCE), 3);
        CHECK_INT(rd(b, INT_STATUS), full == EMAC_RX_FULL_SILENT ? 0 : RX_OVERRUN);
        CHECK_INT(counters(b).rx_overrun, 1);
        wr(b, RX_CONSUME, 3);
        wr(b, INT_CLEAR, 0xffff);
        arrive(b, frame(STATION, 60, 5), 60, 0);
        CHECK_INT(rd(b, RX_PRODUCE), full == EMAC_RX_FULL_WEDGE ? 3 : 0);
        wr(b, COMMAND, rd(b, COMMAND) | 0x20);
        CHECK_INT(rd(b, COMMAND) & 0x38, 0);
        arrive(b, frame(STATION, 60, 6), 60, 0);
        CHECK_INT(rd(b, RX_PRODUCE), 1);
        CHECK_MEM(rx_buffer(b, 0), frame(STATION, 60, 6), 60);
        bench_end(b);
    }
}

UNIT(emac_rx_knobs, knob_vlan_runt)
{
    for (unsigned on = 0; on < 2; on++) {
        struct bench *b = bench_started(&(struct emac_knobs){.vlan_runt = on});
        uint8_t f[64];
        memcpy(f, frame(STATION, 64, 1), 64);
        memcpy(f + 12, "\x81\x00", 2);
        arrive(b, f, 63, 0);
        CHECK_INT(rd(b, RX_PRODUCE), !on);
        arrive(b, f, 64, 0);
        CHECK_INT(rd(b, RX_PRODUCE), 1 + !on);
        bench_end(b);
    }
}

UNIT(emac_rx_knobs, knob_no_fcs_stored)
{
    struct bench *b = bench_started(&(struct emac_knobs){.no_fcs_stored = true});

    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rx_status(b, 0) & 0x7ff, 59);
    CHECK_INT(rx_buffer(b, 0)[60], 0);
    bench_end(b);
}

UNIT(emac_rx_knobs, knob_no_descriptor_error_20_6)
{
    for (unsigned knob = 0; knob < 2; knob++) {
        struct bench *b = bench_new(
            &(struct emac_knobs){.no_range_quirk = true, .no_descriptor_error = knob});
        bench_start(b, 3, 4, 64);
        arrive(b, frame(STATION, 200, 1), 200, 0);
        CHECK_INT(rx_status(b, 0), 63);
        CHECK_INT(rx_status(b, 1), S_LAST | 0x20000000 | 63 | (knob ? S_ERROR : 0));
        CHECK_INT(rd(b, INT_STATUS) & RX_ERROR, RX_ERROR); /* either way */
        bench_end(b);
    }
}

UNIT(emac_rx_knobs, knob_rx_number_erratum_e2)
{
    for (uint32_t count = 4; count <= 6; count++) {
        struct bench *b = bench_new(&(struct emac_knobs){.rx_number_erratum = true});
        bench_start(b, count, 4, 512);
        CHECK_ARRIVES(b, 0, 1);
        CHECK_INT(rx_status(b, 0), count < 6 ? 0 : GOOD | 63);
        CHECK_INT(rx_status(b, 1), count < 6 ? GOOD | 63 : 0);
        bench_end(b);
    }
}

UNIT(emac_rx_knobs, knob_power_down_erratum_e6)
{
    for (unsigned reset = 0; reset < 2; reset++) {
        struct bench *b = bench_started(&(struct emac_knobs){.power_down_erratum = true});
        run_for(b, 20000);
        wr(b, POWER, 0x80000000);
        run_for(b, 1000);
        end_of_frame(b);
        wr(b, POWER, 0);
        CHECK_INT(rd(b, RX_PRODUCE), 0);
        CHECK_INT(counters(b).rx_reset, 1);
        if (reset != 0)
            wr(b, COMMAND, rd(b, COMMAND) | 0x20);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(rx_status(b, 0) & S_CRC, reset ? 0 : S_CRC);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(rx_status(b, 1) & S_CRC, 0);
        bench_end(b);
    }
}

/* More statuses than the block can hold back: a stall, fatal as any. */
UNIT(emac_rx_knobs, knob_dma_ns_too_long_stalls_the_receiver)
{
    struct bench *b = bench_new(&(struct emac_knobs){.dma_ns = 100000000, .no_range_quirk = true});

    bench_start(b, 100, 4, 61);
    for (unsigned i = 0; i < 31; i++)
        arrive(b, frame(STATION, 100, 1), 100, 0); /* two fragments each */
    CHECK_INT(rd(b, INT_STATUS), 0);
    arrive(b, frame(STATION, 200, 1), 200, 0); /* four; the block has room for two */
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, INT_STATUS), RX_OVERRUN);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    run_for(b, 200000000);
    CHECK_INT(rd(b, RX_PRODUCE), 64);
    CHECK_INT(rx_status(b, 61), S_LAST | 42);
    CHECK_INT(rx_status(b, 62), 60);
    CHECK_INT(rx_status(b, 63), S_LAST | S_ERROR | 0x10000000 | 60);
    CHECK_INT(rd(b, STATUS) & 1, 0);
    bench_end(b);
}

UNIT(emac_rx_knobs, knob_dma_ns_delays_status_index_and_interrupt)
{
    struct bench *b = bench_started(&(struct emac_knobs){.dma_ns = 20000});
    uint64_t t;

    arrive(b, frame(STATION, 60, 1), 60, 0);
    t = b->now;
    arrive(b, frame(STATION, 60, 2), 60, 0); /* overtakes nothing */
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(rx_status(b, 0), 0);
    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    CHECK_INT(rd(b, STATUS) & 1, 1); /* still in flight */
    CHECK_INT(emac_next(b->e), t + 20000);
    run_to(b, t + 20000);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_INT(rx_status(b, 0), GOOD | 63);
    CHECK(b->line);
    run_for(b, 20000);
    CHECK_INT(rd(b, RX_PRODUCE), 2);
    CHECK_INT(rd(b, STATUS) & 1, 0);
    bench_end(b);
}
