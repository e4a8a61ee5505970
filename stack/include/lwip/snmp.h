/* lwip/snmp.h: MIB-II numbers of an interface, and call-backs for whoever keeps MIB tables. */
#ifndef LWIP_HDR_SNMP_H
#define LWIP_HDR_SNMP_H

#include "lwip/ip_addr.h"
#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

struct udp_pcb;
struct netif;

/* RFC 1213 ifType */
enum snmp_ifType {
    snmp_ifType_other = 1,
    snmp_ifType_regular1822 = 2,
    snmp_ifType_hdh1822 = 3,
    snmp_ifType_ddn_x25 = 4,
    snmp_ifType_rfc877_x25 = 5,
    snmp_ifType_ethernet_csmacd = 6,
    snmp_ifType_iso88023_csmacd = 7,
    snmp_ifType_iso88024_tokenBus = 8,
    snmp_ifType_iso88025_tokenRing = 9,
    snmp_ifType_iso88026_man = 10,
    snmp_ifType_starLan = 11,
    snmp_ifType_proteon_10Mbit = 12,
    snmp_ifType_proteon_80Mbit = 13,
    snmp_ifType_hyperchannel = 14,
    snmp_ifType_fddi = 15,
    snmp_ifType_lapb = 16,
    snmp_ifType_sdlc = 17,
    snmp_ifType_ds1 = 18,
    snmp_ifType_e1 = 19,
    snmp_ifType_basicISDN = 20,
    snmp_ifType_primaryISDN = 21,
    snmp_ifType_propPointToPointSerial = 22,
    snmp_ifType_ppp = 23,
    snmp_ifType_softwareLoopback = 24,
    snmp_ifType_eon = 25,
    snmp_ifType_ethernet_3Mbit = 26,
    snmp_ifType_nsip = 27,
    snmp_ifType_slip = 28,
    snmp_ifType_ultra = 29,
    snmp_ifType_ds3 = 30,
    snmp_ifType_sip = 31,
    snmp_ifType_frame_relay = 32
};

#if MIB2_STATS
#define MIB2_INIT_NETIF(netif, type, speed) \
    do { (netif)->link_type = (type); (netif)->link_speed = (speed); (netif)->ts = 0; \
         (netif)->mib2_counters = (struct stats_mib2_netif_ctrs){0}; } while (0)
#define MIB2_STATS_NETIF_INC(n, x) do { ++(n)->mib2_counters.x; } while (0)
#define MIB2_STATS_NETIF_ADD(n, x, val) do { (n)->mib2_counters.x += (val); } while (0)
#ifndef MIB2_COPY_SYSUPTIME_TO
#define MIB2_COPY_SYSUPTIME_TO(ptrToVal) (*(ptrToVal) = (sys_now() / 10)) /* 10 ms units */
#endif
#else
#define MIB2_INIT_NETIF(netif, type, speed) ((void)0)
#define MIB2_STATS_NETIF_INC(n, x) ((void)0)
#define MIB2_STATS_NETIF_ADD(n, x, val) ((void)0)
#ifndef MIB2_COPY_SYSUPTIME_TO
#define MIB2_COPY_SYSUPTIME_TO(ptrToVal) ((void)0)
#endif
#endif

/* LWIP_MIB2_CALLBACKS: supplied by the user. */
#if LWIP_MIB2_CALLBACKS
void mib2_netif_added(struct netif *ni);
void mib2_netif_removed(struct netif *ni);
void mib2_add_arp_entry(struct netif *ni, ip4_addr_t *ip);
void mib2_remove_arp_entry(struct netif *ni, ip4_addr_t *ip);
void mib2_add_ip4(struct netif *ni);
void mib2_remove_ip4(struct netif *ni);
void mib2_add_route_ip4(u8_t dflt, struct netif *ni);
void mib2_remove_route_ip4(u8_t dflt, struct netif *ni);
void mib2_udp_bind(struct udp_pcb *pcb);
void mib2_udp_unbind(struct udp_pcb *pcb);
#else
#define mib2_netif_added(ni) ((void)0)
#define mib2_netif_removed(ni) ((void)0)
#define mib2_add_arp_entry(ni, ip) ((void)0)
#define mib2_remove_arp_entry(ni, ip) ((void)0)
#define mib2_add_ip4(ni) ((void)0)
#define mib2_remove_ip4(ni) ((void)0)
#define mib2_add_route_ip4(dflt, ni) ((void)0)
#define mib2_remove_route_ip4(dflt, ni) ((void)0)
#define mib2_udp_bind(pcb) ((void)0)
#define mib2_udp_unbind(pcb) ((void)0)
#endif

/* Older names, still in use by drivers. */
#define NETIF_INIT_SNMP MIB2_INIT_NETIF
#define snmp_add_ifinoctets(ni, value) MIB2_STATS_NETIF_ADD(ni, ifinoctets, value)
#define snmp_inc_ifinucastpkts(ni) MIB2_STATS_NETIF_INC(ni, ifinucastpkts)
#define snmp_inc_ifinnucastpkts(ni) MIB2_STATS_NETIF_INC(ni, ifinnucastpkts)
#define snmp_inc_ifindiscards(ni) MIB2_STATS_NETIF_INC(ni, ifindiscards)
#define snmp_inc_ifinerrors(ni) MIB2_STATS_NETIF_INC(ni, ifinerrors)
#define snmp_inc_ifinunknownprotos(ni) MIB2_STATS_NETIF_INC(ni, ifinunknownprotos)
#define snmp_add_ifoutoctets(ni, value) MIB2_STATS_NETIF_ADD(ni, ifoutoctets, value)
#define snmp_inc_ifoutucastpkts(ni) MIB2_STATS_NETIF_INC(ni, ifoutucastpkts)
#define snmp_inc_ifoutnucastpkts(ni) MIB2_STATS_NETIF_INC(ni, ifoutnucastpkts)
#define snmp_inc_ifoutdiscards(ni) MIB2_STATS_NETIF_INC(ni, ifoutdiscards)
#define snmp_inc_ifouterrors(ni) MIB2_STATS_NETIF_INC(ni, ifouterrors)

#ifdef __cplusplus
}
#endif

#endif
