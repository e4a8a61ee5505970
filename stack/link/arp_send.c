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

/* Own hardware address as sender; a request's target has none that means anything
 * [RFC826 Packet Generation]. */
static err_t send_packet(struct netif *netif, u16_t opcode, u32_t sender_ip, u32_t target_ip,
                         const u8_t *to)
{
    const struct wire_arp a = {
        .opcode = opcode,
        .sender_mac = netif->hwaddr,
        .sender_ip = sender_ip,
        .target_mac = opcode == WIRE_ARP_REPLY ? to : ethzero.addr,
        .target_ip = target_ip,
    };
    struct pbuf *p = pbuf_alloc(PBUF_LINK, WIRE_ARP_LEN, PBUF_RAM);

    if (p == NULL) {
        ETHARP_STATS_INC(etharp.memerr);
        return ERR_MEM;
    }
    wire_arp_emit(p->payload, &a);
    if (sender_ip >> 16 == 0xa9fe) /* 169.254/16 */
        to = ethbroadcast.addr; /* replies too [RFC3927 2.5]: others who chose it shall notice */
    err_t result = arp_send_from(netif, p, to, ETHTYPE_ARP);
    ETHARP_STATS_INC(etharp.xmit);
    pbuf_free(p);
    return result;
}

static err_t send_question(struct netif *netif, u32_t sender_ip, u32_t target_ip, const u8_t *to)
{
    return send_packet(netif, WIRE_ARP_REQUEST, sender_ip, target_ip, to);
}

err_t arp_send_request(struct netif *netif, const ip4_addr_t *target, const u8_t *to)
{
    return send_question(netif, arp_ip_host(netif_ip4_addr(netif)), arp_ip_host(target), to);
}

err_t arp_send_reply(struct netif *netif, const struct wire_arp *request)
{
    /* [RFC5227 2.6]: replies are not broadcast but for link-local senders. */
    return send_packet(netif, WIRE_ARP_REPLY, request->target_ip, request->sender_ip,
                       request->sender_mac);
}

/* Asked for by the application: sent whatever the table says. */
err_t etharp_request(struct netif *netif, const ip4_addr_t *ipaddr)
{
    LWIP_ERROR("etharp_request: netif", netif != NULL, return ERR_ARG);
    LWIP_ERROR("etharp_request: ipaddr", ipaddr != NULL, return ERR_ARG);
    return arp_send_request(netif, ipaddr, ethbroadcast.addr);
}

#if LWIP_ACD
/* [RFC5227 2.1.1]: the sender address is 0.0.0.0, so that no table learns anything from it. */
err_t etharp_acd_probe(struct netif *netif, const ip4_addr_t *ipaddr)
{
    return send_question(netif, 0, arp_ip_host(ipaddr), ethbroadcast.addr);
}

/* [RFC5227 2.3]: a request in which sender and target address are the one announced. */
err_t etharp_acd_announce(struct netif *netif, const ip4_addr_t *ipaddr)
{
    u32_t ip = arp_ip_host(ipaddr);

    return send_question(netif, ip, ip, ethbroadcast.addr);
}
#endif

#endif
