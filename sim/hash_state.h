/* sim/hash_state.h: where xxHash's state lies in a struct hash. For hash*.c, after xxhash.h. */
#ifndef SIM_HASH_STATE_H
#define SIM_HASH_STATE_H

#include "sim/hash.h"

#include <assert.h>
#include <stdbool.h>

#define STATE_ALIGN 64u

static_assert(sizeof(XXH3_state_t) + STATE_ALIGN - _Alignof(struct hash) <= sizeof(struct hash),
              "room for xxHash's state wherever the alignment puts it");

static inline XXH3_state_t *state_of(const struct hash *h)
{
    uintptr_t room = (uintptr_t)h->room;
    return (XXH3_state_t *)((room + STATE_ALIGN - 1u) & ~(uintptr_t)(STATE_ALIGN - 1u));
}

/* hash_avx2.c, or hash_no_avx2.c where the compiler cannot: the same values, sooner. */
bool hash_avx2_runs_here(void);
void hash_avx2_update(struct hash *h, const void *bytes, size_t len);

#endif
