/* draw.h: chance on the wire, independent of who else is there.
 *
 * A consumer (a segment's loss, a rule) and each port have a key, derived from the run's seed and
 * their name. The numbers for one frame in one direction come from a stream seeded with (consumer,
 * from, to, the frame's number at its sender, salt): so the n-th frame from a to b meets the same
 * fate whatever anybody else sends, and no state has to be kept per direction. */
#ifndef VNET_DRAW_H
#define VNET_DRAW_H

#include "sim/prng.h"

uint64_t draw_key(uint64_t seed, const char *name);

/* salt: tells copies of one frame apart, 0 for the original. */
void draw_init(struct prng *p, uint64_t consumer, uint64_t from, uint64_t to, uint64_t number,
               uint64_t salt);

#endif
