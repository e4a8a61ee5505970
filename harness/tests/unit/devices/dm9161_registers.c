/* The DM9161's registers: reset values, access, latches (sheet DM9161_PHY, sections 1 to 4). */
#include "dm9161_bench.h"

static const struct row {
    unsigned reg, reset, kept; /* kept: bits that a write changes */
} rows[] = {
    {DM9161_ANAR, 0x01e1, 0x25ff},    {DM9161_DSCR, 0x0510, 0xff7f},
    {DM9161_10BTCSR, 0x7800, 0x7c00}, {DM9161_PWDOR, 0x0000, 0xffff},
    {DM9161_CONFIGR, 0x0000, 0xffff}, {DM9161_MDINTR, 0x0f00, 0x0f00},
    {DM9161_BMSR, 0x7849, 0},         {DM9161_PHYIDR1, 0x0181, 0},
    {DM9161_PHYIDR2, 0xb8a0, 0},      {DM9161_ANLPAR, 0, 0},
    {DM9161_ANER, 0, 0},              {DM9161_DSCSR, 0xf010, 0},
    {DM9161_RECR, 0, 0},              {DM9161_DISCR, 0, 0},
    {DM9161_RLSR, 0x08e1, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

UNIT(dm9161, register_3_after_reset_has_its_value)
{
    struct phy_bench *b = bench_new();

    for (unsigned i = 0; i < ROWS; i++)
        CHECKF(phy_read(b, rows[i].reg) == rows[i].reset, "register %u", rows[i].reg);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3100);
}

UNIT(dm9161, register_3_bit_by_bit_keeps_what_is_writable)
{
    struct phy_bench *b = bench_new();

    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned bit = 0; bit < 16; bit++) {
            if (rows[i].reg == DM9161_DSCR && bit == 7)
                continue; /* has an effect: tested with the link */
            unsigned keeps = rows[i].kept, fixed = rows[i].reset & ~keeps;
            phy_write(b, rows[i].reg, 1u << bit);
            unsigned one = phy_read(b, rows[i].reg);
            CHECKF(one == ((1u << bit & keeps) | fixed), "register %u bit %u", rows[i].reg, bit);
            phy_write(b, rows[i].reg, 0xffffu & ~(1u << bit) & ~(rows[i].reg == 16 ? 0x80u : 0u));
            unsigned rest = phy_read(b, rows[i].reg);
            CHECKF(rest == ((~(1u << bit) & keeps) | fixed), "register %u without bit %u: %04x",
                   rows[i].reg, bit, rest);
        }
}

UNIT(dm9161, register_3_that_is_not_listed_reads_zero_and_takes_nothing)
{
    struct phy_bench *b = bench_new();
    static const unsigned holes[] = {7, 8, 9, 10, 11, 12, 13, 14, 15, 25, 26, 27, 28, 29, 30, 31};

    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        phy_write(b, holes[i], 0xffff);
        CHECK_INT(phy_read(b, holes[i]), 0);
    }
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3100);
}

UNIT(dm9161, bmcr_3_0_bits_14_13_12_11_10_8_7_are_kept_and_the_rest_reads_zero)
{
    struct phy_bench *b = bench_new();

    for (unsigned bit = 0; bit < 15; bit++) {
        phy_write(b, DM9161_BMCR, 1u << bit);
        CHECKF(phy_read(b, DM9161_BMCR) == (1u << bit & 0x7d80u), "bit %u", bit);
    }
}

UNIT(dm9161, bmcr_3_0_restart_an_clears_itself)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x1200);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x1000);
}

UNIT(dm9161, identification_1_of_other_parts_has_their_number_and_no_registers_19_and_20)
{
    static const struct {
        unsigned id2;
        bool extras;
    } parts[] = {{0xb880, false}, {0xb8a0, true}, {0xb8a3, true}, {0xb8b0, false},
                 {0xb8b1, false}};

    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct phy_bench *b =
            bench_with(&(struct dm9161_config){.id2 = (uint16_t)parts[i].id2});
        CHECK_INT(phy_read(b, DM9161_PHYIDR1), 0x0181);
        CHECK_INT(phy_read(b, DM9161_PHYIDR2), parts[i].id2);
        for (unsigned reg = DM9161_PWDOR; reg <= DM9161_CONFIGR; reg++) {
            phy_write(b, reg, 0x5aa5);
            CHECK_INT(phy_read(b, reg), parts[i].extras ? 0x5aa5 : 0);
        }
    }
}

UNIT(dm9161, address_2_from_straps_is_the_only_one_that_answers)
{
    for (unsigned strapped = 0; strapped < 32; strapped++) {
        struct phy_bench *b =
            bench_with(&(struct dm9161_config){.address = (uint8_t)strapped});
        for (unsigned asked = 0; asked < 32; asked++) {
            uint16_t value = 0x1234;
            bool answers = b->mii.mdio(b->mii.ctx, asked, DM9161_PHYIDR1, false, &value, 0);
            CHECK(answers == (asked == strapped));
            CHECK_INT(value, answers ? 0x0181 : 0x1234);
        }
        CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf000u | strapped << 4);
        CHECK_INT(phy_read(b, DM9161_RLSR), 0x00e0u | strapped);
    }
}

