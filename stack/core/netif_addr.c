/* core/netif_addr.c: an interface's IPv4 address, mask and gateway.
 *
 * A change is told in this order: connections that use the old address (before it changes), then
 * the announcements on the wire, the status call-back, and last the extended call-backs, whose
 * arguments carry the old values. */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"
#include "lwip/snmp.h"

/* An interface is one station: an address of many is refused, whoever offers it (a lease, say), and
 * nothing changes [RFC1122 3.2.1.3]. */
static bool names_a_station(const ip4_addr_t *ipaddr)
{
    return !ip4_addr_ismulticast(ipaddr) && ip4_addr_get_u32(ipaddr) != IPADDR_BROADCAST;
}

static const ip4_addr_t *or_any(const ip4_addr_t *addr)
{
    return addr != NULL ? addr : ip_2_ip4(IP4_ADDR_ANY);
}

/* Whether anybody hears which of the three has changed. If not, one function is enough for all. */
#define TELLS_WHAT LWIP_NETIF_EXT_STATUS_CALLBACK

static bool change_address(struct netif *netif, const ip4_addr_t *ipaddr, ip_addr_t *old_addr)
{
    if (ip4_addr_eq(ipaddr, netif_ip4_addr(netif)))
        return false;
    ip_addr_t new_addr;
    ip_addr_copy_from_ip4(new_addr, *ipaddr);
    ip_addr_copy(*old_addr, *netif_ip_addr4(netif));
    netif_listeners_addr_changed(netif, old_addr, &new_addr);
    mib2_remove_ip4(netif);
    mib2_remove_route_ip4(0, netif);
    ip_addr_copy(netif->ip_addr, new_addr);
    mib2_add_ip4(netif);
    mib2_add_route_ip4(0, netif);
    netif_listeners_announce(netif);
    netif_tell_status(netif);
    return true;
}

static bool change_mask(struct netif *netif, const ip4_addr_t *netmask, ip_addr_t *old_mask)
{
    if (ip4_addr_eq(netmask, netif_ip4_netmask(netif)))
        return false;
    mib2_remove_route_ip4(0, netif);
    ip_addr_copy(*old_mask, netif->netmask);
    ip_addr_copy_from_ip4(netif->netmask, *netmask);
    mib2_add_route_ip4(0, netif);
    netif_listeners_routes_changed(netif);
    return true;
}

static bool change_gw(struct netif *netif, const ip4_addr_t *gw, ip_addr_t *old_gw)
{
    if (ip4_addr_eq(gw, netif_ip4_gw(netif)))
        return false;
    ip_addr_copy(*old_gw, netif->gw);
    ip_addr_copy_from_ip4(netif->gw, *gw);
    netif_listeners_routes_changed(netif);
    return true;
}

#if LWIP_NETIF_EXT_STATUS_CALLBACK
static void tell(struct netif *netif, netif_nsc_reason_t reason, const ip_addr_t *old_addr,
                 const ip_addr_t *old_mask, const ip_addr_t *old_gw)
{
    netif_ext_callback_args_t args = {0};
    args.ipv4_changed.old_address = old_addr;
    args.ipv4_changed.old_netmask = old_mask;
    args.ipv4_changed.old_gw = old_gw;
    netif_invoke_ext_callback(netif, reason, &args);
}
#else
static void tell(struct netif *netif, netif_nsc_reason_t reason, const ip_addr_t *old_addr,
                 const ip_addr_t *old_mask, const ip_addr_t *old_gw)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(reason);
    LWIP_UNUSED_ARG(old_addr);
    LWIP_UNUSED_ARG(old_mask);
    LWIP_UNUSED_ARG(old_gw);
}
#endif

