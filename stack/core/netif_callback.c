/* core/netif_callback.c: who is told of what: the call-backs on an interface, the extended
 * subscribers of the instance, and the rooms above (netif_news.h). */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"

#if LWIP_NETIF_STATUS_CALLBACK
void netif_set_status_callback(struct netif *netif, netif_status_callback_fn status_callback)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (netif != NULL)
        netif->status_callback = status_callback;
}

void netif_tell_status(struct netif *netif)
{
    if (netif->status_callback != NULL)
        netif->status_callback(netif);
}
#endif

#if LWIP_NETIF_LINK_CALLBACK
void netif_set_link_callback(struct netif *netif, netif_status_callback_fn link_callback)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (netif != NULL)
        netif->link_callback = link_callback;
}

void netif_tell_link(struct netif *netif)
{
    if (netif->link_callback != NULL)
        netif->link_callback(netif);
}
#endif

#if LWIP_NETIF_REMOVE_CALLBACK
void netif_set_remove_callback(struct netif *netif, netif_status_callback_fn remove_callback)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (netif != NULL)
        netif->remove_callback = remove_callback;
}

void netif_tell_removed(struct netif *netif)
{
    if (netif->remove_callback != NULL)
        netif->remove_callback(netif);
}
#endif

#if LWIP_NETIF_EXT_STATUS_CALLBACK
void netif_add_ext_callback(netif_ext_callback_t *callback, netif_ext_callback_fn fn)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ASSERT("netif_add_ext_callback: no call-back", callback != NULL && fn != NULL);
    callback->callback_fn = fn;
    callback->next = STACK->netif.ext_callbacks;
    STACK->netif.ext_callbacks = callback;
}

void netif_remove_ext_callback(netif_ext_callback_t *callback)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ASSERT("netif_remove_ext_callback: no call-back", callback != NULL);
    struct netif_ext_callback **at = &STACK->netif.ext_callbacks;
    while (*at != NULL && *at != callback)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = callback->next;
    for (struct netif_ext_walk *w = STACK->netif.ext_walks; w != NULL; w = w->outer)
        if (w->next == callback)
            w->next = callback->next;
    callback->next = NULL;
}

void netif_invoke_ext_callback(struct netif *netif, netif_nsc_reason_t reason,
                               const netif_ext_callback_args_t *args)
{
    LWIP_ASSERT("netif_invoke_ext_callback: no interface", netif != NULL);
    struct netif_ext_walk walk = {STACK->netif.ext_callbacks, STACK->netif.ext_walks};
    STACK->netif.ext_walks = &walk;
    while (walk.next != NULL) {
        netif_ext_callback_t *c = walk.next;
        walk.next = c->next; /* it may unsubscribe itself, or the next one */
        c->callback_fn(netif, reason, args);
    }
    STACK->netif.ext_walks = walk.outer;
}

void netif_tell_ext(struct netif *netif, netif_nsc_reason_t reason)
{
    netif_invoke_ext_callback(netif, reason, NULL);
}

void netif_tell_ext_status(struct netif *netif, u8_t state)
{
    netif_ext_callback_args_t args = {0};
    args.status_changed.state = state;
    netif_invoke_ext_callback(netif, LWIP_NSC_STATUS_CHANGED, &args);
}

void netif_tell_ext_link(struct netif *netif, u8_t state)
{
    netif_ext_callback_args_t args = {0};
    args.link_changed.state = state;
    netif_invoke_ext_callback(netif, LWIP_NSC_LINK_CHANGED, &args);
}
#endif

#if LWIP_MODULES_MORE
void netif_listener_register(const struct netif_listener *listener)
{
    struct netif_state *s = &STACK->netif;
    LWIP_ASSERT("netif_listener_register: NETIF_LISTENERS_MAX is too small",
                s->listener_count < NETIF_LISTENERS_MAX);
    s->listeners[s->listener_count++] = listener;
}

void netif_listeners_tell_more(enum netif_news news, struct netif *netif, const ip_addr_t *a,
                               const ip_addr_t *b)
{
    for (unsigned i = 0; i < STACK->netif.listener_count; i++)
        STACK->netif.listeners[i]->hear(news, netif, a, b);
}

/* The first `count` of them, the last first. */
static void tell_more_removed(struct netif *netif, unsigned count)
{
    while (count-- > 0)
        STACK->netif.listeners[count]->hear(NETIF_NEWS_REMOVED, netif, NULL, NULL);
}

void netif_listeners_tell_more_removed(struct netif *netif)
{
    tell_more_removed(netif, STACK->netif.listener_count);
}

static err_t tell_more_added(struct netif *netif)
{
    for (unsigned i = 0; i < STACK->netif.listener_count; i++) {
        const struct netif_listener *l = STACK->netif.listeners[i];
        err_t err = l->added != NULL ? l->added(netif) : ERR_OK;
        if (err != ERR_OK) {
            tell_more_removed(netif, i);
            return err;
        }
    }
    return ERR_OK;
}
#elif LWIP_IGMP
static err_t tell_more_added(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    return ERR_OK;
}
#endif

#if LWIP_MODULES_MORE || LWIP_IGMP
err_t netif_listeners_added(struct netif *netif)
{
    err_t err = ipv4_netif_added(netif);
    if (err == ERR_OK) {
        err = tell_more_added(netif);
        if (err != ERR_OK)
            ipv4_netif_removed(netif);
    }
    if (err != ERR_OK)
        link_netif_removed(netif);
    return err;
}
#endif

void netif_listeners_announce(struct netif *netif)
{
    if (!netif_is_up(netif) || !netif_is_link_up(netif) ||
        ip4_addr_isany_val(*netif_ip4_addr(netif)))
        return;
    link_netif_announce(netif);
    ipv4_netif_announce(netif);
    netif_listeners_tell_more(NETIF_NEWS_ANNOUNCE, netif, NULL, NULL);
}

void netif_listeners_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                                  const ip_addr_t *new_addr)
{
    link_netif_addr_changed(netif, old_addr, new_addr);
    ipv4_netif_routes_changed(netif);
    if (LWIP_UDP)
        udp_netif_ip_addr_changed(old_addr, new_addr);
    if (LWIP_TCP)
        tcp_netif_ip_addr_changed(old_addr, new_addr);
    if (LWIP_RAW)
        raw_netif_ip_addr_changed(old_addr, new_addr);
    netif_listeners_tell_more(NETIF_NEWS_ADDR_CHANGED, netif, old_addr, new_addr);
}

#if LWIP_MODULES_MORE || IPV4_HEARS_OF_ROUTES
void netif_listeners_neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    ip_addr_t lost;
    ip_addr_copy_from_ip4(lost, *addr);
    ipv4_netif_neighbour_lost(netif, addr);
    netif_listeners_tell_more(NETIF_NEWS_NEIGHBOUR_LOST, netif, &lost, NULL);
}
#endif
