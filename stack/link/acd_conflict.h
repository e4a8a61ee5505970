/* link/acd_conflict.h: what acd_conflict.c, acd.c and arp_observer.c share.
 *
 * An acd belongs to the application and hangs in netif->acd_list while added. Call-backs may start,
 * stop or remove any acd, the one they are about included, and free its memory once removed. */
#ifndef STACK_LINK_ACD_CONFLICT_H
#define STACK_LINK_ACD_CONFLICT_H

#include "lwip/acd.h"
#include "lwip/netif.h"
#include "stack/wire/arp.h"

#include <stdbool.h>

#if LWIP_ACD
/* Looks for a conflict in a received packet; may call back. */
void acd_observe(struct netif *netif, const struct wire_arp *a);

/* true: some acd on netif is announcing ip, or has announced it and watches over it */
bool acd_guards(const struct netif *netif, const ip4_addr_t *ip);

/* Sets the state and, unless wait_ms is ACD_NO_WAIT, when the timer shall look at it again. */
#define ACD_NO_WAIT 0xffffffffu
void acd_enter(struct acd *acd, acd_state_enum_t state, u32_t wait_ms);

/* Forgets the last conflict once it is DEFEND_INTERVAL ago, else has the timer look again then. */
void acd_age_conflict(struct acd *acd);

/* true: the acd is still on netif's list (it may have been removed by a call-back) */
bool acd_listed(const struct netif *netif, const struct acd *acd);

/* The instance begins and ends: the ticker. */
void acd_begin(void);
void acd_end(void);

/* The interface goes away: stops what is on it and lets go of it. */
void acd_netif_removed(struct netif *netif);

const char *acd_check(void);

#else
static inline void acd_observe(struct netif *netif, const struct wire_arp *a)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(a);
}

static inline void acd_network_changed_link_down(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}

static inline void acd_netif_ip_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                                             const ip_addr_t *new_addr)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(old_addr);
    LWIP_UNUSED_ARG(new_addr);
}

static inline void acd_begin(void)
{
}

static inline void acd_end(void)
{
}

static inline const char *acd_check(void)
{
    return NULL;
}
#endif

#endif
