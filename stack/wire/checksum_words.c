/* wire/checksum_words.c: checksum_words.h in portable C. 32-bit words are added into 64-bit sums,
 * which have room for the carries of more words than memory holds. */
#include "stack/wire/checksum_words.h"

#include "lwip/opt.h"

#if !defined(__x86_64__) && !LWIP_CHECKSUM_SMALL

static inline uint64_t block(const uint8_t *p)
{
    uint32_t words[CHECKSUM_BLOCK / 4];

    memcpy(words, p, sizeof words);
    return (uint64_t)words[0] + words[1] + words[2] + words[3] + words[4] + words[5] + words[6] +
           words[7];
}

uint64_t checksum_words(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;

    for (; len >= CHECKSUM_BLOCK; len -= CHECKSUM_BLOCK, p += CHECKSUM_BLOCK)
        sum += block(p);
    return sum + checksum_words_rest(p, len);
}

/* Block by block: what has just been copied is at hand. */
uint64_t checksum_words_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t len)
{
    uint64_t sum = 0;

    for (; len >= CHECKSUM_BLOCK; len -= CHECKSUM_BLOCK) {
        memcpy(to, from, CHECKSUM_BLOCK);
        sum += block(from);
        from += CHECKSUM_BLOCK;
        to += CHECKSUM_BLOCK;
    }
    checksum_words_copy_rest(to, from, len);
    return sum + checksum_words_rest(from, len);
}

#endif
