/* tcp_reasm_hole.c: early data where it has to be small (TCP_OOSEQ_OVERLAP 0): of a segment what
 * fills the first hole is kept, and nothing that waits is ever changed. Empty on other builds;
 * unit.stack_small_tcp runs it.
 *
 * Beside the queue a map says which segment brought each byte; offsets count from the first
 * sequence number awaited, which is moved so that numbers wrap at every place. */
#include "tcp_lwip.h"

#if TCP_QUEUE_OOSEQ && !TCP_OOSEQ_OVERLAP

#include "stack/core/alloc_fault.h"
#include "stack/core/instance.h"
#include "stack/tcp/features.h"
#include "stack/tcp/reasm.h"

#define SPACE 64
#define NOBODY (-1)

static struct {
    struct tcp_pcb pcb;
    u32_t base;
    int by[SPACE];     /* segment that brought the byte, NOBODY; as far as `next` delivered */
    int next, fin;     /* delivered so far; where the FIN is, -1: not known */
    bool ended;
    int tag;
} m;

static u8_t byte_of(int tag, int at)
{
    return (u8_t)(tag * 37 + at * 5 + 1);
}

static void begin(u32_t base)
{
    memset(&m, 0, sizeof m);
    m.base = m.pcb.rcv_nxt = base;
    m.pcb.rcv_wnd = SPACE;
    m.fin = -1;
    for (int i = 0; i < SPACE; i++)
        m.by[i] = NOBODY;
}

static struct pbuf *data_of(int from, int to)
{
    struct pbuf *head = NULL;

    for (int at = from; at < to; at += 2) { /* two bytes in each, so that cuts go through them */
        u16_t n = (u16_t)LWIP_MIN(2, to - at);
        struct pbuf *p = pbuf_alloc(PBUF_RAW, n, PBUF_RAM);
        for (u16_t i = 0; i < n; i++)
            pbuf_put_at(p, i, byte_of(m.tag, at + i));
        if (head == NULL)
            head = p;
        else
            pbuf_cat(head, p);
    }
    return head;
}

/* What the queue has to do with [from, to): true: something of it is new. */
static bool expect(int from, int to, bool fin)
{
    int i = from, last = -1, first = m.next; /* of what waits, a FIN included */

    while (first < SPACE && m.by[first] == NOBODY && first != m.fin)
        first++;
    if (from == m.next && fin && first < SPACE && first >= to) { /* all that waits is behind it */
        for (int k = to; k < SPACE; k++)
            m.by[k] = NOBODY;
        m.fin = -1;
    }
    for (int k = m.next; k < SPACE; k++)
        if (m.by[k] != NOBODY)
            last = k;
    while (i < to && m.by[i] != NOBODY)
        i++;
    if (m.fin >= 0 && i >= m.fin)
        return false;
    bool fresh = i < to && m.by[i] == NOBODY;
    while (i < to && m.by[i] == NOBODY && (m.fin < 0 || i < m.fin))
        m.by[i++] = m.tag;
    if (fin && i == to && last < to && m.fin < 0) {
        m.fin = to;
        fresh = true;
    }
    return fresh;
}

static void compare(void)
{
    int at = m.next;
    unsigned pbufs = 0, bytes = 0;

    CHECK(tcp_reasm_check(&m.pcb) == NULL);
    for (const struct tcp_seg *s = m.pcb.ooseq; s != NULL; s = s->next) {
        int from = (int)(s->seq - m.base);
        for (; at < from; at++)
            CHECKF(m.by[at] == NOBODY, "offset %d is not in the queue", at);
        for (u16_t i = 0; i < s->len; i++, at++) {
            CHECKF(m.by[at] != NOBODY, "offset %d is in the queue", at);
            CHECK_INT(pbuf_get_at(s->p, i), byte_of(m.by[at], at));
        }
        CHECK_INT(s->ctl != 0, m.fin == at && s->next == NULL);
        pbufs += pbuf_clen(s->p);
        bytes += s->len;
    }
    for (; at < SPACE; at++)
        CHECKF(m.by[at] == NOBODY, "offset %d is not in the queue", at);
    CHECK(m.pcb.ooseq_pbufs == pbufs && m.pcb.ooseq_bytes == (TCP_COUNTS_EARLY ? bytes : 0));
}

static void take(void)
{
    u32_t bytes;
    bool fin;
    struct pbuf *p = tcp_reasm_take(&m.pcb, &bytes, &fin);

    CHECK_INT(p == NULL ? 0 : p->tot_len, bytes);
    for (u16_t i = 0; i < bytes; i++, m.next++) {
        CHECK_INT(pbuf_get_at(p, i), byte_of(m.by[m.next], m.next));
        m.by[m.next] = NOBODY;
    }
    if (p != NULL)
        pbuf_free(p);
    m.pcb.rcv_nxt += bytes + (fin ? 1u : 0u);
    m.pcb.rcv_wnd = (tcpwnd_size_t)(m.pcb.rcv_wnd - bytes);
    m.ended = fin;
    CHECK(m.next == SPACE || m.by[m.next] == NOBODY);
    CHECK_INT(fin, m.next == m.fin);
}

