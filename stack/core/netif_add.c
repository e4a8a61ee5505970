/* core/netif_add.c: interfaces come and go; the list of them and the default one.
 *
 * struct netif is the application's object. It is in the list from a successful netif_add() until
 * netif_remove(); the latest added is first, which is also the order of route look-ups. */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/snmp.h"

#include <string.h>

bool netif_is_listed(const struct netif *netif)
{
    const struct netif *n = STACK->pub.netif_list_;
    while (n != NULL && n != netif)
        n = netif_after(n);
    return n != NULL;
}

static err_t no_output(struct netif *netif, struct pbuf *p, const ip4_addr_t *ipaddr)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(ipaddr);
    return ERR_IF;
}

#if LWIP_NETIF_STATUS_CALLBACK
#define CLEAR_STATUS_CALLBACK(n) ((n)->status_callback = NULL)
#else
#define CLEAR_STATUS_CALLBACK(n) ((void)0)
#endif
#if LWIP_NETIF_LINK_CALLBACK
#define CLEAR_LINK_CALLBACK(n) ((n)->link_callback = NULL)
#else
#define CLEAR_LINK_CALLBACK(n) ((void)0)
#endif
#if LWIP_NETIF_REMOVE_CALLBACK
#define CLEAR_REMOVE_CALLBACK(n) ((n)->remove_callback = NULL)
#else
#define CLEAR_REMOVE_CALLBACK(n) ((void)0)
#endif
#if LWIP_IGMP
#define CLEAR_IGMP_FILTER(n) ((n)->igmp_mac_filter = NULL)
#else
#define CLEAR_IGMP_FILTER(n) ((void)0)
#endif
#if LWIP_ACD
#define CLEAR_ACD_LIST(n) ((n)->acd_list = NULL)
#else
#define CLEAR_ACD_LIST(n) ((void)0)
#endif
#if LWIP_ARP && LWIP_IP_DEAD_GATEWAY
#define CLEAR_GATEWAY(n) ((n)->gw_lost = 0)
#else
#define CLEAR_GATEWAY(n) ((void)0)
#endif
#ifdef netif_get_client_data
#define CLEAR_CLIENT_DATA(n) memset((n)->client_data, 0, sizeof(n)->client_data)
#else
#define CLEAR_CLIENT_DATA(n) ((void)0)
#endif

static void reset_fields(struct netif *netif, void *state, netif_input_fn input)
{
    ip_addr_set_zero_ip4(&netif->ip_addr);
    ip_addr_set_zero_ip4(&netif->netmask);
    ip_addr_set_zero_ip4(&netif->gw);
    netif->output = no_output;
    NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL);
    netif->mtu = 0;
    netif->flags = 0;
    netif->state = state;
    netif->input = input;
    CLEAR_CLIENT_DATA(netif);
    CLEAR_STATUS_CALLBACK(netif);
    CLEAR_LINK_CALLBACK(netif);
    CLEAR_REMOVE_CALLBACK(netif);
    CLEAR_IGMP_FILTER(netif);
    CLEAR_ACD_LIST(netif);
    CLEAR_GATEWAY(netif);
    NETIF_RESET_HINTS(netif);
    netif_loop_init(netif);
}

#if LWIP_SINGLE_NETIF
static void list(struct netif *netif)
{
    STACK->pub.netif_list_ = netif;
}

static void unlist(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    STACK->pub.netif_list_ = NULL;
}
#else
static void list(struct netif *netif)
{
    netif->next = STACK->pub.netif_list_;
    STACK->pub.netif_list_ = netif;
}

static void unlist(struct netif *netif)
{
    struct netif **at = &STACK->pub.netif_list_;
    while (*at != netif)
        at = &(*at)->next;
    *at = netif->next;
    netif->next = NULL;
}
#endif

struct netif *netif_add(struct netif *netif, const ip4_addr_t *ipaddr, const ip4_addr_t *netmask,
                        const ip4_addr_t *gw, void *state, netif_init_fn init,
                        netif_input_fn input)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_add: no interface", netif != NULL, return NULL;);
    LWIP_ERROR("netif_add: no init function", init != NULL, return NULL;);
    LWIP_ERROR("netif_add: already added", !netif_is_listed(netif), return NULL;);
    LWIP_ERROR("netif_add: there is one already",
               !LWIP_SINGLE_NETIF || STACK->pub.netif_default_ == NULL, return NULL;);
    LWIP_ERROR("netif_add: ones behind a zero in the mask", /* [RFC1122 3.2.2.9] */
               netmask == NULL || ip4_addr_netmask_valid(ip4_addr_get_u32(netmask)), return NULL;);

    reset_fields(netif, state, input);
    /* numbered before the driver's init, which may want to know its name */
    if (!netif_take_number(netif))
        return NULL;
    netif_set_addr(netif, ipaddr, netmask, gw);
    if (init(netif) != ERR_OK)
        return NULL;
    if (netif_listeners_added(netif) != ERR_OK)
        return NULL;
    list(netif);
    if (LWIP_SINGLE_NETIF)
        STACK->pub.netif_default_ = netif;
    mib2_netif_added(netif);
    netif_trace(netif);
    netif_tell_ext(netif, LWIP_NSC_NETIF_ADDED);
    return netif;
}

struct netif *netif_add_noaddr(struct netif *netif, void *state, netif_init_fn init,
                               netif_input_fn input)
{
    return netif_add(netif, NULL, NULL, NULL, state, init, input);
}

void netif_remove(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (!netif_is_listed(netif)) /* nor is NULL */
        return;
    netif_tell_ext(netif, LWIP_NSC_NETIF_REMOVED);
    if (!ip4_addr_isany_val(*netif_ip4_addr(netif))) {
        ip_addr_t none;
        ip_addr_set_zero_ip4(&none);
        netif_listeners_addr_changed(netif, &netif->ip_addr, &none);
        mib2_remove_ip4(netif);
    }
    netif_set_down(netif);
    netif_listeners_removed(netif);
    netif_loop_purge(netif);
    if (STACK->pub.netif_default_ == netif)
        netif_set_default(NULL);
    unlist(netif);
    mib2_netif_removed(netif);
    netif_trace(netif);
    netif_tell_removed(netif);
}

void netif_set_default(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (netif == NULL) {
        mib2_remove_route_ip4(1, netif);
    } else {
        mib2_add_route_ip4(1, netif);
    }
    STACK->pub.netif_default_ = netif;
}

/* The loopback interface. Called last when an instance is made: rooms have registered by then. */
void netif_init(void)
{
    bool added = netif_loopif_add();
    LWIP_ASSERT("netif_init: the loopback interface could not be added", added);
    LWIP_UNUSED_ARG(added);
}

const char *netif_check(void)
{
    unsigned n = 0;
    bool default_listed = STACK->pub.netif_default_ == NULL;
    for (const struct netif *i = STACK->pub.netif_list_; i != NULL; i = netif_after(i)) {
        if (++n > 255)
            return "netif: the list is longer than there are numbers (a circle?)";
        if (i->num > 254)
            return "netif: a number is out of range";
        if (i->input == NULL || i->output == NULL)
            return "netif: an interface has no input or output function";
        if (i->hwaddr_len > NETIF_MAX_HWADDR_LEN)
            return "netif: the hardware address is too long";
        for (const struct netif *j = netif_after(i); j != NULL; j = netif_after(j))
            if (j->num == i->num)
                return "netif: two interfaces have the same number";
        default_listed |= i == STACK->pub.netif_default_;
    }
    return default_listed ? netif_loop_check() : "netif: the default one is not in the list";
}
