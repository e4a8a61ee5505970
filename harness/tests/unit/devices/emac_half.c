/* Half duplex: collisions, back-off, deferral; and the faults of both duplexes (sheet, 4.2, 4.5,
 * 5, 7, 12). All by injection. */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"
#define MIN_NS ((8 + 64) * 80u)
#define ATTEMPT ((8 + 4) * 80u)
#define SLOT 5120u
#define GAP 960u

static struct bench *half(uint64_t seed, uint16_t mbps)
{
    struct bench *b = bench_new(&(struct emac_knobs){.seed = seed});

    b->medium.full_duplex = false;
    b->medium.mbps = mbps;
    bench_start(b, 4, 4, BUFFER);
    run_for(b, 100000);
    return b;
}

UNIT(emac_half, section_7_collisions_are_counted_and_backed_off)
{
    bool differs = false;

    for (uint64_t seed = 0; seed < 8; seed++) {
        struct bench *b = half(seed, 100);
        uint64_t t = b->now, delay;
        b->fault.collisions = 3;
        tx_send(b, frame(ALL, 60, 1), 60);
        CHECK_INT(b->sent_count, 0);
        run_for(b, 10000000);
        CHECK_INT(b->sent_count, 1); /* only the attempt that succeeds is seen */
        CHECK_INT(tx_status(b, 0), 3u << 21);
        CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
        CHECK_INT(rd(b, TSV1), 64 | 3u << 16);
        CHECK_INT(rd(b, TSV0) >> 12 & 0xffff, 64 + 3 * 4);
        delay = last_sent(b)->t_ns - t - 3 * ATTEMPT;
        CHECK(delay >= 3 * GAP && delay <= (1 + 3 + 7) * SLOT + 3 * GAP);
        struct bench *again = half(seed, 100);
        again->fault.collisions = 3;
        tx_send(again, frame(ALL, 60, 1), 60);
        run_for(again, 10000000);
        CHECK_INT(last_sent(again)->t_ns, last_sent(b)->t_ns); /* the seed decides, nothing else */
        differs = differs || delay != 3 * GAP + SLOT;
        bench_end(b);
        bench_end(again);
    }
    CHECK(differs);
}

UNIT(emac_half, section_4_1_bit_14_simulation_reset_starts_the_generator_over)
{
    struct bench *b = half(5, 100);
    uint64_t first[2], t;

    for (unsigned round = 0; round < 2; round++) {
        t = b->now;
        b->fault.collisions = 10;
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000000);
        first[round] = last_sent(b)->t_ns - t;
        wr(b, MAC1, 0x4001);
        wr(b, MAC1, 1);
    }
    CHECK_INT(first[0], first[1]);
    t = b->now;
    b->fault.collisions = 10;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000000);
    b->fault.collisions = 10;
    t = b->now;
    tx_send(b, frame(ALL, 60, 1), 60); /* and without it goes on */
    run_for(b, 100000000);
    CHECK(last_sent(b)->t_ns - t != first[0]);
    bench_end(b);
}

UNIT(emac_half, section_4_2_bits_12_and_13_no_back_off)
{
    for (unsigned pressing = 0; pressing < 2; pressing++)
        for (unsigned bit = 0; bit < 3; bit++) {
            struct bench *b = half(1, 100);
            bool none = bit == 1 || (bit == 2 && pressing);
            uint64_t t = b->now;
            if (pressing)
                wr(b, COMMAND, rd(b, COMMAND) | 0x100);
            wr(b, MAC2, 0x30 | (bit == 1 ? 0x1000 : bit == 2 ? 0x2000 : 0));
            b->fault.collisions = 9;
            tx_send(b, frame(ALL, 60, 1), 60);
            run_for(b, 100000000);
            CHECK_INT(last_sent(b)->t_ns - t == 9 * (ATTEMPT + GAP), none);
            bench_end(b);
        }
}

