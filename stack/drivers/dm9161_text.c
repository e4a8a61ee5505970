/* stack/drivers/dm9161_text.c: what is wrong, for people. A file of its own, so that programs which
 * do not ask do not contain it. */
#include "stack/drivers/dm9161.h"

#include <stddef.h>

const char *dm9161_phy_problem(const struct dm9161_phy *p)
{
    switch ((enum dm9161_state)p->state) {
    case DM9161_ABSENT:
        return "no PHY answers on the management bus";
    case DM9161_FOREIGN:
        return "the PHY that answers is no DM9161";
    case DM9161_STUCK:
        return "the PHY's reset does not end";
    case DM9161_WATCHING:
        if (p->partner_silent)
            return "no link: no cable, or a partner with which nothing was agreed";
        if (p->link.up && p->config.forced == 0 && !p->link.negotiated)
            return "the partner does not negotiate: half duplex by parallel detection";
        return NULL;
    default:
        return NULL;
    }
}
