/* core/mem_plain.c: the heap of a single instance without MEM_FREE_LIST: lwIP's heap in as little
 * code as can be had.
 *
 * Blocks as in mem_block.h, in one row; a free one is found by going through all of them from the
 * front. mem_free() checks as in mem.c before it touches anything, and leaves alone what is no
 * block in use. */
#include "lwip/mem.h"

#include "stack/core/alloc_fault.h"
#include "stack/core/heap.h"
#include "stack/core/instance.h"
#include "stack/core/mem_block.h"

#include <string.h>

#if MEM_PLAIN

#define HEAP_BYTES MEM_BLOCK_ALIGN(MEM_SIZE)
#ifdef LWIP_RAM_HEAP_POINTER
#define HEAP_START MEM_BLOCK_ALIGN((mem_ptr_t)(LWIP_RAM_HEAP_POINTER))
#else
#define HEAP_START STACK->mem.ram
#endif

/* Shifts the bits that are 0 in an aligned address to the upper end. */
#define TO_THE_TOP ((size_t)-1 / MEM_BLOCK_ALIGNMENT + 1)

static struct mem_block *first_block(void)
{
    return (struct mem_block *)(void *)HEAP_START;
}

static struct mem_block *behind(struct mem_block *b, size_t size)
{
    return (struct mem_block *)(void *)((u8_t *)b + size);
}

/* The block `b`, behind one of `before` bytes, is free and has `size` bytes. Returns the next.
 * Apart: it is the end of three functions. */
static __attribute__((noinline)) struct mem_block *set_free(struct mem_block *b, size_t before,
                                                            size_t size)
{
    b->prev = (MEM_SPAN)before;
    b->size = (MEM_SPAN)size;
    b->guard = MEM_GUARD_FREE;
    b = behind(b, size);
    b->prev = (MEM_SPAN)size;
    return b;
}

void mem_init(void)
{
    struct mem_block *end = set_free(first_block(), 0, HEAP_BYTES);
    end->size = 0;
    end->guard = MEM_GUARD_END;
}

/* Bytes of `b`, and of the block behind it if that is free. */
static size_t reach(struct mem_block *b)
{
    const struct mem_block *after = mem_block_next(b);
    size_t size = b->size;
    return after->guard == MEM_GUARD_FREE ? size + after->size : size;
}

/* The used block `b` keeps enough for a payload of `size` bytes, which it has; what is behind is
 * free, if it is enough for a block of its own. */
static void cut(struct mem_block *b, size_t size)
{
    size_t need = MEM_HEADER + MEM_BLOCK_ALIGN(size < MEM_PAYLOAD_MIN ? MEM_PAYLOAD_MIN : size);
    size_t rest = reach(b) - need;
    if (rest < MEM_BLOCK_MIN)
        return;
    b->size = (MEM_SPAN)need;
    set_free(behind(b, need), need, rest);
}

void *mem_malloc(mem_size_t size)
{
    struct mem_block *b = first_block();
    if (size == 0 || alloc_fault_due())
        return NULL;
    for (; b->size != 0; b = mem_block_next(b))
        if (b->guard == MEM_GUARD_FREE && b->size - MEM_HEADER >= size) {
            b->guard = MEM_GUARD_USED;
            cut(b, size);
            return mem_block_payload(b);
        }
    return NULL;
}

void *mem_calloc(mem_size_t count, mem_size_t size)
{
    size_t bytes = (size_t)count * size;
    bool wraps = sizeof(mem_size_t) > 2 && count != 0 && bytes / count != size;
    void *p = wraps || bytes > MEM_SIZE ? NULL : mem_malloc((mem_size_t)bytes);
    return p == NULL ? NULL : memset(p, 0, bytes);
}

/* The used block whose payload `mem` is; NULL: no such block, which is reported. */
static struct mem_block *find_used(void *mem)
{
    struct mem_block *b = mem_block_of(mem);
    size_t at = (size_t)((mem_ptr_t)b - (mem_ptr_t)first_block());
    at |= (size_t)mem * TO_THE_TOP; /* what is not aligned is far outside */
    if (at < HEAP_BYTES && b->guard == MEM_GUARD_USED && b->prev <= at &&
        at + b->size <= HEAP_BYTES && mem_block_next(b)->prev == b->size)
        return b;
    LWIP_MEM_ILLEGAL_FREE("mem_free: no block in use, or a damaged one (overrun)");
    return NULL;
}

void mem_free(void *mem)
{
    struct mem_block *b, *before;
    if (mem == NULL || (b = find_used(mem)) == NULL)
        return;
    size_t size = reach(b);
    b->guard = MEM_GUARD_GONE;
    before = mem_block_before(b);
    if (before->guard == MEM_GUARD_FREE) {
        b = before;
        size += b->size;
    }
    set_free(b, b->prev, size);
}

void *mem_trim(void *mem, mem_size_t newsize)
{
    struct mem_block *b = find_used(mem);
    if (b == NULL)
        return mem;
    if (newsize > b->size - MEM_HEADER)
        return NULL;
    cut(b, newsize);
    return mem;
}

static const char *check_block(struct mem_block *b)
{
    size_t left = (size_t)((u8_t *)first_block() + HEAP_BYTES - (u8_t *)b);
    struct mem_block *after = mem_block_next(b);
    if (b->guard != MEM_GUARD_USED && b->guard != MEM_GUARD_FREE)
        return "heap: the header of a block is damaged";
    if (b->size < MEM_BLOCK_MIN || b->size % MEM_BLOCK_ALIGNMENT != 0 || b->size > left)
        return "heap: a block has an impossible size";
    if (after->prev != b->size)
        return "heap: a block does not know the size of the one in front (overrun of that?)";
    if (b->guard == MEM_GUARD_FREE && after->guard == MEM_GUARD_FREE)
        return "heap: two free blocks are neighbours";
    if ((after->guard == MEM_GUARD_END) != (b->size == left))
        return "heap: the closing header is damaged";
    return NULL;
}

const char *heap_check(void)
{
    for (struct mem_block *b = first_block(); b->guard != MEM_GUARD_END; b = mem_block_next(b)) {
        const char *wrong = check_block(b);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

unsigned heap_blocks_used(void)
{
    unsigned n = 0;
    for (struct mem_block *b = first_block(); b->size != 0; b = mem_block_next(b))
        n += b->guard == MEM_GUARD_USED;
    return n;
}

#endif
