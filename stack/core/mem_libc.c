/* core/mem_libc.c: the heap is the C library's, or whatever MEM_CUSTOM_MALLOC, _CALLOC and _FREE
 * name (MEM_LIBC_MALLOC, MEM_CUSTOM_ALLOCATOR). For a port of one's own; the simulator's
 * instances use the heap of mem.c. Statistics need the size of a block, which is kept in front. */
#include "lwip/mem.h"

#include "stack/core/alloc_fault.h"
#include "stack/core/heap.h"
#include "stack/core/instance.h"

#include "lwip/stats.h"

#include <stdlib.h>
#include <string.h>

#if (MEM_LIBC_MALLOC || MEM_CUSTOM_ALLOCATOR) && !MEM_USE_POOLS

#if MEM_STATS
#define HEAD MEM_BLOCK_ALIGN(sizeof(size_t) > 16 ? sizeof(size_t) : 16)
#else
#define HEAD ((size_t)0)
#endif

void mem_init(void)
{
    memset(&STACK->mem, 0, sizeof STACK->mem);
}

/* Accounts for a new block of `size` bytes and returns its payload. */
static void *hand_out(u8_t *block, size_t size)
{
    struct mem_state *m = &STACK->mem;
    if (block == NULL) {
        MEM_STATS_INC(err);
        return NULL;
    }
    m->blocks++;
    if (HEAD != 0)
        memcpy(block, &size, sizeof size);
    MEM_STATS_INC_USED(used, size);
    return block + HEAD;
}

void *mem_malloc(mem_size_t size)
{
    if (alloc_fault_due() || (size_t)size + HEAD < size) {
        MEM_STATS_INC(err);
        return NULL;
    }
    return hand_out(MEM_CUSTOM_MALLOC((size_t)size + HEAD), size);
}

void *mem_calloc(mem_size_t count, mem_size_t size)
{
    size_t bytes = (size_t)count * size;
    if (alloc_fault_due() || (size != 0 && bytes / size != count) || bytes + HEAD < bytes) {
        MEM_STATS_INC(err);
        return NULL;
    }
    return hand_out(MEM_CUSTOM_CALLOC(1, bytes + HEAD), bytes);
}

/* The C library cannot shrink in place for certain: the block stays as it is. */
void *mem_trim(void *mem, mem_size_t size)
{
    LWIP_UNUSED_ARG(size);
    return mem;
}

void mem_free(void *mem)
{
    if (mem == NULL)
        return;
    u8_t *block = (u8_t *)mem - HEAD;
    size_t size = 0;
    if (HEAD != 0)
        memcpy(&size, block, sizeof size);
    STACK->mem.blocks--;
    MEM_STATS_DEC_USED(used, size);
    MEM_CUSTOM_FREE(block);
}

const char *heap_check(void)
{
    return NULL;
}

unsigned heap_blocks_used(void)
{
    return STACK->mem.blocks;
}

#endif
