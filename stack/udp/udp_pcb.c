/* udp/udp_pcb.c: the life of a UDP control block: made, bound, connected, removed
 * [RFC768 User Interface]. */
#include "lwip/memp.h"
#include "lwip/snmp.h"
#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/udp/udp_demux.h"
#include "stack/udp/udp_ports.h"

#include <string.h>

#if LWIP_UDP

#if LWIP_MULTICAST_TX_OPTIONS
static void start_multicast(struct udp_pcb *pcb)
{
    udp_set_multicast_ttl(pcb, (u8_t)CFG(udp_ttl));
}
#else
static void start_multicast(struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

struct udp_pcb *udp_new(void)
{
    struct udp_pcb *pcb = memp_malloc(MEMP_UDP_PCB);

    if (pcb == NULL)
        return NULL;
    /* zero is the default of the rest: no checksum options, full UDP-Lite coverage */
    memset(pcb, 0, sizeof *pcb);
    pcb->ttl = (u8_t)CFG(udp_ttl);
    start_multicast(pcb);
    pcb_tci_init(pcb);
    return pcb;
}

struct udp_pcb *udp_new_ip_type(u8_t type)
{
    struct udp_pcb *pcb = udp_new();

    LWIP_UNUSED_ARG(type);
    if (pcb != NULL) {
        IP_SET_TYPE_VAL(pcb->local_ip, type);
        IP_SET_TYPE_VAL(pcb->remote_ip, type);
    }
    return pcb;
}

#if SO_REUSE && SO_REUSE_RXTOALL
static void leave_deliveries(const struct udp_pcb *pcb)
{
    for (struct udp_delivery *d = STACK->udp.deliveries; d != NULL; d = d->outer) {
        if (d->first == pcb)
            d->first = NULL;
        if (d->next == pcb)
            d->next = pcb->next;
    }
}
#else
static void leave_deliveries(const struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

void udp_remove(struct udp_pcb *pcb)
{
    LWIP_ERROR("udp_remove: pcb", pcb != NULL, return);
    mib2_udp_unbind(pcb);
    leave_deliveries(pcb);
    for (struct udp_pcb **at = &STACK->pub.udp_pcbs_; *at != NULL; at = &(*at)->next)
        if (*at == pcb) {
            *at = pcb->next;
            break;
        }
    memp_free(MEMP_UDP_PCB, pcb);
}

/* By default a port has one owner per address; SOF_REUSEADDR on both lets two share it. */
static bool conflicts(const struct udp_pcb *pcb, const struct udp_pcb *other,
                      const ip_addr_t *ipaddr, u16_t port)
{
    if (other == pcb || other->local_port != port ||
        udp_pcb_is_lite(other) != udp_pcb_is_lite(pcb))
        return false;
    if (SO_REUSE && ip_get_option(pcb, SOF_REUSEADDR) && ip_get_option(other, SOF_REUSEADDR))
        return false;
    return ip_addr_eq(&other->local_ip, ipaddr) || ip_addr_isany(ipaddr) ||
           ip_addr_isany_val(other->local_ip);
}

static bool port_taken(const struct udp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port)
{
    const struct udp_pcb *other = STACK->pub.udp_pcbs_;

    while (other != NULL && !conflicts(pcb, other, ipaddr, port))
        other = other->next;
    return other != NULL;
}

/* ipaddr NULL: any address. port 0: an ephemeral one. ERR_USE: taken, or none left. */
err_t udp_bind(struct udp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port)
{
    LWIP_ERROR("udp_bind: pcb", pcb != NULL, return ERR_ARG);
    if (ipaddr == NULL)
        ipaddr = IP4_ADDR_ANY;
    if (port == 0)
        port = udp_ports_choose(udp_pcb_is_lite(pcb));
    else if (port_taken(pcb, ipaddr, port))
        return ERR_USE;
    if (port == 0)
        return ERR_USE;
    if (pcb->local_port == 0) { /* whoever has a port is on the list */
        pcb->next = STACK->pub.udp_pcbs_;
        STACK->pub.udp_pcbs_ = pcb;
    }
    ip_addr_set_ipaddr(&pcb->local_ip, ipaddr);
    pcb->local_port = port;
    mib2_udp_bind(pcb);
    return ERR_OK;
}

/* netif NULL: any interface again. */
void udp_bind_netif(struct udp_pcb *pcb, const struct netif *netif)
{
    pcb->netif_idx = netif != NULL ? netif_get_index(netif) : NETIF_NO_INDEX;
}

/* No packet leaves; the pcb now only sends to and hears from that peer. */
err_t udp_connect(struct udp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port)
{
    LWIP_ERROR("udp_connect: arguments", pcb != NULL && ipaddr != NULL, return ERR_ARG);
    if (pcb->local_port == 0) {
        err_t result = udp_bind(pcb, &pcb->local_ip, 0);
        if (result != ERR_OK)
            return result;
    }
    ip_addr_set_ipaddr(&pcb->remote_ip, ipaddr);
    pcb->remote_port = port;
    pcb->flags |= UDP_FLAGS_CONNECTED;
    return ERR_OK;
}

void udp_disconnect(struct udp_pcb *pcb)
{
    LWIP_ERROR("udp_disconnect: pcb", pcb != NULL, return);
    ip_addr_set_any(IP_IS_V6_VAL(pcb->remote_ip), &pcb->remote_ip);
    pcb->remote_port = 0;
    pcb->netif_idx = NETIF_NO_INDEX;
    udp_clear_flags(pcb, UDP_FLAGS_CONNECTED);
}

void udp_recv(struct udp_pcb *pcb, udp_recv_fn recv, void *recv_arg)
{
    LWIP_ERROR("udp_recv: pcb", pcb != NULL, return);
    pcb->recv = recv;
    pcb->recv_arg = recv_arg;
}

/* A pcb bound to an address follows the interface to its new one. */
void udp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr)
{
    if (ip_addr_isany_val(*old_addr) || ip_addr_isany_val(*new_addr))
        return;
    for (struct udp_pcb *pcb = STACK->pub.udp_pcbs_; pcb != NULL; pcb = pcb->next)
        if (ip_addr_eq(&pcb->local_ip, old_addr))
            ip_addr_copy(pcb->local_ip, *new_addr);
}

#endif
