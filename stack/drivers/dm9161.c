/* stack/drivers/dm9161.c: see dm9161.h.
 *
 * One step is one management cycle: begin() starts it, take() is given what came and says which
 * step is next. STEP_NONE waits for time or interrupt. */
#include "stack/drivers/dm9161.h"

#include <stddef.h>

/* Registers and bits, by the data sheet's names (PHY sheet, 3). */
enum {
    BMCR = 0,
    BMSR = 1,
    PHYIDR1 = 2,
    PHYIDR2 = 3,
    ANAR = 4,
    ANLPAR = 5,
    ANER = 6,
    DSCSR = 17,
    MDINTR = 21
};

#define BMCR_RESET 0x8000u
#define BMCR_SPEED 0x2000u
#define BMCR_AN_ENABLE 0x1000u
#define BMCR_RESTART_AN 0x0200u
#define BMCR_DUPLEX 0x0100u
#define BMSR_AN_COMPLETE 0x0020u
#define BMSR_LINK 0x0004u
#define ANAR_SELECTOR 0x0001u /* IEEE 802.3 */
#define ANER_PARTNER_NEGOTIATES 0x0001u
#define DSCSR_100FDX 0x8000u
#define DSCSR_100HDX 0x4000u
#define DSCSR_10FDX 0x2000u
#define DSCSR_10HDX 0x1000u
#define DSCSR_MODE 0xf000u
/* Duplex and speed changes stay masked (11, 10): they never come without the link's. Link (9) and
 * the master mask (8) are open. */
#define MDINTR_LINK_ONLY 0x0c00u

#define ID1 0x0181u
#define NOBODY 0xffffu /* MDIO has a pull-up */

#define WATCH_MS 100u
#define WATCH_MS_INTERRUPT 1000u
/* A whole search needs 64 cycles: enough for it where cycles end at once, and a bound. */
#define STEPS_MAX 80u

enum step {
    STEP_NONE,
    STEP_ID1,
    STEP_ID2,
    STEP_RESET,
    STEP_RESET_DONE,
    STEP_ADVERTISE,
    STEP_UNMASK,
    STEP_START,
    STEP_ACKNOWLEDGE, /* reading MDINTR lets go of the pin */
    STEP_LATCHED,     /* BMSR: was the link lost since it was read last? */
    STEP_PRESENT,     /* BMSR again: how is it now? */
    STEP_PARTNER,
    STEP_EXPANSION,
    STEP_RESULT
};

static uint16_t advertised(const struct dm9161_phy *p)
{
    return p->config.advertise != 0 ? p->config.advertise : DM9161_ALL_MODES;
}

static uint16_t control(const struct dm9161_phy *p)
{
    uint16_t forced = p->config.forced;
    if (forced == 0)
        return BMCR_AN_ENABLE | BMCR_RESTART_AN;
    return (uint16_t)((forced & (DM9161_100FD | DM9161_100HD) ? BMCR_SPEED : 0u) |
                      (forced & (DM9161_100FD | DM9161_10FD) ? BMCR_DUPLEX : 0u));
}

static void read(struct dm9161_phy *p, unsigned reg)
{
    p->mdio.ops->read(p->mdio.ctx, p->address, reg);
}

static void write(struct dm9161_phy *p, unsigned reg, uint16_t value)
{
    p->mdio.ops->write(p->mdio.ctx, p->address, reg, value);
}

static void begin(struct dm9161_phy *p, enum step step)
{
    p->step = (uint8_t)step;
    switch (step) {
    case STEP_NONE:
        break;
    case STEP_ID1:
        read(p, PHYIDR1);
        break;
    case STEP_ID2:
        read(p, PHYIDR2);
        break;
    case STEP_RESET:
        write(p, BMCR, BMCR_RESET);
        break;
    case STEP_RESET_DONE:
        read(p, BMCR);
        break;
    case STEP_ADVERTISE:
        write(p, ANAR, (uint16_t)(advertised(p) | ANAR_SELECTOR));
        break;
    case STEP_UNMASK:
        write(p, MDINTR, MDINTR_LINK_ONLY);
        break;
    case STEP_START:
        /* never with ISOLATE, in which parts strapped to address 0 may come up */
        write(p, BMCR, control(p));
        break;
    case STEP_ACKNOWLEDGE:
        read(p, MDINTR);
        break;
    case STEP_LATCHED:
    case STEP_PRESENT:
        read(p, BMSR);
        break;
    case STEP_PARTNER:
        read(p, ANLPAR);
        break;
    case STEP_EXPANSION:
        read(p, ANER);
        break;
    case STEP_RESULT:
        read(p, DSCSR);
        break;
    }
}

