/* ip4_redirect.c: routes learnt from redirects: what is remembered, how much, how long. Which
 * redirects are obeyed is shown byte by byte in scenarios/icmp/test_redirect.py. */
#include "ip4_host.h"

#include "lwip/etharp.h"

#define OTHER 0x0a0000fdu
#define THIRD 0x0a0000fcu
#define FAR 0xc0000201u /* 192.0.2.1 */

/* A redirect to `to` about a datagram of ours to dst, from `from`. */
static void redirect(struct ip4_host *h, uint32_t from, uint32_t dst, uint32_t to)
{
    uint8_t message[8 + 28] = {0};
    struct wire_icmp m = {.type = WIRE_ICMP_REDIRECT, .code = 1, .word = to};
    struct datagram quoted = {.src = A_IP, .dst = dst, .proto = 17, .data = "12345678", .len = 8};
    wire_icmp_emit(message, &m);
    host_build(message + 8, &quoted);
    put_be16(message + 2, checksum_fold(checksum_add(0, message, sizeof message)));
    host_in(h, &h->a, &(struct datagram){.src = from, .dst = A_IP, .proto = 1, .data = message,
                                         .len = sizeof message});
}

/* Whom a datagram to dst is handed to the link layer for. */
static uint32_t hop(struct ip4_host *h, uint32_t dst)
{
    ip4_addr_t to = host_addr(dst);
    struct pbuf *p = pbuf_alloc(PBUF_IP, 4, PBUF_RAM);
    h->count = 0;
    CHECK_INT(ip4_output(p, NULL, &to, 64, 0, 99), ERR_OK);
    pbuf_free(p);
    CHECK_INT(h->count, 1);
    CHECK_INT(host_sent(h, 0).dst, dst);
    return h->out[0].next_hop;
}

static struct stack_config with(uint32_t routes)
{
    struct stack_config c = stack_config_default;
    c.ip_redirects = routes;
    c.ip_forward = 0;
    return c;
}

/* [RFC1122 3.2.2.2] */
UNIT(ip4_redirect, route_is_used_until_it_is_as_old_as_allowed)
{
    struct stack_config c = with(4);
    struct ip4_host *h = host_open(&c);
    CHECK_INT(hop(h, FAR), FAR);
    redirect(h, GATEWAY, FAR, OTHER);
    SHOWS("RQ-1122-39", hop(h, FAR) == OTHER);
    CHECK_INT(hop(h, FAR + 1), FAR + 1);
    support_advance(&h->s, 1000 * c.ip_redirect_maxage - 1);
    CHECK_INT(hop(h, FAR), OTHER);
    support_advance(&h->s, 1);
    CHECK_INT(hop(h, FAR), FAR);
    host_close(h);
}

UNIT(ip4_redirect, oldest_route_makes_way_and_a_repeated_one_is_young)
{
    struct stack_config c = with(3);
    struct ip4_host *h = host_open(&c);
    for (uint32_t i = 0; i < 3; i++)
        redirect(h, GATEWAY, FAR + i, OTHER);
    redirect(h, OTHER, FAR, THIRD);
    redirect(h, GATEWAY, FAR + 3, OTHER);
    CHECK_INT(hop(h, FAR), THIRD);
    CHECK_INT(hop(h, FAR + 1), FAR + 1);
    CHECK_INT(hop(h, FAR + 2), OTHER);
    CHECK_INT(hop(h, FAR + 3), OTHER);
    host_close(h);
}

UNIT(ip4_redirect, route_ages_when_the_timer_is_called_by_hand)
{
    struct stack_config c = with(4);
    struct ip4_host *h = host_open(&c);
    redirect(h, GATEWAY, FAR, OTHER);
    for (uint32_t i = 1; i < c.ip_redirect_maxage; i++)
        ip4_redirect_tmr();
    CHECK_INT(hop(h, FAR), OTHER);
    ip4_redirect_tmr();
    CHECK_INT(hop(h, FAR), FAR);
    host_close(h);
}

UNIT(ip4_redirect, route_goes_with_its_interface)
{
    struct stack_config c = with(4);
    struct ip4_host *h = host_open(&c);
    ip4_addr_t addr = host_addr(A_IP), mask = host_addr(0xffff0000u), gw = host_addr(GATEWAY);
    redirect(h, GATEWAY, FAR, OTHER);
    netif_set_down(&h->a.netif);
    netif_set_up(&h->a.netif);
    CHECK_INT(hop(h, FAR), FAR);
    redirect(h, GATEWAY, FAR, OTHER);
    netif_set_addr(&h->a.netif, &addr, &mask, &gw);
    CHECK_INT(hop(h, FAR), FAR);
    redirect(h, GATEWAY, FAR, OTHER);
    netif_set_addr(&h->a.netif, &addr, &mask, &gw); /* the same again: nothing has changed */
    CHECK_INT(hop(h, FAR), OTHER);
    gw = host_addr(THIRD);
    netif_set_gw(&h->a.netif, &gw);
    CHECK_INT(hop(h, FAR), FAR);
    redirect(h, THIRD, FAR, OTHER);
    CHECK_INT(hop(h, FAR), OTHER);
    netif_remove(&h->a.netif);
    CHECK_INT(STACK->ipv4.redirect.count, 0);
    host_close(h);
}

UNIT(ip4_redirect, lost_gateway_takes_its_routes_along)
{
    struct stack_config c = with(4);
    struct ip4_host *h = host_open(&c);
    ip4_addr_t other = host_addr(OTHER);
    redirect(h, GATEWAY, FAR, OTHER);
    redirect(h, GATEWAY, FAR + 1, THIRD);
    netif_listeners_neighbour_lost(&h->b.netif, &other); /* of another link */
    CHECK_INT(hop(h, FAR), OTHER);
    netif_listeners_neighbour_lost(&h->a.netif, &other);
    SHOWS("RQ-1122-54", hop(h, FAR) == FAR);
    CHECK_INT(hop(h, FAR + 1), THIRD);
    host_close(h);
}

UNIT(ip4_redirect, check_finds_what_is_wrong)
{
    struct stack_config c = with(4);
    struct ip4_host *h = host_open(&c);
    redirect(h, GATEWAY, FAR, OTHER);
    redirect(h, GATEWAY, FAR + 1, OTHER);
    CHECK(ipv4_module_check() == NULL);
    struct ip4_redirect_route *r = STACK->ipv4.redirect.route, saved = r[1];
    r[1].dest = r[0].dest;
    CHECK(ipv4_module_check() != NULL);
    r[1] = saved;
    r[1].learnt_ms = r[0].learnt_ms - 1;
    CHECK(ipv4_module_check() != NULL);
    r[1] = saved;
    r[1].gateway = host_addr(B_PEER);
    CHECK(ipv4_module_check() != NULL);
    r[1] = saved;
    STACK->ipv4.redirect.count = LWIP_IP_REDIRECTS + 1;
    CHECK(ipv4_module_check() != NULL);
    STACK->ipv4.redirect.count = 2;
    CHECK(ipv4_module_check() == NULL);
    host_close(h);
}
