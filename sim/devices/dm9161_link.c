/* sim/devices/dm9161_link.c: how a link comes and goes (sheet 4 and 5, IEEE 802.3 clause 28).
 *
 * A negotiation that is alone with an unchanged partner takes negotiate_ns. The phases inside keep
 * the proportions of 1800 ms: transmitter off for 1200 ms, then bursts each 16 ms, three for the
 * ability match, three for the acknowledge match, one for consistency, eight for the complete
 * acknowledge, and the rest until the link is good. Parallel detection: 1200 ms, then 500 ms during
 * which the other speed must not be heard, and the rest.
 *
 * Choices where the sheet is silent:
 * - ANAR is sampled at the ability match; a write after that counts in the next negotiation.
 * - A partner that changes in the middle starts everything over, as its transmitter goes off, too.
 * - With nothing in common the chip would try for ever; the model does not repeat what cannot
 *   change, and waits for a change with ANMB 7 and BMSR.5 = 0.
 * - Parallel detection needs the half-duplex ability of that speed in ANAR.
 * - The same signal back before link_loss_ns is over goes unnoticed.
 * - DISCR counts links that the line took away, not those that a command ended. */
#include "sim/devices/dm9161_state.h"

#include "sim/devices/dm9161_regs.h"

#include <assert.h>

enum { /* in 1/1800 of the whole */
    WHOLE = 1800,
    AT_ABILITY = 1248,
    AT_ACKNOWLEDGE = 1296,
    AT_CONSISTENCY = 1312,
    AT_COMPLETE = 1440,
    AT_PARALLEL = 1200,
    AT_PARALLEL_COMPLETE = 1700
};

static const struct technology {
    uint16_t bit, mbps;
    bool full;
} priorities[] = {{MII_100FD, 100, true},
                  {MII_100HD, 100, false},
                  {MII_10FD, 10, true},
                  {MII_10HD, 10, false}};
enum { TECHNOLOGIES = sizeof priorities / sizeof priorities[0] };

static const struct technology *best_of(uint32_t abilities)
{
    for (unsigned i = 0; i < TECHNOLOGIES; i++)
        if (abilities & priorities[i].bit)
            return &priorities[i];
    return NULL;
}

uint32_t dm9161_line_of(const struct mii_partner *partner)
{
    if (!partner->present)
        return LINE_SILENT;
    if (partner->negotiates)
        return LINE_FLP | (partner->abilities & ANLPAR_FROM_PARTNER);
    const struct technology *forced = best_of(partner->abilities);
    if (forced == NULL)
        return LINE_SILENT;
    return forced->mbps == 100 ? LINE_100 : LINE_10;
}

/* A negotiating partner finds our fixed speed by parallel detection. */
static bool line_carries(uint32_t line, unsigned mbps)
{
    if (line & LINE_FLP)
        return (line & (mbps == 100 ? MII_100HD | MII_100FD : MII_10HD | MII_10FD)) != 0;
    return line == (mbps == 100 ? LINE_100 : LINE_10);
}

static bool negotiates(const struct dm9161 *p)
{
    return (p->bmcr & BMCR_AN_ENABLE) != 0;
}

static unsigned forced_mbps(const struct dm9161 *p)
{
    return p->bmcr & BMCR_SPEED_100 ? 100 : 10;
}

void dm9161_pin_update(struct dm9161 *p)
{
    /* each mask is seven bits above its change */
    bool asserted = !(p->masks & MDINTR_MASTER_MASK) && (p->changes & ~(p->masks >> 7)) != 0;

    if (asserted == p->pin)
        return;
    p->pin = asserted;
    if (p->env.interrupt != NULL)
        p->env.interrupt(p->env.ctx, asserted);
}

static void enter(struct dm9161 *p, enum dm9161_phase phase, uint64_t deadline_ns)
{
    p->phase = phase;
    p->deadline_ns = deadline_ns;
}

static uint64_t later(uint64_t t_ns, uint64_t by_ns)
{
    return t_ns > UINT64_MAX - by_ns ? UINT64_MAX : t_ns + by_ns;
}

/* When `part` 1800ths of the negotiation are over. */
static uint64_t at_part(const struct dm9161 *p, unsigned part)
{
    uint64_t whole = p->link_line & LINE_FLP ? p->config.negotiate_ns : p->config.parallel_ns;

    return later(p->start_ns, whole / WHOLE * part + whole % WHOLE * part / WHOLE);
}

static void set_mode(struct dm9161 *p, unsigned mbps, bool full)
{
    p->mbps = (uint16_t)mbps;
    p->full_duplex = full;
}