void netif_set_ipaddr(struct netif *netif, const ip4_addr_t *ipaddr)
{
    ip_addr_t old;
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_ipaddr: no interface", netif != NULL, return;);
    if (!TELLS_WHAT) {
        netif_set_addr(netif, ipaddr, netif_ip4_netmask(netif), netif_ip4_gw(netif));
        return;
    }
    ipaddr = or_any(ipaddr);
    LWIP_ERROR("netif_set_ipaddr: an address of many", names_a_station(ipaddr), return;);
    if (change_address(netif, ipaddr, &old))
        tell(netif, LWIP_NSC_IPV4_ADDRESS_CHANGED, &old, NULL, NULL);
}

void netif_set_netmask(struct netif *netif, const ip4_addr_t *netmask)
{
    ip_addr_t old;
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_netmask: no interface", netif != NULL, return;);
    if (!TELLS_WHAT) {
        netif_set_addr(netif, netif_ip4_addr(netif), netmask, netif_ip4_gw(netif));
        return;
    }
    netmask = or_any(netmask);
    /* [RFC1122 3.2.2.9] a mask is checked before it is used */
    LWIP_ERROR("netif_set_netmask: ones behind a zero",
               ip4_addr_netmask_valid(ip4_addr_get_u32(netmask)), return;);
    if (change_mask(netif, netmask, &old))
        tell(netif, LWIP_NSC_IPV4_NETMASK_CHANGED, NULL, &old, NULL);
}

void netif_set_gw(struct netif *netif, const ip4_addr_t *gw)
{
    ip_addr_t old;
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_gw: no interface", netif != NULL, return;);
    if (!TELLS_WHAT) {
        netif_set_addr(netif, netif_ip4_addr(netif), netif_ip4_netmask(netif), gw);
        return;
    }
    gw = or_any(gw);
    if (change_gw(netif, gw, &old))
        tell(netif, LWIP_NSC_IPV4_GATEWAY_CHANGED, NULL, NULL, &old);
}

/* All three at once. The address goes first when it is being taken away, so that a last packet
 * still finds its route, and last otherwise, so that announcements know mask and gateway. The
 * extended call-back comes even if nothing changed: a lease was confirmed. */
void netif_set_addr(struct netif *netif, const ip4_addr_t *ipaddr, const ip4_addr_t *netmask,
                    const ip4_addr_t *gw)
{
    ip_addr_t old_addr, old_mask, old_gw;
    bool addr_changed = false;
    unsigned reason = LWIP_NSC_NONE;
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_addr: no interface", netif != NULL, return;);
    ipaddr = or_any(ipaddr);
    netmask = or_any(netmask);
    gw = or_any(gw);
    LWIP_ERROR("netif_set_addr: an address of many", names_a_station(ipaddr), return;);
    LWIP_ERROR("netif_set_addr: ones behind a zero in the mask", /* [RFC1122 3.2.2.9] */
               ip4_addr_netmask_valid(ip4_addr_get_u32(netmask)), return;);

    bool remove = ip4_addr_isany(ipaddr);
    if (remove)
        addr_changed = change_address(netif, ipaddr, &old_addr);
    bool mask_changed = change_mask(netif, netmask, &old_mask);
    bool gw_changed = change_gw(netif, gw, &old_gw);
    addr_changed |= change_address(netif, ipaddr, &old_addr);

    reason |= addr_changed ? LWIP_NSC_IPV4_ADDRESS_CHANGED : 0u;
    reason |= mask_changed ? LWIP_NSC_IPV4_NETMASK_CHANGED : 0u;
    reason |= gw_changed ? LWIP_NSC_IPV4_GATEWAY_CHANGED : 0u;
    if (reason != LWIP_NSC_NONE)
        reason |= LWIP_NSC_IPV4_SETTINGS_CHANGED;
    if (!remove)
        reason |= LWIP_NSC_IPV4_ADDR_VALID;
    if (reason != LWIP_NSC_NONE)
        tell(netif, (netif_nsc_reason_t)reason, addr_changed ? &old_addr : NULL,
             mask_changed ? &old_mask : NULL, gw_changed ? &old_gw : NULL);
}
