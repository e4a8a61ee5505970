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

static inline bool arp_entry_matches(const struct arp_entry *e, const struct netif *netif,
                                     const ip4_addr_t *ip)
{
    return e->ip.addr == ip->addr &&
           (!ETHARP_TABLE_MATCH_NETIF || netif == NULL || e->netif == netif);
}

/* The entry for ip on netif (NULL: on any), or NULL. */
struct arp_entry *arp_table_find(const struct netif *netif, const ip4_addr_t *ip);

/* The entry at a position, in any state; NULL: beyond the table. */
struct arp_entry *arp_table_at(size_t index);

/* A new PENDING entry for ip, which must not be in the table. Takes an empty place, else recycles
 * the oldest stable entry, else the oldest pending one without, then with packets (they are
 * dropped). NULL: all places are static. */
struct arp_entry *arp_table_claim(struct netif *netif, const ip4_addr_t *ip);

/* Makes the entry empty; packets that wait are dropped for `reason`. */
void arp_table_release(struct arp_entry *e, enum drop_reason reason);

/* Gives the entry a state and puts it where it belongs in the order of age. `refreshed`: its age
 * begins anew. */
void arp_table_set(struct arp_entry *e, enum arp_state state, bool refreshed);

/* The least lately refreshed entry of that order (enum arp_order), or NULL; of static ones any. */
struct arp_entry *arp_table_oldest(unsigned order);

/* visit() is called for each entry on the lists from `first` to before `end`; it may release the
 * entry. */
void arp_table_walk(unsigned first, unsigned end, void (*visit)(struct arp_entry *e, void *arg),
                    void *arg);

/* The entry's position. */
#if ARP_TABLE_ARRAY
static inline unsigned arp_entry_index(const struct arp_entry *e)
{
    return (unsigned)(e - STACK->link.arp.store);
}
#else
static inline unsigned arp_entry_index(const struct arp_entry *e)
{
    return e->index;
}
#endif

/* Runs when entries expire or want another request; module.c gives it to the ticker. */
void arp_timer_run(void);

/* NULL, or what is wrong with the table. */
const char *arp_table_check(void);

/* Releases what was learnt through an interface; static entries stay. */
void arp_forget_learnt(const struct netif *netif);

/* Releases the questions that an interface has not got answered, and what waits for them. */
void arp_forget_pending(const struct netif *netif);

#endif