/* The link is there or gone: the latch, then those who want to know, last of all. */
static void set_link(struct dm9161 *p, bool up)
{
    if (p->link == up)
        return;
    p->link = up;
    if (!up)
        p->link_latch = false;
    p->changes |= MDINTR_LINK;
    dm9161_pin_update(p);
    if (p->env.link != NULL)
        p->env.link(p->env.ctx, up, p->now_ns);
}

/* The link comes up in this mode; MDINTR tells what is different from the last one. */
static void come_up(struct dm9161 *p, enum dm9161_phase phase, unsigned mbps, bool full)
{
    enter(p, phase, UINT64_MAX);
    if (p->mode_said_mbps != mbps)
        p->changes |= MDINTR_SPEED;
    if (p->mode_said_full != full)
        p->changes |= MDINTR_DUPLEX;
    p->mode_said_mbps = (uint16_t)mbps;
    p->mode_said_full = full;
    set_mode(p, mbps, full);
    set_link(p, true);
}

void dm9161_set_duplex(struct dm9161 *p, bool full)
{
    assert(p->link && p->full_duplex != full);
    p->full_duplex = full;
    p->mode_said_full = full;
    p->changes |= MDINTR_DUPLEX;
    dm9161_pin_update(p);
}

/* Looks for a link from the beginning; there is none now. */
static void look(struct dm9161 *p)
{
    p->anlpar = 0;
    p->aner &= (uint16_t)~ANER_PARTNER_AN_ABLE;
    p->complete = false;
    p->start_ns = p->now_ns;
    p->link_line = p->line;
    if (p->bmcr & BMCR_POWER_DOWN)
        enter(p, DM9161_OFF, UINT64_MAX);
    else if (negotiates(p) && p->line == LINE_SILENT)
        enter(p, DM9161_WAITING, UINT64_MAX);
    else if (negotiates(p))
        enter(p, DM9161_BREAK_LINK, at_part(p, p->line & LINE_FLP ? AT_ABILITY : AT_PARALLEL));
    else if (line_carries(p->line, forced_mbps(p)))
        enter(p, DM9161_FORCED_WAIT, later(p->now_ns, p->config.forced_ns));
    else
        enter(p, DM9161_WAITING, UINT64_MAX);
}

void dm9161_start(struct dm9161 *p)
{
    p->monitor = ANMB_IDLE;
    look(p);
    if (p->dscr & DSCR_FORCE_LINK && p->phase != DM9161_OFF)
        come_up(p, DM9161_LINK_FORCED, 100, (p->bmcr & BMCR_DUPLEX) != 0);
}

void dm9161_restart(struct dm9161 *p)
{
    enter(p, DM9161_WAITING, UINT64_MAX);
    p->complete = false;
    set_link(p, false);
    dm9161_start(p);
}

/* All registers are at their defaults at once; what was going on ends without a word in MDINTR. */
void dm9161_soft_reset(struct dm9161 *p)
{
    bool was_up = p->link;

    dm9161_defaults(p);
    p->link = false;
    enter(p, DM9161_RESETTING, later(p->now_ns, p->config.reset_ns));
    dm9161_pin_update(p);
    if (was_up && p->env.link != NULL)
        p->env.link(p->env.ctx, false, p->now_ns);
}

static void lose(struct dm9161 *p)
{
    if (p->discr < 0xffu)
        p->discr++;
    dm9161_restart(p);
}

/* With negotiation the signal must stay what it was; a fixed speed only needs to be there. */
static bool link_is_carried(const struct dm9161 *p)
{
    return negotiates(p) ? p->line == p->link_line : line_carries(p->line, forced_mbps(p));
}

/* The partner changed while a negotiation with it was going on. */
static void negotiation_disturbed(struct dm9161 *p)
{
    unsigned monitor = ANMB_IDLE;
    bool by_signal = !(p->link_line & LINE_FLP) &&
                     (p->phase == DM9161_PARALLEL || p->phase == DM9161_GOOD_CHECK);

    if (p->phase == DM9161_ABILITY || p->phase == DM9161_ACKNOWLEDGE)
        monitor = ANMB_ACKNOWLEDGE_MATCH_FAIL;
    else if (p->phase == DM9161_CONSISTENCY)
        monitor = ANMB_CONSISTENCY_MATCH_FAIL;
    if (by_signal && (p->line == LINE_10 || p->line == LINE_100))
        p->aner |= ANER_PARALLEL_FAULT; /* both speeds were heard */
    look(p);
    p->monitor = (uint8_t)monitor;
}

