/* ipv4/igmp.c: which multicast groups an interface has joined [RFC1112][RFC2236][RFC1122 3.3.7].
 *
 * Each interface with NETIF_FLAG_IGMP has a list of groups. The first entry is always the
 * all-systems group, of which every host is a member and which is never reported; it also keeps
 * what is known about the querier on that link. States: NON_MEMBER (just created), DELAYING_MEMBER
 * (due_ms says when the next report leaves), IDLE_MEMBER. */
#include "lwip/igmp.h"

#include "lwip/memp.h"
#include "lwip/stats.h"
#include "stack/core/event.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_local.h"

#if LWIP_IGMP

/* How long a membership stays unsure before it is reported once more; lwIP's value. RFC 2236 8.10
 * proposes 10 s: a router that lost the first report would need that long to learn of us. */
#define UNSOLICITED_MS ((u32_t)IGMP_JOIN_DELAYING_MEMBER_TMR * IGMP_TMR_INTERVAL)

static bool is_all_systems(const ip4_addr_t *addr)
{
    return lwip_ntohl(ip4_addr_get_u32(addr)) == IGMP_ALL_SYSTEMS;
}

static void set_mac_filter(struct netif *netif, const struct igmp_group *group,
                           enum netif_mac_filter_action action)
{
    if (netif->igmp_mac_filter != NULL)
        netif->igmp_mac_filter(netif, &group->group_address, action);
}

struct igmp_group *igmp_lookfor_group(struct netif *ifp, const ip4_addr_t *addr)
{
    struct igmp_group *g = netif_igmp_data(ifp);
    while (g != NULL && !ip4_addr_eq(&g->group_address, addr))
        g = g->next;
    return g;
}

/* A new group behind the first entry, or as the first. */
static struct igmp_group *add_group(struct netif *netif, const ip4_addr_t *addr)
{
    struct igmp_group *first = netif_igmp_data(netif);
    struct igmp_group *g = memp_malloc(MEMP_IGMP_GROUP);

    if (g == NULL)
        return NULL;
    memset(g, 0, sizeof *g);
    ip4_addr_set(&g->group_address, addr);
    g->group_state = IGMP_GROUP_NON_MEMBER;
    if (first == NULL) {
        netif_set_client_data(netif, LWIP_NETIF_CLIENT_DATA_INDEX_IGMP, g);
    } else {
        g->next = first->next;
        first->next = g;
    }
    return g;
}

static void remove_group(struct netif *netif, struct igmp_group *group)
{
    struct igmp_group *g = netif_igmp_data(netif);

    while (g->next != group)
        g = g->next;
    g->next = group->next;
    memp_free(MEMP_IGMP_GROUP, group);
}

err_t igmp_start(struct netif *netif)
{
    ip4_addr_t all_systems = ip4_addr_from_host(IGMP_ALL_SYSTEMS);

    if (netif_igmp_data(netif) != NULL)
        return ERR_OK;
    struct igmp_group *g = add_group(netif, &all_systems);
    if (g == NULL)
        return ERR_MEM;
    g->group_state = IGMP_GROUP_IDLE_MEMBER;
    g->use = 1;
    set_mac_filter(netif, g, NETIF_ADD_MAC_FILTER);
    return ERR_OK;
}

err_t igmp_stop(struct netif *netif)
{
    struct igmp_group *g = netif_igmp_data(netif), *next;

    netif_set_client_data(netif, LWIP_NETIF_CLIENT_DATA_INDEX_IGMP, NULL);
    for (; g != NULL; g = next) {
        next = g->next;
        set_mac_filter(netif, g, NETIF_DEL_MAC_FILTER);
        memp_free(MEMP_IGMP_GROUP, g);
    }
    return ERR_OK;
}

void igmp_report_groups(struct netif *netif)
{
    struct igmp_group *g = netif_igmp_data(netif);

    if (g == NULL)
        return;
    for (g = g->next; g != NULL; g = g->next) {
        g->reports_left = 1;
        igmp_report_within(g, UNSOLICITED_MS);
    }
}

void igmp_netif_down(struct netif *netif)
{
    struct igmp_group *g = netif_igmp_data(netif);

    for (; g != NULL; g = g->next) {
        g->reports_left = 0;
        g->v1_heard = 0; /* the link that comes back may be another one */
        igmp_report_cancel(g);
    }
}

/* The first use of a group: the router hears of it at once and, in case that gets lost, once more
 * [RFC2236 3]. */
