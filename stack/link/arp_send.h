/* link/arp_send.h: the ARP packets this stack sends.
 *
 * ERR_MEM: no buffer (counted as etharp.memerr); otherwise what the driver said. */
#ifndef STACK_LINK_ARP_SEND_H
#define STACK_LINK_ARP_SEND_H

#include "lwip/err.h"
#include "lwip/netif.h"
#include "stack/wire/arp.h"

enum arp_kind {
    ARP_SEND_QUESTION = WIRE_ARP_REQUEST,
    ARP_SEND_REPLY = WIRE_ARP_REPLY,
    ARP_SEND_PROBE,       /* a question from 0.0.0.0 [RFC5227 2.1.1] */
    ARP_SEND_ANNOUNCEMENT /* a question for the sender's own address [RFC5227 2.3] */
};

/* `target`: the address asked for, or who is answered, as in an ip4_addr_t. to: six bytes, for a
 * question the broadcast address or the owner's last known one; the asker's for a reply, which is
 * not broadcast [RFC5227 2.6]. */
err_t arp_send(struct netif *netif, u32_t target, const u8_t *to, enum arp_kind kind);

/* Sends p, with room for the header in front, from the interface's own address to six bytes. */
err_t arp_send_from(struct netif *netif, struct pbuf *p, const u8_t *to, u16_t eth_type);

#endif
