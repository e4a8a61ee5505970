/* core/pbuf_chain.c: joining and parting chains. */
#include "lwip/pbuf.h"

#include "stack/core/pbuf_shape.h"

#include "lwip/debug.h"

u16_t pbuf_clen(const struct pbuf *p)
{
    unsigned n = 0;
    for (; p != NULL; p = p->next)
        n++;
    return (u16_t)n;
}

/* The caller's reference to `tail` becomes the chain's. */
void pbuf_cat(struct pbuf *head, struct pbuf *tail)
{
    LWIP_ERROR("pbuf_cat: a chain is missing", head != NULL && tail != NULL, return;);
    struct pbuf *p = head;
    for (;;) {
        LWIP_ASSERT("pbuf_cat: the first chain is a queue of packets",
                    p->next != NULL || p->tot_len == p->len);
        p->tot_len = (u16_t)(p->tot_len + tail->tot_len);
        if (p->next == NULL)
            break;
        p = p->next;
    }
    p->next = tail;
}

/* The caller keeps its reference to `tail`. */
void pbuf_chain(struct pbuf *head, struct pbuf *tail)
{
    pbuf_cat(head, tail);
    pbuf_ref(tail);
}

/* Takes the first pbuf out of its chain. Returns the rest, NULL if that has gone because nobody
 * else refers to it. */
struct pbuf *pbuf_dechain(struct pbuf *p)
{
    struct pbuf *q = p->next;
    if (q == NULL) {
        LWIP_ASSERT("pbuf_dechain: tot_len of a single pbuf", p->tot_len == p->len);
        return NULL;
    }
    LWIP_ASSERT("pbuf_dechain: tot_len is not len plus the rest",
                q->tot_len == p->tot_len - p->len);
    p->next = NULL;
    p->tot_len = p->len;
    return pbuf_free(q) > 0 ? NULL : q;
}

#if LWIP_TCP && TCP_QUEUE_OOSEQ && LWIP_WND_SCALE
/* A queue of bytes may be longer than tot_len can say: TCP's refused data. The front part, at
 * most 65535 bytes, stays with `p`; what does not fit becomes `*rest`. */
void pbuf_split_64k(struct pbuf *p, struct pbuf **rest)
{
    *rest = NULL;
    if (p == NULL || p->next == NULL)
        return;
    u32_t front = p->len;
    struct pbuf *last = p;
    while (last->next != NULL && front + last->next->len <= 0xFFFF) {
        last = last->next;
        front += last->len;
    }
    struct pbuf *r = last->next;
    if (r == NULL)
        return;
    last->next = NULL;
    /* each tot_len counted modulo 2^16 up to the very end: take the rest out again */
    for (struct pbuf *q = p; q != NULL; q = q->next)
        q->tot_len = (u16_t)(q->tot_len - r->tot_len);
    if (p->flags & PBUF_FLAG_TCP_FIN)
        r->flags |= PBUF_FLAG_TCP_FIN;
    LWIP_ASSERT("pbuf_split_64k: the front part is no whole packet",
                last->tot_len == last->len && p->tot_len == front);
    *rest = r;
}
#endif

/* The pbuf that byte `in_offset` is in, and where in it; NULL: the chain ends before. */
static const struct pbuf *skip(const struct pbuf *p, u16_t in_offset, u16_t *out_offset)
{
    unsigned left = in_offset;
    while (p != NULL && p->len <= left) {
        left -= p->len;
        p = p->next;
    }
    if (out_offset != NULL)
        *out_offset = (u16_t)left;
    return p;
}

struct pbuf *pbuf_skip(struct pbuf *in, u16_t in_offset, u16_t *out_offset)
{
    return LWIP_CONST_CAST(struct pbuf *, skip(in, in_offset, out_offset));
}
