/* ipv4/ip4_gateway.c: traffic turns away from a dead gateway, and back [RFC1122 3.3.1.4].
 *
 * The list of default gateways that [RFC1122 3.3.1.2] asks for is that of the interfaces, each with
 * one gateway, as in lwIP's API; the default interface's is preferred. ARP tells when a gateway in
 * use has not answered for five seconds. From then on what would have gone there leaves by the next
 * interface that has a gateway not known to be dead, if there is one. While there is traffic, the
 * preferred gateway is asked for every RETRY_MS; when it answers, traffic returns. Nobody is pinged
 * [RFC1122 3.3.1.4].
 *
 * Only for hosts: which way a router forwards is not decided here. */
#include "stack/ipv4/ip4_gateway.h"

#include "lwip/etharp.h"
#include "lwip/sys.h"
#include "stack/core/instance.h"

#if IP4_DEAD_GATEWAYS

#define RETRY_MS 30000u

void ip4_gateway_lost(struct netif *netif, const ip4_addr_t *addr)
{
    if (!CFG(ip_dead_gateway) || !ip4_addr_eq(addr, netif_ip4_gw(netif)))
        return;
    netif->gw_lost = 1;
    netif->gw_lost_ms = sys_now();
}

static bool answers_again(struct netif *netif)
{
    struct eth_addr *mac;
    const ip4_addr_t *ip;

    return etharp_find_addr(netif, netif_ip4_gw(netif), &mac, &ip) >= 0;
}

/* The clock's wrap can put this off, by RETRY_MS at most. */
static void ask_now_and_then(struct netif *netif)
{
    u32_t now = sys_now();

    if (now - netif->gw_lost_ms < RETRY_MS)
        return;
    netif->gw_lost_ms = now;
    etharp_query(netif, netif_ip4_gw(netif), NULL);
}

/* The loopback interface has a gateway, too: itself. */
static bool has_live_gateway(const struct netif *n)
{
    return netif_is_up(n) && netif_is_link_up(n) && !ip4_addr_isany_val(*netif_ip4_addr(n)) &&
           !ip4_addr_isloopback(netif_ip4_addr(n)) && !ip4_addr_isany_val(*netif_ip4_gw(n)) &&
           n->gw_lost == 0;
}

struct netif *ip4_gateway_detour(struct netif *netif, const ip4_addr_t *dest)
{
    struct netif *n;

    if (ip4_addr_ismulticast(dest) || ip4_addr_get_u32(dest) == IPADDR_BROADCAST ||
        CFG(ip_forward))
        return netif;
    if (answers_again(netif)) {
        netif->gw_lost = 0;
        return netif;
    }
    NETIF_FOREACH(n)
    {
        if (n != netif && has_live_gateway(n)) {
            ask_now_and_then(netif);
            return n;
        }
    }
    return netif;
}

#endif
