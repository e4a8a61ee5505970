/* core/netif_local.h: what the netif files tell each other. */
#ifndef STACK_CORE_NETIF_LOCAL_H
#define STACK_CORE_NETIF_LOCAL_H

#include "lwip/netif.h"
#include "stack/core/event.h"
#include "stack/core/modules.h"

#include <stdbool.h>

/* The interface behind this one in the list (LWIP_SINGLE_NETIF: there is none). */
#if LWIP_SINGLE_NETIF
#define netif_after(n) ((void)(n), (struct netif *)NULL)
#else
#define netif_after(n) ((n)->next)
#endif

/* netif is in the instance's list. */
bool netif_is_listed(const struct netif *netif);

/* The call-backs that an interface may carry; nothing where the build has none. */
#if LWIP_NETIF_STATUS_CALLBACK
void netif_tell_status(struct netif *netif);
#else
static inline void netif_tell_status(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
#if LWIP_NETIF_LINK_CALLBACK
void netif_tell_link(struct netif *netif);
#else
static inline void netif_tell_link(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif
#if LWIP_NETIF_REMOVE_CALLBACK
void netif_tell_removed(struct netif *netif);
#else
static inline void netif_tell_removed(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif

/* Extended call-backs about a change whose only argument is a state. */
#if LWIP_NETIF_EXT_STATUS_CALLBACK
void netif_tell_ext_status(struct netif *netif, u8_t state);
void netif_tell_ext_link(struct netif *netif, u8_t state);
void netif_tell_ext(struct netif *netif, netif_nsc_reason_t reason);
#else
static inline void netif_tell_ext_status(struct netif *netif, u8_t state)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(state);
}

static inline void netif_tell_ext_link(struct netif *netif, u8_t state)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(state);
}

static inline void netif_tell_ext(struct netif *netif, netif_nsc_reason_t reason)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(reason);
}
#endif

/* More listeners, of an instance that may have some. */
#if LWIP_MODULES_MORE
void netif_listeners_tell_more(enum netif_news news, struct netif *netif, const ip_addr_t *a,
                               const ip_addr_t *b);
/* The last first. */
void netif_listeners_tell_more_removed(struct netif *netif);
#else
static inline void netif_listeners_tell_more(enum netif_news news, struct netif *netif,
                                             const ip_addr_t *a, const ip_addr_t *b)
{
    LWIP_UNUSED_ARG(news);
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(a);
    LWIP_UNUSED_ARG(b);
}
static inline void netif_listeners_tell_more_removed(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif

/* The following tell whoever netif_news.h says. added: the first failure; those told before it have
 * been told of the removal again. */
#if LWIP_MODULES_MORE || LWIP_IGMP
err_t netif_listeners_added(struct netif *netif);
#else
static inline err_t netif_listeners_added(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    return ERR_OK;
}
#endif

static inline void netif_listeners_removed(struct netif *netif)
{
    netif_listeners_tell_more_removed(netif);
    ipv4_netif_removed(netif);
    link_netif_removed(netif);
}

/* Only if it is up, with link and with an address. */
void netif_listeners_announce(struct netif *netif);

static inline void netif_listeners_went_down(struct netif *netif)
{
    link_netif_went_down(netif);
    ipv4_netif_went_down(netif);
    netif_listeners_tell_more(NETIF_NEWS_WENT_DOWN, netif, NULL, NULL);
}

void netif_listeners_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                                  const ip_addr_t *new_addr);

static inline void netif_listeners_routes_changed(struct netif *netif)
{
    ipv4_netif_routes_changed(netif);
    netif_listeners_tell_more(NETIF_NEWS_ROUTES_CHANGED, netif, NULL, NULL);
}

/* Traces the interface's number and flags. */
static inline void netif_trace(const struct netif *netif)
{
    stack_emit(STACK_EVENT_NETIF, netif_get_index(netif), netif->flags);
}

/* Gives netif->num the next free number; false: all 255 are taken. */
bool netif_take_number(struct netif *netif);

/* Frees what waits on the interface's loopback queue; sets up the fields of that queue. */
#if ENABLE_LOOPBACK
void netif_loop_purge(struct netif *netif);
void netif_loop_init(struct netif *netif);
#else
static inline void netif_loop_purge(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
static inline void netif_loop_init(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif

/* Adds the loopback interface "lo", 127.0.0.1. false: it could not be set up. */
#if LWIP_HAVE_LOOPIF
bool netif_loopif_add(void);
#else
static inline bool netif_loopif_add(void)
{
    return true;
}
#endif

/* NULL, or what is wrong with an interface, the list or a loopback queue. */
const char *netif_check(void);
const char *netif_loop_check(void);

#endif
