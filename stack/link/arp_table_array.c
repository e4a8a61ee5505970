/* link/arp_table_array.c: the ARP entries of a single instance that has few of them
 * (ARP_TABLE_ARRAY): an array that is searched from end to end. Read arp_table.h first.
 *
 * Nothing but the entries themselves is kept: what order one has follows from its state. */
#include "stack/link/arp_table.h"

#include "stack/link/arp_queue.h"

#if LWIP_ARP && ARP_TABLE_ARRAY

static struct arp_table *table(void)
{
    return &STACK->link.arp;
}

static struct arp_entry *end_of(struct arp_table *t)
{
    return t->store + ARP_TABLE_SIZE;
}

struct arp_entry *arp_table_find(const struct netif *netif, u32_t ip)
{
    struct arp_table *t = table();

    for (struct arp_entry *e = t->store; e < end_of(t); e++)
        if (e->state != ARP_STATE_EMPTY && arp_entry_matches(e, netif, ip))
            return e;
    return NULL;
}

/* How readily an entry is given up: by what it is, then by its age, which is less than 2^30 ms:
 * the timer sees to that. 0: never. */
static u32_t dispensable(const struct arp_entry *e, u32_t now)
{
    u32_t kind = 3; /* resolved */

    if (e->state == ARP_STATE_EMPTY)
        return ~(u32_t)0;
    if (e->state == ARP_STATE_STATIC)
        return 0;
    if (e->state == ARP_STATE_PENDING)
        kind = arp_queue_empty(e) ? 2 : 1;
    return (kind << 30) + now - e->refreshed_ms;
}

struct arp_entry *arp_table_claim(struct netif *netif, u32_t ip)
{
    struct arp_table *t = table();
    struct arp_entry *victim = NULL;
    u32_t now = ticker_now(&STACK->link.arp_ticker), most = 0;

    for (struct arp_entry *e = t->store; e < end_of(t); e++) {
        u32_t d = dispensable(e, now);
        if (d > most) {
            most = d;
            victim = e;
        }
    }
    if (victim == NULL)
        return NULL;
    arp_table_release(victim, DROP_arp_recycled);
    victim->netif = netif;
    victim->ip.addr = ip;
    victim->requested_ms = now;
    arp_table_set(victim, ARP_STATE_PENDING);
    return victim;
}

void arp_table_release(struct arp_entry *e, enum drop_reason reason)
{
    struct arp_table *t = table();

    arp_queue_drop(e, reason);
    if (FAST_PATHS && t->tx_last == e)
        t->tx_last = NULL;
    e->state = ARP_STATE_EMPTY;
}

/* The timer looks at it in a second, when a question may have to be repeated, and finds out what
 * is next. */
void arp_table_set(struct arp_entry *e, enum arp_state state)
{
    struct ticker *k = &STACK->link.arp_ticker;
    u32_t now = ticker_now(k);

    e->state = (u8_t)state;
    if (state != ARP_STATE_REREQUEST)
        e->refreshed_ms = now;
    ticker_due(k, now + ARP_REQUEST_MS);
}

const char *arp_table_check(void)
{
    struct arp_table *t = table();

    for (struct arp_entry *e = t->store; e < end_of(t); e++) {
        if (e->state != ARP_STATE_PENDING && !arp_queue_empty(e))
            return "arp: packets wait for an address that is known";
        if (e->state != ARP_STATE_EMPTY && arp_table_find(e->netif, e->ip.addr) != e)
            return "arp: an address is in the table twice";
    }
    return NULL;
}

#endif
