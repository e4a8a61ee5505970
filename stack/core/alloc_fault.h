/* core/alloc_fault.h: lets a test make the n-th allocation from now fail, or a run of them.
 *
 * Heap and pools count together, in the order in which the stack asks; where pool elements are heap
 * blocks (MEMP_MEM_MALLOC) or the heap is a row of pools (MEM_USE_POOLS), one request of the stack
 * may count more than once. A failed allocation looks to its caller exactly like exhausted memory,
 * statistics included. Without LWIP_ALLOC_FAULTS none can be armed. */
#ifndef STACK_CORE_ALLOC_FAULT_H
#define STACK_CORE_ALLOC_FAULT_H

#include "stack/core/instance.h"

#if LWIP_ALLOC_FAULTS

/* The n-th allocation from now (1: the next) fails and so do those behind it, `count` in all. n 0:
 * no more failures. The count of those that failed begins at 0 again unless n is 0. */
static inline void alloc_fault_arm_run(u32_t n, u32_t count)
{
    struct mem_state *m = &STACK->mem;
    m->fail_in = n;
    m->fail_run = n != 0 ? count : 0;
    if (n != 0)
        m->failed = 0;
}

/* One failure; n 0 calls pending ones off. */
static inline void alloc_fault_arm(u32_t n)
{
    alloc_fault_arm_run(n, 1);
}

/* How many allocations have failed since they were armed. */
static inline u32_t alloc_fault_failed(void)
{
    return STACK->mem.failed;
}

/* Counts one allocation; true: it has to fail. */
static inline bool alloc_fault_due(void)
{
    struct mem_state *m = &STACK->mem;
    if (__builtin_expect(m->fail_in == 0, 1))
        return false;
    if (--m->fail_in > 0)
        return false;
    m->failed++;
    if (--m->fail_run > 0)
        m->fail_in = 1;
    return true;
}

#else

static inline bool alloc_fault_due(void)
{
    return false;
}

#endif

#endif
