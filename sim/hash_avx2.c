/* sim/hash_avx2.c: hash_update() for machines with AVX2: the same values in half the instructions.
 * Compiled with -mavx2, so nothing of it may run before hash_avx2_runs_here() has said yes, which
 * itself gives a compiler no reason to use a vector. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/hash_state.h"

static_assert(XXH_VECTOR == XXH_AVX2, "compiled for AVX2");

bool hash_avx2_runs_here(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

void hash_avx2_update(struct hash *h, const void *bytes, size_t len)
{
    XXH3_128bits_update(state_of(h), bytes, len);
}
