/* The receive path: store, fragments, statuses, enables, errors of frames (sheet, 4.17, 5, 8). */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"
#define GOOD (S_LAST | S_ERROR | S_RANGE) /* with the quirk of 16, E4 */

/* The last bit of a frame of 60 bytes, now. */
static void end_of_frame(struct bench *b)
{
    emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60},
                 b->now);
}

UNIT(emac_rx, section_8_a_frame_is_in_memory_when_its_last_bit_has_come)
{
    struct bench *b = bench_started(NULL);
    uint8_t fcs[4];

    arrive(b, frame(STATION, 100, 4), 100, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_INT(rx_status(b, 0), GOOD | 103);
    CHECK_MEM(rx_buffer(b, 0), frame(STATION, 100, 4), 100);
    slow_fcs(frame(STATION, 100, 4), 100, fcs);
    CHECK_MEM(rx_buffer(b, 0) + 100, fcs, 4);
    CHECK_INT(rd(b, INT_STATUS), RX_DONE | RX_ERROR); /* E4 */
    CHECK(b->line);
    CHECK_INT(counters(b).rx_stored, 1);
    bench_end(b);
}

UNIT(emac_rx, section_5_interrupt_bit_of_the_descriptor_decides_about_rx_done)
{
    struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});

    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    ram32_set(b, RX_DESCRIPTORS + 4, BUFFER - 1);
    wr(b, COMMAND, rd(b, COMMAND) | 1);
    arrive(b, frame(STATION, 60, 4), 60, 0);
    CHECK_INT(rd(b, INT_STATUS), 0);
    arrive(b, frame(STATION, 60, 4), 60, 0);
    CHECK_INT(rd(b, INT_STATUS), RX_DONE);
    CHECK_INT(rx_status(b, 0), S_LAST | 63);
    bench_end(b);
}

UNIT(emac_rx, section_8_3_a_long_frame_goes_on_in_the_next_descriptor)
{
    struct bench *b = bench_new(&(struct emac_knobs){.no_range_quirk = true});

    bench_start(b, 8, 4, 64);
    arrive(b, frame(STATION, 150, 7), 150, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 3);
    CHECK_INT(rx_status(b, 0), 63);
    CHECK_INT(rx_status(b, 1), 63);
    CHECK_INT(rx_status(b, 2), S_LAST | (154 - 128 - 1));
    CHECK_INT(rx_hash(b, 0), rx_hash(b, 2));
    CHECK_INT(rx_hash(b, 1), rx_hash(b, 2));
    CHECK_MEM(rx_buffer(b, 0), frame(STATION, 150, 7), 150);
    arrive(b, frame(STATION, 124, 8), 124, 0); /* 128 fill two exactly */
    CHECK_INT(rd(b, RX_PRODUCE), 5);
    CHECK_INT(rx_status(b, 4), S_LAST | 63);
    bench_end(b);
}

UNIT(emac_rx, section_5_an_unaligned_buffer_takes_it)
{
    struct bench *b = bench_started(NULL);

    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    ram32_set(b, RX_DESCRIPTORS, RX_BUFFERS + 2);
    ram32_set(b, RX_DESCRIPTORS + 4, C_INT | (BUFFER - 3));
    wr(b, COMMAND, rd(b, COMMAND) | 1);
    arrive(b, frame(STATION, 61, 4), 61, 0);
    CHECK_MEM(rx_buffer(b, 0) + 2, frame(STATION, 61, 4), 61);
    bench_end(b);
}

UNIT(emac_rx, section_8_no_descriptor_ends_a_frame_that_does_not_fit)
{
    struct bench *b = bench_new(&(struct emac_knobs){.no_range_quirk = true});

    bench_start(b, 4, 4, 64);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    wr(b, INT_CLEAR, 0xffff);
    arrive(b, frame(STATION, 200, 2), 200, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 3);
    CHECK_INT(rx_status(b, 1), 63);
    CHECK_INT(rx_status(b, 2), S_LAST | 0x20000000 | 63); /* not in Error: 20.6 */
    CHECK_INT(rd(b, INT_STATUS), RX_DONE | RX_ERROR | RX_FINISHED);
    CHECK_MEM(rx_buffer(b, 1), frame(STATION, 200, 2), 128);
    bench_end(b);
}

