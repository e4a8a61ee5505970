/* What heap, pools, pbufs and timeouts promise whichever way they are built (first fit, size
 * classes, C library, pools on the heap, guard bytes). Runs on every build. */
#include "unit.h"

#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "stack/core/heap.h"
#include "support.h"

UNIT(alloc, heap_blocks_are_apart_aligned_and_keep_their_bytes)
{
    static const mem_size_t sizes[] = {1, 7, 16, 100, 255, 500, 1000, 1400};
    struct support s;
    u8_t *b[8];
    support_begin(&s, NULL, 0);
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 8; i++) {
            b[i] = mem_malloc(sizes[i]);
            CHECK(b[i] != NULL);
            CHECK_INT((mem_ptr_t)b[i] % MEM_ALIGNMENT, 0);
            memset(b[i], (int)(i + round), sizes[i]);
        }
        support_check(&s);
        CHECK(mem_trim(b[7], 20) == b[7]);
        for (unsigned i = 0; i < 8; i++)
            for (unsigned k = 0; k < (i == 7 ? 20 : sizes[i]); k++)
                CHECK_INT(b[i][k], (u8_t)(i + round));
        for (unsigned i = 0; i < 8; i++)
            mem_free(b[(i * 5 + round) % 8]);
        support_check(&s);
    }
    support_end(&s);
}

UNIT(alloc, calloc_clears)
{
    struct support s;
    support_begin(&s, NULL, 0);
    u8_t *p = mem_malloc(200);
    memset(p, 0xFF, 200);
    mem_free(p);
    p = mem_calloc(20, 10);
    CHECK(p != NULL);
    for (unsigned i = 0; i < 200; i++)
        CHECK_INT(p[i], 0);
    mem_free(p);
    mem_free(NULL);
    support_end(&s);
}

/* The C library's heap and size classes have rules of their own; one that grows, no end. */
#define ONE_HEAP (!SUPPORT_CONFIGURABLE && !MEM_LIBC_MALLOC && !MEM_USE_POOLS)

/* Bytes of the largest block that can be had. */
static mem_size_t largest(void)
{
    for (mem_size_t size = MEM_SIZE; size > 4; size = (mem_size_t)(size - 4)) {
        void *p = mem_malloc(size);
        mem_free(p);
        if (p != NULL)
            return size;
    }
    return 0;
}

UNIT(alloc, freed_neighbours_are_one_block_again)
{
    struct support s;
    void *b[8];
    if (!ONE_HEAP)
        return;
    support_begin(&s, NULL, 0);
    const mem_size_t before = largest();
    for (unsigned step = 1; step < 8; step += 2)
        for (unsigned first = 0; first < 8; first++) {
            for (unsigned i = 0; i < 8; i++) {
                b[i] = mem_malloc((mem_size_t)(20 + 13 * i));
                CHECK(b[i] != NULL);
            }
            for (unsigned i = 0; i < 8; i++) {
                mem_free(b[(first + i * step) % 8]);
                support_check(&s);
            }
            CHECK_INT(largest(), before);
        }
    support_end(&s);
}

/* Takes all that is left of the heap, in blocks of 40 bytes; each holds the address of the next. */
static void **take_the_rest(void)
{
    void **all = NULL, **p;
    while ((p = mem_malloc(40)) != NULL) {
        *p = (void *)all;
        all = p;
    }
    return all;
}

UNIT(alloc, trim_gives_back_and_joins_what_is_free_behind)
{
    struct support s;
    if (!ONE_HEAP)
        return;
    support_begin(&s, NULL, 0);
    u8_t *p = mem_malloc(600), *q = mem_malloc(600);
    if (q < p) {
        u8_t *in_front = q;
        q = p;
        p = in_front;
    }
    void **all = take_the_rest();
    CHECK(mem_malloc(300) == NULL);
    CHECK(mem_trim(p, 200) == p);
    support_check(&s);
    void *rest = mem_malloc(300);
    CHECK(rest != NULL);
    mem_free(q);
    CHECK(mem_malloc(800) == NULL);
    mem_free(rest);
    CHECK(mem_trim(p, 100) == p);
    support_check(&s);
    rest = mem_malloc(1000);
    CHECK(rest != NULL);
    mem_free(rest);
    mem_free(p);
    while (all != NULL) {
        void **next = *all;
        mem_free((void *)all);
        all = next;
    }
    support_end(&s);
}

