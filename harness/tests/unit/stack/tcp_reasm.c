/* tcp_reasm.c: early data is held as it came first, given out whole, and told of by SACK. What
 * limits and failing allocations do to it: tcp_reasm_limits.c. */
#include "tcp_reasm_model.h"

/* The n-th of the segments within `space` offsets: with data, or a FIN alone. */
static void nth_segment(unsigned n, int space, bool with_fin, int *from, int *to, bool *fin)
{
    *fin = false;
    for (*from = 0; *from <= space; ++*from) {
        for (*to = *from; *to <= space; ++*to) {
            for (int f = *to == *from; f <= (int)with_fin; f++) {
                if (n-- == 0) {
                    *fin = f != 0;
                    return;
                }
            }
        }
    }
}

static unsigned every_sequence(int space, bool with_fin, unsigned length)
{
    int pairs = (space + 1) * space / 2;
    unsigned kinds = (unsigned)(with_fin ? pairs * 2 + space + 1 : pairs), codes = 1, done = 0;

    for (unsigned i = 0; i < length; i++)
        codes *= kinds;
    for (unsigned code = 0; code < codes; code++, done++) {
        model_open(0u - code % (unsigned)(space + 3), space);
        for (unsigned i = 0, rest = code; i < length; i++, rest /= kinds) {
            int from, to;
            bool fin;
            nth_segment(rest % kinds, space, with_fin, &from, &to, &fin);
            arrive(from, to, fin, 2);
        }
        model_close();
    }
    return done;
}

/* The base moves with the sequence's number, so the numbers wrap at every place
 * [RFC9293 3.4][RFC9293 3.10.7.4]. */
UNIT(tcp_reasm, every_sequence_of_five_segments_leaves_the_bytes_that_came_first)
{
    fixture_up(NULL);
    CHECK_INT(every_sequence(4, false, 5), 10 * 10 * 10 * 10 * 10);
    CHECK_INT(every_sequence(6, false, 3), 21 * 21 * 21);
    fixture_down();
}

UNIT(tcp_reasm, every_sequence_of_segments_with_fins_ends_where_the_first_fin_said)
{
    fixture_up(NULL);
    CHECK_INT(every_sequence(3, true, 4), 16 * 16 * 16 * 16);
    CHECK_INT(every_sequence(4, true, 3), 25 * 25 * 25);
    fixture_down();
}

static u32_t draw(u32_t below)
{
    static u32_t state = 20180723;

    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

UNIT(tcp_reasm, long_random_runs_leave_the_bytes_that_came_first)
{
    unsigned delivered = 0;

    fixture_up(NULL);
    for (unsigned run = 0; run < 300; run++) {
        int size = 20 + (int)draw(700);
        model_open(0u - draw((u32_t)size * 2), size);
        for (unsigned i = 0; i < 60 && !m.ended; i++) {
            int from = (int)draw((u32_t)size), len = (int)draw(1 + draw((u32_t)size / 2));
            int to = LWIP_MIN(from + len, size);
            if (draw(8) == 0)
                from = LWIP_MIN(m.next, to);
            arrive(from, to, draw(40) == 0, 1 + (int)draw(100));
        }
        arrive(m.next, size, true, 50);
        CHECK(m.ended);
        delivered += m.delivered;
        model_close();
    }
    CHECKF(delivered > 50000, "only %u bytes", delivered);
    fixture_down();
}

UNIT(tcp_reasm, data_across_the_wrap_arrives_whole)
{
    fixture_up(NULL);
    model_open(0xfffffff0, 80);
    arrive(0x20, 0x50, false, 100);
    arrive(8, 0x20, false, 100);
    CHECK_INT(m.pcb.ooseq->seq, 0xfffffff8);
    arrive(0, 8, false, 100);
    SHOWS("MB-DATA-01", m.delivered == 80 && m.pcb.rcv_nxt == 0x40);
    model_close();
    model_open(0xfffffff0, 64);
    for (int at = 56; at >= 0; at -= 8)
        arrive(at, at + 8, false, 100);
    SHOWS("MF-TCP-53", m.delivered == 64 && m.pcb.rcv_nxt == 0x30);
    model_close();
    fixture_down();
}

UNIT(tcp_reasm, overlap_with_other_bytes_changes_nothing)
{
    fixture_up(NULL);
    model_open(1000, 20);
    static const char order[] = "BCA";
    for (int i = 0; i < 3; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, 10, PBUF_POOL);
        memset(p->payload, order[i], 10);
        CHECK_INT(tcp_reasm_insert(&m.pcb, p, 1010u - 5u * (u32_t)i, false), TCP_REASM_KEPT);
        whole();
    }
    u32_t bytes;
    bool fin;
    struct pbuf *p = tcp_reasm_take(&m.pcb, &bytes, &fin);
    SHOWS("MF-TCP-57", bytes == 20 && pbuf_memcmp(p, 0, "AAAAACCCCCBBBBBBBBBB", 20) == 0);
    pbuf_free(p);
    fixture_down();
}

