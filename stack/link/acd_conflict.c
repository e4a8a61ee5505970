/* link/acd_conflict.c: address conflicts: noticing, defending, giving up [RFC5227 2.4].
 *
 * Policy is lwIP's: a running address is defended once per DEFEND_INTERVAL (option b of RFC 5227
 * section 2.4), one in passive mode is given up at the first conflict (option a). */
#include "stack/link/acd_conflict.h"

#include "lwip/etharp.h"
#include "lwip/prot/acd.h"
#include "stack/core/instance.h"
#include "stack/link/arp_table.h"
#include "stack/link/ethernet_address.h"

#if LWIP_ACD

/* The address is somebody else's. Tells the client, then either lets it start over or, when that
 * has gone on for too long, holds it back [RFC5227 2.1.1]. */
static void give_up(struct netif *netif, struct acd *acd)
{
    if (acd->num_conflicts < 255)
        acd->num_conflicts++;
    bool too_many = acd->num_conflicts >= MAX_CONFLICTS;

    acd_stop(acd);
    acd->acd_conflict_callback(netif, ACD_DECLINE);
    if (!acd_listed(netif, acd))
        return;
    if (too_many) {
        acd_enter(acd, ACD_STATE_RATE_LIMIT, 1000 * RATE_LIMIT_INTERVAL);
    } else {
        acd_stop(acd);
        acd->acd_conflict_callback(netif, ACD_RESTART_CLIENT);
    }
}

static bool defended_lately(const struct acd *acd)
{
    u32_t since = ticker_now(&STACK->link.acd_ticker) - acd->conflict_ms;

    return acd->lastconflict != 0 && since < 1000 * DEFEND_INTERVAL;
}

/* A conflict that is over is forgotten: by the clock alone it would come back after 2^32 ms. */
void acd_age_conflict(struct acd *acd)
{
    struct ticker *k = &STACK->link.acd_ticker;
    u32_t end = acd->conflict_ms + 1000 * DEFEND_INTERVAL;

    if (acd->lastconflict == 0)
        return;
    if (ticker_passed(k, end))
        acd->lastconflict = 0;
    else
        ticker_due(k, end);
}

static void defend(struct netif *netif, struct acd *acd)
{
    if (acd->state == ACD_STATE_PASSIVE_ONGOING) {
        acd_stop(acd);
        acd->acd_conflict_callback(netif, ACD_DECLINE);
    } else if (defended_lately(acd)) {
        give_up(netif, acd);
    } else {
        acd->lastconflict = DEFEND_INTERVAL * 1000 / ACD_TMR_INTERVAL;
        acd->conflict_ms = ticker_now(&STACK->link.acd_ticker);
        acd_age_conflict(acd);
        etharp_acd_announce(netif, &acd->ipaddr);
    }
}

static void judge(struct netif *netif, struct acd *acd, const struct wire_arp *a)
{
    u32_t ip = arp_ip_host(&acd->ipaddr);
    bool claims = a->sender_ip == ip;
    bool foreign = !ethernet_address_equal(a->sender_mac, netif->hwaddr);
    bool probe = a->opcode == WIRE_ARP_REQUEST && a->sender_ip == 0; /* [RFC5227 1.1] */

    switch (acd->state) {
    case ACD_STATE_PROBE_WAIT:
    case ACD_STATE_PROBING:
    case ACD_STATE_ANNOUNCE_WAIT:
        /* [RFC5227 2.1.1]: any use of the address, or somebody else's probe for it. Our own probe
         * that some switch sends back is neither. */
        if (claims || (probe && a->target_ip == ip && foreign))
            give_up(netif, acd);
        break;
    case ACD_STATE_ANNOUNCING:
    case ACD_STATE_ONGOING:
    case ACD_STATE_PASSIVE_ONGOING:
        if (claims && foreign) /* [RFC5227 2.4] */
            defend(netif, acd);
        break;
    case ACD_STATE_OFF:
    case ACD_STATE_RATE_LIMIT:
        break;
    }
}

void acd_observe(struct netif *netif, const struct wire_arp *a)
{
    struct acd_walk walk = {netif->acd_list, STACK->link.acd_walks};

    if (walk.next == NULL)
        return;
    STACK->link.acd_walks = &walk;
    while (walk.next != NULL) {
        struct acd *acd = walk.next;
        walk.next = acd->next;
        judge(netif, acd, a);
    }
    STACK->link.acd_walks = walk.outer;
}

void acd_arp_reply(struct netif *netif, struct etharp_hdr *hdr)
{
    struct wire_arp a;

    if (wire_arp_parse((const uint8_t *)hdr, WIRE_ARP_LEN, &a) == WIRE_ARP_OK)
        acd_observe(netif, &a);
}

bool acd_guards(const struct netif *netif, const ip4_addr_t *ip)
{
    for (const struct acd *acd = netif->acd_list; acd != NULL; acd = acd->next)
        if ((acd->state == ACD_STATE_ANNOUNCING || acd->state == ACD_STATE_ONGOING) &&
            ip4_addr_eq(&acd->ipaddr, ip))
            return true;
    return false;
}

/* The interface moved on to a routable address; the link-local one it had is only watched from now
 * on [RFC3927 1.9], or given back if it was not yet won. */
static void make_passive(struct netif *netif, struct acd *acd)
{
    switch (acd->state) {
    case ACD_STATE_PROBE_WAIT:
    case ACD_STATE_PROBING:
    case ACD_STATE_ANNOUNCE_WAIT:
    case ACD_STATE_RATE_LIMIT:
        acd_stop(acd);
        acd->acd_conflict_callback(netif, ACD_DECLINE);
        break;
    case ACD_STATE_ANNOUNCING:
    case ACD_STATE_ONGOING:
        acd_enter(acd, ACD_STATE_PASSIVE_ONGOING, ACD_NO_WAIT);
        break;
    case ACD_STATE_OFF:
    case ACD_STATE_PASSIVE_ONGOING:
        break;
    }
}

void acd_netif_ip_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                               const ip_addr_t *new_addr)
{
    if (!IP_IS_V4(old_addr) || ip_addr_isany(old_addr) || ip_addr_isany(new_addr) ||
        !ip_addr_islinklocal(old_addr) || ip_addr_islinklocal(new_addr))
        return;
    struct acd_walk walk = {netif->acd_list, STACK->link.acd_walks};
    STACK->link.acd_walks = &walk;
    while (walk.next != NULL) {
        struct acd *acd = walk.next;
        walk.next = acd->next;
        if (ip4_addr_eq(&acd->ipaddr, ip_2_ip4(old_addr)))
            make_passive(netif, acd);
    }
    STACK->link.acd_walks = walk.outer;
}

#endif