void dm9161_line_changed(struct dm9161 *p, uint32_t line)
{
    if (line == p->line)
        return;
    p->line = line;
    switch (p->phase) {
    case DM9161_RESETTING:
    case DM9161_OFF:
    case DM9161_LINK_FORCED:
        break;
    case DM9161_UP:
        if (!link_is_carried(p))
            enter(p, DM9161_LOSING, later(p->now_ns, p->config.link_loss_ns));
        break;
    case DM9161_LOSING:
        if (link_is_carried(p))
            enter(p, DM9161_UP, UINT64_MAX);
        break;
    case DM9161_FORCED_WAIT:
        if (!link_is_carried(p))
            look(p);
        break;
    default:
        negotiation_disturbed(p);
        break;
    }
}

static void take_page(struct dm9161 *p)
{
    p->anlpar = (uint16_t)((p->link_line & ANLPAR_FROM_PARTNER) | ANAR_ACKNOWLEDGE |
                           ANAR_SELECTOR_8023);
    p->aner |= ANER_PAGE_RECEIVED | ANER_PARTNER_AN_ABLE;
    if (p->anlpar & ANAR_REMOTE_FAULT)
        p->remote_fault = true;
}

/* The bursts are over: the best that both can, if the words are of the same kind at all. */
static void resolve(struct dm9161 *p)
{
    bool same_kind = (p->advertised & ANAR_SELECTOR) == ANAR_SELECTOR_8023;
    const struct technology *best =
        same_kind ? best_of((uint32_t)p->advertised & p->anlpar) : NULL;

    if (best == NULL) {
        p->monitor = ANMB_READY_FAIL;
        enter(p, DM9161_NOTHING_COMMON, UINT64_MAX);
        return;
    }
    set_mode(p, best->mbps, best->full);
    p->complete = true;
    p->monitor = ANMB_COMPLETED;
    enter(p, DM9161_GOOD_CHECK, at_part(p, WHOLE));
}

static void detect(struct dm9161 *p)
{
    p->advertised = p->anar;
    if (p->anar & (p->link_line == LINE_100 ? MII_100HD : MII_10HD)) {
        p->monitor = ANMB_PARALLEL_READY;
        enter(p, DM9161_PARALLEL, at_part(p, AT_PARALLEL_COMPLETE));
    } else {
        p->monitor = ANMB_READY_FAIL;
        enter(p, DM9161_NOTHING_COMMON, UINT64_MAX);
    }
}

/* A signal without bursts says its speed and nothing about duplex: half. */
static void detected(struct dm9161 *p)
{
    unsigned mbps = p->link_line == LINE_100 ? 100 : 10;

    p->anlpar = mbps == 100 ? MII_100HD : MII_10HD;
    set_mode(p, mbps, false);
    p->complete = true;
    p->monitor = ANMB_COMPLETED;
    enter(p, DM9161_GOOD_CHECK, at_part(p, WHOLE));
}

static void break_link_over(struct dm9161 *p)
{
    if (!(p->link_line & LINE_FLP)) {
        detect(p);
        return;
    }
    p->advertised = p->anar;
    p->monitor = ANMB_ABILITY_MATCH;
    enter(p, DM9161_ABILITY, at_part(p, AT_ACKNOWLEDGE));
}

/* The phase's time is over: now_ns is its deadline. */
void dm9161_step(struct dm9161 *p)
{
    switch (p->phase) {
    case DM9161_RESETTING:
        dm9161_start(p);
        break;
    case DM9161_BREAK_LINK:
        break_link_over(p);
        break;
    case DM9161_ABILITY:
        p->monitor = ANMB_ACKNOWLEDGE_MATCH;
        enter(p, DM9161_ACKNOWLEDGE, at_part(p, AT_CONSISTENCY));
        break;
    case DM9161_ACKNOWLEDGE:
        p->monitor = ANMB_CONSISTENCY_MATCH;
        take_page(p);
        enter(p, DM9161_CONSISTENCY, at_part(p, AT_COMPLETE));
        break;
    case DM9161_CONSISTENCY:
        resolve(p);
        break;
    case DM9161_PARALLEL:
        detected(p);
        break;
    case DM9161_GOOD_CHECK:
        come_up(p, DM9161_UP, p->mbps, p->full_duplex);
        break;
    case DM9161_FORCED_WAIT:
        come_up(p, DM9161_UP, forced_mbps(p), (p->bmcr & BMCR_DUPLEX) != 0);
        break;
    case DM9161_LOSING:
        lose(p);
        break;
    default:
        assert(false && "this phase has no deadline");
    }
}
