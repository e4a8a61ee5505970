/* link/arp_queue.h: packets that wait for an address to be resolved.
 *
 * With config.arp_queueing up to config.arp_queue_len packets wait per entry, the oldest giving
 * way; without it only the latest does [RFC1122 2.3.2.2]. Order is kept. A packet whose bytes may
 * change behind our back (PBUF_REF) is copied, any other is referenced. */
#ifndef STACK_LINK_ARP_QUEUE_H
#define STACK_LINK_ARP_QUEUE_H

#include "lwip/pbuf.h"
#include "stack/core/instance.h"

#include <stdbool.h>

#if ARP_QUEUEING
static inline bool arp_queue_empty(const struct arp_entry *e)
{
    return e->waiting.queue == NULL && e->waiting.held == NULL;
}
#else
static inline bool arp_queue_empty(const struct arp_entry *e)
{
    return e->waiting.held == NULL;
}
#endif

/* q stays the caller's. ERR_MEM: it could not be kept; nothing else changed, or the packets that
 * waited before still do. */
err_t arp_queue_put(struct arp_entry *e, struct pbuf *q);

static inline struct pbuf *arp_queue_take_held(struct arp_waiting *w)
{
    struct pbuf *p = w->held;

    w->held = NULL;
    return p;
}

/* Takes the packet that waited longest; NULL: none. The reference passes to the caller. */
#if ARP_QUEUEING
struct pbuf *arp_queue_take(struct arp_waiting *w);
#else
static inline struct pbuf *arp_queue_take(struct arp_waiting *w)
{
    return arp_queue_take_held(w);
}
#endif

static inline void arp_queue_discard(const struct arp_entry *e, struct pbuf *p,
                                     enum drop_reason reason)
{
    drop(reason, e->netif, p);
    ETHARP_STATS_INC(etharp.drop);
    pbuf_free(p);
}

/* Frees all that wait. */
static inline void arp_queue_drop(struct arp_entry *e, enum drop_reason reason)
{
    struct pbuf *p;

    while ((p = arp_queue_take(&e->waiting)) != NULL)
        arp_queue_discard(e, p, reason);
}

#endif
