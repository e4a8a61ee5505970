/* core/mem_region.c: where the heap's memory comes from, and the free list. See mem_block.h.
 *
 * Several instances: pieces from env.grow, each half as large as the heap so far (so there are
 * few, and a small host stays small), up to config.mem_size. A piece that happens to begin where
 * the newest region ends makes that region longer. One instance: a static block of MEM_SIZE. */
#include "stack/core/mem_block.h"

#include "stack/core/grow.h"
#include "stack/core/instance.h"

#include <string.h>

#if !MEM_CUSTOM_ALLOCATOR && !MEM_LIBC_MALLOC && !MEM_USE_POOLS && MEM_FREE_LIST

#define REGION_BYTES_MIN 2048u

void mem_list_add(struct mem_state *m, struct mem_block *b)
{
    struct mem_links *links = mem_block_links(b);
    links->prev = NULL;
    links->next = m->free;
    if (m->free != NULL)
        mem_block_links(m->free)->prev = b;
    m->free = b;
}

void mem_list_remove(struct mem_state *m, struct mem_block *b)
{
    struct mem_links *links = mem_block_links(b);
    if (links->prev != NULL)
        mem_block_links(links->prev)->next = links->next;
    else
        m->free = links->next;
    if (links->next != NULL)
        mem_block_links(links->next)->prev = links->prev;
}

void mem_list_replace(struct mem_state *m, struct mem_block *old, struct mem_block *b)
{
    struct mem_links links = *mem_block_links(old);
    *mem_block_links(b) = links;
    if (links.prev != NULL)
        mem_block_links(links.prev)->next = b;
    else
        m->free = b;
    if (links.next != NULL)
        mem_block_links(links.next)->prev = b;
}

struct mem_region *mem_region_of(struct mem_state *m, const void *payload)
{
    mem_ptr_t at = (mem_ptr_t)payload;
    struct mem_region *r = m->regions;
    while (r != NULL && (at < (mem_ptr_t)r->first + MEM_HEADER || at >= (mem_ptr_t)r->end))
        r = r->next;
    return r;
}

#if MEM_OVERFLOW_CHECK
bool mem_tail_intact(struct mem_block *b)
{
    const u8_t *end = (const u8_t *)b + b->size;
    if (b->slack > b->size - MEM_HEADER)
        return false;
    for (const u8_t *at = end - b->slack; at < end; at++)
        if (*at != MEM_TAIL_BYTE)
            return false;
    return true;
}
#endif

/* Turns the `bytes` bytes at `start` (aligned) into a region with one free block. `r` describes
 * it from then on. */
static void format(struct mem_state *m, struct mem_region *r, u8_t *start, size_t bytes)
{
    size_t size = bytes - MEM_HEADER;
    struct mem_block *b = (struct mem_block *)(void *)start;
    struct mem_block *end = (struct mem_block *)(void *)(start + size);
    *b = (struct mem_block){0, (MEM_SPAN)size, MEM_GUARD_FREE, 0};
    *end = (struct mem_block){(MEM_SPAN)size, 0, MEM_GUARD_END, 0};
    r->next = m->regions;
    r->first = start;
    r->end = (u8_t *)end;
    m->regions = r;
    m->grown += (u32_t)size;
    mem_list_add(m, b);
}

#if LWIP_MULTI_INSTANCE

/* The closing header of `r` becomes the header of a free block over the `bytes` bytes behind it,
 * joined with a free block in front. */
static void extend(struct mem_state *m, struct mem_region *r, size_t bytes)
{
    struct mem_block *b = (struct mem_block *)(void *)r->end;
    size_t size = bytes;
    if (b->prev != 0 && mem_block_before(b)->guard == MEM_GUARD_FREE) {
        struct mem_block *before = mem_block_before(b);
        mem_list_remove(m, before);
        b->guard = MEM_GUARD_GONE;
        size += before->size;
        b = before;
    }
    b->guard = MEM_GUARD_FREE;
    b->slack = 0;
    b->size = (MEM_SPAN)size;
    r->end += bytes;
    *(struct mem_block *)(void *)r->end = (struct mem_block){(MEM_SPAN)size, 0, MEM_GUARD_END, 0};
    m->grown += (u32_t)bytes;
    mem_list_add(m, b);
}

bool mem_region_grow(struct mem_state *m, size_t size)
{
    const size_t overhead = MEM_BLOCK_ALIGN(sizeof(struct mem_region)) + MEM_HEADER;
    size_t room = m->limit - m->grown;
    size_t want = m->grown / 2 > REGION_BYTES_MIN ? m->grown / 2 : REGION_BYTES_MIN;
    if (size > room)
        return false;
    if (want < size)
        want = size;
    if (want > room)
        want = room;
    want &= ~(MEM_BLOCK_ALIGNMENT - 1);
    if (want < size)
        return false;
    u8_t *piece = stack_grow(want + overhead);
    if (piece == NULL && want > size) {
        want = size;
        piece = stack_grow(want + overhead);
    }
    if (piece == NULL)
        return false;
    struct mem_region *newest = m->regions;
    if (newest != NULL && piece == newest->end + MEM_HEADER) {
        extend(m, newest, want);
        return true;
    }
    format(m, (struct mem_region *)(void *)piece,
           piece + MEM_BLOCK_ALIGN(sizeof(struct mem_region)), want + MEM_HEADER);
    return true;
}

void mem_init(void)
{
    struct mem_state *m = &STACK->mem;
    memset(m, 0, sizeof *m);
    m->limit = CFG(mem_size) & ~(u32_t)(MEM_BLOCK_ALIGNMENT - 1);
    MEM_STATS_AVAIL(avail, (mem_size_t)m->limit);
}

#else

#ifdef LWIP_RAM_HEAP_POINTER
#define HEAP_START ((u8_t *)(LWIP_RAM_HEAP_POINTER))
#else
#define HEAP_START (m->ram)
#endif

void mem_init(void)
{
    struct mem_state *m = &STACK->mem;
    size_t bytes = MEM_BLOCK_ALIGN(MEM_SIZE);
    mem_ptr_t start = ((mem_ptr_t)HEAP_START + MEM_BLOCK_ALIGNMENT - 1) &
                      ~(mem_ptr_t)(MEM_BLOCK_ALIGNMENT - 1);
    memset(m, 0, offsetof(struct mem_state, only)); /* the memory itself may be large */
    m->limit = (u32_t)bytes;
    format(m, &m->only, (u8_t *)start, bytes + MEM_HEADER);
    MEM_STATS_AVAIL(avail, (mem_size_t)bytes);
}

#endif
#endif
