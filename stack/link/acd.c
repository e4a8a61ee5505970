/* link/acd.c: address conflict detection: probing [RFC5227 2.1.1] and announcing [RFC5227 2.3].
 *
 * PROBE_WAIT --random--> PROBING --3 probes--> ANNOUNCE_WAIT --2 s--> ANNOUNCING
 * --2 announcements--> ONGOING. A conflict (acd_conflict.c) ends it; after MAX_CONFLICTS of them
 * RATE_LIMIT holds the next attempt back. The instants are exact to the millisecond: acd->due_ms
 * on the ticker's clock. */
#include "lwip/acd.h"

#include "lwip/etharp.h"
#include "lwip/prot/acd.h"
#include "stack/core/event.h"
#include "stack/core/instance.h"
#include "stack/link/acd_conflict.h"
#include "stack/link/arp_table.h"

#if LWIP_ACD

/* Both ends included. */
static u32_t random_between(u32_t low, u32_t high)
{
    return low + (u32_t)(((u64_t)stack_random() * (high - low + 1)) >> 32);
}

bool acd_listed(const struct netif *netif, const struct acd *acd)
{
    const struct acd *a = netif->acd_list;

    while (a != NULL && a != acd)
        a = a->next;
    return a != NULL;
}

void acd_enter(struct acd *acd, acd_state_enum_t state, u32_t wait_ms)
{
    struct ticker *k = &STACK->link.acd_ticker;
    bool changed = acd->state != state;

    acd->state = state;
    acd->ttw = 0;
    if (wait_ms != ACD_NO_WAIT) {
        acd->ttw = (u16_t)((wait_ms + ACD_TMR_INTERVAL - 1) / ACD_TMR_INTERVAL);
        acd->due_ms = ticker_now(k) + wait_ms;
        ticker_due(k, acd->due_ms);
    }
    if (changed)
        stack_emit(STACK_EVENT_ACD_STATE, arp_ip_host(&acd->ipaddr), (u32_t)state);
}

err_t acd_add(struct netif *netif, struct acd *acd, acd_conflict_callback_t acd_conflict_callback)
{
    LWIP_ERROR("acd_add: arguments",
               netif != NULL && acd != NULL && acd_conflict_callback != NULL, return ERR_ARG);
    acd->acd_conflict_callback = acd_conflict_callback;
    if (!acd_listed(netif, acd)) {
        acd->state = ACD_STATE_OFF;
        acd->sent_num = 0;
        acd->lastconflict = 0;
        acd->num_conflicts = 0;
        acd->next = netif->acd_list;
        netif->acd_list = acd;
    }
    return ERR_OK;
}

void acd_remove(struct netif *netif, struct acd *acd)
{
    struct acd **at = &netif->acd_list;

    while (*at != NULL && *at != acd)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = acd->next;
    for (struct acd_walk *w = STACK->link.acd_walks; w != NULL; w = w->outer)
        if (w->next == acd)
            w->next = acd->next;
    acd->next = NULL;
}

/* [RFC5227 2.1.1]: hosts that start together shall not probe together. */
err_t acd_start(struct netif *netif, struct acd *acd, ip4_addr_t ipaddr)
{
    LWIP_ERROR("acd_start: arguments", netif != NULL && acd != NULL, return ERR_ARG);
    acd->ipaddr = ipaddr;
    acd->sent_num = 0;
    acd->lastconflict = 0;
    acd_enter(acd, ACD_STATE_PROBE_WAIT, random_between(0, 1000 * PROBE_WAIT));
    return ERR_OK;
}

err_t acd_stop(struct acd *acd)
{
    LWIP_ERROR("acd_stop: acd", acd != NULL, return ERR_ARG);
    acd_enter(acd, ACD_STATE_OFF, ACD_NO_WAIT);
    return ERR_OK;
}

/* [RFC5227 2.1.1]: when the link is back its user starts anew, with probes. */
void acd_network_changed_link_down(struct netif *netif)
{
    for (struct acd *acd = netif->acd_list; acd != NULL; acd = acd->next)
        acd_stop(acd);
}

void acd_netif_removed(struct netif *netif)
{
    while (netif->acd_list != NULL) {
        struct acd *acd = netif->acd_list;
        acd_stop(acd);
        acd_remove(netif, acd);
    }
}