UNIT(emac_rx, section_20_3_rx_finished_when_the_last_free_one_is_used)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 60, 1), 60, 0);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, INT_STATUS) & RX_FINISHED, 0);
    CHECK_INT(rd(b, STATUS) & 1, 1);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, INT_STATUS) & RX_FINISHED, RX_FINISHED);
    CHECK_INT(rd(b, STATUS) & 1, 0); /* 14.4 */
    wr(b, RX_CONSUME, 1);
    CHECK_INT(rd(b, STATUS) & 1, 1);
    bench_end(b);
}

UNIT(emac_rx, section_19_consume_set_to_produce_flushes)
{
    struct bench *b = bench_started(NULL);

    for (unsigned i = 0; i < 3; i++)
        arrive(b, frame(STATION, 60, 1), 60, 0);
    wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
    for (unsigned i = 0; i < 3; i++)
        arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 2);
    CHECK_INT(counters(b).rx_stored, 6);
    bench_end(b);
}

UNIT(emac_rx, section_6_enabled_before_bases_and_number)
{
    struct bench *b = bench_new(NULL);

    bench_start(b, 4, 4, BUFFER);
    wr(b, COMMAND, 8);
    wr(b, COMMAND, 0x601); /* FreeBSD: RxEnable first */
    CHECK_INT(rd(b, STATUS), 0);
    wr(b, FILTER, 0x22);
    wr(b, RX_NUMBER, 3);
    wr(b, RX_STATUS, RX_STATUSES);
    wr(b, RX_DESCRIPTOR, RX_DESCRIPTORS);
    CHECK_INT(rd(b, STATUS), 1);
    CHECK_ARRIVES(b, 0, 1);
    bench_end(b);
}

UNIT(emac_rx, section_6_a_ring_of_one_is_always_full)
{
    struct bench *b = bench_new(NULL);

    bench_start(b, 1, 1, BUFFER);
    CHECK_INT(rd(b, STATUS), 0);
    CHECK_ARRIVES(b, 0, 0);
    CHECK_INT(rd(b, INT_STATUS), RX_OVERRUN);
    bench_end(b);
}

UNIT(emac_rx, section_4_1_bit_0_counts_at_the_first_bit)
{
    struct bench *b = bench_started(NULL);

    wr(b, MAC1, 0);
    run_for(b, 20000);
    wr(b, MAC1, 1); /* now: a frame of 60 that ends in 72 byte times has just begun */
    run_for(b, 72 * 80);
    end_of_frame(b);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    wr(b, MAC1, 0);
    run_for(b, 20000);
    wr(b, MAC1, 1);
    run_for(b, 72 * 80 - 1);
    end_of_frame(b);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_INT(counters(b).rx_disabled, 1);
    run_for(b, 20000);
    wr(b, MAC1, 0); /* off in mid-frame: it comes to its end */
    run_for(b, 72 * 80 - 1);
    end_of_frame(b);
    CHECK_INT(rd(b, RX_PRODUCE), 2);
    CHECK_ARRIVES(b, 0, 2);
    bench_end(b);
}

UNIT(emac_rx, section_4_1_bit_0_off_and_on_again_within_a_frame_keeps_it)
{
    struct bench *b = bench_started(NULL);

    run_for(b, 20000);
    wr(b, MAC1, 0);
    run_for(b, 1000);
    wr(b, MAC1, 1);
    run_for(b, 1000);
    end_of_frame(b);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    bench_end(b);
}

UNIT(emac_rx, section_4_15_bit_0_and_14_3_rx_enable_must_be_on_at_the_first_bit)
{
    struct bench *b = bench_started(NULL);

    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    CHECK_ARRIVES(b, 0, 0);
    wr(b, COMMAND, rd(b, COMMAND) | 1);
    run_for(b, 1000);
    end_of_frame(b);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(counters(b).rx_disabled, 2);
    CHECK_ARRIVES(b, 0, 1);
    bench_end(b);
}

UNIT(emac_rx, section_14_4_rx_enable_cleared_in_mid_frame)
{
    for (unsigned announced = 0; announced < 2; announced++) {
        struct bench *b = bench_started(NULL);
        uint64_t end = b->now + 72 * 80;
        if (announced != 0)
            emac_carrier(b->e, end, b->now);
        run_for(b, 1000);
        wr(b, COMMAND, rd(b, COMMAND) & ~1u);
        CHECK_INT(rd(b, STATUS) & 1, announced); /* known to be in flight, or not */
        run_to(b, end);
        end_of_frame(b);
        CHECK_INT(rd(b, STATUS) & 1, 0);
        CHECK_INT(rd(b, RX_PRODUCE), announced); /* never after Status said idle */
        bench_end(b);
    }
}

