/* ipv4/ipv4_state.h: what an instance remembers for IPv4, ICMP and IGMP. Types only.
 *
 * Each member belongs to the one file named beside it. IGMP groups hang off their interface
 * (netif_igmp_data), so that they go when it goes. */
#ifndef STACK_IPV4_STATE_H
#define STACK_IPV4_STATE_H

#include "lwip/arch.h"
#include "lwip/ip4_addr.h"
#include "lwip/opt.h"

#include "stack/core/modules.h"
#include "stack/core/ticker.h"

struct ip_reassdata;

/* Transports an instance can have besides those of the build. */
#define IP_TRANSPORTS_MAX 8

/* ip4_demux.c: who gets a datagram that is for us. */
struct ip4_demux_state {
    u8_t count; /* of the transports that were registered */
#if LWIP_MODULES_MORE
    u8_t proto[IP_TRANSPORTS_MAX];
    const struct ip_transport *transport[IP_TRANSPORTS_MAX];
#endif
#if LWIP_RAW
    u8_t verdict; /* enum raw_verdict on the datagram being delivered */
    enum raw_verdict (*raw_input)(struct pbuf *p, struct netif *inp);
#endif
};

/* ip4_reass.c: datagrams of which some fragments are still missing. */
struct ip4_reass_state {
    struct ip_reassdata *list; /* latest begun first */
    u16_t pbufs;               /* pbufs held by all of them; at most CFG(ip_reass_max_pbufs) */
    struct ticker ticker;
};

/* icmp_limit.c: the token bucket of ICMP errors. Unit: 1/1000 of a message, so that one millisecond
 * adds exactly CFG(icmp_error_rate). */
struct icmp_limit_state {
    u64_t millitokens;
    u32_t filled_ms; /* clock value up to which the bucket has been filled */
};

/* igmp.c */
struct igmp_state {
    struct ticker ticker;
};

/* ip4_redirect.c: routes learnt from redirects, in the order of their age. */
struct ip4_redirect_route {
    ip4_addr_t dest, gateway;
    struct netif *netif;
    u32_t learnt_ms; /* ticker time */
};

#if LWIP_IP_REDIRECTS > 0
struct ip4_redirect_state {
    struct ticker ticker;
    u8_t count;
    struct ip4_redirect_route route[LWIP_IP_REDIRECTS];
};
#endif

struct ipv4_state {
    u16_t next_id;                 /* ip4_output.c: identification of the next datagram */
#if LWIP_MULTICAST_TX_OPTIONS
    struct netif *multicast_netif; /* ip4_route.c: ip4_set_default_multicast_netif() */
#endif
    struct ip4_demux_state demux;
#if IP_REASSEMBLY
    struct ip4_reass_state reass;
#endif
#if LWIP_IP_REDIRECTS > 0
    struct ip4_redirect_state redirect;
#endif
#if LWIP_ICMP_ERROR_RATE || LWIP_MULTI_INSTANCE
    struct icmp_limit_state icmp_limit;
#endif
#if LWIP_IGMP
    struct igmp_state igmp;
#endif
};

#endif
