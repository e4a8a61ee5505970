/* link/arp_observer.c: passes received ARP packets on to those who watch for conflicts. */
#include "stack/link/arp_observer.h"

#include "stack/link/acd_conflict.h"

#if LWIP_ARP

void arp_observe(struct netif *netif, const struct wire_arp *a)
{
    acd_observe(netif, a);
}

#endif
