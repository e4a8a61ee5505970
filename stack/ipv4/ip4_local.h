/* ipv4/ip4_local.h: what the files of this directory tell each other. Not for other rooms.
 *
 * Life of a datagram, in: ip4_input -> (ip4_forward | ip4_reass -> ip4_demux -> icmp, igmp or a
 * registered transport). Out: ip4_route -> ip4_output -> (loopback queue | ip4_frag -> netif).
 *
 * Wire data is read with stack/wire only. Addresses in ip4_addr_t are in network order, as in
 * lwIP; the values of struct wire_ip4 are in host order. */
#ifndef STACK_IPV4_IP4_LOCAL_H
#define STACK_IPV4_IP4_LOCAL_H

#include <string.h>

#include "lwip/def.h"
#include "lwip/ip4.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "stack/core/instance.h"
#include "stack/core/speed.h"
#include "stack/wire/ip4.h"

/* What the link layer may want in front of a datagram that no pcb sends. LWIP_VLAN_PCP's tag is
 * asked for by pcbs: counting it in would have every received packet copied for four bytes. */
#if LWIP_VLAN_PCP && !defined LWIP_HOOK_VLAN_SET
#define IP4_LINK_ROOM (PBUF_LINK_HLEN + PBUF_LINK_ENCAPSULATION_HLEN - 4)
#else
#define IP4_LINK_ROOM (PBUF_LINK_HLEN + PBUF_LINK_ENCAPSULATION_HLEN)
#endif

static inline ip4_addr_t ip4_addr_from_host(u32_t host_order)
{
    ip4_addr_t a;
    if (FAST_PATHS)
        put_be32((u8_t *)&a.addr, host_order);
    else
        ip4_addr_set_u32(&a, lwip_htonl(host_order));
    return a;
}

static inline ip4_addr_t ip4_addr_at(const u8_t *bytes)
{
    return (ip4_addr_t){get_net32(bytes)};
}

/* The packet now on its way in was sent by this host itself: it comes off a loopback queue, not
 * off the wire, and may carry addresses that no wire may. */
static inline bool ip4_is_looped(void)
{
    return netif_is_looping();
}

/* All bits of the host part in n's network are set. Hardly an address is like that; an interface's
 * broadcasts are, but for the limited ones. */
static inline bool ip4_ends_in_ones(const ip4_addr_t *addr, const struct netif *n)
{
    return (ip4_addr_get_u32(addr) | ip4_addr_get_u32(netif_ip4_netmask(n))) == IPADDR_BROADCAST;
}

/* The interface that is up and bears this address, or NULL. */
struct netif *ip4_owner(const ip4_addr_t *addr);
/* The address is a broadcast on any interface (limited, directed, or 0.0.0.0). */
bool ip4_is_broadcast(const ip4_addr_t *addr);
/* The address can name one host and no more: the only kind to which an ICMP error or an echo reply
 * goes, and the only kind a datagram may come from [RFC1122 3.2.1.3]. 127/8 passes here. */
bool ip4_is_single_host(const ip4_addr_t *addr);

/* Hands a whole datagram that is for us to raw pcbs and its transport. Takes over p, whose payload
 * is at the IP header; ip_data is filled in. */
void ip4_demux(struct pbuf *p, u8_t header_len, u8_t proto, struct netif *inp);
/* A raw pcb has had a copy of the datagram that is being delivered: dropping it is no loss. */
#if LWIP_RAW
bool ip4_demux_seen_by_raw(void);
#else
static inline bool ip4_demux_seen_by_raw(void)
{
    return false;
}
#endif
/* Tells the transport of e->proto of the error; false: there is none, or it does not care. */
bool ip4_demux_error(const struct icmp_error *e, struct netif *inp);

/* Sends a datagram that is not for us on its way, or drops it. Takes over p, as ip4_demux(). */
void ip4_forward(struct pbuf *p, const struct wire_ip4 *h, struct netif *inp);

/* Checks the options of a datagram (header_len > 20) and answers bad ones with an ICMP error. On
 * false the datagram has been counted as dropped; the caller frees it. */
bool ip4_options_accepted(const struct pbuf *p, u8_t header_len, u8_t proto, struct netif *inp);

/* Counts a datagram that is thrown away on its way in, and frees it. */
static inline void ip4_discard(struct pbuf *p, enum drop_reason reason, const struct netif *netif)
{
    IP_STATS_INC(ip.drop);
    drop(reason, netif, p);
    pbuf_free(p);
}

/* Sends a datagram, in fragments if it is too big for the interface. p stays the caller's and is
 * not changed. */
err_t ip4_transmit(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest);

/* ip4_output_if_opt_src(), which lwIP declares only where it sends options itself (IGMP). */
#define IP4_SENDS_OPTIONS (IP_OPTIONS_SEND || (LWIP_ICMP && LWIP_IP_OPTIONS_CHECK))
#if IP4_SENDS_OPTIONS
err_t ip4_send(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos,
               u8_t proto, struct netif *netif, const void *options, u16_t optlen);
#else
static inline err_t ip4_send(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest,
                             u8_t ttl, u8_t tos, u8_t proto, struct netif *netif,
                             const void *options, u16_t optlen)
{
    LWIP_UNUSED_ARG(options);
    LWIP_UNUSED_ARG(optlen);
    return ip4_output_if_src(p, src, dest, ttl, tos, proto, netif);
}
#endif

/* Whether a checksum is to be made or verified on this interface: `flag` is NETIF_CHECKSUM_x,
 * `built_in` the option CHECKSUM_x of the same name. */
#if LWIP_CHECKSUM_CTRL_PER_NETIF
static inline bool ip4_checksum_wanted(const struct netif *netif, u16_t flag, bool built_in)
{
    return built_in && (netif->chksum_flags & flag) != 0;
}
#else
static inline bool ip4_checksum_wanted(const struct netif *netif, u16_t flag, bool built_in)
{
    (void)netif;
    (void)flag;
    return built_in;
}
#endif

/* The header checksum, computed into the header if the interface wants it from us, else 0. NULL: it
 * is wanted. */
void ip4_header_checksum(u8_t *header, size_t len, const struct netif *netif);

/* An interface goes: the choice for multicast forgets it. */
#if LWIP_MULTICAST_TX_OPTIONS
void ip4_route_forget(const struct netif *netif);
#else
static inline void ip4_route_forget(const struct netif *netif)
{
    (void)netif;
}
#endif

/* Stand-ins for what a build leaves out; the branch that would call them is then dead. */
#if !IP_FRAG
static inline err_t ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    (void)p;
    (void)netif;
    (void)dest;
    return ERR_VAL;
}
#endif
#if !ENABLE_LOOPBACK
static inline err_t netif_loop_output(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    (void)p;
    return ERR_RTE;
}
#endif

/* ip4_reass.c */
#if IP_REASSEMBLY
void ip4_reass_module_init(void);
void ip4_reass_module_fini(void);
const char *ip4_reass_module_check(void);
#else
static inline struct pbuf *ip4_reass(struct pbuf *p)
{
    pbuf_free(p);
    return NULL;
}
static inline void ip4_reass_module_init(void)
{
}
static inline void ip4_reass_module_fini(void)
{
}
static inline const char *ip4_reass_module_check(void)
{
    return NULL;
}
#endif

#endif
