/* sim/arena.c: mapping and allocation. Contract: sim/arena.h; layout: sim/arena_state.h;
 * snapshots: sim/arena_snapshot.c. */
#include "sim/arena_state.h"

#include "sim/arena_poison.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* ASan's shadow costs real memory once written, so unused memory is poisoned this far ahead. */
#define POISON_AHEAD ((size_t)1 << 20)

static_assert(sizeof(void *) == 8, "ARENA_BASE needs a 64-bit address space");
static_assert(ARENA_BASE > 0x10007fff8000, "ARENA_BASE lies in ASan's shadow");
static_assert(ARENA_BASE + 2 * ARENA_LIMIT_MAX <= 0x200000000000, /* twice: with ASan */
              "the largest arena reaches into what BoxFort maps at random");

/* What belongs to this process and not to the world. */
static struct {
    size_t mapped;       /* 0: closed */
    size_t poisoned;     /* ASan knows of everything below */
    uint64_t fail_in;    /* countdown of arena_fail_nth() */
    int fill;
} process = {.fill = ARENA_FILL_DEFAULT};

static size_t round_to_page(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (n + page - 1u) / page * page;
}

static size_t class_of(size_t size)
{
    if (size <= ARENA_LINEAR_MAX)
        return size == 0 ? 0 : (size - 1u) / ARENA_GRAIN;
    unsigned top_bit = 63u - (unsigned)__builtin_clzll(size - 1u);
    size_t eighth = (size - 1u) >> (top_bit - 3u) & 7u;
    return ARENA_LINEAR_CLASSES + 8u * (top_bit - 10u) + eighth;
}

static size_t class_size(size_t class)
{
    if (class < ARENA_LINEAR_CLASSES)
        return (class + 1u) * ARENA_GRAIN;
    size_t step = class - ARENA_LINEAR_CLASSES;
    return (9u + step % 8u) << (10u + step / 8u - 3u);
}

static void *at(size_t offset)
{
    return (unsigned char *)ARENA_BASE + offset;
}

static size_t offset_of(const void *p)
{
    return (size_t)((uintptr_t)p - ARENA_BASE);
}

bool arena_open(size_t limit_bytes)
{
    size_t header = arena_round(sizeof(struct arena_state));

    if (process.mapped != 0) {
        errno = EEXIST;
        return false;
    }
    if (limit_bytes < header || limit_bytes > ARENA_LIMIT_MAX) {
        errno = EINVAL;
        return false;
    }
    /* The smallest block with a red zone is twice its size: hence the factor under ASan. */
    size_t bytes = round_to_page(ARENA_ASAN ? 2u * limit_bytes : limit_bytes);
    void *base = mmap(at(0), bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == MAP_FAILED)
        return false;
    if (base != at(0)) { /* kernels before 4.17 take the flag for a hint */
        munmap(base, bytes);
        errno = EEXIST;
        return false;
    }
    process.mapped = bytes;
    process.fail_in = 0;
    *arena_state() = (struct arena_state){
        .magic = ARENA_MAGIC, .limit = limit_bytes, .charged = header, .top = header};
    process.poisoned = header;
    arena_poison_from(header);
    return true;
}

void arena_close(void)
{
    assert(process.mapped != 0);
    unpoison(at(0), process.poisoned);
    munmap(at(0), process.mapped);
    process.mapped = 0;
}

size_t arena_mapped(void)
{
    return process.mapped;
}

void arena_poison_from(size_t used)
{
    if (!ARENA_ASAN)
        return;
    size_t ahead = used + POISON_AHEAD < process.mapped ? used + POISON_AHEAD : process.mapped;
    if (process.poisoned < ahead)
        process.poisoned = ahead;
    poison(at(used), process.poisoned - used);
}

/* A block never given before; NULL: the limit is reached. */
static void *take_fresh(struct arena_state *a, size_t rounded)
{
    if (rounded > a->limit - a->charged)
        return NULL;
    void *block = at(a->top);
    a->charged += rounded;
    a->top += rounded + ARENA_RED_ZONE;
    if (ARENA_ASAN && a->top > process.poisoned) {
        poison(block, rounded + ARENA_RED_ZONE);
        arena_poison_from(a->top);
    }
    return block;
}

static void *take_freed(struct arena_state *a, size_t class)
{
    uint32_t *link = at((size_t)a->free_lists[class] * ARENA_GRAIN);

    unpoison(link, sizeof *link);
    a->free_lists[class] = *link;
    return link;
}

static bool fails_by_order(void)
{
    return process.fail_in != 0 && --process.fail_in == 0;
}

