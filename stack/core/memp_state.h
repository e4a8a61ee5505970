/* core/memp_state.h: the pools' part of an instance. Touched by the memp*.c files only. */
#ifndef STACK_CORE_MEMP_STATE_H
#define STACK_CORE_MEMP_STATE_H

#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/memp.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "lwip/stats.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#if LWIP_TCP
#include "lwip/priv/tcp_priv.h"
#endif
#include "stack/core/mem_state.h"

/* Distance from one element to the next for a user's part of `size` bytes: room for the links of
 * a free element, and aligned for any object. */
#define MEMP_STRIDE(size)                                                                          \
    (MEM_BLOCK_ALIGN(MEMP_SIZE + MEMP_ALIGN_SIZE(size)) < MEM_BLOCK_ALIGN(2 * sizeof(void *))      \
         ? MEM_BLOCK_ALIGN(2 * sizeof(void *))                                                     \
         : MEM_BLOCK_ALIGN(MEMP_SIZE + MEMP_ALIGN_SIZE(size)))

/* The pools are free lists and nothing more: core/memp_plain.c. */
#define MEMP_PLAIN (!MEMP_FREE_CHECK && !MEMP_MEM_MALLOC)

/* A row of elements that became the pool's at one time; the elements follow at `first`. */
struct memp_chunk {
    struct memp_chunk *next;
    u8_t *first;
    u32_t count;
};

struct memp_free;

struct memp_pool {
    struct memp_free *free;    /* most recently freed first */
    struct memp_chunk *chunks; /* newest first */
    u8_t *lowest, *highest;    /* all elements lie between */
    u32_t stride;              /* bytes per element */
    u32_t size;                /* bytes of the user's part */
    u32_t limit;               /* elements the pool may have */
    u32_t grown;               /* elements it has */
    u32_t used;                /* elements in use */
#if MEMP_STATS
    struct stats_mem stats;    /* lwip_stats.memp[] points here */
#endif
};

/* Buffers are short: see tcp_give_up_ooseq() in core/modules.h. */
struct pbuf_state {
    u8_t pool_was_empty; /* and nothing has been given up for it yet */
};

struct memp_state {
#if MEMP_PLAIN
    struct memp *free[MEMP_MAX];
#else
    struct memp_pool pools[MEMP_MAX];
#endif
#if !LWIP_MULTI_INSTANCE && !MEMP_MEM_MALLOC
#if !MEMP_PLAIN
    struct memp_chunk only[MEMP_MAX];
#endif
/* the elements themselves; a byte for none, because a pool may be configured empty */
#define LWIP_MEMPOOL(name, num, size, desc)                                                        \
    _Alignas(MEM_BLOCK_ALIGNMENT) u8_t elements_##name[(num) > 0 ? (num) * MEMP_STRIDE(size) : 1];
#include "lwip/priv/memp_std.h"
#endif
};

#endif
