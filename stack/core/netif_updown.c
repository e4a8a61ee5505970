/* core/netif_updown.c: administrative state and link. A packet moves only when both are up; the
 * moment both are, the interface announces itself (gratuitous ARP, IGMP reports). */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"
#include "lwip/snmp.h"
#include "lwip/sys.h"

#if MIB2_STATS
static void stamp(struct netif *netif)
{
    MIB2_COPY_SYSUPTIME_TO(&netif->ts);
}
#else
static void stamp(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif

void netif_set_up(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_up: no interface", netif != NULL, return;);
    if (netif_is_up(netif))
        return;
    netif_set_flags(netif, NETIF_FLAG_UP);
    stamp(netif);
    netif_trace(netif);
    netif_tell_status(netif);
    netif_tell_ext_status(netif, 1);
    netif_listeners_announce(netif);
}

void netif_set_down(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_down: no interface", netif != NULL, return;);
    if (!netif_is_up(netif))
        return;
    netif_tell_ext_status(netif, 0);
    netif_clear_flags(netif, NETIF_FLAG_UP);
    stamp(netif);
    netif_trace(netif);
    netif_listeners_went_down(netif);
    netif_tell_status(netif);
}

void netif_set_link_up(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_link_up: no interface", netif != NULL, return;);
    if (netif_is_link_up(netif))
        return;
    netif_set_flags(netif, NETIF_FLAG_LINK_UP);
    netif_trace(netif);
    netif_listeners_announce(netif);
    netif_tell_link(netif);
    netif_tell_ext_link(netif, 1);
}

void netif_set_link_down(struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("netif_set_link_down: no interface", netif != NULL, return;);
    if (!netif_is_link_up(netif))
        return;
    netif_clear_flags(netif, NETIF_FLAG_LINK_UP);
    netif_trace(netif);
    netif_listeners_went_down(netif);
    netif_tell_link(netif);
    netif_tell_ext_link(netif, 0);
}
