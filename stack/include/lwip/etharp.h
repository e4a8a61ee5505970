/* lwip/etharp.h: ARP, RFC 826: IPv4 neighbours on Ethernet. */
#ifndef LWIP_HDR_NETIF_ETHARP_H
#define LWIP_HDR_NETIF_ETHARP_H

#include "lwip/opt.h"

#if LWIP_ARP || LWIP_ETHERNET
#include "lwip/ip4.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"

#if LWIP_IPV4 && LWIP_ARP

#include "lwip/prot/etharp.h"

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARP_TMR_INTERVAL 1000 /* ms */

#if ARP_QUEUEING
struct etharp_q_entry {
    struct etharp_q_entry *next;
    struct pbuf *p;
};
#endif

#define etharp_init()
void etharp_tmr(void);
/* Index of the stable entry, -1: none; *eth_ret and *ip_ret point into the table. */
ssize_t etharp_find_addr(struct netif *netif, const ip4_addr_t *ipaddr, struct eth_addr **eth_ret,
                         const ip4_addr_t **ip_ret);
/* 1: entry i is in use and its parts were stored. */
int etharp_get_entry(size_t i, ip4_addr_t **ipaddr, struct netif **netif,
                     struct eth_addr **eth_ret);
/* netif->output of Ethernet interfaces; the caller keeps q. */
err_t etharp_output(struct netif *netif, struct pbuf *q, const ip4_addr_t *ipaddr);
/* Asks for ipaddr if it is not known; q (may be NULL) is sent or queued, the caller keeps it. */
err_t etharp_query(struct netif *netif, const ip4_addr_t *ipaddr, struct pbuf *q);
err_t etharp_request(struct netif *netif, const ip4_addr_t *ipaddr);
/* An announcement of our own address. */
#define etharp_gratuitous(netif) etharp_request((netif), netif_ip4_addr(netif))
void etharp_cleanup_netif(struct netif *netif);

#if ETHARP_SUPPORT_STATIC_ENTRIES
err_t etharp_add_static_entry(const ip4_addr_t *ipaddr, struct eth_addr *ethaddr);
err_t etharp_remove_static_entry(const ip4_addr_t *ipaddr);
#endif

#if LWIP_ACD
/* RFC 5227 probe (sender 0.0.0.0) and announcement. */
err_t etharp_acd_probe(struct netif *netif, const ip4_addr_t *ipaddr);
err_t etharp_acd_announce(struct netif *netif, const ip4_addr_t *ipaddr);
#endif

/* p begins with the ARP header and is taken over. */
void etharp_input(struct pbuf *p, struct netif *netif);

#ifdef __cplusplus
}
#endif

#endif
#endif
#endif
