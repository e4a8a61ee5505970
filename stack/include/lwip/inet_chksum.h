/* lwip/inet_chksum.h: the Internet checksum, RFC 1071. Results are ready to be stored in a header
 * field by plain assignment (network byte order). */
#ifndef LWIP_HDR_INET_CHKSUM_H
#define LWIP_HDR_INET_CHKSUM_H

#include "lwip/ip_addr.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef SWAP_BYTES_IN_WORD
#define SWAP_BYTES_IN_WORD(w) (((w)&0xff) << 8) | (((w)&0xff00) >> 8)
#endif
#ifndef FOLD_U32T
#define FOLD_U32T(u) ((u32_t)(((u) >> 16) + ((u)&0x0000ffffUL)))
#endif

#if LWIP_CHECKSUM_ON_COPY
#ifndef LWIP_CHKSUM_COPY
#define LWIP_CHKSUM_COPY(dst, src, len) lwip_chksum_copy(dst, src, len)
#ifndef LWIP_CHKSUM_COPY_ALGORITHM
#define LWIP_CHKSUM_COPY_ALGORITHM 1
#endif
#endif
/* Copies and returns the plain (not complemented) sum. */
u16_t lwip_chksum_copy(void *dst, const void *src, u16_t len);
#else
#define LWIP_CHKSUM_COPY_ALGORITHM 0
#endif

u16_t inet_chksum(const void *dataptr, u16_t len);
u16_t inet_chksum_pbuf(struct pbuf *p);
/* With a pseudo header; chksum_len: how many octets of p are covered (UDP-Lite). */
u16_t inet_chksum_pseudo(struct pbuf *p, u8_t proto, u16_t proto_len, const ip4_addr_t *src,
                         const ip4_addr_t *dest);
u16_t inet_chksum_pseudo_partial(struct pbuf *p, u8_t proto, u16_t proto_len, u16_t chksum_len,
                                 const ip4_addr_t *src, const ip4_addr_t *dest);
static inline u16_t ip_chksum_pseudo(struct pbuf *p, u8_t proto, u16_t proto_len,
                                     const ip_addr_t *src, const ip_addr_t *dest)
{
    return inet_chksum_pseudo(p, proto, proto_len, ip_2_ip4(src), ip_2_ip4(dest));
}

static inline u16_t ip_chksum_pseudo_partial(struct pbuf *p, u8_t proto, u16_t proto_len,
                                             u16_t chksum_len, const ip_addr_t *src,
                                             const ip_addr_t *dest)
{
    return inet_chksum_pseudo_partial(p, proto, proto_len, chksum_len, ip_2_ip4(src),
                                      ip_2_ip4(dest));
}

#ifdef __cplusplus
}
#endif

#endif