/* Nothing to do for ms. */
static enum step rest(struct dm9161_phy *p, uint32_t now_ms, uint32_t ms)
{
    p->due_ms = now_ms + ms;
    return STEP_NONE;
}

static enum step watch(struct dm9161_phy *p, uint32_t now_ms)
{
    uint32_t usual = p->config.interrupt ? WATCH_MS_INTERRUPT : WATCH_MS;
    bool unwatched = p->config.interrupt && p->config.watch_ms == DM9161_NO_WATCH;
    p->rests = unwatched && (p->link.up || p->partner_silent);
    return rest(p, now_ms, p->config.watch_ms != 0 && !unwatched ? p->config.watch_ms : usual);
}

static void link_down(struct dm9161_phy *p)
{
    if (!p->link.up)
        return;
    p->link.up = false;
    p->config.link(p->config.ctx, &p->link);
}

static void say_ready(struct dm9161_phy *p, bool ready)
{
    if (p->config.ready != NULL)
        p->config.ready(p->config.ctx, ready);
}

/* The search, or the PHY itself, has come to an end in `state`. */
static enum step fail(struct dm9161_phy *p, enum dm9161_state state, uint32_t now_ms)
{
    bool was_ready = p->state == DM9161_WATCHING;
    p->state = (uint8_t)state;
    p->since_ms = now_ms;
    link_down(p);
    if (was_ready)
        say_ready(p, false);
    return rest(p, now_ms, DM9161_RETRY_MS);
}

static enum step search(struct dm9161_phy *p, uint32_t now_ms)
{
    p->state = DM9161_SEARCHING;
    p->since_ms = now_ms;
    p->foreign_seen = false;
    p->address = p->config.address == DM9161_ANY_ADDRESS ? 0 : p->config.address;
    return STEP_ID1;
}

static enum step search_on(struct dm9161_phy *p, uint32_t now_ms)
{
    if (p->config.address == DM9161_ANY_ADDRESS && p->address + 1u < MDIO_PHYS) {
        p->address++;
        return STEP_ID1;
    }
    return fail(p, p->foreign_seen ? DM9161_FOREIGN : DM9161_ABSENT, now_ms);
}

/* DM9161E, A and AEP, B and C, whatever their revision. */
static bool is_ours(uint16_t id1, uint16_t id2)
{
    uint16_t model = id2 & 0xfff0u;
    return id1 == ID1 && (model == 0xb880u || model == 0xb8a0u || model == 0xb8b0u);
}

static enum step identify(struct dm9161_phy *p, uint16_t id2, uint32_t now_ms)
{
    p->id2 = id2;
    if (is_ours(p->id1, id2)) {
        p->state = DM9161_RESETTING;
        p->since_ms = now_ms;
        return STEP_RESET;
    }
    p->foreign_seen = true;
    return search_on(p, now_ms);
}

static enum step reset_done(struct dm9161_phy *p, uint16_t bmcr, uint32_t now_ms)
{
    if (bmcr == NOBODY)
        return fail(p, DM9161_ABSENT, now_ms);
    if ((bmcr & BMCR_RESET) == 0)
        return STEP_ADVERTISE;
    if (now_ms - p->since_ms > DM9161_RESET_MS_MAX)
        return fail(p, DM9161_STUCK, now_ms);
    return rest(p, now_ms, 1);
}

