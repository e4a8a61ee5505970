/* udp/udp_checksum.c: the UDP and UDP-Lite checksum over a chain of pbufs. */
#include "stack/udp/udp_checksum.h"

#include "lwip/def.h"
#include "stack/wire/checksum.h"

#if LWIP_UDP && FAST_PATHS

u16_t udp_checksum(const struct pbuf *p, u8_t proto, u16_t length, u16_t covered,
                   const ip4_addr_t *src, const ip4_addr_t *dst)
{
    u32_t sum = checksum_pseudo((const uint8_t *)&src->addr, (const uint8_t *)&dst->addr, proto,
                                length);

    if (p->len >= covered)
        return PP_HTONS(checksum_fold(checksum_add(sum, p->payload, covered)));
    size_t offset = 0;
    for (; p != NULL && offset < covered; p = p->next) {
        size_t left = (size_t)covered - offset, piece = p->len < left ? p->len : left;
        sum = checksum_add_at(sum, p->payload, piece, offset);
        offset += piece;
    }
    return PP_HTONS(checksum_fold(sum));
}

#endif
