/* The PHY's driver against the PHY's model, over management cycles of 25 us: search, reset, the
 * four modes, forced modes, partners that do not negotiate, link loss by poll and by interrupt. */
#include "stack/drivers/dm9161.h"

#include "sim/devices/dm9161.h"
#include "unit.h"

#include <stdlib.h>

#define MS 1000000ull
#define CYCLE_NS 25000u

struct bench {
    struct dm9161_phy driver;
    struct dm9161_phy_config config;
    struct dm9161_config model;
    struct dm9161 *phy;
    struct mii_phy mii;
    uint64_t now_ns, cycle_end_ns;
    unsigned address, reg, cycles, calls, ups, downs, readies, lost;
    uint16_t value, last_bmcr, last_mdintr;
    bool writing;
    bool stuck_reset;     /* BMCR.RESET reads 1 for ever */
    uint16_t fake_dscsr;  /* not 0: read instead */
    struct dm9161_link link;
};

static void on_read(void *ctx, unsigned phy, unsigned reg)
{
    struct bench *b = ctx;
    CHECK(b->now_ns >= b->cycle_end_ns);
    b->address = phy;
    b->reg = reg;
    b->writing = false;
    b->cycle_end_ns = b->now_ns + CYCLE_NS;
    b->cycles++;
}

static void on_write(void *ctx, unsigned phy, unsigned reg, uint16_t value)
{
    struct bench *b = ctx;
    on_read(ctx, phy, reg);
    b->writing = true;
    b->value = value;
    if (reg == 0)
        b->last_bmcr = value;
    if (reg == 21)
        b->last_mdintr = value;
}

static bool on_done(void *ctx, uint16_t *value)
{
    struct bench *b = ctx;
    if (b->now_ns < b->cycle_end_ns)
        return false;
    uint16_t v = b->value;
    bool there = b->mii.mdio(b->mii.ctx, b->address, b->reg, b->writing, &v, b->now_ns);
    *value = there ? v : 0xffff;
    if (b->stuck_reset && b->reg == 0 && !b->writing)
        *value |= 0x8000;
    if (b->fake_dscsr != 0 && b->reg == 17)
        *value = b->fake_dscsr;
    return true;
}

static void on_link(void *ctx, const struct dm9161_link *link)
{
    struct bench *b = ctx;
    b->ups += link->up;
    b->downs += !link->up;
    b->link = *link;
}

static void on_ready(void *ctx, bool ready)
{
    struct bench *b = ctx;
    b->readies += ready;
    b->lost += !ready;
}

static void on_pin(void *ctx, bool asserted)
{
    struct bench *b = ctx;
    if (asserted && b->config.interrupt)
        dm9161_phy_interrupt(&b->driver);
}

static struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);
    CHECK(b != NULL);
    b->config.address = DM9161_ANY_ADDRESS;
    return b;
}

static void begin(struct bench *b)
{
    static const struct mdio_ops ops = {.read = on_read, .write = on_write, .done = on_done};
    const struct mdio mdio = {.ops = &ops, .ctx = b};
    const struct dm9161_env env = {.ctx = b, .interrupt = on_pin};
    void *memory = aligned_alloc(16, (dm9161_size() + 15) & ~(size_t)15);
    CHECK(memory != NULL);
    b->now_ns = 5 * MS;
    b->phy = dm9161_init(memory, &env, &b->model, b->now_ns);
    b->mii = dm9161_mii(b->phy);
    b->config.ctx = b;
    b->config.link = on_link;
    b->config.ready = on_ready;
    dm9161_phy_init(&b->driver, &b->config, &mdio, (uint32_t)(b->now_ns / MS));
}

static void partner(struct bench *b, bool negotiates, uint16_t abilities)
{
    const struct mii_partner p = {.present = abilities != 0, .negotiates = negotiates,
                                  .abilities = abilities};
    dm9161_partner(b->phy, &p, b->now_ns);
}

/* Lets ms pass; the driver is polled when it says, and after interrupts. */
static void run(struct bench *b, uint32_t ms)
{
    const uint64_t end = b->now_ns + ms * MS;
    while (b->now_ns < end) {
        uint32_t now_ms = (uint32_t)(b->now_ns / MS);
        dm9161_advance(b->phy, b->now_ns);
        dm9161_phy_poll(&b->driver, now_ms);
        b->calls++;
        uint64_t wait = dm9161_phy_next_ms(&b->driver, now_ms);
        CHECKF(wait > 0, "step %u state %u never rests", b->driver.step, b->driver.state);
        if (wait == DM9161_NEVER)
            wait = 1u << 20;
        uint64_t next = b->now_ns + wait * MS, model = dm9161_next(b->phy);
        if (model < next && model > b->now_ns)
            next = model;
        b->now_ns = next < end ? next : end;
    }
    const char *wrong = dm9161_check(b->phy);
    CHECKF(wrong == NULL, "%s", wrong);
}

