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

struct arp_entry *arp_table_find(const struct netif *netif, const ip4_addr_t *ip)
{
    struct arp_table *t = table();

    for (struct arp_entry *e = t->store; e < end_of(t); e++)
        if (e->state != ARP_STATE_EMPTY && arp_entry_matches(e, netif, ip))
            return e;
    return NULL;
}

struct arp_entry *arp_table_at(size_t index)
{
    return index < ARP_TABLE_SIZE ? &table()->store[index] : NULL;
}

/* ARP_ORDERS: none, it is empty. */
static unsigned order_of(const struct arp_entry *e)
{
    switch (e->state) {
    case ARP_STATE_EMPTY:
        return ARP_ORDERS;
    case ARP_STATE_STATIC:
        return ARP_ORDER_STATIC;
    case ARP_STATE_PENDING:
        return arp_queue_empty(e) ? ARP_ORDER_PENDING : ARP_ORDER_QUEUED;
    default:
        return ARP_ORDER_STABLE;
    }
}

struct arp_entry *arp_table_oldest(unsigned order)
{
    struct arp_table *t = table();
    struct arp_entry *oldest = NULL;

    for (struct arp_entry *e = t->store; e < end_of(t); e++)
        if (order_of(e) == order &&
            (oldest == NULL || (s32_t)(e->refreshed_ms - oldest->refreshed_ms) < 0))
            oldest = e;
    return oldest;
}

void arp_table_walk(unsigned first, unsigned end, void (*visit)(struct arp_entry *e, void *arg),
                    void *arg)
{
    struct arp_table *t = table();

    for (struct arp_entry *e = t->store; e < end_of(t); e++) {
        unsigned order = order_of(e);
        if (order >= first && order < end)
            visit(e, arg);
    }
}

/* The first instant at which the timer may have something to do for an entry in this state. */
static void schedule(const struct arp_entry *e)
{
    u32_t due = e->refreshed_ms + 1000 * CFG(arp_maxage);

    if (e->state == ARP_STATE_PENDING)
        due = e->requested_ms + ARP_REQUEST_MS;
    if (e->state != ARP_STATE_STATIC)
        ticker_due(&STACK->link.arp_ticker, due);
}

struct arp_entry *arp_table_claim(struct netif *netif, const ip4_addr_t *ip)
{
    struct arp_entry *e = arp_table_oldest(ARP_ORDERS); /* an empty one */

    for (unsigned o = ARP_ORDER_STABLE; e == NULL && o < ARP_ORDER_STATIC; o++) {
        e = arp_table_oldest(o);
        if (e != NULL)
            arp_table_release(e, DROP_arp_recycled);
    }
    if (e == NULL)
        return NULL;
    e->netif = netif;
    e->ip = *ip;
    e->requested_ms = ticker_now(&STACK->link.arp_ticker);
    arp_table_set(e, ARP_STATE_PENDING, true);
    return e;
}

void arp_table_release(struct arp_entry *e, enum drop_reason reason)
{
    struct arp_table *t = table();

    arp_queue_drop(e, reason);
    if (t->tx_last == e)
        t->tx_last = NULL;
    e->state = ARP_STATE_EMPTY;
}

void arp_table_set(struct arp_entry *e, enum arp_state state, bool refreshed)
{
    e->state = (u8_t)state;
    if (refreshed)
        e->refreshed_ms = ticker_now(&STACK->link.arp_ticker);
    schedule(e);
}

const char *arp_table_check(void)
{
    struct arp_table *t = table();

    for (struct arp_entry *e = t->store; e < end_of(t); e++) {
        if (e->state != ARP_STATE_PENDING && !arp_queue_empty(e))
            return "arp: packets wait for an address that is known";
        if (e->state != ARP_STATE_EMPTY && arp_table_find(e->netif, &e->ip) != e)
            return "arp: an address is in the table twice";
    }
    return NULL;
}

#endif
