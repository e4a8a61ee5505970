/* core/memp.c: pools of equal elements; allocation and release are a few instructions.
 *
 * Read memp_state.h and memp_element.h first. With several instances a pool begins empty and
 * grows by chunks of about CHUNK_BYTES, up to its limit from the configuration; the single
 * instance has all its elements from the start. */
#include "lwip/memp.h"

#include "stack/core/alloc_fault.h"
#include "stack/core/grow.h"
#include "stack/core/heap.h"
#include "stack/core/instance.h"
#include "stack/core/memp_element.h"
#include "stack/core/pools.h"

#include "lwip/debug.h"

#include <string.h>

#if !MEMP_MEM_MALLOC && !MEMP_PLAIN

#define CHUNK_BYTES 2048u

/* lwip_stats.memp[], if it is kept */
#if MEMP_STATS
static inline void count_from(struct memp_pool *pool, unsigned i)
{
    lwip_stats.memp[i] = &pool->stats;
    pool->stats.avail = (mem_size_t)pool->limit;
}

static inline void count_used(struct memp_pool *pool)
{
    pool->stats.used = (mem_size_t)pool->used;
    if (pool->stats.used > pool->stats.max)
        pool->stats.max = pool->stats.used;
}

static inline void count_failed(struct memp_pool *pool)
{
    pool->stats.err++;
}

static inline void count_illegal(struct memp_pool *pool)
{
    pool->stats.illegal++;
}
#else
static inline void count_from(struct memp_pool *pool, unsigned i)
{
    (void)pool, (void)i;
}

static inline void count_used(struct memp_pool *pool)
{
    (void)pool;
}

static inline void count_failed(struct memp_pool *pool)
{
    (void)pool;
}

static inline void count_illegal(struct memp_pool *pool)
{
    (void)pool;
}
#endif

/* Makes `count` elements at `first` the pool's, so that the lowest is handed out first. */
static void add_chunk(struct memp_pool *pool, struct memp_chunk *c, u8_t *first, u32_t count)
{
    c->next = pool->chunks;
    c->first = first;
    c->count = count;
    pool->chunks = c;
    for (u32_t i = count; i-- > 0;) {
        struct memp_free *e = (struct memp_free *)(void *)(first + (size_t)i * pool->stride);
        e->next = pool->free;
        e->mark = MEMP_FREE_MARK;
        pool->free = e;
    }
    u8_t *end = first + (size_t)count * pool->stride;
    if (pool->lowest == NULL || first < pool->lowest)
        pool->lowest = first;
    if (pool->highest == NULL || end > pool->highest)
        pool->highest = end;
    pool->grown += count;
}

#if LWIP_MULTI_INSTANCE

/* Limits that come from the configuration; other pools have their build-time number. */
static const struct {
    memp_t type;
    size_t offset;
} limits[] = {
#if LWIP_RAW
    {MEMP_RAW_PCB, offsetof(struct stack_config, memp_num_raw_pcb)},
#endif
#if LWIP_UDP
    {MEMP_UDP_PCB, offsetof(struct stack_config, memp_num_udp_pcb)},
#endif
#if LWIP_TCP
    {MEMP_TCP_PCB, offsetof(struct stack_config, memp_num_tcp_pcb)},
    {MEMP_TCP_PCB_LISTEN, offsetof(struct stack_config, memp_num_tcp_pcb_listen)},
    {MEMP_TCP_SEG, offsetof(struct stack_config, memp_num_tcp_seg)},
#endif
#if LWIP_IPV4 && IP_REASSEMBLY
    {MEMP_REASSDATA, offsetof(struct stack_config, memp_num_reassdata)},
#endif
#if IP_FRAG && !LWIP_NETIF_TX_SINGLE_PBUF
    {MEMP_FRAG_PBUF, offsetof(struct stack_config, memp_num_frag_pbuf)},
#endif
#if LWIP_IPV4 && LWIP_ARP && ARP_QUEUEING
    {MEMP_ARP_QUEUE, offsetof(struct stack_config, memp_num_arp_queue)},
#endif
#if LWIP_IGMP
    {MEMP_IGMP_GROUP, offsetof(struct stack_config, memp_num_igmp_group)},
#endif
#if LWIP_TIMERS && !LWIP_TIMERS_CUSTOM
    {MEMP_SYS_TIMEOUT, offsetof(struct stack_config, memp_num_sys_timeout)},
#endif
    {MEMP_PBUF, offsetof(struct stack_config, memp_num_pbuf)},
    {MEMP_PBUF_POOL, offsetof(struct stack_config, pbuf_pool_size)},
};

static bool refill(struct memp_pool *pool)
{
    const size_t head = MEM_BLOCK_ALIGN(sizeof(struct memp_chunk));
    u32_t count = CHUNK_BYTES / pool->stride;
    if (count == 0)
        count = 1;
    if (count > pool->limit - pool->grown)
        count = pool->limit - pool->grown;
    if (count == 0)
        return false;
    u8_t *piece = stack_grow(head + (size_t)count * pool->stride);
    if (piece == NULL)
        return false;
    add_chunk(pool, (struct memp_chunk *)(void *)piece, piece + head, count);
    return true;
}

static void set_up_pools(struct memp_state *m)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        memcpy(&m->pools[limits[i].type].limit,
               (const u8_t *)&STACK->config + limits[i].offset, sizeof(u32_t));
    struct memp_pool *p = &m->pools[MEMP_PBUF_POOL];
    p->size = (u32_t)(LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) +
                      LWIP_MEM_ALIGN_SIZE(CFG(pbuf_pool_bufsize)));
    p->stride = (u32_t)MEMP_STRIDE(p->size);
}

#else

static bool refill(struct memp_pool *pool)
{
    (void)pool;
    return false;
}

