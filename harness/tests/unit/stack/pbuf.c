/* Tests of stack/core/pbuf_*.c and pbuf_cursor.h: lwip/pbuf.h as lwIP documents it.
 *
 * Long because the API has 34 functions and each is tried at every edge of a chain. */
#include "core_fixture.h"

#include "lwip/inet_chksum.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "stack/core/alloc_fault.h"
#include "stack/core/pbuf_cursor.h"
#include "stack/core/pbuf_shape.h"

static void chain_is_whole(const struct pbuf *p)
{
    const char *wrong = pbuf_chain_wrong(p);
    CHECKF(wrong == NULL, "%s", wrong);
}

/* A chain of RAM pbufs with these lengths (0 ends the list), bytes counted up from first. */
static struct pbuf *chain_of(const u16_t *lens, u8_t first)
{
    struct pbuf *head = NULL;
    for (; *lens != 0; lens++) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, *lens, PBUF_RAM);
        CHECK(p != NULL);
        for (u16_t i = 0; i < *lens; i++)
            ((u8_t *)p->payload)[i] = first++;
        if (head == NULL)
            head = p;
        else
            pbuf_cat(head, p);
    }
    chain_is_whole(head);
    return head;
}

UNIT(pbuf, types_and_layers_have_lwips_values)
{
    CHECK_INT(PBUF_RAM, 640);
    CHECK_INT(PBUF_ROM, 1);
    CHECK_INT(PBUF_REF, 65);
    CHECK_INT(PBUF_POOL, 386);
    CHECK_INT(PBUF_RAW, 0);
    CHECK_INT(PBUF_LINK, PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN);
    CHECK_INT(PBUF_IP, PBUF_LINK + PBUF_IP_HLEN);
    CHECK_INT(PBUF_TRANSPORT, PBUF_IP + PBUF_TRANSPORT_HLEN);
}

UNIT(pbuf, alloc_sets_every_field)
{
    static const pbuf_type types[] = {PBUF_RAM, PBUF_POOL, PBUF_ROM, PBUF_REF};
    fixture_up(NULL);
    for (unsigned i = 0; i < 4; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 100, types[i]);
        CHECK(p != NULL);
        CHECK(p->next == NULL);
        CHECK_INT(p->len, 100);
        CHECK_INT(p->tot_len, 100);
        CHECK_INT(p->ref, 1);
        CHECK_INT(p->flags, 0);
        CHECK_INT(p->if_idx, 0);
        CHECK_INT(p->type_internal, (u8_t)types[i]);
        CHECK(pbuf_match_type(p, types[i]));
        CHECK_INT(p->payload == NULL, types[i] == PBUF_ROM || types[i] == PBUF_REF);
        CHECK_INT((mem_ptr_t)p->payload % MEM_ALIGNMENT, 0);
        CHECK_INT(pbuf_free(p), 1);
    }
    fixture_down();
}

UNIT(pbuf, alloc_of_zero_bytes_gives_one_pbuf)
{
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 0, PBUF_POOL), *q = pbuf_alloc(PBUF_RAW, 0, PBUF_RAM);
    CHECK(p != NULL && q != NULL);
    CHECK_INT(pbuf_clen(p), 1);
    CHECK_INT(p->tot_len, 0);
    CHECK_INT(q->tot_len, 0);
    CHECK_INT(pbuf_free(p), 1);
    CHECK_INT(pbuf_free(q), 1);
    fixture_down();
}

UNIT(pbuf, alloc_reserves_the_headers_of_its_layer)
{
    static const pbuf_type types[] = {PBUF_RAM, PBUF_POOL};
    fixture_up(NULL);
    for (unsigned i = 0; i < 2; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 10, types[i]);
        CHECK_INT(pbuf_add_header(p, PBUF_TRANSPORT), 0);
        CHECK_INT(p->len, 10 + PBUF_TRANSPORT);
        CHECK_INT(pbuf_add_header(p, MEM_ALIGNMENT), 1);
        pbuf_free(p);
    }
    fixture_down();
}

