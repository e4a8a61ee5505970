/* sim/devices/dm9161_registers.c: what management frames read and write (sheet 3).
 *
 * Choices where the sheet is silent:
 * - RECR and DISCR are cleared by being read and stay at their largest value.
 * - MDINTR 15 and 0 both show the level of the pin: an unmasked change that was not read yet. A
 *   change is latched while it is masked, too, and shows once the mask is taken away.
 * - PWDOR and CONFIGR are storage on the A and AEP parts and absent on others. */
#include "sim/devices/dm9161_state.h"

#include "sim/devices/dm9161_regs.h"

#include <assert.h>

void dm9161_defaults(struct dm9161 *p)
{
    p->bmcr = (uint16_t)(BMCR_DEFAULT | (p->strap.isolated ? BMCR_ISOLATE : 0u));
    p->anar = ANAR_DEFAULT;
    p->anlpar = 0;
    p->aner = 0;
    p->dscr = (uint16_t)(DSCR_DEFAULT | (p->strap.rmii ? DSCR_RMII : 0u));
    p->btcsr = BTCSR_DEFAULT;
    p->pwdor = 0;
    p->configr = 0;
    p->recr = 0;
    p->discr = 0;
    p->masks = MDINTR_MASKS;
    p->changes = 0;
    p->monitor = ANMB_IDLE;
    p->complete = false;
    p->link_latch = false;
    p->remote_fault = false;
    p->jabber = false;
    p->mbps = 100;
    p->full_duplex = true;
    p->mode_said_mbps = 100;
    p->mode_said_full = true;
}

/* Registers 19 and 20 are there: model number 0x0a. */
bool dm9161_has_extras(const struct dm9161 *p)
{
    return (p->config.id2 >> 4 & 0x3fu) == 0x0au;
}

uint16_t dm9161_mode_bit(const struct dm9161 *p)
{
    if (p->mbps == 100)
        return p->full_duplex ? DSCSR_100FDX : DSCSR_100HDX;
    return p->full_duplex ? DSCSR_10FDX : DSCSR_10HDX;
}

static uint16_t basic_status(const struct dm9161 *p)
{
    unsigned bits = BMSR_FIXED;

    if (p->complete)
        bits |= BMSR_AN_COMPLETE;
    if (p->remote_fault)
        bits |= BMSR_REMOTE_FAULT;
    if (p->link_latch)
        bits |= BMSR_LINK;
    if (p->jabber)
        bits |= BMSR_JABBER;
    return (uint16_t)bits;
}

static uint16_t mode_status(const struct dm9161 *p)
{
    unsigned mode = p->complete ? dm9161_mode_bit(p) : DSCSR_NO_RESULT;

    return (uint16_t)(mode | (unsigned)p->strap.address << 4 | p->monitor);
}

static uint16_t interrupt_status(const struct dm9161 *p)
{
    return (uint16_t)(p->masks | p->changes | (p->pin ? MDINTR_PENDING | MDINTR_STATUS : 0u));
}

static uint16_t straps(const struct dm9161 *p)
{
    return (uint16_t)((p->config.straps & RLSR_OTHERS) | (p->strap.rmii ? RLSR_RMII : 0u) |
                      p->strap.address);
}

uint16_t dm9161_peek(const struct dm9161 *p, unsigned reg)
{
    switch (reg) {
    case DM9161_BMCR:
        return (uint16_t)(p->bmcr | (p->phase == DM9161_RESETTING ? BMCR_RESET : 0u));
    case DM9161_BMSR:
        return basic_status(p);
    case DM9161_PHYIDR1:
        return DM9161_OUI_HIGH;
    case DM9161_PHYIDR2:
        return p->config.id2;
    case DM9161_ANAR:
        return p->anar;
    case DM9161_ANLPAR:
        return p->anlpar;
    case DM9161_ANER:
        return p->aner;
    case DM9161_DSCR:
        return p->dscr;
    case DM9161_DSCSR:
        return mode_status(p);
    case DM9161_10BTCSR:
        return p->btcsr;
    case DM9161_PWDOR:
        return p->pwdor;
    case DM9161_CONFIGR:
        return p->configr;
    case DM9161_MDINTR:
        return interrupt_status(p);
    case DM9161_RECR:
        return p->recr;
    case DM9161_DISCR:
        return p->discr;
    case DM9161_RLSR:
        return straps(p);
    default:
        return 0;
    }
}

