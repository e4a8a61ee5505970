/* How the DM9161's link comes and goes: negotiation, parallel detection, forced modes, loss
 * (sheet DM9161_PHY, section 5). */
#include "dm9161_bench.h"

/* The best that both can, written down a second time. -1: nothing. */
static int best_reference(unsigned ours, unsigned theirs)
{
    for (int bit = 8; bit >= 5; bit--)
        if (ours & theirs & 1u << bit)
            return bit;
    return -1;
}

static unsigned nibble_reference(int bit)
{
    return bit < 0 ? 0xfu : 1u << (bit - 5);
}

static void expect_mode(struct phy_bench *b, int bit, const char *what, unsigned a, unsigned p)
{
    struct mii_state s = phy_state(b);

    CHECKF(b->up == (bit >= 0), "%s: ours %03x, partner's %03x", what, a, p);
    CHECKF(s.link == (bit >= 0), "%s: ours %03x, partner's %03x", what, a, p);
    if (bit < 0)
        return;
    CHECKF(s.mbps == (bit >= 7 ? 100 : 10), "%s: ours %03x, partner's %03x", what, a, p);
    CHECKF(s.full_duplex == (bit == 6 || bit == 8), "%s: ours %03x, partner's %03x", what, a, p);
}

UNIT(dm9161_link, negotiation_5_of_all_abilities_with_all_gives_the_best_common_one)
{
    for (unsigned ours = 0; ours < 16; ours++)
        for (unsigned theirs = 0; theirs < 16; theirs++) {
            struct phy_bench *b = bench_new();
            phy_write(b, DM9161_ANAR, ours << 5 | 1);
            plug(b, true, theirs << 5);
            bench_until(b, 10000 * MS);
            int best = best_reference(ours << 5, theirs << 5);
            expect_mode(b, best, "negotiated", ours << 5, theirs << 5);
            CHECK_INT(phy_read(b, DM9161_DSCSR) >> 12, nibble_reference(best));
            CHECK_INT(phy_read(b, DM9161_DSCSR) & 15u, best < 0 ? 7 : 8);
            CHECK_INT((phy_read(b, DM9161_BMSR) & BMSR_AN_COMPLETE) != 0, best >= 0);
            CHECK_INT(phy_read(b, DM9161_ANLPAR), 0x4001u | theirs << 5);
            CHECK_INT(dm9161_next(b->phy), NO_TIME);
            if (best >= 0)
                CHECK_INT(b->link_ns, 1800 * MS);
        }
}

UNIT(dm9161_link, parallel_detection_5_gives_the_speed_and_half_duplex)
{
    for (unsigned ours = 0; ours < 16; ours++)
        for (int forced = 5; forced <= 8; forced++) {
            struct phy_bench *b = bench_new();
            phy_write(b, DM9161_ANAR, ours << 5 | 1);
            plug(b, false, 1u << forced);
            bench_until(b, 10000 * MS);
            int half = forced >= 7 ? 7 : 5;
            int bit = ours << 5 & 1u << half ? half : -1;
            expect_mode(b, bit, "detected", ours << 5, 1u << forced);
            CHECK_INT(phy_read(b, DM9161_DSCSR) >> 12, nibble_reference(bit));
            CHECK_INT(phy_read(b, DM9161_ANLPAR), bit < 0 ? 0 : 1u << bit);
            CHECK_INT(phy_read(b, DM9161_ANER), 0);
            CHECK_INT((phy_read(b, DM9161_BMSR) & BMSR_AN_COMPLETE) != 0, bit >= 0);
            CHECK_INT(phy_read(b, DM9161_DSCSR) & 15u, bit < 0 ? 7 : 8);
            if (bit >= 0)
                CHECK_INT(b->link_ns, 1800 * MS);
        }
}