UNIT(emac_rx, section_8_errors_of_frames_and_their_bits)
{
    static const struct { unsigned faults; uint32_t status, rsv; } cases[] = {
        {EMAC_RX_CRC, S_CRC | S_ERROR, 1u << 20},
        {EMAC_RX_ALIGNMENT, S_CRC | 0x08000000 | S_ERROR, 1u << 20 | 1u << 26},
        {EMAC_RX_SYMBOL, 0x01000000 | S_ERROR, 1u << 19},
        {0, 0, 1u << 23}};

    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});
        arrive(b, frame(STATION, 60, 1), 60, cases[i].faults);
        CHECKF(rx_status(b, 0) == (S_LAST | 63 | cases[i].status), "case %u: 0x%x", i,
               rx_status(b, 0));
        CHECK_INT(rd(b, INT_STATUS), RX_DONE | (cases[i].faults != 0 ? RX_ERROR : 0));
        CHECKF(rd(b, RSV) == (64 | cases[i].rsv), "case %u: RSV 0x%x", i, rd(b, RSV));
        CHECK_INT(counters(b).rx_error, cases[i].faults != 0);
        CHECK_MEM(rx_buffer(b, 0), frame(STATION, 60, 1), 60);
        bench_end(b);
    }
}

UNIT(emac_rx, an_fcs_that_is_given_is_stored_and_judged)
{
    struct bench *b = bench_started(NULL);
    uint8_t fcs[4];

    slow_fcs(frame(STATION, 60, 1), 60, fcs);
    run_for(b, 100000);
    emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60,
                                              .fcs = fcs}, b->now);
    CHECK_INT(rx_status(b, 0) & S_CRC, 0);
    fcs[0] ^= 1;
    emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60,
                                              .fcs = fcs}, b->now);
    CHECK_INT(rx_status(b, 1) & S_CRC, S_CRC);
    CHECK_MEM(rx_buffer(b, 1) + 60, fcs, 4);
    bench_end(b);
}

UNIT(emac_rx, fault_overrun_is_not_fatal)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 96, 1), 96, EMAC_RX_OVERRUN);
    CHECK_INT(rx_status(b, 0), GOOD | 0x10000000 | 49);
    CHECK_INT(rd(b, INT_STATUS), RX_DONE | RX_ERROR);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rx_status(b, 1), GOOD | 63);
    bench_end(b);
}

UNIT(emac_rx, fault_stall_is_fatal_until_rx_reset)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 96, 1), 96, EMAC_RX_STALL);
    CHECK_INT(rd(b, INT_STATUS), RX_OVERRUN);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(rd(b, STATUS) & 1, 0);
    CHECK_ARRIVES(b, 0, 0);
    wr(b, COMMAND, rd(b, COMMAND) | 0x20);
    CHECK_ARRIVES(b, 0, 1);
    bench_end(b);
}

