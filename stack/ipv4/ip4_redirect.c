/* ipv4/ip4_redirect.c: redirects are believed, and only these [RFC1122 3.2.2.2].
 *
 * A redirect bends this host's traffic, and anybody can forge one. It is obeyed when it comes from
 * the gateway that a datagram to its destination would go to right now, quotes a datagram that we
 * can have sent that way, and names a neighbour on the same link. A route for a network is taken
 * as one for the host it was sent about, whatever its type of service: the mask is not known, and
 * there is one route for all of them [RFC1122 3.3.1.2]. Routers learn their routes elsewhere
 * [RFC1812 5.2.7.2]; where the application picks gateways itself (LWIP_HOOK_ETHARP_GET_GW) its word
 * counts. */
#include "stack/ipv4/ip4_redirect.h"

#include "lwip/ip.h"
#include "stack/ipv4/ip4_hooks.h"
#include "stack/ipv4/ip4_local.h"

#if IP4_REDIRECTS

#define REDIRECT_CODE_MAX 3u

static struct ip4_redirect_state *state(void)
{
    return &STACK->ipv4.redirect;
}

/* Both options may change while routes are known. */
static bool is_obeying(void)
{
    return CFG(ip_redirects) != 0 && !CFG(ip_forward);
}

/* Oldest first, so that ageing and making room both look at the front. */
static void remove_at(unsigned i)
{
    struct ip4_redirect_state *s = state();

    s->count--;
    memmove(&s->route[i], &s->route[i + 1], (s->count - i) * sizeof s->route[0]);
}

static struct ip4_redirect_route *find(const struct netif *netif, const ip4_addr_t *dest)
{
    struct ip4_redirect_state *s = state();

    for (unsigned i = 0; i < s->count; i++) {
        if (ip4_addr_eq(&s->route[i].dest, dest) && s->route[i].netif == netif)
            return &s->route[i];
    }
    return NULL;
}

const ip4_addr_t *ip4_redirect_find(const struct netif *netif, const ip4_addr_t *dest)
{
    const struct ip4_redirect_route *r = is_obeying() ? find(netif, dest) : NULL;

    return r != NULL ? &r->gateway : NULL;
}

void ip4_redirect_forget(const struct netif *netif, const ip4_addr_t *gateway)
{
    struct ip4_redirect_state *s = state();

    for (unsigned i = s->count; i-- > 0;) {
        if (s->route[i].netif == netif &&
            (gateway == NULL || ip4_addr_eq(&s->route[i].gateway, gateway)))
            remove_at(i);
    }
}

static u32_t end_of(const struct ip4_redirect_route *r)
{
    return r->learnt_ms + 1000u * CFG(ip_redirect_maxage);
}

static void age(void)
{
    struct ip4_redirect_state *s = state();

    while (s->count > 0 && ticker_passed(&s->ticker, end_of(&s->route[0])))
        remove_at(0);
    if (s->count > 0)
        ticker_due(&s->ticker, end_of(&s->route[0]));
}

void ip4_redirect_tmr(void)
{
    ticker_tick(&state()->ticker);
}

static bool is_neighbour(const ip4_addr_t *addr, const struct netif *netif)
{
    return ip4_addr_net_eq(addr, netif_ip4_addr(netif), netif_ip4_netmask(netif));
}

/* Where a datagram to dest, which is not on the link, goes first. */
static const ip4_addr_t *current_gateway(const struct netif *netif, const ip4_addr_t *dest)
{
    const struct ip4_redirect_route *r = find(netif, dest);
    return r != NULL ? &r->gateway : netif_ip4_gw(netif);
}

/* A datagram to dest leaves by netif, through a gateway of the stack's own choice. */
static bool goes_through_gateway(struct netif *netif, const ip4_addr_t *dest)
{
    return ip4_is_single_host(dest) && !ip4_addr_isloopback(dest) && ip4_owner(dest) == NULL &&
           !is_neighbour(dest, netif) && ip4_route(dest) == netif &&
           ip4_hook_gateway(netif, dest) == NULL;
}

