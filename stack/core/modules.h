/* core/modules.h: how the rooms of the stack plug into an instance without seeing each other.
 *
 * Arrows: wire <- core <- link <- ipv4 <- udp, tcp, raw. Whoever lies lower never includes a header
 * above; calls upwards go through the tables registered here when the instance is made. */
#ifndef STACK_CORE_MODULES_H
#define STACK_CORE_MODULES_H

#include <stdbool.h>

#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

/* Each room has these; core/instance.c calls them for the current instance, in the order link,
 * ipv4, udp, tcp, raw (fini: the reverse; it frees what the room holds). check: NULL, or what is
 * wrong. */
void link_module_init(void);
void link_module_fini(void);
const char *link_module_check(void);
void ipv4_module_init(void);
void ipv4_module_fini(void);
const char *ipv4_module_check(void);
void udp_module_init(void);
void udp_module_fini(void);
const char *udp_module_check(void);
void tcp_module_init(void);
void tcp_module_fini(void);
const char *tcp_module_check(void);
void raw_module_init(void);
void raw_module_fini(void);
const char *raw_module_check(void);

/* What core/netif_callback.c tells the rooms of an interface, in order of registration (of its
 * removal in the reverse). */
enum netif_news {
    /* it is up and has link and an address: announce it (gratuitous ARP, reports) */
    NETIF_NEWS_ANNOUNCE,
    /* the administrative state or the link went down: forget what was learnt through it */
    NETIF_NEWS_WENT_DOWN,
    /* the IPv4 address is about to change from a to b (either may be 0.0.0.0) */
    NETIF_NEWS_ADDR_CHANGED,
    /* the netmask or the gateway has changed */
    NETIF_NEWS_ROUTES_CHANGED,
    /* ARP has asked for a on it long enough and gives it up */
    NETIF_NEWS_NEIGHBOUR_LOST,
    /* it was removed: give everything back */
    NETIF_NEWS_REMOVED
};
#define NETIF_LISTENERS_MAY_REFUSE (LWIP_MULTI_INSTANCE || LWIP_IGMP)
struct netif_listener {
#if NETIF_LISTENERS_MAY_REFUSE
    /* an interface is being added: set up per-interface state; may fail. NULL: nothing to do */
    err_t (*added)(struct netif *netif);
#endif
    /* a and b: see there; NULL with news that have none */
    void (*hear)(enum netif_news news, struct netif *netif, const ip_addr_t *a,
                 const ip_addr_t *b);
};
#define NETIF_LISTENERS_MAX 8
void netif_listener_register(const struct netif_listener *listener); /* static const object */
/* Tells the listeners. a and b may not lie in what a listener frees. */
void netif_listeners_tell(enum netif_news news, struct netif *netif, const ip_addr_t *a,
                          const ip_addr_t *b);
/* For whoever resolves neighbours. */
static inline void netif_listeners_neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    netif_listeners_tell(NETIF_NEWS_NEIGHBOUR_LOST, netif, addr, NULL);
}

/* The pool of receive buffers was empty: give_up() is called before the next timeout, when no
 * packet is being worked on, and frees what it holds and its sender would repeat. */
void pbuf_give_up_register(void (*give_up)(void));

/* Ethernet types: link/ethernet.c dispatches with p->payload at the network header. Ownership of
 * p passes to the handler. */
#define ETHERTYPE_HANDLERS_MAX 4
void ethertype_register(u16_t ethertype, netif_input_fn handler);

/* The packet being delivered comes off a loopback queue, not off a wire. */
#if ENABLE_LOOPBACK
bool netif_is_looping(void);
#else
static inline bool netif_is_looping(void)
{
    return false;
}
#endif

/* Network layer for interfaces without Ethernet (netif_input(), loopback): takes over p. */
void netif_ip_input_register(netif_input_fn network_input);

/* Transports: ipv4/ip4_input.c calls input() with p->payload at the transport header, p->tot_len
 * cut to the datagram, and ip_data filled in; ownership of p passes. error() is told of ICMP errors
 * about a datagram we sent. */
struct icmp_error {
    u8_t type, code;
    u16_t mtu;              /* next-hop MTU of "fragmentation needed", else 0 */
    ip4_addr_t from;        /* who sent the error */
    ip4_addr_t src, dst;    /* of the quoted datagram: src is one of our addresses */
    u8_t proto;
    u16_t total_len;        /* of the quoted datagram, as it says itself */
    const u8_t *quoted;     /* first bytes of the quoted transport header */
    u16_t quoted_len;       /* at least 8 */
};
struct ip_transport {
    void (*input)(struct pbuf *p, struct netif *inp);
    void (*error)(const struct icmp_error *e, struct netif *inp);
};
void ip_transport_register(u8_t proto, const struct ip_transport *transport); /* static const */

/* Raw pcbs see each datagram before its transport, p->payload at the IP header. NULL: none do.
 * LWIP_RAW only. */
enum raw_verdict { RAW_NONE, RAW_DELIVERED, RAW_EATEN };
void ip_raw_register(enum raw_verdict (*raw_input)(struct pbuf *p, struct netif *inp));

#endif
