/* link/arp_timer.c: entries expire, pending ones are asked for again [RFC826 Related Issues].
 *
 * Stable entries are on one list in the order of their age, so that only its oldest end is looked
 * at; pending ones are few and all looked at. */
#include "lwip/etharp.h"
#include "netif/ethernet.h"
#include "stack/core/modules.h"
#include "stack/link/arp_send.h"
#include "stack/link/arp_table.h"

#if LWIP_ARP

/* [RFC1122 2.3.2.1]: entries do not outlive their timeout, used or not. One whose owner was asked
 * less than a second ago goes on as a pending one: a packet sent right now would otherwise have
 * its next question come too early. */
static void expire_stable(struct ticker *k)
{
    u32_t life = 1000 * CFG(arp_maxage);
    struct arp_entry *e;

    while ((e = arp_table_oldest(ARP_ORDER_STABLE)) != NULL &&
           ticker_passed(k, e->refreshed_ms + life)) {
        if (e->state == ARP_STATE_REREQUEST &&
            !ticker_passed(k, e->requested_ms + ARP_REQUEST_MS))
            arp_table_set(e, ARP_STATE_PENDING, true);
        else
            arp_table_release(e, DROP_arp_unresolved);
    }
    if (e != NULL)
        ticker_due(k, e->refreshed_ms + life);
}

/* A pending entry is given up after ARP_PENDING_MS; until then the question is repeated each
 * second, but not at the instant of giving up. */
static void visit_pending(struct arp_entry *e, void *ticker)
{
    struct ticker *k = ticker;
    u32_t end = e->refreshed_ms + ARP_PENDING_MS;

    if (ticker_passed(k, end)) {
        struct netif *netif = e->netif;
        const ip4_addr_t ip = e->ip;
        arp_table_release(e, DROP_arp_unresolved);
        netif_listeners_neighbour_lost(netif, &ip); /* [RFC1122 3.3.1.4] */
        return;
    }
    if (ticker_passed(k, e->requested_ms + ARP_REQUEST_MS)) {
        e->requested_ms = ticker_now(k);
        arp_send_request(e->netif, &e->ip, ethbroadcast.addr);
    }
    u32_t next = e->requested_ms + ARP_REQUEST_MS;
    ticker_due(k, (s32_t)(end - next) < 0 ? end : next);
}

void arp_timer_run(void)
{
    struct ticker *k = &STACK->link.arp_ticker;

    expire_stable(k);
    arp_table_walk(ARP_ORDER_PENDING, ARP_ORDER_QUEUED + 1, visit_pending, k);
}

void etharp_tmr(void)
{
    ticker_tick(&STACK->link.arp_ticker);
}

#endif
