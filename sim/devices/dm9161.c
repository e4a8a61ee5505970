/* sim/devices/dm9161.c: the PHY as its owner sees it: life, time, faults, the MAC's side.
 * Registers are in dm9161_registers.c, the link in dm9161_link.c. */
#include "sim/devices/dm9161_state.h"

#include "sim/devices/dm9161_regs.h"

#include <assert.h>
#include <string.h>

enum { MILLISECOND = 1000000 };

size_t dm9161_size(void)
{
    return sizeof(struct dm9161);
}

static uint64_t or_default(uint64_t given, uint64_t otherwise)
{
    return given != 0 ? given : otherwise;
}

static void fill_in_defaults(struct dm9161_config *c)
{
    c->address &= 0x1fu;
    c->id2 = (uint16_t)or_default(c->id2, DM9161_ID2_AEP);
    c->straps = (uint16_t)or_default(c->straps, RLSR_OTHERS_USUAL);
    if (c->instant) {
        c->reset_ns = c->negotiate_ns = c->forced_ns = c->parallel_ns = c->link_loss_ns = 0;
        return;
    }
    c->reset_ns = or_default(c->reset_ns, MILLISECOND);
    c->negotiate_ns = or_default(c->negotiate_ns, UINT64_C(1800) * MILLISECOND);
    c->forced_ns = or_default(c->forced_ns, UINT64_C(10) * MILLISECOND);
    c->parallel_ns = or_default(c->parallel_ns, UINT64_C(1800) * MILLISECOND);
    c->link_loss_ns = or_default(c->link_loss_ns, MILLISECOND);
}

static void latch_straps(struct dm9161 *p)
{
    p->strap.address = p->config.address;
    p->strap.rmii = p->config.rmii;
    p->strap.isolated = p->config.isolated_at_zero && p->config.address == 0;
}

struct dm9161 *dm9161_init(void *memory, const struct dm9161_env *env,
                           const struct dm9161_config *config, uint64_t now_ns)
{
    struct dm9161 *p = memory;

    assert((uintptr_t)memory % _Alignof(struct dm9161) == 0);
    memset(p, 0, sizeof *p);
    p->env = *env;
    p->config = *config;
    fill_in_defaults(&p->config);
    p->silent = config->silent;
    p->clock_stopped = config->no_clock;
    p->now_ns = now_ns;
    latch_straps(p);
    dm9161_defaults(p);
    dm9161_start(p);
    return p;
}

void dm9161_reset(struct dm9161 *p, uint64_t now_ns)
{
    dm9161_advance(p, now_ns);
    latch_straps(p);
    dm9161_soft_reset(p); /* ends the link; the pin has done the waiting */
    dm9161_start(p);
}

void dm9161_strap(struct dm9161 *p, uint8_t address, bool rmii)
{
    p->config.address = address & 0x1fu;
    p->config.rmii = rmii;
}

void dm9161_partner(struct dm9161 *p, const struct mii_partner *partner, uint64_t now_ns)
{
    dm9161_advance(p, now_ns);
    dm9161_line_changed(p, dm9161_line_of(partner));
}

void dm9161_silence(struct dm9161 *p, bool silent)
{
    p->silent = silent;
}

void dm9161_clock(struct dm9161 *p, bool runs)
{
    p->clock_stopped = !runs;
}

void dm9161_receive_error(struct dm9161 *p)
{
    if (p->recr < UINT16_MAX)
        p->recr++;
}

void dm9161_jabber(struct dm9161 *p)
{
    if (p->link && p->mbps == 10 && p->btcsr & BTCSR_JABBER_ENABLE)
        p->jabber = true;
}

bool dm9161_loop_out(const struct dm9161 *p)
{
    return (p->dscr & DSCR_LOOP_OUT) != 0;
}

bool dm9161_collision_test(const struct dm9161 *p)
{
    return (p->bmcr & BMCR_COLLISION_TEST) != 0;
}

static struct mii_state state_now(void *ctx, uint64_t now_ns)
{
    struct dm9161 *p = ctx;

    dm9161_advance(p, now_ns);
    bool fixed = !p->link && !(p->bmcr & BMCR_AN_ENABLE);
    bool off = p->phase == DM9161_OFF;
    return (struct mii_state){
        .clock = !p->clock_stopped && !(off && p->config.clock_stops_in_power_down),
        .link = p->link && p->phase != DM9161_LOSING,
        .full_duplex = fixed ? (p->bmcr & BMCR_DUPLEX) != 0 : p->full_duplex,
        .loopback = (p->bmcr & BMCR_LOOPBACK) != 0,
        .isolated = (p->bmcr & BMCR_ISOLATE) != 0,
        .mbps = fixed ? (p->bmcr & BMCR_SPEED_100 ? 100 : 10) : p->mbps};
}

struct mii_phy dm9161_mii(struct dm9161 *p)
{
    return (struct mii_phy){.ctx = p, .mdio = dm9161_mdio, .state = state_now};
}

uint64_t dm9161_next(const struct dm9161 *p)
{
    return p->deadline_ns;
}

/* What a step calls may come back here, so now_ns is told before and looked at after it. */
void dm9161_advance(struct dm9161 *p, uint64_t now_ns)
{
    assert(now_ns >= p->now_ns);
    while (p->deadline_ns <= now_ns && p->deadline_ns != UINT64_MAX) {
        p->now_ns = p->deadline_ns;
        dm9161_step(p);
    }
    if (now_ns > p->now_ns)
        p->now_ns = now_ns;
}

static const char *check_link(const struct dm9161 *p)
{
    bool up = p->phase == DM9161_UP || p->phase == DM9161_LOSING ||
              p->phase == DM9161_LINK_FORCED;

    if (p->link != up)
        return "dm9161: link does not fit the phase";
    if (p->link_latch && !p->link)
        return "dm9161: BMSR.2 shows a link that is not there";
    if (p->mbps != 10 && p->mbps != 100)
        return "dm9161: speed is neither 10 nor 100";
    if (p->complete && !(p->bmcr & BMCR_AN_ENABLE))
        return "dm9161: negotiated with negotiation off";
    if (p->complete != (p->monitor == ANMB_COMPLETED))
        return "dm9161: BMSR.5 and ANMB disagree";
    return NULL;
}

const char *dm9161_check(const struct dm9161 *p)
{
    bool waits = p->phase == DM9161_OFF || p->phase == DM9161_WAITING ||
                 p->phase == DM9161_NOTHING_COMMON || p->phase == DM9161_UP ||
                 p->phase == DM9161_LINK_FORCED;
    bool pin = !(p->masks & MDINTR_MASTER_MASK) && (p->changes & ~(p->masks >> 7)) != 0;

    if (p->phase > DM9161_LINK_FORCED)
        return "dm9161: no such phase";
    if (waits && p->deadline_ns != UINT64_MAX)
        return "dm9161: deadline in a phase that has none";
    if (p->deadline_ns < p->now_ns)
        return "dm9161: deadline is over";
    if (p->pin != pin)
        return "dm9161: MDINTR# is not what the register says";
    if (p->strap.address > 31)
        return "dm9161: address above 31";
    if (p->bmcr & ~BMCR_KEPT || p->anar & ~ANAR_KEPT || p->btcsr & ~BTCSR_KEPT ||
        p->masks & ~MDINTR_MASKS || p->discr > 0xffu)
        return "dm9161: a reserved bit is set";
    return check_link(p);
}
