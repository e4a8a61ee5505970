/* The DM9161's special modes and its interrupt: isolate, power down, loopback, collision test,
 * remote loop-out, forced link, no clock, MDINTR; and that its state is in its memory. */
#include "dm9161_bench.h"

UNIT(dm9161_modes, isolate_3_0_takes_the_data_pins_and_leaves_link_and_management)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x3500);
    CHECK(phy_state(b).isolated && phy_state(b).link);
    CHECK_INT(phy_read(b, DM9161_PHYIDR1), 0x0181);
    phy_write(b, DM9161_BMCR, 0x3100);
    CHECK(!phy_state(b).isolated);
    CHECK_INT(b->link_changes, 1);
}

UNIT(dm9161_modes, power_down_3_0_ends_the_link_and_power_up_makes_it_anew)
{
    struct phy_bench *b = bench_up();

    phy_write(b, DM9161_BMCR, 0x3900);
    CHECK(!b->up);
    CHECK_INT(phy_read(b, DM9161_BMCR), 0x3900);
    CHECK_INT(phy_read(b, DM9161_BMSR), 0x7849);
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    CHECK(phy_state(b).clock);
    unplug(b);
    plug(b, true, MII_100HD);
    phy_write(b, DM9161_BMCR, 0x3b00); /* nothing to restart */
    CHECK_INT(dm9161_next(b->phy), NO_TIME);
    phy_write(b, DM9161_BMCR, 0x3100);
    bench_for(b, 1800 * MS);
    CHECK(b->up && !phy_state(b).full_duplex);
    CHECK_INT(phy_read(b, DM9161_DISCR), 0);
}

UNIT(dm9161_modes, power_down_4_stops_the_clock_where_the_board_takes_it_from_the_phy)
{
    struct dm9161_config config = {.clock_stops_in_power_down = true};
    struct phy_bench *b = bench_with(&config);

    CHECK(phy_state(b).clock);
    phy_write(b, DM9161_BMCR, 0x3900);
    CHECK(!phy_state(b).clock);
    phy_write(b, DM9161_BMCR, 0x3100);
    CHECK(phy_state(b).clock);
}

UNIT(dm9161_modes, clock_4_that_is_missing_or_stops_shows)
{
    struct phy_bench *b = bench_with(&(struct dm9161_config){.no_clock = true});

    CHECK(!phy_state(b).clock);
    CHECK_INT(phy_read(b, DM9161_PHYIDR1), 0x0181); /* management needs none */
    dm9161_clock(b->phy, true);
    CHECK(phy_state(b).clock);
    dm9161_clock(b->phy, false);
    CHECK(!phy_state(b).clock);
}

UNIT(dm9161_modes, loopback_3_0_is_told_with_the_mode_that_is_set)
{
    static const struct {
        unsigned bmcr, mbps;
        bool full;
    } modes[] = {{0x4000, 10, false}, {0x4100, 10, true}, {0x6000, 100, false},
                 {0x6100, 100, true}};

    for (unsigned i = 0; i < 4; i++) {
        struct phy_bench *b = bench_new();
        CHECK(!phy_state(b).loopback);
        phy_write(b, DM9161_BMCR, modes[i].bmcr);
        struct mii_state s = phy_state(b);
        CHECK(s.loopback && !s.link && s.clock && !s.isolated);
        CHECK_INT(s.mbps, modes[i].mbps);
        CHECK_INT(s.full_duplex, modes[i].full);
        phy_write(b, DM9161_BMCR, modes[i].bmcr & ~0x4000u);
        CHECK(!phy_state(b).loopback);
    }
}

UNIT(dm9161_modes, collision_test_3_0_and_loop_out_3_16_are_told)
{
    struct phy_bench *b = bench_new();

    CHECK(!dm9161_collision_test(b->phy) && !dm9161_loop_out(b->phy));
    phy_write(b, DM9161_BMCR, 0x3180);
    CHECK(dm9161_collision_test(b->phy));
    phy_write(b, DM9161_DSCR, 0x0511);
    CHECK(dm9161_loop_out(b->phy));
    phy_write(b, DM9161_BMCR, 0x8000);
    CHECK(!dm9161_collision_test(b->phy) && !dm9161_loop_out(b->phy));
}