static void end(struct bench *b)
{
    free(b->phy);
    free(b);
}

UNIT(dm9161, search_finds_it_at_each_address)
{
    for (unsigned address = 0; address < 32; address++) {
        struct bench *b = bench_new();
        b->model.address = (uint8_t)address;
        b->model.isolated_at_zero = true;
        begin(b);
        partner(b, true, DM9161_ALL_MODES);
        run(b, 3000);
        CHECK_INT(b->driver.state, DM9161_WATCHING);
        CHECK_INT(b->driver.address, address);
        CHECKF(b->link.up, "address %u", address);
        CHECK_INT(b->readies, 1);
        CHECK_INT(b->last_bmcr & 0x0400, 0); /* never isolated: PHY sheet 2 */
        end(b);
    }
}

UNIT(dm9161, every_family_member_is_accepted)
{
    static const uint16_t ids[] = {0xb880, 0xb88f, 0xb8a0, 0xb8a3, 0xb8b0, 0xb8b1};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct bench *b = bench_new();
        b->model.id2 = ids[i];
        begin(b);
        run(b, 100);
        CHECKF(b->driver.state == DM9161_WATCHING, "id %04x", ids[i]);
        end(b);
    }
}

UNIT(dm9161, somebody_else_is_reported_and_tried_again)
{
    struct bench *b = bench_new();
    b->model.address = 7;
    b->model.id2 = 0xb8c0;
    begin(b);
    run(b, 200);
    CHECK_INT(b->driver.state, DM9161_FOREIGN);
    CHECK_INT(b->driver.id2, 0xb8c0);
    CHECK(strstr(dm9161_phy_problem(&b->driver), "no DM9161") != NULL);
    unsigned cycles = b->cycles;
    run(b, 3 * DM9161_RETRY_MS);
    CHECK(b->cycles >= 2 * cycles);
    CHECK_INT(b->readies, 0);
    end(b);
}

UNIT(dm9161, silent_phy_is_absent_until_it_answers)
{
    struct bench *b = bench_new();
    b->model.silent = true;
    begin(b);
    partner(b, true, DM9161_ALL_MODES);
    run(b, 5000);
    CHECK_INT(b->driver.state, DM9161_ABSENT);
    CHECK_INT(b->ups, 0);
    CHECK(strstr(dm9161_phy_problem(&b->driver), "no PHY answers") != NULL);
    dm9161_silence(b->phy, false);
    run(b, 5000);
    CHECK(b->link.up);
    CHECK(dm9161_phy_problem(&b->driver) == NULL);
    dm9161_silence(b->phy, true);
    run(b, 500);
    CHECK(!b->link.up);
    CHECK_INT(b->lost, 1);
    CHECK_INT(b->driver.state, DM9161_ABSENT);
    dm9161_silence(b->phy, false);
    run(b, 5000);
    CHECK(b->link.up);
    CHECK_INT(b->readies, 2);
    end(b);
}

UNIT(dm9161, reset_that_never_ends_is_given_up)
{
    struct bench *b = bench_new();
    b->stuck_reset = true;
    begin(b);
    run(b, 1000);
    CHECK_INT(b->driver.state, DM9161_STUCK);
    CHECK(strstr(dm9161_phy_problem(&b->driver), "reset") != NULL);
    CHECK_INT(b->readies, 0);
    b->stuck_reset = false;
    run(b, 2000);
    CHECK_INT(b->driver.state, DM9161_WATCHING);
    end(b);
}

UNIT(dm9161, reset_of_half_a_second_is_waited_for)
{
    struct bench *b = bench_new();
    b->model.reset_ns = 500 * MS;
    begin(b);
    run(b, 450);
    CHECK_INT(b->driver.state, DM9161_RESETTING);
    CHECK_INT(b->readies, 0);
    run(b, 200);
    CHECK_INT(b->driver.state, DM9161_WATCHING);
    CHECK_INT(b->readies, 1);
    end(b);
}

static const struct mode {
    uint16_t bit, mbps;
    bool full;
} modes[] = {{DM9161_100FD, 100, true},
             {DM9161_100HD, 100, false},
             {DM9161_10FD, 10, true},
             {DM9161_10HD, 10, false}};

/* Every set of abilities of both ends: the best common mode, or no link. */
UNIT(dm9161, negotiation_takes_the_best_common_mode)
{
    for (unsigned ours = 1; ours < 16; ours++) {
        for (unsigned theirs = 1; theirs < 16; theirs++) {
            struct bench *b = bench_new();
            b->config.advertise = (uint16_t)(ours << 5);
            begin(b);
            partner(b, true, (uint16_t)(theirs << 5));
            run(b, 4000);
            uint16_t best = dm9161_best((uint16_t)((ours & theirs) << 5));
            CHECKF(b->link.up == (best != 0), "%x and %x", ours, theirs);
            for (size_t i = 0; best != 0 && i < 4; i++) {
                if (modes[i].bit != best)
                    continue;
                CHECK_INT(b->link.mbps, modes[i].mbps);
                CHECK_INT(b->link.full_duplex, modes[i].full);
                CHECK(b->link.negotiated);
            }
            CHECK_INT(b->driver.mismatches, 0);
            end(b);
        }
    }
}

