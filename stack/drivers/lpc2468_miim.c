/* stack/drivers/lpc2468_miim.c: PHY registers through the MAC's management interface (13). */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

static void start_read(void *ctx, unsigned phy, unsigned reg)
{
    struct lpc2468_emac *e = ctx;
    e->mii_reads = true;
    lpc_emac_set(e, LPC_MADR, phy << 8 | reg);
    lpc_emac_set(e, LPC_MCMD, LPC_MCMD_READ);
}

static void start_write(void *ctx, unsigned phy, unsigned reg, uint16_t value)
{
    struct lpc2468_emac *e = ctx;
    e->mii_reads = false;
    lpc_emac_set(e, LPC_MADR, phy << 8 | reg);
    lpc_emac_set(e, LPC_MWTD, value);
}

static bool done(void *ctx, uint16_t *value)
{
    struct lpc2468_emac *e = ctx;
    if ((lpc_emac_get(e, LPC_MIND) & (LPC_MIND_BUSY | LPC_MIND_NOT_VALID)) != 0)
        return false;
    if (e->mii_reads) {
        *value = (uint16_t)lpc_emac_get(e, LPC_MRDD);
        lpc_emac_set(e, LPC_MCMD, 0);
    }
    return true;
}

struct mdio lpc2468_emac_mdio(struct lpc2468_emac *e)
{
    static const struct mdio_ops ops = {.read = start_read, .write = start_write, .done = done};
    return (struct mdio){.ops = &ops, .ctx = e};
}