static bool may_be_gateway(const struct netif *netif, const ip4_addr_t *gateway)
{
    return is_neighbour(gateway, netif) && ip4_is_single_host(gateway) &&
           ip4_owner(gateway) == NULL;
}

static void remember(struct netif *netif, const ip4_addr_t *dest, const ip4_addr_t *gateway)
{
    struct ip4_redirect_state *s = state();
    struct ip4_redirect_route *r = find(netif, dest);

    if (r != NULL)
        remove_at((unsigned)(r - s->route));
    while (s->count >= CFG(ip_redirects))
        remove_at(0);
    s->route[s->count++] = (struct ip4_redirect_route){
        .dest = *dest,
        .gateway = *gateway,
        .netif = netif,
        .learnt_ms = ticker_now(&s->ticker),
    };
    ticker_due(&s->ticker, end_of(&s->route[0]));
}

/* The datagram that a redirect quotes; false: it quotes none that we can have sent. */
static bool parse_quote(struct wire_ip4 *h, const struct pbuf *p)
{
    u8_t quote[WIRE_IP4_HEADER_MAX + WIRE_ICMP_QUOTED];
    const u8_t *data;
    size_t data_len;
    size_t len = pbuf_copy_partial(p, quote, sizeof quote, WIRE_ICMP_HEADER);

    if (!wire_icmp_parse_quote(h, &data, &data_len, quote, len) || wire_ip4_offset(h) != 0)
        return false;
    ip4_addr_t src = ip4_addr_from_host(h->src);
    return ip4_owner(&src) != NULL && ip4_addr_eq(&src, ip4_current_dest_addr());
}

enum drop_reason ip4_redirect_learn(const struct pbuf *p, const struct wire_icmp *m,
                                    struct netif *inp)
{
    struct wire_ip4 h;

    if (!is_obeying())
        return DROP_icmp_redirect;
    if (m->code > REDIRECT_CODE_MAX)
        return DROP_icmp_bad_code;
    if (!parse_quote(&h, p))
        return DROP_icmp_bad_quote;
    ip4_addr_t dest = ip4_addr_from_host(h.dst), gateway = ip4_addr_from_host(m->word);
    if (!goes_through_gateway(inp, &dest))
        return DROP_icmp_redirect_destination;
    /* [RFC1122 3.2.2.2]: the source has to be the current first-hop gateway, and the new one on
     * the network the redirect came through */
    if (!ip4_addr_eq(ip4_current_src_addr(), current_gateway(inp, &dest)))
        return DROP_icmp_redirect_source;
    if (!may_be_gateway(inp, &gateway))
        return DROP_icmp_redirect_gateway;
    remember(inp, &dest, &gateway);
    return DROP_REASONS;
}

void ip4_redirect_module_init(void)
{
    ticker_init(&state()->ticker, TICKER_REDIRECT, IP4_REDIRECT_TMR_INTERVAL, age);
}

void ip4_redirect_module_fini(void)
{
    ticker_stop(&state()->ticker);
}

const char *ip4_redirect_module_check(void)
{
    const struct ip4_redirect_state *s = state();

    if (s->count > LWIP_IP_REDIRECTS)
        return "redirect: more routes than there is room for";
    for (unsigned i = 0; i < s->count; i++) {
        const struct ip4_redirect_route *r = &s->route[i];
        if (r->netif == NULL || !netif_is_up(r->netif) || !is_neighbour(&r->gateway, r->netif))
            return "redirect: a route has outlived its interface or address";
        if (i > 0 && (s32_t)(r->learnt_ms - s->route[i - 1].learnt_ms) < 0)
            return "redirect: the routes are not in the order of their age";
        if (find(r->netif, &r->dest) != r)
            return "redirect: two routes for one destination";
    }
    return s->count == 0 || s->ticker.armed ? NULL : "redirect: routes that do not age";
}

#endif
