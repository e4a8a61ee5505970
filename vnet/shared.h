/* shared.h: what hub and link have in common: the sender's cable reaches the receivers by itself,
 * with one serialisation and one latency, and a frame is asked about when it starts. */
#ifndef VNET_SHARED_H
#define VNET_SHARED_H

#include "vnet/medium.h"

/* Makes the out cable; the kind then sets arrive and start. */
void shared_port_init(struct port *port);
void shared_release(struct segment *s, struct delivery *d);
void shared_cut(struct port *port);
/* At the start of a frame: asks about its delivery to dst (a reference more is taken). */
void shared_ask(struct cable_slot *slot, struct port *dst);
/* After all receivers were asked: the frame now travels as single deliveries. */
void shared_taken(struct cable_slot *slot);

#endif
