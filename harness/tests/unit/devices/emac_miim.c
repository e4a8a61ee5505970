/* MII management: cycles, their time, and the orderings of drivers in the field (sheet, 13). */
#include "emac_bench.h"

#define BUSY 1u
#define SCANNING 2u
#define NOT_VALID 4u
#define LINK_FAIL 8u
#define CLOCK_28 (7u << 2)
#define CYCLE_28 24889u /* 64 * 28 / 72 MHz, rounded up */

/* A read from MADR's value takes `ns` and gives `value`. */
#define CHECK_READS(b, madr, ns, value)                                                            \
    do {                                                                                           \
        wr(b, MADR, madr);                                                                         \
        wr(b, MCMD, 1);                                                                            \
        run_for(b, ns);                                                                            \
        CHECK_INT(rd(b, MRDD), value);                                                             \
    } while (0)

static struct bench *managed(const struct emac_knobs *knobs)
{
    struct bench *b = bench_new(knobs);

    wr(b, MAC1, 0x0f00);
    wr(b, MCFG, 0x8000 | CLOCK_28);
    wr(b, MCFG, CLOCK_28);
    for (unsigned phy = 0; phy < 32; phy++)
        for (unsigned reg = 0; reg < 32; reg++)
            b->phy[phy][reg] = (uint16_t)(0x1000 + phy * 0x100 + reg);
    return b;
}

UNIT(emac_miim, section_4_10_bit_0_read_takes_its_cycle_and_stays)
{
    struct bench *b = managed(NULL);
    uint64_t start = b->now;

    wr(b, MADR, 0x0102);
    wr(b, MCMD, 1);
    CHECK_INT(rd(b, MIND), BUSY | NOT_VALID);
    CHECK_INT(emac_next(b->e), start + CYCLE_28);
    run_to(b, start + CYCLE_28 - 1);
    CHECK_INT(rd(b, MIND), BUSY | NOT_VALID);
    CHECK_INT(rd(b, MRDD), 0);
    run_to(b, start + CYCLE_28);
    CHECK_INT(rd(b, MIND), 0);
    CHECK_INT(b->mdio_ns, start + CYCLE_28);
    wr(b, MCMD, 0); /* before MRDD is read: U-Boot, NuttX */
    CHECK_INT(rd(b, MRDD), 0x1102);
    CHECK_INT(b->reads, 1);
    CHECK_INT(emac_next(b->e), EMAC_NEVER);
    bench_end(b);
}

UNIT(emac_miim, section_4_12_a_write_of_mwtd_is_a_cycle)
{
    struct bench *b = managed(NULL);

    wr(b, MADR, 0x0100);
    wr(b, MADR, rd(b, MADR) | 0x1f); /* twice before the trigger: CycloneTCP */
    wr(b, MWTD, 0xbeef);
    CHECK_INT(rd(b, MIND), BUSY);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MIND), 0);
    CHECK_INT(b->phy[1][31], 0xbeef);
    CHECK_INT(b->writes, 1);
    bench_end(b);
}

UNIT(emac_miim, section_4_9_each_divider_of_clock_select)
{
    static const unsigned divider[16] = {4, 4, 6, 8, 10, 14, 20, 28,
                                         36, 40, 44, 48, 52, 56, 60, 64};

    for (unsigned i = 0; i < 16; i++) {
        struct bench *b = managed(&(struct emac_knobs){.mcfg_width = 4, .hclk_hz = 64000000});
        wr(b, MCFG, i << 2);
        CHECK_INT(rd(b, MCFG), i << 2);
        wr(b, MCMD, 1);
        CHECK_INT(emac_next(b->e) - b->now, divider[i] * 1000u);
        bench_end(b);
    }
}

