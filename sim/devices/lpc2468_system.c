/* sim/devices/lpc2468_system.c: system control: power, clocks, external interrupts, sleep
 * (UM10237 ch. System control, Clocking and power).
 *
 * The core's clock is what the configuration says, whatever is written to PLL and dividers; that is
 * stored, and a start-up that waits for PLLSTAT.PLOCK or SCS.OSCSTAT finds them set. PLLCON and
 * PLLCFG count, and show in PLLSTAT, after 0xaa and 0x55 were written to PLLFEED with no other
 * register written between.
 *
 * Choices where our sources are silent: MEMMAP is 1, as the boot loader leaves it. PCONP's reset
 * value is that of its bits: T0, T1 and UART0 on; T2, T3 and EMAC off (sheet 2.1). In power-down
 * the peripherals go on as in idle; only what wakes the core is different. */
#include "sim/devices/lpc2468_state.h"

static const struct lpc2468_register table[SYS_REGISTERS] = {
    [SYS_MAMCR] = {0x000, LPC2468_RW, false, 0, 0x3u, "MAMCR"},
    [SYS_MAMTIM] = {0x004, LPC2468_RW, false, 0x7u, 0x7u, "MAMTIM"},
    [SYS_MEMMAP] = {0x040, LPC2468_RW, false, 0x1u, 0x3u, "MEMMAP"},
    [SYS_PLLCON] = {0x080, LPC2468_RW, false, 0, 0x3u, "PLLCON"},
    [SYS_PLLCFG] = {0x084, LPC2468_RW, false, 0, 0x00ff7fffu, "PLLCFG"},
    [SYS_PLLSTAT] = {0x088, LPC2468_RO, false, 0, 0x07ff7fffu, "PLLSTAT"},
    [SYS_PLLFEED] = {0x08c, LPC2468_WO, false, 0, 0xffu, "PLLFEED"},
    [SYS_PCON] = {0x0c0, LPC2468_RW, false, 0, 0x9fu, "PCON"},
    [SYS_PCONP] = {0x0c4, LPC2468_RW, false, 0x04280ffeu, 0xfff8fffeu, "PCONP"},
    [SYS_CCLKCFG] = {0x104, LPC2468_RW, false, 0, 0xffu, "CCLKCFG"},
    [SYS_USBCLKCFG] = {0x108, LPC2468_RW, false, 0, 0xfu, "USBCLKCFG"},
    [SYS_CLKSRCSEL] = {0x10c, LPC2468_RW, false, 0, 0x3u, "CLKSRCSEL"},
    [SYS_EXTINT] = {0x140, LPC2468_RW, true, 0, 0xfu, "EXTINT"},
    [SYS_INTWAKE] = {0x144, LPC2468_RW, false, 0, 0xc1ffu, "INTWAKE"},
    [SYS_EXTMODE] = {0x148, LPC2468_RW, false, 0, 0xfu, "EXTMODE"},
    [SYS_EXTPOLAR] = {0x14c, LPC2468_RW, false, 0, 0xfu, "EXTPOLAR"},
    [SYS_RSID] = {0x180, LPC2468_RW, true, RSID_POR, 0xfu, "RSID"},
    [SYS_AHBCFG1] = {0x188, LPC2468_RW, false, 0x145u, 0xffffffffu, "AHBCFG1"},
    [SYS_AHBCFG2] = {0x18c, LPC2468_RW, false, 0x145u, 0xffffffffu, "AHBCFG2"},
    [SYS_SCS] = {0x1a0, LPC2468_RW, false, 0, 0x7bu, "SCS"},
    [SYS_IRCTRIM] = {0x1a4, LPC2468_RW, false, 0xa0u, 0xffu, "IRCTRIM"},
    [SYS_PCLKSEL0] = {0x1a8, LPC2468_RW, false, 0, 0xffffffffu, "PCLKSEL0"},
    [SYS_PCLKSEL1] = {0x1ac, LPC2468_RW, false, 0, 0xffffffffu, "PCLKSEL1"},
};

bool lpc2468_is_powered(const struct lpc2468 *c, unsigned bit)
{
    return (c->system[SYS_PCONP] >> bit & 1u) != 0;
}

uint32_t lpc2468_pclk_divider(const struct lpc2468 *c, unsigned field)
{
    static const uint8_t dividers[4] = {4, 1, 2, 8};

    return dividers[c->system[SYS_PCLKSEL0 + field / 16] >> 2 * (field % 16) & 3u];
}

/* What the flag of EINT0 follows: a level of EXTPOLAR's kind, or with EXTMODE an edge to it. A pin
 * that has another function gives neither. */
