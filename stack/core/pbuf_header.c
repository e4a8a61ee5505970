/* core/pbuf_header.c: the payload pointer moves: headers in front of it are shown and hidden.
 *
 * Adding is refused (1) when the space is not the pbuf's, or tot_len would overflow; the forced
 * variant believes the caller for payloads that lie elsewhere. Removing is refused when the pbuf
 * does not hold that much. Nothing changes when a call is refused. */
#include "lwip/pbuf.h"

#include "stack/core/pbuf_shape.h"

#include "lwip/debug.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `more` bytes more are shown, or less. */
static u8_t move(struct pbuf *p, ptrdiff_t more, bool force)
{
    LWIP_ASSERT("pbuf_header: no pbuf", p != NULL);
    if (p == NULL)
        return 1;
    size_t len = p->len + (size_t)more, tot_len = p->tot_len + (size_t)more;
    if ((len | tot_len) > 0xFFFF) {
        LWIP_ERROR("pbuf_remove_header: more than the pbuf holds", more >= 0, return 1;);
        return 1;
    }
    if (p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) {
        if (more > (u8_t *)p->payload - ((u8_t *)p + PBUF_STRUCT_SIZE))
            return 1;
    } else if (more > 0 && !force) {
        return 1;
    }
    p->payload = (u8_t *)p->payload - more;
    p->len = (u16_t)len;
    p->tot_len = (u16_t)tot_len;
    return 0;
}

/* A size that was meant to be negative is too large, and does not turn the direction round. */
static ptrdiff_t signed_of(size_t size)
{
    return (ptrdiff_t)(size & PTRDIFF_MAX);
}

u8_t pbuf_add_header(struct pbuf *p, size_t header_size_increment)
{
    return move(p, signed_of(header_size_increment), false);
}

u8_t pbuf_add_header_force(struct pbuf *p, size_t header_size_increment)
{
    return move(p, signed_of(header_size_increment), true);
}

u8_t pbuf_remove_header(struct pbuf *p, size_t header_size)
{
    return move(p, -signed_of(header_size), false);
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
