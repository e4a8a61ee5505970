/* tcp/reasm.c: see reasm.h.
 *
 * A segment goes in as one piece: bytes that were there before are copied over its own, segments
 * that it covers are freed, the one that begins before it gives up the common part, and the one
 * that ends behind it keeps it. So the first bytes stay, the list only grows by one, and it looks
 * as lwIP's would. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_QUEUE_OOSEQ && TCP_OOSEQ_OVERLAP

#include "stack/tcp/reasm.h"

#include "stack/core/instance.h"
#include "stack/tcp/reasm_sack.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/tcp_local.h"
#include "stack/wire/tcp_seq.h"

#define PBUFS_MAX 0xffffu /* what pcb->ooseq_pbufs can count */

/* What has come, and what the queue says to it. */
struct arrival {
    struct pbuf *p;
    u32_t seq, end;       /* data; p may have more, which is not wanted */
    bool fin;             /* its FIN is new */
    bool fin_again;       /* its FIN is known */
    bool in_order;        /* begins at RCV.NXT */
    struct tcp_seg *prev; /* the last segment that begins before seq */
    u32_t fresh;          /* bytes that nobody has brought yet */
    u32_t covered;        /* pbufs of segments that it covers */
    u32_t dup_left, dup_right; /* the first part of it that was there; equal: none */
};

static u32_t data_end(const struct tcp_seg *seg)
{
    return seg->seq + seg->len;
}

/* ---- The queue ---- */

static void count(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    pcb->ooseq_bytes += seg->len;
    pcb->ooseq_pbufs = (u16_t)(pcb->ooseq_pbufs + pbuf_clen(seg->p));
}

static void uncount(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    pcb->ooseq_bytes -= seg->len;
    pcb->ooseq_pbufs = (u16_t)(pcb->ooseq_pbufs - pbuf_clen(seg->p));
}

static void discard(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    uncount(pcb, seg);
    tcp_seg_free(seg);
}

/* seg keeps its first len bytes (at least one), and no FIN. */
static void shorten(struct tcp_pcb *pcb, struct tcp_seg *seg, u16_t len)
{
    uncount(pcb, seg);
    pbuf_realloc(seg->p, len);
    seg->len = len;
    seg->ctl = (u8_t)(seg->ctl & ~TCP_FIN);
    tcp_seg_mirror(seg, true);
    count(pcb, seg);
}

/* Everything from sequence number `from` on goes. */
static void drop_from(struct tcp_pcb *pcb, u32_t from)
{
    struct tcp_seg **link = &pcb->ooseq, *last = NULL;

    while (*link != NULL && seq_lt((*link)->seq, from)) {
        last = *link;
        link = &last->next;
    }
    while (*link != NULL) {
        struct tcp_seg *gone = *link;
        *link = gone->next;
        discard(pcb, gone);
    }
    if (last != NULL && seq_gt(tcp_seg_end(last), from))
        shorten(pcb, last, (u16_t)(from - last->seq));
    pcb->ooseq_tail = last;
    tcp_reasm_unreport_from(pcb, from);
}

/* Two sides of one rule: behind a FIN there is nothing. Data behind a FIN that is known is not
 * wanted; a FIN before data that is known is not believed, unless everything in front of it has
 * been received: then the connection ends there, whatever else was sent. */
static void judge_fin(struct tcp_pcb *pcb, struct arrival *a)
{
    const struct tcp_seg *tail = pcb->ooseq_tail;

    if (tail == NULL)
        return;
    if ((tail->ctl & TCP_FIN) != 0) {
        u32_t fin = data_end(tail);
        a->fin_again = a->fin && a->end == fin;
        a->fin = false;
        if (seq_gt(a->end, fin))
            a->end = seq_max(fin, a->seq);
    } else if (a->fin && seq_gt(data_end(tail), a->end)) {
        if (a->in_order)
            drop_from(pcb, a->end);
        else
            a->fin = false;
    }
}

