/* harness/host/tcp_bytes.c */
#include "harness/host/tcp_bytes.h"

#include "sim/arena.h"

#include "lwip/pbuf.h"

#include <assert.h>
#include <string.h>

#define WORD 8u

static struct byte_block *append(struct byte_queue *q, uint32_t len)
{
    struct byte_block *b = arena_alloc(sizeof *b + len);
    if (b == NULL)
        return NULL;
    b->next = NULL;
    b->len = len;
    b->at = 0;
    if (q->first == NULL)
        q->first = b;
    else
        q->last->next = b;
    q->last = b;
    q->count += len;
    return b;
}

bool byte_queue_put(struct byte_queue *q, const void *bytes, uint32_t len)
{
    if (len == 0)
        return true;
    struct byte_block *b = append(q, len);
    if (b == NULL)
        return false;
    memcpy(b->data, bytes, len);
    return true;
}

bool byte_queue_put_pbuf(struct byte_queue *q, const struct pbuf *p, uint32_t offset)
{
    if (p->tot_len <= offset)
        return true;
    uint32_t len = p->tot_len - offset;
    struct byte_block *b = append(q, len);
    if (b == NULL)
        return false;
    pbuf_copy_partial(p, b->data, (u16_t)len, (u16_t)offset);
    return true;
}

const uint8_t *byte_queue_front(const struct byte_queue *q, uint32_t *len)
{
    const struct byte_block *b = q->first;
    *len = b != NULL ? b->len - b->at : 0;
    return b != NULL ? b->data + b->at : NULL;
}

void byte_queue_drop(struct byte_queue *q, uint64_t len)
{
    assert(len <= q->count);
    q->count -= len;
    while (len > 0) {
        struct byte_block *b = q->first;
        uint32_t rest = b->len - b->at;
        if (len < rest) {
            b->at += (uint32_t)len;
            return;
        }
        len -= rest;
        q->first = b->next;
        arena_free(b, sizeof *b + b->len);
    }
    if (q->first == NULL)
        q->last = NULL;
}

void byte_queue_empty(struct byte_queue *q)
{
    byte_queue_drop(q, q->count);
}

/* Patterns. */

static uint64_t word(uint64_t seed, uint64_t i)
{
    uint64_t z = seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void pattern_begin(struct pattern *p, uint64_t seed, uint64_t len)
{
    *p = (struct pattern){.seed = seed, .left = len, .bad_at = UINT64_MAX};
}

void pattern_fill(uint64_t seed, uint64_t at, uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        uint64_t w = word(seed, at / WORD) >> (WORD * (at % WORD));
        uint32_t n = (uint32_t)(WORD - at % WORD);
        if (n > len)
            n = len;
        for (uint32_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(w >> (8 * i));
        at += n;
        bytes += n;
        len -= n;
    }
}

void pattern_check(struct pattern *p, const uint8_t *bytes, uint32_t len)
{
    uint8_t right[512];
    assert(len <= p->left);
    while (len > 0) {
        uint32_t n = len < sizeof right ? len : (uint32_t)sizeof right;
        pattern_fill(p->seed, p->at, right, n);
        for (uint32_t i = 0; p->bad_at == UINT64_MAX && i < n; i++)
            if (bytes[i] != right[i])
                p->bad_at = p->at + i;
        p->at += n;
        p->left -= n;
        bytes += n;
        len -= n;
    }
}

/* Half an octet at a time: a table of 16 words is enough. */
uint32_t crc32_continue(uint32_t crc, const uint8_t *bytes, uint32_t len)
{
    static const uint32_t of_nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158,
        0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4,
        0xa00ae278, 0xbdbdf21c};
    crc = ~crc;
    for (uint32_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ of_nibble[crc & 15];
        crc = crc >> 4 ^ of_nibble[crc & 15];
    }
    return ~crc;
}