UNIT(emac_rx, fault_link_lost_in_mid_frame)
{
    struct bench *b = bench_started(NULL);

    arrive_cut(b, frame(STATION, 200, 1), 200, 100);
    CHECK_INT(rx_status(b, 0), GOOD | S_CRC | 99);
    CHECK_MEM(rx_buffer(b, 0), frame(STATION, 200, 1), 100);
    arrive_cut(b, frame(STATION, 200, 1), 200, 40); /* a fragment with a wrong FCS: no frame */
    arrive_cut(b, frame(STATION, 200, 1), 200, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_INT(counters(b).rx_runt, 1);
    bench_end(b);
}

UNIT(emac_rx, section_4_2_bits_8_and_9_preambles)
{
    struct bench *b = bench_started(NULL);

    CHECK_ARRIVES(b, EMAC_RX_PREAMBLE | EMAC_RX_LONG_PREAMBLE, 1);
    wr(b, MAC2, 0x131);
    CHECK_ARRIVES(b, EMAC_RX_PREAMBLE, 1);
    CHECK_ARRIVES(b, EMAC_RX_LONG_PREAMBLE, 2);
    CHECK_INT(rd(b, RSV) & 1u << 16, 1u << 16); /* the one before was ignored */
    wr(b, RX_CONSUME, 2);
    wr(b, MAC2, 0x231);
    CHECK_ARRIVES(b, EMAC_RX_LONG_PREAMBLE, 2);
    CHECK_ARRIVES(b, EMAC_RX_PREAMBLE, 3);
    bench_end(b);
}

UNIT(emac_rx, section_4_2_bit_3_delayed_crc)
{
    struct bench *b = bench_started(NULL);
    uint8_t f[104] = {0x0a, 0x0b, 0x0c, 0x0d}, fcs[4];

    memcpy(f + 4, frame(STATION, 100, 1), 100);
    slow_fcs(f + 4, 100, fcs);
    wr(b, MAC2, 0x39);
    run_for(b, 100000);
    emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = 104, .fcs = fcs}, b->now);
    CHECK_INT(rx_status(b, 0), GOOD | 107); /* filtered by the addresses behind the header */
    run_for(b, 100000);
    emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = 104}, b->now);
    CHECK_INT(rx_status(b, 1), GOOD | S_CRC | 107);
    bench_end(b);
}

UNIT(emac_rx, section_10_length_error_needs_the_check_and_a_length)
{
    static const struct { uint32_t mac2, length, field; bool error; } cases[] = {
        {0x33, 100, 86, false}, {0x33, 100, 85, true}, {0x33, 100, 87, true},
        {0x31, 100, 87, false},
        {0x37, 100, 87, false}, {0x33, 60, 38, false}, {0x33, 60, 46, false}, {0x33, 60, 47, true},
        {0x33, 100, 0x800, false}, {0x33, 100, 1500, true}, {0x33, 100, 1501, false}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});
        uint8_t f[100];
        memcpy(f, frame(STATION, 100, 1), 100);
        f[12] = (uint8_t)(cases[i].field >> 8);
        f[13] = (uint8_t)cases[i].field;
        wr(b, MAC2, cases[i].mac2);
        arrive(b, f, cases[i].length, 0);
        uint32_t expected = cases[i].error ? 0x02000000 | S_ERROR : 0;
        CHECKF((rx_status(b, 0) & 0xbf800000) == expected, "case %u: 0x%x", i, rx_status(b, 0));
        CHECK_INT(rd(b, RSV) >> 21 & 1, cases[i].error);
        CHECK_INT(rd(b, INT_STATUS) & RX_ERROR, cases[i].error ? RX_ERROR : 0);
        bench_end(b);
    }
}

UNIT(emac_rx, section_10_range_error_of_types_and_of_frames_over_maxf)
{
    static const struct { uint32_t mac2, maxf, type; bool quirk_off, status, rsv; } cases[] = {
        {0x31, 1536, 0x0800, false, true, true}, {0x31, 1536, 0x0806, false, true, true},
        {0x31, 1536, 0x86dd, false, true, true}, {0x31, 1536, 1518, false, false, false},
        {0x31, 1536, 1519, false, true, true},   {0x31, 1536, 0x0800, true, false, false},
        {0x35, 1536, 0x0800, false, false, false}, {0x31, 103, 46, false, true, false},
        {0x31, 104, 46, false, false, false},    {0x35, 103, 46, false, false, false},
        {0x31, 103, 0x0800, true, true, false}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = cases[i].quirk_off});
        uint8_t f[100];
        memcpy(f, frame(STATION, 100, 1), 100);
        f[12] = (uint8_t)(cases[i].type >> 8);
        f[13] = (uint8_t)cases[i].type;
        wr(b, MAC2, cases[i].mac2);
        wr(b, MAXF, cases[i].maxf);
        arrive(b, f, 100, 0);
        CHECKF(rx_status(b, 0) == (S_LAST | 103 | (cases[i].status ? S_RANGE | S_ERROR : 0)),
               "case %u: 0x%x", i, rx_status(b, 0));
        CHECK_INT(rd(b, RSV) >> 22 & 1, cases[i].rsv);
        bench_end(b);
    }
}

