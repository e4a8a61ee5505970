/* Tests of stack/core/mem*.c: the heap. */
#include "core_fixture.h"

#include "lwip/mem.h"
#include "stack/core/alloc_fault.h"
#include "stack/core/heap.h"
#include "stack/core/mem_block.h"

UNIT(mem, malloc_of_nothing_gives_nothing)
{
    fixture_up(NULL);
    CHECK(mem_malloc(0) == NULL);
    mem_free(NULL);
    CHECK_INT(lwip_stats.mem.err, 0);
    CHECK_INT(lwip_stats.mem.illegal, 0);
    fixture_down();
}

UNIT(mem, blocks_are_aligned_disjoint_and_writable)
{
    u8_t *blocks[100];
    fixture_up(NULL);
    for (unsigned i = 0; i < 100; i++) {
        blocks[i] = mem_malloc(i + 1);
        CHECK(blocks[i] != NULL);
        CHECK_INT((mem_ptr_t)blocks[i] % MEM_ALIGNMENT, 0);
        memset(blocks[i], (int)i, i + 1);
    }
    fixture_checks();
    for (unsigned i = 0; i < 100; i++)
        for (unsigned k = 0; k <= i; k++)
            CHECK_INT(blocks[i][k], i);
    for (unsigned i = 0; i < 100; i++)
        mem_free(blocks[(i * 37) % 100]);
    CHECK_INT(lwip_stats.mem.used, 0);
    fixture_down();
}

UNIT(mem, calloc_clears_and_refuses_overflow)
{
    fixture_up(NULL);
    u8_t *p = mem_malloc(64);
    memset(p, 0xFF, 64);
    mem_free(p);
    p = mem_calloc(8, 8);
    for (unsigned i = 0; i < 64; i++)
        CHECK_INT(p[i], 0);
    mem_free(p);
    CHECK(mem_calloc((mem_size_t)-1, 2) == NULL);
    CHECK(mem_calloc(((mem_size_t)-1 >> 1) + 2, 2) == NULL);
    CHECK(mem_calloc(0, 5) == NULL);
    CHECK(mem_malloc((mem_size_t)-1) == NULL);
    CHECK(mem_malloc((mem_size_t)-20) == NULL);
    fixture_down();
}