UNIT(dm9161, straps_2_show_in_rlsr_and_dscr)
{
    struct phy_bench *mii = bench_with(&(struct dm9161_config){.address = 7});
    CHECK_INT(phy_read(mii, DM9161_DSCR), 0x0410);
    CHECK_INT(phy_read(mii, DM9161_RLSR) & RLSR_RMII, 0);

    struct phy_bench *rmii = bench_with(&(struct dm9161_config){.rmii = true});
    CHECK_INT(phy_read(rmii, DM9161_DSCR), 0x0510);
    CHECK_INT(phy_read(rmii, DM9161_RLSR) & RLSR_RMII, RLSR_RMII);

    for (unsigned bit = 0; bit < 16; bit++) {
        struct phy_bench *b =
            bench_with(&(struct dm9161_config){.straps = (uint16_t)(1u << bit)});
        CHECK_INT(phy_read(b, DM9161_RLSR), 1u << bit & 0x37e0u);
    }
}

UNIT(dm9161, address_2_zero_comes_up_isolated_where_the_board_says_so)
{
    struct dm9161_config config = {.isolated_at_zero = true};
    struct phy_bench *b = bench_with(&config);

    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3500);
    CHECK(phy_state(b).isolated);
    phy_write(b, DM9161_BMCR, 0x3100);
    CHECK(!phy_state(b).isolated);
    phy_write(b, DM9161_BMCR, 0x8000);
    bench_for(b, MS);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3500);

    config.address = 1;
    CHECK_INT(phy_read(bench_with(&config), DM9161_BMCR), 0x3100);
    config = (struct dm9161_config){0};
    CHECK_INT(phy_read(bench_with(&config), DM9161_BMCR), 0x3100);
}

UNIT(dm9161, silent_phy_never_answers_until_it_does_again)
{
    struct phy_bench *b = bench_with(&(struct dm9161_config){.silent = true});
    uint16_t value = 0xffff;

    CHECK(!b->mii.mdio(b->mii.ctx, 0, DM9161_BMCR, false, &value, 0));
    CHECK_INT(value, 0xffff);
    value = 0x0000;
    CHECK(!b->mii.mdio(b->mii.ctx, 0, DM9161_BMCR, true, &value, 0));
    dm9161_silence(b->phy, false);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3100); /* the write was lost */
    dm9161_silence(b->phy, true);
    CHECK(!b->mii.mdio(b->mii.ctx, 0, DM9161_BMCR, false, &value, 0));
}

UNIT(dm9161, reset_4_reads_as_one_until_it_is_over_to_the_nanosecond)
{
    struct phy_bench *b = bench_new();

    bench_until(b, 777);
    phy_write(b, DM9161_BMCR, 0x8000);
    CHECK_INT(dm9161_next(b->phy), 777 + MS);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0xb100);
    bench_until(b, 777 + MS - 1);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0xb100);
    bench_until(b, 777 + MS);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3100);
}

UNIT(dm9161, reset_4_duration_is_a_parameter)
{
    static const uint64_t durations[] = {10000, 500 * MS};

    for (unsigned i = 0; i < 2; i++) {
        struct phy_bench *b = bench_with(&(struct dm9161_config){.reset_ns = durations[i]});
        phy_write(b, DM9161_BMCR, 0x8000);
        bench_until(b, durations[i] - 1);
        CHECK(phy_read(b, DM9161_BMCR) & BMCR_RESET);
        bench_until(b, durations[i]);
        CHECK(!(phy_read(b, DM9161_BMCR) & BMCR_RESET));
    }
}

UNIT(dm9161, reset_4_puts_every_register_back_and_ignores_the_written_rest)
{
    struct phy_bench *b = bench_up();

    for (unsigned i = 0; i < ROWS; i++)
        phy_write(b, rows[i].reg, rows[i].kept & ~(rows[i].reg == DM9161_DSCR ? 0x80u : 0u));
    dm9161_receive_error(b->phy);
    phy_write(b, DM9161_BMCR, 0xffff);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0xb100);
    for (unsigned i = 0; i < ROWS; i++)
        CHECKF(phy_peek(b, rows[i].reg) == rows[i].reset, "register %u", rows[i].reg);
    CHECK(!b->up);
}

UNIT(dm9161, reset_4_ignores_writes_but_those_to_bmcr)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x8000);
    for (unsigned i = 0; i < ROWS; i++) {
        phy_write(b, rows[i].reg, rows[i].kept ^ rows[i].reset);
        CHECKF(phy_read(b, rows[i].reg) == rows[i].reset, "register %u", rows[i].reg);
    }
    phy_write(b, DM9161_BMCR, 0x2500); /* 100 full, isolated, no negotiation */
    CHECK_INT(phy_read(b, DM9161_BMCR), 0xa500);
    bench_for(b, MS);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x2500);
    plug_for(b, false, MII_100FD, 10 * MS);
    CHECK(b->up && phy_state(b).full_duplex);
}

