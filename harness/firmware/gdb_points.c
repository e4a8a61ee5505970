/* harness/firmware/gdb_points.c: see gdb_points.h. */
#include "harness/firmware/gdb_points.h"

static bool is_break(enum gdb_point kind)
{
    return kind == GDB_SOFT_BREAK || kind == GDB_HARD_BREAK;
}

static size_t find_break(const struct gdb_points *p, enum gdb_point kind, uint32_t addr)
{
    size_t i = 0;

    while (i < p->break_count && (p->breaks[i] != addr || p->break_kinds[i] != kind))
        i++;
    return i;
}

static size_t find_watch(const struct gdb_points *p, enum gdb_point kind, uint32_t addr,
                         uint32_t bytes)
{
    size_t i = 0;

    while (i < p->watch_count && (p->watches[i].addr != addr || p->watches[i].bytes != bytes ||
                                  p->watch_kinds[i] != kind))
        i++;
    return i;
}

static bool set_break(struct gdb_points *p, enum gdb_point kind, uint32_t addr)
{
    size_t i = find_break(p, kind, addr);

    if (i < p->break_count)
        return true;
    if (i >= CPU_BREAKPOINTS_MAX - 1)
        return false;
    p->breaks[i] = addr;
    p->break_kinds[i] = kind;
    p->break_count++;
    return true;
}

bool gdb_points_set(struct gdb_points *p, enum gdb_point kind, uint32_t addr, uint32_t bytes)
{
    if (is_break(kind))
        return set_break(p, kind, addr & ~1u);
    size_t i = find_watch(p, kind, addr, bytes);
    if (i < p->watch_count)
        return true;
    if (i >= CPU_WATCHPOINTS_MAX || bytes == 0 || bytes - 1 > UINT32_MAX - addr)
        return false;
    p->watches[i] = (struct cpu_watch){.addr = addr, .bytes = bytes,
                                       .on_read = kind != GDB_WATCH_WRITE,
                                       .on_write = kind != GDB_WATCH_READ};
    p->watch_kinds[i] = kind;
    p->watch_count++;
    return true;
}

void gdb_points_clear(struct gdb_points *p, enum gdb_point kind, uint32_t addr, uint32_t bytes)
{
    size_t i = is_break(kind) ? find_break(p, kind, addr & ~1u) : find_watch(p, kind, addr, bytes);

    if (is_break(kind) && i < p->break_count) {
        p->break_count--;
        p->breaks[i] = p->breaks[p->break_count];
        p->break_kinds[i] = p->break_kinds[p->break_count];
    } else if (!is_break(kind) && i < p->watch_count) {
        p->watch_count--;
        p->watches[i] = p->watches[p->watch_count];
        p->watch_kinds[i] = p->watch_kinds[p->watch_count];
    }
}

bool gdb_points_break_at(const struct gdb_points *p, uint32_t addr)
{
    return find_break(p, GDB_SOFT_BREAK, addr) < p->break_count ||
           find_break(p, GDB_HARD_BREAK, addr) < p->break_count;
}

void gdb_points_apply(struct gdb_points *p, const uint32_t *extra, const struct cpu_ops *ops,
                      struct cpu *cpu)
{
    size_t count = p->break_count;

    if (extra != NULL)
        p->breaks[count++] = *extra;
    ops->breakpoints(cpu, p->breaks, count);
    ops->watchpoints(cpu, p->watches, p->watch_count);
}
