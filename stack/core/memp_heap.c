/* core/memp_heap.c: pools without pools (MEMP_MEM_MALLOC): every element is a heap block, so the
 * memory goes where it is needed and no limit but the heap's applies. */
#include "lwip/memp.h"

#include "stack/core/instance.h"
#include "stack/core/pools.h"

#include "lwip/mem.h"

#include <string.h>

#if MEMP_MEM_MALLOC

void memp_init(void)
{
    memset(&STACK->memp, 0, sizeof STACK->memp);
}

static size_t element_size(memp_t type)
{
    if (LWIP_MULTI_INSTANCE && type == MEMP_PBUF_POOL)
        return LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) +
               LWIP_MEM_ALIGN_SIZE(CFG(pbuf_pool_bufsize));
    return memp_pools[type]->size;
}

static void *take(memp_t type)
{
    LWIP_ASSERT("memp_malloc: no such pool", type < MEMP_MAX);
    void *p = mem_malloc((mem_size_t)element_size(type));
    if (p != NULL)
        STACK->memp.pools[type].used++;
    return p;
}

#if MEMP_OVERFLOW_CHECK
void *memp_malloc_fn(memp_t type, const char *file, const int line)
{
    LWIP_UNUSED_ARG(file);
    LWIP_UNUSED_ARG(line);
    return take(type);
}
#else
void *memp_malloc(memp_t type)
{
    return take(type);
}
#endif

void memp_free(memp_t type, void *mem)
{
    LWIP_ASSERT("memp_free: no such pool", type < MEMP_MAX);
    if (mem == NULL)
        return;
    STACK->memp.pools[type].used--;
    mem_free(mem);
}

const char *pools_check(void)
{
    return NULL; /* the heap's check sees every element */
}

unsigned pools_used(memp_t type)
{
    return STACK->memp.pools[type].used;
}

#endif