UNIT(dm9161, pause_needs_both_ends_and_full_duplex)
{
    for (unsigned i = 0; i < 8; i++) {
        struct bench *b = bench_new();
        uint16_t mode = i & 4 ? DM9161_100HD : DM9161_100FD;
        b->config.advertise = (uint16_t)(DM9161_ALL_MODES | (i & 1 ? DM9161_PAUSE : 0));
        begin(b);
        partner(b, true, (uint16_t)(mode | (i & 2 ? DM9161_PAUSE : 0)));
        run(b, 4000);
        CHECK(b->link.up);
        CHECK_INT(b->link.pause, i == 3);
        end(b);
    }
}

UNIT(dm9161, forced_mode_is_what_was_asked_for)
{
    for (size_t i = 0; i < 4; i++) {
        struct bench *b = bench_new();
        b->config.forced = modes[i].bit;
        begin(b);
        partner(b, false, modes[i].bit);
        run(b, 500);
        CHECK(b->link.up);
        CHECK_INT(b->link.mbps, modes[i].mbps);
        CHECK_INT(b->link.full_duplex, modes[i].full);
        CHECK(!b->link.negotiated);
        CHECK_INT(b->last_bmcr, (modes[i].mbps == 100 ? 0x2000 : 0) | (modes[i].full ? 0x0100 : 0));
        end(b);
    }
}

/* Parallel detection finds the speed; the duplex has to be half, whatever the partner does. */
UNIT(dm9161, partner_that_does_not_negotiate_gives_half_duplex)
{
    for (size_t i = 0; i < 4; i++) {
        struct bench *b = bench_new();
        begin(b);
        partner(b, false, modes[i].bit);
        run(b, 6000);
        CHECK(b->link.up);
        CHECK_INT(b->link.mbps, modes[i].mbps);
        CHECK(!b->link.full_duplex);
        CHECK(!b->link.negotiated);
        CHECK(strstr(dm9161_phy_problem(&b->driver), "does not negotiate") != NULL);
        end(b);
    }
}

UNIT(dm9161, empty_cable_is_reported_after_the_time_a_negotiation_needs)
{
    struct bench *b = bench_new();
    begin(b);
    run(b, DM9161_NEGOTIATION_MS - 100);
    CHECK(!b->driver.partner_silent);
    run(b, 500);
    CHECK(b->driver.partner_silent);
    CHECK(strstr(dm9161_phy_problem(&b->driver), "no link") != NULL);
    CHECK_INT(b->driver.state, DM9161_WATCHING);
    partner(b, true, DM9161_100FD);
    run(b, 3000);
    CHECK(b->link.up);
    CHECK(!b->driver.partner_silent);
    end(b);
}

/* DSCSR reads 1111 before it has a result: that is not 100FDX (PHY sheet, 3). */
UNIT(dm9161, dscsr_without_a_result_is_not_believed)
{
    struct bench *b = bench_new();
    b->fake_dscsr = 0xf000;
    begin(b);
    partner(b, true, DM9161_10FD | DM9161_10HD);
    run(b, 4000);
    CHECK(b->link.up);
    CHECK_INT(b->link.mbps, 10);
    CHECK(b->link.full_duplex);
    end(b);
}

UNIT(dm9161, disagreement_is_counted_and_the_phy_believed)
{
    struct bench *b = bench_new();
    b->fake_dscsr = 0x4000; /* 100HDX */
    begin(b);
    partner(b, true, DM9161_ALL_MODES);
    run(b, 4000);
    CHECK(b->link.up);
    CHECK_INT(b->link.mbps, 100);
    CHECK(!b->link.full_duplex);
    CHECK_INT(b->driver.mismatches, 1);
    end(b);
}

static void lose_and_regain(bool interrupt)
{
    struct bench *b = bench_new();
    b->config.interrupt = interrupt;
    begin(b);
    partner(b, true, DM9161_ALL_MODES);
    run(b, 3000);
    CHECK(b->link.up);
    uint64_t before = b->now_ns;
    partner(b, false, 0);
    while (b->link.up && b->now_ns < before + 2000 * MS)
        run(b, 1);
    uint64_t took = b->now_ns - before;
    /* the model needs 1 ms to see it; two cycles of a poll each then tell */
    CHECKF(took <= (interrupt ? 6 : 107) * MS, "%u us", (unsigned)(took / 1000));
    partner(b, true, DM9161_10HD);
    run(b, 3000);
    CHECK(b->link.up);
    CHECK_INT(b->link.mbps, 10);
    CHECK_INT(b->ups, 2);
    CHECK_INT(b->downs, 1);
    end(b);
}

