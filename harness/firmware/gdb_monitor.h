/* harness/firmware/gdb_monitor.h: `monitor COMMAND` of gdb: what there is to know of a machine
 * besides registers and memory. Nothing of it changes the run. */
#ifndef HARNESS_FIRMWARE_GDB_MONITOR_H
#define HARNESS_FIRMWARE_GDB_MONITOR_H

#include <stddef.h>

struct machine;

/* The answer as text with its zero, at most room bytes. */
void gdb_monitor(struct machine *m, const char *command, char *text, size_t room);

#endif
