/* core/memp_element.h: what a pool element looks like. For the memp*.c files.
 *
 * In use it is the user's alone; with MEMP_OVERFLOW_CHECK there are guard bytes round the user's
 * part and, in front of them, a struct memp that names who allocated it. Free, its first words
 * are a link and a mark. An element that comes back with the mark in place was freed before (the
 * free list is searched to be sure: a user's data may look like it by chance). */
#ifndef STACK_CORE_MEMP_ELEMENT_H
#define STACK_CORE_MEMP_ELEMENT_H

#include "lwip/memp.h"
#include "lwip/priv/mem_priv.h"

#include <stdbool.h>

#define MEMP_FREE_MARK ((mem_ptr_t)0xf4eef4eeu)

struct memp_free {
    struct memp_free *next;
    mem_ptr_t mark;
};

static inline void *memp_element_user(void *element)
{
    return (u8_t *)element + MEMP_SIZE;
}

static inline void *memp_element_of(void *user)
{
    return (u8_t *)user - MEMP_SIZE;
}

/* Writes the guard bytes of an element that is being handed out to `file`:`line`, or verifies
 * them. Without MEMP_OVERFLOW_CHECK they do nothing and find nothing wrong. */
#if MEMP_OVERFLOW_CHECK
void memp_guard_set(void *element, size_t size, const char *file, int line);
bool memp_guard_intact(const void *element, size_t size);
#else
static inline void memp_guard_set(void *element, size_t size, const char *file, int line)
{
    LWIP_UNUSED_ARG(element);
    LWIP_UNUSED_ARG(size);
    LWIP_UNUSED_ARG(file);
    LWIP_UNUSED_ARG(line);
}

static inline bool memp_guard_intact(const void *element, size_t size)
{
    LWIP_UNUSED_ARG(element);
    LWIP_UNUSED_ARG(size);
    return true;
}
#endif

#endif