UNIT(mem, neighbours_coalesce_in_every_order_of_release)
{
    static const u8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                      {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct stack_config c = stack_config_default;
    c.mem_size = 2048;
    fixture_up(&c);
    for (unsigned o = 0; o < 6; o++) {
        void *b[3];
        for (unsigned i = 0; i < 3; i++) {
            b[i] = mem_malloc(500);
            CHECK(b[i] != NULL);
        }
        CHECK(mem_malloc(800) == NULL);
        for (unsigned i = 0; i < 3; i++) {
            mem_free(b[orders[o][i]]);
            fixture_checks();
        }
        void *all = mem_malloc(2000); /* only if everything is one piece again */
        CHECK(all != NULL);
        mem_free(all);
    }
    fixture_down();
}

UNIT(mem, limit_is_the_configured_one)
{
    struct stack_config c = stack_config_default;
    c.mem_size = 10000;
    fixture_up(&c);
    CHECK_INT(lwip_stats.mem.avail, 10000);
    unsigned n = 0;
    void *blocks[200];
    while ((blocks[n] = mem_malloc(84)) != NULL)
        n++;
    CHECK(n >= 90 && n <= 10000 / 84);
    CHECK_INT(lwip_stats.mem.err, 1);
    CHECK(lwip_stats.mem.used <= 10000);
    CHECK_INT(lwip_stats.mem.max, lwip_stats.mem.used);
    CHECK(fixture.grown <= 10000 + 500);
    while (n > 0)
        mem_free(blocks[--n]);
    fixture_down();
}

UNIT(mem, heap_grows_by_need_and_survives_a_refusal)
{
    fixture_up(NULL);
    size_t before = fixture.grown;
    void *small = mem_malloc(100);
    CHECK(small != NULL);
    CHECK(fixture.grown - before <= 2200);
    fixture.grow_left = 0;
    CHECK(mem_malloc(100000) == NULL);
    fixture.grow_left = 1u << 20;
    void *large = mem_malloc(100000);
    CHECK(large != NULL);
    mem_free(small);
    mem_free(large);
    fixture_down();
}

UNIT(mem, foreign_pointers_are_counted_and_left_alone)
{
    u8_t here[64];
    fixture_up(NULL);
    u8_t *p = mem_malloc(64);
    PANICS(mem_free(here));
    CHECK_INT(lwip_stats.mem.illegal, 1);
    PANICS(mem_free(p + 1));
    CHECK_INT(lwip_stats.mem.illegal, 2);
    PANICS(mem_free(p + MEM_ALIGNMENT));
    CHECK_INT(lwip_stats.mem.illegal, 3);
    PANICS(mem_free((u8_t *)(mem_ptr_t)0x1000));
    CHECK_INT(lwip_stats.mem.illegal, 4);
    fixture_checks();
    mem_free(p);
    fixture_down();
}

UNIT(mem, second_free_is_counted_and_left_alone)
{
    void *b[4];
    fixture_up(NULL);
    for (unsigned i = 0; i < 4; i++)
        b[i] = mem_malloc(40);
    mem_free(b[1]);
    PANICS(mem_free(b[1]));
    mem_free(b[2]); /* its header becomes the inside of a larger block */
    PANICS(mem_free(b[2]));
    mem_free(b[0]);
    PANICS(mem_free(b[0]));
    PANICS(mem_free(b[1]));
    CHECK_INT(lwip_stats.mem.illegal, 4);
    mem_free(b[3]);
    fixture_down();
}

UNIT(mem, overrun_is_found_by_the_check_and_on_free)
{
    fixture_up(NULL);
    u8_t *p = mem_malloc(64), *q = mem_malloc(64);
    CHECK(stack_check(fixture.s) == NULL);
    u8_t kept = p[64];
    p[64] = (u8_t)~kept;
    CHECK(stack_check(fixture.s) != NULL);
    PANICS(mem_free(p));
    CHECK_INT(lwip_stats.mem.illegal, 1);
    p[64] = kept;
    mem_free(p);
    mem_free(q);
    fixture_down();
}

UNIT(mem, trim_gives_back_the_rest_and_keeps_the_bytes)
{
    fixture_up(NULL);
    for (mem_size_t n = 1; n <= 200; n++) {
        u8_t *p = mem_malloc(200), *guard = mem_malloc(1);
        for (unsigned i = 0; i < 200; i++)
            p[i] = (u8_t)i;
        size_t before = lwip_stats.mem.used;
        CHECK(mem_trim(p, n) == p);
        for (unsigned i = 0; i < n; i++)
            CHECK_INT(p[i], i);
        /* whatever is large enough for a block of its own */
        CHECKF((lwip_stats.mem.used < before) == (MEM_BLOCK_ALIGN(n) + MEM_BLOCK_MIN <= 200),
               "n=%u", (unsigned)n);
        fixture_checks();
        mem_free(guard);
        mem_free(p);
        CHECK_INT(lwip_stats.mem.used, 0);
    }
    fixture_down();
}

UNIT(mem, trim_joins_the_rest_with_a_free_neighbour)
{
    fixture_up(NULL);
    for (mem_size_t n = 1; n <= 200; n++) {
        void *p = mem_malloc(200), *q = mem_malloc(200), *r = mem_malloc(8);
        mem_free(q);
        CHECK(mem_trim(p, n) == p);
        fixture_checks();
        mem_free(p);
        mem_free(r);
    }
    fixture_down();
}

UNIT(mem, trim_refuses_to_grow)
{
    fixture_up(NULL);
    void *p = mem_malloc(40);
    CHECK(mem_trim(p, 40) == p);
    PANICS(mem_trim(p, 4000));
    mem_free(p);
    fixture_down();
}

UNIT(mem, failure_on_demand_looks_like_exhaustion)
{
    fixture_up(NULL);
    alloc_fault_arm(2);
    void *p = mem_malloc(10);
    CHECK(p != NULL);
    CHECK(mem_malloc(10) == NULL);
    CHECK_INT(lwip_stats.mem.err, 1);
    void *q = mem_malloc(10);
    CHECK(q != NULL);
    mem_free(p);
    mem_free(q);
    fixture_down();
}

UNIT(mem, long_random_run_keeps_the_structure)
{
    static struct {
        u8_t *p;
        u16_t len;
        u8_t fill;
    } live[64];
    u32_t seed = 1;
    struct stack_config c = stack_config_default;
    c.mem_size = 40000;
    fixture_up(&c);
    memset(live, 0, sizeof live);
    for (unsigned step = 0; step < 20000; step++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned i = seed >> 26, what = seed >> 20 & 3;
        if (live[i].p == NULL) {
            live[i].len = (u16_t)(1 + (seed >> 8) % 1600);
            live[i].fill = (u8_t)seed;
            live[i].p = mem_malloc(live[i].len);
            if (live[i].p != NULL)
                memset(live[i].p, live[i].fill, live[i].len);
        } else if (what == 0) {
            live[i].len = (u16_t)(1 + live[i].len / 2);
            CHECK(mem_trim(live[i].p, live[i].len) == live[i].p);
        } else {
            for (unsigned k = 0; k < live[i].len; k++)
                CHECK_INT(live[i].p[k], live[i].fill);
            mem_free(live[i].p);
            live[i].p = NULL;
        }
        if (step % 64 == 0)
            CHECK(heap_check() == NULL);
    }
    CHECK(lwip_stats.mem.err > 0);
    for (unsigned i = 0; i < 64; i++)
        mem_free(live[i].p);
    fixture_down();
}

/* Memory that the host hands out without gaps, as an arena does. */
static u8_t *next_piece;
static unsigned pieces;
static _Alignas(64) u8_t row_of_pieces[256 * 1024];

static void *grow_in_a_row(void *ctx, size_t size)
{
    (void)ctx;
    size = (size + 7) & ~(size_t)7; /* all that the heap needs */
    if (size > (size_t)(row_of_pieces + sizeof row_of_pieces - next_piece))
        return NULL;
    u8_t *p = next_piece;
    memset(p, 0xA5, size);
    next_piece += size;
    pieces++;
    return p;
}

UNIT(mem, pieces_in_a_row_become_one_region)
{
    void *b[40];
    fixture_up(NULL);
    next_piece = row_of_pieces;
    pieces = 0;
    STACK->env.grow = grow_in_a_row;
    for (unsigned n = 0; n < 40; n++) {
        /* every other one leaves a free block at the region's end, which the new room joins */
        b[n] = mem_malloc(n % 2 == 0 ? 1000 : 1900);
        CHECK(b[n] != NULL);
        memset(b[n], (int)n, 1000);
        fixture_checks();
    }
    unsigned regions = 0;
    for (const struct mem_region *r = STACK->mem.regions; r != NULL; r = r->next)
        regions++;
    CHECKF(regions < pieces, "%u regions of %u pieces", regions, pieces);
    for (unsigned i = 0; i < 40; i++) {
        CHECK_INT(*(u8_t *)b[i * 7 % 40], i * 7 % 40);
        mem_free(b[i * 7 % 40]);
        fixture_checks();
    }
    CHECK_INT(lwip_stats.mem.used, 0);
    fixture_down();
}

/* The middle one of three neighbours is free; the one in front of it. Which way the heap is filled
 * is its own affair. */
static struct mem_block *three_blocks(void)
{
    struct stack_config c = stack_config_default;
    c.mem_size = 4096;
    fixture_up(&c);
    void *a = mem_malloc(100), *b = mem_malloc(200), *after = mem_malloc(300);
    CHECK(a != NULL && b != NULL && after != NULL);
    mem_free(b);
    fixture_checks();
    return mem_block_of(a < after ? a : after);
}

static void check_says(const char *what)
{
    const char *wrong = stack_check(fixture.s);
    CHECKF(wrong != NULL && strstr(wrong, what) != NULL, "%s instead of %s",
           wrong != NULL ? wrong : "nothing", what);
}

/* Each damage is found, named, and mended again. */
UNIT(mem, check_finds_every_damage)
{
    struct mem_block *a = three_blocks(), *b = mem_block_next(a), *c = mem_block_next(b);
    struct mem_state *m = &STACK->mem;
    struct mem_block *end = (struct mem_block *)(void *)m->regions->end, was, *head = m->free;
#define DAMAGED(block, change, what)                                                               \
    do {                                                                                           \
        was = *(block);                                                                            \
        change;                                                                                    \
        check_says(what);                                                                          \
        *(block) = was;                                                                            \
        fixture_checks();                                                                          \
    } while (0)
    DAMAGED(a, a->guard = 0x4141, "the header of a block is damaged");
    DAMAGED(c, c->prev += 8, "does not know the size of the one in front");
    DAMAGED(c, c->size += 4, "an impossible size");
    DAMAGED(c, c->size = 8, "an impossible size");
    DAMAGED(a, a->guard = MEM_GUARD_FREE, "two free blocks are neighbours");
    DAMAGED(end, end->guard = MEM_GUARD_USED, "the closing header of a region");
    DAMAGED(end, end->prev += 8, "the closing header of a region");
    struct mem_links links = *mem_block_links(b);
    mem_block_links(b)->prev = a;
    check_says("the free list is torn");
    *mem_block_links(b) = links;
    m->free = a;
    check_says("holds something that is no free block");
    m->free = NULL;
    check_says("not on the free list");
    m->free = head;
    m->used += 8;
    check_says("the counts do not agree");
    m->used -= 8;
    fixture_checks();
    fixture_abandon();
}
