/* sim/devices/lpc2468_pins.c: PINSEL and PINMODE, and whether the EMAC has its pins (sheet 2.2).
 *
 * Without MDC and MDIO nobody answers on the management bus, and reads give the pull-up's ones.
 * Without REF_CLK (RX_CLK with MII, the same pin) the EMAC has no clock. Without any other of the
 * pins of the mode that Command.RMII chooses no frame passes in either direction; on silicon of
 * revision '-' P1.6 belongs to them with RMII as well (erratum E3). EINT0 needs P2.10. */
#include "sim/devices/lpc2468_state.h"

#define SEL(n) [PIN_SEL0 + (n)] = {4 * (n), LPC2468_RW, false, 0, 0xffffffffu, "PINSEL" #n}
#define MODE(n)                                                                                    \
    [PIN_MODE0 + (n)] = {0x40 + 4 * (n), LPC2468_RW, false, 0, 0xffffffffu, "PINMODE" #n}
static const struct lpc2468_register table[PIN_REGISTERS] = {
    SEL(0), SEL(1), SEL(2), SEL(3), SEL(4), SEL(5), SEL(6), SEL(7), SEL(8), SEL(9),
    [PIN_SEL10] = {0x28, LPC2468_RW, false, 0, 0x8u, "PINSEL10"},
    MODE(0), MODE(1), MODE(2), MODE(3), MODE(4), MODE(5), MODE(6), MODE(7), MODE(8), MODE(9),
};

static bool has_tx_clk(const struct lpc2468 *c)
{
    return (c->pins[PIN_SEL2] & PINSEL2_P1_6_MASK) == PINSEL2_P1_6;
}

static bool is_first_silicon(const struct lpc2468 *c)
{
    return c->config.emac.module_id == EMAC_MODULE_ID_FIRST;
}

bool lpc2468_pins_clock(const struct lpc2468 *c)
{
    return (c->pins[PIN_SEL2] & PINSEL2_P1_15_MASK) == PINSEL2_P1_15;
}

bool lpc2468_pins_data(const struct lpc2468 *c)
{
    if (!c->rmii)
        return c->pins[PIN_SEL2] == PINSEL2_MII;
    return (c->pins[PIN_SEL2] & PINSEL2_RMII_MASK) == PINSEL2_RMII &&
           (has_tx_clk(c) || !is_first_silicon(c));
}

bool lpc2468_pins_miim(const struct lpc2468 *c)
{
    return (c->pins[PIN_SEL3] & PINSEL3_MIIM_MASK) == PINSEL3_MIIM;
}

bool lpc2468_pins_eint0(const struct lpc2468 *c)
{
    return (c->pins[PIN_SEL4] & PINSEL4_P2_10_MASK) == PINSEL4_P2_10;
}

static uint32_t read_pins(struct lpc2468 *c, unsigned unit, unsigned index)
{
    (void)unit;
    return c->pins[index];
}

static void write_pins(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    (void)unit;
    c->pins[index] = value;
    if (lpc2468_is_powered(c, PCONP_ENET))
        emac_advance(c->emac, c->now_ns); /* its clock may have come or gone */
    lpc2468_eint0_update(c);
}

void lpc2468_pins_reset(struct lpc2468 *c)
{
    lpc2468_block_reset(c->pins, &lpc2468_pins_block);
    if (!c->config.powered)
        return;
    c->pins[PIN_SEL2] = c->config.phy.rmii ? PINSEL2_RMII : PINSEL2_MII;
    if (is_first_silicon(c))
        c->pins[PIN_SEL2] |= PINSEL2_P1_6;
    c->pins[PIN_SEL3] = PINSEL3_MIIM;
    c->pins[PIN_SEL4] = PINSEL4_P2_10;
}

const struct lpc2468_block lpc2468_pins_block = {
    LPC2468_PINSEL_BASE, LPC2468_APB_SLOT, table, PIN_REGISTERS, 0, LPC2468_WORDS, 0,
    read_pins, write_pins};
