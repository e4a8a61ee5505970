/* Flow control both ways and back-pressure (sheet, 4.8, 4.18, 11). */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"
#define QUANTUM 5120u /* 512 bit times at 100 Mbit/s */
#define PAUSE_NS ((8 + 64) * 80u)
#define GAP 960u

static void pause_in(struct bench *b, unsigned quanta)
{
    uint8_t f[60] = "\x01\x80\xc2\x00\x00\x01\1\1\1\1\1\1\x88\x08\x00\x01";

    f[16] = (uint8_t)(quanta >> 8);
    f[17] = (uint8_t)quanta;
    emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = 60}, b->now);
}

static struct bench *settled(bool full)
{
    struct bench *b = bench_new(NULL);

    b->medium.full_duplex = full;
    bench_start(b, 4, 4, BUFFER);
    run_for(b, 100000);
    return b;
}

UNIT(emac_flow, section_4_1_bit_2_a_pause_stops_the_transmitter)
{
    struct bench *b = settled(true);
    uint64_t t = b->now;

    pause_in(b, 10);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 1); /* RX FLOW CONTROL is off: ignored */
    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    t = b->now;
    pause_in(b, 10);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(emac_next(b->e), t + 10 * QUANTUM);
    CHECK_INT(rd(b, STATUS) & 2, 2);
    run_to(b, t + 10 * QUANTUM);
    CHECK_INT(last_sent(b)->t_ns, t + 10 * QUANTUM);
    CHECK_INT(counters(b).rx_pause, 2);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    bench_end(b);
}

UNIT(emac_flow, section_11_time_counts_from_the_end_of_the_current_frame)
{
    struct bench *b = settled(true);
    uint64_t t = b->now;

    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    t = b->now;
    tx_send(b, frame(ALL, 60, 1), 60);
    tx_send(b, frame(ALL, 60, 2), 60);
    run_for(b, 1000);
    pause_in(b, 3);
    run_for(b, 1000000);
    CHECK_INT(b->sent[1].t_ns, t + PAUSE_NS + 3 * QUANTUM);
    bench_end(b);
}

UNIT(emac_flow, section_11_a_pause_of_0_resumes_and_a_new_one_replaces)
{
    struct bench *b = settled(true);

    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    pause_in(b, 0xffff);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 0);
    pause_in(b, 0);
    CHECK_INT(b->sent_count, 1);
    pause_in(b, 0xffff);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 1000000);
    pause_in(b, 2);
    CHECK_INT(emac_next(b->e), b->now + 2 * QUANTUM);
    bench_end(b);
}

UNIT(emac_flow, section_11_half_duplex_and_other_addresses_do_not_pause)
{
    struct bench *b = settled(false);
    uint8_t f[60] = "\x01\x80\xc2\x00\x00\x02\1\1\1\1\1\1\x88\x08\x00\x01\x00\xff";

    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    pause_in(b, 100);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 1);
    bench_end(b);
    b = settled(true);
    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = 60}, b->now);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 1);
    run_for(b, 100000);
    memcpy(f, STATION, 6); /* our own is as good as the group */
    emac_receive(b->e, &(struct emac_arrival){.bytes = f, .length = 60}, b->now);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 1);
    bench_end(b);
}

UNIT(emac_flow, section_4_8_bit_0_shortcut_pause_quanta)
{
    struct bench *b = settled(true);

    wr(b, MAC1, 0x05);
    run_for(b, 100000);
    wr(b, TEST, 1);
    pause_in(b, 100);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(emac_next(b->e), b->now + 100 * 80);
    bench_end(b);
}

UNIT(emac_flow, section_4_8_bit_1_test_pause)
{
    struct bench *b = settled(true);

    wr(b, TEST, 2);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(emac_next(b->e), EMAC_NEVER);
    wr(b, TEST, 0);
    CHECK_INT(b->sent_count, 1);
    bench_end(b);
}

UNIT(emac_flow, section_4_15_bit_8_and_4_18_a_pause_goes_out_and_again_by_the_mirror_counter)
{
    struct bench *b = settled(true);
    uint64_t t = b->now;
    static const uint8_t head[16] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01, 0x02, 0x00,
                                     0x00, 0x11, 0x22, 0x33, 0x88, 0x08, 0x00, 0x01};

    wr(b, MAC1, 0x09);
    wr(b, FLOW_COUNTER, 0x1234u << 16 | 20);
    wr(b, COMMAND, rd(b, COMMAND) | 0x100);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(last_sent(b)->t_ns, t);
    CHECK_INT(last_sent(b)->length, 60);
    CHECK_MEM(last_sent(b)->bytes, head, 16);
    CHECK_INT(last_sent(b)->bytes[16] << 8 | last_sent(b)->bytes[17], 0x1234);
    for (unsigned i = 18; i < 60; i++)
        CHECK_INT(last_sent(b)->bytes[i], 0);
    run_to(b, t + PAUSE_NS);
    CHECK_INT(rd(b, FLOW_STATUS), 0);
    CHECK_INT(rd(b, TSV0) & 0x30000000, 0x30000000);
    CHECK_INT(rd(b, INT_STATUS), 0); /* nothing of the driver's */
    run_to(b, t + PAUSE_NS + 7 * QUANTUM);
    CHECK_INT(rd(b, FLOW_STATUS), 7);
    CHECK_INT(emac_next(b->e), t + PAUSE_NS + 20 * QUANTUM);
    run_to(b, t + PAUSE_NS + 20 * QUANTUM);
    CHECK_INT(b->sent_count, 2);
    CHECK_INT(last_sent(b)->t_ns, t + PAUSE_NS + 20 * QUANTUM);
    run_to(b, t + 2 * PAUSE_NS + 23 * QUANTUM);
    CHECK_INT(rd(b, FLOW_STATUS), 3); /* counting restarts */
    tx_send(b, frame(ALL, 60, 1), 60); /* normal frames go on meanwhile */
    CHECK_INT(b->sent_count, 3);
    wr(b, COMMAND, rd(b, COMMAND) & ~0x100u);
    run_for(b, PAUSE_NS + GAP);
    CHECK_INT(b->sent_count, 4); /* behind the current frame */
    CHECK_INT(last_sent(b)->bytes[16] << 8 | last_sent(b)->bytes[17], 0);
    run_for(b, 10000000);
    CHECK_INT(b->sent_count, 4);
    CHECK_INT(rd(b, FLOW_STATUS), 0);
    CHECK_INT(counters(b).tx_pause, 3);
    bench_end(b);
}

