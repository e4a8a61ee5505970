/* The arena's allocator: determinism, classes, exhaustion, what ASan and the fill pattern see. */
#include "sim/arena.h"

#include "sim/arena_poison.h"
#include "sim/prng.h"
#include "unit.h"

#include <errno.h>
#include <sys/mman.h>

#define LIMIT ((size_t)4 << 20)

UNIT(arena, open_maps_at_the_fixed_address_once)
{
    CHECK(arena_open(LIMIT));
    unsigned char *p = arena_alloc(100);
    CHECK((uintptr_t)p > ARENA_BASE && (uintptr_t)p < ARENA_BASE + LIMIT);
    errno = 0;
    CHECK(!arena_open(LIMIT));
    CHECK_INT(errno, EEXIST);
    arena_close();
    CHECK(arena_open(LIMIT));
    CHECK(arena_alloc(100) == p);
}

UNIT(arena, open_over_something_else_fails_with_eexist)
{
    void *other = mmap((void *)ARENA_BASE, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(other == (void *)ARENA_BASE);
    errno = 0;
    CHECK(!arena_open(LIMIT));
    CHECK_INT(errno, EEXIST);
    munmap(other, 4096);
    CHECK(arena_open(LIMIT));
}

UNIT(arena, impossible_limits_fail_with_einval)
{
    CHECK(!arena_open(0));
    CHECK_INT(errno, EINVAL);
    CHECK(!arena_open(SIZE_MAX));
    CHECK_INT(errno, EINVAL);
}

UNIT(arena, huge_limit_costs_address_space_only)
{
    const size_t size = (size_t)64 << 20;

    arena_fill_set(-1);
    CHECK(arena_open((size_t)16 << 30));
    unsigned char *p = arena_alloc(size);
    CHECK(p != NULL);
    p[size - 1] = 1;
    arena_free(p, size);
    CHECK(arena_check() == NULL);
}

/* Runs a random sequence of calls and hashes the addresses that came out. */
static uint64_t play(uint64_t seed, uint64_t steps)
{
    enum { BLOCKS = 64 };
    struct { unsigned char *p; size_t size; unsigned char mark; } block[BLOCKS] = {{0}};
    struct prng prng;
    uint64_t sum = 0;

    prng_init(&prng, seed, "arena");
    for (uint64_t step = 0; step < steps; step++) {
        unsigned i = (unsigned)prng_below(&prng, BLOCKS);
        if (block[i].p != NULL) {
            for (size_t k = 0; k < block[i].size; k++)
                CHECK(block[i].p[k] == block[i].mark);
            arena_free(block[i].p, block[i].size);
            block[i].p = NULL;
            continue;
        }
        block[i].size = (size_t)(prng_u64(&prng) >> (51 + prng_below(&prng, 13)));
        block[i].mark = (unsigned char)prng_u64(&prng);
        block[i].p = arena_alloc(block[i].size);
        sum = sum * 31 + (uintptr_t)block[i].p;
        if (block[i].p == NULL)
            continue;
        CHECK_INT((uintptr_t)block[i].p % 16, 0);
        memset(block[i].p, block[i].mark, block[i].size);
        if (step % 64 == 0)
            CHECKF(arena_check() == NULL, "%s", arena_check());
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        arena_free(block[i].p, block[i].size);
    CHECKF(arena_check() == NULL, "%s", arena_check());
    CHECK_INT(arena_allocated(), 0);
    return sum;
}

UNIT(arena, same_calls_give_same_addresses_whatever_the_fill)
{
    uint64_t sum[3];

    for (int i = 0; i < 3; i++) {
        arena_fill_set(i == 0 ? -1 : i * 0x55);
        CHECK(arena_open(LIMIT));
        sum[i] = play(11, 20000);
        arena_close();
    }
    CHECK(sum[0] == sum[1] && sum[0] == sum[2]);
}

UNIT(arena, tight_limit_survives_random_use)
{
    CHECK(arena_open(64 * 1024));
    play(12, 20000);
}

UNIT(arena, freed_block_is_reused_last_first)
{
    CHECK(arena_open(LIMIT));
    void *a = arena_alloc(40), *b = arena_alloc(40), *c = arena_alloc(40);
    size_t used = arena_used();

    arena_free(a, 40);
    arena_free(c, 40);
    arena_free(b, 40);
    CHECK(arena_alloc(33) == b); /* 33 to 48 bytes are one class */
    CHECK(arena_alloc(48) == c);
    CHECK(arena_alloc(40) == a);
    CHECK_INT(arena_used(), used);
    CHECK(arena_alloc(49) > c);
}

UNIT(arena, rounding_wastes_at_most_an_eighth)
{
    arena_fill_set(-1);
    CHECK(arena_open((size_t)1 << 34));
    for (size_t size = 1; size < (size_t)1 << 24; size += 1 + size / 37) {
        size_t before = arena_allocated();
        void *p = arena_alloc(size);
        CHECK(p != NULL);
        size_t taken = arena_allocated() - before;
        CHECKF(taken >= size && (taken < size + 16 || taken - size <= size / 8), "%zu took %zu",
               size, taken);
        CHECK_INT(taken % 16, 0);
        arena_free(p, size);
        CHECK_INT(arena_allocated(), before);
    }
}

UNIT(arena, null_may_be_freed)
{
    CHECK(arena_open(LIMIT));
    arena_free(NULL, 100);
    CHECK_INT(arena_allocated(), 0);
}

UNIT(arena, calloc_zeroes_a_used_block)
{
    static const unsigned char zero[500];
    CHECK(arena_open(LIMIT));
    unsigned char *p = arena_alloc(500);
    memset(p, 0xff, 500);
    arena_free(p, 500);
    CHECK(arena_calloc(500) == p);
    CHECK_MEM(p, zero, 500);
}

UNIT(arena, fill_byte_is_found_in_fresh_and_reused_blocks)
{
    CHECK(arena_open(LIMIT));
    arena_fill_set(0x3c);
    for (unsigned i = 0; i < 2; i++) {
        unsigned char *p = arena_alloc(200);
        for (unsigned k = 0; k < 200; k++)
            CHECK_INT(p[k], 0x3c);
        memset(p, 0, 200);
        arena_free(p, 200);
    }
}

UNIT(arena, exhaustion_gives_null_and_reuse_still_works)
{
    enum { BLOCK = 1000 };
    CHECK(arena_open(64 * 1024));
    unsigned n = 0;
    void *last = NULL;
    for (void *p; (p = arena_alloc(BLOCK)) != NULL; n++)
        last = p;
    CHECK_INT(n, 63); /* of 1008 bytes each; red zones do not count, metadata takes the rest */
    CHECK(arena_calloc(BLOCK) == NULL);
    CHECK(arena_alloc(SIZE_MAX) == NULL);
    CHECK(arena_check() == NULL);
    arena_free(last, BLOCK);
    CHECK(arena_alloc(BLOCK) == last);
    CHECK(arena_alloc(BLOCK) == NULL);
}

UNIT(arena, nth_allocation_fails_on_order)
{
    CHECK(arena_open(LIMIT));
    arena_fail_nth(3);
    CHECK(arena_alloc(1) != NULL);
    CHECK(arena_alloc(1) != NULL);
    CHECK(arena_alloc(1) == NULL);
    CHECK(arena_alloc(1) != NULL);
    arena_fail_nth(1);
    CHECK(arena_calloc(1) == NULL);
    CHECK(arena_calloc(1) != NULL);
}

UNIT(arena, check_finds_an_overwritten_header_and_free_list)
{
    CHECK(arena_open(LIMIT));
    uint64_t *magic = (uint64_t *)ARENA_BASE;
    *magic ^= 1;
    CHECK(arena_check() != NULL);
    *magic ^= 1;
    CHECK(arena_check() == NULL);
    if (ARENA_ASAN)
        return; /* ASan itself stops the write below */
    void *p = arena_alloc(16);
    arena_free(p, 16);
    memset(p, 0x77, 16);
    CHECK(arena_check() != NULL);
}

/* ---- what ASan is told; without ASan nothing is ever poisoned ---- */

UNIT(arena, asan_knows_the_exact_end_of_a_block)
{
    CHECK(arena_open(LIMIT));
    for (size_t size = 1; size <= 64; size++) {
        unsigned char *p = arena_alloc(size), *behind = arena_alloc(size);
        CHECK(!is_poisoned(p, size));
        CHECK(!is_poisoned(behind, size));
        if (ARENA_ASAN)
            CHECK(is_poisoned(p + size, 1) && is_poisoned(behind - 1, 1));
    }
}

UNIT(arena, asan_knows_freed_and_never_given_memory)
{
    CHECK(arena_open(LIMIT));
    unsigned char *p = arena_alloc(100);
    CHECK(!is_poisoned(p, 100));
    arena_free(p, 100);
    for (unsigned i = 0; i < 112; i++)
        CHECK_INT(is_poisoned(p + i, 1), ARENA_ASAN);
    for (size_t k = arena_used(); k < arena_used() + 100000; k += 8)
        CHECK_INT(is_poisoned((unsigned char *)ARENA_BASE + k, 1), ARENA_ASAN);
    CHECK(arena_alloc(101) == p);
    CHECK(!is_poisoned(p, 101));
}

#ifndef LOCKWIRE_UNIT_PLAIN
#include <signal.h>
#include <stdlib.h>

/* A crash that ASan or an assert must make; without ASan there is nothing to see. */
static void only_under_asan(void)
{
    if (!ARENA_ASAN)
        abort();
}

Test(arena, double_free_asserts_under_asan, .signal = SIGABRT)
{
    arena_open(LIMIT);
    unsigned char *p = arena_alloc(32);
    arena_free(p, 32);
    only_under_asan();
    arena_free(p, 32);
}

Test(arena, free_with_another_size_asserts_under_asan, .signal = SIGABRT)
{
    arena_open(LIMIT);
    unsigned char *p = arena_alloc(200);
    only_under_asan();
    arena_free(p, 100);
}
#endif
