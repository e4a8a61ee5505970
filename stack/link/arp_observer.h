/* link/arp_observer.h: who else looks at received ARP packets.
 *
 * Address conflict detection does; AutoIP will ask here too. Called for every well-formed packet,
 * before the table learns from it. False: whoever was told has removed the interface. */
#ifndef STACK_LINK_ARP_OBSERVER_H
#define STACK_LINK_ARP_OBSERVER_H

#include "lwip/netif.h"
#include "stack/wire/arp.h"

#include <stdbool.h>

#if LWIP_ACD
bool arp_observe(struct netif *netif, const struct wire_arp *a);
#else
static inline bool arp_observe(struct netif *netif, const struct wire_arp *a)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(a);
    return true;
}
#endif

#endif
