/* harness/check/oracle.h: what is looked at in every run, whatever the scenario is about.
 *
 *   object check   stack_check() of a host after its entries (host_check_every()), segment_check()
 *                  on command and at the end
 *   storm          world_count_frame(), host.c: too many frames or wake-ups; ends the run
 *   time           world_see_time(): virtual time never runs backwards; ends the run
 *   leaks          pools and heap of each host when it is closed; the world's memory when all is
 *   unfired        faults that had to fire and did not
 *   capture        the capture file could not be written
 *
 * Each has a planted bug that it must catch: check/plant.h. */
#ifndef HARNESS_CHECK_ORACLE_H
#define HARNESS_CHECK_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct world;

/* Looks at every object now. true: text (room bytes) is the first thing found wrong. */
bool oracle_check(const struct world *w, char *text, size_t room);

/* Told of each problem found. */
typedef void oracle_report_fn(void *ctx, const char *problem);

/* Ends the world: checks it, closes all hosts, frees it and reports what was wrong or lost. `w` may
 * not be used afterwards (a world that fails the check is not even closed). */
void oracle_finish(struct world *w, oracle_report_fn *report, void *ctx);

#endif
