/* core/mem_block.h: how a heap region is cut into blocks. For mem.c, mem_region.c, mem_check.c,
 * mem_plain.c.
 *
 * A region is a row of blocks without gaps: each begins with a header that knows the size of the
 * block and of the one in front of it, so both neighbours are found in one step; a closing header
 * of size 0 ends the row. Free blocks keep the links of the free list in their payload. No two
 * free blocks are neighbours.
 *
 * Every header carries a guard word, which tells used from free blocks. A payload ends where the
 * next header begins: what an overrun destroys first is what that says of the block in front. */
#ifndef STACK_CORE_MEM_BLOCK_H
#define STACK_CORE_MEM_BLOCK_H

#include "lwip/mem.h"
#include "stack/core/mem_state.h"

#include <stdbool.h>

#define MEM_GUARD_USED 0xB1u /* one byte's worth: what a small processor can name at once */
#define MEM_GUARD_FREE 0xF4u
#define MEM_GUARD_END 0xE2u
#define MEM_GUARD_GONE 0xDEu /* a header that became the inside of a larger free block */

/* What counts bytes in a header: half a word is enough for a small heap. */
#if MEM_SIZE > 64000L || LWIP_MULTI_INSTANCE
#define MEM_SPAN u32_t
#else
#define MEM_SPAN u16_t
#endif
#define MEM_SPAN_MAX ((size_t)(MEM_SPAN)~(MEM_SPAN)0)

struct mem_block {
    MEM_SPAN prev; /* bytes of the block in front; 0: this is the region's first */
    MEM_SPAN size; /* bytes of this block, header included; 0: closing header */
    u16_t guard;
    u16_t slack; /* MEM_OVERFLOW_CHECK: payload bytes beyond what the caller asked for */
};

struct mem_links {
    struct mem_block *next, *prev; /* in the free list; NULL at its ends */
};

#define MEM_HEADER MEM_BLOCK_ALIGN(sizeof(struct mem_block))
#ifndef MIN_SIZE
#define MIN_SIZE 12 /* lwIP's name: the smallest payload a split may leave */
#endif
#define MEM_PAYLOAD_MIN                                                                            \
    (MEM_BLOCK_ALIGN(MIN_SIZE) > MEM_BLOCK_ALIGN(sizeof(struct mem_links))                         \
         ? MEM_BLOCK_ALIGN(MIN_SIZE)                                                               \
         : MEM_BLOCK_ALIGN(sizeof(struct mem_links)))
#define MEM_BLOCK_MIN (MEM_HEADER + MEM_PAYLOAD_MIN)

/* MEM_OVERFLOW_CHECK: bytes behind each payload that nobody may write to. */
#define MEM_TAIL ((size_t)(MEM_OVERFLOW_CHECK ? 16 : 0))
#define MEM_TAIL_BYTE 0xcdu

static inline struct mem_block *mem_block_next(struct mem_block *b)
{
    return (struct mem_block *)(void *)((u8_t *)b + b->size);
}

static inline struct mem_block *mem_block_before(struct mem_block *b)
{
    return (struct mem_block *)(void *)((u8_t *)b - b->prev);
}

static inline void *mem_block_payload(struct mem_block *b)
{
    return (u8_t *)b + MEM_HEADER;
}

static inline struct mem_block *mem_block_of(void *payload)
{
    return (struct mem_block *)(void *)((u8_t *)payload - MEM_HEADER);
}

static inline struct mem_links *mem_block_links(struct mem_block *b)
{
    return (struct mem_links *)mem_block_payload(b);
}

/* Puts a block on the free list in front, or takes it off. */
void mem_list_add(struct mem_state *m, struct mem_block *b);
void mem_list_remove(struct mem_state *m, struct mem_block *b);
/* `b` takes the place of `old`, which it may overlap in front. */
void mem_list_replace(struct mem_state *m, struct mem_block *old, struct mem_block *b);

/* Finds the region that `payload` lies in, NULL: none of this heap's. Never reads there. */
struct mem_region *mem_region_of(struct mem_state *m, const void *payload);

/* Gives the heap a further region, or makes its newest one longer, with room for a block of
 * `size` bytes. false: limit reached or the host has no more. */
#if LWIP_MULTI_INSTANCE
bool mem_region_grow(struct mem_state *m, size_t size);
#else
static inline bool mem_region_grow(struct mem_state *m, size_t size)
{
    (void)m;
    (void)size;
    return false;
}
#endif

/* true: the bytes behind what the caller asked for are as mem_malloc() left them. */
#if MEM_OVERFLOW_CHECK
bool mem_tail_intact(struct mem_block *b);
#else
static inline bool mem_tail_intact(struct mem_block *b)
{
    (void)b;
    return true;
}
#endif

#endif
