/* core/netif_local.h: what the netif files tell each other. */
#ifndef STACK_CORE_NETIF_LOCAL_H
#define STACK_CORE_NETIF_LOCAL_H

#include "lwip/netif.h"

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
void netif_tell_status(struct netif *netif);
void netif_tell_link(struct netif *netif);
void netif_tell_removed(struct netif *netif);

/* Extended call-backs about a change whose only argument is a state. */
void netif_tell_ext_status(struct netif *netif, u8_t state);
void netif_tell_ext_link(struct netif *netif, u8_t state);
void netif_tell_ext(struct netif *netif, netif_nsc_reason_t reason);

/* The registered listeners of modules.h. added: the first failure; those told before it have been
 * told of the removal again. announce: only if up, with link and with an address. */
err_t netif_listeners_added(struct netif *netif);
void netif_listeners_removed(struct netif *netif);
void netif_listeners_announce(struct netif *netif);
void netif_listeners_went_down(struct netif *netif);
void netif_listeners_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                                  const ip_addr_t *new_addr);
void netif_listeners_routes_changed(struct netif *netif);

/* Traces the interface's number and flags. */
void netif_trace(const struct netif *netif);

/* Gives netif->num the next free number; false: all 255 are taken. */
bool netif_take_number(struct netif *netif);

/* Frees what waits on the interface's loopback queue. */
void netif_loop_purge(struct netif *netif);

/* Sets up the fields of the loopback queue. */
void netif_loop_init(struct netif *netif);

/* Adds the loopback interface "lo", 127.0.0.1. false: it could not be set up. */
bool netif_loopif_add(void);

/* NULL, or what is wrong with an interface, the list or a loopback queue. */
const char *netif_check(void);
const char *netif_loop_check(void);

#endif
