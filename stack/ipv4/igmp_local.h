/* ipv4/igmp_local.h: IGMP as the other files of this directory see it, and as its own files see
 * each other. */
#ifndef STACK_IPV4_IGMP_LOCAL_H
#define STACK_IPV4_IGMP_LOCAL_H

#include <stdbool.h>

#include "lwip/igmp.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/prot/igmp.h"
#include "stack/wire/igmp.h"

#define IGMP_ALL_SYSTEMS 0xe0000001u /* 224.0.0.1, host order */
#define IGMP_ALL_ROUTERS 0xe0000002u /* 224.0.0.2 */

#if LWIP_IGMP
static inline bool igmp_is_member(struct netif *netif, const ip4_addr_t *group)
{
    return (netif->flags & NETIF_FLAG_IGMP) != 0 && igmp_lookfor_group(netif, group) != NULL;
}

void igmp_module_init(void);
/* The interface cannot carry anything any more: timers stop, memberships stay. */
void igmp_netif_down(struct netif *netif);
/* NULL, or what is wrong. */
const char *igmp_module_check(void);

/* igmp_report.c. A host of version 1 or 2, whichever the querier on the interface speaks. */
void igmp_report_now(struct netif *netif, struct igmp_group *group);
void igmp_leave_now(struct netif *netif, const struct igmp_group *group);
/* Reports the group after a random delay in (0, max_ms], unless it is about to do so earlier. */
void igmp_report_within(struct igmp_group *group, u32_t max_ms);
/* Another member has reported: no need to [RFC2236 3]. */
void igmp_report_cancel(struct igmp_group *group);
void igmp_set_state(struct igmp_group *group, u8_t group_state);
/* A querier of version 1 was heard. */
void igmp_querier_v1_heard(struct netif *netif);
void igmp_report_module_init(void);
#else
/* Without IGMP every multicast is accepted by an interface that has an address, as in lwIP. */
static inline bool igmp_is_member(struct netif *netif, const ip4_addr_t *group)
{
    (void)group;
    return !ip4_addr_isany_val(*netif_ip4_addr(netif));
}
static inline void igmp_input(struct pbuf *p, struct netif *inp, const ip4_addr_t *dest)
{
    (void)inp;
    (void)dest;
    pbuf_free(p);
}
static inline void igmp_module_init(void)
{
}
static inline void igmp_netif_down(struct netif *netif)
{
    (void)netif;
}
static inline err_t igmp_start(struct netif *netif)
{
    (void)netif;
    return ERR_OK;
}
static inline err_t igmp_stop(struct netif *netif)
{
    (void)netif;
    return ERR_OK;
}
static inline void igmp_report_groups(struct netif *netif)
{
    (void)netif;
}
static inline const char *igmp_module_check(void)
{
    return NULL;
}
#endif

#endif