UNIT(dm9161_link, forced_5_mode_links_with_any_partner_of_its_speed_and_no_other)
{
    static const unsigned modes[] = {0x0000, 0x0100, 0x2000, 0x2100};

    for (unsigned m = 0; m < 4; m++)
        for (unsigned kind = 0; kind < 2; kind++)
            for (unsigned theirs = 0; theirs < 16; theirs++) {
                struct phy_bench *b = bench_new();
                phy_write(b, DM9161_BMCR, modes[m]);
                plug(b, kind == 0, theirs << 5);
                bench_until(b, 5000 * MS);
                bool hundred = m >= 2;
                bool carries = theirs & (hundred ? 12u : 3u);
                if (kind == 1) /* forced to the best of them */
                    carries = hundred ? theirs >= 4 : theirs > 0 && theirs < 4;
                int bit = (hundred ? 7 : 5) + (int)(m & 1);
                expect_mode(b, carries ? bit : -1, "forced", modes[m], theirs << 5);
                CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_AN_COMPLETE));
                CHECK_INT(phy_read(b, DM9161_DSCSR) >> 12, 15);
                CHECK_INT(phy_read(b, DM9161_ANLPAR), 0);
                if (carries)
                    CHECK_INT(b->link_ns, 10 * MS);
            }
}

UNIT(dm9161_link, negotiation_5_without_a_partner_waits_and_nothing_is_due)
{
    struct phy_bench *b = bench_new();

    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    bench_until(b, 100000 * MS);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf010);
    plug(b, false, 0); /* a cable with somebody mute at its end */
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    CHECK(!phy_state(b).link);
}

UNIT(dm9161_link, negotiation_5_goes_through_the_states_of_anmb_in_order)
{
    static const struct {
        uint64_t t_ns;
        unsigned anmb, anlpar, aner;
        bool complete;
    } steps[] = {
        {0, 0, 0, 0, false},
        {1248 * MS - 1, 0, 0, 0, false},
        {1248 * MS, 1, 0, 0, false},
        {1296 * MS, 2, 0, 0, false},
        {1312 * MS, 4, 0x45e1, 3, false},
        {1440 * MS - 1, 4, 0x45e1, 3, false},
        {1440 * MS, 8, 0x45e1, 3, true},
        {1800 * MS - 1, 8, 0x45e1, 3, true},
    };
    struct phy_bench *b = bench_new();

    plug(b, true, ALL_MODES | MII_PAUSE);
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        bench_until(b, steps[i].t_ns);
        CHECKF((phy_peek(b, DM9161_DSCSR) & 15u) == steps[i].anmb, "step %u", i);
        CHECKF(phy_peek(b, DM9161_DSCSR) >> 12 == (steps[i].complete ? 8u : 15u), "step %u", i);
        CHECKF(phy_peek(b, DM9161_ANLPAR) == steps[i].anlpar, "step %u", i);
        CHECKF(phy_peek(b, DM9161_ANER) == steps[i].aner, "step %u", i);
        CHECKF(((phy_peek(b, DM9161_BMSR) & BMSR_AN_COMPLETE) != 0) == steps[i].complete,
               "step %u", i);
        CHECK(!b->up);
    }
    bench_until(b, 1800 * MS);
    CHECK(b->up);
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
}

UNIT(dm9161_link, parallel_detection_5_goes_through_anmb_6_and_8)
{
    struct phy_bench *b = bench_new();

    plug(b, false, MII_10FD);
    bench_until(b, 1200 * MS - 1);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf010);
    bench_until(b, 1200 * MS);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf016);
    bench_until(b, 1700 * MS);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0x1018);
    CHECK(!b->up);
    bench_until(b, 1800 * MS);
    CHECK(b->up);
}

