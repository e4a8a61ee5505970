/* lwip/priv/memp_priv.h: what a pool is made of. For memp.h and the stack.
 *
 * A descriptor is constant. For a user's own pool it points at the user's statics (base, tab,
 * stats); for the stack's pools these are NULL, because their mutable part belongs to the instance
 * and is found by the pool's memp_t. */
#ifndef LWIP_HDR_MEMP_PRIV_H
#define LWIP_HDR_MEMP_PRIV_H

#include "lwip/mem.h"
#include "lwip/opt.h"
#include "lwip/priv/mem_priv.h"
#include "lwip/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

#if MEMP_OVERFLOW_CHECK
/* an element in use keeps its header, and has guard bytes before and after the user's part */
#define MEMP_SIZE (LWIP_MEM_ALIGN_SIZE(sizeof(struct memp)) + MEM_SANITY_REGION_BEFORE_ALIGNED)
#define MEMP_ALIGN_SIZE(x) (LWIP_MEM_ALIGN_SIZE(x) + MEM_SANITY_REGION_AFTER_ALIGNED)
#else
#define MEMP_SIZE 0
#define MEMP_ALIGN_SIZE(x) (LWIP_MEM_ALIGN_SIZE(x))
#endif

struct memp {
    struct memp *next; /* valid while the element is free */
#if MEMP_OVERFLOW_CHECK
    const char *file; /* who allocated it last */
    int line;
#endif
};

struct memp_desc {
#if defined LWIP_DEBUG || MEMP_OVERFLOW_CHECK || LWIP_STATS_DISPLAY || LWIP_MULTI_INSTANCE
    const char *desc; /* the name shown to people */
#endif
#if MEMP_STATS
    struct stats_mem *stats; /* NULL: in the instance */
#endif
    u16_t size;        /* bytes of one element, aligned */
    u16_t num;         /* elements; an instance may have its own limit */
    u8_t *base;        /* their memory, to be aligned; NULL: in the instance, or the heap */
    struct memp **tab; /* the first free element; NULL: in the instance, or the heap */
};

#if defined LWIP_DEBUG || MEMP_OVERFLOW_CHECK || LWIP_STATS_DISPLAY || LWIP_MULTI_INSTANCE
#define DECLARE_LWIP_MEMPOOL_DESC(desc) (desc),
#else
#define DECLARE_LWIP_MEMPOOL_DESC(desc)
#endif
#if MEMP_STATS
#define LWIP_MEMPOOL_DECLARE_STATS_INSTANCE(name) static struct stats_mem name;
#define LWIP_MEMPOOL_DECLARE_STATS_REFERENCE(name) &name,
#else
#define LWIP_MEMPOOL_DECLARE_STATS_INSTANCE(name)
#define LWIP_MEMPOOL_DECLARE_STATS_REFERENCE(name)
#endif

/* A user's pool: puts all elements on the free list. */
void memp_init_pool(const struct memp_desc *desc);
/* An element or NULL. */
#if MEMP_OVERFLOW_CHECK
void *memp_malloc_pool_fn(const struct memp_desc *desc, const char *file, const int line);
#define memp_malloc_pool(d) memp_malloc_pool_fn((d), __FILE__, __LINE__)
#else
void *memp_malloc_pool(const struct memp_desc *desc);
#endif
/* mem comes from that pool; NULL is allowed. */
void memp_free_pool(const struct memp_desc *desc, void *mem);

#if MEM_USE_POOLS
/* the pools that lwippools.h declares between LWIP_MALLOC_MEMPOOL_START and _END */
typedef enum {
    MEMP_POOL_HELPER_FIRST = ((u8_t)
#define LWIP_MEMPOOL(name, num, size, desc)
#define LWIP_MALLOC_MEMPOOL_START 1
#define LWIP_MALLOC_MEMPOOL(num, size) *MEMP_POOL_##size + 0
#define LWIP_MALLOC_MEMPOOL_END
#include "lwip/priv/memp_std.h"
                                  ),
    MEMP_POOL_HELPER_LAST = ((u8_t)
#define LWIP_MEMPOOL(name, num, size, desc)
#define LWIP_MALLOC_MEMPOOL_START
#define LWIP_MALLOC_MEMPOOL(num, size) 0 + MEMP_POOL_##size *
#define LWIP_MALLOC_MEMPOOL_END 1
#include "lwip/priv/memp_std.h"
    )
} memp_pool_helper_t;
#define MEMP_POOL_FIRST ((memp_t)MEMP_POOL_HELPER_FIRST)
#define MEMP_POOL_LAST ((memp_t)MEMP_POOL_HELPER_LAST)
#endif

#ifdef __cplusplus
}
#endif

#endif
