/* dm9161_bench.h: a PHY on the bench: its memory, what it reported, short words for management. */
#ifndef UNIT_DEVICES_DM9161_BENCH_H
#define UNIT_DEVICES_DM9161_BENCH_H

#include "sim/devices/dm9161.h"
#include "sim/devices/dm9161_regs.h"

#include "unit.h"

#include <stdlib.h>

#define MS UINT64_C(1000000)
#define NO_TIME UINT64_MAX

struct phy_bench {
    struct phy_bench *before;
    struct dm9161 *phy;
    struct mii_phy mii;
    uint64_t now_ns;
    unsigned address;
    bool pin, up;
    unsigned pin_changes, link_changes;
    uint64_t link_ns; /* of the last change */
};

static inline void bench_interrupt(void *ctx, bool asserted)
{
    struct phy_bench *b = ctx;

    CHECK(b->pin != asserted);
    b->pin = asserted;
    b->pin_changes++;
}

static inline void bench_link(void *ctx, bool up, uint64_t now_ns)
{
    struct phy_bench *b = ctx;

    CHECK(b->up != up);
    b->up = up;
    b->link_changes++;
    b->link_ns = now_ns;
}

/* A process per test: what is allocated here ends with it, and is found from here until then. */
static struct phy_bench *bench_last;

static inline struct phy_bench *bench_with(const struct dm9161_config *config)
{
    struct phy_bench *b = calloc(1, sizeof *b);
    struct dm9161_env env = {b, bench_interrupt, bench_link};

    CHECK(b != NULL);
    b->before = bench_last;
    bench_last = b;
    b->address = config->address;
    b->phy = dm9161_init(malloc(dm9161_size()), &env, config, 0);
    b->mii = dm9161_mii(b->phy);
    return b;
}

static inline struct phy_bench *bench_new(void)
{
    return bench_with(&(struct dm9161_config){.address = 1, .rmii = true});
}

static inline void bench_sound(const struct phy_bench *b)
{
    const char *broken = dm9161_check(b->phy);
    CHECKF(broken == NULL, "%s", broken);
}

static inline uint16_t phy_read(struct phy_bench *b, unsigned reg)
{
    uint16_t value = 0xdead;

    CHECK(b->mii.mdio(b->mii.ctx, b->address, reg, false, &value, b->now_ns));
    bench_sound(b);
    return value;
}

static inline void phy_write(struct phy_bench *b, unsigned reg, unsigned value)
{
    uint16_t word = (uint16_t)value;

    CHECK(b->mii.mdio(b->mii.ctx, b->address, reg, true, &word, b->now_ns));
    bench_sound(b);
}

static inline uint16_t phy_peek(const struct phy_bench *b, unsigned reg)
{
    return dm9161_peek(b->phy, reg);
}

static inline struct mii_state phy_state(struct phy_bench *b)
{
    return b->mii.state(b->mii.ctx, b->now_ns);
}

static inline void bench_until(struct phy_bench *b, uint64_t t_ns)
{
    b->now_ns = t_ns;
    dm9161_advance(b->phy, t_ns);
    bench_sound(b);
}

static inline void bench_for(struct phy_bench *b, uint64_t ns)
{
    bench_until(b, b->now_ns + ns);
}

static inline void plug(struct phy_bench *b, bool negotiates, unsigned abilities)
{
    struct mii_partner partner = {true, negotiates, (uint16_t)abilities};

    dm9161_partner(b->phy, &partner, b->now_ns);
    bench_sound(b);
}

/* And so it stays for a while. */
static inline void plug_for(struct phy_bench *b, bool negotiates, unsigned abilities, uint64_t ns)
{
    plug(b, negotiates, abilities);
    bench_for(b, ns);
}

static inline void unplug(struct phy_bench *b)
{
    dm9161_partner(b->phy, &(struct mii_partner){0}, b->now_ns);
    bench_sound(b);
}

#define ALL_MODES (MII_10HD | MII_10FD | MII_100HD | MII_100FD)

/* Negotiated with a partner that can do everything, and latches read. */
static inline struct phy_bench *bench_up(void)
{
    struct phy_bench *b = bench_new();

    plug_for(b, true, ALL_MODES, 1800 * MS);
    CHECK(b->up);
    phy_read(b, DM9161_BMSR);
    phy_read(b, DM9161_ANER);
    phy_read(b, DM9161_MDINTR);
    return b;
}

#endif