void lpc2468_eint0_update(struct lpc2468 *c)
{
    bool high = !c->mdintr, routed = lpc2468_pins_eint0(c);
    bool wanted = (c->system[SYS_EXTPOLAR] & 1u) != 0;
    bool edge = routed && c->eint0_routed && high != c->eint0_high;

    if (routed && high == wanted && (edge || !(c->system[SYS_EXTMODE] & 1u)))
        c->system[SYS_EXTINT] |= 1u;
    c->eint0_high = high;
    c->eint0_routed = routed;
    lpc2468_gpio_update(c); /* the same pin, by another way */
    lpc2468_vic_update(c);
}

/* The core sleeps until an interrupt reaches it; in power-down only those of INTWAKE count. */
void lpc2468_wake(struct lpc2468 *c)
{
    uint32_t wakes = c->system[SYS_INTWAKE];
    bool idle = (c->system[SYS_PCON] & PCON_SLEEP) == PCON_IDL;
    bool outside = (wakes & INTWAKE_EINT0 && c->system[SYS_EXTINT] & 1u) ||
                   (wakes & INTWAKE_ETH && c->emac_line) ||
                   (wakes & INTWAKE_GPIO && lpc2468_gpio_line(c));

    if (c->asleep && (idle ? c->vic.irq || c->vic.fiq : outside)) {
        c->asleep = false;
        c->system[SYS_PCON] &= ~PCON_SLEEP;
    }
}

static uint32_t read_system(struct lpc2468 *c, unsigned unit, unsigned index)
{
    (void)unit;
    if (index == SYS_PLLSTAT)
        return c->pll_cfg | c->pll_con << 24 | (c->pll_con & 1u ? PLLSTAT_LOCK : 0);
    return c->system[index];
}

static void feed_pll(struct lpc2468 *c, uint32_t value)
{
    if (c->pll_fed && value == 0x55u) {
        c->pll_con = c->system[SYS_PLLCON];
        c->pll_cfg = c->system[SYS_PLLCFG];
    }
    c->pll_fed = value == 0xaau;
}

/* The timers up to now with the old power and divider, and from here on with the new. */
static void change_clocks(struct lpc2468 *c, unsigned index, uint32_t value)
{
    for (unsigned unit = 0; unit < TIMERS; unit++)
        lpc2468_timer_sync(c, unit);
    c->system[index] = value;
    for (unsigned unit = 0; unit < TIMERS; unit++)
        lpc2468_timer_rebase(c, unit);
}

static void write_power(struct lpc2468 *c, uint32_t value)
{
    bool was_on = lpc2468_is_powered(c, PCONP_ENET);

    change_clocks(c, SYS_PCONP, value);
    if (was_on != lpc2468_is_powered(c, PCONP_ENET))
        lpc2468_ethernet_power(c);
}

static void write_system(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    (void)unit;
    switch (index) {
    case SYS_PLLFEED:
        feed_pll(c, value);
        return;
    case SYS_PCONP:
        write_power(c, value);
        return;
    case SYS_PCLKSEL0:
    case SYS_PCLKSEL1:
        change_clocks(c, index, value);
        return;
    case SYS_EXTINT:
    case SYS_RSID:
        c->system[index] &= ~value;
        break;
    case SYS_SCS:
        value &= ~SCS_OSCSTAT;
        c->system[index] = value | (value & SCS_OSCEN ? SCS_OSCSTAT : 0);
        return;
    case SYS_PCON:
        c->system[index] = value;
        c->asleep = (value & PCON_SLEEP) != 0;
        break;
    default:
        c->system[index] = value;
        break;
    }
    lpc2468_eint0_update(c);
}

void lpc2468_system_reset(struct lpc2468 *c, bool power_on)
{
    uint32_t reason = power_on ? RSID_POR : c->system[SYS_RSID] | RSID_EXTR;

    lpc2468_block_reset(c->system, &lpc2468_system_block);
    c->system[SYS_RSID] = reason;
    if (c->config.powered)
        c->system[SYS_PCONP] |= 1u << PCONP_ENET;
    c->pll_con = c->pll_cfg = 0;
    c->pll_fed = false;
    c->asleep = false;
    c->eint0_high = !c->mdintr;
    c->eint0_routed = lpc2468_pins_eint0(c);
}

const struct lpc2468_block lpc2468_system_block = {
    LPC2468_SYSTEM_BASE, LPC2468_APB_SLOT, table, SYS_REGISTERS, 0, LPC2468_WORDS, 0,
    read_system, write_system};
