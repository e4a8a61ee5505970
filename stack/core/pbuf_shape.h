/* core/pbuf_shape.h: sizes and checks that the pbuf files share, and the check of a chain. */
#ifndef STACK_CORE_PBUF_SHAPE_H
#define STACK_CORE_PBUF_SHAPE_H

#include "lwip/debug.h"
#include "lwip/pbuf.h"

#include "stack/core/speed.h"

#include <stdbool.h>

/* Bytes from a pbuf to the earliest place its payload may have. */
#define PBUF_STRUCT_SIZE LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf))

/* What pbuf_add_header() and pbuf_remove_header() do nearly always, for the path of every frame.
 * push: `size` more bytes in front of the payload; false: there is no room, nothing was done. */
static inline bool pbuf_push(struct pbuf *p, size_t size)
{
    size_t room = (size_t)((const u8_t *)p->payload - ((const u8_t *)p + PBUF_STRUCT_SIZE));

    if (!FAST_PATHS || !(p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) || size > room ||
        size + p->tot_len > 0xffff)
        return pbuf_add_header(p, size) == 0;
    p->payload = (u8_t *)p->payload - size;
    p->len = (u16_t)(p->len + size);
    p->tot_len = (u16_t)(p->tot_len + size);
    return true;
}

/* `size` bytes fewer; the first pbuf holds them. */
static inline void pbuf_pull(struct pbuf *p, size_t size)
{
    LWIP_ASSERT("pbuf_pull: more than the pbuf holds", size <= p->len);
    if (!FAST_PATHS) {
        pbuf_remove_header(p, size);
        return;
    }
    p->payload = (u8_t *)p->payload + size;
    p->len = (u16_t)(p->len - size);
    p->tot_len = (u16_t)(p->tot_len - size);
}

/* NULL, or which invariant the packet `p` (one packet, not a queue) breaks: each tot_len is the
 * len of its pbuf plus the tot_len of the next. */
const char *pbuf_chain_wrong(const struct pbuf *p);

#endif