/* The negotiation, or the forced mode, begins to count from now. */
static enum step started(struct dm9161_phy *p, uint32_t now_ms)
{
    bool first = p->state != DM9161_WATCHING;
    p->state = DM9161_WATCHING;
    p->since_ms = now_ms;
    p->partner_silent = false;
    if (first)
        say_ready(p, true);
    return p->config.interrupt ? STEP_ACKNOWLEDGE : STEP_LATCHED;
}

static enum step no_link(struct dm9161_phy *p, uint32_t now_ms)
{
    if (now_ms - p->since_ms > DM9161_NEGOTIATION_MS)
        p->partner_silent = true;
    return watch(p, now_ms);
}

/* BMSR bits 15:11 say what the part can; a register of ones, or of zeros, is no DM9161's. */
static enum step latched(struct dm9161_phy *p, uint16_t bmsr, uint32_t now_ms)
{
    if (bmsr == NOBODY || bmsr == 0)
        return fail(p, DM9161_ABSENT, now_ms);
    if ((bmsr & BMSR_LINK) == 0 && p->link.up) {
        link_down(p); /* even if it is back already: the mode may be another one */
        p->since_ms = now_ms;
    }
    return STEP_PRESENT;
}

static void link_up(struct dm9161_phy *p, uint16_t mode, bool negotiated)
{
    p->partner_silent = false;
    p->link.up = true;
    p->link.mbps = mode & (DM9161_100FD | DM9161_100HD) ? 100 : 10;
    p->link.full_duplex = (mode & (DM9161_100FD | DM9161_10FD)) != 0;
    p->link.negotiated = negotiated;
    p->link.pause = negotiated && p->link.full_duplex &&
                    (advertised(p) & p->anlpar & DM9161_PAUSE) != 0;
    p->config.link(p->config.ctx, &p->link);
}

static enum step present(struct dm9161_phy *p, uint16_t bmsr, uint32_t now_ms)
{
    if (bmsr == NOBODY || bmsr == 0)
        return fail(p, DM9161_ABSENT, now_ms);
    p->bmsr = bmsr;
    if ((bmsr & BMSR_LINK) == 0)
        return no_link(p, now_ms);
    if (p->link.up)
        return watch(p, now_ms);
    if (p->config.forced != 0) {
        link_up(p, p->config.forced, false);
        return watch(p, now_ms);
    }
    if ((bmsr & BMSR_AN_COMPLETE) != 0)
        return STEP_PARTNER;
    if (now_ms - p->since_ms > DM9161_NEGOTIATION_MS) {
        p->restarts++;
        return STEP_START;
    }
    return watch(p, now_ms);
}

uint16_t dm9161_best(uint16_t modes)
{
    for (uint16_t mode = DM9161_100FD; mode >= DM9161_10HD; mode = (uint16_t)(mode >> 1))
        if ((modes & mode) != 0)
            return mode;
    return 0;
}

/* DSCSR's mode if it says exactly one; 0: it has none (it may read 1111 before there is a
 * result). */
static uint16_t mode_in(uint16_t dscsr)
{
    switch (dscsr & DSCSR_MODE) {
    case DSCSR_100FDX:
        return DM9161_100FD;
    case DSCSR_100HDX:
        return DM9161_100HD;
    case DSCSR_10FDX:
        return DM9161_10FD;
    case DSCSR_10HDX:
        return DM9161_10HD;
    default:
        return 0;
    }
}

/* What the PHY says it does counts; what both ends offered is the check, and the answer where the
 * PHY gives none. A partner that does not negotiate has offered nothing that counts: only the PHY
 * knows its speed, and the duplex has to be half, because it cannot have told us of another. */
static enum step resolve(struct dm9161_phy *p, uint16_t dscsr, uint32_t now_ms)
{
    bool negotiated = (p->aner & ANER_PARTNER_NEGOTIATES) != 0;
    uint16_t agreed = negotiated ? dm9161_best(advertised(p) & p->anlpar) : 0;
    uint16_t mode = mode_in(dscsr);
    p->dscsr = dscsr;
    if (mode == 0)
        mode = agreed != 0 ? agreed : dm9161_best(p->anlpar & (DM9161_100HD | DM9161_10HD));
    else if (negotiated && mode != agreed)
        p->mismatches++;
    if (!negotiated && mode != 0)
        mode = mode & (DM9161_100FD | DM9161_100HD) ? DM9161_100HD : DM9161_10HD;
    if (mode == 0) {
        p->restarts++;
        return STEP_START;
    }
    link_up(p, mode, negotiated);
    return watch(p, now_ms);
}

