/* core/memp_desc.c: the constant descriptions of the stack's pools, in memp_t order.
 *
 * Their mutable part is in the instance (memp_state.h), found by the same number. */
#include "lwip/memp.h"

#include "stack/core/memp_state.h"
#include "stack/core/pools.h"

#if MEMP_STATS
#define NO_STATS .stats = NULL,
#else
#define NO_STATS
#endif

#define LWIP_MEMPOOL(name_, num_, size_, desc_)                                                    \
    static const struct memp_desc memp_##name_ = {                                                 \
        DECLARE_LWIP_MEMPOOL_DESC(desc_) NO_STATS.size = LWIP_MEM_ALIGN_SIZE(size_),               \
        .num = (num_),                                                                             \
        .base = NULL,                                                                              \
        .tab = NULL};
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