UNIT(emac_half, section_4_5_retries_up_to_the_limit_of_clrt)
{
    static const struct { uint32_t limit, collisions; bool sent; } cases[] = {
        {15, 15, true}, {15, 16, false}, {0, 0, true}, {0, 1, false}, {4, 4, true}, {4, 5, false}};

    for (unsigned i = 0; i < 6; i++) {
        struct bench *b = half(1, 100);
        wr(b, CLRT, 0x3700 | cases[i].limit);
        b->fault.collisions = (uint16_t)cases[i].collisions;
        tx_send(b, frame(ALL, 60, 1), 60);
        tx_send(b, frame(ALL, 61, 1), 61);
        run_for(b, 100000000);
        uint32_t count = cases[i].sent ? cases[i].collisions : cases[i].limit;
        CHECKF(tx_status(b, 0) == (count << 21 | (cases[i].sent ? 0 : S_ERROR | 0x08000000)),
               "case %u: 0x%x", i, tx_status(b, 0));
        CHECK_INT(b->sent_count, 1 + cases[i].sent); /* the next frame goes out in any case */
        CHECK_INT(rd(b, INT_STATUS) & TX_ERROR, cases[i].sent ? 0 : TX_ERROR);
        CHECK_INT(last_sent(b)->length, 61);
        bench_end(b);
    }
}

UNIT(emac_half, excessive_collisions_show_in_tsv0_bit_8)
{
    struct bench *b = half(1, 100);

    b->fault.collisions = 16;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000000);
    CHECK_INT(rd(b, TSV0) & 0xfc0, 0x100);
    CHECK_INT(rd(b, TSV1), 15u << 16);
    bench_end(b);
}

UNIT(emac_half, section_4_5_13_8_a_late_collision_comes_behind_the_window)
{
    struct bench *b = half(1, 100);

    wr(b, CLRT, 0x1f0f);
    b->fault.late_collision = true;
    tx_send(b, frame(ALL, 200, 1), 200);
    CHECK_INT(b->sent_count, 1);
    CHECK(last_sent(b)->bad_fcs);
    CHECK_INT(last_sent(b)->length + 4, 33); /* window of 32 bytes */
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), S_ERROR | 0x10000000);
    CHECK_INT(rd(b, TSV0) & 0xfc0, 0x200);
    CHECK_INT(rd(b, INT_STATUS), TX_ERROR | TX_DONE | TX_FINISHED);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 1), 0);
    bench_end(b);
}

UNIT(emac_half, section_7_deferral_is_no_error)
{
    struct bench *b = half(1, 100);
    uint64_t t = b->now;

    b->fault.defer = true;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(last_sent(b)->t_ns, t + SLOT);
    CHECK_INT(tx_status(b, 0), 0x02000000);
    CHECK_INT(rd(b, TSV0) & 0xfc0, 0x40);
    CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
    bench_end(b);
}

UNIT(emac_half, section_4_2_bit_14_decides_what_excessive_deferral_does)
{
    static const struct { uint16_t mbps; uint64_t limit_ns; } cases[] = {{100, 6071 * 40},
                                                                        {10, 24287 * 100}};

    for (unsigned i = 0; i < 2; i++)
        for (unsigned forever = 0; forever < 2; forever++) {
            struct bench *b = half(1, cases[i].mbps);
            uint64_t t = b->now;
            wr(b, MAC2, forever ? 0x4030 : 0x30);
            b->fault.excessive_defer = true;
            tx_send(b, frame(ALL, 60, 1), 60);
            CHECK_INT(emac_next(b->e), t + cases[i].limit_ns);
            run_for(b, 10000000);
            CHECK_INT(b->sent_count, forever);
            CHECK_INT(tx_status(b, 0), forever ? 0x02000000 : S_ERROR | 0x06000000);
            CHECK_INT(rd(b, TSV0) & 0xfc0, forever ? 0x40 : 0xc0);
            CHECK_INT(rd(b, INT_STATUS) & TX_ERROR, forever ? 0 : TX_ERROR);
            bench_end(b);
        }
}

UNIT(emac_half, section_4_4_an_announced_carrier_defers_and_ipgr_follows)
{
    struct bench *b = half(1, 100);
    uint64_t t = b->now;

    emac_carrier(b->e, t + 20000, t);
    run_for(b, 1000);
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 0);
    wr(b, IPGR, 0x0c20); /* 0x20 + 6 nibbles */
    CHECK_INT(emac_next(b->e), t + 20000 + 38 * 40);
    run_for(b, 100000);
    CHECK_INT(last_sent(b)->t_ns, t + 20000 + 38 * 40);
    CHECK_INT(tx_status(b, 0), 0x02000000);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 1), 0);
    bench_end(b);
}

