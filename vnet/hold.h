/* hold.h: deliveries that a rule put off: a heap ordered by (time, order of putting), one event.
 *
 * Only what impairments touch comes here; everything else stays in its cable's ring. */
#ifndef VNET_HOLD_H
#define VNET_HOLD_H

#include "sim/sim.h"
#include "vnet/transit.h"

#include <stdbool.h>

struct hold_item {
    uint64_t at_ns, order;
    struct port *dst;
    struct transit t;
};

/* Takes over what `t` holds. Called inside the event, after it has been re-armed. */
typedef void hold_expire_fn(struct port *dst, struct transit *t);

struct hold {
    struct event event;
    struct sim *sim;
    hold_expire_fn *expire;
    struct hold_item *heap;
    uint32_t room, count;
    uint64_t order;
};

void hold_init(struct hold *h, struct sim *sim, hold_expire_fn *expire);
void hold_free(struct hold *h);
/* Takes over `t`; false: no memory, nothing taken. */
bool hold_put(struct hold *h, uint64_t at_ns, struct port *dst, const struct transit *t);

const char *hold_check(const struct hold *h);

#endif
