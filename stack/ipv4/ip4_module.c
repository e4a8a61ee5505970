/* ipv4/ip4_module.c: IPv4 plugs itself into an instance (core/modules.h). */
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "stack/core/modules.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_gateway.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/ipv4/ip4_redirect.h"

#if IPV4_HEARS_OF_ROUTES || LWIP_IGMP
static bool has_igmp(const struct netif *netif)
{
    return LWIP_IGMP && (netif->flags & NETIF_FLAG_IGMP) != 0;
}
#endif

#if LWIP_IGMP
err_t ipv4_netif_added(struct netif *netif)
{
    return has_igmp(netif) ? igmp_start(netif) : ERR_OK;
}

void ipv4_netif_announce(struct netif *netif)
{
    if (has_igmp(netif))
        igmp_report_groups(netif);
}
#endif

#if IPV4_HEARS_OF_ROUTES
/* What was learnt about gateways belongs to the address, mask and gateway it was learnt with. */
void ipv4_netif_routes_changed(struct netif *netif)
{
    ip4_redirect_forget(netif, NULL);
    ip4_gateway_forget(netif);
}

/* [RFC1122 3.3.1.4] */
void ipv4_netif_neighbour_lost(struct netif *netif, const ip4_addr_t *addr)
{
    ip4_redirect_forget(netif, addr);
    ip4_gateway_lost(netif, addr);
}
#endif

#if IPV4_HEARS_OF_ROUTES || LWIP_IGMP
void ipv4_netif_went_down(struct netif *netif)
{
    ipv4_netif_routes_changed(netif);
    if (has_igmp(netif))
        igmp_netif_down(netif);
}
#endif

#if IPV4_HEARS_OF_ROUTES || LWIP_IGMP || LWIP_MULTICAST_TX_OPTIONS
void ipv4_netif_removed(struct netif *netif)
{
    igmp_stop(netif); /* whatever its flags say by now */
    ip4_route_forget(netif);
    ipv4_netif_routes_changed(netif);
}
#endif

#if LWIP_MODULES_MORE
static void set_network_layer(void)
{
    netif_ip_input_register(ip_input);
}
#else
static void set_network_layer(void)
{
}
#endif

void ipv4_module_init(void)
{
    ip4_reass_module_init();
    ip4_redirect_module_init();
    icmp_limit_init();
    igmp_module_init();
    set_network_layer();
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
