/* ipv4/ip4_module.c: IPv4 plugs itself into an instance (core/modules.h). */
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/prot/ieee.h"
#include "stack/core/modules.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_gateway.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/ipv4/ip4_redirect.h"

static bool has_igmp(const struct netif *netif)
{
    return LWIP_IGMP && (netif->flags & NETIF_FLAG_IGMP) != 0;
}

static void announce(struct netif *netif)
{
    if (has_igmp(netif))
        igmp_report_groups(netif);
}

/* What was learnt about gateways belongs to the address, mask and gateway it was learnt with. */
static void routes_changed(struct netif *netif)
{
    ip4_redirect_forget(netif, NULL);
    ip4_gateway_forget(netif);
}

/* [RFC1122 3.3.1.4] */
static void neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    ip4_redirect_forget(netif, addr);
    ip4_gateway_lost(netif, addr);
}

static void went_down(struct netif *netif)
{
    routes_changed(netif);
    if (has_igmp(netif))
        igmp_netif_down(netif);
}

#if LWIP_IGMP
static err_t added(struct netif *netif)
{
    return has_igmp(netif) ? igmp_start(netif) : ERR_OK;
}
#define ADDED .added = added,
#else
#define ADDED
#endif

static void removed(struct netif *netif)
{
    igmp_stop(netif); /* whatever its flags say by now */
    ip4_route_forget(netif);
    routes_changed(netif);
}

static void hear(enum netif_news news, struct netif *netif, const ip_addr_t *a, const ip_addr_t *b)
{
    LWIP_UNUSED_ARG(b);
    switch (news) {
    case NETIF_NEWS_ANNOUNCE:
        announce(netif);
        break;
    case NETIF_NEWS_WENT_DOWN:
        went_down(netif);
        break;
    case NETIF_NEWS_ADDR_CHANGED:
    case NETIF_NEWS_ROUTES_CHANGED:
        routes_changed(netif);
        break;
    case NETIF_NEWS_NEIGHBOUR_LOST:
        neighbour_lost(netif, ip_2_ip4(a));
        break;
    case NETIF_NEWS_REMOVED:
        removed(netif);
        break;
    }
}

static const struct netif_listener listener = {ADDED .hear = hear};

#if LWIP_ARP || LWIP_ETHERNET
static void register_ethertype(void)
{
    ethertype_register(ETHTYPE_IP, ip4_input);
}
#else
static void register_ethertype(void)
{
}
#endif

void ipv4_module_init(void)
{
    ip4_reass_module_init();
    ip4_redirect_module_init();
    icmp_limit_init();
    igmp_module_init();
    register_ethertype();
    netif_ip_input_register(ip_input);
    netif_listener_register(&listener);
}

void ipv4_module_fini(void)
{
    ip4_redirect_module_fini();
    ip4_reass_module_fini();
}

const char *ipv4_module_check(void)
{
    const char *wrong = ip4_reass_module_check();
    if (wrong == NULL)
        wrong = ip4_redirect_module_check();
    return wrong != NULL ? wrong : igmp_module_check();
}
