/* link/arp_send.c: the ARP packets this stack sends. Read arp_send.h first. */
#include "stack/link/arp_send.h"

#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"
#include "stack/link/arp_table.h"

#include <string.h>

#if LWIP_ARP

err_t arp_send_from(struct netif *netif, struct pbuf *p, const u8_t *to, u16_t eth_type)
{
    return ethernet_output(netif, p, (const struct eth_addr *)netif->hwaddr,
                           (const struct eth_addr *)to, eth_type);
}

#if LWIP_ACD
/* [RFC5227 2.1.1]: a probe's is 0.0.0.0, so that no table learns anything from it. [RFC5227 2.3]:
 * an announcement's is the address announced. */
static const ip4_addr_t *sender_of(const struct netif *netif, enum arp_kind kind,
                                   const ip4_addr_t *target)
{
    static const ip4_addr_t any;

    if (kind == ARP_SEND_PROBE)
        return &any;
    return kind == ARP_SEND_ANNOUNCEMENT ? target : netif_ip4_addr(netif);
}

static u16_t opcode_of(enum arp_kind kind)
{
    return kind == ARP_SEND_REPLY ? WIRE_ARP_REPLY : WIRE_ARP_REQUEST;
}
#else
static const ip4_addr_t *sender_of(const struct netif *netif, enum arp_kind kind,
                                   const ip4_addr_t *target)
{
    LWIP_UNUSED_ARG(kind);
    LWIP_UNUSED_ARG(target);
    return netif_ip4_addr(netif);
}

static u16_t opcode_of(enum arp_kind kind)
{
    return (u16_t)kind;
}
#endif

/* Own hardware address as sender; a question's target has none that means anything
 * [RFC826 Packet Generation]. */
err_t arp_send(struct netif *netif, u32_t target, const u8_t *to, enum arp_kind kind)
{
    const ip4_addr_t asked = {target}, *sender = sender_of(netif, kind, &asked);
    struct pbuf *p = pbuf_alloc(PBUF_LINK, WIRE_ARP_LEN, PBUF_RAM);

    if (p == NULL) {
        ETHARP_STATS_INC(etharp.memerr);
        return ERR_MEM;
    }
    wire_arp_emit_views(p->payload, opcode_of(kind), netif->hwaddr, sender,
                        kind == ARP_SEND_REPLY ? to : ethzero.addr, &asked);
    if (LWIP_IP_LINK_LOCAL && ip4_addr_islinklocal(sender))
        to = ethbroadcast.addr; /* replies too [RFC3927 2.5]: others who chose it shall notice */
    err_t result = arp_send_from(netif, p, to, ETHTYPE_ARP);
    ETHARP_STATS_INC(etharp.xmit);
    pbuf_free(p);
    return result;
}

/* Asked for by the application: sent whatever the table says. */
err_t etharp_request(struct netif *netif, const ip4_addr_t *ipaddr)
{
    LWIP_ERROR_ASSERTED("etharp_request: netif", netif != NULL, return ERR_ARG);
    LWIP_ERROR_ASSERTED("etharp_request: ipaddr", ipaddr != NULL, return ERR_ARG);
    return arp_send(netif, ipaddr->addr, ethbroadcast.addr, ARP_SEND_QUESTION);
}

#if LWIP_ACD
err_t etharp_acd_probe(struct netif *netif, const ip4_addr_t *ipaddr)
{
    return arp_send(netif, ipaddr->addr, ethbroadcast.addr, ARP_SEND_PROBE);
}

err_t etharp_acd_announce(struct netif *netif, const ip4_addr_t *ipaddr)
{
    return arp_send(netif, ipaddr->addr, ethbroadcast.addr, ARP_SEND_ANNOUNCEMENT);
}
#endif

#endif
