/* core/pbuf_header.c: the payload pointer moves: headers in front of it are shown and hidden.
 *
 * Adding is refused (1) when the space is not the pbuf's, or tot_len would overflow; the forced
 * variant believes the caller for payloads that lie elsewhere. Removing is refused when the pbuf
 * does not hold that much. Nothing changes when a call is refused. */
#include "lwip/pbuf.h"

#include "stack/core/pbuf_shape.h"

#include "lwip/debug.h"

#include <stdbool.h>

static u8_t add(struct pbuf *p, size_t size, bool force)
{
    LWIP_ASSERT("pbuf_add_header: no pbuf", p != NULL);
    if (p == NULL || size > 0xFFFFu - p->tot_len)
        return 1;
    if (p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) {
        if (size > (size_t)((u8_t *)p->payload - ((u8_t *)p + PBUF_STRUCT_SIZE)))
            return 1;
    } else if (!force && size != 0) {
        return 1;
    }
    p->payload = (u8_t *)p->payload - size;
    p->len = (u16_t)(p->len + size);
    p->tot_len = (u16_t)(p->tot_len + size);
    return 0;
}

u8_t pbuf_add_header(struct pbuf *p, size_t header_size_increment)
{
    return add(p, header_size_increment, false);
}

u8_t pbuf_add_header_force(struct pbuf *p, size_t header_size_increment)
{
    return add(p, header_size_increment, true);
}

u8_t pbuf_remove_header(struct pbuf *p, size_t header_size)
{
    LWIP_ASSERT("pbuf_remove_header: no pbuf", p != NULL);
    if (p == NULL)
        return 1;
    LWIP_ERROR("pbuf_remove_header: more than the pbuf holds", header_size <= p->len, return 1;);
    p->payload = (u8_t *)p->payload + header_size;
    p->len = (u16_t)(p->len - header_size);
    p->tot_len = (u16_t)(p->tot_len - header_size);
    return 0;
}

static u8_t move(struct pbuf *p, s16_t header_size, bool force)
{
    if (header_size < 0)
        return pbuf_remove_header(p, (size_t)-(int)header_size);
    return add(p, (size_t)header_size, force);
}

u8_t pbuf_header(struct pbuf *p, s16_t header_size)
{
    return move(p, header_size, false);
}

u8_t pbuf_header_force(struct pbuf *p, s16_t header_size)
{
    return move(p, header_size, true);
}

/* Cuts `size` bytes off the front; pbufs that become empty by it are freed. Returns the new
 * first pbuf, NULL when nothing is left. */
struct pbuf *pbuf_free_header(struct pbuf *q, u16_t size)
{
    unsigned left = size;
    while (left > 0 && q != NULL) {
        if (left < q->len) {
            pbuf_remove_header(q, left);
            break;
        }
        struct pbuf *gone = q;
        left -= q->len;
        q = q->next;
        gone->next = NULL;
        pbuf_free(gone);
    }
    return q;
}
