/* tcp_reasm_limits.c: early data when room, memory or the right to write is missing, and what the
 * queue's upkeep costs. */
#include "tcp_reasm_model.h"

static void open_with(u32_t max_bytes, u32_t max_pbufs, int size)
{
    struct stack_config c = stack_config_default;

    c.tcp_ooseq_max_bytes = max_bytes;
    c.tcp_ooseq_max_pbufs = max_pbufs;
    fixture_up(&c);
    model_open(0xfffff800, size);
}

/* The map becomes what the queue has. Everything in it has to be what came first, or of the
 * segment that has come last: then it has to lie in [from, to). (One that closes the hole at
 * RCV.NXT may have driven others out and brought their bytes itself.) Returns bytes gained. */
static int adopt(int from, int to)
{
    bool had[SPACE];
    int change = 0;

    memcpy(had, m.held, sizeof had);
    memset(m.held, 0, sizeof m.held);
    m.fin = -1;
    m.block_count = 0;
    for (const struct tcp_seg *s = m.pcb.ooseq; s != NULL; s = s->next) {
        int at = offset_of(s->seq);
        for (u16_t i = 0; i < s->len; i++, at++) {
            m.held[at] = true;
            bool other = pbuf_get_at(s->p, i) != m.value[at];
            if (!had[at] || (other && from == m.next)) {
                CHECKF(at >= from && at < to, "offset %d", at);
                m.value[at] = byte_of(m.tag, at);
            }
        }
        if (s->ctl & TCP_FIN)
            m.fin = at;
    }
    for (int i = 0; i < m.size; i++)
        change += m.held[i] - had[i];
    for (int i = 0; i < BLOCKS && LWIP_TCP_SACK_VALID(&m.pcb, i); i++, m.block_count++) {
        m.blocks[i][0] = offset_of(m.pcb.rcv_sacks[i].left);
        m.blocks[i][1] = offset_of(m.pcb.rcv_sacks[i].right);
    }
    compare();
    return change;
}

UNIT(tcp_reasm_limits, bytes_beyond_the_limit_are_refused)
{
    open_with(100, 0, 1000);
    arrive(100, 160, false, 100);
    arrive(200, 240, false, 100);
    CHECK_INT(m.pcb.ooseq_bytes, 100);
    CHECK_INT(insert(300, 301, false, 1), TCP_REASM_LIMIT);
    CHECK_INT(insert(150, 165, false, 100), TCP_REASM_LIMIT);
    compare();
    arrive(110, 120, false, 100); /* a duplicate is one, limit or not */
    arrive(240, 240, true, 100);  /* a FIN is no byte */
    m.tag++;
    CHECK_INT(insert(0, 10, false, 100), TCP_REASM_KEPT);
    CHECK_INT(adopt(0, 10), 10);
    CHECK_INT(take(), 10);
    model_close();
    fixture_down();
}

UNIT(tcp_reasm_limits, pbufs_beyond_the_limit_are_refused)
{
    open_with(0, 6, 1000);
    for (int at = 100; at < 600; at += 100)
        arrive(at, at + 1, false, 1);
    CHECK_INT(m.pcb.ooseq_pbufs, 5);
    CHECK_INT(insert(700, 702, false, 1), TCP_REASM_LIMIT);
    compare();
    arrive(700, 702, false, 2);
    CHECK_INT(m.pcb.ooseq_pbufs, 6);
    CHECK_INT(insert(800, 801, false, 1), TCP_REASM_LIMIT);
    arrive(90, 320, false, 100); /* three for three */
    CHECK_INT(m.pcb.ooseq_pbufs, 6);
    m.tag++;
    CHECK_INT(insert(0, 90, false, 1), TCP_REASM_KEPT); /* in order: whatever it takes */
    CHECK_INT(adopt(0, 90), 90);
    CHECK_INT(take(), 320);
    model_close();
    fixture_down();
}

/* One octet in every second place of a window; then what is missing. */
UNIT(tcp_reasm_limits, octets_in_every_second_place_fill_no_more_than_the_limit)
{
    unsigned kept = 0, refused = 0;

    open_with(0, 50, 4000);
    for (int at = 1; at < 4000; at += 2) {
        enum tcp_reasm_result r = insert(at, at + 1, false, 1);
        kept += r == TCP_REASM_KEPT;
        refused += r == TCP_REASM_LIMIT;
        whole();
    }
    CHECK_INT(m.pcb.ooseq_pbufs, 50);
    SHOWS("MF-TCP-41", kept == 50 && refused == 1950);
    SHOWS("MB-DATA-08", m.pcb.ooseq_bytes == 50);
    m.tag = 1;
    CHECK_INT(insert(0, 4000, true, 4000), TCP_REASM_KEPT);
    CHECK_INT(m.pcb.ooseq_pbufs, 1);
    CHECK_INT(m.pcb.ooseq_bytes, 4000);
    tcp_reasm_free(&m.pcb);
    SHOWS("MB-DATA-08", m.pcb.ooseq == NULL && m.pcb.ooseq_pbufs == 0);
    model_close();
    fixture_down();
}

