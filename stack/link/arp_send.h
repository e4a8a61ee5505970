/* link/arp_send.h: the ARP packets this stack sends.
 *
 * ERR_MEM: no buffer (counted as etharp.memerr); otherwise what the driver said. */
#ifndef STACK_LINK_ARP_SEND_H
#define STACK_LINK_ARP_SEND_H

#include "lwip/err.h"
#include "lwip/netif.h"
#include "stack/wire/arp.h"

/* Asks who has *target; to: six bytes, the broadcast address or the owner's last known one. */
err_t arp_send_request(struct netif *netif, const ip4_addr_t *target, const u8_t *to);

/* Sends p, with room for the header in front, from the interface's own address to six bytes. */
err_t arp_send_from(struct netif *netif, struct pbuf *p, const u8_t *to, u16_t eth_type);

/* Answers `request`, by unicast to the hardware address it names as its sender. */
err_t arp_send_reply(struct netif *netif, const struct wire_arp *request);

#endif
