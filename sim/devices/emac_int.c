/* emac_int.c: interrupt status and the level that comes of it (sheet, 4.21 and 18).
 *
 * The output is a level: (IntStatus & IntEnable) != 0. Nothing is cleared by reading. */
#include "sim/devices/emac_state.h"

#include <stddef.h>

void emac_raise(struct emac *e, uint32_t bits)
{
    e->r[R_INT_STATUS] |= bits & INT_ALL;
}

void emac_line(struct emac *e)
{
    bool level = (e->r[R_INT_STATUS] & e->r[R_INT_ENABLE]) != 0;

    if (level == e->line)
        return;
    e->line = level;
    if (e->env.interrupt != NULL)
        e->env.interrupt(e->env.ctx, level);
}
