/* link/arp_api.c: the table as applications see it. Positions are stable while an entry lives. */
#include "lwip/etharp.h"
#include "stack/link/arp_table.h"

#if LWIP_ARP

ssize_t etharp_find_addr(struct netif *netif, const ip4_addr_t *ipaddr, struct eth_addr **eth_ret,
                         const ip4_addr_t **ip_ret)
{
    LWIP_ERROR_ASSERTED("etharp_find_addr: arguments",
                        ipaddr != NULL && eth_ret != NULL && ip_ret != NULL, return -1);
    struct arp_entry *e = arp_table_find(netif, ipaddr->addr);
    if (e == NULL || !arp_entry_resolved(e))
        return -1;
    *eth_ret = (struct eth_addr *)e->mac;
    *ip_ret = &e->ip;
    return (ssize_t)arp_entry_index(e);
}

int etharp_get_entry(size_t i, ip4_addr_t **ipaddr, struct netif **netif,
                     struct eth_addr **eth_ret)
{
    LWIP_ERROR_ASSERTED("etharp_get_entry: arguments",
                        ipaddr != NULL && netif != NULL && eth_ret != NULL, return 0);
    struct arp_entry *e = arp_table_at(i);
    if (e == NULL || !arp_entry_resolved(e))
        return 0;
    *ipaddr = &e->ip;
    *netif = e->netif;
    *eth_ret = (struct eth_addr *)e->mac;
    return 1;
}

static bool flush_entry(struct arp_entry *e, void *netif)
{
    if (e->netif == netif)
        arp_table_release(e, DROP_arp_flushed);
    return true;
}

void arp_forget(const struct netif *netif, enum arp_state end)
{
    arp_table_walk(end, flush_entry, LWIP_CONST_CAST(struct netif *, netif));
}

void etharp_cleanup_netif(struct netif *netif)
{
    arp_forget(netif, ARP_STATES);
}

#endif
