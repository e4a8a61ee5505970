/* harness/check/plant.h: for tests only: bugs put into a running world, to see the oracles catch
 * them. Reached by the command "plant"; no scenario needs it.
 *
 *     leak_pbuf       a pbuf of the host is allocated and forgotten         leak at the end
 *     leak_heap       the same with a piece of the heap                     leak at the end
 *     lost_frame      a frame is made and never let go                      leak at the end
 *     corrupt_queue   the loopback queue's count is made wrong              object check
 *     corrupt_list    the interface list is bent into a ring                object check
 *     storm           the host sends more frames at one instant than allowed    storm
 *     storm_slow      the host sends a frame every 10 us for ever               storm
 *     loop            the host wakes itself at one instant for ever             storm
 *     time_backwards  an event sets the virtual clock back and wakes the host   time
 *     panic           an assertion of the stack fails                           panic
 *     crash           the process dies of SIGSEGV
 *     hang            the process stops answering                               (a time limit)
 *     frame           an assertion fails when a certain frame comes: for fuzzers    panic */
#ifndef HARNESS_CHECK_PLANT_H
#define HARNESS_CHECK_PLANT_H

#include <stdbool.h>

struct host;

/* false: there is no such kind. `h` is the victim, with at least one interface. */
bool plant_bug(struct host *h, const char *kind);
/* All kinds, separated by commas. */
const char *plant_kinds(void);

#endif