UNIT(emac_half, full_duplex_knows_no_collisions)
{
    struct bench *b = bench_started(NULL);
    uint64_t t = b->now;

    b->fault = (struct emac_tx_fault){.collisions = 20, .late_collision = true, .defer = true,
                                      .excessive_defer = true};
    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(last_sent(b)->t_ns, t);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), 0);
    bench_end(b);
}

UNIT(emac_half, knob_underrun_always_20_5_raises_the_interrupt_of_the_fatal_one)
{
    struct bench *b = bench_started(&(struct emac_knobs){.underrun_always = true});

    b->fault.underrun = true;
    tx_send(b, frame(ALL, 200, 3), 200);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), S_ERROR | 0x20000000);
    CHECK_INT(rd(b, INT_STATUS), TX_UNDERRUN | TX_DONE | TX_FINISHED);
    tx_send(b, frame(ALL, 60, 3), 60); /* and yet it is not */
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 1), 0);
    CHECK_INT(counters(b).tx_sent, 1);
    bench_end(b);
}

UNIT(emac_half, fault_underrun_loses_the_frame_and_no_more)
{
    for (unsigned fragments = 0; fragments < 2; fragments++) {
        struct bench *b = bench_started(NULL);
        const uint8_t *f = frame(ALL, 200, 3);
        b->fault.underrun = true;
        if (fragments != 0) {
            tx_put(b, 0, f, 100, 0);
            tx_put(b, 1, f + 100, 100, C_LAST);
            wr(b, TX_PRODUCE, 2);
        } else {
            tx_send(b, f, 200);
        }
        CHECK_INT(b->fault_length, 200);
        CHECK_INT(last_sent(b)->length, 98); /* half of 204 bytes, the last 4 as FCS */
        CHECK(last_sent(b)->bad_fcs);
        run_for(b, 100000);
        CHECK_INT(tx_status(b, fragments), S_ERROR | 0x20000000);
        CHECK_INT(rd(b, INT_STATUS) & (TX_ERROR | TX_UNDERRUN), TX_ERROR); /* 20.5 */
        CHECK_INT(rd(b, TSV0) & 0xfc0, 0x800);
        tx_send(b, frame(ALL, 60, 3), 60);
        run_for(b, 100000);
        CHECK_INT(tx_status(b, fragments + 1), 0);
        CHECK_INT(counters(b).tx_error, 1);
        CHECK_INT(counters(b).tx_sent, 1);
        bench_end(b);
    }
}

UNIT(emac_half, fault_status_stall_is_fatal_until_tx_reset)
{
    struct bench *b = bench_started(NULL);

    b->fault.status_stall = true;
    ram32_set(b, TX_STATUSES, 0x55555555);
    tx_send(b, frame(ALL, 60, 3), 60);
    tx_send(b, frame(ALL, 61, 3), 61);
    CHECK_INT(b->sent_count, 1);
    run_for(b, 100000);
    CHECK_INT(rd(b, INT_STATUS), TX_UNDERRUN);
    CHECK_INT(tx_status(b, 0), 0x55555555);
    CHECK_INT(rd(b, TX_CONSUME), 0);
    CHECK_INT(b->sent_count, 1);
    wr(b, MAC1, 0x201); /* the recovery of section 17 */
    wr(b, COMMAND, rd(b, COMMAND) & ~2u);
    CHECK_INT(rd(b, STATUS) & 2, 0);
    wr(b, COMMAND, rd(b, COMMAND) | 0x10);
    wr(b, TX_PRODUCE, 0);
    wr(b, MAC1, 1);
    wr(b, INT_CLEAR, 0x10);
    wr(b, COMMAND, rd(b, COMMAND) | 2);
    tx_send(b, frame(ALL, 62, 3), 62);
    CHECK_INT(last_sent(b)->length, 62);
    run_for(b, 100000);
    CHECK_INT(rd(b, TX_CONSUME), 1);
    bench_end(b);
}
