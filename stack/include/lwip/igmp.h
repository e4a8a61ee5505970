/* lwip/igmp.h: IGMPv2, RFC 2236: membership of multicast groups, per interface. */
#ifndef LWIP_HDR_IGMP_H
#define LWIP_HDR_IGMP_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#if LWIP_IPV4 && LWIP_IGMP

#ifdef __cplusplus
extern "C" {
#endif

#define IGMP_TMR_INTERVAL 100 /* ms */
#define IGMP_V1_DELAYING_MEMBER_TMR (1000 / IGMP_TMR_INTERVAL)
#define IGMP_JOIN_DELAYING_MEMBER_TMR (500 / IGMP_TMR_INTERVAL)

#define IGMP_DEL_MAC_FILTER NETIF_DEL_MAC_FILTER
#define IGMP_ADD_MAC_FILTER NETIF_ADD_MAC_FILTER

struct igmp_group {
    struct igmp_group *next;
    ip4_addr_t group_address;
    u8_t last_reporter_flag; /* we were the last to report */
    u8_t group_state;        /* IGMP_GROUP_x */
    u16_t timer;             /* ticks to the next report when it was set; 0: off */
    u8_t use;                /* joins less leaves */
    u8_t reports_left;       /* ours: unsolicited reports still to send */
    u8_t v1_heard;           /* ours, of an interface's first group: querier of version 1 */
    u32_t due_ms;            /* ours: on the IGMP ticker's clock; valid while timer != 0 */
    u32_t v1_until_ms;       /* ours: how long that querier counts as present */
};

void igmp_init(void);
err_t igmp_start(struct netif *netif);
err_t igmp_stop(struct netif *netif);
void igmp_report_groups(struct netif *netif);
struct igmp_group *igmp_lookfor_group(struct netif *ifp, const ip4_addr_t *addr);
void igmp_input(struct pbuf *p, struct netif *inp, const ip4_addr_t *dest);
/* ifaddr: the interface's address, any: all that can. ERR_VAL: not a group or not an interface;
 * ERR_MEM. Joins are counted. */
err_t igmp_joingroup(const ip4_addr_t *ifaddr, const ip4_addr_t *groupaddr);
err_t igmp_joingroup_netif(struct netif *netif, const ip4_addr_t *groupaddr);
err_t igmp_leavegroup(const ip4_addr_t *ifaddr, const ip4_addr_t *groupaddr);
err_t igmp_leavegroup_netif(struct netif *netif, const ip4_addr_t *groupaddr);
void igmp_tmr(void);

#define netif_igmp_data(netif) \
    ((struct igmp_group *)netif_get_client_data(netif, LWIP_NETIF_CLIENT_DATA_INDEX_IGMP))

#ifdef __cplusplus
}
#endif

#endif
#endif