UNIT(dm9161, reset_4_written_again_begins_again)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x8000);
    bench_for(b, MS / 2);
    phy_write(b, DM9161_BMCR, 0x8000);
    bench_for(b, MS - 1);
    CHECK(phy_read(b, DM9161_BMCR) & BMCR_RESET);
    bench_for(b, 1);
    CHECK(!(phy_read(b, DM9161_BMCR) & BMCR_RESET));
}

UNIT(dm9161, straps_4_are_latched_by_a_hardware_reset_and_not_by_software)
{
    struct phy_bench *b = bench_new();

    dm9161_strap(b->phy, 9, false);
    phy_write(b, DM9161_BMCR, 0x8000);
    bench_for(b, MS);
    CHECK_INT(phy_read(b, DM9161_RLSR), 0x08e1);
    CHECK_INT(phy_read(b, DM9161_DSCR), 0x0510);
    dm9161_reset(b->phy, b->now_ns);
    b->address = 9;
    CHECK_INT(phy_read(b, DM9161_RLSR), 0x00e9);
    CHECK_INT(phy_read(b, DM9161_DSCR), 0x0410);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf090);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3100);
}

UNIT(dm9161, bmsr_3_1_link_is_latched_low_until_it_is_read)
{
    struct phy_bench *b = bench_new();

    plug_for(b, true, ALL_MODES, 1800 * MS);
    CHECK(b->up);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_LINK)); /* it was down before */
    CHECK(phy_read(b, DM9161_BMSR) & BMSR_LINK);
    unplug(b);
    bench_for(b, MS);
    plug_for(b, true, ALL_MODES, 1800 * MS);
    CHECK(b->up);
    CHECK(!(phy_peek(b, DM9161_BMSR) & BMSR_LINK));
    CHECK(!(phy_peek(b, DM9161_BMSR) & BMSR_LINK)); /* looking is not reading */
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_LINK));
    CHECK(phy_read(b, DM9161_BMSR) & BMSR_LINK);
    CHECK_INT(phy_read(b, DM9161_BMSR), 0x786d);
}

UNIT(dm9161, bmsr_3_1_remote_fault_is_latched_high_until_it_is_read)
{
    struct phy_bench *b = bench_new();

    plug_for(b, true, ALL_MODES | ANAR_REMOTE_FAULT, 1800 * MS);
    CHECK_INT(phy_read(b, DM9161_ANLPAR), 0x61e1);
    CHECK(phy_read(b, DM9161_BMSR) & BMSR_REMOTE_FAULT);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_REMOTE_FAULT));
}

UNIT(dm9161, bmsr_3_1_jabber_is_latched_high_at_10_mbit_when_18_11_allows)
{
    struct phy_bench *b = bench_up();

    dm9161_jabber(b->phy);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_JABBER)); /* 100 Mbit/s knows no jabber */
    phy_write(b, DM9161_BMCR, 0x0000);
    plug_for(b, false, MII_10HD, 11 * MS);
    CHECK(b->up);
    dm9161_jabber(b->phy);
    CHECK(phy_read(b, DM9161_BMSR) & BMSR_JABBER);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_JABBER));
    phy_write(b, DM9161_10BTCSR, 0x7000);
    dm9161_jabber(b->phy);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_JABBER));
}

UNIT(dm9161, aner_3_6_page_received_is_latched_and_partner_able_is_not)
{
    struct phy_bench *b = bench_new();

    plug_for(b, true, ALL_MODES, 1800 * MS);
    CHECK_INT(phy_read(b, DM9161_ANER), ANER_PAGE_RECEIVED | ANER_PARTNER_AN_ABLE);
    CHECK_INT(phy_read(b, DM9161_ANER), ANER_PARTNER_AN_ABLE);
}

UNIT(dm9161, recr_3_22_counts_saturates_and_is_cleared_by_reading)
{
    struct phy_bench *b = bench_new();

    for (unsigned i = 0; i < 3; i++)
        dm9161_receive_error(b->phy);
    CHECK_INT(phy_peek(b, DM9161_RECR), 3);
    CHECK_INT(phy_read(b, DM9161_RECR), 3);
    CHECK_INT(phy_read(b, DM9161_RECR), 0);
    for (unsigned i = 0; i < 0x10005; i++)
        dm9161_receive_error(b->phy);
    CHECK_INT(phy_read(b, DM9161_RECR), 0xffff);
    CHECK_INT(phy_read(b, DM9161_RECR), 0);
}

UNIT(dm9161, discr_3_23_counts_lost_links_saturates_and_is_cleared_by_reading)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x2100);
    for (unsigned i = 0; i < 300; i++) {
        plug_for(b, false, MII_100FD, 10 * MS);
        CHECK(b->up);
        unplug(b);
        bench_for(b, MS);
        CHECK(!b->up);
        CHECK_INT(phy_peek(b, DM9161_DISCR), i < 255 ? i + 1 : 255);
    }
    CHECK_INT(phy_read(b, DM9161_DISCR), 255);
    CHECK_INT(phy_read(b, DM9161_DISCR), 0);
}
