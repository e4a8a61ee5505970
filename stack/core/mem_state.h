/* core/mem_state.h: the heap's part of an instance. Touched by the mem*.c files only. */
#ifndef STACK_CORE_MEM_STATE_H
#define STACK_CORE_MEM_STATE_H

#include "lwip/arch.h"
#include "lwip/mem.h"
#include "lwip/opt.h"

struct mem_block;

/* One contiguous piece of memory: blocks from `first` up to a closing block at `end`. */
struct mem_region {
    struct mem_region *next;
    u8_t *first;
    u8_t *end;
};

/* Heap blocks are aligned for any object the stack keeps in them, also when MEM_ALIGNMENT asks
 * for less (lwIP's default is 1). */
#define MEM_BLOCK_ALIGNMENT                                                                        \
    ((size_t)MEM_ALIGNMENT > sizeof(void *) ? (size_t)MEM_ALIGNMENT : sizeof(void *))
#define MEM_BLOCK_ALIGN(n) (((size_t)(n) + MEM_BLOCK_ALIGNMENT - 1) & ~(MEM_BLOCK_ALIGNMENT - 1))

/* Room for the closing header of a region: mem_block.h. */
#define MEM_CLOSING MEM_BLOCK_ALIGN(2 * sizeof(u16_t) + 2 * sizeof(u32_t))

/* The heap is a row of blocks and nothing more: core/mem_plain.c. */
#define MEM_PLAIN                                                                                  \
    (!MEM_FREE_LIST && !MEM_CUSTOM_ALLOCATOR && !MEM_LIBC_MALLOC && !MEM_USE_POOLS)

/* What is in use is counted as it goes; else whoever asks has it counted. */
#define MEM_COUNTED (LWIP_MULTI_INSTANCE || MEM_STATS || MEM_CUSTOM_ALLOCATOR || MEM_USE_POOLS)

struct mem_state {
#if !MEM_PLAIN
    struct mem_block *free;     /* head of the list of free blocks */
    struct mem_region *regions; /* newest first */
    u32_t limit;                /* bytes of blocks the heap may have */
    u32_t grown;                /* bytes of blocks it has */
#endif
#if MEM_COUNTED
    u32_t used;                 /* bytes of blocks in use, headers included */
    u32_t blocks;               /* number of blocks in use */
#endif
#if LWIP_ALLOC_FAULTS
    u32_t fail_in;              /* alloc_fault.h: the allocation that will fail, counted down */
    u32_t fail_run;             /* how many are to fail from that one on */
    u32_t failed;               /* how many have */
#endif
#if !LWIP_MULTI_INSTANCE && !MEM_CUSTOM_ALLOCATOR && !MEM_USE_POOLS
#if !MEM_PLAIN
    struct mem_region only;
#endif
#ifndef LWIP_RAM_HEAP_POINTER
    _Alignas(MEM_BLOCK_ALIGNMENT) u8_t ram[MEM_BLOCK_ALIGN(MEM_SIZE) + MEM_CLOSING];
#endif
#endif
};

#endif
