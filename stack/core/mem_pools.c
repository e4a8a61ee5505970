/* core/mem_pools.c: the heap is a row of pools of rising element sizes (MEM_USE_POOLS), declared
 * in the user's lwippools.h between LWIP_MALLOC_MEMPOOL_START and _END. A request takes an
 * element of the smallest size that fits; with MEM_USE_POOLS_TRY_BIGGER_POOL, of the next larger
 * one when that pool is empty. Each block is preceded by the number of its pool. */
#include "lwip/mem.h"

#include "stack/core/heap.h"
#include "stack/core/instance.h"

#include "lwip/memp.h"
#include "lwip/stats.h"

#include <string.h>

#if MEM_USE_POOLS

#define HEAD LWIP_MEM_ALIGN_SIZE(sizeof(struct memp_malloc_helper))

#if MEMP_OVERFLOW_CHECK || (LWIP_STATS && MEM_STATS)
static void set_size(struct memp_malloc_helper *h, mem_size_t size)
{
    h->size = (u16_t)size;
    MEM_STATS_INC_USED(used, (mem_size_t)memp_pools[h->poolnr]->size);
}
#else
static void set_size(struct memp_malloc_helper *h, mem_size_t size)
{
    (void)h, (void)size;
}
#endif

void mem_init(void)
{
    memset(&STACK->mem, 0, sizeof STACK->mem);
}

void *mem_malloc(mem_size_t size)
{
    size_t need = (size_t)size + HEAD;
    if (size == 0)
        return NULL;
    for (unsigned i = MEMP_POOL_FIRST; i <= MEMP_POOL_LAST; i++) {
        if (memp_pools[i]->size < need)
            continue;
        struct memp_malloc_helper *h = memp_malloc((memp_t)i);
        if (h != NULL) {
            h->poolnr = (memp_t)i;
            set_size(h, size);
            return (u8_t *)h + HEAD;
        }
        if (!MEM_USE_POOLS_TRY_BIGGER_POOL)
            break;
    }
    MEM_STATS_INC(err);
    return NULL;
}

void *mem_calloc(mem_size_t count, mem_size_t size)
{
    size_t bytes = (size_t)count * size;
    if (bytes > (mem_size_t)~(mem_size_t)0 || (count != 0 && bytes / count != size)) {
        MEM_STATS_INC(err);
        return NULL;
    }
    void *p = mem_malloc((mem_size_t)bytes);
    if (p != NULL)
        memset(p, 0, bytes);
    return p;
}

/* Elements have fixed sizes: nothing can be given back. */
void *mem_trim(void *mem, mem_size_t size)
{
    LWIP_UNUSED_ARG(size);
    return mem;
}

void mem_free(void *mem)
{
    if (mem == NULL)
        return;
    struct memp_malloc_helper *h = (struct memp_malloc_helper *)(void *)((u8_t *)mem - HEAD);
    if ((unsigned)h->poolnr < (unsigned)MEMP_POOL_FIRST ||
        (unsigned)h->poolnr > (unsigned)MEMP_POOL_LAST) {
        MEM_STATS_INC(illegal);
        LWIP_MEM_ILLEGAL_FREE("mem_free: block is not of these pools, or was damaged");
        return;
    }
    MEM_STATS_DEC_USED(used, (mem_size_t)memp_pools[h->poolnr]->size);
    memp_free(h->poolnr, h);
}

const char *heap_check(void)
{
    return NULL; /* the pools' check sees every block */
}

unsigned heap_blocks_used(void)
{
    return 0; /* the pools report their own */
}

#endif
