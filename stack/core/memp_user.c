/* core/memp_user.c: pools that an application declares with LWIP_MEMPOOL_DECLARE().
 *
 * All their memory is the application's own (descriptor, elements, head of the free list): these
 * functions know no instance, except that MEMP_MEM_MALLOC takes elements from the heap. */
#include "lwip/memp.h"

#include "stack/core/memp_element.h"

#include "lwip/debug.h"
#include "lwip/mem.h"

#include <string.h>

#if MEMP_STATS
static void count(const struct memp_desc *desc, int change)
{
    if (desc->stats == NULL)
        return;
    desc->stats->used = (mem_size_t)(desc->stats->used + (mem_size_t)change);
    if (desc->stats->used > desc->stats->max)
        desc->stats->max = desc->stats->used;
}

static void count_init(const struct memp_desc *desc)
{
    if (desc->stats == NULL)
        return;
    memset(desc->stats, 0, sizeof *desc->stats);
    desc->stats->avail = desc->num;
}

static void count_failed(const struct memp_desc *desc)
{
    if (desc->stats != NULL)
        desc->stats->err++;
}
#else
static void count(const struct memp_desc *desc, int change)
{
    (void)desc, (void)change;
}

static void count_init(const struct memp_desc *desc)
{
    (void)desc;
}

static void count_failed(const struct memp_desc *desc)
{
    (void)desc;
}
#endif

#if MEMP_MEM_MALLOC

void memp_init_pool(const struct memp_desc *desc)
{
    count_init(desc);
}

static void *take(const struct memp_desc *desc)
{
    void *p = mem_malloc(desc->size);
    if (p != NULL)
        count(desc, 1);
    else
        count_failed(desc);
    return p;
}

void memp_free_pool(const struct memp_desc *desc, void *mem)
{
    if (mem == NULL)
        return;
    count(desc, -1);
    mem_free(mem);
}

#else

/* What a free element begins with. The elements of a user's pool are aligned to MEM_ALIGNMENT,
 * which may be less than a pointer wants. */
struct link {
    void *next;
} __attribute__((packed, may_alias, aligned(MEM_ALIGNMENT < 8 ? MEM_ALIGNMENT : 8)));

static size_t stride(const struct memp_desc *desc)
{
    size_t size = desc->size;
    return MEMP_OVERFLOW_CHECK ? MEMP_SIZE + MEMP_ALIGN_SIZE(size) : size;
}

void memp_init_pool(const struct memp_desc *desc)
{
    size_t step = stride(desc);
    u8_t *element = LWIP_MEM_ALIGN(desc->base);
    struct link *last = (struct link *)(void *)desc->tab;
    for (unsigned left = desc->num; left > 0; left--) {
        last->next = element;
        last = (struct link *)(void *)element;
        element += step;
    }
    last->next = NULL;
    count_init(desc);
}

static void *take(const struct memp_desc *desc, const char *file, int line)
{
    void *element = *desc->tab;
    if (element == NULL) {
        count_failed(desc);
        return NULL;
    }
    *desc->tab = ((struct link *)element)->next;
    memp_guard_set(element, desc->size, file, line);
    count(desc, 1);
    return memp_element_user(element);
}

void memp_free_pool(const struct memp_desc *desc, void *mem)
{
    if (mem == NULL)
        return;
    u8_t *element = memp_element_of(mem);
    u8_t *first = LWIP_MEM_ALIGN(desc->base);
    LWIP_UNUSED_ARG(first); /* without assertions */
    LWIP_ASSERT("memp_free_pool: element is not of this pool",
                element >= first && element < first + desc->num * stride(desc) &&
                    (size_t)(element - first) % stride(desc) == 0);
    LWIP_ASSERT("memp_free_pool: bytes around the element were overwritten",
                memp_guard_intact(element, desc->size));
    ((struct link *)(void *)element)->next = *desc->tab;
    *desc->tab = (struct memp *)(void *)element;
    count(desc, -1);
}

#endif

#if MEMP_OVERFLOW_CHECK && !MEMP_MEM_MALLOC
void *memp_malloc_pool_fn(const struct memp_desc *desc, const char *file, const int line)
{
    return take(desc, file, line);
}
#elif MEMP_OVERFLOW_CHECK
void *memp_malloc_pool_fn(const struct memp_desc *desc, const char *file, const int line)
{
    LWIP_UNUSED_ARG(file);
    LWIP_UNUSED_ARG(line);
    return take(desc);
}
#elif MEMP_MEM_MALLOC
void *memp_malloc_pool(const struct memp_desc *desc)
{
    return take(desc);
}
#else
void *memp_malloc_pool(const struct memp_desc *desc)
{
    return take(desc, NULL, 0);
}
#endif
