/* sim/arena.h: the one block of memory in which a world lives.
 *
 * All mutable state of a world (clock, queue, hosts, stacks, links, frames, the trace's running
 * hash) is allocated here, at a fixed address, so that a snapshot is a copy of the used part and a
 * restore is the copy back: pointers stay valid, in this process and (same build, no plug-ins) in
 * another. Not in it: OS handles, open files, the event loop. One arena per process.
 *
 * Allocation is deterministic: the same sequence of calls yields the same addresses. Blocks carry
 * no header; who frees says the size. Sizes are rounded to classes of which freed blocks are
 * reused, last freed first. Freed and never-given memory is poisoned under ASan, and in checking
 * builds fresh memory is filled with a pattern, so that no run can depend on its contents. Free
 * blocks are neither split nor merged: what a world can hold depends on sizes alone, and is the
 * same with and without ASan (whose red zones are not charged against the limit).
 *
 * Errors: running out of `limit` returns NULL; everything else that goes wrong is our bug and
 * asserts. */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where nothing else goes: above ASan's shadow (which ends at 0x10007fff8000), below the range in
 * which BoxFort maps the memory of a Criterion run, at random (0x200000000000 to 0x5fffffffffff),
 * ASan's heap (from 0x600000000000), position-independent programs and the kernel's choice. */
#define ARENA_BASE ((uintptr_t)0x110000000000)

/* Maps the arena (address space only; pages come as they are touched). false: errno says why,
 * EEXIST when something else lies at ARENA_BASE or an arena is open already. */
bool arena_open(size_t limit_bytes);
void arena_close(void);

void *arena_alloc(size_t size); /* 16-byte aligned, contents undefined */
void *arena_calloc(size_t size);
void arena_free(void *block, size_t size); /* NULL is allowed */

size_t arena_used(void);      /* bytes from ARENA_BASE to the highest one ever given */
size_t arena_allocated(void); /* bytes in live blocks (rounded sizes) */

/* One pointer that a restored world is found by. */
void arena_root_set(void *root);
void *arena_root(void);

/* Writable memory outside the arena that belongs to the world all the same: a plug-in's .data and
 * .bss. Snapshots carry it along; such snapshots are only valid in this process, and only while
 * the memory stays mapped. The list is part of the world: restoring brings back that of the
 * snapshot. add: false: no room. A region may not overlap the arena or another region. */
bool arena_region_add(void *start, size_t bytes);
void arena_region_remove(void *start);

/* Snapshots. take: NULL when the C heap has no room. restore: only between events, from the main
 * stack; `s` stays valid and can be restored again. */
struct arena_snapshot;
struct arena_snapshot *arena_snapshot_take(void);
void arena_snapshot_restore(const struct arena_snapshot *s);
size_t arena_snapshot_bytes(const struct arena_snapshot *s);
void arena_snapshot_free(struct arena_snapshot *s);

/* To and from a file, for a second process of the same build (the build id is stored and checked).
 * false: *why is a static text that says what is wrong. A snapshot with regions is refused. */
bool arena_snapshot_write(const struct arena_snapshot *s, int fd, const char **why);
struct arena_snapshot *arena_snapshot_read(int fd, const char **why);

/* For tests and checking builds; none of it is part of the world.
 * fill: fresh memory is filled with this byte, freed memory with its complement; -1: with nothing.
 *   Default: ARENA_FILL_DEFAULT. No run may come out differently for it.
 * fail_nth: the n-th allocation from now (1: the next) returns NULL; 0: none does.
 * check: NULL, or the first broken invariant, in words. */
void arena_fill_set(int byte);
void arena_fail_nth(uint64_t n);
uint64_t arena_fails_in(void); /* allocations up to the one that will fail; 0: none will */
const char *arena_check(void);

#endif
