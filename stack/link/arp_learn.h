/* link/arp_learn.h: what the table takes from a pair of addresses seen on the wire. */
#ifndef STACK_LINK_ARP_LEARN_H
#define STACK_LINK_ARP_LEARN_H

#include "lwip/netif.h"

#include <stdbool.h>

/* The entry for ip (as in an ip4_addr_t) on netif, if there is one, gets mac and a new life; a
 * static entry stays as it is. `add`: where there is none it is made, if a place can be had.
 * Packets that waited leave now, in order. */
void arp_learn(struct netif *netif, u32_t ip, const u8_t *mac, bool add);

#endif
