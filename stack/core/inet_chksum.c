/* core/inet_chksum.c: lwIP's checksum functions over wire/checksum.h. Values are as they stand in
 * a packet: they can be stored as they are, and a sum over data with a right checksum is 0. */
#include "lwip/inet_chksum.h"

#include "stack/wire/checksum.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"

#include <string.h>

static u16_t as_stored(u32_t sum)
{
    return lwip_htons(checksum_fold(sum));
}

/* Adds the first `len` bytes of the chain; fewer if it ends. */
static u32_t add_chain(u32_t sum, const struct pbuf *p, u32_t len)
{
    size_t offset = 0;
    for (; p != NULL && offset < len; p = p->next) {
        size_t n = LWIP_MIN(p->len, len - offset);
        sum = checksum_add_at(sum, p->payload, n, offset);
        offset += n;
    }
    return sum;
}

u16_t inet_chksum(const void *dataptr, u16_t len)
{
    return lwip_htons(checksum_bytes(dataptr, len));
}

u16_t inet_chksum_pbuf(struct pbuf *p)
{
    return as_stored(add_chain(0, p, 0xFFFFFFFFu));
}

#if LWIP_IPV4
u16_t inet_chksum_pseudo(struct pbuf *p, u8_t proto, u16_t proto_len, const ip4_addr_t *src,
                         const ip4_addr_t *dest)
{
    return inet_chksum_pseudo_partial(p, proto, proto_len, 0xFFFF, src, dest);
}

u16_t inet_chksum_pseudo_partial(struct pbuf *p, u8_t proto, u16_t proto_len, u16_t chksum_len,
                                 const ip4_addr_t *src, const ip4_addr_t *dest)
{
    u32_t sum = checksum_pseudo((const u8_t *)&src->addr, (const u8_t *)&dest->addr, proto,
                                proto_len);
    return as_stored(add_chain(sum, p, chksum_len));
}
#endif

#if LWIP_CHKSUM_COPY_ALGORITHM
/* Copies and returns the sum, not complemented, as a partial sum for FOLD_U32T(). */
u16_t lwip_chksum_copy(void *dst, const void *src, u16_t len)
{
    MEMCPY(dst, src, len);
    return (u16_t)~inet_chksum(dst, len);
}
#endif