UNIT(emac_miim, section_13_busy_times_of_the_table)
{
    static const struct { uint32_t hclk, select, ns; } cases[] = {
        {72000000, 7, 24889}, {57600000, 7, 31112}, {48000000, 6, 26667}, {12000000, 2, 32000}};

    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = managed(&(struct emac_knobs){.hclk_hz = cases[i].hclk});
        wr(b, MCFG, cases[i].select << 2);
        wr(b, MWTD, 0);
        CHECK_INT(emac_next(b->e) - b->now, cases[i].ns);
        bench_end(b);
    }
}

UNIT(emac_miim, section_4_9_bit_1_suppress_preamble_halves_the_cycle)
{
    struct bench *b = managed(&(struct emac_knobs){.hclk_hz = 64000000});

    wr(b, MCFG, CLOCK_28 | 2);
    wr(b, MADR, 0x0101);
    wr(b, MCMD, 1);
    CHECK_INT(emac_next(b->e) - b->now, 14000);
    run_for(b, 14000);
    CHECK_INT(rd(b, MRDD), 0x1101);
    bench_end(b);
}

UNIT(emac_miim, section_4_9_bit_15_reset_stops_and_holds)
{
    struct bench *b = managed(NULL);

    wr(b, MADR, 0x0101);
    wr(b, MCMD, 2);
    wr(b, MCFG, 0x8000 | CLOCK_28);
    CHECK_INT(rd(b, MIND), 0);
    wr(b, MCMD, 1);
    wr(b, MWTD, 1);
    CHECK_INT(rd(b, MIND), 0);
    run_for(b, 1000000);
    CHECK_INT(b->reads + b->writes, 0);
    wr(b, MCFG, CLOCK_28);
    wr(b, MCMD, 1);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MRDD), 0x1101);
    bench_end(b);
}

UNIT(emac_miim, section_4_10_bit_1_scan_repeats_until_it_is_cleared)
{
    struct bench *b = managed(NULL);
    uint64_t start = b->now;

    wr(b, MADR, 0x0101);
    wr(b, MCMD, 2);
    CHECK_INT(rd(b, MIND), BUSY | SCANNING | NOT_VALID);
    run_to(b, start + CYCLE_28);
    CHECK_INT(rd(b, MIND), BUSY | SCANNING);
    CHECK_INT(rd(b, MRDD), 0x1101);
    b->phy[1][1] = 0x4242;
    run_to(b, start + 10 * CYCLE_28);
    CHECK_INT(b->reads, 10);
    CHECK_INT(rd(b, MRDD), 0x4242);
    wr(b, MCMD, 0);
    CHECK_INT(rd(b, MIND), BUSY);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MIND), 0);
    CHECK_INT(b->reads, 11);
    run_for(b, 10 * CYCLE_28);
    CHECK_INT(b->reads, 11);
    bench_end(b);
}

UNIT(emac_miim, section_4_9_bit_0_scan_increment_goes_round_from_1)
{
    struct bench *b = managed(NULL);

    b->answering = 0xffffffff;
    wr(b, MCFG, CLOCK_28 | 1);
    wr(b, MADR, 0x0305);
    wr(b, MCMD, 2);
    for (unsigned i = 0; i < 8; i++) {
        run_for(b, CYCLE_28);
        CHECK_INT(rd(b, MRDD), 0x1005 + 0x100 * (i % 3 + 1));
    }
    bench_end(b);
}

UNIT(emac_miim, section_4_13_bit_3_and_the_pull_up_where_nobody_answers)
{
    struct bench *b = managed(NULL);

    CHECK_READS(b, 0x0701, CYCLE_28, 0xffff);
    CHECK_INT(rd(b, MIND), 0); /* who looks for the PHY waits for this */
    wr(b, MADR, 0x0701);
    wr(b, MCMD, 2);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MIND), LINK_FAIL | SCANNING | BUSY);
    wr(b, MADR, 0x0101);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MIND), SCANNING | BUSY);
    wr(b, MADR, 0x0701);
    wr(b, MCMD, 0);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MRDD), 0xffff);
    CHECK_INT(rd(b, MIND), 0);
    bench_end(b);
    b = managed(&(struct emac_knobs){.miim_absent = 0x0bad});
    b->answering = 0;
    wr(b, MCMD, 1);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MRDD), 0x0bad);
    bench_end(b);
}

