/* link/arp_send.h: the ARP packets this stack sends.
 *
 * ERR_MEM: no buffer (counted as etharp.memerr); otherwise what the driver said. Addresses are
 * IPv4 addresses in host order. */
#ifndef STACK_LINK_ARP_SEND_H
#define STACK_LINK_ARP_SEND_H

#include "lwip/err.h"
#include "lwip/netif.h"
#include "stack/wire/arp.h"

/* Asks who has target_ip; to: six bytes, the broadcast address or the owner's last known one. */
err_t arp_send_request(struct netif *netif, u32_t target_ip, const u8_t *to);

/* Answers `request`, by unicast to the hardware address it names as its sender. */
err_t arp_send_reply(struct netif *netif, const struct wire_arp *request);

#endif