static err_t become_member(struct netif *netif, struct igmp_group *g)
{
    set_mac_filter(netif, g, NETIF_ADD_MAC_FILTER);
    IGMP_STATS_INC(igmp.tx_join);
    igmp_report_now(netif, g);
    igmp_report_within(g, UNSOLICITED_MS);
    return ERR_OK;
}

err_t igmp_joingroup_netif(struct netif *netif, const ip4_addr_t *groupaddr)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("igmp_joingroup: not a multicast address", ip4_addr_ismulticast(groupaddr),
               return ERR_VAL;);
    LWIP_ERROR("igmp_joingroup: every host is in 224.0.0.1", !is_all_systems(groupaddr),
               return ERR_VAL;);
    LWIP_ERROR("igmp_joingroup: interface without IGMP", (netif->flags & NETIF_FLAG_IGMP) != 0,
               return ERR_VAL;);

    struct igmp_group *g = igmp_lookfor_group(netif, groupaddr);
    if (g != NULL) {
        LWIP_ERROR("igmp_joingroup: joined too often", g->use < 0xff, return ERR_VAL;);
        g->use++;
        return ERR_OK;
    }
    if (igmp_start(netif) != ERR_OK) /* an interface that got its flag late has no list yet */
        return ERR_MEM;
    g = add_group(netif, groupaddr);
    if (g == NULL)
        return ERR_MEM;
    g->use = 1;
    return become_member(netif, g);
}

err_t igmp_leavegroup_netif(struct netif *netif, const ip4_addr_t *groupaddr)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("igmp_leavegroup: not a multicast address", ip4_addr_ismulticast(groupaddr),
               return ERR_VAL;);
    LWIP_ERROR("igmp_leavegroup: nobody leaves 224.0.0.1", !is_all_systems(groupaddr),
               return ERR_VAL;);
    LWIP_ERROR("igmp_leavegroup: interface without IGMP", (netif->flags & NETIF_FLAG_IGMP) != 0,
               return ERR_VAL;);

    struct igmp_group *g = igmp_lookfor_group(netif, groupaddr);
    if (g == NULL)
        return ERR_VAL;
    if (g->use > 1) {
        g->use--;
        return ERR_OK;
    }
    if (g->last_reporter_flag) /* [RFC2236 3]: otherwise another member is there */
        igmp_leave_now(netif, g);
    set_mac_filter(netif, g, NETIF_DEL_MAC_FILTER);
    igmp_set_state(g, IGMP_GROUP_NON_MEMBER);
    remove_group(netif, g);
    return ERR_OK;
}

/* Applies `change` to each interface that can and that `ifaddr` means: one, or all for 0.0.0.0. */
static err_t for_interfaces(const ip4_addr_t *ifaddr, const ip4_addr_t *groupaddr,
                            err_t (*change)(struct netif *netif, const ip4_addr_t *groupaddr),
                            bool stop_at_error)
{
    err_t result = ERR_VAL; /* no interface matches */
    struct netif *n;

    NETIF_FOREACH(n)
    {
        if ((n->flags & NETIF_FLAG_IGMP) != 0 &&
            (ip4_addr_isany(ifaddr) || ip4_addr_eq(netif_ip4_addr(n), ifaddr))) {
            err_t err = change(n, groupaddr);
            if (err != ERR_OK && stop_at_error)
                return err;
            if (result != ERR_OK)
                result = err;
        }
    }
    return result;
}

err_t igmp_joingroup(const ip4_addr_t *ifaddr, const ip4_addr_t *groupaddr)
{
    return for_interfaces(ifaddr, groupaddr, igmp_joingroup_netif, true);
}

err_t igmp_leavegroup(const ip4_addr_t *ifaddr, const ip4_addr_t *groupaddr)
{
    return for_interfaces(ifaddr, groupaddr, igmp_leavegroup_netif, false);
}

void igmp_module_init(void)
{
    igmp_report_module_init();
}

/* Nothing to prepare beyond what the instance does; kept for lwIP's callers. */
void igmp_init(void)
{
}

const char *igmp_module_check(void)
{
    struct netif *n;

    NETIF_FOREACH(n)
    {
        const struct igmp_group *g = netif_igmp_data(n);
        if (g != NULL && !is_all_systems(&g->group_address))
            return "igmp: the first group of an interface is not 224.0.0.1";
        for (; g != NULL; g = g->next) {
            if (g->use == 0)
                return "igmp: a group that nobody uses";
            if (g->group_state != IGMP_GROUP_DELAYING_MEMBER &&
                g->group_state != IGMP_GROUP_IDLE_MEMBER)
                return "igmp: a joined group is in no member's state";
        }
    }
    return NULL;
}

#endif
