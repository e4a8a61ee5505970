/* core/mem_guard.c: guard bytes round heap blocks and pool elements (MEM_OVERFLOW_CHECK,
 * MEMP_OVERFLOW_CHECK). */
#include "lwip/priv/mem_priv.h"

#include "stack/core/memp_element.h"

#include "lwip/debug.h"

#include <string.h>

#define GUARD_BYTE 0xcd

#if MEM_OVERFLOW_CHECK || MEMP_OVERFLOW_CHECK

static bool all_guard(const u8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] != GUARD_BYTE)
            return false;
    return true;
}

void mem_overflow_init_raw(void *p, size_t size)
{
    memset((u8_t *)p - MEM_SANITY_REGION_BEFORE_ALIGNED, GUARD_BYTE,
           MEM_SANITY_REGION_BEFORE_ALIGNED);
    memset((u8_t *)p + size, GUARD_BYTE, MEM_SANITY_REGION_AFTER_ALIGNED);
}

void mem_overflow_check_raw(void *p, size_t size, const char *descr1, const char *descr2)
{
    const u8_t *user = p;
    LWIP_UNUSED_ARG(descr1);
    LWIP_UNUSED_ARG(descr2);
    if (!all_guard(user - MEM_SANITY_REGION_BEFORE_ALIGNED, MEM_SANITY_REGION_BEFORE_ALIGNED)) {
        LWIP_PLATFORM_DIAG(("underrun of %s%s\n", descr1, descr2));
        LWIP_ASSERT("bytes in front of an allocation were overwritten", 0);
    }
    if (!all_guard(user + size, MEM_SANITY_REGION_AFTER_ALIGNED)) {
        LWIP_PLATFORM_DIAG(("overrun of %s%s\n", descr1, descr2));
        LWIP_ASSERT("bytes behind an allocation were overwritten", 0);
    }
}

#endif

#if MEMP_OVERFLOW_CHECK

void memp_guard_set(void *element, size_t size, const char *file, int line)
{
    struct memp *head = element;
    head->file = file;
    head->line = line;
    mem_overflow_init_raw(memp_element_user(element), size);
}

bool memp_guard_intact(const void *element, size_t size)
{
    const u8_t *user = (const u8_t *)element + MEMP_SIZE;
    return all_guard(user - MEM_SANITY_REGION_BEFORE_ALIGNED, MEM_SANITY_REGION_BEFORE_ALIGNED) &&
           all_guard(user + size, MEM_SANITY_REGION_AFTER_ALIGNED);
}

#endif
