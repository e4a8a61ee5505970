/* core/mem.c: lwIP's heap: first fit, split, coalesced with both neighbours at once.
 *
 * Read mem_block.h first. The free blocks form a list of their own, so that an allocation looks at
 * free blocks only and a release looks at no list at all. A block is cut off the end of a free one,
 * which then stays where it is in the list, and grows again when that block is freed: what is
 * allocated and soon freed, as the headers of packets are, touches the list not at all. mem_free()
 * checks before it touches anything that the pointer lies in this heap, is aligned, and that the
 * headers of the block and of its neighbours are whole; what fails is counted in
 * lwip_stats.mem.illegal and otherwise left alone. */
#include "lwip/mem.h"

#include "stack/core/alloc_fault.h"
#include "stack/core/heap.h"
#include "stack/core/instance.h"
#include "stack/core/mem_block.h"

#include "lwip/def.h"
#include "lwip/stats.h"

#include <string.h>

#if !MEM_CUSTOM_ALLOCATOR && !MEM_LIBC_MALLOC && !MEM_USE_POOLS && MEM_FREE_LIST

#if MEM_COUNTED
static inline void count_used(struct mem_state *m, size_t bytes)
{
    m->blocks++;
    m->used += (u32_t)bytes;
    MEM_STATS_INC_USED(used, (mem_size_t)bytes);
}

static inline void count_unused(struct mem_state *m, unsigned blocks, size_t bytes)
{
    m->blocks -= blocks;
    m->used -= (u32_t)bytes;
    MEM_STATS_DEC_USED(used, (mem_size_t)bytes);
}

unsigned heap_blocks_used(void)
{
    return STACK->mem.blocks;
}
#else
static inline void count_used(struct mem_state *m, size_t bytes)
{
    LWIP_UNUSED_ARG(m);
    LWIP_UNUSED_ARG(bytes);
}

static inline void count_unused(struct mem_state *m, unsigned blocks, size_t bytes)
{
    LWIP_UNUSED_ARG(m);
    LWIP_UNUSED_ARG(blocks);
    LWIP_UNUSED_ARG(bytes);
}
#endif

/* Bytes a block needs for a payload of `size`, which is less than a block can be large. */
static size_t span_of(size_t size)
{
    size_t room = MEM_BLOCK_ALIGN(size + MEM_TAIL);
    return MEM_HEADER + (room < MEM_PAYLOAD_MIN ? MEM_PAYLOAD_MIN : room);
}

/* The same for any size; 0: no block can be that large. */
static size_t block_size(size_t size)
{
    size_t span = span_of(size);
    return span < size || span > MEM_SPAN_MAX ? 0 : span;
}

static void set_asked(struct mem_block *b, size_t size)
{
    if (!MEM_OVERFLOW_CHECK)
        return;
    b->slack = (u16_t)(b->size - MEM_HEADER - size);
    memset((u8_t *)mem_block_payload(b) + size, MEM_TAIL_BYTE, b->slack);
}

/* A used block of `need` bytes from the free block `b`, which keeps the rest if that is worth a
 * block. */
static struct mem_block *carve(struct mem_state *m, struct mem_block *b, size_t need)
{
    size_t rest = b->size - need;
    if (rest < MEM_BLOCK_MIN) {
        mem_list_remove(m, b);
    } else {
        mem_block_next(b)->prev = (MEM_SPAN)need;
        b->size = (MEM_SPAN)rest;
        b = mem_block_next(b);
        b->prev = (MEM_SPAN)rest;
        b->size = (MEM_SPAN)need;
    }
    b->guard = MEM_GUARD_USED;
    return b;
}

/* The block `b`, which is on no list, becomes free: part of the free one in front of it, or of the
 * one behind, or of both, or is put on the list. A block with nothing in front is its own `before`,
 * which is not free yet. */
static void coalesce(struct mem_state *m, struct mem_block *b)
{
    struct mem_block *after = mem_block_next(b);
    struct mem_block *before = mem_block_before(b);
    bool joins_before = before->guard == MEM_GUARD_FREE;
    b->guard = MEM_GUARD_FREE;
    if (after->guard == MEM_GUARD_FREE) {
        if (joins_before)
            mem_list_remove(m, after);
        else
            mem_list_replace(m, after, b);
        b->size = (MEM_SPAN)(b->size + after->size);
        after->guard = MEM_GUARD_GONE;
        after = mem_block_next(b);
    } else if (!joins_before) {
        mem_list_add(m, b);
    }
    if (joins_before) {
        before->size = (MEM_SPAN)(before->size + b->size);
        b->guard = MEM_GUARD_GONE;
        b = before;
    }
    after->prev = b->size;
}

static bool guard_is_known(const struct mem_block *b)
{
    return b->guard == MEM_GUARD_USED || b->guard == MEM_GUARD_FREE || b->guard == MEM_GUARD_END;
}

