/* core/pbuf_shape.h: sizes and checks that the pbuf files share, and the check of a chain. */
#ifndef STACK_CORE_PBUF_SHAPE_H
#define STACK_CORE_PBUF_SHAPE_H

#include "lwip/pbuf.h"

/* Bytes from a pbuf to the earliest place its payload may have. */
#define PBUF_STRUCT_SIZE LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf))

/* NULL, or which invariant the packet `p` (one packet, not a queue) breaks: each tot_len is the
 * len of its pbuf plus the tot_len of the next. */
const char *pbuf_chain_wrong(const struct pbuf *p);

#endif
