/* core/alloc_fault.h: lets a test make the n-th allocation from now fail.
 *
 * Heap and pools count together, in the order in which the stack asks. A failed allocation looks
 * to its caller exactly like exhausted memory, statistics included; it happens once. */
#ifndef STACK_CORE_ALLOC_FAULT_H
#define STACK_CORE_ALLOC_FAULT_H

#include "stack/core/instance.h"

/* n: 1 is the next allocation; 0 calls a pending failure off. */
static inline void alloc_fault_arm(u32_t n)
{
    STACK->mem.fail_in = n;
}

/* Counts one allocation; true: it has to fail. */
static inline bool alloc_fault_due(void)
{
    if (__builtin_expect(STACK->mem.fail_in == 0, 1))
        return false;
    return --STACK->mem.fail_in == 0;
}

#endif
