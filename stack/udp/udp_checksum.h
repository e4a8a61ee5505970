/* udp/udp_checksum.h: the UDP and UDP-Lite checksum over a chain of pbufs. */
#ifndef STACK_UDP_UDP_CHECKSUM_H
#define STACK_UDP_UDP_CHECKSUM_H

#include "lwip/inet_chksum.h"
#include "lwip/ip4_addr.h"
#include "lwip/pbuf.h"
#include "stack/core/speed.h"

/* Complemented sum in memory order over the pseudo header and the first `covered` bytes at p's
 * payload (UDP header first). `length` goes into the pseudo header: for UDP-Lite it is IP's
 * [RFC3828 3.2]. 0 over data with a right checksum in it [RFC768], [RFC3828 3.1].
 * -Os: lwIP's functions serve, which all of its API needs anyway. */
#if FAST_PATHS
u16_t udp_checksum(const struct pbuf *p, u8_t proto, u16_t length, u16_t covered,
                   const ip4_addr_t *src, const ip4_addr_t *dst);
#else
static inline u16_t udp_checksum(struct pbuf *p, u8_t proto, u16_t length, u16_t covered,
                                 const ip4_addr_t *src, const ip4_addr_t *dst)
{
    return covered == length ? inet_chksum_pseudo(p, proto, length, src, dst)
                             : inet_chksum_pseudo_partial(p, proto, length, covered, src, dst);
}
#endif

#endif
