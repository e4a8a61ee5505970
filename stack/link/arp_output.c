/* link/arp_output.c: from an IPv4 next hop to an Ethernet address, asking for it where need be.
 *
 * etharp_output() is what an Ethernet netif has as its output function. The common case is short:
 * the entry used last time is still good, the frame goes out. */
#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"
#include "stack/link/arp_queue.h"
#include "stack/link/arp_send.h"
#include "stack/link/arp_table.h"
#include "stack/link/hooks.h"
#include "stack/wire/ethernet.h"

#if LWIP_ARP

/* An entry in use is confirmed so long before it expires (lwIP's figure); short ages: half-way.
 * Reckoned at each packet: arp_maxage may change while the host runs. */
#define CONFIRM_LEAD_MS 30000u

/* Positions a pbuf hint can name; entries beyond are found by hash. */
#define HINT_LIMIT 255u

static u32_t since_request(const struct arp_entry *e, u32_t now)
{
    return now - e->requested_ms;
}

/* Sends a request for e's address. true: it left, and e is still there to take note of it; a driver
 * that answers at once may have made it go. */
static bool request(struct arp_entry *e, const u8_t *to, err_t *result)
{
    struct netif *netif = e->netif;
    u32_t ip = e->ip.addr;

    *result = arp_send(netif, ip, to, ARP_SEND_QUESTION);
    return *result == ERR_OK && arp_table_find(netif, ip) == e;
}

/* Asks for e's address, by broadcast or by unicast to whom it last was, unless that was done less
 * than a second ago, however many packets are sent [RFC1122 2.3.2.1]. A request that could not be
 * sent is repeated by the timer. */
static err_t ask(struct arp_entry *e, const u8_t *to, unsigned is_new)
{
    u32_t now = ticker_now(&STACK->link.arp_ticker);
    bool asked = e->state == ARP_STATE_PENDING || e->state == ARP_STATE_REREQUEST;

    if (is_new == 0 && asked && since_request(e, now) < ARP_REQUEST_MS)
        return ERR_OK;
    err_t result;
    if (request(e, to, &result)) {
        e->requested_ms = now;
        /* a pending one lives on: somebody still wants it */
        arp_table_set(e, e->state == ARP_STATE_STABLE ? ARP_STATE_REREQUEST : e->state);
    }
    return result;
}

/* Asks the owner of an old entry that is in use once more: by unicast in the first half of the time
 * that is left, by broadcast in the second. */
static void confirm(struct arp_entry *e, u32_t age, u32_t life, u32_t lead)
{
    (void)ask(e, age >= life - lead / 2 ? ethbroadcast.addr : e->mac, 0);
}

static err_t send_to_entry(struct netif *netif, struct pbuf *q, struct arp_entry *e)
{
    if (e->state != ARP_STATE_STATIC) {
        u32_t age = ticker_now(&STACK->link.arp_ticker) - e->refreshed_ms;
        u32_t life = 1000 * CFG(arp_maxage);
        u32_t lead = life / 2 < CONFIRM_LEAD_MS ? life / 2 : CONFIRM_LEAD_MS;
        if (age >= life - lead)
            confirm(e, age, life, lead);
    }
    return arp_send_from(netif, q, e->mac, ETHTYPE_IP);
}

#if FAST_PATHS
/* A resolved entry for ip: the one the sender's hint names, the one used last, or by hash. */
static struct arp_entry *resolved_entry(struct netif *netif, u32_t ip)
{
    struct arp_table *t = &STACK->link.arp;
    struct arp_entry *e = t->tx_last;

    if (e != NULL && arp_entry_matches(e, netif, ip) && arp_entry_resolved(e))
        return e;
    const u8_t *hint = arp_hint(netif);
    e = hint != NULL && *hint != HINT_LIMIT ? arp_table_at(*hint) : NULL;
    if (e == NULL || !arp_entry_resolved(e) || !arp_entry_matches(e, netif, ip))
        e = arp_table_find(netif, ip);
    if (e == NULL || !arp_entry_resolved(e))
        return NULL;
    t->tx_last = e;
    if (hint != NULL)
        *arp_hint(netif) = (u8_t)LWIP_MIN(arp_entry_index(e), HINT_LIMIT);
    return e;
}
#else
/* etharp_query() finds it as well. */
static struct arp_entry *resolved_entry(struct netif *netif, u32_t ip)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(ip);
    return NULL;
}
#endif

