/* lwip/mem.h: the heap. Blocks are aligned to MEM_ALIGNMENT; sizes are in bytes.
 *
 * Which heap: first fit in MEM_SIZE bytes; pools of fixed sizes (MEM_USE_POOLS); or the C library
 * (MEM_LIBC_MALLOC, MEM_CUSTOM_ALLOCATOR). Not to be called from interrupts unless
 * LWIP_ALLOW_MEM_FREE_FROM_OTHER_CONTEXT. */
#ifndef LWIP_HDR_MEM_H
#define LWIP_HDR_MEM_H

#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

#if MEM_CUSTOM_ALLOCATOR || MEM_SIZE > 64000L
typedef size_t mem_size_t;
#define MEM_SIZE_F SZT_F
#else
typedef u16_t mem_size_t;
#define MEM_SIZE_F U16_F
#endif

void mem_init(void);

/* Contents undefined. NULL: no block that large is free, or size is 0. */
void *mem_malloc(mem_size_t size);
/* Zeroed. NULL also when count * size is more than a mem_size_t holds. */
void *mem_calloc(mem_size_t count, mem_size_t size);
/* Shrinks in place and returns mem; growing is refused with NULL and changes nothing. */
void *mem_trim(void *mem, mem_size_t size);
/* NULL is allowed. A block that is not ours or was freed already is counted as illegal and
 * reported (LWIP_MEM_ILLEGAL_FREE), and otherwise left alone. */
void mem_free(void *mem);

#ifdef __cplusplus
}
#endif

#endif
