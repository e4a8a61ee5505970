/* lwip/memp.h: pools of equal elements.
 *
 * memp_t names the stack's own pools; which of them exist, and their order, follows from the
 * options exactly as in lwIP (priv/memp_std.h). A user's own pools are LWIP_MEMPOOL_DECLAREd in a
 * source file and used through LWIP_MEMPOOL_ALLOC and LWIP_MEMPOOL_FREE. */
#ifndef LWIP_HDR_MEMP_H
#define LWIP_HDR_MEMP_H

#include "lwip/opt.h"

typedef enum {
#define LWIP_MEMPOOL(name, num, size, desc) MEMP_##name,
#include "lwip/priv/memp_std.h"
    MEMP_MAX
} memp_t;

#include "lwip/priv/memp_priv.h"
#include "lwip/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the pools are made of, in memp_t order. Constant: counts live in the instance. */
extern const struct memp_desc *const memp_pools[MEMP_MAX];

void memp_init(void);

/* An element, contents undefined, aligned to MEM_ALIGNMENT; NULL: all are in use. */
#if MEMP_OVERFLOW_CHECK
void *memp_malloc_fn(memp_t type, const char *file, const int line);
#define memp_malloc(t) memp_malloc_fn((t), __FILE__, __LINE__)
#else
void *memp_malloc(memp_t type);
#endif
/* mem comes from memp_malloc(type); NULL is allowed. */
void memp_free(memp_t type, void *mem);

/* ---- A user's own pools ---- */

/* in a header: the pool exists somewhere */
#define LWIP_MEMPOOL_PROTOTYPE(name) extern const struct memp_desc memp_##name

/* in one source file: num elements of size bytes; memory and free list are the user's statics. A
 * free element holds a pointer, so none is smaller than that. */
#define MEMP_USER_SIZE(size) ((size) < sizeof(struct memp *) ? sizeof(struct memp *) : (size))
#if MEMP_MEM_MALLOC
#define LWIP_MEMPOOL_DECLARE(name, num, size, desc) \
    LWIP_MEMPOOL_DECLARE_STATS_INSTANCE(memp_stats_##name) \
    const struct memp_desc memp_##name = {DECLARE_LWIP_MEMPOOL_DESC(desc) \
        LWIP_MEMPOOL_DECLARE_STATS_REFERENCE(memp_stats_##name) \
        LWIP_MEM_ALIGN_SIZE(MEMP_USER_SIZE(size)), \
        (num), NULL, NULL};
#else
#define LWIP_MEMPOOL_DECLARE(name, num, size, desc) \
    LWIP_DECLARE_MEMORY_ALIGNED(memp_memory_##name##_base, \
        ((num) * (MEMP_SIZE + MEMP_ALIGN_SIZE(MEMP_USER_SIZE(size))))); \
    LWIP_MEMPOOL_DECLARE_STATS_INSTANCE(memp_stats_##name) \
    static struct memp *memp_tab_##name; \
    const struct memp_desc memp_##name = {DECLARE_LWIP_MEMPOOL_DESC(desc) \
        LWIP_MEMPOOL_DECLARE_STATS_REFERENCE(memp_stats_##name) \
        LWIP_MEM_ALIGN_SIZE(MEMP_USER_SIZE(size)), \
        (num), memp_memory_##name##_base, &memp_tab_##name};
#endif

#define LWIP_MEMPOOL_INIT(name) memp_init_pool(&memp_##name)
#define LWIP_MEMPOOL_ALLOC(name) memp_malloc_pool(&memp_##name)
#define LWIP_MEMPOOL_FREE(name, x) memp_free_pool(&memp_##name, (x))

#if MEM_USE_POOLS
/* in front of each block of a heap made of pools */
struct memp_malloc_helper {
    memp_t poolnr;
#if MEMP_OVERFLOW_CHECK || (LWIP_STATS && MEM_STATS)
    u16_t size;
#endif
};
#endif

#ifdef __cplusplus
}
#endif

#endif