void *arena_alloc(size_t size)
{
    struct arena_state *a = arena_state();

    assert(process.mapped != 0);
    if (fails_by_order() || size > a->limit)
        return NULL;
    size_t class = class_of(size);
    size_t rounded = class_size(class);
    void *block = a->free_lists[class] != 0 ? take_freed(a, class) : take_fresh(a, rounded);
    if (block == NULL)
        return NULL;
    a->allocated += rounded;
    poison(block, rounded);
    unpoison(block, size);
    if (process.fill >= 0)
        memset(block, process.fill, size);
    return block;
}

void *arena_calloc(size_t size)
{
    void *block = arena_alloc(size);
    return block == NULL ? NULL : memset(block, 0, size);
}

void arena_free(void *block, size_t size)
{
    struct arena_state *a = arena_state();

    if (block == NULL)
        return;
    size_t class = class_of(size);
    size_t rounded = class_size(class);
    assert(offset_of(block) % ARENA_GRAIN == 0);
    assert(offset_of(block) >= sizeof *a && offset_of(block) + rounded <= a->top);
    assert(rounded <= a->allocated);
    assert(!is_poisoned(block, size != 0)); /* freed twice */
    assert(!ARENA_ASAN || is_poisoned((unsigned char *)block + size, 1)); /* not the size given */
    unpoison(block, rounded);
    if (process.fill >= 0)
        memset(block, ~process.fill & 0xff, rounded);
    memcpy(block, &a->free_lists[class], sizeof a->free_lists[class]);
    a->free_lists[class] = (uint32_t)(offset_of(block) / ARENA_GRAIN);
    a->allocated -= rounded;
    poison(block, rounded);
}

size_t arena_used(void)
{
    return arena_state()->top;
}

size_t arena_allocated(void)
{
    return arena_state()->allocated;
}

void arena_root_set(void *root)
{
    arena_state()->root = root;
}

void *arena_root(void)
{
    return arena_state()->root;
}

bool arena_region_add(void *start, size_t bytes)
{
    struct arena_state *a = arena_state();
    struct arena_region **last = &a->regions;
    unsigned char *first = start;

    assert(bytes > 0 && (first + bytes <= (unsigned char *)at(0) ||
                         first >= (unsigned char *)at(process.mapped)));
    for (; *last != NULL; last = &(*last)->next)
        assert(first + bytes <= (*last)->start || first >= (*last)->start + (*last)->bytes);
    struct arena_region *r = arena_alloc(sizeof *r);
    if (r == NULL)
        return false;
    *r = (struct arena_region){.start = first, .bytes = bytes};
    *last = r;
    a->region_count++;
    return true;
}

void arena_region_remove(void *start)
{
    struct arena_state *a = arena_state();
    struct arena_region **link = &a->regions;

    while (*link != NULL && (*link)->start != start)
        link = &(*link)->next;
    assert(*link != NULL);
    struct arena_region *gone = *link;
    *link = gone->next;
    a->region_count--;
    arena_free(gone, sizeof *gone);
}

void arena_fill_set(int byte)
{
    assert(byte >= -1 && byte <= 0xff);
    process.fill = byte;
}

void arena_fail_nth(uint64_t n)
{
    process.fail_in = n;
}

uint64_t arena_fails_in(void)
{
    return process.fail_in;
}

/* The bytes on one free list, or SIZE_MAX if it is broken. */
static size_t measure_free_list(const struct arena_state *a, size_t class)
{
    size_t rounded = class_size(class), sum = 0;

    for (uint32_t grain = a->free_lists[class], next; grain != 0; grain = next) {
        size_t offset = (size_t)grain * ARENA_GRAIN;
        if (offset < sizeof *a || offset + rounded > a->top || sum > a->top)
            return SIZE_MAX;
        copy_raw(&next, at(offset), sizeof next);
        sum += rounded;
    }
    return sum;
}

const char *arena_check(void)
{
    const struct arena_state *a = arena_state();
    size_t header = arena_round(sizeof *a), freed = 0;

    if (a->magic != ARENA_MAGIC)
        return "the arena's first bytes were overwritten";
    if (a->charged > a->limit || a->top > process.mapped || a->charged > a->top)
        return "the arena's fill level is impossible";
    for (size_t class = 0; class < ARENA_CLASSES; class++) {
        size_t bytes = measure_free_list(a, class);
        if (bytes == SIZE_MAX)
            return "a free list is broken";
        freed += bytes;
    }
    if (header + a->allocated + freed != a->charged)
        return "live and free blocks do not add up";
    return NULL;
}
