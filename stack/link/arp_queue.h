/* link/arp_queue.h: packets that wait for an address to be resolved.
 *
 * With config.arp_queueing up to config.arp_queue_len packets wait per entry, the oldest giving
 * way; without it only the latest does [RFC1122 2.3.2.2]. Order is kept. A packet whose bytes may
 * change behind our back (PBUF_REF) is copied, any other is referenced. */
#ifndef STACK_LINK_ARP_QUEUE_H
#define STACK_LINK_ARP_QUEUE_H

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

/* Takes the packet that waited longest; NULL: none. The reference passes to the caller. */
struct pbuf *arp_queue_take(struct arp_waiting *w);

/* Frees all that wait. */
void arp_queue_drop(struct arp_entry *e, enum drop_reason reason);

#endif