/* Behind the last segment nothing is looked at but that: without the front of the list it works as
 * well. So a row of small segments costs each of them the same. */
UNIT(tcp_reasm_limits, segment_behind_the_last_is_placed_without_a_walk)
{
    open_with(0, 0, SPACE);
    arrive(1, 2, false, 1);
    for (int at = 3; at < 1000; at += 2 - at % 3 % 2) {
        struct tcp_seg *front = m.pcb.ooseq;
        m.tag++;
        enum tcp_reasm_result expected = model_insert(at, at + 1, false);
        m.pcb.ooseq = NULL;
        CHECK_INT(insert(at, at + 1, false, 1), expected);
        CHECK(m.pcb.ooseq == NULL);
        m.pcb.ooseq = front;
    }
    compare();
    model_close();
    fixture_down();
}

static u32_t draw(u32_t below)
{
    static u32_t state = 20180806;

    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

UNIT(tcp_reasm_limits, failing_allocations_lose_nothing_but_the_segment)
{
    unsigned refused = 0, evicted = 0;

    open_with(0, 0, 0);
    for (unsigned run = 0; run < 200; run++) {
        model_open(0u - draw(600), 300);
        for (unsigned i = 0; i < 40 && !m.ended; i++) {
            int from = draw(4) == 0 ? m.next : m.next + (int)draw((u32_t)(300 - m.next) + 1);
            int len = 1 + (int)draw(30), to = LWIP_MIN(300, from + len);
            struct pbuf *p;
            m.tag++;
            p = data_for(from, to, 7, PBUF_RAM);
            alloc_fault_arm_run(1, 1 + draw(3));
            enum tcp_reasm_result r = tcp_reasm_insert(&m.pcb, p, m.base + (u32_t)from, false);
            u32_t failed = alloc_fault_failed();
            alloc_fault_arm(0);
            int change = adopt(from, to);
            refused += r == TCP_REASM_LIMIT;
            evicted += failed > 0 && r == TCP_REASM_KEPT;
            if (r == TCP_REASM_KEPT && failed > 0)
                CHECK_INT(from, m.next);
            if (r != TCP_REASM_KEPT && from != m.next)
                CHECK_INT(change, 0);
            if (from == m.next && r == TCP_REASM_KEPT)
                CHECK(take() > 0);
            if (draw(3) == 0)
                arrive(LWIP_MIN(300, from + len / 2), LWIP_MIN(300, from + 40), false, 9);
        }
        model_close();
    }
    CHECKF(refused > 500 && evicted > 500, "%u refused, %u kept", refused, evicted);
    fixture_down();
}

/* A segment among others, in memory that is not to be written to (rom), or that somebody else still
 * sees. Returns whether it overlapped and was of use. */
static bool foreign(int from, int to, bool fin, u8_t *rom)
{
    u8_t copy[300] = {0};
    bool any_new = false, fin_new = fin;
    struct pbuf *p;

    m.tag++;
    for (int k = from; k < to; k++) {
        copy[k] = byte_of(m.tag, k);
        any_new = any_new || !m.held[k];
    }
    for (int k = to; k < m.size; k++)
        fin_new = fin_new && !m.held[k];
    if (rom != NULL) {
        memcpy(rom, copy, sizeof copy);
        p = pbuf_alloc_reference(&rom[from], (u16_t)(to - from), PBUF_ROM);
    } else {
        p = data_for(from, to, 400, PBUF_RAM);
        pbuf_ref(p);
    }
    const u8_t *bytes = p->payload;
    m.pcb.dsack_left = m.pcb.dsack_right = 0;
    CHECK_INT(tcp_reasm_insert(&m.pcb, p, m.base + (u32_t)from, fin),
              any_new || fin_new ? TCP_REASM_KEPT : TCP_REASM_DUPLICATE);
    if (rom != NULL)
        CHECK_MEM(rom, copy, sizeof copy);
    else /* may have been made shorter at both ends */
        CHECK_MEM(p->payload, &copy[from + ((const u8_t *)p->payload - bytes)], p->len);
    CHECK_INT(adopt(from, to) > 0, any_new);
    CHECK(m.fin == -1 || (fin_new && m.fin == to));
    CHECK(m.fin == to || !fin_new || any_new);
    bool overlaps = m.pcb.dsack_left != m.pcb.dsack_right;
    tcp_reasm_free(&m.pcb);
    adopt(0, 0);
    if (rom == NULL)
        pbuf_free(p);
    return any_new && overlaps;
}

static int random_segment(int *to)
{
    int from = 1 + (int)draw(299), len = 1 + (int)draw(60);

    *to = LWIP_MIN(300, from + len);
    return from;
}

UNIT(tcp_reasm_limits, bytes_of_others_are_never_overwritten)
{
    static u8_t rom[300];
    unsigned overlapping = 0;
    int from, to;

    open_with(0, 0, 0);
    for (unsigned run = 0; run < 3000; run++) {
        model_open(0u - draw(600), 300);
        for (unsigned i = 0; i < 4; i++) {
            from = random_segment(&to);
            arrive(from, to, false, 10);
        }
        from = random_segment(&to);
        overlapping += foreign(from, to, draw(2) == 0, draw(2) == 0 ? NULL : rom);
        model_close();
    }
    CHECKF(overlapping > 500, "only %u", overlapping);
    fixture_down();
}

UNIT(tcp_reasm_limits, without_a_queue_nothing_is_kept)
{
    struct stack_config c = stack_config_default;
    u32_t bytes;
    bool fin;

    c.tcp_queue_ooseq = 0;
    c.lwip_tcp_sack_out = 0;
    fixture_up(&c);
    model_open(5, 100);
    CHECK_INT(insert(10, 20, true, 5), TCP_REASM_LIMIT);
    CHECK_INT(insert(0, 20, false, 5), TCP_REASM_LIMIT);
    CHECK(tcp_reasm_take(&m.pcb, &bytes, &fin) == NULL);
    CHECK(bytes == 0 && !fin);
    compare();
    model_close();
    fixture_down();
}

static void wrong(const char *expected)
{
    const char *text = tcp_reasm_check(&m.pcb);
    CHECKF(text != NULL && strcmp(text, expected) == 0, "said %s, not %s", text, expected);
}

/* Each thing that check() promises to see is broken once. */
UNIT(tcp_reasm_limits, check_sees_what_is_wrong)
{
    open_with(0, 0, 100);
    arrive(10, 20, false, 100);
    arrive(30, 40, true, 100);
    struct tcp_pcb saved = m.pcb;
    m.pcb.ooseq_bytes++;
    wrong("ooseq: bytes or pbufs are miscounted");
    m.pcb = saved;
    m.pcb.ooseq_tail = m.pcb.ooseq;
    wrong("ooseq: the tail is not the last segment");
    m.pcb = saved;
    m.pcb.rcv_nxt += 11;
    wrong("ooseq: a segment outside of the window");
    m.pcb = saved;
    m.pcb.rcv_wnd = 39;
    wrong("ooseq: a segment outside of the window");
    m.pcb = saved;
    m.pcb.rcv_sacks[0].right++;
    wrong("ooseq: a SACK block that is not one run of what is held");
    m.pcb.rcv_sacks[0] = m.pcb.rcv_sacks[1];
    wrong("ooseq: two SACK blocks for the same data");
    m.pcb.rcv_sacks[0].right = m.pcb.rcv_sacks[0].left;
    wrong("ooseq: a SACK block behind an empty one");
    m.pcb = saved;
    m.pcb.flags = 0;
    wrong("ooseq: SACK blocks, but the peer does not want any");
    m.pcb = saved;
    m.pcb.ooseq->header.seqno++;
    wrong("ooseq: the header for lwIP's users says something else");
    m.pcb.ooseq->header.seqno--;
    m.pcb.ooseq->ctl = TCP_FIN;
    wrong("ooseq: a FIN with something behind it");
    m.pcb.ooseq->ctl = 0;
    m.pcb.ooseq->len++;
    wrong("ooseq: a segment has other data than it says");
    m.pcb.ooseq->len--;
    m.pcb.ooseq->next->seq -= 15;
    wrong("ooseq: segments overlap or are not in order");
    m.pcb.ooseq->next->seq += 15;
    whole();
    model_close();
    fixture_down();
}