static void queue_is(const int *pairs, unsigned count)
{
    const struct tcp_seg *s = m.pcb.ooseq;

    for (unsigned i = 0; i < count; i++, s = s->next) {
        CHECKF(s != NULL, "%u segments", i);
        CHECK_INT(offset_of(s->tcphdr->seqno), pairs[2 * i]);
        CHECK_INT(TCP_TCPLEN(s), pairs[2 * i + 1]);
    }
    CHECK(s == NULL);
}

#define QUEUE_IS(...) \
    queue_is((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int) / 2)

UNIT(tcp_reasm, queue_is_cut_into_segments_as_lwips_users_expect)
{
    fixture_up(NULL);
    model_open(0, 40);
    arrive(8, 16, true, 100);
    QUEUE_IS(8, 9);
    arrive(4, 12, false, 100);
    QUEUE_IS(4, 4, 8, 9);
    arrive(4, 14, false, 100);
    QUEUE_IS(4, 4, 8, 9);
    arrive(2, 16, false, 100);
    QUEUE_IS(2, 15);
    arrive(16, 16, true, 100);
    QUEUE_IS(2, 15);
    model_close();
    model_open(0, 40);
    arrive(1, 3, false, 100);
    arrive(4, 12, false, 100);
    arrive(3, 14, false, 100);
    QUEUE_IS(1, 2, 3, 11);
    arrive(2, 14, false, 100);
    arrive(20, 24, false, 100);
    arrive(24, 28, false, 100);
    QUEUE_IS(1, 2, 3, 11, 20, 4, 24, 4);
    arrive(25, 26, true, 100);
    QUEUE_IS(1, 2, 3, 11, 20, 4, 24, 4);
    arrive(28, 28, true, 100);
    QUEUE_IS(1, 2, 3, 11, 20, 4, 24, 5);
    model_close();
    fixture_down();
}

UNIT(tcp_reasm, in_order_fin_discards_what_lies_behind_it)
{
    fixture_up(NULL);
    model_open(7, 40);
    arrive(20, 30, false, 100);
    arrive(5, 10, true, 100); /* not believed: there is more behind it */
    CHECK_INT(m.fin, -1);
    arrive(0, 7, true, 100);
    CHECK(m.ended);
    CHECK_INT(m.delivered, 7);
    CHECK(m.pcb.ooseq == NULL && !LWIP_TCP_SACK_VALID(&m.pcb, 0));
    model_close();
    fixture_down();
}

/* [RFC2018 3][RFC2018 4] the blocks and their order, also when there are more runs than blocks */
UNIT(tcp_reasm, sack_blocks_begin_with_the_newest)
{
    fixture_up(NULL);
    model_open(0xffffffe0, 100);
    for (int i = 1; i <= 6; i++) {
        arrive(10 * i, 10 * i + 5, false, 100);
        CHECK_INT(offset_of(m.pcb.rcv_sacks[0].left), 10 * i);
        CHECK_INT(offset_of(m.pcb.rcv_sacks[0].right), 10 * i + 5);
    }
    static const int newest[] = {60, 50, 40, 30};
    for (int i = 0; i < BLOCKS; i++)
        CHECK_INT(offset_of(m.pcb.rcv_sacks[i].left), newest[i]);
    arrive(15, 18, false, 100); /* joins a run that no block tells of any more */
    CHECK_INT(offset_of(m.pcb.rcv_sacks[0].left), 10);
    CHECK_INT(offset_of(m.pcb.rcv_sacks[0].right), 18);
    arrive(41, 43, false, 100); /* brings nothing, and is first all the same */
    CHECK_INT(offset_of(m.pcb.rcv_sacks[0].left), 40);
    arrive(0, 10, false, 100); /* in order: none of its own, none lost */
    CHECK_INT(m.block_count, 3);
    CHECK_INT(offset_of(m.pcb.rcv_sacks[2].left), 50);
    model_close();
    fixture_down();
}