UNIT(dm9161_link, durations_5_are_parameters)
{
    struct dm9161_config config = {.negotiate_ns = 18001, .parallel_ns = 36007,
                                   .forced_ns = 11, .link_loss_ns = 5};
    struct phy_bench *b = bench_with(&config);

    plug(b, true, MII_10FD);
    bench_until(b, 18000);
    CHECK(!b->up);
    bench_until(b, 20000);
    CHECK_INT(b->link_ns, 18001);
    plug(b, false, MII_10FD); /* lost at 20005, detected 36007 later */
    bench_until(b, 100000);
    CHECK_INT(b->link_ns, 20005 + 36007);
    CHECK(!phy_state(b).full_duplex);
    phy_write(b, DM9161_BMCR, 0x0100);
    bench_until(b, 200000);
    CHECK_INT(b->link_ns, 100011);
    CHECK(phy_state(b).full_duplex);
}

UNIT(dm9161_link, pause_bits_3_4_pass_between_the_partners)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_ANAR, 0x05e1);
    plug(b, true, ALL_MODES | MII_PAUSE);
    bench_until(b, 1800 * MS);
    CHECK_INT(phy_read(b, DM9161_ANAR) & phy_read(b, DM9161_ANLPAR) & MII_PAUSE, MII_PAUSE);
    struct phy_bench *c = bench_new();
    plug(c, true, ALL_MODES);
    bench_until(c, 1800 * MS);
    CHECK_INT(phy_read(c, DM9161_ANLPAR), 0x41e1);
}

UNIT(dm9161_link, anar_3_4_written_during_break_link_counts_and_later_does_not)
{
    struct phy_bench *b = bench_new();

    plug(b, true, ALL_MODES);
    bench_until(b, 1248 * MS - 1);
    phy_write(b, DM9161_ANAR, 0x0041);
    bench_until(b, 1248 * MS);
    phy_write(b, DM9161_ANAR, 0x0101);
    bench_until(b, 1800 * MS);
    expect_mode(b, 6, "early", 0x41, ALL_MODES);
    phy_write(b, DM9161_BMCR, 0x1200);
    bench_for(b, 1800 * MS);
    expect_mode(b, 8, "later", 0x101, ALL_MODES);
}

UNIT(dm9161_link, anar_3_4_with_a_strange_selector_has_nothing_in_common)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_ANAR, 0x01e2);
    plug(b, true, ALL_MODES);
    bench_until(b, 5000 * MS);
    CHECK(!b->up);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf017);
}

UNIT(dm9161_link, restart_5_by_bmcr_9_ends_the_link_and_makes_it_anew)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x1200);
    CHECK(!b->up);
    CHECK_INT(b->link_ns, 1800 * MS);
    CHECK_INT(phy_read(b, DM9161_BMSR), 0x7849);
    CHECK_INT(phy_read(b, DM9161_ANLPAR), 0);
    CHECK_INT(phy_read(b, DM9161_ANER), 0);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf010);
    CHECK_INT(phy_read(b, DM9161_DISCR), 0); /* it was not the line's fault */
    bench_for(b, 1800 * MS);
    CHECK_INT(b->link_ns, 3600 * MS);
    CHECK(b->up);
}

UNIT(dm9161_link, restart_5_in_mid_negotiation_begins_again)
{
    struct phy_bench *b = bench_new();

    plug(b, true, ALL_MODES);
    bench_until(b, 1500 * MS);
    phy_write(b, DM9161_BMCR, 0x3300);
    CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_AN_COMPLETE));
    bench_until(b, 3300 * MS);
    CHECK_INT(b->link_ns, 3300 * MS);
    CHECK_INT(b->link_changes, 1);
}

UNIT(dm9161_link, restart_5_without_an_enable_does_nothing)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x2100);
    plug_for(b, false, MII_100FD, 10 * MS);
    phy_write(b, DM9161_BMCR, 0x2300);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x2100);
    CHECK(b->up);
}

UNIT(dm9161_link, restart_5_by_reset_comes_after_the_reset)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x8000);
    CHECK(!b->up);
    bench_for(b, 1801 * MS - 1);
    CHECK(!b->up);
    bench_for(b, 1);
    CHECK(b->up);
    CHECK_INT(phy_read(b, DM9161_DISCR), 0);
}

