/* sim/devices/lpc2468.c: the chip as its owner sees it: life, time, lines. Accesses come in through
 * lpc2468_bus.c; the parts have a file each.
 *
 * At equal times the PHY comes first, then the EMAC, then the timers. */
#include "sim/devices/lpc2468_state.h"

#include <assert.h>
#include <string.h>

enum { ALIGNMENT = 16 };
#define NEVER UINT64_MAX
#define USUAL_CCLK_HZ 72000000u

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

size_t lpc2468_size(void)
{
    return rounded(sizeof(struct lpc2468)) + rounded(emac_size()) + rounded(dm9161_size()) +
           LPC2468_ETHERNET_RAM_SIZE;
}

static void reset_parts(struct lpc2468 *c, bool power_on)
{
    lpc2468_pins_reset(c);
    lpc2468_system_reset(c, power_on);
    for (unsigned unit = 0; unit < TIMERS; unit++)
        lpc2468_timer_reset(c, unit);
    lpc2468_gpio_reset(c);
    lpc2468_uart_reset(c);
    lpc2468_vic_reset(c);
}

struct lpc2468 *lpc2468_init(void *memory, const struct lpc2468_env *env,
                             const struct lpc2468_config *config, uint64_t now_ns)
{
    struct lpc2468 *c = memory;
    uint8_t *rest = (uint8_t *)memory + rounded(sizeof *c);

    assert((uintptr_t)memory % ALIGNMENT == 0);
    memset(memory, 0, lpc2468_size());
    c->env = *env;
    c->config = *config;
    if (c->config.cclk_hz == 0)
        c->config.cclk_hz = USUAL_CCLK_HZ;
    assert(c->config.cclk_hz <= 1000000000u);
    if (c->config.emac.hclk_hz == 0)
        c->config.emac.hclk_hz = c->config.cclk_hz;
    c->now_ns = now_ns;
    reset_parts(c, true);
    c->ethernet_ram = rest + rounded(emac_size()) + rounded(dm9161_size());
    lpc2468_ethernet_init(c, rest, rest + rounded(emac_size()));
    return c;
}

void lpc2468_reset(struct lpc2468 *c, uint64_t now_ns)
{
    lpc2468_advance(c, now_ns);
    lpc2468_ethernet_reset(c);
    reset_parts(c, false);
    lpc2468_vic_update(c);
}

void lpc2468_pc(struct lpc2468 *c, uint32_t pc)
{
    c->pc = pc;
}

void *lpc2468_ethernet_ram(struct lpc2468 *c)
{
    return c->ethernet_ram;
}

struct emac *lpc2468_emac(struct lpc2468 *c)
{
    return c->emac;
}

struct dm9161 *lpc2468_phy(struct lpc2468 *c)
{
    return c->phy;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t lpc2468_next(const struct lpc2468 *c)
{
    uint64_t next = dm9161_next(c->phy);

    for (unsigned unit = 0; unit < TIMERS; unit++)
        next = sooner(next, lpc2468_timer_next(c, unit));
    if (lpc2468_is_powered(c, PCONP_ENET))
        next = sooner(next, emac_next(c->emac));
    return next;
}

static void go_to(struct lpc2468 *c, uint64_t t_ns, bool emac)
{
    c->now_ns = t_ns;
    dm9161_advance(c->phy, t_ns);
    if (emac && lpc2468_is_powered(c, PCONP_ENET))
        emac_advance(c->emac, t_ns);
    for (unsigned unit = 0; unit < TIMERS; unit++)
        lpc2468_timer_sync(c, unit);
    lpc2468_vic_update(c);
}

/* What is due may have been due for a while if nobody called: it is done at its own time as far as
 * that is not before the last call. */
void lpc2468_advance(struct lpc2468 *c, uint64_t now_ns)
{
    assert(now_ns >= c->now_ns);
    for (uint64_t t = lpc2468_next(c); t <= now_ns && t != NEVER; t = lpc2468_next(c))
        go_to(c, t > c->now_ns ? t : c->now_ns, true);
    go_to(c, now_ns, true);
}

void lpc2468_advance_around_emac(struct lpc2468 *c, uint64_t now_ns)
{
    assert(now_ns >= c->now_ns);
    if (now_ns > c->now_ns)
        lpc2468_advance(c, now_ns - 1);
    go_to(c, now_ns, false);
}

void lpc2468_partner(struct lpc2468 *c, const struct mii_partner *partner, uint64_t now_ns)
{
    lpc2468_advance(c, now_ns);
    dm9161_partner(c->phy, partner, now_ns);
}

bool lpc2468_irq(const struct lpc2468 *c)
{
    return c->vic.irq;
}

bool lpc2468_fiq(const struct lpc2468 *c)
{
    return c->vic.fiq;
}

bool lpc2468_asleep(const struct lpc2468 *c)
{
    return c->asleep;
}

/* Its own words first: the other two have theirs. */
const char *lpc2468_check(const struct lpc2468 *c)
{
    if (c->vic.in_service >> 16 != 0)
        return "lpc2468: a priority above 15 is in service";
    if (c->asleep && !(c->system[SYS_PCON] & PCON_SLEEP))
        return "lpc2468: asleep without PCON";
    if (c->emac_line && !lpc2468_is_powered(c, PCONP_ENET))
        return "lpc2468: an EMAC without power interrupts";
    for (unsigned unit = 0; unit < TIMERS; unit++)
        if (c->timer[unit].reg[TIMER_IR] & ~0x3fu || c->timer[unit].reg[TIMER_TCR] & ~0x3u)
            return "lpc2468: a bit of a timer that does not exist is set";
    if (c->mdintr && lpc2468_pins_eint0(c) &&
        (c->system[SYS_EXTMODE] & 1u) == 0 && (c->system[SYS_EXTPOLAR] & 1u) == 0 &&
        !(c->system[SYS_EXTINT] & 1u))
        return "lpc2468: MDINTR# is low, and EINT0 does not know";
    const char *broken = dm9161_check(c->phy);
    return broken != NULL ? broken : emac_check(c->emac);
}