/* [RFC2883 4] */
UNIT(tcp_reasm, duplicates_are_told_once_each)
{
    fixture_up(NULL);
    model_open(500, 100);
    arrive(10, 20, false, 100);
    arrive(30, 40, false, 100);
    CHECK_INT(m.pcb.dsack_left, m.pcb.dsack_right);
    arrive(12, 15, false, 100);
    CHECK_INT(m.pcb.dsack_left, 512);
    CHECK_INT(m.pcb.dsack_right, 515);
    arrive(5, 45, false, 100); /* two parts: the first */
    CHECK_INT(m.pcb.dsack_left, 510);
    CHECK_INT(m.pcb.dsack_right, 520);
    tcp_reasm_duplicate(&m.pcb, 480, 20);
    CHECK_INT(m.pcb.dsack_left, 480);
    CHECK_INT(m.pcb.dsack_right, 500);
    tcp_reasm_insert(&m.pcb, data_for(6, 8, 2, PBUF_RAM), 506, false);
    CHECK_INT(m.pcb.dsack_left, 480); /* what the core has found comes first */
    tcp_reasm_free(&m.pcb);
    CHECK_INT(m.pcb.dsack_left, 480); /* still true */
    m.pcb.dsack_left = m.pcb.dsack_right = 0;
    tcp_clear_flags(&m.pcb, TF_SACK);
    tcp_reasm_duplicate(&m.pcb, 480, 20);
    insert(10, 20, false, 100);
    insert(10, 20, false, 100);
    CHECK_INT(m.pcb.dsack_left, m.pcb.dsack_right);
    CHECK(!LWIP_TCP_SACK_VALID(&m.pcb, 0));
    model_close();
    fixture_down();
}

/* [RFC2018 8] */
UNIT(tcp_reasm, what_was_given_back_is_not_told_of)
{
    fixture_up(NULL);
    model_open(500, 100);
    arrive(10, 20, false, 100);
    arrive(12, 15, false, 100);
    tcp_reasm_free(&m.pcb);
    CHECK(!LWIP_TCP_SACK_VALID(&m.pcb, 0));
    CHECK_INT(m.pcb.dsack_left, m.pcb.dsack_right);
    model_close();
    fixture_down();
}

UNIT(tcp_reasm, what_lies_before_rcv_nxt_is_forgotten)
{
    fixture_up(NULL);
    for (int edge = 0; edge <= 45; edge++) {
        model_open(0xfffffff5, 60);
        arrive(5, 10, false, 2);
        arrive(20, 30, false, 3);
        arrive(40, 44, true, 3);
        m.pcb.rcv_nxt += (u32_t)edge;
        m.pcb.rcv_wnd -= (u32_t)edge;
        tcp_reasm_forget_before(&m.pcb, m.pcb.rcv_nxt);
        for (int i = 0; i < edge; i++)
            m.held[i] = false;
        m.next = edge;
        if (edge > m.fin)
            m.fin = -1;
        model_blocks(-1);
        compare();
        model_close();
    }
    fixture_down();
}

UNIT(tcp_reasm, more_than_a_chain_can_count_is_taken_in_turns)
{
    fixture_up(NULL);
    model_open(0xffff0000, 0);
    m.pcb.rcv_wnd = 200000;
    u32_t got = 0, bytes;
    bool fin;
    for (u32_t i = 9; i > 0; i--) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, 20000, PBUF_POOL);
        memset(p->payload, (int)i, 1);
        CHECK_INT(tcp_reasm_insert(&m.pcb, p, m.base + (i - 1) * 20000, i == 9), TCP_REASM_KEPT);
    }
    whole();
    for (int turn = 0; turn < 3; turn++) {
        struct pbuf *p = tcp_reasm_take(&m.pcb, &bytes, &fin);
        CHECK_INT(bytes, 60000);
        CHECK_INT(p->tot_len, 60000);
        CHECK(pbuf_chain_wrong(p) == NULL);
        for (u32_t i = 0; i < 3; i++)
            CHECK_INT(pbuf_get_at(p, (u16_t)(i * 20000)), got / 20000 + i + 1);
        CHECK_INT(fin, turn == 2);
        pbuf_free(p);
        got += bytes;
        m.pcb.rcv_nxt += bytes + fin;
        m.pcb.rcv_wnd -= bytes;
        whole();
    }
    CHECK(tcp_reasm_take(&m.pcb, &bytes, &fin) == NULL);
    CHECK_INT(bytes, 0);
    CHECK(!fin);
    fixture_down();
}
