/* core/netif_news.h: what the rooms above hear of interfaces. Part of core/modules.h, which says
 * how rooms plug in. */
#ifndef STACK_CORE_NETIF_NEWS_H
#define STACK_CORE_NETIF_NEWS_H

#include "lwip/arch.h"
#include "lwip/err.h"
#include "lwip/etharp.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"

/* What core/netif_callback.c tells the rooms of an interface, the lower first (of its removal
 * last).
 *
 * added: set up per-interface state; may fail. announce: it is up and has link and an address:
 * announce it (gratuitous ARP, reports). went_down: the administrative state or the link: forget
 * what was learnt through it. addr_changed: the IPv4 address is about to change (either may be
 * 0.0.0.0); UDP, TCP and raw IP have lwIP's own functions for it. routes_changed: address, netmask
 * or gateway. neighbour_lost: ARP has asked for addr on it long enough and gives it up. removed:
 * give everything back. */
void link_netif_went_down(struct netif *netif);
void link_netif_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                             const ip_addr_t *new_addr);
#if LWIP_ACD
void link_netif_announce(struct netif *netif);
void link_netif_removed(struct netif *netif);
#elif LWIP_ARP /* there is no more to it */
static inline void link_netif_announce(struct netif *netif)
{
    if ((netif->flags & NETIF_FLAG_ETHARP) != 0)
        etharp_gratuitous(netif);
}
static inline void link_netif_removed(struct netif *netif)
{
    etharp_cleanup_netif(netif);
}
#else
static inline void link_netif_announce(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
static inline void link_netif_removed(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
#if LWIP_IGMP
err_t ipv4_netif_added(struct netif *netif);
void ipv4_netif_announce(struct netif *netif);
#else
static inline err_t ipv4_netif_added(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    return ERR_OK;
}
static inline void ipv4_netif_announce(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
/* IPv4 keeps something that goes with the addresses or the link of an interface. */
#define IPV4_HEARS_OF_ROUTES (LWIP_IP_REDIRECTS > 0 || LWIP_IP_DEAD_GATEWAY)
#if IPV4_HEARS_OF_ROUTES
void ipv4_netif_routes_changed(struct netif *netif);
void ipv4_netif_neighbour_lost(struct netif *netif, const ip4_addr_t *addr);
#else
static inline void ipv4_netif_routes_changed(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
static inline void ipv4_netif_neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(addr);
}
#endif
#if IPV4_HEARS_OF_ROUTES || LWIP_IGMP
void ipv4_netif_went_down(struct netif *netif);
#else
static inline void ipv4_netif_went_down(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
#if IPV4_HEARS_OF_ROUTES || LWIP_IGMP || LWIP_MULTICAST_TX_OPTIONS
void ipv4_netif_removed(struct netif *netif);
#else
static inline void ipv4_netif_removed(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
void udp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);
void tcp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);
void raw_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);

/* More listeners of an instance: told the same, behind the rooms (of a removal: before them), in
 * order of registration. a, b: old and new address, or the neighbour that was lost; else NULL. */
enum netif_news {
    NETIF_NEWS_ANNOUNCE,
    NETIF_NEWS_WENT_DOWN,
    NETIF_NEWS_ADDR_CHANGED,
    NETIF_NEWS_ROUTES_CHANGED, /* netmask or gateway */
    NETIF_NEWS_NEIGHBOUR_LOST,
    NETIF_NEWS_REMOVED
};
struct netif_listener {
    err_t (*added)(struct netif *netif); /* NULL: nothing to do */
    void (*hear)(enum netif_news news, struct netif *netif, const ip_addr_t *a,
                 const ip_addr_t *b);
};
#define NETIF_LISTENERS_MAX 8
void netif_listener_register(const struct netif_listener *listener); /* static const object */

/* For whoever resolves neighbours. addr may not lie in what a listener frees. */
#if LWIP_MODULES_MORE || IPV4_HEARS_OF_ROUTES
void netif_listeners_neighbour_lost(struct netif *netif, const ip4_addr_t *addr);
#else
static inline void netif_listeners_neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(addr);
}
#endif

#endif
