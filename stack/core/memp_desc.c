/* core/memp_desc.c: the constant descriptions of the stack's pools, in memp_t order.
 *
 * Their mutable part is in the instance (memp_state.h), found by the same number; where the pools
 * are plain lists, the descriptions point at it. */
#include "lwip/memp.h"

#include "stack/core/instance.h"
#include "stack/core/memp_state.h"
#include "stack/core/pools.h"

#if MEMP_STATS
#define NO_STATS .stats = NULL,
#else
#define NO_STATS
#endif

/* Where the elements are, and what size the list that they are made of takes them for. */
#if MEMP_PLAIN
#define MEMORY(name) .base = stack_only.memp.elements_##name, \
                     .tab = &stack_only.memp.free[MEMP_##name]
#define SIZE(size) MEMP_STRIDE(size)
#else
#define MEMORY(name) .base = NULL, .tab = NULL
#define SIZE(size) LWIP_MEM_ALIGN_SIZE(size)
#endif

#define LWIP_MEMPOOL(name_, num_, size_, desc_)                                                    \
    static const struct memp_desc memp_##name_ = {                                                 \
        DECLARE_LWIP_MEMPOOL_DESC(desc_) NO_STATS.size = SIZE(size_), .num = (num_), MEMORY(name_)};
#include "lwip/priv/memp_std.h"

const struct memp_desc *const memp_pools[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, num, size, desc) &memp_##name,
#include "lwip/priv/memp_std.h"
};

static const char *const names[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, num, size, desc) desc,
#include "lwip/priv/memp_std.h"
};

const char *pools_name(memp_t type)
{
    return names[type];
}
