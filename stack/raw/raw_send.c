/* raw/raw_send.c: datagrams out of a raw pcb: the caller's payload, or with RAW_FLAGS_HDRINCL the
 * caller's IP header too. p stays the caller's. */
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "stack/core/instance.h"
#include "stack/ipv4/ip4_pcb.h"

#if LWIP_RAW

#if LWIP_MULTICAST_TX_OPTIONS
static struct netif *multicast_netif(const struct raw_pcb *pcb)
{
    return netif_get_by_index(pcb->mcast_ifindex); /* NULL for NETIF_NO_INDEX */
}

static u8_t ttl_towards(const struct raw_pcb *pcb, const ip_addr_t *dst)
{
    return ip_addr_ismulticast(dst) ? raw_get_multicast_ttl(pcb) : pcb->ttl;
}

static bool loops(const struct raw_pcb *pcb, const ip_addr_t *dst)
{
    return (pcb->flags & RAW_FLAGS_MULTICAST_LOOP) != 0 && ip_addr_ismulticast(dst);
}
#else
static struct netif *multicast_netif(const struct raw_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return NULL;
}

static u8_t ttl_towards(const struct raw_pcb *pcb, const ip_addr_t *dst)
{
    LWIP_UNUSED_ARG(dst);
    return pcb->ttl;
}

static bool loops(const struct raw_pcb *pcb, const ip_addr_t *dst)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(dst);
    return false;
}
#endif

static struct netif *netif_towards(const struct raw_pcb *pcb, const ip_addr_t *dst)
{
    return ip4_pcb_netif(pcb, dst, ip_addr_ismulticast(dst) ? multicast_netif(pcb) : NULL);
}

/* p if an IP header fits in front of it, else one chained in front of p; NULL: no memory. */
static struct pbuf *make_room(struct pbuf *p)
{
    if (pbuf_add_header(p, IP_HLEN) == 0) {
        pbuf_remove_header(p, IP_HLEN);
        return p;
    }
    struct pbuf *q = pbuf_alloc(PBUF_IP, 0, PBUF_RAM);
    if (q != NULL && p->tot_len != 0)
        pbuf_chain(q, p);
    return q;
}

/* The destination is the one in the header. */
static err_t send_with_header(struct raw_pcb *pcb, struct pbuf *p, struct netif *netif,
                              const ip_addr_t *src)
{
    LWIP_UNUSED_ARG(pcb); /* only its hints count, where there are any */
    if (p->len < IP_HLEN)
        return ERR_VAL;
    NETIF_SET_HINTS(netif, &pcb->netif_hints);
    err_t result = ip4_output_if(p, ip_2_ip4(src), LWIP_IP_HDRINCL, 0, 0, 0, netif);
    NETIF_RESET_HINTS(netif);
    return result;
}

err_t raw_sendto_if_src(struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        struct netif *netif, const ip_addr_t *src_ip)
{
    LWIP_ERROR("raw_sendto_if_src: arguments",
               pcb != NULL && p != NULL && dst_ip != NULL && netif != NULL && src_ip != NULL,
               return ERR_VAL);
    if (!IP_ADDR_PCB_VERSION_MATCH(pcb, src_ip) || !IP_ADDR_PCB_VERSION_MATCH(pcb, dst_ip))
        return ERR_VAL;
    if ((pcb->flags & RAW_FLAGS_HDRINCL) != 0)
        return send_with_header(pcb, p, netif, src_ip);
    if (p->tot_len > 0xffff - IP_HLEN)
        return ERR_MEM;
    if (IP_SOF_BROADCAST && !ip_get_option(pcb, SOF_BROADCAST) &&
        ip_addr_isbroadcast(dst_ip, netif))
        return ERR_VAL;
    struct pbuf *q = make_room(p);
    if (q == NULL)
        return ERR_MEM;
    if (loops(pcb, dst_ip))
        q->flags |= PBUF_FLAG_MCASTLOOP;
    NETIF_SET_HINTS(netif, &pcb->netif_hints);
    err_t result = ip4_output_if(q, ip_2_ip4(src_ip), ip_2_ip4(dst_ip), ttl_towards(pcb, dst_ip),
                                 pcb->tos, pcb->protocol, netif);
    NETIF_RESET_HINTS(netif);
    if (q != p)
        pbuf_free(q);
    return result;
}

err_t raw_sendto(struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *ipaddr)
{
    LWIP_ERROR("raw_sendto: arguments", pcb != NULL && p != NULL && ipaddr != NULL,
               return ERR_VAL);
    if (!IP_ADDR_PCB_VERSION_MATCH(pcb, ipaddr))
        return ERR_VAL;
    struct netif *netif = netif_towards(pcb, ipaddr);
    if (netif == NULL)
        return ERR_RTE;
    bool any = ip_addr_isany_val(pcb->local_ip) || ip_addr_ismulticast(&pcb->local_ip);
    return raw_sendto_if_src(pcb, p, ipaddr, netif,
                             any ? netif_ip_addr4(netif) : &pcb->local_ip);
}

err_t raw_send(struct raw_pcb *pcb, struct pbuf *p)
{
    return raw_sendto(pcb, p, &pcb->remote_ip);
}

#endif
