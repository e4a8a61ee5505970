/* udp/udp_demux.c: which pcb a datagram is for. Read udp_demux.h first. */
#include "stack/udp/udp_demux.h"

#include "stack/core/instance.h"

#if LWIP_UDP

/* A broadcast reaches pcbs that are bound to no address, or to one of that network; the limited
 * broadcast 255.255.255.255 reaches all. */
static bool admits_broadcast(const struct udp_pcb *pcb, const struct netif *inp)
{
    const ip4_addr_t *local = ip_2_ip4(&pcb->local_ip), *dst = ip4_current_dest_addr();

    if (IP_SOF_BROADCAST_RECV && !ip_get_option(pcb, SOF_BROADCAST))
        return false;
    return ip4_addr_isany_val(*local) || dst->addr == IPADDR_BROADCAST ||
           ip4_addr_net_eq(local, dst, netif_ip4_netmask(inp));
}

static bool admits(const struct udp_pcb *pcb, const struct udp_arrival *a,
                   const struct netif *inp)
{
    if (pcb->local_port != a->dst_port || (LWIP_UDPLITE && udp_pcb_is_lite(pcb) != a->lite))
        return false;
    if (pcb->netif_idx != NETIF_NO_INDEX &&
        pcb->netif_idx != netif_get_index(ip_data.current_input_netif))
        return false;
    if (a->broadcast)
        return admits_broadcast(pcb, inp);
    return ip_addr_isany_val(pcb->local_ip) || ip_addr_eq(&pcb->local_ip, ip_current_dest_addr());
}

#if SO_REUSE
bool udp_demux_admits(const struct udp_pcb *pcb, const struct udp_arrival *a,
                      const struct netif *inp)
{
    return admits(pcb, a, inp);
}
#endif

/* Whether pcb is a better choice than `best`, which also admits the datagram: the limited broadcast
 * goes to the pcb bound to the incoming interface's address; with SO_REUSE a pcb bound to an
 * address goes before one bound to none. */
static bool preferred(const struct udp_pcb *pcb, const struct udp_pcb *best,
                      const struct udp_arrival *a, const struct netif *inp)
{
    if (a->broadcast && ip4_current_dest_addr()->addr == IPADDR_BROADCAST)
        return !ip4_addr_eq(ip_2_ip4(&best->local_ip), netif_ip4_addr(inp)) &&
               ip4_addr_eq(ip_2_ip4(&pcb->local_ip), netif_ip4_addr(inp));
    return SO_REUSE && !ip_addr_isany_val(pcb->local_ip);
}

static bool is_peer(const struct udp_pcb *pcb, const struct udp_arrival *a)
{
    return (pcb->flags & UDP_FLAGS_CONNECTED) != 0 && pcb->remote_port == a->src_port &&
           (ip_addr_isany_val(pcb->remote_ip) ||
            ip_addr_eq(&pcb->remote_ip, ip_current_src_addr()));
}

struct udp_pcb *udp_demux_find(const struct udp_arrival *a, const struct netif *inp)
{
    struct udp_pcb *previous = NULL, *best = NULL;

    for (struct udp_pcb *pcb = STACK->pub.udp_pcbs_; pcb != NULL; previous = pcb, pcb = pcb->next) {
        if (!admits(pcb, a, inp))
            continue;
        if ((pcb->flags & UDP_FLAGS_CONNECTED) == 0 &&
            (best == NULL || preferred(pcb, best, a, inp)))
            best = pcb;
        if (!is_peer(pcb, a))
            continue;
        if (previous == NULL) {
            UDP_STATS_INC(udp.cachehit);
        } else {
            previous->next = pcb->next;
            pcb->next = STACK->pub.udp_pcbs_;
            STACK->pub.udp_pcbs_ = pcb;
        }
        return pcb;
    }
    return best;
}

#endif