UNIT(dm9161_link, restart_5_by_hardware_reset_begins_at_once)
{
    struct phy_bench *b = bench_up();

    dm9161_reset(b->phy, b->now_ns);
    CHECK(!b->up);
    bench_for(b, 1800 * MS);
    CHECK(b->up);
    CHECK_INT(b->link_changes, 3);
}

UNIT(dm9161_link, loss_5_is_noticed_after_link_loss_ns_and_counted)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_MDINTR, 0x0d00 & ~0x0100u);
    unplug(b);
    CHECK(b->up && !phy_state(b).link); /* frames are lost from the first moment */
    CHECK(phy_peek(b, DM9161_BMSR) & BMSR_LINK);
    bench_for(b, MS - 1);
    CHECK(b->up && !b->pin);
    bench_for(b, 1);
    CHECK(!b->up && b->pin);
    CHECK_INT(b->link_ns, 1801 * MS);
    CHECK_INT(phy_read(b, DM9161_DISCR), 1);
    CHECK_INT(phy_read(b, DM9161_MDINTR), 0x8c05);
    CHECK(!b->pin);
    CHECK_INT(phy_read(b, DM9161_BMSR), 0x7849);
}

UNIT(dm9161_link, loss_5_that_ends_in_time_goes_unnoticed)
{
    struct phy_bench *b = bench_up();

    unplug(b);
    bench_for(b, MS - 1);
    plug(b, true, ALL_MODES);
    CHECK(phy_state(b).link);
    bench_for(b, 1000 * MS);
    CHECK(b->up);
    CHECK_INT(b->link_changes, 1);
    CHECK_INT(phy_read(b, DM9161_DISCR), 0);
}

UNIT(dm9161_link, loss_5_and_re_plug_negotiate_from_the_plug_on)
{
    struct phy_bench *b = bench_up();

    unplug(b);
    bench_for(b, 50 * MS);
    plug_for(b, true, MII_10FD, 1800 * MS - 1);
    CHECK(!b->up);
    bench_for(b, 1);
    expect_mode(b, 6, "again", 0x1e1, MII_10FD);
}

UNIT(dm9161_link, partner_5_that_changes_while_up_costs_the_link_and_negotiates_anew)
{
    struct phy_bench *b = bench_up();

    plug_for(b, true, MII_10HD, MS);
    CHECK(!b->up);
    bench_for(b, 1800 * MS);
    expect_mode(b, 5, "changed", 0x1e1, MII_10HD);
    CHECK_INT(phy_read(b, DM9161_DISCR), 1);
}

UNIT(dm9161_link, partner_5_that_is_forced_otherwise_but_sounds_the_same_changes_nothing)
{
    struct phy_bench *b = bench_new();

    plug_for(b, false, MII_100HD, 1800 * MS);
    plug_for(b, false, MII_100FD, 1800 * MS);
    CHECK_INT(b->link_changes, 1);
    CHECK(b->up && !phy_state(b).full_duplex); /* the duplex mismatch of the text books */
}

UNIT(dm9161_link, partner_5_that_changes_in_mid_negotiation_starts_it_over)
{
    static const struct {
        uint64_t at_ns;
        unsigned anmb;
    } cuts[] = {{600 * MS, 0},  {1248 * MS, 3}, {1296 * MS, 3}, {1312 * MS, 5},
                {1440 * MS, 0}, {1799 * MS, 0}};

    for (unsigned i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct phy_bench *b = bench_new();
        plug(b, true, ALL_MODES);
        bench_until(b, cuts[i].at_ns);
        plug(b, true, ALL_MODES); /* the same one: no change */
        plug(b, true, MII_100HD);
        CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf010u | cuts[i].anmb);
        CHECK_INT(phy_read(b, DM9161_ANLPAR), 0);
        CHECK(!(phy_read(b, DM9161_BMSR) & BMSR_AN_COMPLETE));
        bench_for(b, 1800 * MS - 1);
        CHECK(!b->up);
        bench_for(b, 1);
        expect_mode(b, 7, "cut", 0x1e1, MII_100HD);
        CHECK_INT(b->link_changes, 1);
        CHECK_INT(phy_read(b, DM9161_DISCR), 0);
    }
}

