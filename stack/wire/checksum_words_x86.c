/* wire/checksum_words_x86.c: checksum_words.h for x86-64, 16 bytes at a time with SSE2, which every
 * such processor has, or 32 with AVX2.
 *
 * One instruction multiplies words with words and adds neighbouring products. The words are signed
 * for it, so 32768 is first taken off each (its top bit is flipped), times 1 they are summed, and
 * what was taken off is known: BIAS for each pair of words, which is each 32 bits. A lane of a sum
 * has 32 bits itself: enough for AT_ONCE bytes, even for all lanes of them together. */
#include "stack/wire/checksum_words.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>

#define BIAS 65536u
#define LANE 4u /* bytes of a lane: a pair of words */
#define AT_ONCE 65536u
#define WIDE_MIN 64u /* fewer bytes are not worth wide registers */

/* ---- SSE2 ---- */

static inline __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline void store(uint8_t *p, __m128i words)
{
    _mm_storeu_si128((__m128i *)(void *)p, words);
}

static inline __m128i pairs(__m128i words)
{
    return _mm_madd_epi16(_mm_xor_si128(words, _mm_set1_epi16(-32768)), _mm_set1_epi16(1));
}

/* `sum` over so many bytes, without the bias. */
static inline uint64_t total(__m128i sum, size_t bytes)
{
    sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 8));
    sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 4));
    return (uint64_t)((int64_t)(bytes / LANE * BIAS) + _mm_cvtsi128_si32(sum));
}

static uint64_t sum_narrow(const uint8_t *p, size_t len)
{
    size_t blocks = len & ~(size_t)(CHECKSUM_BLOCK - 1);
    __m128i sum = _mm_setzero_si128();

    for (const uint8_t *end = p + blocks; p != end; p += CHECKSUM_BLOCK)
        sum = _mm_add_epi32(sum, _mm_add_epi32(pairs(load(p)), pairs(load(p + 16))));
    return total(sum, blocks) + checksum_words_rest(p, len);
}

static uint64_t copy_narrow(uint8_t *restrict to, const uint8_t *restrict from, size_t len)
{
    size_t blocks = len & ~(size_t)(CHECKSUM_BLOCK - 1);
    __m128i sum = _mm_setzero_si128();

    for (const uint8_t *end = from + blocks; from != end;
         from += CHECKSUM_BLOCK, to += CHECKSUM_BLOCK) {
        __m128i first = load(from), second = load(from + 16);
        store(to, first);
        store(to + 16, second);
        sum = _mm_add_epi32(sum, _mm_add_epi32(pairs(first), pairs(second)));
    }
    checksum_words_copy_rest(to, from, len);
    return total(sum, blocks) + checksum_words_rest(from, len);
}

/* ---- AVX2 ---- */

#define WIDE __attribute__((target("avx2")))

static inline bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

WIDE static inline __m256i wide_load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

WIDE static inline void wide_store(uint8_t *p, __m256i words)
{
    _mm256_storeu_si256((__m256i *)(void *)p, words);
}

WIDE static inline __m256i wide_pairs(__m256i words)
{
    return _mm256_madd_epi16(_mm256_xor_si256(words, _mm256_set1_epi16(-32768)),
                             _mm256_set1_epi16(1));
}

WIDE static inline uint64_t wide_total(__m256i sum, size_t bytes)
{
    return total(_mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)),
                 bytes);
}

#define TURN (4 * CHECKSUM_BLOCK) /* bytes a turn of the loops takes */

WIDE static inline __m256i wide_add(__m256i a, __m256i b, __m256i c, __m256i d)
{
    return _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d));
}

WIDE static uint64_t sum_wide(const uint8_t *p, size_t len)
{
    size_t blocks = len & ~(size_t)(CHECKSUM_BLOCK - 1);
    const uint8_t *end = p + blocks, *turns_end = p + (len & ~(size_t)(TURN - 1));
    __m256i sum = _mm256_setzero_si256();

    for (; p != turns_end; p += TURN)
        sum = _mm256_add_epi32(
            sum, wide_add(wide_pairs(wide_load(p)), wide_pairs(wide_load(p + 32)),
                          wide_pairs(wide_load(p + 64)), wide_pairs(wide_load(p + 96))));
    for (; p != end; p += CHECKSUM_BLOCK)
        sum = _mm256_add_epi32(sum, wide_pairs(wide_load(p)));
    return wide_total(sum, blocks) + checksum_words_rest(p, len);
}

WIDE static inline __m256i wide_copied_pairs(uint8_t *to, const uint8_t *from)
{
    __m256i words = wide_load(from);

    wide_store(to, words);
    return wide_pairs(words);
}

WIDE static uint64_t copy_wide(uint8_t *restrict to, const uint8_t *restrict from, size_t len)
{
    size_t blocks = len & ~(size_t)(CHECKSUM_BLOCK - 1);
    const uint8_t *end = from + blocks, *turns_end = from + (len & ~(size_t)(TURN - 1));
    __m256i sum = _mm256_setzero_si256();

    for (; from != turns_end; from += TURN, to += TURN)
        sum = _mm256_add_epi32(
            sum, wide_add(wide_copied_pairs(to, from), wide_copied_pairs(to + 32, from + 32),
                          wide_copied_pairs(to + 64, from + 64),
                          wide_copied_pairs(to + 96, from + 96)));
    for (; from != end; from += CHECKSUM_BLOCK, to += CHECKSUM_BLOCK)
        sum = _mm256_add_epi32(sum, wide_copied_pairs(to, from));
    checksum_words_copy_rest(to, from, len);
    return wide_total(sum, blocks) + checksum_words_rest(from, len);
}

/* ---- Either ---- */

uint64_t checksum_words(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;

    if (len < CHECKSUM_BLOCK)
        return checksum_words_rest(p, len);
    for (; len > AT_ONCE; p += AT_ONCE, len -= AT_ONCE)
        sum += sum_narrow(p, AT_ONCE);
    return sum + (len >= WIDE_MIN && has_avx2() ? sum_wide(p, len) : sum_narrow(p, len));
}

uint64_t checksum_words_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t len)
{
    uint64_t sum = 0;

    for (; len > AT_ONCE; from += AT_ONCE, to += AT_ONCE, len -= AT_ONCE)
        sum += copy_narrow(to, from, AT_ONCE);
    return sum + (len >= WIDE_MIN && has_avx2() ? copy_wide(to, from, len)
                                                : copy_narrow(to, from, len));
}

#endif
