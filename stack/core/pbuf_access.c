/* core/pbuf_access.c: single bytes of a chain, comparing and searching. Positions count from the
 * first byte of the chain; one that lies behind its end is answered, never asserted. */
#include "lwip/pbuf.h"

#include "stack/core/speed.h"

#include "lwip/debug.h"
#include "lwip/def.h"

#include <string.h>

int pbuf_try_get_at(const struct pbuf *p, u16_t offset)
{
    u16_t at;
    const struct pbuf *q = pbuf_skip(LWIP_CONST_CAST(struct pbuf *, p), offset, &at);
    return q == NULL ? -1 : ((const u8_t *)q->payload)[at];
}

u8_t pbuf_get_at(const struct pbuf *p, u16_t offset)
{
    int byte = pbuf_try_get_at(p, offset);
    return byte < 0 ? 0 : (u8_t)byte;
}

void pbuf_put_at(struct pbuf *p, u16_t offset, u8_t data)
{
    pbuf_take_at(p, &data, 1, offset);
}

/* 0: equal; 0xFFFF: the chain is too short, or they differ too far behind; else the position of
 * the first difference plus 1. */
u16_t pbuf_memcmp(const struct pbuf *p, u16_t offset, const void *s2, u16_t n)
{
    const u8_t *other = s2;
    if (p->tot_len < (u32_t)offset + n)
        return 0xFFFF;
    if (FAST_PATHS)
        p = pbuf_skip(LWIP_CONST_CAST(struct pbuf *, p), offset, &offset);
    for (unsigned i = 0; i < n; i++)
        if (pbuf_try_get_at(p, (u16_t)(offset + i)) != other[i])
            return (u16_t)LWIP_MIN(i + 1, 0xFFFF);
    return 0;
}

/* Where `mem` begins in the chain, from start_offset on; 0xFFFF: nowhere. */
u16_t pbuf_memfind(const struct pbuf *p, const void *mem, u16_t mem_len, u16_t start_offset)
{
    for (unsigned i = start_offset; i + mem_len <= p->tot_len; i++)
        if (pbuf_memcmp(p, (u16_t)i, mem, mem_len) == 0)
            return (u16_t)i;
    return 0xFFFF;
}

u16_t pbuf_strstr(const struct pbuf *p, const char *substr)
{
    size_t len = substr == NULL ? 0 : strlen(substr);
    if (len == 0 || len > p->tot_len)
        return 0xFFFF;
    return pbuf_memfind(p, substr, (u16_t)len, 0);
}
