/* link/arp_table.h: the ARP entries of an instance: finding, claiming, ageing order, recycling.
 *
 * All functions work on the current instance. Pointers to entries stay good until the entry is
 * released, which arp_table_claim() may do to any that is not static: do not hold one across it.
 * Entries know nothing of ARP packets; arp_output.c and arp_input.c decide what is learnt. */
#ifndef STACK_LINK_ARP_TABLE_H
#define STACK_LINK_ARP_TABLE_H

#include "lwip/def.h"
#include "stack/core/instance.h"
#include "stack/core/speed.h"
#include "stack/wire/bytes.h"

#include <stdbool.h>

#define ARP_PENDING_MS 5000u /* lwIP's ARP_MAXPENDING: an entry that nobody answers for */
#define ARP_REQUEST_MS 1000u /* [RFC1122 2.3.2.1]: at most one request a second and destination */

static inline bool arp_entry_resolved(const struct arp_entry *e)
{
    return e->state >= ARP_STATE_STABLE;
}

/* lwIP keeps addresses in network order; wire values are in host order. */
static inline u32_t arp_ip_host(const ip4_addr_t *ip)
{
    return FAST_PATHS ? get_be32((const uint8_t *)&ip->addr) : lwip_ntohl(ip->addr);
}

static inline ip4_addr_t arp_ip_from_host(u32_t host)
{
    ip4_addr_t ip;
    if (FAST_PATHS)
        put_be32((uint8_t *)&ip.addr, host);
    else
        ip4_addr_set_u32(&ip, lwip_htonl(host));
    return ip;
}

/* Addresses are handed over by value, as they stand in an ip4_addr_t: what one points to may go
 * away meanwhile. */
static inline bool arp_entry_matches(const struct arp_entry *e, const struct netif *netif,
                                     u32_t ip)
{
    return e->ip.addr == ip && (!ETHARP_TABLE_MATCH_NETIF || netif == NULL || e->netif == netif);
}

/* The entry for ip on netif (NULL: on any), or NULL. */
struct arp_entry *arp_table_find(const struct netif *netif, u32_t ip);

/* A new PENDING entry for ip, which must not be in the table. Takes an empty place, else recycles
 * the oldest stable entry, else the oldest pending one without, then with packets (they are
 * dropped). NULL: all places are static. */
struct arp_entry *arp_table_claim(struct netif *netif, u32_t ip);

/* Makes the entry empty; packets that wait are dropped for `reason`. */
void arp_table_release(struct arp_entry *e, enum drop_reason reason);

/* Gives the entry a state, puts it where it belongs in the order of age, and sees to it that the
 * timer looks at it in time. Its age begins anew, but not with ARP_STATE_REREQUEST. */
void arp_table_set(struct arp_entry *e, enum arp_state state);

/* A packet waits for the pending entry. */
#if ARP_TABLE_ARRAY
static inline void arp_table_queued(struct arp_entry *e)
{
    LWIP_UNUSED_ARG(e);
}
#else
void arp_table_queued(struct arp_entry *e);
#endif

/* visit() is called for each entry whose state comes before `end`, resolved ones first where the
 * table has an order; it may release the entry. It says whether younger entries of that kind may
 * concern it too. */
typedef bool (*arp_visit)(struct arp_entry *e, void *arg);
#if ARP_TABLE_ARRAY
static inline void arp_table_walk(enum arp_state end, arp_visit visit, void *arg)
{
    struct arp_entry *store = STACK->link.arp.store;

    for (struct arp_entry *e = store; e < store + ARP_TABLE_SIZE; e++)
        if (e->state != ARP_STATE_EMPTY && e->state < end)
            visit(e, arg);
}
#else
void arp_table_walk(enum arp_state end, arp_visit visit, void *arg);
#endif

/* The entry at a position, in any state; NULL: beyond the table. And an entry's position. */
#if ARP_TABLE_ARRAY
static inline struct arp_entry *arp_table_at(size_t index)
{
    return index < ARP_TABLE_SIZE ? &STACK->link.arp.store[index] : NULL;
}

static inline unsigned arp_entry_index(const struct arp_entry *e)
{
    return (unsigned)(e - STACK->link.arp.store);
}
#else
struct arp_entry *arp_table_at(size_t index);

static inline unsigned arp_entry_index(const struct arp_entry *e)
{
    return e->index;
}
#endif

/* Runs when entries expire or want another request; module.c gives it to the ticker. */
void arp_timer_run(void);

/* NULL, or what is wrong with the table. */
const char *arp_table_check(void);

/* Releases an interface's entries whose state comes before `end`, and what waits for them. */
#define ARP_FORGET_PENDING ARP_STATE_STABLE /* questions not answered yet */
#define ARP_FORGET_LEARNT ARP_STATE_STATIC  /* static entries stay */
void arp_forget(const struct netif *netif, enum arp_state end);

#endif
