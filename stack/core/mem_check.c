/* core/mem_check.c: walks every block of the heap. See mem_block.h. */
#include "stack/core/heap.h"

#include "stack/core/instance.h"
#include "stack/core/mem_block.h"

#if !MEM_CUSTOM_ALLOCATOR && !MEM_LIBC_MALLOC && !MEM_USE_POOLS && MEM_FREE_LIST

struct tally {
    size_t used, total;
    unsigned used_blocks, free_blocks;
};

static const char *check_region(const struct mem_region *r, struct tally *t)
{
    MEM_SPAN before = 0;
    bool before_free = false;
    u8_t *at = r->first;
    while (at < r->end) {
        struct mem_block *b = (struct mem_block *)(void *)at;
        if (b->guard != MEM_GUARD_USED && b->guard != MEM_GUARD_FREE)
            return "heap: the header of a block is damaged (overrun of the block in front?)";
        if (b->prev != before)
            return "heap: a block does not know the size of the one in front";
        if (b->size < MEM_BLOCK_MIN || b->size % MEM_BLOCK_ALIGNMENT != 0 ||
            b->size > (size_t)(r->end - at))
            return "heap: a block has an impossible size";
        if (b->guard == MEM_GUARD_FREE) {
            if (before_free)
                return "heap: two free blocks are neighbours";
            t->free_blocks++;
        } else {
            if (!mem_tail_intact(b))
                return "heap: bytes behind a block were overwritten";
            t->used += b->size;
            t->used_blocks++;
        }
        before_free = b->guard == MEM_GUARD_FREE;
        before = b->size;
        t->total += b->size;
        at += b->size;
    }
    const struct mem_block *end = (const struct mem_block *)(const void *)r->end;
    if (end->guard != MEM_GUARD_END || end->size != 0 || end->prev != before)
        return "heap: the closing header of a region is damaged";
    return NULL;
}

static const char *check_list(struct mem_state *m, unsigned expected)
{
    const struct mem_block *before = NULL;
    unsigned n = 0;
    for (struct mem_block *b = m->free; b != NULL; b = mem_block_links(b)->next) {
        if (mem_region_of(m, mem_block_payload(b)) == NULL || b->guard != MEM_GUARD_FREE)
            return "heap: the free list holds something that is no free block";
        if (mem_block_links(b)->prev != before)
            return "heap: the free list is torn";
        if (++n > expected)
            return "heap: the free list is longer than there are free blocks";
        before = b;
    }
    return n == expected ? NULL : "heap: a free block is not on the free list";
}

#if MEM_COUNTED
static bool counted_right(const struct mem_state *m, const struct tally *t)
{
    return t->used == m->used && t->used_blocks == m->blocks;
}
#else
static bool counted_right(const struct mem_state *m, const struct tally *t)
{
    LWIP_UNUSED_ARG(m);
    LWIP_UNUSED_ARG(t);
    return true;
}

unsigned heap_blocks_used(void)
{
    struct tally t = {0, 0, 0, 0};
    for (const struct mem_region *r = STACK->mem.regions; r != NULL; r = r->next)
        (void)check_region(r, &t);
    return t.used_blocks;
}
#endif

const char *heap_check(void)
{
    struct mem_state *m = &STACK->mem;
    struct tally t = {0, 0, 0, 0};
    for (const struct mem_region *r = m->regions; r != NULL; r = r->next) {
        const char *wrong = check_region(r, &t);
        if (wrong != NULL)
            return wrong;
    }
    if (t.total != m->grown || !counted_right(m, &t))
        return "heap: the counts do not agree with the blocks";
    return check_list(m, t.free_blocks);
}

#endif
