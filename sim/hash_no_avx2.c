/* sim/hash_no_avx2.c: in the place of hash_avx2.c where there is no AVX2. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/hash_state.h"

bool hash_avx2_runs_here(void)
{
    return false;
}

void hash_avx2_update(struct hash *h, const void *bytes, size_t len)
{
    XXH3_128bits_update(state_of(h), bytes, len);
}
