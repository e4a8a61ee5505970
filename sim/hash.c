/* sim/hash.c: xxHash, inlined. Contract: sim/hash.h. Always optimised (see sim/CMakeLists.txt):
 * every frame passes through here, in debug builds too. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/hash.h"
#include "sim/hash_state.h"

void hash_init(struct hash *h)
{
    memset(h->room, 0, sizeof h->room);
    XXH3_128bits_reset(state_of(h));
}

void hash_update(struct hash *h, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (hash_avx2_runs_here())
        hash_avx2_update(h, bytes, len);
    else
        XXH3_128bits_update(state_of(h), bytes, len);
}

struct hash_value hash_value(const struct hash *h)
{
    XXH128_hash_t v = XXH3_128bits_digest(state_of(h));
    return (struct hash_value){.low = v.low64, .high = v.high64};
}

struct hash_value hash_of(const void *bytes, size_t len, uint64_t seed)
{
    XXH128_hash_t v = XXH3_128bits_withSeed(bytes, len, seed);
    return (struct hash_value){.low = v.low64, .high = v.high64};
}

void hash_hex(struct hash_value v, char hex[33])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < 16; i++) {
        hex[i] = digits[v.high >> (60u - 4u * i) & 15u];
        hex[16 + i] = digits[v.low >> (60u - 4u * i) & 15u];
    }
    hex[32] = '\0';
}
