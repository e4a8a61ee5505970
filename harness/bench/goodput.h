/* harness/bench/goodput.h: what TCP makes of lossy and long paths. */
#ifndef HARNESS_BENCH_GOODPUT_H
#define HARNESS_BENCH_GOODPUT_H

#include <stdbool.h>
#include <stddef.h>

#define GOODPUT_NAME "tcp_goodput"
#define GOODPUT_WHAT "goodput of NewReno and CUBIC by loss and round trip, in virtual time: exact"

/* Runs all of it and prints the table: JSON (a member of "benchmarks"; `first`: of them) or text.
 * false: a world could not be made (told). */
bool goodput_print(size_t memory_bytes, bool json, bool first);

#endif
