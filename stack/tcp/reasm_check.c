/* tcp/reasm_check.c: is the queue of early data whole? For object checks; see reasm.h. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_QUEUE_OOSEQ

#include "stack/tcp/reasm.h"

#include "stack/core/pbuf_shape.h"
#include "stack/tcp/reasm_sack.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/tcp_local.h"

#if LWIP_TCP_MIRRORS
static const char *check_mirror(const struct tcp_seg *seg, bool fin)
{
    if (seg->tcphdr != &seg->header || seg->header.seqno != seg->seq ||
        ((TCPH_FLAGS(&seg->header) & TCP_FIN) != 0) != fin)
        return "ooseq: the header for lwIP's users says something else";
    return NULL;
}
#else
static const char *check_mirror(const struct tcp_seg *seg, bool fin)
{
    LWIP_UNUSED_ARG(seg);
    LWIP_UNUSED_ARG(fin);
    return NULL;
}
#endif

static const char *check_segment(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    bool fin = (seg->ctl & TCP_FIN) != 0;

    if ((seg->p == NULL) != (seg->len == 0) || (seg->p != NULL && seg->p->tot_len != seg->len))
        return "ooseq: a segment has other data than it says";
    if (seg->p != NULL && pbuf_chain_wrong(seg->p) != NULL)
        return pbuf_chain_wrong(seg->p);
    if (seg->len == 0 && !fin)
        return "ooseq: an empty segment";
    if (fin != (seg->next == NULL && fin))
        return "ooseq: a FIN with something behind it";
    if (seq_lt(seg->seq, pcb->rcv_nxt) || seq_gt(seg->seq + seg->len, pcb->rcv_nxt + pcb->rcv_wnd))
        return "ooseq: a segment outside of the window";
    if (seg->next != NULL && seq_lt(seg->next->seq, tcp_seg_end(seg)))
        return "ooseq: segments overlap or are not in order";
    return check_mirror(seg, fin);
}

const char *tcp_reasm_check(const struct tcp_pcb *pcb)
{
    const struct tcp_seg *last = NULL;
    u32_t bytes = 0, pbufs = 0;

    for (const struct tcp_seg *s = pcb->ooseq; s != NULL; s = s->next) {
        const char *wrong = check_segment(pcb, s);
        if (wrong != NULL)
            return wrong;
        bytes += s->len;
        pbufs += pbuf_clen(s->p);
        last = s;
    }
    if (TCP_OOSEQ_OVERLAP && last != pcb->ooseq_tail)
        return "ooseq: the tail is not the last segment";
    if ((TCP_COUNTS_EARLY && bytes != pcb->ooseq_bytes) || pbufs != pcb->ooseq_pbufs)
        return "ooseq: bytes or pbufs are miscounted";
    return tcp_reasm_check_blocks(pcb);
}

#endif
