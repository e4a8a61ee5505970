/* harness/host/tcp_bytes.h: the bytes of a TCP connection that the harness holds, makes or checks.
 *
 * A byte queue keeps what has arrived and was not fetched, or what waits for room in the send
 * buffer; its blocks are in the arena. A pattern is a stream of pseudo-random bytes of which each
 * is a function of seed and position, so that the far end can check them without ever having seen
 * them: 64-bit words, the low octet first, word i = mix(seed + (i + 1) * 0x9e3779b97f4a7c15) with
 * the finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
#ifndef HARNESS_HOST_TCP_BYTES_H
#define HARNESS_HOST_TCP_BYTES_H

#include <stdbool.h>
#include <stdint.h>

struct pbuf;

struct byte_block {
    struct byte_block *next;
    uint32_t len, at; /* of data; of these taken */
    uint8_t data[];
};

struct byte_queue {
    struct byte_block *first, *last;
    uint64_t count;
};

/* Appends bytes, or those of p from `offset` on. false: the arena is full, nothing was added. */
bool byte_queue_put(struct byte_queue *q, const void *bytes, uint32_t len);
bool byte_queue_put_pbuf(struct byte_queue *q, const struct pbuf *p, uint32_t offset);
/* The oldest bytes that lie together; NULL: none. */
const uint8_t *byte_queue_front(const struct byte_queue *q, uint32_t *len);
void byte_queue_drop(struct byte_queue *q, uint64_t len); /* len <= count */
void byte_queue_empty(struct byte_queue *q);

struct pattern {
    uint64_t seed, at; /* position of the next byte */
    uint64_t left;     /* bytes still to come */
    uint64_t bad_at;   /* when checking: position of the first wrong byte; UINT64_MAX: none */
};

void pattern_begin(struct pattern *p, uint64_t seed, uint64_t len);
/* The bytes from position `at` on. */
void pattern_fill(uint64_t seed, uint64_t at, uint8_t *bytes, uint32_t len);
/* The next len (<= left) bytes have arrived. */
void pattern_check(struct pattern *p, const uint8_t *bytes, uint32_t len);

/* CRC-32 as in Ethernet and zlib: of all so far, continued with these bytes; begins with 0. */
uint32_t crc32_continue(uint32_t crc, const uint8_t *bytes, uint32_t len);

#endif
