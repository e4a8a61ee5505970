/* ipv4/ip4_route.c: which interface a destination is reached by, and what our addresses are.
 *
 * There is no routing table but the interfaces themselves [RFC1122 3.3.1.1]: a destination in the
 * network of an interface is on its link, everything else goes to the default interface, whose
 * gateway the link layer asks for, unless that one is dead (ip4_gateway.c). Among interfaces whose
 * networks match, the latest added wins (lwIP's rule; it does not compare masks). An application
 * with more to say says it in LWIP_HOOK_IP4_ROUTE_SRC. */
#include "stack/ipv4/ip4_gateway.h"
#include "stack/ipv4/ip4_hooks.h"
#include "stack/ipv4/ip4_local.h"

static bool carries_traffic(const struct netif *n)
{
    const u8_t both = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
    return (n->flags & both) == both && !ip4_addr_isany_val(*netif_ip4_addr(n));
}

static bool reaches(const struct netif *n, const ip4_addr_t *dest)
{
    if (ip4_addr_net_eq(dest, netif_ip4_addr(n), netif_ip4_netmask(n)))
        return true;
    /* the peer of a point-to-point link is its gateway */
    return (n->flags & NETIF_FLAG_BROADCAST) == 0 && ip4_addr_eq(dest, netif_ip4_gw(n));
}

/* 127/8 without a loopback interface goes through the queue of any other. */
static struct netif *route_loopback(const ip4_addr_t *dest)
{
    struct netif *n;

    if (!LWIP_NETIF_LOOPBACK || LWIP_HAVE_LOOPIF || !ip4_addr_isloopback(dest))
        return NULL;
    if (netif_default != NULL && netif_is_up(netif_default))
        return netif_default;
    NETIF_FOREACH(n)
    {
        if (netif_is_up(n))
            return n;
    }
    return NULL;
}

#if LWIP_MULTICAST_TX_OPTIONS
void ip4_set_default_multicast_netif(struct netif *default_multicast_netif)
{
    STACK->ipv4.multicast_netif = default_multicast_netif;
}

void ip4_route_forget(const struct netif *netif)
{
    if (STACK->ipv4.multicast_netif == netif)
        STACK->ipv4.multicast_netif = NULL;
}

static struct netif *multicast_choice(void)
{
    return STACK->ipv4.multicast_netif;
}
#else
static struct netif *multicast_choice(void)
{
    return NULL;
}
#endif

struct netif *ip4_route(const ip4_addr_t *dest)
{
    struct netif *n;

    LWIP_ASSERT_CORE_LOCKED();
    n = multicast_choice();
    if (n != NULL && ip4_addr_ismulticast(dest))
        return n;
    NETIF_FOREACH(n)
    {
        if (carries_traffic(n) && reaches(n, dest))
            return n;
    }
    n = route_loopback(dest);
    if (n == NULL)
        n = ip4_hook_route(NULL, dest);
    if (n != NULL)
        return n;

    n = netif_default;
    if (n == NULL || !carries_traffic(n) || ip4_addr_isloopback(dest)) {
        IP_STATS_INC(ip.rterr);
        MIB2_STATS_INC(mib2.ipoutnoroutes);
        return NULL;
    }
    return ip4_gateway_way_out(n, dest); /* [RFC1122 3.3.1.4] */
}

#ifdef LWIP_HOOK_IP4_ROUTE_SRC
struct netif *ip4_route_src(const ip4_addr_t *src, const ip4_addr_t *dest)
{
    if (src != NULL) {
        struct netif *n = ip4_hook_route(src, dest);
        if (n != NULL)
            return n;
    }
    return ip4_route(dest);
}
#endif

struct netif *ip4_owner(const ip4_addr_t *addr)
{
    struct netif *n;

    if (ip4_addr_isany_val(*addr))
        return NULL;
    NETIF_FOREACH(n)
    {
        if (ip4_addr_eq(addr, netif_ip4_addr(n)) && netif_is_up(n))
            return n;
    }
    return NULL;
}

bool ip4_is_broadcast(const ip4_addr_t *addr)
{
    struct netif *n;

    if (FAST_PATHS && (ip4_addr_isany_val(*addr) || ip4_addr_get_u32(addr) == IPADDR_BROADCAST))
        return true;
    NETIF_FOREACH(n)
    {
        if ((!FAST_PATHS || ip4_ends_in_ones(addr, n)) && ip4_addr_isbroadcast(addr, n))
            return true;
    }
    return false;
}

bool ip4_is_single_host(const ip4_addr_t *addr)
{
    u8_t first = *(const u8_t *)&addr->addr;

    /* 0/8, multicast 224/4 and class E 240/4 name no host [RFC1122 3.2.1.3] */
    return first != 0 && first < 0xe0 && !ip4_is_broadcast(addr);
}
