/* ip4_gateway.c: which interface is used when the default one's gateway is dead. How ARP finds that
 * out, and the way back, is in scenarios/netif/test_gateway.py. */
#include "ip4_host.h"

#define FAR 0xc0000201u /* 192.0.2.1 */
#define B_GATEWAY 0xc0a801feu

static struct netif *route(uint32_t dst)
{
    ip4_addr_t to = host_addr(dst);
    return ip4_route(&to);
}

static struct ip4_host *two_gateways(uint32_t detour, uint32_t forward)
{
    static struct stack_config c;
    c = stack_config_default;
    c.ip_dead_gateway = detour;
    c.ip_forward = forward;
    struct ip4_host *h = host_open(&c);
    ip4_addr_t gateway = host_addr(B_GATEWAY);
    netif_set_gw(&h->b.netif, &gateway);
    return h;
}

static void lose(struct support_netif *n, uint32_t gateway)
{
    ip4_addr_t addr = host_addr(gateway);
    netif_listeners_neighbour_lost(&n->netif, &addr);
}

/* [RFC1122 3.3.1.2][RFC1122 3.3.1.4] */
UNIT(ip4_gateway, dead_gateway_is_avoided)
{
    struct ip4_host *h = two_gateways(1, 0);
    CHECK(route(FAR) == &h->a.netif);
    lose(&h->a, GATEWAY);
    SHOWS("RQ-1122-54", route(FAR) == &h->b.netif);
    SHOWS("RQ-1122-53", route(FAR) == &h->b.netif);
    CHECK(route(PEER) == &h->a.netif);
    CHECK(route(0xe0000005) == &h->a.netif);
    CHECK(route(0xffffffff) == &h->a.netif);
    CHECK(route(0x7f000001) == netif_get_loopif());
    host_close(h);
}

UNIT(ip4_gateway, other_neighbours_may_be_lost)
{
    struct ip4_host *h = two_gateways(1, 0);
    lose(&h->a, PEER);
    lose(&h->b, GATEWAY);
    CHECK(route(FAR) == &h->a.netif);
    host_close(h);
}

UNIT(ip4_gateway, without_a_better_one_nothing_changes)
{
    struct ip4_host *h = two_gateways(1, 0);
    lose(&h->a, GATEWAY);
    lose(&h->b, B_GATEWAY);
    CHECK(route(FAR) == &h->a.netif);
    ip4_addr_t gateway = host_addr(B_GATEWAY - 1);
    netif_set_gw(&h->b.netif, &gateway);
    CHECK(route(FAR) == &h->b.netif);
    netif_set_link_down(&h->b.netif);
    CHECK(route(FAR) == &h->a.netif);
    netif_set_link_up(&h->b.netif);
    CHECK(route(FAR) == &h->b.netif);
    netif_set_gw(&h->b.netif, NULL);
    CHECK(route(FAR) == &h->a.netif);
    host_close(h);
}

UNIT(ip4_gateway, routers_and_those_told_not_to_stay)
{
    struct ip4_host *h = two_gateways(0, 0);
    lose(&h->a, GATEWAY);
    CHECK(route(FAR) == &h->a.netif);
    host_close(h);
    h = two_gateways(1, 1);
    lose(&h->a, GATEWAY);
    CHECK(route(FAR) == &h->a.netif);
    host_close(h);
}