static uint16_t read_register(struct dm9161 *p, unsigned reg)
{
    uint16_t value = dm9161_peek(p, reg);

    switch (reg) {
    case DM9161_BMSR:
        p->link_latch = p->link;
        p->remote_fault = false;
        p->jabber = false;
        break;
    case DM9161_ANER:
        p->aner &= (uint16_t)~(ANER_PARALLEL_FAULT | ANER_PAGE_RECEIVED);
        break;
    case DM9161_MDINTR:
        p->changes = 0;
        dm9161_pin_update(p);
        break;
    case DM9161_RECR:
        p->recr = 0;
        break;
    case DM9161_DISCR:
        p->discr = 0;
        break;
    default:
        break;
    }
    return value;
}

static void write_bmcr(struct dm9161 *p, uint16_t value)
{
    if (value & BMCR_RESET) {
        dm9161_soft_reset(p);
        return;
    }
    uint16_t changed = (uint16_t)(p->bmcr ^ (value & BMCR_KEPT));
    p->bmcr = value & BMCR_KEPT;
    if (p->phase == DM9161_RESETTING)
        return; /* counts when the reset is over */
    bool negotiates = (value & BMCR_AN_ENABLE) != 0;
    bool again = negotiates && (value & BMCR_RESTART_AN) && !(value & BMCR_POWER_DOWN);
    if (changed & (BMCR_POWER_DOWN | BMCR_AN_ENABLE) || again)
        dm9161_restart(p);
    else if (!negotiates && changed & BMCR_SPEED_100 && p->phase != DM9161_LINK_FORCED)
        dm9161_restart(p);
    else if (changed & BMCR_DUPLEX && p->link &&
             (!negotiates || p->phase == DM9161_LINK_FORCED))
        dm9161_set_duplex(p, (value & BMCR_DUPLEX) != 0);
}

static void write_dscr(struct dm9161 *p, uint16_t value)
{
    uint16_t changed = p->dscr ^ value;

    p->dscr = value;
    if (changed & DSCR_FORCE_LINK)
        dm9161_restart(p);
}

static void write_register(struct dm9161 *p, unsigned reg, uint16_t value)
{
    if (reg == DM9161_BMCR) {
        write_bmcr(p, value);
        return;
    }
    if (p->phase == DM9161_RESETTING)
        return;
    switch (reg) {
    case DM9161_ANAR:
        p->anar = value & ANAR_KEPT;
        break;
    case DM9161_DSCR:
        write_dscr(p, value);
        break;
    case DM9161_10BTCSR:
        p->btcsr = value & BTCSR_KEPT;
        break;
    case DM9161_PWDOR:
        p->pwdor = dm9161_has_extras(p) ? value : 0u;
        break;
    case DM9161_CONFIGR:
        p->configr = dm9161_has_extras(p) ? value : 0u;
        break;
    case DM9161_MDINTR:
        p->masks = value & MDINTR_MASKS;
        dm9161_pin_update(p);
        break;
    default:
        break; /* read-only, or nothing there */
    }
}

bool dm9161_mdio(void *ctx, unsigned address, unsigned reg, bool write, uint16_t *value,
                 uint64_t now_ns)
{
    struct dm9161 *p = ctx;

    assert(address < 32 && reg < 32);
    dm9161_advance(p, now_ns);
    if (p->silent || address != p->strap.address)
        return false;
    if (write)
        write_register(p, reg, *value);
    else
        *value = read_register(p, reg);
    return true;
}
