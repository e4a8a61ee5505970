/* lwip/ip4.h: IPv4 input, routing, output. */
#ifndef LWIP_HDR_IP4_H
#define LWIP_HDR_IP4_H

#include "lwip/def.h"
#include "lwip/err.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ip4.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef LWIP_HOOK_IP4_ROUTE_SRC
#define LWIP_IPV4_SRC_ROUTING 1
#else
#define LWIP_IPV4_SRC_ROUTING 0
#endif

#define IP_OPTIONS_SEND (LWIP_IPV4 && (LWIP_IGMP || LWIP_UDP_IP_OPTIONS))

#define ip_init()

/* The interface for dest: one that is up with link and whose network holds dest (the latest added
 * first), else the default interface; NULL: none. */
struct netif *ip4_route(const ip4_addr_t *dest);
#if LWIP_IPV4_SRC_ROUTING
struct netif *ip4_route_src(const ip4_addr_t *src, const ip4_addr_t *dest);
#else
#define ip4_route_src(src, dest) ip4_route(dest)
#endif

/* p begins with the IP header; it is taken over in every case. Always ERR_OK. */
err_t ip4_input(struct pbuf *p, struct netif *inp);

/* Send p (payload at the transport header, header room in front; the caller keeps p). src NULL or
 * any: the interface's address (…_src: 0.0.0.0 goes out as it is); dest LWIP_IP_HDRINCL: p begins
 * with an IP header. ERR_RTE: no route; ERR_MEM/ERR_BUF: no room; ERR_VAL: too long with
 * DF. Options: multiples of 4 octets are made of them. */
err_t ip4_output(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
                 u8_t proto);
err_t ip4_output_if(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                    u8_t tos, u8_t proto, struct netif *netif);
err_t ip4_output_if_src(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif *netif);
#if LWIP_NETIF_USE_HINTS
err_t ip4_output_hinted(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif_hint *netif_hint);
#endif
#if IP_OPTIONS_SEND
err_t ip4_output_if_opt(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl,
                        u8_t tos, u8_t proto, struct netif *netif, void *ip_options, u16_t optlen);
err_t ip4_output_if_opt_src(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest,
                            u8_t ttl, u8_t tos, u8_t proto, struct netif *netif, void *ip_options,
                            u16_t optlen);
#endif

#if LWIP_ICMP && LWIP_IP_REDIRECTS > 0
/* Ours: routes learnt from redirects age by one interval. For ports that call timers by hand. */
#define IP4_REDIRECT_TMR_INTERVAL 1000
void ip4_redirect_tmr(void);
#endif

#if LWIP_MULTICAST_TX_OPTIONS
/* Multicast without a better rule leaves by this interface; NULL: by the routing rules. */
void ip4_set_default_multicast_netif(struct netif *default_multicast_netif);
#endif

#define ip4_netif_get_local_ip(netif) (((netif) != NULL) ? netif_ip_addr4(netif) : NULL)

#if IP_DEBUG
void ip4_debug_print(struct pbuf *p);
#else
#define ip4_debug_print(p)
#endif

#ifdef __cplusplus
}
#endif

#endif