/* Where a unicast packet goes first: to its destination when that is on the link, else to the
 * gateway; NULL when there is none. */
static const ip4_addr_t *next_hop(struct netif *netif, const struct pbuf *q, const ip4_addr_t *dst)
{
    if (ip4_addr_net_eq(dst, netif_ip4_addr(netif), netif_ip4_netmask(netif)) ||
        ip4_addr_islinklocal(dst))
        return dst;
    /* [RFC3927 2.6.2]: what has a link-local source stays on the link. */
    const uint8_t *ip_header = q->payload;
    if (LWIP_IP_LINK_LOCAL && q->len >= 20 && ip_header[12] == 169 && ip_header[13] == 254)
        return dst;
    const ip4_addr_t *gateway = arp_hook_gateway(netif, dst);
    if (gateway != NULL)
        return gateway;
    gateway = netif_ip4_gw(netif);
    return ip4_addr_isany_val(*gateway) ? NULL : gateway;
}

/* The entry used last, if it is for dst and dst is a neighbour whatever one makes of the netmask
 * (it may have changed since): the answer for most packets. */
static struct arp_entry *same_again(const struct netif *netif, const ip4_addr_t *dst)
{
    struct arp_entry *e = STACK->link.arp.tx_last;
    u32_t mask = netif_ip4_netmask(netif)->addr;

    if (e == NULL || !arp_entry_matches(e, netif, dst->addr) || !arp_entry_resolved(e) ||
        ((dst->addr ^ netif_ip4_addr(netif)->addr) & mask) != 0 || (dst->addr | mask) == ~(u32_t)0)
        return NULL;
    return e;
}

err_t etharp_output(struct netif *netif, struct pbuf *q, const ip4_addr_t *ipaddr)
{
    u8_t group[ETH_HWADDR_LEN];
    const u8_t *to = ethbroadcast.addr;

    LWIP_ASSERT("etharp_output: arguments", netif != NULL && q != NULL && ipaddr != NULL);
    struct arp_entry *same = FAST_PATHS ? same_again(netif, ipaddr) : NULL;
    if (same != NULL)
        return send_to_entry(netif, q, same);
    if (ip4_addr_isbroadcast(ipaddr, netif)) {
        /* [RFC1122 3.3.6] */
    } else if (ip4_addr_ismulticast(ipaddr)) {
        wire_ethernet_map_multicast(group, (const u8_t *)&ipaddr->addr);
        to = group;
    } else {
        const ip4_addr_t *hop = next_hop(netif, q, ipaddr);
        if (hop == NULL) {
            drop(DROP_arp_no_gateway, netif, q);
            ETHARP_STATS_INC(etharp.rterr);
            return ERR_RTE;
        }
        struct arp_entry *e = resolved_entry(netif, hop->addr);
        return e != NULL ? send_to_entry(netif, q, e) : etharp_query(netif, hop, q);
    }
    return arp_send_from(netif, q, to, ETHTYPE_IP);
}

err_t etharp_query(struct netif *netif, const ip4_addr_t *ipaddr, struct pbuf *q)
{
    LWIP_ERROR_ASSERTED("etharp_query: arguments", netif != NULL && ipaddr != NULL, return ERR_ARG);
    if (ip4_addr_isbroadcast(ipaddr, netif) || ip4_addr_ismulticast(ipaddr)) /* or 0.0.0.0 */
        return ERR_ARG;

    struct arp_entry *e = arp_table_find(netif, ipaddr->addr);
    unsigned is_new = e == NULL;
    if (e == NULL && (e = arp_table_claim(netif, ipaddr->addr)) == NULL) {
        if (q != NULL) {
            drop(DROP_arp_table_full, netif, q);
            ETHARP_STATS_INC(etharp.memerr);
            ETHARP_STATS_INC(etharp.drop);
        }
        return ERR_MEM;
    }
    ONE_PATH(is_new);
    if (q == NULL)
        return ask(e, ethbroadcast.addr, is_new);
    if (arp_entry_resolved(e))
        return send_to_entry(netif, q, e);
    /* Queued first: a driver that answers at once finds the packet there. That it has to wait is no
     * error of the sender's [RFC1122 2.4]. */
    err_t result = arp_queue_put(e, q);
    if (is_new != 0)
        ask(e, ethbroadcast.addr, 1);
    return result;
}

#endif