UNIT(pbuf, pool_alloc_chains_buffers_and_counts_down_tot_len)
{
    fixture_up(NULL);
    u16_t bufsize = (u16_t)LWIP_MEM_ALIGN_SIZE(CFG(pbuf_pool_bufsize));
    u16_t first = (u16_t)(bufsize - LWIP_MEM_ALIGN_SIZE(PBUF_LINK));
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 4000, PBUF_POOL);
    CHECK(p != NULL);
    chain_is_whole(p);
    CHECK_INT(p->len, first);
    CHECK_INT(p->next->len, bufsize);
    CHECK_INT(p->next->tot_len, 4000 - first);
    CHECK_INT(pbuf_clen(p), 3);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->used, 3);
    CHECK_INT(pbuf_free(p), 3);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->used, 0);
    fixture_down();
}

UNIT(pbuf, pool_alloc_that_fails_halfway_gives_everything_back)
{
    struct stack_config c = stack_config_default;
    c.pbuf_pool_size = 3;
    c.pbuf_pool_bufsize = 128;
    fixture_up(&c);
    CHECK(pbuf_alloc(PBUF_RAW, 3 * 128 + 1, PBUF_POOL) == NULL);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->err, 1);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->used, 0);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->max, 3);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 3 * 128, PBUF_POOL);
    CHECK(p != NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, alloc_fails_without_loss_whichever_allocation_fails)
{
    fixture_up(NULL);
    for (u32_t n = 1; n <= 4; n++) {
        alloc_fault_arm(n);
        struct pbuf *p = pbuf_alloc(PBUF_RAW, 4000, PBUF_POOL);
        CHECKF((p == NULL) == (n <= 3), "n=%u", n);
        alloc_fault_arm(0);
        if (p != NULL)
            pbuf_free(p);
        fixture_nothing_lost();
    }
    alloc_fault_arm(1);
    CHECK(pbuf_alloc(PBUF_RAW, 10, PBUF_RAM) == NULL);
    alloc_fault_arm(1);
    CHECK(pbuf_alloc(PBUF_RAW, 10, PBUF_REF) == NULL);
    fixture_down();
}

UNIT(pbuf, largest_ram_alloc_works)
{
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 65535, PBUF_RAM);
    CHECK(p != NULL);
    memset(p->payload, 0x5A, 65535);
    CHECK_INT(pbuf_add_header(p, 1), 1); /* tot_len would overflow */
    CHECK_INT(p->tot_len, 65535);
    pbuf_free(p);
    fixture_down();
}

static unsigned custom_frees;

static void free_custom(struct pbuf *p)
{
    CHECK_INT(p->ref, 0);
    custom_frees++;
}

