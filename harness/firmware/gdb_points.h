/* harness/firmware/gdb_points.h: breakpoints and watchpoints that gdb has set, in the emulator and
 * nowhere else: the guest's memory stays as it is. */
#ifndef HARNESS_FIRMWARE_GDB_POINTS_H
#define HARNESS_FIRMWARE_GDB_POINTS_H

#include "harness/firmware/cpu.h"
#include "harness/firmware/gdb_stub.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gdb_points {
    uint32_t breaks[CPU_BREAKPOINTS_MAX]; /* the last place is left for one of our own */
    enum gdb_point break_kinds[CPU_BREAKPOINTS_MAX];
    size_t break_count;
    struct cpu_watch watches[CPU_WATCHPOINTS_MAX];
    enum gdb_point watch_kinds[CPU_WATCHPOINTS_MAX];
    size_t watch_count;
};

/* Setting one that is there changes nothing, nor does taking away one that is not. false: no room,
 * or a watchpoint of no byte or behind the last address. */
bool gdb_points_set(struct gdb_points *p, enum gdb_point kind, uint32_t addr, uint32_t bytes);
void gdb_points_clear(struct gdb_points *p, enum gdb_point kind, uint32_t addr, uint32_t bytes);
bool gdb_points_break_at(const struct gdb_points *p, uint32_t addr);
/* Hands them to the emulator; extra: one more breakpoint, NULL: none. */
void gdb_points_apply(struct gdb_points *p, const uint32_t *extra, const struct cpu_ops *ops,
                      struct cpu *cpu);

#endif