/* [from, to) of it is in the queue: the first such stretch is told. */
static void note_duplicate(struct arrival *a, u32_t from, u32_t to)
{
    if (a->dup_left == a->dup_right)
        a->dup_left = a->dup_right = from;
    if (a->dup_right == from)
        a->dup_right = to;
}

/* Where it belongs, and how much of it is new. Behind the last segment is found at once, other
 * places from the front. */
static void survey(const struct tcp_pcb *pcb, struct arrival *a)
{
    struct tcp_seg *tail = pcb->ooseq_tail;

    a->covered = 0;
    a->fresh = a->end - a->seq;
    if (LWIP_TCP_SACK_OUT)
        a->dup_left = a->dup_right = a->seq;
    a->prev = NULL;
    if (tail != NULL && seq_lt(tail->seq, a->seq) && seq_geq(a->seq, data_end(tail))) {
        a->prev = tail;
        return;
    }
    for (struct tcp_seg *s = pcb->ooseq; s != NULL && seq_lt(s->seq, a->seq); s = s->next)
        a->prev = s;
    for (struct tcp_seg *s = a->prev != NULL ? a->prev : pcb->ooseq;
         s != NULL && seq_lt(s->seq, a->end); s = s->next) {
        u32_t from = seq_max(s->seq, a->seq), to = seq_min(data_end(s), a->end);
        if (seq_geq(from, to))
            continue;
        a->fresh -= to - from;
        if (LWIP_TCP_SACK_OUT)
            note_duplicate(a, from, to);
        if (to - from == s->len)
            a->covered += pbuf_clen(s->p);
    }
}

/* The FIN that is known belongs to the part that was there, if it is next to it or the only one. */
static void repeat_fin(struct arrival *a)
{
    if (a->dup_left == a->dup_right)
        a->dup_left = a->dup_right = a->end;
    if (a->dup_right == a->end)
        a->dup_right++;
}

/* What closes the hole at RCV.NXT is never refused: with a full queue nothing would go on. */
static bool limit_refuses(const struct tcp_pcb *pcb, const struct arrival *a)
{
    u32_t max_bytes = CFG(tcp_ooseq_max_bytes), max_pbufs = CFG(tcp_ooseq_max_pbufs);
    u32_t pbufs = pcb->ooseq_pbufs - a->covered + pbuf_clen(a->p);

    if (pbufs > PBUFS_MAX)
        return true;
    if (a->in_order)
        return false;
    return (max_bytes != 0 && pcb->ooseq_bytes + a->fresh > max_bytes) ||
           (max_pbufs != 0 && pbufs > max_pbufs);
}

/* May these bytes be changed? Not if somebody else sees them, or they are somebody else's. */
static bool is_ours(const struct pbuf *p)
{
    for (; p != NULL; p = p->next)
        if (p->ref != 1 || (p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) == 0)
            return false;
    return true;
}

/* Only what fills the first hole is kept: the way for data that cannot be written to. The peer
 * sends the rest again. */
static void narrow(const struct tcp_pcb *pcb, struct arrival *a)
{
    u32_t from = a->seq, to = a->end;
    struct tcp_seg *s = a->prev != NULL ? a->prev : pcb->ooseq;

    for (; s != NULL && seq_leq(s->seq, from); s = s->next) {
        from = seq_max(from, data_end(s));
        a->prev = s;
    }
    if (s != NULL)
        to = seq_min(to, s->seq);
    a->p = pbuf_free_header(a->p, (u16_t)(from - a->seq));
    a->fin = a->fin && to == a->end;
    a->seq = from;
    a->end = to;
}

/* `bytes` bytes of `from`, from its byte `skip` on, over those of `to` from byte `at` on. */
static void overlay(struct pbuf *to, u32_t at, const struct pbuf *from, u32_t skip, u32_t bytes)
{
    for (; bytes > 0; from = from->next) {
        if (skip >= from->len) {
            skip -= from->len;
            continue;
        }
        u32_t n = LWIP_MIN(bytes, from->len - skip);
        err_t err = pbuf_take_at(to, (const u8_t *)from->payload + skip, (u16_t)n, (u16_t)at);
        LWIP_ASSERT("reasm: segment shorter than it says", err == ERR_OK);
        LWIP_UNUSED_ARG(err);
        skip = 0;
        at += n;
        bytes -= n;
    }
}

