/* core/heap.h: what the rest of core asks of the heap besides lwIP's mem_*().
 *
 * Each of mem.c, mem_pools.c and mem_libc.c implements all of it; the options say which one is
 * compiled to something. */
#ifndef STACK_CORE_HEAP_H
#define STACK_CORE_HEAP_H

#include "lwip/debug.h"

#include <stddef.h>

/* What happens when something is freed that is no block or element in use, after it has been
 * counted. A port may define it empty: the call is then ignored. */
#ifndef LWIP_MEM_ILLEGAL_FREE
#define LWIP_MEM_ILLEGAL_FREE(msg) LWIP_ASSERT(msg, 0)
#endif

/* NULL, or what is wrong with the heap of the current instance. */
const char *heap_check(void);

/* Blocks that are allocated. */
unsigned heap_blocks_used(void);

#endif