UNIT(pbuf, custom_pbuf_is_freed_by_its_owner)
{
    u8_t memory[64];
    struct pbuf_custom c;
    fixture_up(NULL);
    custom_frees = 0;
    memset(&c, 0xA5, sizeof c);
    c.custom_free_function = free_custom;
    u16_t offset = (u16_t)LWIP_MEM_ALIGN_SIZE(PBUF_LINK);
    CHECK(pbuf_alloced_custom(PBUF_LINK, (u16_t)(65 - offset), PBUF_REF, &c, memory, 64) == NULL);
    struct pbuf *p =
        pbuf_alloced_custom(PBUF_LINK, (u16_t)(64 - offset), PBUF_REF, &c, memory, 64);
    CHECK(p == &c.pbuf);
    CHECK(p->payload == memory + offset);
    CHECK_INT(p->flags, PBUF_FLAG_IS_CUSTOM);
    pbuf_ref(p);
    CHECK_INT(pbuf_free(p), 0);
    CHECK_INT(custom_frees, 0);
    CHECK_INT(pbuf_free(p), 1);
    CHECK_INT(custom_frees, 1);
    p = pbuf_alloced_custom(PBUF_RAW, 10, PBUF_REF, &c, NULL, 10);
    CHECK(p != NULL && p->payload == NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, free_stops_at_the_first_pbuf_that_somebody_holds)
{
    static const u16_t lens[] = {1, 2, 3, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0), *middle = p->next;
    pbuf_ref(middle);
    CHECK_INT(pbuf_free(p), 1);
    chain_is_whole(middle);
    CHECK_INT(middle->ref, 1);
    CHECK_INT(pbuf_free(middle), 2);
    fixture_down();
}

UNIT(pbuf, free_of_a_freed_pbuf_is_noticed)
{
    u8_t memory[8];
    struct pbuf_custom c = {.custom_free_function = free_custom};
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloced_custom(PBUF_RAW, 8, PBUF_REF, &c, memory, 8);
    pbuf_free(p);
    PANICS(pbuf_free(p));
    PANICS(pbuf_free(NULL));
    fixture_down();
}

UNIT(pbuf, too_many_references_are_noticed)
{
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 1, PBUF_RAM);
    for (unsigned i = 1; i < 255; i++)
        pbuf_ref(p);
    CHECK_INT(p->ref, 255);
    PANICS(pbuf_ref(p));
    p->ref = 1;
    pbuf_ref(NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, realloc_keeps_exactly_the_front)
{
    static const u16_t lens[] = {100, 50, 30, 0};
    fixture_up(NULL);
    for (u16_t n = 0; n <= 181; n++) {
        struct pbuf *p = chain_of(lens, 0);
        pbuf_realloc(p, n);
        u16_t expected = n > 180 ? 180 : n;
        CHECK_INT(p->tot_len, expected);
        chain_is_whole(p);
        for (u16_t i = 0; i < expected; i++)
            CHECK_INT(pbuf_get_at(p, i), i);
        CHECK_INT(pbuf_clen(p), n <= 100 ? 1 : n <= 150 ? 2 : 3);
        fixture_checks();
        pbuf_free(p);
    }
    fixture_down();
}

UNIT(pbuf, realloc_gives_heap_memory_back_but_never_a_custom_owners)
{
    u8_t memory[600];
    struct pbuf_custom c = {.custom_free_function = free_custom};
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 1000, PBUF_RAM);
    size_t before = lwip_stats.mem.used;
    pbuf_realloc(p, 100);
    CHECK(lwip_stats.mem.used + 850 < before);
    pbuf_free(p);
    p = pbuf_alloced_custom(PBUF_RAW, 600, PBUF_RAM, &c, memory, 600);
    pbuf_realloc(p, 10);
    CHECK_INT(p->len, 10);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, headers_move_within_bounds_only)
{
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 40, PBUF_RAM);
    u8_t *start = p->payload;
    CHECK_INT(pbuf_remove_header(p, 41), 1);
    CHECK_INT(pbuf_remove_header(p, 0x10000), 1);
    CHECK(p->payload == start && p->len == 40);
    CHECK_INT(pbuf_remove_header(p, 40), 0);
    CHECK_INT(p->len, 0);
    CHECK(p->payload == start + 40);
    CHECK_INT(pbuf_add_header(p, 40), 0);
    CHECK_INT(pbuf_add_header(p, 0), 0);
    CHECK_INT(pbuf_remove_header(p, 0), 0);
    CHECK_INT(pbuf_header(p, 4), 0);
    CHECK_INT(p->len, 44);
    CHECK_INT(pbuf_header(p, -14), 0);
    CHECK_INT(p->len, 30);
    CHECK(p->payload == start + 10);
    CHECK_INT(pbuf_header(p, -31), 1);
    CHECK_INT(pbuf_header(p, -32768), 1);
    CHECK_INT(pbuf_add_header(p, 0x10000), 1);
    CHECK_INT(pbuf_add_header_force(p, 0xFFFF), 1);
    CHECK_INT(p->tot_len, 30);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, header_of_foreign_payload_needs_force)
{
    u8_t memory[64];
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc_reference(memory + 20, 30, PBUF_ROM);
    CHECK_INT(pbuf_add_header(p, 4), 1);
    CHECK_INT(pbuf_header(p, 4), 1);
    CHECK_INT(pbuf_add_header_force(p, 4), 0);
    CHECK(p->payload == memory + 16);
    CHECK_INT(pbuf_header_force(p, 6), 0);
    CHECK(p->payload == memory + 10);
    CHECK_INT(p->tot_len, 40);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, free_header_frees_emptied_pbufs)
{
    static const u16_t lens[] = {10, 20, 30, 0};
    fixture_up(NULL);
    for (u16_t n = 0; n <= 70; n++) {
        struct pbuf *p = pbuf_free_header(chain_of(lens, 0), n);
        CHECKF((p == NULL) == (n >= 60), "n=%u", n);
        if (p == NULL)
            continue;
        chain_is_whole(p);
        CHECK_INT(p->tot_len, 60 - n);
        CHECK_INT(pbuf_get_at(p, 0), n);
        CHECK_INT(pbuf_clen(p), n < 10 ? 3 : n < 30 ? 2 : 1);
        pbuf_free(p);
    }
    fixture_down();
}

