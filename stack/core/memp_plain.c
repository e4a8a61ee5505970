/* core/memp_plain.c: the pools of a single instance without MEMP_FREE_CHECK: no more than a free
 * list each.
 *
 * They are made like the pools an application declares (memp_user.c), with their memory in the
 * instance. What was freed twice, or into the wrong pool, goes unnoticed. */
#include "lwip/memp.h"

#include "stack/core/alloc_fault.h"
#include "stack/core/instance.h"
#include "stack/core/memp_element.h"
#include "stack/core/pools.h"

#if MEMP_PLAIN

void memp_init(void)
{
    for (unsigned i = 0; i < MEMP_MAX; i++)
        memp_init_pool(memp_pools[i]);
}

void *memp_malloc(memp_t type)
{
    return alloc_fault_due() ? NULL : memp_malloc_pool(memp_pools[type]);
}

void memp_free(memp_t type, void *mem)
{
    memp_free_pool(memp_pools[type], mem);
}

static unsigned count_free(memp_t type)
{
    unsigned n = 0;
    const struct memp_free *e = (const struct memp_free *)(const void *)*memp_pools[type]->tab;
    for (; e != NULL && n <= memp_pools[type]->num; e = e->next)
        n++;
    return n;
}

const char *pools_check(void)
{
    for (unsigned i = 0; i < MEMP_MAX; i++)
        if (count_free((memp_t)i) > memp_pools[i]->num)
            return "pool: the free list runs in a circle";
    return NULL;
}

unsigned pools_used(memp_t type)
{
    return memp_pools[type]->num - count_free(type);
}

#endif
