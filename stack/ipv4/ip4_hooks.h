/* ipv4/ip4_hooks.h: the application's hooks into IPv4, as functions.
 *
 * A hook is a macro in the user's lwipopts.h or in LWIP_HOOK_FILENAME; where there is none, a
 * function that does nothing stands in for it and vanishes. Ownership: ip4_hook_input() true means
 * that the hook took the pbuf. */
#ifndef STACK_IPV4_IP4_HOOKS_H
#define STACK_IPV4_IP4_HOOKS_H

#include <stdbool.h>

#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

#ifdef LWIP_HOOK_FILENAME
#include LWIP_HOOK_FILENAME
#endif

#ifdef LWIP_HOOK_IP4_INPUT
static inline bool ip4_hook_input(struct pbuf *p, struct netif *inp)
{
    return LWIP_HOOK_IP4_INPUT(p, inp) != 0;
}
#else
static inline bool ip4_hook_input(struct pbuf *p, struct netif *inp)
{
    (void)p;
    (void)inp;
    return false;
}
#endif

/* src is NULL when the caller does not know it yet. */
#ifdef LWIP_HOOK_IP4_ROUTE_SRC
static inline struct netif *ip4_hook_route(const ip4_addr_t *src, const ip4_addr_t *dest)
{
    return LWIP_HOOK_IP4_ROUTE_SRC(src, dest);
}
#elif defined LWIP_HOOK_IP4_ROUTE
static inline struct netif *ip4_hook_route(const ip4_addr_t *src, const ip4_addr_t *dest)
{
    (void)src;
    return LWIP_HOOK_IP4_ROUTE(dest);
}
#else
static inline struct netif *ip4_hook_route(const ip4_addr_t *src, const ip4_addr_t *dest)
{
    (void)src;
    (void)dest;
    return NULL;
}
#endif

/* The gateway that the application wants for dest; NULL: no opinion. */
#ifdef LWIP_HOOK_ETHARP_GET_GW
static inline const ip4_addr_t *ip4_hook_gateway(struct netif *netif, const ip4_addr_t *dest)
{
    (void)netif; /* a hook need not look at both */
    (void)dest;
    return LWIP_HOOK_ETHARP_GET_GW(netif, dest);
}
#else
static inline const ip4_addr_t *ip4_hook_gateway(struct netif *netif, const ip4_addr_t *dest)
{
    (void)netif;
    (void)dest;
    return NULL;
}
#endif

/* 1: forward, 0: do not, below 0: decide as usual. Addresses in host order. */
#ifdef LWIP_HOOK_IP4_CANFORWARD
static inline int ip4_hook_canforward(struct pbuf *p, u32_t dest)
{
    return LWIP_HOOK_IP4_CANFORWARD(p, dest);
}
#else
static inline int ip4_hook_canforward(struct pbuf *p, u32_t dest)
{
    (void)p;
    (void)dest;
    return -1;
}
#endif

/* Datagrams without a proper source that the application wants all the same, by UDP destination
 * port (host order): what a DHCP client or server of its own needs. */
#ifdef LWIP_IP_ACCEPT_UDP_PORT
static inline bool ip4_hook_accepts_udp_port(u16_t port)
{
    return LWIP_IP_ACCEPT_UDP_PORT(lwip_htons(port));
}
#define IP4_HOOK_UDP_PORT 1
#else
static inline bool ip4_hook_accepts_udp_port(u16_t port)
{
    (void)port;
    return false;
}
#define IP4_HOOK_UDP_PORT 0
#endif

#endif
