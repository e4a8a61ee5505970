/* sim/hash_avx2.c: hash_update() for machines with AVX2: the same values in a third of the
 * instructions. Compiled with -mavx2, so nothing of it may run before hash_avx2_runs_here() has
 * said yes, which itself gives a compiler no reason to use a vector.
 *
 * xxHash's own loops are for any secret, any length of block and any position in it. Here the
 * secret is the default one, a block has 16 stripes of 64 bytes, and bytes are consumed by four
 * stripes at a time, as many as the state's buffer holds. That state is xxHash's, which sets it up
 * and reads it out: the buffer holds the last 1 to 256 bytes, its end the stripe before them. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/hash_state.h"

static_assert(XXH_VECTOR == XXH_AVX2, "compiled for AVX2");

#define KEY_STEP XXH_SECRET_CONSUME_RATE /* a stripe's key begins so far behind the one before */
#define SCRAMBLE_KEY (XXH_SECRET_DEFAULT_SIZE - XXH_STRIPE_LEN)
#define BLOCK_STRIPES (SCRAMBLE_KEY / KEY_STEP)
#define GROUP_STRIPES 4u
#define GROUP_BYTES (GROUP_STRIPES * XXH_STRIPE_LEN)

static_assert(BLOCK_STRIPES % GROUP_STRIPES == 0, "groups of stripes fill a block");
static_assert(GROUP_BYTES == XXH3_INTERNALBUFFER_SIZE, "a group of stripes fills the buffer");

/* The eight accumulators, and how many stripes of the block are in them. */
struct sums {
    __m256i low, high;
    size_t stripes;
};

static inline __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline __m256i accumulate(__m256i sum, const uint8_t *in, const uint8_t *key)
{
    __m256i data = load(in), keyed = _mm256_xor_si256(data, load(key));
    __m256i product = _mm256_mul_epu32(keyed, _mm256_srli_epi64(keyed, 32));
    __m256i swapped = _mm256_shuffle_epi32(data, _MM_SHUFFLE(1, 0, 3, 2));

    return _mm256_add_epi64(sum, _mm256_add_epi64(product, swapped));
}

static inline __m256i scramble(__m256i sum, const uint8_t *key)
{
    const __m256i prime = _mm256_set1_epi32((int)XXH_PRIME32_1);
    __m256i mixed = _mm256_xor_si256(sum, _mm256_srli_epi64(sum, 47));
    __m256i keyed = _mm256_xor_si256(mixed, load(key));
    __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(keyed, 32), prime);

    return _mm256_add_epi64(_mm256_mul_epu32(keyed, prime), _mm256_slli_epi64(high, 32));
}

static inline void consume_group(struct sums *s, const uint8_t *in)
{
    const uint8_t *key = XXH3_kSecret + s->stripes * KEY_STEP;

#pragma GCC unroll 4
    for (unsigned i = 0; i < GROUP_STRIPES; i++, in += XXH_STRIPE_LEN, key += KEY_STEP) {
        s->low = accumulate(s->low, in, key);
        s->high = accumulate(s->high, in + sizeof s->low, key + sizeof s->low);
    }
    s->stripes += GROUP_STRIPES;
    if (s->stripes == BLOCK_STRIPES) {
        s->low = scramble(s->low, XXH3_kSecret + SCRAMBLE_KEY);
        s->high = scramble(s->high, XXH3_kSecret + SCRAMBLE_KEY + sizeof s->low);
        s->stripes = 0;
    }
}

/* Knowing that n is small, a compiler would take a string instruction, which is slow to start. */
static inline void copy(uint8_t *to, const uint8_t *from, size_t n)
{
    __asm__("" : "+r"(n));
    memcpy(to, from, n);
}

/* More bytes than the buffer can still take. */
static void consume(XXH3_state_t *state, const uint8_t *in, size_t len)
{
    __m256i *acc = (__m256i *)(void *)state->acc;
    struct sums s = {acc[0], acc[1], state->nbStripesSoFar};
    size_t fill = GROUP_BYTES - state->bufferedSize;

    if (state->bufferedSize != 0) {
        copy(state->buffer + state->bufferedSize, in, fill);
        consume_group(&s, state->buffer);
        in += fill;
        len -= fill;
    }
    if (len > GROUP_BYTES) {
        for (; len > GROUP_BYTES; in += GROUP_BYTES, len -= GROUP_BYTES)
            consume_group(&s, in);
        memcpy(state->buffer + GROUP_BYTES - XXH_STRIPE_LEN, in - XXH_STRIPE_LEN, XXH_STRIPE_LEN);
    }
    copy(state->buffer, in, len);
    state->bufferedSize = (XXH32_hash_t)len;
    state->nbStripesSoFar = s.stripes;
    acc[0] = s.low;
    acc[1] = s.high;
}

bool hash_avx2_runs_here(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

void hash_avx2_update(struct hash *h, const void *bytes, size_t len)
{
    XXH3_state_t *state = state_of(h);

    /* a snapshot from a machine without AVX2 may be between two groups */
    if (state->nbStripesSoFar % GROUP_STRIPES != 0) {
        XXH3_128bits_update(state, bytes, len);
        return;
    }
    state->totalLen += len;
    if (state->bufferedSize + len > GROUP_BYTES) {
        consume(state, bytes, len);
    } else {
        copy(state->buffer + state->bufferedSize, bytes, len);
        state->bufferedSize += (XXH32_hash_t)len;
    }
}
