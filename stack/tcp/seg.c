/* tcp/seg.c: see seg.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/seg.h"

#include "lwip/memp.h"
#include "stack/core/instance.h"
#include "stack/tcp/tcp_local.h"
#include "stack/wire/bytes.h"

#include <string.h>

#if LWIP_TCP_MIRRORS
void tcp_seg_mirror(struct tcp_seg *seg, bool received)
{
    seg->tcphdr = &seg->header;
    if (received)
        seg->header.seqno = seg->seq;
    else
        put_be32((u8_t *)&seg->header.seqno, seg->seq);
    TCPH_HDRLEN_FLAGS_SET(&seg->header, 5, seg->ctl | TCP_ACK);
}
#endif

struct tcp_seg *tcp_seg_new(struct pbuf *p, u32_t seq, u8_t ctl, bool received)
{
    struct tcp_seg *seg = memp_malloc(MEMP_TCP_SEG);

    /* what is to be sent has nobody else to keep it; early data would only displace its like */
    while (TCP_QUEUE_OOSEQ && seg == NULL && !received && tcp_give_up_ooseq())
        seg = memp_malloc(MEMP_TCP_SEG);
    if (seg == NULL)
        return NULL;
    memset(seg, 0, sizeof *seg);
    seg->p = p;
    seg->seq = seq;
    if (p != NULL)
        seg->len = p->tot_len;
    seg->ctl = ctl;
    tcp_seg_mirror(seg, received);
    return seg;
}

void tcp_seg_free(struct tcp_seg *seg)
{
    if (seg == NULL)
        return;
    if (seg->p != NULL)
        pbuf_free(seg->p);
    memp_free(MEMP_TCP_SEG, seg);
}

bool tcp_seg_is_shared(const struct tcp_seg *seg)
{
    const struct pbuf *p = seg->p;

    while (p != NULL && p->ref == 1)
        p = p->next;
    return p != NULL;
}

void tcp_segs_free(struct tcp_seg *list)
{
    while (list != NULL) {
        struct tcp_seg *next = list->next;
        tcp_seg_free(list);
        list = next;
    }
}

#endif