UNIT(pbuf, cat_takes_over_and_chain_shares_the_tail)
{
    static const u16_t a[] = {5, 6, 0}, b[] = {7, 8, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(a, 0), *q = chain_of(b, 11);
    pbuf_cat(p, q);
    chain_is_whole(p);
    CHECK_INT(p->tot_len, 26);
    CHECK_INT(q->ref, 1);
    CHECK_INT(pbuf_free(p), 4);
    p = chain_of(a, 0);
    q = chain_of(b, 11);
    pbuf_chain(p, q);
    CHECK_INT(q->ref, 2);
    CHECK_INT(pbuf_free(p), 2);
    CHECK_INT(q->ref, 1);
    chain_is_whole(q);
    CHECK_INT(pbuf_free(q), 2);
    pbuf_cat(NULL, NULL); /* refused, not asserted */
    fixture_down();
}

UNIT(pbuf, dechain_returns_the_rest_only_if_it_lives_on)
{
    static const u16_t a[] = {5, 0}, b[] = {7, 8, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(a, 0), *q = chain_of(b, 5);
    pbuf_chain(p, q);
    CHECK(pbuf_dechain(p) == q);
    CHECK_INT(p->tot_len, 5);
    CHECK(p->next == NULL);
    CHECK_INT(q->ref, 1);
    CHECK(pbuf_dechain(p) == NULL);
    pbuf_cat(p, q);
    CHECK(pbuf_dechain(p) == NULL); /* it was the only reference */
    chain_is_whole(p);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, copy_fits_any_pair_of_shapes)
{
    static const u16_t shapes[][5] = {
        {60, 0}, {1, 59, 0}, {59, 1, 0}, {20, 20, 20, 0}, {7, 13, 31, 9, 0}};
    fixture_up(NULL);
    for (unsigned i = 0; i < 5; i++)
        for (unsigned j = 0; j < 5; j++) {
            struct pbuf *from = chain_of(shapes[i], 1), *to = chain_of(shapes[j], 200);
            CHECK_INT(pbuf_copy(to, from), ERR_OK);
            for (u16_t k = 0; k < 60; k++)
                CHECK_INT(pbuf_get_at(to, k), k + 1);
            pbuf_free(from);
            pbuf_free(to);
        }
    fixture_down();
}

UNIT(pbuf, copy_partial_pbuf_writes_only_its_range)
{
    static const u16_t a[] = {3, 4, 5, 0}, b[] = {10, 1, 9, 0};
    fixture_up(NULL);
    for (u16_t len = 0; len <= 12; len++)
        for (u16_t at = 0; at + len <= 20; at++) {
            struct pbuf *from = chain_of(a, 1), *to = chain_of(b, 100);
            CHECK_INT(pbuf_copy_partial_pbuf(to, from, len, at), ERR_OK);
            for (u16_t k = 0; k < 20; k++)
                CHECK_INT(pbuf_get_at(to, k), k >= at && k < at + len ? k - at + 1 : 100 + k);
            pbuf_free(from);
            pbuf_free(to);
        }
    fixture_down();
}

UNIT(pbuf, copy_refuses_what_does_not_fit)
{
    static const u16_t a[] = {3, 4, 0}, b[] = {6, 0};
    fixture_up(NULL);
    struct pbuf *from = chain_of(a, 0), *to = chain_of(b, 50);
    CHECK_INT(pbuf_copy(to, from), ERR_ARG);
    CHECK_INT(pbuf_copy(NULL, from), ERR_ARG);
    CHECK_INT(pbuf_copy(to, NULL), ERR_ARG);
    CHECK_INT(pbuf_copy_partial_pbuf(to, from, 8, 0), ERR_ARG);
    CHECK_INT(pbuf_copy_partial_pbuf(to, from, 1, 6), ERR_ARG);
    CHECK_INT(pbuf_copy_partial_pbuf(to, from, 2, 65535), ERR_ARG);
    for (u16_t i = 0; i < 6; i++)
        CHECK_INT(pbuf_get_at(to, i), 50 + i);
    pbuf_free(from);
    pbuf_free(to);
    fixture_down();
}

UNIT(pbuf, copy_partial_returns_what_there_is)
{
    static const u16_t lens[] = {3, 4, 5, 0};
    u8_t out[16];
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    for (u16_t at = 0; at <= 14; at++)
        for (u16_t len = 0; len <= 15; len++) {
            memset(out, 0xEE, sizeof out);
            u16_t expected = at >= 12 ? 0 : len < 12 - at ? len : (u16_t)(12 - at);
            CHECK_INT(pbuf_copy_partial(p, out, len, at), expected);
            for (u16_t i = 0; i < 16; i++)
                CHECK_INT(out[i], i < expected ? at + i : 0xEE);
        }
    CHECK_INT(pbuf_copy_partial(NULL, out, 1, 0), 0);
    CHECK_INT(pbuf_copy_partial(p, NULL, 1, 0), 0);
    CHECK_INT(pbuf_copy_partial(p, out, 1, 65535), 0);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, get_contiguous_copies_only_across_a_seam)
{
    static const u16_t lens[] = {4, 4, 0};
    u8_t out[8];
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    CHECK(pbuf_get_contiguous(p, out, 8, 4, 0) == p->payload);
    CHECK(pbuf_get_contiguous(p, NULL, 0, 3, 1) == (u8_t *)p->payload + 1);
    CHECK(pbuf_get_contiguous(p, out, 8, 4, 4) == p->next->payload);
    CHECK(pbuf_get_contiguous(p, NULL, 0, 4, 1) == NULL);
    CHECK(pbuf_get_contiguous(p, out, 3, 4, 1) == NULL);
    CHECK(pbuf_get_contiguous(p, out, 8, 4, 1) == out);
    CHECK_MEM(out, "\1\2\3\4", 4);
    CHECK(pbuf_get_contiguous(p, out, 8, 4, 5) == NULL);
    CHECK(pbuf_get_contiguous(p, out, 8, 1, 8) == NULL);
    CHECK(pbuf_get_contiguous(NULL, out, 8, 1, 0) == NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, take_writes_across_the_chain)
{
    static const u16_t lens[] = {3, 4, 5, 0};
    u8_t in[13];
    fixture_up(NULL);
    for (u8_t i = 0; i < 13; i++)
        in[i] = (u8_t)(200 + i);
    for (u16_t len = 0; len <= 12; len++) {
        struct pbuf *p = chain_of(lens, 0);
        CHECK_INT(pbuf_take(p, in, len), ERR_OK);
        for (u16_t i = 0; i < 12; i++)
            CHECK_INT(pbuf_get_at(p, i), i < len ? 200 + i : i);
        CHECK_INT(pbuf_take(p, in, 13), ERR_MEM);
        CHECK_INT(pbuf_take(p, NULL, 1), ERR_ARG);
        pbuf_free(p);
    }
    CHECK_INT(pbuf_take(NULL, in, 1), ERR_ARG);
    fixture_down();
}

UNIT(pbuf, take_at_covers_every_edge)
{
    static const u16_t lens[] = {3, 4, 5, 0};
    u8_t in[16];
    fixture_up(NULL);
    for (u8_t i = 0; i < 16; i++)
        in[i] = (u8_t)(200 + i);
    for (u16_t at = 0; at <= 13; at++)
        for (u16_t len = 0; len <= 14; len++) {
            struct pbuf *p = chain_of(lens, 0);
            bool fits = at < 12 && at + len <= 12;
            CHECK_INT(pbuf_take_at(p, in, len, at), fits ? ERR_OK : ERR_MEM);
            for (u16_t i = 0; i < 12; i++)
                CHECK_INT(pbuf_get_at(p, i), fits && i >= at && i < at + len ? 200 + i - at : i);
            pbuf_free(p);
        }
    struct pbuf *p = chain_of(lens, 0);
    CHECK_INT(pbuf_take_at(p, in, 1, 65535), ERR_MEM);
    CHECK_INT(pbuf_take_at(NULL, in, 1, 0), ERR_ARG);
    CHECK_INT(pbuf_take_at(p, NULL, 1, 0), ERR_ARG);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, skip_finds_the_pbuf_of_a_byte)
{
    static const u16_t lens[] = {3, 4, 5, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    for (u16_t at = 0; at < 12; at++) {
        u16_t in = 0xEEEE;
        struct pbuf *q = pbuf_skip(p, at, &in);
        CHECK(q != NULL);
        CHECK_INT(((u8_t *)q->payload)[in], at);
        CHECK(pbuf_skip(p, at, NULL) == q);
    }
    u16_t in;
    CHECK(pbuf_skip(p, 12, &in) == NULL);
    CHECK_INT(in, 0);
    CHECK(pbuf_skip(p, 15, &in) == NULL);
    CHECK_INT(in, 3);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, coalesce_and_clone_keep_the_bytes)
{
    static const u16_t lens[] = {3, 4, 5, 0}, one[] = {9, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0), *q = pbuf_clone(PBUF_TRANSPORT, PBUF_POOL, p);
    CHECK_INT(q->tot_len, 12);
    CHECK_INT(pbuf_add_header(q, PBUF_TRANSPORT), 0);
    pbuf_free(q);
    q = pbuf_coalesce(p, PBUF_RAW);
    CHECK(q != NULL && q->next == NULL && q->len == 12);
    for (u16_t i = 0; i < 12; i++)
        CHECK_INT(pbuf_get_at(q, i), i);
    pbuf_free(q);
    p = chain_of(one, 0);
    CHECK(pbuf_coalesce(p, PBUF_RAW) == p);
    pbuf_free(p);
    p = chain_of(lens, 0);
    alloc_fault_arm(1);
    CHECK(pbuf_coalesce(p, PBUF_RAW) == p); /* no memory: as it was */
    chain_is_whole(p);
    alloc_fault_arm(1);
    CHECK(pbuf_clone(PBUF_RAW, PBUF_RAM, p) == NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, bytes_behind_the_end_are_answered)
{
    static const u16_t lens[] = {2, 2, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 7);
    CHECK_INT(pbuf_try_get_at(p, 3), 10);
    CHECK_INT(pbuf_try_get_at(p, 4), -1);
    CHECK_INT(pbuf_try_get_at(p, 65535), -1);
    CHECK_INT(pbuf_get_at(p, 4), 0);
    pbuf_put_at(p, 2, 99);
    CHECK_INT(pbuf_get_at(p, 2), 99);
    pbuf_put_at(p, 4, 99); /* nowhere */
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, memcmp_tells_where_the_first_difference_is)
{
    static const u16_t lens[] = {3, 4, 5, 0};
    static const u8_t same[] = {2, 3, 4, 5, 6, 7, 8};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    CHECK_INT(pbuf_memcmp(p, 2, same, 7), 0);
    for (u16_t i = 0; i < 7; i++) {
        u8_t other[7];
        memcpy(other, same, 7);
        other[i] ^= 1;
        CHECK_INT(pbuf_memcmp(p, 2, other, 7), i + 1);
    }
    CHECK_INT(pbuf_memcmp(p, 6, same, 7), 0xFFFF);
    CHECK_INT(pbuf_memcmp(p, 12, same, 0), 0);
    CHECK_INT(pbuf_memcmp(p, 65535, same, 7), 0xFFFF);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, memfind_and_strstr_search_across_seams)
{
    fixture_up(NULL);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 3, PBUF_RAM), *q = pbuf_alloc(PBUF_RAW, 5, PBUF_RAM);
    pbuf_cat(p, q);
    CHECK_INT(pbuf_take(p, "aabaabac", 8), ERR_OK);
    CHECK_INT(pbuf_memfind(p, "abac", 4, 0), 4);
    CHECK_INT(pbuf_memfind(p, "aab", 3, 0), 0);
    CHECK_INT(pbuf_memfind(p, "aab", 3, 1), 3);
    CHECK_INT(pbuf_memfind(p, "aab", 3, 4), 0xFFFF);
    CHECK_INT(pbuf_memfind(p, "c", 1, 7), 7);
    CHECK_INT(pbuf_memfind(p, "c", 1, 8), 0xFFFF);
    CHECK_INT(pbuf_memfind(p, "x", 1, 65535), 0xFFFF);
    CHECK_INT(pbuf_strstr(p, "baabac"), 2);
    CHECK_INT(pbuf_strstr(p, "aabaabacd"), 0xFFFF);
    CHECK_INT(pbuf_strstr(p, ""), 0xFFFF);
    CHECK_INT(pbuf_strstr(p, NULL), 0xFFFF);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, fill_chksum_sums_at_any_offset)
{
    u8_t data[21];
    fixture_up(NULL);
    for (u8_t i = 0; i < 21; i++)
        data[i] = (u8_t)(i * 37 + 5);
    for (u16_t cut = 1; cut < 20; cut++) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, 21, PBUF_RAM);
        u16_t sum = 0;
        CHECK_INT(pbuf_fill_chksum(p, 0, data, cut, &sum), ERR_OK);
        CHECK_INT(pbuf_fill_chksum(p, cut, data + cut, (u16_t)(21 - cut), &sum), ERR_OK);
        CHECK_MEM(p->payload, data, 21);
        CHECK_INT((u16_t)~sum, inet_chksum(data, 21));
        CHECK_INT(pbuf_fill_chksum(p, 20, data, 2, &sum), ERR_ARG);
        pbuf_free(p);
    }
    fixture_down();
}

/* What a refused TCP queue looks like: tot_len counted modulo 2^16 over pieces of `len`. */
static struct pbuf *long_queue(unsigned pieces, u16_t len)
{
    struct pbuf *head = NULL;
    for (unsigned i = 0; i < pieces; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, len, PBUF_POOL);
        CHECK(p != NULL && p->next == NULL);
        if (head == NULL)
            head = p;
        else
            pbuf_cat(head, p);
    }
    return head;
}

UNIT(pbuf, split_64k_cuts_where_tot_len_overflows)
{
    struct pbuf *rest;
    fixture_up(NULL);
    struct pbuf *p = long_queue(60, 1460); /* 87600 bytes */
    p->flags |= PBUF_FLAG_TCP_FIN;
    pbuf_split_64k(p, &rest);
    CHECK(rest != NULL);
    chain_is_whole(p);
    chain_is_whole(rest);
    CHECK_INT(p->tot_len, 44 * 1460);
    CHECK_INT(rest->tot_len, 16 * 1460);
    CHECK(rest->flags & PBUF_FLAG_TCP_FIN);
    pbuf_free(p);
    pbuf_free(rest);
    p = long_queue(44, 1460);
    pbuf_split_64k(p, &rest);
    CHECK(rest == NULL);
    chain_is_whole(p);
    pbuf_free(p);
    p = long_queue(1, 10);
    pbuf_split_64k(p, &rest);
    CHECK(rest == NULL);
    pbuf_free(p);
    pbuf_split_64k(NULL, &rest);
    CHECK(rest == NULL);
    fixture_down();
}

UNIT(pbuf, check_names_each_broken_invariant)
{
    static const u16_t lens[] = {3, 4, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    p->tot_len = 8;
    CHECK(pbuf_chain_wrong(p) != NULL);
    p->tot_len = 7;
    p->next->len = 3;
    CHECK(pbuf_chain_wrong(p) != NULL);
    p->next->len = 4;
    p->next->ref = 0;
    CHECK(pbuf_chain_wrong(p) != NULL);
    p->next->ref = 1;
    CHECK(pbuf_chain_wrong(p) == NULL);
    pbuf_free(p);
    fixture_down();
}

UNIT(pbuf, cursor_reads_across_seams_and_stops_at_the_end)
{
    static const u16_t lens[] = {1, 2, 3, 4, 0};
    fixture_up(NULL);
    struct pbuf *p = chain_of(lens, 0);
    for (u16_t at = 0; at <= 11; at++)
        for (u16_t n = 0; n <= 11; n++) {
            u8_t out[12];
            struct pbuf_cursor c = pbuf_cursor_at(p, at);
            u16_t left = at >= 10 ? 0 : (u16_t)(10 - at);
            CHECK_INT(c.left, left);
            memset(out, 0xEE, sizeof out);
            CHECK_INT(pbuf_cursor_read(&c, out, n), n <= left);
            CHECK_INT(c.left, n <= left ? left - n : left);
            for (u16_t i = 0; i < 12; i++)
                CHECK_INT(out[i], n <= left && i < n ? at + i : 0xEE);
            c = pbuf_cursor_at(p, at);
            CHECK_INT(pbuf_cursor_skip(&c, n), n <= left);
        }
    struct pbuf_cursor c = pbuf_cursor_at(p, 2);
    u8_t a;
    u16_t b;
    u32_t d;
    CHECK(pbuf_cursor_u8(&c, &a) && a == 2);
    CHECK(pbuf_cursor_be16(&c, &b) && b == 0x0304);
    CHECK(pbuf_cursor_be32(&c, &d) && d == 0x05060708);
    CHECK(!pbuf_cursor_be16(&c, &b));
    pbuf_cursor_limit(&c, 0);
    CHECK(!pbuf_cursor_u8(&c, &a));
    CHECK_INT(pbuf_cursor_at(NULL, 0).left, 0);
    pbuf_free(p);
    fixture_down();
}
