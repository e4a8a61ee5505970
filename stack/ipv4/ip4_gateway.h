/* ipv4/ip4_gateway.h: default gateways that have stopped answering [RFC1122 3.3.1.4]. */
#ifndef STACK_IPV4_IP4_GATEWAY_H
#define STACK_IPV4_IP4_GATEWAY_H

#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "stack/core/config.h"

/* Dead gateways are noticed in this build: somebody below IPv4 has to say so. */
#define IP4_DEAD_GATEWAYS (LWIP_ARP && LWIP_IP_DEAD_GATEWAY)

#if IP4_DEAD_GATEWAYS
/* `addr` on netif did not answer: noted if it is netif's gateway. */
void ip4_gateway_lost(struct netif *netif, const ip4_addr_t *addr);

/* Nothing is known of netif's gateway any more. */
static inline void ip4_gateway_forget(struct netif *netif)
{
    netif->gw_lost = 0;
}

/* The interface to use for dest instead of netif, whose gateway was lost; netif itself when there
 * is none better or the gateway is back. */
struct netif *ip4_gateway_detour(struct netif *netif, const ip4_addr_t *dest);

/* The way out for dest when the default interface is `netif`. */
static inline struct netif *ip4_gateway_way_out(struct netif *netif, const ip4_addr_t *dest)
{
    return netif->gw_lost == 0 ? netif : ip4_gateway_detour(netif, dest);
}
#else
static inline void ip4_gateway_lost(struct netif *netif, const ip4_addr_t *addr)
{
    (void)netif;
    (void)addr;
}
static inline void ip4_gateway_forget(struct netif *netif)
{
    (void)netif;
}
static inline struct netif *ip4_gateway_way_out(struct netif *netif, const ip4_addr_t *dest)
{
    (void)dest;
    return netif;
}
#endif

#endif