UNIT(dm9161_modes, forced_link_3_16_needs_no_partner_and_ignores_it)
{
    struct phy_bench *b = bench_new();

    phy_write(b, DM9161_DSCR, 0x0590);
    CHECK(b->up);
    CHECK_INT(phy_state(b).mbps, 100);
    CHECK(phy_state(b).link && phy_state(b).full_duplex);
    plug_for(b, false, MII_10HD, 5000 * MS);
    CHECK(b->up);
    CHECK_INT(b->link_changes, 1);
    phy_write(b, DM9161_BMCR, 0x2000);
    CHECK(b->up && !phy_state(b).full_duplex);
    phy_write(b, DM9161_BMCR, 0x2100);
    CHECK(b->up && phy_state(b).full_duplex);
    phy_write(b, DM9161_BMCR, 0x0100);
    CHECK_INT(phy_state(b).mbps, 100);
    phy_write(b, DM9161_BMCR, 0x0900);
    CHECK(!b->up);
    phy_write(b, DM9161_BMCR, 0x0100);
    CHECK(b->up);
    phy_write(b, DM9161_DSCR, 0x0510);
    CHECK(!b->up);
    bench_for(b, 10 * MS);
    CHECK(b->up);
    CHECK_INT(phy_state(b).mbps, 10);
}

UNIT(dm9161_modes, mdintr_3_21_link_up_reports_what_changed)
{
    static const struct {
        unsigned partner, expected; /* before it, 100 Mbit/s full duplex */
    } kinds[] = {{MII_100FD, 0x04}, {MII_100HD, 0x14}, {MII_10FD, 0x0c}, {MII_10HD, 0x1c}};

    for (unsigned i = 0; i < 4; i++) {
        struct phy_bench *b = bench_new();
        plug_for(b, true, kinds[i].partner, 1800 * MS - 1);
        CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f00);
        bench_for(b, 1);
        CHECK_INT(phy_peek(b, DM9161_MDINTR), 0x0f00u | kinds[i].expected);
        CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f00u | kinds[i].expected);
        CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f00);
        CHECK_INT(b->pin_changes, 0);
    }
}

/* Each mask, with each change, alone: the pin follows, and is a level until the read. */
UNIT(dm9161_modes, mdintr_3_21_every_mask_with_every_change_drives_the_pin)
{
    static const unsigned partners[] = {MII_100FD, MII_100HD, MII_10FD, MII_10HD};

    for (unsigned masks = 0; masks < 16; masks++)
        for (unsigned i = 0; i < 4; i++) {
            struct phy_bench *b = bench_new();
            phy_write(b, DM9161_MDINTR, masks << 8);
            plug_for(b, true, partners[i], 1800 * MS);
            bool link = !(masks & 2), speed = !(masks & 4) && i >= 2;
            bool duplex = !(masks & 8) && i & 1;
            bool asserted = !(masks & 1) && (link || speed || duplex);
            CHECKF(b->pin == asserted, "masks %x partner %u", masks, i);
            unsigned value = phy_read(b, DM9161_MDINTR);
            CHECK_INT(value & 0x8001u, asserted ? 0x8001 : 0);
            CHECK_INT(value & 0x0f00u, masks << 8);
            CHECK(!b->pin);
            CHECK_INT(b->pin_changes, asserted ? 2 : 0);
        }
}

UNIT(dm9161_modes, mdintr_3_21_change_that_was_masked_shows_once_unmasked)
{
    struct phy_bench *b = bench_new();

    plug_for(b, true, ALL_MODES, 1800 * MS);
    CHECK(!b->pin);
    phy_write(b, DM9161_MDINTR, 0x0c00);
    CHECK(b->pin);
    phy_write(b, DM9161_MDINTR, 0x0d00);
    CHECK(!b->pin);
    phy_write(b, DM9161_MDINTR, 0x0e00);
    CHECK(!b->pin);
    phy_write(b, DM9161_MDINTR, 0x0000);
    CHECK(b->pin);
    phy_write(b, DM9161_BMCR, 0x8000); /* a reset takes the interrupt, too */
    CHECK(!b->pin);
    CHECK_INT(phy_read(b, DM9161_MDINTR), 0x0f00);
}

