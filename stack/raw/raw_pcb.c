/* raw/raw_pcb.c: the life of a raw control block: made, bound, connected, removed.
 *
 * A raw pcb is on raw_pcbs from birth to removal, the latest first. */
#include "lwip/memp.h"
#include "lwip/raw.h"
#include "stack/core/instance.h"
#include "stack/raw/raw_local.h"

#include <string.h>

#if LWIP_RAW

/* RAW_TTL; where that is only another name for IP's default, the instance's own default. */
static u8_t initial_ttl(void)
{
    return RAW_TTL == IP_DEFAULT_TTL ? (u8_t)CFG(ip_default_ttl) : RAW_TTL;
}

#if LWIP_MULTICAST_TX_OPTIONS
static void start_multicast(struct raw_pcb *pcb)
{
    raw_set_multicast_ttl(pcb, initial_ttl());
}
#else
static void start_multicast(struct raw_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

struct raw_pcb *raw_new(u8_t proto)
{
    struct raw_pcb *pcb = memp_malloc(MEMP_RAW_PCB);

    if (pcb == NULL)
        return NULL;
    memset(pcb, 0, sizeof *pcb);
    pcb->protocol = proto;
    pcb->ttl = initial_ttl();
    start_multicast(pcb);
    pcb_tci_init(pcb);
    pcb->next = STACK->pub.raw_pcbs_;
    STACK->pub.raw_pcbs_ = pcb;
    ip_raw_register(raw_receive);
    return pcb;
}

struct raw_pcb *raw_new_ip_type(u8_t type, u8_t proto)
{
    struct raw_pcb *pcb = raw_new(proto);

    LWIP_UNUSED_ARG(type);
    if (pcb != NULL) {
        IP_SET_TYPE_VAL(pcb->local_ip, type);
        IP_SET_TYPE_VAL(pcb->remote_ip, type);
    }
    return pcb;
}

static void leave_deliveries(const struct raw_pcb *pcb)
{
    for (struct raw_delivery *d = STACK->udp.raw_deliveries; d != NULL; d = d->outer) {
        if (d->current == pcb)
            d->current = NULL;
        if (d->next == pcb)
            d->next = pcb->next;
    }
}

void raw_remove(struct raw_pcb *pcb)
{
    struct raw_pcb **at = &STACK->pub.raw_pcbs_;

    LWIP_ERROR("raw_remove: pcb", pcb != NULL, return);
    leave_deliveries(pcb);
    while (*at != NULL && *at != pcb)
        at = &(*at)->next;
    if (*at == pcb)
        *at = pcb->next;
    if (STACK->pub.raw_pcbs_ == NULL)
        ip_raw_register(NULL); /* most hosts have no raw pcb: IP need not ask for each datagram */
    memp_free(MEMP_RAW_PCB, pcb);
}

err_t raw_bind(struct raw_pcb *pcb, const ip_addr_t *ipaddr)
{
    LWIP_ERROR("raw_bind: arguments", pcb != NULL && ipaddr != NULL, return ERR_VAL);
    ip_addr_set_ipaddr(&pcb->local_ip, ipaddr);
    return ERR_OK;
}

/* netif NULL: any interface again. */
void raw_bind_netif(struct raw_pcb *pcb, const struct netif *netif)
{
    pcb->netif_idx = netif != NULL ? netif_get_index(netif) : NETIF_NO_INDEX;
}

/* Sends to and hears from that peer alone. */
err_t raw_connect(struct raw_pcb *pcb, const ip_addr_t *ipaddr)
{
    LWIP_ERROR("raw_connect: arguments", pcb != NULL && ipaddr != NULL, return ERR_VAL);
    ip_addr_set_ipaddr(&pcb->remote_ip, ipaddr);
    raw_set_flags(pcb, RAW_FLAGS_CONNECTED);
    return ERR_OK;
}

void raw_disconnect(struct raw_pcb *pcb)
{
    ip_addr_set_any(IP_IS_V6_VAL(pcb->remote_ip), &pcb->remote_ip);
    pcb->netif_idx = NETIF_NO_INDEX;
    raw_clear_flags(pcb, RAW_FLAGS_CONNECTED);
}

void raw_recv(struct raw_pcb *pcb, raw_recv_fn recv, void *recv_arg)
{
    pcb->recv = recv;
    pcb->recv_arg = recv_arg;
}

/* A pcb bound to an address follows the interface to its new one. */
void raw_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr)
{
    if (ip_addr_isany(old_addr) || ip_addr_isany(new_addr))
        return;
    for (struct raw_pcb *pcb = STACK->pub.raw_pcbs_; pcb != NULL; pcb = pcb->next)
        if (ip_addr_eq(&pcb->local_ip, old_addr))
            ip_addr_copy(pcb->local_ip, *new_addr);
}

#endif