/* The queue makes room: the bytes it has go over those of a->p, which then ends where the next
 * segment begins. Returns that segment. */
static struct tcp_seg *make_room(struct tcp_pcb *pcb, struct arrival *a)
{
    struct tcp_seg *prev = a->prev, *next = prev != NULL ? prev->next : pcb->ooseq;

    if (prev != NULL && seq_gt(data_end(prev), a->seq)) {
        u32_t keep = a->seq - prev->seq;
        overlay(a->p, 0, prev->p, keep, prev->len - keep);
        shorten(pcb, prev, (u16_t)keep);
    }
    while (next != NULL && seq_lt(next->seq, a->end) && seq_leq(data_end(next), a->end)) {
        struct tcp_seg *gone = next;
        overlay(a->p, gone->seq - a->seq, gone->p, 0, gone->len);
        a->fin = a->fin || (gone->ctl & TCP_FIN) != 0;
        next = gone->next;
        discard(pcb, gone);
    }
    if (next != NULL)
        a->end = seq_min(a->end, next->seq);
    return next;
}

static void place(struct tcp_pcb *pcb, struct arrival *a, struct tcp_seg *seg)
{
    struct tcp_seg *next, *prev;

    if (a->fresh != a->end - a->seq && !is_ours(a->p)) /* something was there */
        narrow(pcb, a);
    prev = a->prev;
    next = make_room(pcb, a);
    if (a->p != NULL && a->end != a->seq) {
        pbuf_realloc(a->p, (u16_t)(a->end - a->seq));
    } else if (a->p != NULL) {
        pbuf_free(a->p);
        a->p = NULL;
    }
    seg->p = a->p;
    seg->seq = a->seq;
    seg->len = (u16_t)(a->end - a->seq);
    seg->ctl = a->fin ? TCP_FIN : 0;
    tcp_seg_mirror(seg, true);
    count(pcb, seg);
    seg->next = next;
    if (prev != NULL)
        prev->next = seg;
    else
        pcb->ooseq = seg;
    if (next == NULL)
        pcb->ooseq_tail = seg;
    tcp_reasm_report(pcb, seg->seq, tcp_seg_end(seg), prev != NULL && tcp_seg_end(prev) == seg->seq,
           next != NULL && next->seq == tcp_seg_end(seg));
}

/* The bytes are there; all that is new is that they are the last. */
static bool only_ends_tail(const struct tcp_pcb *pcb, const struct arrival *a)
{
    return a->fresh == 0 && pcb->ooseq_tail != NULL && data_end(pcb->ooseq_tail) == a->end;
}

static void end_tail(struct tcp_pcb *pcb, u32_t fin)
{
    pcb->ooseq_tail->ctl |= TCP_FIN;
    tcp_seg_mirror(pcb->ooseq_tail, true);
    tcp_reasm_report(pcb, fin, fin + 1, true, false);
}

/* At most one part is told, the first, and not over one that the core has found in the same
 * segment before RCV.NXT (RFC 2883). */
static void tell_duplicate(struct tcp_pcb *pcb, const struct arrival *a)
{
    if (a->dup_left != a->dup_right && pcb->dsack_left == pcb->dsack_right)
        tcp_reasm_duplicate(pcb, a->dup_left, a->dup_right - a->dup_left);
}

static enum tcp_reasm_result nothing_new(struct tcp_pcb *pcb, struct arrival *a)
{
    tcp_reasm_report(pcb, a->dup_left, a->dup_right, true, true);
    tell_duplicate(pcb, a);
    return TCP_REASM_DUPLICATE;
}

/* KEPT: has taken a->p over and set it to NULL, or has not needed it. */
static enum tcp_reasm_result insert(struct tcp_pcb *pcb, struct arrival *a)
{
    struct tcp_seg *seg = NULL;

