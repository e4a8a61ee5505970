/* lwip/ip.h: what both IP versions share: pcbs' common head, the packet being received, routing and
 * output by the address's family. */
#ifndef LWIP_HDR_IP_H
#define LWIP_HDR_IP_H

#include "lwip/def.h"
#include "lwip/err.h"
#include "lwip/ip4.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/priv/current.h"
#include "lwip/prot/ip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As source: the header is in the packet already. */
#define LWIP_IP_HDRINCL NULL

/* Who sends must own the packet alone, or headers of queued copies would be overwritten. */
#ifndef LWIP_IP_CHECK_PBUF_REF_COUNT_FOR_TX
#define LWIP_IP_CHECK_PBUF_REF_COUNT_FOR_TX(p) LWIP_ASSERT("p->ref == 1", (p)->ref == 1)
#endif

#if LWIP_NETIF_USE_HINTS
#define IP_PCB_NETIFHINT ; struct netif_hint netif_hints
#else
#define IP_PCB_NETIFHINT
#endif

/* The head of every pcb. */
#define IP_PCB \
    ip_addr_t local_ip; \
    ip_addr_t remote_ip; \
    u8_t netif_idx; /* bound to this interface; NETIF_NO_INDEX: to none */ \
    u8_t so_options; /* SOF_x */ \
    u8_t tos; \
    u8_t ttl IP_PCB_NETIFHINT

struct ip_pcb {
    IP_PCB;
};

#define SOF_REUSEADDR 0x04U
#define SOF_KEEPALIVE 0x08U
#define SOF_BROADCAST 0x20U
#define SOF_INHERITED (SOF_REUSEADDR | SOF_KEEPALIVE)

/* The packet being received; valid inside receive call-backs: this is where an application learns
 * the address it was sent to [RFC1122 4.1.3.5], TTL, TOS [RFC1122 3.2.1.6], and options, which lie
 * behind the header's first 20 bytes [RFC1122 3.2.1.8]. */
struct ip_globals {
    struct netif *current_netif;       /* that accepted the packet */
    struct netif *current_input_netif; /* that received it */
#if LWIP_IPV4
    const struct ip_hdr *current_ip4_header;
#endif
    u16_t current_ip_header_tot_len; /* bytes, options included */
    ip_addr_t current_iphdr_src;
    ip_addr_t current_iphdr_dest;
};
#define ip_data (*stack_current->ip_data_)

#define ip_current_netif() (ip_data.current_netif)
#define ip_current_input_netif() (ip_data.current_input_netif)
#define ip_current_header_tot_len() (ip_data.current_ip_header_tot_len)
#define ip_current_src_addr() (&ip_data.current_iphdr_src)
#define ip_current_dest_addr() (&ip_data.current_iphdr_dest)
#define ip4_current_header() ip_data.current_ip4_header
#define ip_current_is_v6() 0
#define ip_current_header_proto() IPH_PROTO(ip4_current_header())
#define ip_next_header_ptr() \
    ((const void *)((const u8_t *)ip4_current_header() + ip_current_header_tot_len()))
#define ip4_current_src_addr() ip_current_src_addr()
#define ip4_current_dest_addr() ip_current_dest_addr()

#define ip_get_option(pcb, opt) ((pcb)->so_options & (opt))
#if LWIP_TCP
/* Of any pcb: keepalive has been switched on (lwip/tcp.h). */
void tcp_keepalive_set(const u8_t *so_options);
#define ip_set_option(pcb, opt) \
    ((pcb)->so_options = (u8_t)((pcb)->so_options | (opt)), \
     ((opt)&SOF_KEEPALIVE) != 0 ? tcp_keepalive_set(&(pcb)->so_options) : (void)0)
#else
#define ip_set_option(pcb, opt) ((pcb)->so_options = (u8_t)((pcb)->so_options | (opt)))
#endif
#define ip_reset_option(pcb, opt) ((pcb)->so_options = (u8_t)((pcb)->so_options & ~(opt)))

/* See ip4.h for contracts. */
#define ip_output(p, src, dest, ttl, tos, proto) ip4_output(p, src, dest, ttl, tos, proto)
#define ip_output_if(p, src, dest, ttl, tos, proto, netif) \
    ip4_output_if(p, src, dest, ttl, tos, proto, netif)
#define ip_output_if_src(p, src, dest, ttl, tos, proto, netif) \
    ip4_output_if_src(p, src, dest, ttl, tos, proto, netif)
#define ip_output_if_hdrincl(p, src, dest, netif) \
    ip4_output_if(p, src, LWIP_IP_HDRINCL, 0, 0, 0, netif)
#define ip_output_hinted(p, src, dest, ttl, tos, proto, netif_hint) \
    ip4_output_hinted(p, src, dest, ttl, tos, proto, netif_hint)
#define ip_route(src, dest) ip4_route_src(src, dest)
#define ip_netif_get_local_ip(netif, dest) ip4_netif_get_local_ip(netif)
#define ip_debug_print(is_ipv6, p) ip4_debug_print(p)
#define ip_input ip4_input

#define ip_route_get_local_ip(src, dest, netif, ipaddr) \
    do { (netif) = ip_route(src, dest); (ipaddr) = ip_netif_get_local_ip(netif, dest); } while (0)

#if LWIP_VLAN_PCP
#define pcb_tci_init(pcb) (pcb)->netif_hints.tci = -1
#define pcb_tci_set_pcp_dei_vid(pcb, pcp, dei, vid) \
    do { (pcb)->netif_hints.tci = (((pcp)&7) << 13) | (((dei)&1) << 12) | ((vid)&0xFFF); } while (0)
#define pcb_tci_set(pcb, tci_val) do { (pcb)->netif_hints.tci = (tci_val); } while (0)
#define pcb_tci_clear(pcb) do { (pcb)->netif_hints.tci = -1; } while (0)
#define pcb_tci_get(pcb) ((u16_t)(pcb)->netif_hints.tci)
#define pcb_has_tci(pcb) ((pcb)->netif_hints.tci >= 0)
#else
#define pcb_tci_init(pcb)
#endif

#ifdef __cplusplus
}
#endif

#endif
