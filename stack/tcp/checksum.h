/* tcp/checksum.h: the TCP checksum over a chain of pbufs [RFC9293 3.1]. */
#ifndef STACK_TCP_CHECKSUM_H
#define STACK_TCP_CHECKSUM_H

#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"
#include "stack/tcp/leaves.h"
#include "stack/wire/checksum.h"

#define TCP_PROTO 6u

/* Complemented sum in host order over pseudo header and p: 0 when a right checksum is in it. */
TCP_LEAF u16_t tcp_checksum(const struct pbuf *p, const ip_addr_t *src, const ip_addr_t *dst);

#if !defined __OPTIMIZE_SIZE__ || defined TCP_LEAVES_HERE
TCP_LEAF u16_t tcp_checksum(const struct pbuf *p, const ip_addr_t *src, const ip_addr_t *dst)
{
    u32_t sum = checksum_pseudo((const u8_t *)&ip_2_ip4(src)->addr,
                                (const u8_t *)&ip_2_ip4(dst)->addr, TCP_PROTO, p->tot_len);
    size_t at = 0;

    for (const struct pbuf *q = p;; q = q->next) {
        sum = checksum_add_at(sum, q->payload, q->len, at);
        at += q->len;
        if (at >= p->tot_len)
            return checksum_fold(sum);
    }
}
#endif

#endif
