/* link/arp_timer.c: entries expire, pending ones are asked for again [RFC826 Related Issues].
 *
 * Where entries are on lists, stable ones are so in the order of their age, and only the oldest end
 * is looked at; pending ones are few and all looked at. */
#include "lwip/etharp.h"
#include "netif/ethernet.h"
#include "stack/core/modules.h"
#include "stack/link/arp_send.h"
#include "stack/link/arp_table.h"

#if LWIP_ARP

static bool is_before(u32_t a, u32_t b)
{
    return (s32_t)(a - b) < 0;
}

static void expire(struct arp_entry *e)
{
    bool pending = e->state == ARP_STATE_PENDING;
    struct netif *netif = e->netif;
    const ip4_addr_t ip = e->ip;

    arp_table_release(e, DROP_arp_unresolved);
    if (pending)
        netif_listeners_neighbour_lost(netif, &ip); /* [RFC1122 3.3.1.4] */
}

/* [RFC1122 2.3.2.1]: entries do not outlive their timeout, used or not. One whose owner was asked
 * less than a second ago goes on as a pending one: a packet sent right now would otherwise have
 * its next question come too early. A pending one's question is repeated each second until it is
 * given up after ARP_PENDING_MS, but not at that instant. */
static bool visit(struct arp_entry *e, void *time)
{
    u32_t now = *(const u32_t *)time, asked = now - e->requested_ms;
    bool pending = e->state == ARP_STATE_PENDING;
    u32_t end = e->refreshed_ms + (pending ? ARP_PENDING_MS : 1000 * CFG(arp_maxage));

    if (!is_before(now, end)) {
        if (e->state != ARP_STATE_REREQUEST || asked >= ARP_REQUEST_MS) {
            expire(e);
            return true;
        }
        arp_table_set(e, ARP_STATE_PENDING);
        end = now + ARP_PENDING_MS;
        pending = true;
    }
    if (pending && asked >= ARP_REQUEST_MS) {
        asked = 0;
        e->requested_ms = now;
        arp_send(e->netif, e->ip.addr, ethbroadcast.addr, ARP_SEND_QUESTION);
    }
    u32_t next = now + ARP_REQUEST_MS - asked;
    ticker_due(&STACK->link.arp_ticker, pending && is_before(next, end) ? next : end);
    return pending;
}

void arp_timer_run(void)
{
    u32_t now = ticker_now(&STACK->link.arp_ticker);

    arp_table_walk(ARP_STATE_STATIC, visit, &now);
}

void etharp_tmr(void)
{
    ticker_tick(&STACK->link.arp_ticker);
}

#endif
