/* harness/firmware/gdb.h: gdb debugs a machine: when its processor stands still for gdb, and when
 * it goes on. Start with gdb_turn().
 *
 * While gdb holds the processor nothing happens in the world: the machine's event has not returned.
 * Where it stops cuts the run into pieces, which cannot be seen: the trace is that of the same run
 * without gdb, unless gdb writes registers or memory.
 *
 * Of the process, not of the world: a snapshot has nothing of it, a recording neither. */
#ifndef HARNESS_FIRMWARE_GDB_H
#define HARNESS_FIRMWARE_GDB_H

#include "harness/firmware/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gdb;
struct machine;
struct machine_process;

/* Listens on a port of the loopback interface (0: any) for the gdb of the firmware of this name.
 * controller: see gdb_socket_open(). NULL: why (room bytes) says what is wrong. */
struct gdb *gdb_new(const char *name, uint16_t port, int controller, char *why, size_t room);
/* Tells gdb, if it is there, that the firmware has come to its end. NULL is allowed. */
void gdb_free(struct gdb *g);
uint16_t gdb_port(const struct gdb *g);
/* From now on it is for this machine, which says so on stderr; all three outlive it. */
void gdb_follow(struct gdb *g, struct machine *m, struct arm7 *cpu,
                const struct machine_process *process);

/* For the machine's turns; g NULL: nobody debugs, and nothing is done. */

/* Before the processor runs: waits for gdb to come, the first time; looks for Ctrl-C. Returns when
 * gdb lets the processor run. */
void gdb_turn(struct gdb *g);
/* The limit of a run: a step is one instruction. */
uint64_t gdb_limit(const struct gdb *g, uint64_t limit);
/* A run of so many instructions has ended for this reason; time and registers are those after it.
 * Returns when gdb lets the processor go on. */
void gdb_ran(struct gdb *g, enum cpu_stop why, const struct cpu_fault *fault, uint64_t executed);

#endif
