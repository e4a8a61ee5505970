/* link/arp_observer.c: passes received ARP packets on to those who watch for conflicts. */
#include "stack/link/arp_observer.h"

#include "stack/link/acd_conflict.h"

#if LWIP_ARP && LWIP_ACD

bool arp_observe(struct netif *netif, const struct wire_arp *a)
{
    u8_t index = netif_get_index(netif);

    acd_observe(netif, a);
    return netif_get_by_index(index) == netif;
}

#endif
