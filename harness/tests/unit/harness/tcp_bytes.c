/* tcp_bytes.c: the queue, the pattern and the sum of TCP connections. */
#include "unit.h"

#include "harness/host/tcp_bytes.h"
#include "harness/host/tcp_log.h"
#include "sim/arena.h"

#include <string.h>

#define MEMORY (1u << 20)

UNIT(tcp_bytes, pattern_is_the_one_that_python_makes)
{
    static const uint8_t first[20] = {0xc1, 0x5c, 0x02, 0x89, 0xec, 0x2d, 0x0a, 0x91, 0x67, 0xec,
                                      0x8e, 0x65, 0xa1, 0x8d, 0xeb, 0xbe, 0x5e, 0x55, 0x32, 0xfb};
    uint8_t made[20];
    pattern_fill(1, 0, made, sizeof made);
    CHECK(memcmp(made, first, sizeof made) == 0);
    for (uint32_t at = 0; at < 20; at++)
        for (uint32_t len = 0; at + len <= 20; len++) {
            uint8_t part[20];
            pattern_fill(1, at, part, len);
            CHECK(memcmp(part, first + at, len) == 0);
        }
}

UNIT(tcp_bytes, pattern_check_finds_the_first_wrong_byte)
{
    uint8_t bytes[2000];
    struct pattern p;
    pattern_fill(9, 0, bytes, sizeof bytes);
    pattern_begin(&p, 9, sizeof bytes);
    pattern_check(&p, bytes, 700);
    CHECK(p.left == 1300 && p.bad_at == UINT64_MAX);
    bytes[1303] ^= 1;
    bytes[1304] ^= 1;
    pattern_check(&p, bytes + 700, 1300);
    CHECK_INT(p.left, 0);
    CHECK_INT(p.bad_at, 1303);
}

UNIT(tcp_bytes, crc_is_the_usual_one)
{
    const uint8_t *check = (const uint8_t *)"123456789"; /* the catalogues' check value */
    CHECK_INT(crc32_continue(0, check, 9), 0xcbf43926);
    CHECK_INT(crc32_continue(crc32_continue(0, check, 4), check + 4, 5), 0xcbf43926);
    CHECK_INT(crc32_continue(0, check, 0), 0);
}

UNIT(tcp_bytes, queue_gives_bytes_in_their_order_and_all_memory_back)
{
    CHECK(arena_open(MEMORY));
    struct byte_queue q = {0};
    uint8_t bytes[600], seen = 0;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    CHECK(byte_queue_put(&q, bytes, 0));
    CHECK_INT(arena_allocated(), 0);
    CHECK(byte_queue_put(&q, bytes, 300));
    CHECK(byte_queue_put(&q, bytes + 300, 300));
    CHECK_INT(q.count, 600);
    uint32_t len;
    const uint8_t *front;
    while ((front = byte_queue_front(&q, &len)) != NULL) {
        uint32_t n = len < 7 ? len : 7;
        for (uint32_t i = 0; i < n; i++)
            CHECK_INT(front[i], seen++);
        byte_queue_drop(&q, n);
    }
    CHECK_INT(q.count, 0);
    CHECK(q.first == NULL && q.last == NULL);
    CHECK_INT(arena_allocated(), 0);
    CHECK(byte_queue_put(&q, bytes, 10));
    CHECK(byte_queue_put(&q, bytes, 10));
    byte_queue_drop(&q, 15);
    byte_queue_empty(&q);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(tcp_bytes, queue_without_memory_takes_nothing)
{
    CHECK(arena_open(MEMORY));
    struct byte_queue q = {0};
    arena_fail_nth(1);
    CHECK(!byte_queue_put(&q, "abc", 3));
    CHECK(q.count == 0 && q.first == NULL);
    CHECK(byte_queue_put(&q, "abc", 3));
    byte_queue_empty(&q);
    arena_close();
}

UNIT(tcp_bytes, log_is_bounded_and_counts_the_rest)
{
    CHECK(arena_open(8 * MEMORY));
    struct tcp_log log = {0};
    struct tcp_log_entry e = {.kind = TCP_LOG_SENT};
    for (uint64_t i = 0; i < TCP_LOG_MAX + 3; i++) {
        e.t_ns = i;
        tcp_log_put(&log, &e);
    }
    CHECK_INT(log.count, TCP_LOG_MAX);
    CHECK_INT(log.lost, 3);
    CHECK_INT(log.entries[TCP_LOG_MAX - 1].t_ns, TCP_LOG_MAX - 1);
    tcp_log_free(&log);
    CHECK_INT(arena_allocated(), 0);
    arena_fail_nth(1);
    tcp_log_put(&log, &e);
    CHECK_INT(log.count, 0);
    CHECK_INT(log.lost, 1);
    tcp_log_free(&log);
    arena_close();
}
