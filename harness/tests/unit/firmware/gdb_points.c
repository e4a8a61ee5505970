/* Unit tests of harness/firmware/gdb_points.c, on an emulator that only listens. */
#include "harness/firmware/gdb_points.h"
#include "harness/tests/unit/unit.h"

static uint32_t breaks[CPU_BREAKPOINTS_MAX];
static struct cpu_watch watches[CPU_WATCHPOINTS_MAX];
static size_t break_count, watch_count;

static void on_breakpoints(struct cpu *cpu, const uint32_t *addr, size_t count)
{
    (void)cpu;
    CHECK(count <= CPU_BREAKPOINTS_MAX);
    memcpy(breaks, addr, count * sizeof *addr);
    break_count = count;
}

static void on_watchpoints(struct cpu *cpu, const struct cpu_watch *list, size_t count)
{
    (void)cpu;
    CHECK(count <= CPU_WATCHPOINTS_MAX);
    memcpy(watches, list, count * sizeof *list);
    watch_count = count;
}

static const struct cpu_ops ops = {.breakpoints = on_breakpoints, .watchpoints = on_watchpoints};

UNIT(firmware_gdb_points, breakpoint_is_set_once_however_often_it_is_asked_for)
{
    struct gdb_points p = {.break_count = 0};

    CHECK(gdb_points_set(&p, GDB_SOFT_BREAK, 0x101, 2)); /* of Thumb code */
    CHECK(gdb_points_set(&p, GDB_SOFT_BREAK, 0x100, 2));
    gdb_points_apply(&p, NULL, &ops, NULL);
    CHECK_INT(break_count, 1);
    CHECK_INT(breaks[0], 0x100);
    CHECK(gdb_points_break_at(&p, 0x100) && !gdb_points_break_at(&p, 0x102));
    gdb_points_clear(&p, GDB_SOFT_BREAK, 0x200, 2); /* that is not there */
    gdb_points_clear(&p, GDB_HARD_BREAK, 0x100, 2); /* of the other kind */
    CHECK(gdb_points_break_at(&p, 0x100));
    gdb_points_clear(&p, GDB_SOFT_BREAK, 0x100, 2);
    gdb_points_apply(&p, NULL, &ops, NULL);
    CHECK_INT(break_count, 0);
}

UNIT(firmware_gdb_points, kinds_at_one_place_are_taken_away_one_by_one)
{
    struct gdb_points p = {.break_count = 0};

    CHECK(gdb_points_set(&p, GDB_SOFT_BREAK, 0x100, 4));
    CHECK(gdb_points_set(&p, GDB_HARD_BREAK, 0x100, 4));
    gdb_points_clear(&p, GDB_SOFT_BREAK, 0x100, 4);
    CHECK(gdb_points_break_at(&p, 0x100));
    CHECK(gdb_points_set(&p, GDB_WATCH_READ, 0x40000000, 4));
    CHECK(gdb_points_set(&p, GDB_WATCH_WRITE, 0x40000000, 4));
    CHECK(gdb_points_set(&p, GDB_WATCH_BOTH, 0x40000000, 2));
    gdb_points_clear(&p, GDB_WATCH_READ, 0x40000000, 4);
    gdb_points_apply(&p, NULL, &ops, NULL);
    CHECK_INT(watch_count, 2);
    for (size_t i = 0; i < 2; i++)
        CHECK(watches[i].on_write && watches[i].on_read == (watches[i].bytes == 2));
}

UNIT(firmware_gdb_points, more_than_there_is_room_for_are_refused)
{
    struct gdb_points p = {.break_count = 0};
    uint32_t own = 0x9000;

    for (uint32_t i = 0; i < CPU_BREAKPOINTS_MAX - 1; i++)
        CHECK(gdb_points_set(&p, GDB_SOFT_BREAK, 4 * i, 4));
    CHECK(!gdb_points_set(&p, GDB_SOFT_BREAK, 0x1000, 4));
    CHECK(gdb_points_set(&p, GDB_SOFT_BREAK, 0, 4)); /* is there already */
    for (uint32_t i = 0; i < CPU_WATCHPOINTS_MAX; i++)
        CHECK(gdb_points_set(&p, GDB_WATCH_WRITE, 4 * i, 4));
    CHECK(!gdb_points_set(&p, GDB_WATCH_WRITE, 0x1000, 4));
    gdb_points_apply(&p, &own, &ops, NULL);
    CHECK_INT(break_count, CPU_BREAKPOINTS_MAX);
    CHECK_INT(breaks[CPU_BREAKPOINTS_MAX - 1], own);
    CHECK(!gdb_points_break_at(&p, own));
    gdb_points_apply(&p, NULL, &ops, NULL);
    CHECK_INT(break_count, CPU_BREAKPOINTS_MAX - 1);
}

UNIT(firmware_gdb_points, watchpoint_needs_bytes_that_exist)
{
    struct gdb_points p = {.break_count = 0};

    CHECK(!gdb_points_set(&p, GDB_WATCH_WRITE, 0x40000000, 0));
    CHECK(!gdb_points_set(&p, GDB_WATCH_WRITE, 0xffffffff, 2));
    CHECK(gdb_points_set(&p, GDB_WATCH_WRITE, 0xffffffff, 1));
    CHECK(gdb_points_set(&p, GDB_WATCH_WRITE, 0, 0xffffffff));
}