/* A probe that could not be sent has asked nobody: it is repeated and does not count. */
static void send_probe(struct netif *netif, struct acd *acd)
{
    if (etharp_acd_probe(netif, &acd->ipaddr) != ERR_OK) {
        acd_enter(acd, acd->state, random_between(1000 * PROBE_MIN, 1000 * PROBE_MAX));
        return;
    }
    acd->sent_num++;
    if (acd->sent_num < PROBE_NUM) {
        acd_enter(acd, ACD_STATE_PROBING, random_between(1000 * PROBE_MIN, 1000 * PROBE_MAX));
    } else {
        acd->sent_num = 0;
        acd_enter(acd, ACD_STATE_ANNOUNCE_WAIT, 1000 * ANNOUNCE_WAIT);
    }
}

static void send_announcement(struct netif *netif, struct acd *acd)
{
    acd->num_conflicts = 0; /* the address is good: the next conflict is a first one again */
    if (etharp_acd_announce(netif, &acd->ipaddr) != ERR_OK) {
        acd_enter(acd, acd->state, 1000 * ANNOUNCE_INTERVAL);
        return;
    }
    acd->sent_num++;
    if (acd->sent_num < ANNOUNCE_NUM) {
        acd_enter(acd, ACD_STATE_ANNOUNCING, 1000 * ANNOUNCE_INTERVAL);
    } else {
        acd->sent_num = 0;
        acd_enter(acd, ACD_STATE_ONGOING, ACD_NO_WAIT);
        acd->acd_conflict_callback(netif, ACD_IP_OK);
    }
}

static void act(struct netif *netif, struct acd *acd)
{
    switch (acd->state) {
    case ACD_STATE_PROBE_WAIT:
    case ACD_STATE_PROBING:
        send_probe(netif, acd);
        break;
    case ACD_STATE_ANNOUNCE_WAIT:
    case ACD_STATE_ANNOUNCING:
        send_announcement(netif, acd);
        break;
    case ACD_STATE_RATE_LIMIT:
        acd_stop(acd);
        acd->acd_conflict_callback(netif, ACD_RESTART_CLIENT);
        break;
    case ACD_STATE_OFF:
    case ACD_STATE_ONGOING:
    case ACD_STATE_PASSIVE_ONGOING:
        break;
    }
}

static bool waits(const struct acd *acd)
{
    return acd->state != ACD_STATE_OFF && acd->state != ACD_STATE_ONGOING &&
           acd->state != ACD_STATE_PASSIVE_ONGOING;
}

/* The first acd whose time has come, with its interface; NULL: none. Arms the ticker for those
 * that are to wait. */
static struct acd *first_due(struct ticker *k, struct netif **on)
{
    struct netif *netif;

    NETIF_FOREACH(netif) {
        for (struct acd *acd = netif->acd_list; acd != NULL; acd = acd->next) {
            acd_age_conflict(acd);
            if (!waits(acd))
                continue;
            if (ticker_passed(k, acd->due_ms)) {
                *on = netif;
                return acd;
            }
            ticker_due(k, acd->due_ms);
        }
    }
    return NULL;
}

/* Begins again after each step: a call-back may have changed any list. It ends: a restarted client
 * may be due at once, but its first probe puts the next step a second off. */
static void run(void)
{
    struct ticker *k = &STACK->link.acd_ticker;
    struct netif *netif = NULL;
    struct acd *acd;

    while ((acd = first_due(k, &netif)) != NULL)
        act(netif, acd);
}

void acd_begin(void)
{
    ticker_init(&STACK->link.acd_ticker, TICKER_ACD, ACD_TMR_INTERVAL, run);
}

void acd_end(void)
{
    ticker_stop(&STACK->link.acd_ticker);
}

void acd_tmr(void)
{
    ticker_tick(&STACK->link.acd_ticker);
}

const char *acd_check(void)
{
    const struct netif *netif;

    if (STACK->link.acd_walks != NULL)
        return "acd: a walk has not ended";
    NETIF_FOREACH(netif) {
        for (const struct acd *acd = netif->acd_list; acd != NULL; acd = acd->next)
            if (acd->acd_conflict_callback == NULL || acd->sent_num > PROBE_NUM)
                return "acd: a client's record is damaged";
    }
    return NULL;
}

#endif
