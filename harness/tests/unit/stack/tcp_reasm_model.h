/* tcp_reasm_model.h: a connection's queue of early data beside a map of bytes that says what it
 * has to hold, byte by byte: which one came first. For tcp_reasm.c and tcp_reasm_limits.c.
 *
 * Offsets count from the first sequence number awaited. A byte of segment `tag` at offset i is
 * byte_of(tag, i), so that each says who brought it. arrive() does what TCP's input does: it cuts
 * off what was delivered before, inserts, takes what is in order, moves RCV.NXT; and compares. */
#ifndef LOCKWIRE_TCP_REASM_MODEL_H
#define LOCKWIRE_TCP_REASM_MODEL_H

#include "core_fixture.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/alloc_fault.h"
#include "stack/core/pbuf_shape.h"
#include "stack/tcp/reasm.h"
#include "stack/tcp/seg.h"

#define SPACE 4096 /* offsets */
#define BLOCKS LWIP_TCP_MAX_SACK_NUM

static struct {
    struct tcp_pcb pcb;
    u32_t base;            /* sequence number of offset 0 */
    int size;              /* offsets in use */
    int next;              /* delivered so far */
    int fin;               /* where the FIN is; -1: not known */
    bool ended;            /* the FIN has been delivered */
    bool held[SPACE];
    u8_t value[SPACE];
    int blocks[BLOCKS][2]; /* what SACK has to say, newest first */
    int block_count;
    int dup_left, dup_right;
    unsigned delivered;    /* bytes, in all */
    u8_t tag;
} m;

static u8_t byte_of(u8_t tag, int offset)
{
    return (u8_t)(tag * 37 + offset * 5 + 1);
}

static void model_open(u32_t base, int size)
{
    memset(&m, 0, sizeof m);
    m.base = base;
    m.size = size;
    m.fin = -1;
    m.pcb.rcv_nxt = base;
    m.pcb.rcv_wnd = (tcpwnd_size_t)size;
    m.pcb.flags = TF_SACK;
}

static void whole(void)
{
    const char *wrong = tcp_reasm_check(&m.pcb);
    CHECKF(wrong == NULL, "%s", wrong);
}

static inline void model_close(void)
{
    tcp_reasm_free(&m.pcb);
    whole();
    CHECK(m.pcb.ooseq == NULL && m.pcb.ooseq_tail == NULL);
    CHECK_INT(m.pcb.ooseq_bytes, 0);
    CHECK_INT(m.pcb.ooseq_pbufs, 0);
    CHECK(!LWIP_TCP_SACK_VALID(&m.pcb, 0));
}

/* ---- the map ---- */

static bool taken(int i)
{
    return i >= 0 && i < SPACE && (m.held[i] || i == m.fin);
}

static void run_at(int at, int run[2])
{
    for (run[0] = at; run[0] > m.next && taken(run[0] - 1);)
        run[0]--;
    for (run[1] = at; taken(run[1]);)
        run[1]++;
}

/* The run around `newest` (-1: nothing is new) comes first, the others follow as far as they still
 * are runs of their own. */
static void model_blocks(int newest)
{
    int old[BLOCKS][2], count = m.block_count, run[2] = {-1, -1};

    memcpy(old, m.blocks, sizeof old);
    m.block_count = 0;
    if (newest >= 0) {
        run_at(newest, run);
        if (run[0] > m.next)
            memcpy(m.blocks[m.block_count++], run, sizeof run);
    }
    for (int i = 0; i < count && m.block_count < BLOCKS; i++) {
        int now[2];
        if (old[i][0] < m.next || !taken(old[i][0]))
            continue;
        run_at(old[i][0], now);
        if (now[0] > m.next && now[0] != run[0])
            memcpy(m.blocks[m.block_count++], now, sizeof now);
    }
}

static void model_fin(int from, int *to, bool *fin, bool *again)
{
    if (m.fin >= 0) {
        *again = *fin && *to == m.fin;
        *fin = false;
        if (*to > m.fin)
            *to = m.fin > from ? m.fin : from;
        return;
    }
    for (int i = *to; *fin && i < m.size; i++) {
        if (m.held[i] && from == m.next)
            m.held[i] = false;
        else if (m.held[i])
            *fin = false;
    }
}

static enum tcp_reasm_result model_insert(int from, int to, bool fin)
{
    bool again = false, fresh;
    int i = from;

    model_fin(from, &to, &fin, &again);
    while (i < to && !m.held[i])
        i++;
    m.dup_left = i;
    while (i < to && m.held[i])
        i++;
    m.dup_right = i;
    fresh = fin;
    for (i = from; i < to; i++) {
        if (m.held[i])
            continue;
        fresh = m.held[i] = true;
        m.value[i] = byte_of(m.tag, i);
    }
    if (fin)
        m.fin = to;
    if (m.dup_right == to && again)
        m.dup_right++;
    model_blocks(from < to || fin || again ? from : -1);
    return fresh ? TCP_REASM_KEPT : TCP_REASM_DUPLICATE;
}