static enum tcp_reasm_result arrive(int from, int to, bool fin)
{
    from = LWIP_MAX(from, LWIP_MIN(m.next, to));
    if (m.ended || from < m.next || (from == to && !fin))
        return TCP_REASM_DUPLICATE;
    m.tag++;
    enum tcp_reasm_result expected =
        expect(from, to, fin) ? TCP_REASM_KEPT : TCP_REASM_DUPLICATE;
    enum tcp_reasm_result result =
        tcp_reasm_insert(&m.pcb, data_of(from, to), m.base + (u32_t)from, fin);
    CHECK_INT(result, expected);
    compare();
    if (from == m.next) {
        take();
        if (!m.ended)
            compare();
    }
    return result;
}

static void end(void)
{
    tcp_reasm_free(&m.pcb);
    CHECK(m.pcb.ooseq == NULL && m.pcb.ooseq_bytes == 0 && m.pcb.ooseq_pbufs == 0);
}

/* The n-th segment within `space` offsets, with data or a FIN; its number of all in *kinds. */
static void nth(unsigned n, int space, int *from, int *to, bool *fin, unsigned *kinds)
{
    *kinds = 0;
    for (int a = 0; a <= space; a++) {
        for (int b = a; b <= space; b++) {
            for (int f = a == b; f <= 1; f++, ++*kinds) {
                if (*kinds == n) {
                    *from = a;
                    *to = b;
                    *fin = f != 0;
                }
            }
        }
    }
}

/* [RFC9293 3.4] */
static void every_sequence(int space, unsigned length)
{
    int from, to;
    bool fin;
    unsigned kinds, codes = 1;

    nth(0, space, &from, &to, &fin, &kinds);
    for (unsigned i = 0; i < length; i++)
        codes *= kinds;
    for (unsigned code = 0; code < codes; code++) {
        begin(0u - code % (unsigned)(space + 3));
        for (unsigned i = 0, rest = code; i < length; i++, rest /= kinds) {
            nth(rest % kinds, space, &from, &to, &fin, &kinds);
            arrive(from, to, fin);
        }
        end();
    }
}

UNIT(tcp_reasm_hole, every_sequence_of_segments_fills_first_holes_with_what_came_first)
{
    lw_up(NULL);
    every_sequence(3, 4);
    every_sequence(5, 3);
    lw_down();
}

UNIT(tcp_reasm_hole, what_is_repeated_arrives_whole_in_the_end)
{
    lw_up(NULL);
    begin(0xfffffff0u);
    arrive(4, 6, false);
    arrive(10, 12, false);
    arrive(20, 30, true);
    CHECK_INT(arrive(2, 25, false), TCP_REASM_KEPT); /* 2 to 4 of it */
    CHECK_INT(m.by[2] == m.tag && m.by[6] == NOBODY, 1);
    for (int times = 0; !m.ended; times++) {
        CHECK(times < 4);
        arrive(m.next, 30, true);
    }
    CHECK_INT(m.pcb.rcv_nxt, 0xfffffff0u + 31);
    end();
    lw_down();
}

UNIT(tcp_reasm_hole, a_fin_before_known_data_counts_only_in_order)
{
    lw_up(NULL);
    begin(7);
    arrive(20, 30, false);
    arrive(5, 10, true);
    CHECK_INT(m.fin, -1);
    CHECK_INT(m.pcb.ooseq->ctl, 0);
    arrive(0, 5, false);
    CHECK_INT(m.next, 10);
    arrive(10, 12, true);
    CHECK(m.ended && m.pcb.ooseq == NULL);
    end();
    lw_down();
}

/* What is new gives way, but not what closes the hole at RCV.NXT: that takes another's place. */
UNIT(tcp_reasm_hole, without_a_segment_in_the_pool_only_the_next_bytes_are_kept)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    struct tcp_seg *spare[MEMP_NUM_TCP_SEG];
    unsigned n = 0;
    CHECK_INT(tcp_reasm_insert(pcb, data_of(4, 8), pcb->rcv_nxt + 4, false), TCP_REASM_KEPT);
    while (n < MEMP_NUM_TCP_SEG && (spare[n] = memp_malloc(MEMP_TCP_SEG)) != NULL)
        n++;
    CHECK_INT(tcp_reasm_insert(pcb, data_of(9, 12), pcb->rcv_nxt + 9, false), TCP_REASM_LIMIT);
    CHECK(pcb->ooseq != NULL && pcb->ooseq->next == NULL);
    CHECK_INT(tcp_reasm_insert(pcb, data_of(0, 4), pcb->rcv_nxt, false), TCP_REASM_KEPT);
    CHECK(pcb->ooseq->seq == pcb->rcv_nxt && pcb->ooseq->next == NULL);
    while (n > 0)
        memp_free(MEMP_TCP_SEG, spare[--n]);
    tcp_reasm_free(pcb);
    lw_down();
}

#endif
