/* udp/udp_checksum.h: the UDP and UDP-Lite checksum over a chain of pbufs. */
#ifndef STACK_UDP_UDP_CHECKSUM_H
#define STACK_UDP_UDP_CHECKSUM_H

#include "lwip/ip4_addr.h"
#include "lwip/pbuf.h"

/* Complemented sum in host order over the pseudo header and the first `covered` bytes at p's
 * payload (UDP header first). `length` goes into the pseudo header: for UDP-Lite it is IP's
 * [RFC3828 3.2]. 0 over data with a right checksum in it [RFC768], [RFC3828 3.1]. */
u16_t udp_checksum(const struct pbuf *p, u8_t proto, u16_t length, u16_t covered,
                   const ip4_addr_t *src, const ip4_addr_t *dst);

#endif