    judge_fin(pcb, a);
    survey(pcb, a);
    if (LWIP_TCP_SACK_OUT && a->fin_again)
        repeat_fin(a);
    if (a->fresh == 0 && !a->fin)
        return nothing_new(pcb, a);
    if (only_ends_tail(pcb, a)) {
        end_tail(pcb, a->end);
        tell_duplicate(pcb, a);
        return TCP_REASM_KEPT;
    }
    while (limit_refuses(pcb, a) ||
           (seg = tcp_seg_new(NULL, a->seq, 0, true)) == NULL) {
        if (!a->in_order || (pcb->ooseq == NULL && !tcp_give_up_ooseq()))
            return TCP_REASM_LIMIT;
        if (pcb->ooseq != NULL)
            drop_from(pcb, pcb->ooseq_tail->seq); /* of use later; this is of use now */
        survey(pcb, a);
    }
    tell_duplicate(pcb, a);
    place(pcb, a, seg);
    a->p = NULL;
    return TCP_REASM_KEPT;
}

enum tcp_reasm_result tcp_reasm_insert(struct tcp_pcb *pcb, struct pbuf *p, u32_t seq, bool fin)
{
    struct arrival a = {
        .p = p,
        .seq = seq,
        .end = seq + (p != NULL ? p->tot_len : 0u),
        .fin = fin,
        .in_order = seq == pcb->rcv_nxt,
    };
    enum tcp_reasm_result result = TCP_REASM_LIMIT;

    if (CFG(tcp_queue_ooseq))
        result = insert(pcb, &a);
    if (a.p != NULL)
        pbuf_free(a.p);
    return result;
}

struct pbuf *tcp_reasm_take(struct tcp_pcb *pcb, u32_t *bytes, bool *fin)
{
    struct pbuf *head = NULL, **link = &head;
    struct tcp_seg *seg;
    u32_t next = pcb->rcv_nxt, total = 0;

    *fin = false;
    tcp_reasm_forget_before(pcb, next);
    while ((seg = pcb->ooseq) != NULL && seg->seq == next && total + seg->len <= 0xffff) {
        uncount(pcb, seg);
        pcb->ooseq = seg->next;
        total += seg->len;
        next = tcp_seg_end(seg);
        *fin = (seg->ctl & TCP_FIN) != 0;
        *link = seg->p;
        while (*link != NULL)
            link = &(*link)->next;
        seg->p = NULL;
        tcp_seg_free(seg);
    }
    if (pcb->ooseq == NULL)
        pcb->ooseq_tail = NULL;
    *bytes = total;
    for (struct pbuf *p = head; p != NULL; p = p->next) {
        p->tot_len = (u16_t)total;
        total -= p->len;
    }
    tcp_reasm_unreport_to(pcb, next);
    return head;
}

void tcp_reasm_forget_before(struct tcp_pcb *pcb, u32_t rcv_nxt)
{
    struct tcp_seg *seg;

    while ((seg = pcb->ooseq) != NULL && seq_leq(tcp_seg_end(seg), rcv_nxt)) {
        pcb->ooseq = seg->next;
        discard(pcb, seg);
    }
    if (seg == NULL)
        pcb->ooseq_tail = NULL;
    if (seg != NULL && seq_lt(seg->seq, rcv_nxt)) {
        u16_t gone = (u16_t)(rcv_nxt - seg->seq);
        uncount(pcb, seg);
        seg->p = pbuf_free_header(seg->p, gone);
        seg->seq = rcv_nxt;
        seg->len = (u16_t)(seg->len - gone);
        tcp_seg_mirror(seg, true);
        count(pcb, seg);
    }
    tcp_reasm_unreport_to(pcb, rcv_nxt);
}

void tcp_reasm_free(struct tcp_pcb *pcb)
{
    if (pcb->ooseq != NULL)
        drop_from(pcb, pcb->ooseq->seq);
}

#endif
