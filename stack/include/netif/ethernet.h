/* netif/ethernet.h: Ethernet framing, with and without a VLAN tag. */
#ifndef LWIP_HDR_NETIF_ETHERNET_H
#define LWIP_HDR_NETIF_ETHERNET_H

#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LWIP_ARP_FILTER_NETIF
#define LWIP_ARP_FILTER_NETIF 0
#endif

#if LWIP_ARP || LWIP_ETHERNET
/* p begins with the Ethernet header; taken over in every case. */
err_t ethernet_input(struct pbuf *p, struct netif *netif);
/* Puts the header in front and calls linkoutput; the caller keeps p. ERR_BUF: no header room. */
err_t ethernet_output(struct netif *netif, struct pbuf *p, const struct eth_addr *src,
                      const struct eth_addr *dst, u16_t eth_type);
extern const struct eth_addr ethbroadcast, ethzero;
#endif

#ifdef __cplusplus
}
#endif

#endif