UNIT(emac_flow, a_pause_that_a_reset_cuts_starts_no_counter)
{
    struct bench *b = settled(true);

    wr(b, MAC1, 0x09);
    wr(b, FLOW_COUNTER, 0x100u << 16 | 10);
    wr(b, COMMAND, rd(b, COMMAND) | 0x100);
    run_for(b, 1000);
    wr(b, MAC1, 0x109);
    CHECK_INT(b->cut_count, 1);
    run_for(b, 5 * QUANTUM);
    CHECK_INT(rd(b, FLOW_STATUS), 0);
    wr(b, MAC1, 0x09);
    run_for(b, 100 * QUANTUM);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(counters(b).tx_pause, 0);
    bench_end(b);
}

UNIT(emac_flow, section_11_mirror_counter_0_does_not_repeat)
{
    struct bench *b = settled(true);

    wr(b, MAC1, 0x09);
    wr(b, FLOW_COUNTER, 0x100u << 16);
    wr(b, COMMAND, rd(b, COMMAND) | 0x100);
    run_for(b, 100 * QUANTUM + PAUSE_NS);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(rd(b, FLOW_STATUS), 100);
    bench_end(b);
}

UNIT(emac_flow, section_4_1_bit_3_tx_flow_control_must_allow_it)
{
    struct bench *b = settled(true);

    wr(b, FLOW_COUNTER, 0x100u << 16 | 10);
    wr(b, COMMAND, rd(b, COMMAND) | 0x100);
    wr(b, COMMAND, rd(b, COMMAND) & ~0x100u);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 0);
    bench_end(b);
}

UNIT(emac_flow, a_paused_transmitter_still_sends_its_own_pause)
{
    struct bench *b = settled(true);

    wr(b, MAC1, 0x0d);
    run_for(b, 100000);
    wr(b, FLOW_COUNTER, 0x100u << 16);
    pause_in(b, 1000);
    tx_send(b, frame(ALL, 60, 1), 60);
    wr(b, COMMAND, rd(b, COMMAND) | 0x100);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(last_sent(b)->bytes[12], 0x88);
    bench_end(b);
}

UNIT(emac_flow, section_11_half_duplex_presses_back_with_its_preamble)
{
    for (unsigned by_test = 0; by_test < 2; by_test++) { /* 4.8 bit 2 does the same */
        struct bench *b = settled(false);
        uint64_t t = b->now;
        wr(b, FLOW_COUNTER, 50u << 16);
        if (by_test != 0)
            wr(b, TEST, 4);
        else
            wr(b, COMMAND, rd(b, COMMAND) | 0x100);
        CHECK_INT(b->sent_count, 0); /* no PAUSE */
        run_for(b, 1000);
        emac_receive(b->e, &(struct emac_arrival){.bytes = frame(STATION, 60, 1), .length = 60},
                     b->now);
        CHECK_INT(rd(b, RX_PRODUCE), 1); /* it had begun before */
        CHECK_ARRIVES(b, 0, 1);
        CHECK_INT(counters(b).rx_collided, 1);
        run_to(b, t + 10 * QUANTUM);
        CHECK_INT(rd(b, FLOW_STATUS), by_test != 0 ? 0 : 10);
        run_to(b, t + 330000); /* 0.33 ms: the preamble pauses */
        CHECK_ARRIVES(b, 0, 2);
        run_to(b, t + 100 * QUANTUM);
        CHECK_INT(rd(b, FLOW_STATUS), by_test != 0 ? 0 : 50); /* up to PauseTimer */
        tx_send(b, frame(ALL, 60, 1), 60); /* own frames interrupt it */
        CHECK_INT(b->sent_count, 1);
        run_for(b, 100000);
        CHECK_INT(rd(b, TSV0) & 0x40000000, 0x40000000);
        wr(b, TEST, 0);
        wr(b, COMMAND, rd(b, COMMAND) & ~0x100u);
        run_for(b, 10000);
        CHECK_ARRIVES(b, 0, 3);
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000);
        CHECK_INT(rd(b, TSV0) & 0x40000000, 0);
        bench_end(b);
    }
}