/* The used block whose payload `mem` is; NULL: no such block, counted and reported. */
static struct mem_block *find_used(struct mem_state *m, void *mem)
{
    if ((mem_ptr_t)mem % MEM_BLOCK_ALIGNMENT != 0) {
        MEM_STATS_INC(illegal);
        LWIP_MEM_ILLEGAL_FREE("mem_free: pointer is not aligned");
        return NULL;
    }
    const struct mem_region *r = mem_region_of(m, mem);
    if (r == NULL) {
        MEM_STATS_INC(illegal);
        LWIP_MEM_ILLEGAL_FREE("mem_free: pointer is not of this heap");
        return NULL;
    }
    struct mem_block *b = mem_block_of(mem);
    if (b->guard != MEM_GUARD_USED) {
        MEM_STATS_INC(illegal);
        LWIP_MEM_ILLEGAL_FREE("mem_free: block is not in use (freed twice, or underrun)");
        return NULL;
    }
    if (b->size < MEM_BLOCK_MIN || b->size > (size_t)(r->end - (u8_t *)b) ||
        b->prev > (size_t)((u8_t *)b - r->first) || !guard_is_known(mem_block_next(b)) ||
        mem_block_next(b)->prev != b->size || !mem_tail_intact(b)) {
        MEM_STATS_INC(illegal);
        LWIP_MEM_ILLEGAL_FREE("mem_free: block is damaged (overrun)");
        return NULL;
    }
    return b;
}

/* A used block of `need` bytes, of which the caller asked for `size`, from the free block `b`. */
static inline void *take(struct mem_state *m, struct mem_block *b, size_t need, size_t size)
{
    b = carve(m, b, need);
    set_asked(b, size);
    count_used(m, b->size);
    if (MEM_SANITY_CHECK)
        LWIP_ASSERT("mem_malloc: heap is damaged", heap_check() == NULL);
    return mem_block_payload(b);
}

/* Apart, so that mem_malloc() needs no stack. */
static __attribute__((noinline)) void *take_new(struct mem_state *m, size_t need, size_t size)
{
    if (mem_region_grow(m, need))
        return take(m, m->free, need, size); /* growing puts the new room in front */
    MEM_STATS_INC(err);
    return NULL;
}

void *mem_malloc(mem_size_t size)
{
    struct mem_state *m = &STACK->mem;
    if (size == 0)
        return NULL;
    size_t need = block_size(size);
    if (need == 0 || alloc_fault_due()) {
        MEM_STATS_INC(err);
        return NULL;
    }
    struct mem_block *b = m->free;
    while (b != NULL && b->size < need)
        b = mem_block_links(b)->next;
    return b != NULL ? take(m, b, need, size) : take_new(m, need, size);
}

void *mem_calloc(mem_size_t count, mem_size_t size)
{
    size_t bytes = (size_t)count * size;
    bool wraps = sizeof(mem_size_t) > 2 && count != 0 && bytes / count != size;
    if (wraps || bytes > MEM_SPAN_MAX) {
        MEM_STATS_INC(err);
        return NULL;
    }
    void *p = mem_malloc((mem_size_t)bytes);
    if (p != NULL)
        memset(p, 0, bytes);
    return p;
}

void mem_free(void *mem)
{
    struct mem_state *m = &STACK->mem;
    if (mem == NULL)
        return;
    struct mem_block *b = find_used(m, mem);
    if (b == NULL)
        return;
    count_unused(m, 1, b->size);
    coalesce(m, b);
    if (MEM_SANITY_CHECK)
        LWIP_ASSERT("mem_free: heap is damaged", heap_check() == NULL);
}

/* The used block `b` gives back what is behind its first `need` bytes: to a free block there, or
 * as a block of its own if it is enough for one. */
static void cut(struct mem_state *m, struct mem_block *b, size_t need)
{
    size_t rest = b->size - need;
    struct mem_block *after = mem_block_next(b);
    bool joins = after->guard == MEM_GUARD_FREE;
    if (rest < (joins ? 1 : MEM_BLOCK_MIN))
        return;
    count_unused(m, 0, rest);
    b->size = (MEM_SPAN)need;
    struct mem_block *end = mem_block_next(b);
    if (joins) { /* whose header may be overwritten by ours */
        rest += after->size;
        after->guard = MEM_GUARD_GONE;
        mem_list_replace(m, after, end);
    } else {
        mem_list_add(m, end);
    }
    *end = (struct mem_block){(MEM_SPAN)need, (MEM_SPAN)rest, MEM_GUARD_FREE, 0};
    mem_block_next(end)->prev = end->size;
}

/* Shrinks in place. Returns mem, also when nothing could be given back; NULL when newsize is
 * larger than the block. */
void *mem_trim(void *mem, mem_size_t newsize)
{
    struct mem_state *m = &STACK->mem;
    LWIP_ASSERT("mem_trim: no block", mem != NULL);
    struct mem_block *b = find_used(m, mem);
    if (b == NULL)
        return mem;
    LWIP_ASSERT("mem_trim can only shrink memory", newsize <= b->size - MEM_HEADER);
    if (newsize > b->size - MEM_HEADER)
        return NULL;
    size_t need = span_of(newsize);
    if (MEM_TAIL != 0 && need > b->size)
        return mem; /* fits, but not with the guard bytes of MEM_OVERFLOW_CHECK: leave it */
    cut(m, b, need);
    set_asked(b, newsize);
    return mem;
}

#endif
