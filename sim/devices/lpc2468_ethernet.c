/* sim/devices/lpc2468_ethernet.c: EMAC and PHY where the chip joins them: PCONP.PCENET, the pins
 * between them, MDINTR# to EINT0, what DMA reaches, and the way to the wire.
 *
 * With PCENET off the EMAC stands still, and its registers are back at their reset values when it
 * is on again: a driver that relies on what is kept without a clock is to be seen.
 *
 * DMA reaches the Ethernet RAM. With the knob dma_anywhere the bridge to AHB1 is open, and external
 * memory is reached as well; local RAM and flash never are (sheet 2.1). */
#include "sim/devices/lpc2468_state.h"

#include <stddef.h>

static void on_transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs,
                        uint64_t now_ns)
{
    struct lpc2468 *c = ctx;

    if (c->env.transmit != NULL)
        c->env.transmit(c->env.ctx, bytes, length, bad_fcs, now_ns);
}

static void on_emac_interrupt(void *ctx, bool level)
{
    struct lpc2468 *c = ctx;

    c->emac_line = level;
    lpc2468_vic_update(c);
}

static void on_phy_interrupt(void *ctx, bool asserted)
{
    struct lpc2468 *c = ctx;

    c->mdintr = asserted;
    lpc2468_eint0_update(c);
}

static void on_link(void *ctx, bool up, uint64_t now_ns)
{
    struct lpc2468 *c = ctx;

    if (c->env.link != NULL)
        c->env.link(c->env.ctx, up, now_ns);
}

static void *on_dma(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct lpc2468 *c = ctx;
    uint32_t offset = addr - LPC2468_ETHERNET_RAM_BASE;

    if (offset <= LPC2468_ETHERNET_RAM_SIZE && bytes <= LPC2468_ETHERNET_RAM_SIZE - offset)
        return c->ethernet_ram + offset;
    if (!c->config.emac.dma_anywhere || c->env.external == NULL)
        return NULL;
    if (addr < LPC2468_EXTERNAL_BASE || addr >= LPC2468_EXTERNAL_END ||
        bytes > LPC2468_EXTERNAL_END - addr)
        return NULL;
    return c->env.external(c->env.ctx, addr, bytes);
}

/* The end of an own frame before its time. A frame that DSCR.0 sent back may have been the last one
 * that went out; it is not what was cut. */
static void on_cut(void *ctx, uint32_t bytes, uint64_t now_ns)
{
    struct lpc2468 *c = ctx;

    if (c->env.cut != NULL && !dm9161_loop_out(c->phy))
        c->env.cut(c->env.ctx, bytes, now_ns);
}

/* COL answers every frame that is sent, if the PHY is asked to test it; the EMAC listens to it in
 * half duplex only. */
static struct emac_tx_fault on_tx_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    struct lpc2468 *c = ctx;
    struct emac_tx_fault fault = {0};

    if (c->env.tx_fault != NULL)
        fault = c->env.tx_fault(c->env.ctx, bytes, length);
    if (dm9161_collision_test(c->phy))
        fault.collisions = UINT16_MAX;
    return fault;
}

static void on_guest_error(void *ctx, const struct guest_error *error)
{
    struct lpc2468 *c = ctx;
    struct guest_error with_pc = *error;

    if (c->quiet || c->env.guest_error == NULL)
        return;
    with_pc.pc = c->pc;
    c->env.guest_error(c->env.ctx, &with_pc);
}

/* The PHY is always as far as the chip; the EMAC may look at it while it catches up. */
static uint64_t not_before(const struct lpc2468 *c, uint64_t now_ns)
{
    return now_ns > c->now_ns ? now_ns : c->now_ns;
}

static bool mdio_by_pins(void *ctx, unsigned address, unsigned reg, bool write, uint16_t *value,
                         uint64_t now_ns)
{
    struct lpc2468 *c = ctx;

    if (!lpc2468_pins_miim(c))
        return false;
    return c->phy_mii.mdio(c->phy_mii.ctx, address, reg, write, value, not_before(c, now_ns));
}

static struct mii_state state_by_pins(void *ctx, uint64_t now_ns)
{
    struct lpc2468 *c = ctx;
    struct mii_state state = c->phy_mii.state(c->phy_mii.ctx, not_before(c, now_ns));

    if (!lpc2468_pins_clock(c))
        state.clock = false;
    if (!lpc2468_pins_data(c))
        state.isolated = true;
    return state;
}

void lpc2468_ethernet_init(struct lpc2468 *c, void *emac_memory, void *phy_memory)
{
    const struct dm9161_env phy_env = {c, on_phy_interrupt, on_link};
    const struct emac_env emac_env = {
        .ctx = c,
        .transmit = on_transmit,
        .interrupt = on_emac_interrupt,
        .memory = on_dma,
        .tx_fault = on_tx_fault,
        .guest_error = on_guest_error,
        .phy = {.ctx = c, .mdio = mdio_by_pins, .state = state_by_pins},
        .cut = on_cut};

    c->phy = dm9161_init(phy_memory, &phy_env, &c->config.phy, c->now_ns);
    c->phy_mii = dm9161_mii(c->phy);
    c->emac = emac_init(emac_memory, &emac_env, &c->config.emac);
    emac_reset(c->emac, c->now_ns);
}

void lpc2468_ethernet_reset(struct lpc2468 *c)
{
    c->rmii = false;
    emac_reset(c->emac, c->now_ns);
    dm9161_reset(c->phy, c->now_ns);
}

void lpc2468_ethernet_power(struct lpc2468 *c)
{
    c->rmii = false;
    emac_reset(c->emac, c->now_ns);
}

uint32_t lpc2468_ethernet_read(struct lpc2468 *c, uint32_t offset)
{
    return emac_read(c->emac, offset, c->now_ns);
}

/* The mode that Command has now. While PowerDown is set it cannot be read, nor have changed. */
static void note_mode(struct lpc2468 *c)
{
    c->quiet = true;
    if (!(emac_read(c->emac, EMAC_POWER_DOWN, c->now_ns) >> 31))
        c->rmii = (emac_read(c->emac, EMAC_COMMAND, c->now_ns) & EMAC_COMMAND_RMII) != 0;
    c->quiet = false;
}

void lpc2468_ethernet_write(struct lpc2468 *c, uint32_t offset, uint32_t value)
{
    emac_write(c->emac, offset, value, c->now_ns);
    if (offset == EMAC_COMMAND)
        note_mode(c);
}

void lpc2468_carrier(struct lpc2468 *c, uint64_t until_ns, uint64_t now_ns)
{
    lpc2468_advance(c, now_ns);
    if (lpc2468_is_powered(c, PCONP_ENET))
        emac_carrier(c->emac, until_ns, now_ns);
}

void lpc2468_receive(struct lpc2468 *c, const struct emac_arrival *frame, uint64_t now_ns)
{
    lpc2468_advance(c, now_ns);
    bool link = c->phy_mii.state(c->phy_mii.ctx, now_ns).link;

    if (link && frame->faults & EMAC_RX_SYMBOL)
        dm9161_receive_error(c->phy);
    if (link && dm9161_loop_out(c->phy))
        on_transmit(c, frame->bytes, frame->length,
                    (frame->faults & (EMAC_RX_CRC | EMAC_RX_ALIGNMENT | EMAC_RX_CUT)) != 0, now_ns);
    if (lpc2468_is_powered(c, PCONP_ENET))
        emac_receive(c->emac, frame, now_ns);
}
