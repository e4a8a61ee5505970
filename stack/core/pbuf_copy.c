/* core/pbuf_copy.c: bytes move between chains and flat memory. */
#include "lwip/pbuf.h"

#include "stack/core/pbuf_shape.h"
#include "stack/core/speed.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/inet_chksum.h"

#include <stdbool.h>
#include <string.h>

err_t pbuf_copy(struct pbuf *p_to, const struct pbuf *p_from)
{
    LWIP_ERROR("pbuf_copy: nothing to copy from", p_from != NULL, return ERR_ARG;);
    return pbuf_copy_partial_pbuf(p_to, p_from, p_from->tot_len, 0);
}

/* What `other` is, and which way the bytes go. */
enum { TO_MEMORY, FROM_MEMORY, FROM_PBUF };

/* Up to len bytes move between `other`, from its beginning on, and `p`, from byte `at` on; returns
 * how many, fewer where a chain ends. */
static u16_t transfer(const struct pbuf *p, void *other, unsigned len, unsigned at, int how)
{
    unsigned done = 0;
    for (; p != NULL && done < len; p = p->next) {
        if (at >= p->len) {
            at -= p->len;
            continue;
        }
        unsigned n = LWIP_MIN(p->len - at, len - done);
        void *here = (u8_t *)p->payload + at, *there = (u8_t *)other + done;
        if (how == TO_MEMORY)
            MEMCPY(there, here, n);
        else if (how == FROM_MEMORY)
            MEMCPY(here, there, n);
        else if (pbuf_copy_partial(other, here, (u16_t)n, (u16_t)done) != n)
            break;
        done += n;
        at = 0;
    }
    return (u16_t)done;
}

/* The first copy_len bytes of p_from go to p_to, from byte `offset` on. ERR_ARG: one of the two is
 * too short. */
err_t pbuf_copy_partial_pbuf(struct pbuf *p_to, const struct pbuf *p_from, u16_t copy_len,
                             u16_t offset)
{
    LWIP_ERROR("pbuf_copy_partial_pbuf: source is too short",
               p_from != NULL && p_from->tot_len >= copy_len, return ERR_ARG;);
    LWIP_ERROR("pbuf_copy_partial_pbuf: target is too short",
               p_to != NULL && p_to->tot_len >= (u32_t)copy_len + offset, return ERR_ARG;);
    struct pbuf *from = LWIP_CONST_CAST(struct pbuf *, p_from);
    u16_t done = transfer(p_to, from, copy_len, offset, FROM_PBUF);
    LWIP_ERROR("pbuf_copy_partial_pbuf: a chain ends early", done == copy_len, return ERR_ARG;);
    return ERR_OK;
}

/* Copies up to len bytes from byte `offset` on; returns how many there were. */
u16_t pbuf_copy_partial(const struct pbuf *p, void *dataptr, u16_t len, u16_t offset)
{
    LWIP_ERROR("pbuf_copy_partial: no pbuf", p != NULL, return 0;);
    LWIP_ERROR("pbuf_copy_partial: nowhere to copy to", dataptr != NULL, return 0;);
    return transfer(p, dataptr, len, offset, TO_MEMORY);
}

/* len bytes from byte `offset` on in one piece: where they are, or copied into buffer; NULL: there
 * are not that many, or they are in pieces and there is no buffer. */
void *pbuf_get_contiguous(const struct pbuf *p, void *buffer, size_t bufsize, u16_t len,
                          u16_t offset)
{
    u16_t at;
    LWIP_ERROR("pbuf_get_contiguous: no pbuf", p != NULL, return NULL;);
    LWIP_ERROR("pbuf_get_contiguous: buffer is too small", buffer == NULL || bufsize >= len,
               return NULL;);
    const struct pbuf *q = pbuf_skip(LWIP_CONST_CAST(struct pbuf *, p), offset, &at);
    if (q == NULL)
        return NULL;
    if (q->len >= (u32_t)at + len)
        return (u8_t *)q->payload + at;
    if (buffer == NULL || pbuf_copy_partial(q, buffer, len, at) != len)
        return NULL;
    return buffer;
}

/* Flat bytes go to the front of a chain. ERR_MEM: it is too short. */
err_t pbuf_take(struct pbuf *buf, const void *dataptr, u16_t len)
{
    return pbuf_take_at(buf, dataptr, len, 0);
}

/* ERR_MEM also where the chain has no byte `offset`, unless that is 0. */
err_t pbuf_take_at(struct pbuf *buf, const void *dataptr, u16_t len, u16_t offset)
{
    LWIP_ERROR("pbuf_take_at: no pbuf", buf != NULL, return ERR_ARG;);
    LWIP_ERROR("pbuf_take_at: nothing to take", dataptr != NULL, return ERR_ARG;);
    unsigned bytes = buf->tot_len;
    if (bytes < (u32_t)offset + len || (bytes == offset && offset != 0))
        return ERR_MEM;
    u16_t done = transfer(buf, LWIP_CONST_CAST(void *, dataptr), len, offset, FROM_MEMORY);
    LWIP_UNUSED_ARG(done); /* without assertions */
    LWIP_ASSERT("pbuf_take_at: chain is shorter than its tot_len", done == len);
    return ERR_OK;
}

/* The chain in one piece. On lack of memory `p` comes back as it is. */
struct pbuf *pbuf_coalesce(struct pbuf *p, pbuf_layer layer)
{
    if (p->next == NULL)
        return p;
    struct pbuf *q = pbuf_clone(layer, PBUF_RAM, p);
    if (q == NULL)
        return p;
    pbuf_free(p);
    return q;
}

struct pbuf *pbuf_clone(pbuf_layer layer, pbuf_type type, struct pbuf *p)
{
    struct pbuf *q = pbuf_alloc(layer, p->tot_len, type);
    if (q == NULL)
        return NULL;
    if (pbuf_copy(q, p) != ERR_OK) {
        pbuf_free(q);
        return NULL;
    }
    return q;
}

#if LWIP_CHECKSUM_ON_COPY
err_t pbuf_fill_chksum(struct pbuf *p, u16_t start_offset, const void *dataptr, u16_t len,
                       u16_t *chksum)
{
    LWIP_ASSERT("pbuf_fill_chksum: an argument is missing",
                p != NULL && dataptr != NULL && chksum != NULL && len != 0);
    if ((u32_t)start_offset + len > p->len)
        return ERR_ARG;
    u32_t sum = LWIP_CHKSUM_COPY((u8_t *)p->payload + start_offset, dataptr, len);
    if (start_offset & 1)
        sum = SWAP_BYTES_IN_WORD(sum); /* bytes at odd places count in the other half */
    sum += *chksum;
    *chksum = (u16_t)FOLD_U32T(sum);
    return ERR_OK;
}
#endif
