/* ip4_route.c: which interface a destination is reached by.
 * Runs on every build. */
#include "ip4_host.h"

static const struct netif *route(uint32_t dest)
{
    ip4_addr_t d = host_addr(dest);
    return ip4_route(&d);
}

UNIT(ip4_route, network_of_an_interface_comes_before_the_default)
{
    struct ip4_host *h = host_open(NULL);
    CHECK(route(PEER) == &h->a.netif);
    CHECK(route(B_PEER) == &h->b.netif);
    CHECK(route(0x08080808) == &h->a.netif);
    CHECK(route(0xffffffff) == &h->a.netif);
    CHECK(route(0xe0000005) == &h->a.netif);
    CHECK_INT(lwip_stats.ip.rterr, 0);
    host_close(h);
}

UNIT(ip4_route, latest_added_wins_among_several_that_match)
{
    struct ip4_host *h = host_open(NULL);
    static struct support_netif c;
    support_netif_add(&c, 0x0a000005, 8);
    CHECK(route(PEER) == &c.netif);
    support_netif_remove(&c);
    CHECK(route(PEER) == &h->a.netif);
    host_close(h);
}

UNIT(ip4_route, interface_that_is_down_or_without_link_or_address_is_passed_over)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t none = host_addr(0), b_ip = host_addr(B_IP);
    netif_set_link_down(&h->b.netif);
    CHECK(route(B_PEER) == &h->a.netif);
    netif_set_link_up(&h->b.netif);
    CHECK(route(B_PEER) == &h->b.netif);
    netif_set_down(&h->b.netif);
    CHECK(route(B_PEER) == &h->a.netif);
    netif_set_up(&h->b.netif);
    netif_set_ipaddr(&h->b.netif, &none);
    CHECK(route(B_PEER) == &h->a.netif);
    netif_set_ipaddr(&h->b.netif, &b_ip);
    CHECK(route(B_PEER) == &h->b.netif);
    host_close(h);
}

UNIT(ip4_route, no_route_is_counted_and_reported)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(0x08080808);
    struct pbuf *p = pbuf_alloc(PBUF_IP, 4, PBUF_RAM);
    netif_set_link_down(&h->a.netif);
    CHECK(route(0x08080808) == NULL);
    CHECK_INT(lwip_stats.ip.rterr, 1);
    CHECK_INT(lwip_stats.mib2.ipoutnoroutes, 1);
    CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_RTE);
    CHECK_INT(lwip_stats.ip.rterr, 2);
    CHECK_INT(host_drops(h, DROP_ip4_out_no_route), 1);
    pbuf_free(p);
    netif_set_default(NULL);
    netif_set_link_up(&h->a.netif);
    CHECK(route(0x08080808) == NULL);
    CHECK(route(PEER) == &h->a.netif);
    host_close(h);
}

UNIT(ip4_route, loopback_goes_to_the_loopback_interface)
{
    struct ip4_host *h = host_open(NULL);
    CHECK(route(0x7f000001) == netif_get_loopif());
    CHECK(route(0x7fffff01) == netif_get_loopif());
    netif_set_down(netif_get_loopif());
    CHECK(route(0x7f000001) == NULL); /* never by the default interface */
    netif_set_up(netif_get_loopif());
    host_close(h);
}

UNIT(ip4_route, gateway_of_a_point_to_point_link_is_its_peer)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t peer = host_addr(0xac100009);
    h->b.netif.flags &= (u8_t)~NETIF_FLAG_BROADCAST;
    netif_set_gw(&h->b.netif, &peer);
    CHECK(route(0xac100009) == &h->b.netif);
    CHECK(route(0xac10000a) == &h->a.netif);
    host_close(h);
}

UNIT(ip4_route, multicast_interface_is_used_until_it_goes)
{
    struct ip4_host *h = host_open(NULL);
    ip4_set_default_multicast_netif(&h->b.netif);
    CHECK(route(0xef010203) == &h->b.netif);
    CHECK(route(0x08080808) == &h->a.netif);
    netif_remove(&h->b.netif);
    CHECK(route(0xef010203) == &h->a.netif);
    host_close(h);
}
