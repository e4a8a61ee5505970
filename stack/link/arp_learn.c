/* link/arp_learn.c: entries made and changed: by the wire, and by the application's own hand. */
#include "stack/link/arp_learn.h"

#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"
#include "stack/link/arp_queue.h"
#include "stack/link/arp_send.h"
#include "stack/link/arp_table.h"

#include <string.h>

#if LWIP_ARP

/* The pair is known: state first, then the packets that waited for it. mac lasts longer than the
 * call. */
static void resolve(struct arp_entry *e, const u8_t *mac, enum arp_state state)
{
    struct netif *netif = e->netif;
    struct pbuf *p;

    MEMCPY(e->mac, mac, ETH_HWADDR_LEN);
    /* Off the entry before it is on the list of stable ones: those have nothing that waits. The
     * entry may be gone before all packets are. */
    struct arp_waiting waiting = e->waiting;
    e->waiting = (struct arp_waiting){.held = NULL};
    arp_table_set(e, state);
    while ((p = arp_queue_take(&waiting)) != NULL) {
        arp_send_from(netif, p, mac, ETHTYPE_IP);
        pbuf_free(p);
    }
}

void arp_learn(struct netif *netif, u32_t ip, const u8_t *mac, bool add)
{
    struct arp_entry *e = arp_table_find(netif, ip);

    if (e == NULL && add)
        e = arp_table_claim(netif, ip);
    if (e != NULL && e->state != ARP_STATE_STATIC)
        resolve(e, mac, ARP_STATE_STABLE);
}

#if ETHARP_SUPPORT_STATIC_ENTRIES
/* The interface whose network ip is on; else the default one. What ip4_route() would say of a
 * neighbour, without asking the layer above. */
static struct netif *netif_towards(const ip4_addr_t *ip)
{
    struct netif *netif;

    NETIF_FOREACH(netif) {
        if (netif_is_up(netif) && netif_is_link_up(netif) &&
            !ip4_addr_isany_val(*netif_ip4_addr(netif)) &&
            ip4_addr_net_eq(ip, netif_ip4_addr(netif), netif_ip4_netmask(netif)))
            return netif;
    }
    netif = netif_default;
    return netif != NULL && netif_is_up(netif) && netif_is_link_up(netif) ? netif : NULL;
}

/* ERR_RTE: ip is on no network of ours; ERR_ARG: not a host's address; ERR_MEM: table full;
 * ERR_VAL: static entries are switched off for this instance. */
err_t etharp_add_static_entry(const ip4_addr_t *ipaddr, struct eth_addr *ethaddr)
{
    LWIP_ERROR("etharp_add_static_entry: arguments", ipaddr != NULL && ethaddr != NULL,
               return ERR_ARG);
    if (!CFG(etharp_support_static_entries))
        return ERR_VAL;
    struct netif *netif = netif_towards(ipaddr);
    if (netif == NULL)
        return ERR_RTE;
    if (ip4_addr_isany(ipaddr) || ip4_addr_isbroadcast(ipaddr, netif) ||
        ip4_addr_ismulticast(ipaddr))
        return ERR_ARG;
    struct arp_entry *e = arp_table_find(netif, ipaddr->addr);
    if (e == NULL)
        e = arp_table_claim(netif, ipaddr->addr);
    if (e == NULL)
        return ERR_MEM;
    resolve(e, ethaddr->addr, ARP_STATE_STATIC);
    return ERR_OK;
}

/* ERR_MEM: no such entry; ERR_ARG: there is one, but it is not static. */
err_t etharp_remove_static_entry(const ip4_addr_t *ipaddr)
{
    LWIP_ERROR("etharp_remove_static_entry: ipaddr", ipaddr != NULL, return ERR_ARG);
    struct arp_entry *e = arp_table_find(NULL, ipaddr->addr);
    if (e == NULL)
        return ERR_MEM;
    if (e->state != ARP_STATE_STATIC)
        return ERR_ARG;
    arp_table_release(e, DROP_arp_flushed);
    return ERR_OK;
}
#endif

#endif
