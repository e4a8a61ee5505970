/* link/hooks.h: the user's macros of lwipopts.h that the link layer asks, as functions.
 *
 * Each exists whether or not the hook does, so that the code that asks has no #if in it. */
#ifndef STACK_LINK_HOOKS_H
#define STACK_LINK_HOOKS_H

#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"
#include "netif/ethernet.h"
#include "stack/wire/bytes.h"

#include <stdbool.h>

#ifdef LWIP_HOOK_FILENAME
#include LWIP_HOOK_FILENAME
#endif

/* NULL: no opinion */
#ifdef LWIP_HOOK_ETHARP_GET_GW
static inline const ip4_addr_t *arp_hook_gateway(struct netif *netif, const ip4_addr_t *dst)
{
    LWIP_UNUSED_ARG(netif); /* a hook need not look at both */
    LWIP_UNUSED_ARG(dst);
    return LWIP_HOOK_ETHARP_GET_GW(netif, dst);
}
#else
static inline const ip4_addr_t *arp_hook_gateway(struct netif *netif, const ip4_addr_t *dst)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(dst);
    return NULL;
}
#endif

/* The place where the sender of the current packet remembers its ARP entry, or NULL. */
#if LWIP_NETIF_USE_HINTS && LWIP_NETIF_HWADDRHINT
static inline u8_t *arp_hint(struct netif *netif)
{
    return netif->hints != NULL ? &netif->hints->addr_hint : NULL;
}
#else
static inline u8_t *arp_hint(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    return NULL;
}
#endif

/* frame: at the Ethernet header (and its padding); tag: at the TCI. true: the frame is for us */
#ifdef LWIP_HOOK_VLAN_CHECK
static inline bool ethernet_hook_vlan_check(struct netif *netif, void *frame, void *tag)
{
    struct eth_hdr *ethhdr = frame;
    struct eth_vlan_hdr *vlan = tag;
    LWIP_UNUSED_ARG(netif); /* a hook need not look at all of them */
    LWIP_UNUSED_ARG(ethhdr);
    LWIP_UNUSED_ARG(vlan);
    return LWIP_HOOK_VLAN_CHECK(netif, ethhdr, vlan) != 0;
}
#else
static inline bool ethernet_hook_vlan_check(struct netif *netif, void *frame, void *tag)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(frame);
    LWIP_UNUSED_ARG(tag);
    return true;
}
#endif

/* The TCI to send with, or a negative number for no tag. */
#if ETHARP_SUPPORT_VLAN && defined LWIP_HOOK_VLAN_SET
static inline s32_t ethernet_hook_vlan_set(struct netif *netif, struct pbuf *p,
                                           const struct eth_addr *src, const struct eth_addr *dst,
                                           u16_t eth_type)
{
    LWIP_UNUSED_ARG(netif); /* a hook need not look at all of them */
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(src);
    LWIP_UNUSED_ARG(dst);
    LWIP_UNUSED_ARG(eth_type);
    return LWIP_HOOK_VLAN_SET(netif, p, src, dst, eth_type);
}
#elif ETHARP_SUPPORT_VLAN && LWIP_VLAN_PCP
static inline s32_t ethernet_hook_vlan_set(struct netif *netif, struct pbuf *p,
                                           const struct eth_addr *src, const struct eth_addr *dst,
                                           u16_t eth_type)
{
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(src);
    LWIP_UNUSED_ARG(dst);
    LWIP_UNUSED_ARG(eth_type);
    return netif->hints != NULL ? netif->hints->tci : -1;
}
#else
static inline s32_t ethernet_hook_vlan_set(struct netif *netif, struct pbuf *p,
                                           const struct eth_addr *src, const struct eth_addr *dst,
                                           u16_t eth_type)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(src);
    LWIP_UNUSED_ARG(dst);
    LWIP_UNUSED_ARG(eth_type);
    return -1;
}
#endif

/* true: the hook took the frame over */
#ifdef LWIP_HOOK_UNKNOWN_ETH_PROTOCOL
static inline bool ethernet_hook_unknown(struct pbuf *p, struct netif *netif)
{
    LWIP_UNUSED_ARG(p); /* a hook need not look at both */
    LWIP_UNUSED_ARG(netif);
    return LWIP_HOOK_UNKNOWN_ETH_PROTOCOL(p, netif) == ERR_OK;
}
#else
static inline bool ethernet_hook_unknown(struct pbuf *p, struct netif *netif)
{
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(netif);
    return false;
}
#endif

/* The interface a frame really belongs to (LWIP_ARP_FILTER_NETIF: several share one MAC). */
#if LWIP_ARP_FILTER_NETIF
static inline struct netif *ethernet_hook_netif(struct pbuf *p, struct netif *netif, u16_t type)
{
    return LWIP_ARP_FILTER_NETIF_FN(p, netif, type);
}
#else
static inline struct netif *ethernet_hook_netif(struct pbuf *p, struct netif *netif, u16_t type)
{
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(type);
    return netif;
}
#endif

#endif
