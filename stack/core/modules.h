/* core/modules.h: how the rooms of the stack plug into an instance without seeing each other.
 *
 * Arrows: wire <- core <- link <- ipv4 <- udp, tcp, raw. Whoever lies lower never includes a header
 * above: what the rooms above are called with is declared here, and which of them there are the
 * options say. With LWIP_MODULES_MORE an instance can be given more listeners, Ethernet types and
 * transports at run time: its own, or those of a test. */
#ifndef STACK_CORE_MODULES_H
#define STACK_CORE_MODULES_H

#include <stdbool.h>

#include "lwip/arch.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#include "stack/core/netif_news.h"

/* Each room has these; core/instance.c calls them for the current instance, in the order link,
 * ipv4, udp, tcp, raw (fini: the reverse; it frees what the room holds). UDP begins with lwIP's
 * udp_init(), raw IP with nothing. check: NULL, or what is wrong. */
void link_module_init(void);
void link_module_fini(void);
const char *link_module_check(void);
void ipv4_module_init(void);
void ipv4_module_fini(void);
const char *ipv4_module_check(void);
void udp_module_fini(void);
const char *udp_module_check(void);
void tcp_module_init(void);
void tcp_module_fini(void);
const char *tcp_module_check(void);
void raw_module_fini(void);
const char *raw_module_check(void);

/* The pool of receive buffers was empty: this is called before the next timeout, when no packet is
 * being worked on. TCP's longest queue of early data, which its sender would repeat, goes; false:
 * there is none. With TCP_QUEUE_OOSEQ. */
bool tcp_give_up_ooseq(void);

/* Ethernet types: link/ethernet.c dispatches with p->payload at the network header. Ownership of
 * p passes to the handler. IPv4's is ip4_input(); these are more of them. */
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

/* Network layer for interfaces without Ethernet (netif_input(), loopback) instead of ip_input():
 * takes over p. NULL: none. */
void netif_ip_input_register(netif_input_fn network_input);

/* Transports: ipv4/ip4_demux.c calls x_input() with p->payload at the transport header, p->tot_len
 * cut to the datagram, and ip_data filled in; ownership of p passes. x_error_input() is told of
 * ICMP errors about a datagram we sent. */
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
void udp_input(struct pbuf *p, struct netif *inp);
void udp_error_input(const struct icmp_error *e, struct netif *inp);
void tcp_input(struct pbuf *p, struct netif *inp);
void tcp_error_input(const struct icmp_error *e, struct netif *inp);

/* More transports of an instance; they go before those of the build. error NULL: not told. */
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