UNIT(dm9161_link, partner_5_that_leaves_in_mid_negotiation_leaves_it_waiting)
{
    struct phy_bench *b = bench_new();

    plug(b, true, ALL_MODES);
    bench_until(b, 1500 * MS);
    unplug(b);
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    CHECK_INT(phy_read(b, DM9161_DSCSR), 0xf010);
    CHECK_INT(b->link_changes, 0);
}

UNIT(dm9161_link, partner_5_heard_at_both_speeds_latches_the_parallel_fault_of_aner_4)
{
    static const uint64_t at_ns[] = {1200 * MS, 1750 * MS};

    for (unsigned i = 0; i < 2; i++) {
        struct phy_bench *b = bench_new();
        plug(b, false, MII_100HD);
        bench_until(b, at_ns[i]);
        plug_for(b, false, MII_10HD, 1800 * MS);
        expect_mode(b, 5, "other speed", 0x1e1, MII_10HD);
        CHECK_INT(phy_read(b, DM9161_ANER), ANER_PARALLEL_FAULT);
        CHECK_INT(phy_read(b, DM9161_ANER), 0);
    }
    struct phy_bench *early = bench_new(); /* before anything was heard it is no fault */
    plug(early, false, MII_100HD);
    bench_until(early, 1000 * MS);
    plug(early, false, MII_10HD);
    CHECK_INT(phy_read(early, DM9161_ANER), 0);
}

UNIT(dm9161_link, forced_5_speed_change_makes_the_link_anew_and_duplex_change_does_not)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x2100);
    plug_for(b, true, ALL_MODES, 10 * MS);
    phy_read(b, DM9161_MDINTR);
    phy_write(b, DM9161_BMCR, 0x2000);
    CHECK(b->up && !phy_state(b).full_duplex);
    CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f10);
    phy_write(b, DM9161_BMCR, 0x0000);
    CHECK(!b->up);
    bench_for(b, 10 * MS);
    expect_mode(b, 5, "slower", 0, ALL_MODES);
    CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f0c);
}

UNIT(dm9161_link, forced_5_link_follows_what_the_line_carries)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_BMCR, 0x2100);
    plug_for(b, false, MII_100HD, 10 * MS);
    plug(b, true, ALL_MODES); /* carries 100 Mbit/s as well */
    bench_for(b, 100 * MS);
    CHECK_INT(b->link_changes, 1);
    plug_for(b, true, MII_10FD, MS);
    CHECK(!b->up);
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    plug_for(b, false, MII_100HD, 5 * MS);
    plug(b, true, MII_100HD); /* still the same speed: the wait goes on */
    bench_for(b, 5 * MS);
    CHECK(b->up);
    CHECK_INT(phy_read(b, DM9161_DISCR), 1);
    unplug(b);
    bench_for(b, MS);
    plug_for(b, false, MII_100HD, 5 * MS);
    unplug(b); /* gone before the link was there */
    bench_for(b, 100 * MS);
    CHECK(!b->up);
}

UNIT(dm9161_link, bmcr_3_0_speed_and_duplex_bits_are_ignored_while_negotiation_is_on)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x1000);
    CHECK(b->up);
    expect_mode(b, 8, "ignored", 0x1e1, ALL_MODES);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x1000);
}

UNIT(dm9161_link, bmcr_3_0_an_enable_switches_between_the_two_ways)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x0100);
    CHECK(!b->up);
    CHECK_INT(phy_read(b, DM9161_BMSR), 0x7849);
    bench_for(b, 10 * MS);
    expect_mode(b, 6, "forced", 0x0100, ALL_MODES);
    phy_write(b, DM9161_BMCR, 0x1000);
    CHECK(!b->up);
    bench_for(b, 1800 * MS);
    expect_mode(b, 8, "negotiated", 0x1e1, ALL_MODES);
}