UNIT(emac_rx, section_5_status_bits_18_to_22_say_what_it_is)
{
    static const struct { char bytes[19]; uint32_t status, rsv; } cases[] = {
        {"\x02\x00\x00\x11\x22\x33\1\1\1\1\1\1\x00\x2e", 0, 0},
        {"\xff\xff\xff\xff\xff\xff\1\1\1\1\1\1\x00\x2e", 1u << 22, 1u << 25},
        {"\x01\x00\x5e\x00\x00\x01\1\1\1\1\1\1\x00\x2e", 1u << 21, 1u << 24},
        {"\x02\x00\x00\x11\x22\x33\1\1\1\1\1\1\x81\x00", 1u << 19, 1u << 30},
        {"\x02\x00\x00\x11\x22\x33\1\1\1\1\1\1\x88\x08\x00\x01\x00\x05", 1u << 18,
         1u << 27 | 1u << 28},
        {"\x02\x00\x00\x11\x22\x33\1\1\1\1\1\1\x88\x08\x00\x02\x00\x05", 1u << 18,
         1u << 27 | 1u << 29},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});
        uint8_t f[60] = {0};
        memcpy(f, cases[i].bytes, 18);
        wr(b, MAC1, 3);
        wr(b, FILTER, 0x26);
        arrive(b, f, 60, 0);
        CHECKF(rx_status(b, 0) == (S_LAST | 63 | cases[i].status), "case %u: 0x%x", i,
               rx_status(b, 0));
        CHECKF(rd(b, RSV) == (64 | 1u << 23 | cases[i].rsv), "case %u: 0x%x", i, rd(b, RSV));
        bench_end(b);
    }
}

UNIT(emac_rx, section_4_17_rsv_remembers_what_came_before)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame("\x02\2\2\2\2\2", 60, 1), 60, 0); /* filtered */
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RSV) >> 16 & 7, 1);
    arrive(b, frame(STATION, 40, 1), 40, 0); /* too short */
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RSV) >> 16 & 7, 2);
    arrive(b, frame(STATION, 60, 1), 0, EMAC_RX_SYMBOL); /* noise */
    wr(b, RX_CONSUME, 2);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RSV) >> 16 & 7, 4);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RSV) >> 16 & 7, 0);
    bench_end(b);
}

UNIT(emac_rx, section_4_15_bit_6_runts)
{
    static const struct { uint32_t length, faults; bool pass, stored; } cases[] = {
        {59, 0, false, false}, {59, 0, true, true}, {59, EMAC_RX_CRC, true, false},
        {60, 0, false, true},  {12, 0, true, true}, {11, 0, true, false}, {1, 0, true, false}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        wr(b, COMMAND, rd(b, COMMAND) | 0x80 | (cases[i].pass ? 0x40 : 0));
        arrive(b, frame(STATION, cases[i].length, 1), cases[i].length, cases[i].faults);
        CHECKF(rd(b, RX_PRODUCE) == cases[i].stored, "case %u", i);
        if (cases[i].stored)
            CHECK_INT(rx_status(b, 0) & 0x7ff, cases[i].length + 3);
        else
            CHECK_INT(counters(b).rx_runt, 1);
        CHECK_INT(rd(b, INT_STATUS) & RX_DONE, cases[i].stored ? RX_DONE : 0);
        bench_end(b);
    }
}

UNIT(emac_rx, nothing_is_heard_without_clock_link_or_pins)
{
    struct bench *b = bench_started(NULL);
    struct mii_state up = b->medium;

    for (unsigned i = 0; i < 3; i++) {
        b->medium = up;
        b->medium.clock = i != 0;
        b->medium.link = i != 1;
        b->medium.isolated = i == 2;
        arrive(b, frame(STATION, 60, 1), 60, 0);
    }
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(counters(b).rx_no_link, 3);
    bench_end(b);
}

UNIT(emac_rx, a_frame_over_the_largest_is_cut)
{
    struct bench *b = bench_new(NULL);
    uint8_t *big = (uint8_t *)frame(STATION, EMAC_FRAME_MAX, 1);

    bench_start(b, 4, 4, BUFFER);
    run_for(b, 10000000);
    emac_receive(b->e, &(struct emac_arrival){.bytes = big, .length = EMAC_FRAME_MAX}, b->now);
    CHECK_INT(rd(b, RSV) & 0xffff, EMAC_FRAME_MAX);
    CHECK_INT(rd(b, RX_PRODUCE), 3);
    CHECK_INT(rx_status(b, 2) & 0x60000000, 0x60000000);
    bench_end(b);
}
