/* tcp/reasm_hole.c: see reasm.h; where it has to be small: TCP_OOSEQ_OVERLAP 0.
 *
 * Of a segment only what fills the first hole that it reaches is kept; the peer sends the rest
 * again. So nothing that waits is ever changed, and the byte that came first stays by itself.
 * pcb->ooseq_tail is not kept up. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_QUEUE_OOSEQ && !TCP_OOSEQ_OVERLAP

#include "stack/tcp/reasm.h"

#include "stack/core/instance.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/tcp_local.h"

#define PBUFS_MAX 0xffffu /* what pcb->ooseq_pbufs can count; a window of 64 KB holds no more */

/* seg comes (1) or goes (-1). */
static void count(struct tcp_pcb *pcb, const struct tcp_seg *seg, int sign)
{
    if (TCP_COUNTS_EARLY)
        pcb->ooseq_bytes += (u32_t)(sign * seg->len);
    pcb->ooseq_pbufs = (u16_t)(pcb->ooseq_pbufs + sign * pbuf_clen(seg->p));
}

/* What closes the hole at RCV.NXT is never refused: with a full queue nothing would go on. */
static bool limit_refuses(const struct tcp_pcb *pcb, const struct tcp_seg *seg, bool in_order)
{
    u32_t max_bytes = CFG(tcp_ooseq_max_bytes), max_pbufs = CFG(tcp_ooseq_max_pbufs);
    u32_t pbufs = (u32_t)pcb->ooseq_pbufs + pbuf_clen(seg->p);

    if (LWIP_WND_SCALE && pbufs > PBUFS_MAX)
        return true;
    return !in_order && ((max_bytes != 0 && pcb->ooseq_bytes + seg->len > max_bytes) ||
                         (max_pbufs != 0 && pbufs > max_pbufs));
}

/* Leaves seg its bytes [from, to); false: nothing is left, no FIN either. */
static bool cut(struct tcp_seg *seg, u32_t from, u32_t to)
{
    if (seq_lt(to, from) || (to == from && seg->ctl == 0))
        return false;
    seg->p = pbuf_free_header(seg->p, (u16_t)(from - seg->seq));
    if (seg->p != NULL)
        pbuf_realloc(seg->p, (u16_t)(to - from));
    seg->seq = from;
    seg->len = (u16_t)(to - from);
    tcp_seg_mirror(seg, true);
    return true;
}

/* Cuts seg to what is new of it and puts it where that belongs; false: nothing is new. */
static bool place(struct tcp_pcb *pcb, struct tcp_seg *seg, bool in_order)
{
    struct tcp_seg **link = &pcb->ooseq, *next;
    u32_t from = seg->seq, to = from + seg->len;

    for (; (next = *link) != NULL && seq_leq(next->seq, from); link = &next->next) {
        if (next->ctl != 0) /* behind a FIN there is nothing */
            return false;
        from = seq_max(from, tcp_seg_end(next));
    }
    if (next != NULL && seg->ctl != 0 && in_order && seq_leq(to, next->seq)) {
        tcp_reasm_free(pcb); /* the connection ends here, whatever else was sent */
        link = &pcb->ooseq;
        next = NULL;
        from = seg->seq;
    }
    if (next != NULL) {
        seg->ctl = 0; /* a FIN before what is known to follow is not believed */
        to = seq_min(to, next->seq);
    }
    if (!cut(seg, from, to))
        return false;
    seg->next = next;
    *link = seg;
    count(pcb, seg, 1);
    return true;
}

enum tcp_reasm_result tcp_reasm_insert(struct tcp_pcb *pcb, struct pbuf *p, u32_t seq, bool fin)
{
    bool in_order = seq == pcb->rcv_nxt; /* worth more than what waits: that gives way */
    struct tcp_seg *seg = tcp_seg_new(p, seq, fin ? TCP_FIN : 0, !in_order);

    if (seg == NULL) {
        if (p != NULL)
            pbuf_free(p);
        return TCP_REASM_LIMIT;
    }
    bool refused = !CFG(tcp_queue_ooseq) || limit_refuses(pcb, seg, in_order);
    if (!refused && place(pcb, seg, in_order))
        return TCP_REASM_KEPT;
    tcp_seg_free(seg);
    return refused ? TCP_REASM_LIMIT : TCP_REASM_DUPLICATE;
}

struct pbuf *tcp_reasm_take(struct tcp_pcb *pcb, u32_t *bytes, bool *fin)
{
    struct pbuf *head = NULL;
    struct tcp_seg *seg;
    u32_t next = pcb->rcv_nxt, total = 0;

    *fin = false;
    while ((seg = pcb->ooseq) != NULL && seg->seq == next && total + seg->len <= 0xffff) {
        count(pcb, seg, -1);
        pcb->ooseq = seg->next;
        total += seg->len;
        next = tcp_seg_end(seg);
        *fin = seg->ctl != 0;
        if (head == NULL)
            head = seg->p;
        else if (seg->p != NULL)
            pbuf_cat(head, seg->p);
        seg->p = NULL;
        tcp_seg_free(seg);
    }
    *bytes = total;
    return head;
}

void tcp_reasm_free(struct tcp_pcb *pcb)
{
    tcp_segs_free(pcb->ooseq);
    pcb->ooseq = NULL;
    if (TCP_COUNTS_EARLY)
        pcb->ooseq_bytes = 0;
    pcb->ooseq_pbufs = 0;
}

#endif
