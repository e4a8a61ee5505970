/* ipv4/ip4_pcb.h: what every kind of pcb asks of IP before it sends. */
#ifndef STACK_IPV4_IP4_PCB_H
#define STACK_IPV4_IP4_PCB_H

#include "lwip/ip.h"
#include "lwip/netif.h"

/* The interface that a packet of `pcb` (any pcb: it begins with IP_PCB) to dst leaves by: the one
 * it is bound to, while that is up; for a group, the one it wishes (NULL: no wish); else the
 * route's. NULL: none. */
static inline struct netif *ip4_pcb_netif(const void *pcb, const ip_addr_t *dst,
                                          struct netif *multicast_wish)
{
    const struct ip_pcb *ip = (const struct ip_pcb *)pcb;

    if (ip->netif_idx != NETIF_NO_INDEX) {
        struct netif *bound = netif_get_by_index(ip->netif_idx);
        return bound != NULL && netif_is_up(bound) ? bound : NULL;
    }
    if (ip_addr_ismulticast(dst) && multicast_wish != NULL)
        return multicast_wish;
    return ip4_route_src(ip_2_ip4(&ip->local_ip), ip_2_ip4(dst));
}

/* ip4_output_if_src() with Don't Fragment set [RFC1191 3]: the sender wants to be told when it is
 * too big for the path. Bigger than netif's own MTU: ERR_VAL. */
err_t ip4_output_df(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                    u8_t tos, u8_t proto, struct netif *netif);

#endif