/* ---- comparing ---- */

static int offset_of(u32_t seq)
{
    return (int)(seq - m.base);
}

static void compare_queue(void)
{
    bool seen[SPACE + 1] = {false};
    int fin = -1;

    for (const struct tcp_seg *s = m.pcb.ooseq; s != NULL; s = s->next) {
        int at = offset_of(s->seq);
        CHECKF(at >= m.next && at + s->len <= m.size, "at %d", at);
        for (u16_t i = 0; i < s->len; i++, at++) {
            CHECKF(m.held[at], "offset %d is in the queue", at);
            CHECKF(pbuf_get_at(s->p, i) == m.value[at], "offset %d", at);
            seen[at] = true;
        }
        if (s->ctl & TCP_FIN)
            fin = at;
        CHECK_INT(TCP_TCPLEN(s), tcp_seg_room(s));
    }
    for (int i = m.next; i < m.size; i++)
        CHECKF(seen[i] == m.held[i], "offset %d is not in the queue", i);
    CHECK_INT(fin, m.ended ? -1 : m.fin);
}

static void compare_blocks(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        if (i >= m.block_count) {
            CHECKF(!LWIP_TCP_SACK_VALID(&m.pcb, i), "block %d of %d", i, m.block_count);
            continue;
        }
        CHECK_INT(offset_of(m.pcb.rcv_sacks[i].left), m.blocks[i][0]);
        CHECK_INT(offset_of(m.pcb.rcv_sacks[i].right), m.blocks[i][1]);
    }
}

static void compare(void)
{
    whole();
    compare_queue();
    compare_blocks();
}

static inline void compare_dsack(void)
{
    CHECK_INT(m.pcb.dsack_right - m.pcb.dsack_left, m.dup_right - m.dup_left);
    if (m.dup_right != m.dup_left)
        CHECK_INT(offset_of(m.pcb.dsack_left), m.dup_left);
}

/* ---- what comes and goes ---- */

/* Bytes [from, to) of segment m.tag in pbufs of `piece` bytes each. */
static struct pbuf *data_for(int from, int to, int piece, pbuf_type type)
{
    struct pbuf *head = NULL;

    for (int at = from; at < to;) {
        int n = LWIP_MIN(piece, to - at);
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, type);
        CHECK(p != NULL);
        for (u16_t i = 0; i < n; i++, at++)
            pbuf_put_at(p, i, byte_of(m.tag, at));
        if (head == NULL)
            head = p;
        else
            pbuf_cat(head, p);
    }
    return head;
}

static inline enum tcp_reasm_result insert(int from, int to, bool fin, int piece)
{
    m.pcb.dsack_left = m.pcb.dsack_right = 0;
    return tcp_reasm_insert(&m.pcb, data_for(from, to, piece, PBUF_RAM), m.base + (u32_t)from,
                            fin);
}

/* Everything in order comes out and is what came first. Returns how much it is. */
static inline int take(void)
{
    int first = m.next;
    u32_t bytes;
    bool fin;

    do {
        struct pbuf *p = tcp_reasm_take(&m.pcb, &bytes, &fin);
        CHECK_INT(p == NULL ? 0 : p->tot_len, bytes);
        CHECK(p == NULL || pbuf_chain_wrong(p) == NULL);
        for (u16_t i = 0; i < bytes; i++, m.next++) {
            CHECKF(m.held[m.next] && pbuf_get_at(p, i) == m.value[m.next], "offset %d", m.next);
            m.held[m.next] = false;
        }
        if (p != NULL)
            pbuf_free(p);
        m.pcb.rcv_nxt += bytes + fin;
        m.pcb.rcv_wnd -= bytes;
        m.ended = m.ended || fin;
    } while (bytes > 0);
    m.delivered += (unsigned)(m.next - first);
    CHECK(m.next == m.size || !m.held[m.next]);
    CHECK_INT(m.ended, m.next == m.fin);
    model_blocks(-1);
    return m.next - first;
}

static inline void arrive(int from, int to, bool fin, int piece)
{
    if (from < m.next)
        from = LWIP_MIN(m.next, to);
    if (m.ended || from < m.next || (from == to && !fin))
        return;
    m.tag++;
    enum tcp_reasm_result expected = model_insert(from, to, fin);
    CHECK_INT(insert(from, to, fin, piece), expected);
    compare();
    compare_dsack();
    if (from == m.next) {
        take();
        compare();
    }
}

#endif
