/* sim/arena_poison.h: what the arena tells AddressSanitizer, and copies that ASan must not judge.
 * Internal to sim/arena*.c. Without ASan nothing here costs anything.
 *
 * ASan keeps one shadow byte per 8 bytes. A snapshot copies the shadow along with the memory, so
 * that after a restore exactly those blocks are valid which were valid then. */
#ifndef SIM_ARENA_POISON_H
#define SIM_ARENA_POISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)

#include <sanitizer/asan_interface.h>

#define ARENA_ASAN 1
#define ARENA_RED_ZONE ((size_t)16)
#define ARENA_FILL_DEFAULT 0xa5

static inline void poison(const void *start, size_t bytes)
{
    __asan_poison_memory_region(start, bytes);
}

static inline void unpoison(const void *start, size_t bytes)
{
    __asan_unpoison_memory_region(start, bytes);
}

static inline bool is_poisoned(void *start, size_t bytes)
{
    return __asan_region_is_poisoned(start, bytes) != NULL;
}

static inline void *shadow_of(const void *start)
{
    size_t scale, offset;

    __asan_get_shadow_mapping(&scale, &offset);
    return (void *)(((uintptr_t)start >> scale) + offset);
}

/* memcpy() is ASan's own and would object to poisoned bytes, hence a loop, volatile so that no
 * compiler turns it back into memcpy(). */
__attribute__((no_sanitize_address))
static inline void copy_raw(void *to, const void *from, size_t bytes)
{
    volatile unsigned char *t = to;
    const volatile unsigned char *f = from;

    while (bytes >= 8 && ((uintptr_t)t | (uintptr_t)f) % 8 == 0) {
        *(volatile uint64_t *)t = *(const volatile uint64_t *)f;
        t += 8, f += 8, bytes -= 8;
    }
    while (bytes-- > 0)
        *t++ = *f++;
}

#else

#define ARENA_ASAN 0
#define ARENA_RED_ZONE ((size_t)0)
#ifdef __OPTIMIZE__
#define ARENA_FILL_DEFAULT (-1)
#else
#define ARENA_FILL_DEFAULT 0xa5
#endif

static inline void poison(const void *start, size_t bytes)
{
    (void)start, (void)bytes;
}

static inline void unpoison(const void *start, size_t bytes)
{
    (void)start, (void)bytes;
}

static inline bool is_poisoned(void *start, size_t bytes)
{
    (void)start, (void)bytes;
    return false;
}

/* There is none; of it, 0 bytes are copied. */
static inline void *shadow_of(const void *start)
{
    return (void *)(uintptr_t)start;
}

static inline void copy_raw(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

#endif

/* Shadow bytes of `bytes` bytes from an 8-aligned start. 0 without ASan. */
static inline size_t shadow_bytes(size_t bytes)
{
    return ARENA_ASAN ? (bytes + 7u) / 8u : 0;
}

#endif