UNIT(dm9161_modes, nobody_asks_for_reports_and_it_works_all_the_same)
{
    struct dm9161_env env = {0};
    struct dm9161_config config = {0};
    struct dm9161 *p = dm9161_init(malloc(dm9161_size()), &env, &config, 5);
    struct mii_partner partner = {true, true, ALL_MODES};
    uint16_t unmasked = 0;
    struct mii_phy mii = dm9161_mii(p);

    CHECK(mii.mdio(mii.ctx, 0, DM9161_MDINTR, true, &unmasked, 5));
    dm9161_partner(p, &partner, 5);
    dm9161_advance(p, 1800 * MS + 5);
    CHECK(mii.state(mii.ctx, 1800 * MS + 5).link);
    CHECK_INT(dm9161_peek(p, DM9161_MDINTR), 0x8005);
    CHECK(mii.mdio(mii.ctx, 0, DM9161_BMCR, true, &(uint16_t){0x8000}, 1800 * MS + 5));
    CHECK(dm9161_check(p) == NULL);
    free(p);
}

/* One large step does what many small ones do. */
UNIT(dm9161_modes, advance_over_several_deadlines_does_each_at_its_time)
{
    struct phy_bench *b = bench_new(), *c = bench_new();

    phy_write(b, DM9161_BMCR, 0x8000);
    phy_write(c, DM9161_BMCR, 0x8000);
    plug(b, true, ALL_MODES);
    plug(c, true, ALL_MODES);
    bench_until(b, 9000 * MS);
    unsigned steps = 0;
    for (uint64_t t; (t = dm9161_next(c->phy)) != NO_TIME; steps++)
        bench_until(c, t);
    bench_until(c, 9000 * MS);
    CHECK_INT(steps, 6);
    CHECK_INT(b->link_ns, 1801 * MS);
    CHECK_INT(c->link_ns, 1801 * MS);
    for (unsigned reg = 0; reg < 32; reg++)
        CHECK_INT(phy_peek(b, reg), phy_peek(c, reg));
}

static uint64_t walk(struct phy_bench *b, unsigned seed)
{
    uint64_t sum = seed;

    for (unsigned i = 0; i < 400; i++) {
        seed = seed * 1103515245u + 12345u;
        unsigned what = seed >> 16 & 7u, more = seed >> 19;
        if (what == 0)
            plug(b, more & 1, more >> 1 & 0x25e0u);
        else if (what == 1)
            unplug(b);
        else if (what == 2)
            phy_write(b, more & 31u, seed >> 8 & 0xffffu);
        else if (what == 3)
            phy_write(b, DM9161_BMCR, more & 1 ? 0x1200 : 0x2100);
        else if (what == 4)
            sum = sum * 31 + phy_read(b, more & 31u);
        else
            bench_for(b, seed % (300 * MS));
        sum = sum * 31 + dm9161_next(b->phy) + b->link_changes + b->pin_changes;
    }
    return sum;
}

UNIT(dm9161_modes, snapshot_of_the_block_put_back_goes_on_identically)
{
    struct phy_bench *b = bench_up();
    void *copy = malloc(dm9161_size());
    struct phy_bench bench;

    walk(b, 1);
    memcpy(copy, b->phy, dm9161_size());
    bench = *b;
    for (unsigned seed = 2; seed < 40; seed++) {
        memcpy(b->phy, copy, dm9161_size());
        *b = bench;
        uint64_t first = walk(b, seed);
        memcpy(b->phy, copy, dm9161_size());
        *b = bench;
        CHECK(walk(b, seed) == first);
    }
    free(copy);
}