UNIT(emac_miim, section_4_11_phy_0_and_every_address_and_register)
{
    struct bench *b = managed(NULL);

    b->answering = 0xffffffff;
    for (unsigned phy = 0; phy < 32; phy++)
        for (unsigned reg = 0; reg < 32; reg++) {
            wr(b, MADR, phy << 8 | reg);
            wr(b, MCMD, 1);
            run_for(b, CYCLE_28);
            CHECK_INT(rd(b, MRDD), 0x1000 + phy * 0x100 + reg);
        }
    bench_end(b);
}

UNIT(emac_miim, section_13_mcmd_before_madr_reads_the_address_written_last)
{
    struct bench *b = managed(NULL);

    wr(b, MADR, 0x0100);
    wr(b, MCMD, 1); /* FreeBSD */
    wr(b, MADR, 0x0103);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MRDD), 0x1103);
    CHECK_INT(b->error_count, 0);
    bench_end(b);
}

UNIT(emac_miim, section_13_a_second_trigger_starts_the_read_over)
{
    struct bench *b = managed(NULL);
    uint64_t start = b->now;

    wr(b, MCMD, 1); /* NuttX */
    run_to(b, start + 1000);
    wr(b, MADR, 0x0104);
    wr(b, MCMD, 1);
    CHECK_INT(emac_next(b->e), start + 1000 + CYCLE_28);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MRDD), 0x1104);
    CHECK_INT(b->reads, 1);
    CHECK_INT(b->error_count, 0);
    CHECK_READS(b, 0x0105, CYCLE_28, 0x1105); /* it was 1 all the time */
    bench_end(b);
}

UNIT(emac_miim, guest_error_mii_busy_for_each_disturbance_of_a_cycle)
{
    struct bench *b = managed(NULL);

    wr(b, MADR, 0x0101);
    wr(b, MWTD, 1);
    run_for(b, 5000);
    wr(b, MWTD, 2);
    expect_error(b, GUEST_MII_BUSY);
    CHECK_INT(emac_next(b->e), b->now + CYCLE_28); /* it starts over */
    run_for(b, CYCLE_28);
    CHECK_INT(b->phy[1][1], 2);
    wr(b, MWTD, 3);
    wr(b, MADR, 0x0101); /* the same is no change */
    wr(b, MADR, 0x0102);
    expect_error(b, GUEST_MII_BUSY);
    wr(b, MCFG, CLOCK_28 | 2);
    expect_error(b, GUEST_MII_BUSY);
    wr(b, MCMD, 1);
    expect_error(b, GUEST_MII_BUSY);
    run_for(b, CYCLE_28);
    CHECK_INT(b->writes, 1);
    CHECK_INT(b->reads, 1);
    wr(b, MCMD, 1);
    wr(b, MWTD, 4);
    expect_error(b, GUEST_MII_BUSY);
    bench_end(b);
}

UNIT(emac_miim, section_4_13_bit_2_ends_with_a_read_that_a_write_takes_the_place_of)
{
    struct bench *b = managed(NULL);

    wr(b, MADR, 0x0101);
    wr(b, MCMD, 1);
    CHECK_INT(rd(b, MIND), BUSY | NOT_VALID);
    wr(b, MWTD, 0x1234);
    expect_error(b, GUEST_MII_BUSY);
    CHECK_INT(rd(b, MIND), BUSY);
    run_for(b, CYCLE_28);
    CHECK_INT(rd(b, MIND), 0); /* a driver that waits for both bits goes on */
    CHECK_INT(b->phy[1][1], 0x1234);
    bench_end(b);
}

UNIT(emac_miim, section_2_1_works_without_clock_and_in_soft_reset)
{
    struct bench *b = managed(NULL);

    b->medium.clock = false;
    wr(b, MAC1, 0xcf00);
    CHECK_READS(b, 0x0102, CYCLE_28, 0x1102);
    bench_end(b);
}
