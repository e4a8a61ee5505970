/* harness/fuzz/mutate.h: changes to Ethernet frames that keep them interesting.
 *
 * A field gets a value that means something, a header is put in, bytes change as libFuzzer likes;
 * then, most of the time, lengths and checksums are repaired, so that the frame gets past the
 * first checks. */
#ifndef HARNESS_FUZZ_MUTATE_H
#define HARNESS_FUZZ_MUTATE_H

#include "harness/fuzz/dice.h"

/* `len` bytes with room for `max` (perhaps less than len). Returns the new length, 1 to max. */
size_t mutate_frame(uint8_t *frame, size_t len, size_t max, struct dice *d);

#endif
