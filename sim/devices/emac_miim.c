/* emac_miim.c: MII management (sheet, 4.9 to 4.13 and 13).
 *
 * A write of MWTD or of MCMD with READ or SCAN starts a cycle at once: 64 periods of MDC, or 32
 * without preamble. The PHY sees it, with the address that MADR holds by then, when it ends. A
 * second start of a read restarts it, as drivers in the field do; anything else that disturbs a
 * running cycle is reported, and the cycle starts over as well. The block works while the MAC's
 * soft reset is held and needs no PHY clock; only RESET MII MGMT stops it. */
#include "sim/devices/emac_state.h"

#include <stddef.h>

#define CLOCKS_FRAME 64u
#define CLOCKS_BARE 32u
#define NANOSECONDS 1000000000u

static uint64_t cycle_ns(const struct emac *e)
{
    static const uint8_t divider[16] = {4, 4, 6, 8, 10, 14, 20, 28, 36, 40, 44, 48, 52, 56, 60, 64};
    uint32_t mcfg = e->r[R_MCFG];
    uint64_t clocks = (mcfg & MCFG_SUPPRESS_PREAMBLE) != 0 ? CLOCKS_BARE : CLOCKS_FRAME;

    if (e->knobs.miim_instant)
        return 0;
    clocks *= divider[mcfg >> 2 & 0xf]; /* bits that the width does not have are never set */
    return (clocks * NANOSECONDS + e->knobs.hclk_hz - 1) / e->knobs.hclk_hz;
}

static void begin(struct emac *e, enum emac_miim_op op)
{
    struct emac_miim *m = &e->miim;

    if ((e->r[R_MCFG] & MCFG_RESET_MII_MGMT) != 0)
        return;
    m->op = (uint8_t)op;
    m->done_ns = e->now_ns + cycle_ns(e);
}

static void begin_read(struct emac *e)
{
    if ((e->r[R_MCFG] & MCFG_RESET_MII_MGMT) != 0)
        return;
    e->miim.not_valid = true;
    begin(e, MIIM_READ);
}

void emac_miim_mcfg(struct emac *e, uint32_t before)
{
    uint32_t now = e->r[R_MCFG];

    if ((now & MCFG_RESET_MII_MGMT) != 0) {
        e->miim = (struct emac_miim){.value = e->miim.value};
        return;
    }
    if (e->miim.op != MIIM_IDLE && now != before) {
        emac_guest(e, GUEST_MII_BUSY, R_MCFG, true, now,
                   "configured in the middle of a management cycle");
        begin(e, (enum emac_miim_op)e->miim.op);
    }
}

void emac_miim_mcmd(struct emac *e)
{
    struct emac_miim *m = &e->miim;
    uint32_t command = e->r[R_MCMD];

    if ((command & (MCMD_READ | MCMD_SCAN)) == 0) {
        m->scan = false; /* the cycle that runs is completed; MRDD keeps what it has */
        return;
    }
    if (m->op == MIIM_WRITE)
        emac_guest(e, GUEST_MII_BUSY, R_MCMD, true, command, "a read while a write is under way");
    m->scan = (command & MCMD_SCAN) != 0 && (e->r[R_MCFG] & MCFG_RESET_MII_MGMT) == 0;
    m->scan_phy = 1;
    begin_read(e);
}

void emac_miim_madr(struct emac *e, uint32_t before)
{
    if (e->miim.op != MIIM_WRITE || e->r[R_MADR] == before)
        return;
    emac_guest(e, GUEST_MII_BUSY, R_MADR, true, e->r[R_MADR],
               "another address while a write is under way");
    begin(e, MIIM_WRITE);
}

void emac_miim_mwtd(struct emac *e, uint32_t value)
{
    if (e->miim.op != MIIM_IDLE)
        emac_guest(e, GUEST_MII_BUSY, R_MWTD, true, value, "a write before the last cycle is over");
    e->miim.value = (uint16_t)value;
    e->miim.not_valid = false; /* a read that this puts an end to is over, too */
    begin(e, MIIM_WRITE);
}

uint32_t emac_miim_mind(const struct emac *e)
{
    const struct emac_miim *m = &e->miim;

    return (m->op != MIIM_IDLE ? MIND_BUSY : 0) | (m->scan ? MIND_SCANNING : 0) |
           (m->not_valid ? MIND_NOT_VALID : 0) | (m->link_fail ? MIND_MII_LINK_FAIL : 0);
}

/* The PHY that this cycle reads. SCAN INCREMENT counts from 1 to the one in
 * MADR, and again. */
static unsigned phy_address(struct emac *e)
{
    unsigned address = e->r[R_MADR] >> 8;

    if (!e->miim.scan || (e->r[R_MCFG] & MCFG_SCAN_INCREMENT) == 0 || address == 0)
        return address;
    unsigned phy = e->miim.scan_phy <= address ? e->miim.scan_phy : 1;
    e->miim.scan_phy = (uint8_t)(phy + 1);
    return phy;
}

void emac_miim_done(struct emac *e)
{
    struct emac_miim *m = &e->miim;
    bool write = m->op == MIIM_WRITE, answered = false;
    unsigned phy = write ? e->r[R_MADR] >> 8 : phy_address(e);
    uint16_t value = write ? m->value : 0;

    m->op = MIIM_IDLE; /* first: what the PHY does may lead to an interrupt routine and back here */
    if (e->env.phy.mdio != NULL)
        answered = e->env.phy.mdio(e->env.phy.ctx, phy, e->r[R_MADR] & 0x1f, write, &value,
                                   e->now_ns);
    m->link_fail = m->scan && !answered;
    if (!write) {
        e->r[R_MRDD] = answered ? value : e->knobs.miim_absent;
        m->not_valid = false;
    }
    if (m->scan && m->op == MIIM_IDLE)
        begin(e, MIIM_READ);
}