static enum step take(struct dm9161_phy *p, uint16_t value, uint32_t now_ms)
{
    switch ((enum step)p->step) {
    case STEP_ID1:
        if (value == NOBODY || value == 0)
            return search_on(p, now_ms);
        p->id1 = value;
        return STEP_ID2;
    case STEP_ID2:
        return identify(p, value, now_ms);
    case STEP_RESET:
        return STEP_RESET_DONE;
    case STEP_RESET_DONE:
        return reset_done(p, value, now_ms);
    case STEP_ADVERTISE:
        return p->config.interrupt ? STEP_UNMASK : STEP_START;
    case STEP_UNMASK:
        return STEP_START;
    case STEP_START:
        return started(p, now_ms);
    case STEP_ACKNOWLEDGE:
        return STEP_LATCHED;
    case STEP_LATCHED:
        return latched(p, value, now_ms);
    case STEP_PRESENT:
        return present(p, value, now_ms);
    case STEP_PARTNER:
        p->anlpar = value;
        return STEP_EXPANSION;
    case STEP_EXPANSION:
        p->aner = value;
        return STEP_RESULT;
    case STEP_RESULT:
        return resolve(p, value, now_ms);
    case STEP_NONE:
        break;
    }
    return STEP_NONE;
}

/* Time or an interrupt ends a rest. */
static enum step awake(struct dm9161_phy *p, uint32_t now_ms)
{
    bool due = (int32_t)(now_ms - p->due_ms) >= 0;
    switch ((enum dm9161_state)p->state) {
    case DM9161_RESETTING:
        return due ? STEP_RESET_DONE : STEP_NONE;
    case DM9161_WATCHING:
        if (p->interrupted) {
            p->interrupted = false; /* before the read: another one is then not missed */
            return STEP_ACKNOWLEDGE;
        }
        return due && !p->rests ? STEP_LATCHED : STEP_NONE;
    default:
        p->interrupted = false;
        return due ? search(p, now_ms) : STEP_NONE;
    }
}

static bool collect(struct dm9161_phy *p, uint16_t *value)
{
    for (unsigned asked = 0; asked <= p->config.spins; asked++)
        if (p->mdio.ops->done(p->mdio.ctx, value))
            return true;
    return false;
}

void dm9161_phy_init(struct dm9161_phy *p, const struct dm9161_phy_config *config,
                     const struct mdio *mdio, uint32_t now_ms)
{
    *p = (struct dm9161_phy){.config = *config, .mdio = *mdio, .due_ms = now_ms};
    p->since_ms = now_ms;
}

void dm9161_phy_poll(struct dm9161_phy *p, uint32_t now_ms)
{
    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        uint16_t value = 0;
        if (p->step == STEP_NONE)
            begin(p, awake(p, now_ms));
        if (p->step == STEP_NONE || !collect(p, &value))
            return;
        begin(p, take(p, value, now_ms));
    }
}

uint32_t dm9161_phy_next_ms(const struct dm9161_phy *p, uint32_t now_ms)
{
    if (p->step != STEP_NONE)
        return 1;
    if (p->rests && !p->interrupted && p->state == DM9161_WATCHING)
        return DM9161_NEVER;
    int32_t wait = (int32_t)(p->due_ms - now_ms);
    return p->interrupted || wait < 0 ? 0 : (uint32_t)wait;
}

void dm9161_phy_interrupt(struct dm9161_phy *p)
{
    p->interrupted = true;
}

/* One that does not answer has not been heard, and asserts its pin still. */
bool dm9161_phy_quiet(const struct dm9161_phy *p)
{
    return p->state == DM9161_WATCHING && !p->interrupted && p->step != STEP_ACKNOWLEDGE;
}