UNIT(dm9161, link_loss_and_return_by_poll)
{
    lose_and_regain(false);
}

UNIT(dm9161, link_loss_and_return_by_interrupt)
{
    lose_and_regain(true);
}

/* BMSR's link bit is latched low: a loss between two looks is seen, and the mode looked up anew. */
UNIT(dm9161, short_loss_between_two_looks_is_seen)
{
    struct bench *b = bench_new();
    b->config.watch_ms = 5000;
    b->config.forced = DM9161_100FD;
    begin(b);
    partner(b, false, DM9161_100FD);
    run(b, 12000);
    CHECK_INT(b->ups, 1);
    partner(b, false, 0);
    run(b, 10);
    partner(b, false, DM9161_100FD);
    run(b, 6000);
    CHECK_INT(b->downs, 1);
    CHECK_INT(b->ups, 2);
    CHECK(b->link.up);
    end(b);
}

UNIT(dm9161, only_the_link_interrupt_is_unmasked)
{
    struct bench *b = bench_new();
    b->config.interrupt = true;
    begin(b);
    run(b, 200);
    CHECK_INT(b->last_mdintr, 0x0c00); /* 9 and 8 clear: PHY sheet 3, register 21 */
    end(b);
}

/* A cycle that never ends must not hold anybody. */
UNIT(dm9161, poll_is_bounded_while_a_cycle_runs)
{
    struct bench *b = bench_new();
    b->config.spins = 3;
    begin(b);
    for (unsigned i = 0; i < 100; i++)
        dm9161_phy_poll(&b->driver, 5);
    CHECK_INT(b->cycles, 1);
    CHECK_INT(dm9161_phy_next_ms(&b->driver, 5), 1);
    end(b);
}

/* The clock in milliseconds wraps. */
UNIT(dm9161, time_wraps_without_harm)
{
    struct bench *b = bench_new();
    begin(b);
    partner(b, true, DM9161_ALL_MODES);
    b->now_ns = ((1ull << 32) - 1000) * MS;
    b->driver.due_ms = (uint32_t)(b->now_ns / MS);
    run(b, 4000);
    CHECK(b->link.up);
    partner(b, false, 0);
    run(b, 500);
    CHECK(!b->link.up);
    end(b);
}

/* Without a watch a quiet PHY costs nothing, and its interrupt is enough. */
UNIT(dm9161, unwatched_phy_is_left_alone_until_it_interrupts)
{
    struct bench *b = bench_new();
    b->config.interrupt = true;
    b->config.watch_ms = DM9161_NO_WATCH;
    begin(b);
    run(b, 20000);
    CHECK(b->driver.partner_silent);
    CHECK_INT(dm9161_phy_next_ms(&b->driver, (uint32_t)(b->now_ns / MS)), DM9161_NEVER);
    for (unsigned i = 1; i <= 3; i++) {
        partner(b, true, DM9161_100FD);
        run(b, 3000);
        CHECK(b->link.up);
        CHECK_INT(b->ups, i);
        CHECK_INT(dm9161_phy_next_ms(&b->driver, (uint32_t)(b->now_ns / MS)), DM9161_NEVER);
        unsigned cycles = b->cycles;
        run(b, 100000);
        CHECK_INT(b->cycles, cycles);
        partner(b, false, 0);
        run(b, 10000);
        CHECK(!b->link.up);
        CHECK_INT(dm9161_phy_next_ms(&b->driver, (uint32_t)(b->now_ns / MS)), DM9161_NEVER);
    }
    end(b);
}

/* Its pin stays asserted as long as nobody can read why: whoever opened its channel again would be
 * interrupted for ever. */
UNIT(dm9161, phy_that_interrupts_and_does_not_answer_is_not_quiet)
{
    struct bench *b = bench_new();
    b->config.interrupt = true;
    b->config.watch_ms = DM9161_NO_WATCH;
    begin(b);
    partner(b, true, DM9161_100FD);
    run(b, 3000);
    CHECK(b->link.up);
    CHECK(dm9161_phy_quiet(&b->driver));
    dm9161_silence(b->phy, true);
    dm9161_phy_interrupt(&b->driver);
    CHECK(!dm9161_phy_quiet(&b->driver));
    run(b, 5000);
    CHECK_INT(b->driver.state, DM9161_ABSENT);
    CHECK(!dm9161_phy_quiet(&b->driver));
    dm9161_silence(b->phy, false);
    run(b, 5000);
    CHECK(b->link.up);
    CHECK(dm9161_phy_quiet(&b->driver));
    end(b);
}