static void set_up_pools(struct memp_state *m)
{
    u8_t *const elements[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, num, size, desc) m->elements_##name,
#include "lwip/priv/memp_std.h"
    };
    for (unsigned i = 0; i < MEMP_MAX; i++)
        add_chunk(&m->pools[i], &m->only[i], elements[i], m->pools[i].limit);
}

#endif

void memp_init(void)
{
    struct memp_state *m = &STACK->memp;
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        struct memp_pool *p = &m->pools[i];
        memset(p, 0, sizeof *p);
        p->size = memp_pools[i]->size;
        p->stride = (u32_t)MEMP_STRIDE(p->size);
        p->limit = memp_pools[i]->num;
    }
    set_up_pools(m);
    for (unsigned i = 0; i < MEMP_MAX; i++)
        count_from(&m->pools[i], i);
}

static bool on_free_list(const struct memp_pool *pool, const struct memp_free *e)
{
    u32_t n = 0;
    for (const struct memp_free *f = pool->free; f != NULL && n <= pool->grown; f = f->next, n++)
        if (f == e)
            return true;
    return false;
}

static const char *check_pool(const struct memp_pool *pool)
{
    u32_t n = 0;
    for (const struct memp_free *e = pool->free; e != NULL; e = e->next) {
        const u8_t *at = (const u8_t *)e;
        if (at < pool->lowest || at >= pool->highest)
            return "pool: the free list leads outside of the pool";
        if (e->mark != MEMP_FREE_MARK)
            return "pool: a free element was written to";
        if (++n > pool->grown)
            return "pool: the free list runs in a circle";
    }
    if (n + pool->used != pool->grown)
        return "pool: elements free and in use do not add up";
    if (pool->grown > pool->limit)
        return "pool: there are more elements than allowed";
    return NULL;
}

/* MEMP_OVERFLOW_CHECK: the guard bytes of every element in use. */
static const char *check_guards(const struct memp_pool *pool)
{
    for (const struct memp_chunk *c = pool->chunks; c != NULL; c = c->next)
        for (u32_t i = 0; i < c->count; i++) {
            struct memp_free *e = (struct memp_free *)(void *)(c->first + (size_t)i * pool->stride);
            bool is_free = e->mark == MEMP_FREE_MARK && on_free_list(pool, e);
            if (!is_free && !memp_guard_intact(e, pool->size))
                return "pool: bytes around an element were overwritten";
        }
    return NULL;
}

static inline void *take_free(struct memp_pool *pool, const char *file, int line)
{
    struct memp_free *e = pool->free;
    if (MEMP_SANITY_CHECK)
        LWIP_ASSERT("memp_malloc: pool is damaged", check_pool(pool) == NULL);
    LWIP_ASSERT("memp_malloc: a free element was written to", e->mark == MEMP_FREE_MARK);
    pool->free = e->next;
    e->mark = 0;
    pool->used++;
    count_used(pool);
    memp_guard_set(e, pool->size, file, line);
    return memp_element_user(e);
}

/* Apart, so that take() needs no stack. */
static __attribute__((noinline)) void *take_new(struct memp_pool *pool, const char *file, int line)
{
    if (refill(pool))
        return take_free(pool, file, line);
    count_failed(pool);
    return NULL;
}

static inline void *take(memp_t type, const char *file, int line)
{
    LWIP_ASSERT("memp_malloc: no such pool", type < MEMP_MAX);
    struct memp_pool *pool = &STACK->memp.pools[type];
    if (alloc_fault_due()) {
        count_failed(pool);
        return NULL;
    }
    return pool->free != NULL ? take_free(pool, file, line) : take_new(pool, file, line);
}

#if MEMP_OVERFLOW_CHECK
void *memp_malloc_fn(memp_t type, const char *file, const int line)
{
    return take(type, file, line);
}
#else
void *memp_malloc(memp_t type)
{
    return take(type, NULL, 0);
}
#endif

static void refuse(struct memp_pool *pool, const char *why)
{
    (void)pool;
    (void)why; /* LWIP_MEM_ILLEGAL_FREE may be empty */
    count_illegal(pool);
    LWIP_MEM_ILLEGAL_FREE(why);
}

void memp_free(memp_t type, void *mem)
{
    LWIP_ASSERT("memp_free: no such pool", type < MEMP_MAX);
    if (mem == NULL)
        return;
    struct memp_pool *pool = &STACK->memp.pools[type];
    struct memp_free *e = memp_element_of(mem);
    u8_t *at = (u8_t *)e;
    if (__builtin_expect(at < pool->lowest || at >= pool->highest ||
                             (mem_ptr_t)at % MEM_BLOCK_ALIGNMENT != 0, 0)) {
        refuse(pool, "memp_free: element is not of this pool");
        return;
    }
    if (__builtin_expect(e->mark == MEMP_FREE_MARK, 0) && on_free_list(pool, e)) {
        refuse(pool, "memp_free: element was freed before");
        return;
    }
    LWIP_ASSERT("memp_free: bytes around the element were overwritten",
                memp_guard_intact(e, pool->size));
    e->mark = MEMP_FREE_MARK;
    e->next = pool->free;
    pool->free = e;
    pool->used--;
    count_used(pool);
    if (MEMP_SANITY_CHECK)
        LWIP_ASSERT("memp_free: pool is damaged", check_pool(pool) == NULL);
}

const char *pools_check(void)
{
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        const struct memp_pool *pool = &STACK->memp.pools[i];
        const char *wrong = check_pool(pool);
        if (wrong == NULL && MEMP_OVERFLOW_CHECK != 0)
            wrong = check_guards(pool);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

unsigned pools_used(memp_t type)
{
    return STACK->memp.pools[type].used;
}

#endif