#ifdef LWIP_NOASSERT
UNIT(alloc, what_is_no_block_in_use_is_left_alone)
{
    static u8_t here[64];
    struct support s;
    support_begin(&s, NULL, 0);
    const mem_size_t before = largest();
    u8_t *p = mem_malloc(64), *q = mem_malloc(64), *r = mem_malloc(64);
    mem_free(q);
    mem_free(here + 32);
    mem_free(p + 1);
    mem_free(p + MEM_ALIGNMENT);
    mem_free(q);
    CHECK(mem_trim(q, 8) == q);
    CHECK(mem_trim(p, 4000) == NULL);
    support_check(&s);
    CHECK_INT(heap_blocks_used(), 2);
    u8_t *end = (p < r ? p : r) + 64;
    end[0] = (u8_t)~end[0]; /* an overrun, by one byte */
    mem_free(end - 64);
    CHECK(heap_check() != NULL);
    end[0] = (u8_t)~end[0];
    support_check(&s);
    CHECK_INT(heap_blocks_used(), 2);
    mem_free(p);
    mem_free(p);
    mem_free(r);
    mem_free(q); /* now inside of a larger block */
    support_check(&s);
    CHECK_INT(largest(), before);
    support_end(&s);
}
#endif

UNIT(alloc, pool_elements_are_apart_and_come_back)
{
    struct support s;
    struct udp_pcb *e[MEMP_NUM_UDP_PCB];
    support_begin(&s, NULL, 0);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < MEMP_NUM_UDP_PCB; i++) {
            e[i] = memp_malloc(MEMP_UDP_PCB);
            CHECK(e[i] != NULL);
            memset(e[i], (int)i, sizeof *e[i]);
        }
        support_check(&s);
        for (unsigned i = 0; i < MEMP_NUM_UDP_PCB; i++) {
            CHECK_INT(*(u8_t *)e[i], i);
            CHECK_INT(((u8_t *)e[i])[sizeof *e[i] - 1], i);
            memp_free(MEMP_UDP_PCB, e[i]);
        }
        support_check(&s);
    }
    support_end(&s);
}

/* As many pbufs as there is memory for, in a list that hangs off their own payload. */
static unsigned take_all(pbuf_type type, struct pbuf **all)
{
    unsigned n = 0;
    struct pbuf *p;
    while (n < 20000 && (p = pbuf_alloc(PBUF_RAW, 600, type)) != NULL) {
        memcpy(p->payload, all, sizeof *all);
        *all = p;
        n++;
    }
    return n;
}

static void free_all(struct pbuf *all)
{
    while (all != NULL) {
        struct pbuf *next;
        memcpy(&next, all->payload, sizeof next);
        pbuf_free(all);
        all = next;
    }
}

UNIT(alloc, memory_that_ran_out_is_there_again_to_the_last_block)
{
    struct support s;
    support_begin(&s, NULL, 0);
    for (unsigned i = 0; i < 2; i++) {
        pbuf_type type = i == 0 ? PBUF_RAM : PBUF_POOL;
        unsigned before = 0;
        for (unsigned round = 0; round < 3; round++) {
            struct pbuf *all = NULL;
            unsigned n = take_all(type, &all);
            CHECKF(n >= 16, "%u", n);
            if (round > 0)
                CHECK_INT(n, before);
            before = n;
            support_check(&s);
            free_all(all);
            support_check(&s);
        }
    }
    support_end(&s);
}

UNIT(alloc, sizes_that_no_block_can_have_are_refused)
{
    struct support s;
    support_begin(&s, NULL, 0);
    mem_free(mem_malloc(0)); /* the C library may give a block of no bytes */
    CHECK(mem_malloc((mem_size_t)-1) == NULL);
    CHECK(mem_calloc((mem_size_t)-1, (mem_size_t)-1) == NULL);
    CHECK(mem_calloc((mem_size_t)-1, 2) == NULL);
    support_end(&s);
}

UNIT(alloc, pbufs_of_every_type_come_and_go)
{
    static const pbuf_type types[] = {PBUF_RAM, PBUF_POOL, PBUF_REF, PBUF_ROM};
    static u8_t data[1400];
    struct support s;
    support_begin(&s, NULL, 0);
    for (unsigned i = 0; i < 4; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 1400, types[i]);
        CHECK(p != NULL);
        CHECK_INT(p->tot_len, 1400);
        if (i < 2) {
            memset(data, (int)i + 1, sizeof data);
            CHECK_INT(pbuf_take(p, data, 1400), ERR_OK);
            pbuf_realloc(p, 700);
            CHECK_INT(p->tot_len, 700);
            CHECK_INT(pbuf_get_at(p, 699), i + 1);
            CHECK_INT(pbuf_try_get_at(p, 700), -1);
        }
        support_check(&s);
        pbuf_free(p);
    }
    support_end(&s);
}

static unsigned ran;

static void count(void *arg)
{
    ran += *(unsigned *)arg;
}

UNIT(alloc, timeouts_take_and_return_their_elements)
{
    static unsigned one = 1, ten = 10;
    struct support s;
    ran = 0;
    support_begin(&s, NULL, 1000);
    sys_timeout(50, count, &one);
    sys_timeout(20, count, &ten);
    sys_timeout(70, count, &one);
    sys_untimeout(count, &one);
    support_advance(&s, 19);
    CHECK_INT(ran, 0);
    support_advance(&s, 1);
    CHECK_INT(ran, 10);
    support_advance(&s, 100);
    CHECK_INT(ran, 11);
    support_end(&s);
}
