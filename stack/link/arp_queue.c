/* link/arp_queue.c: packets that wait for an address to be resolved. Read arp_queue.h first. */
#include "stack/link/arp_queue.h"

#include "lwip/etharp.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "stack/link/arp_table.h"

#if LWIP_ARP

/* A reference to q, or a copy where q's bytes are only lent to us for the time of this call. */
static struct pbuf *keep(struct pbuf *q)
{
    for (const struct pbuf *p = q; p != NULL; p = p->next)
        if (PBUF_NEEDS_COPY(p))
            return pbuf_clone(PBUF_LINK, PBUF_RAM, q);
    pbuf_ref(q);
    return q;
}

#if ARP_QUEUEING
static err_t put_in_queue(struct arp_entry *e, struct pbuf *p)
{
    struct arp_waiting *w = &e->waiting;
    struct etharp_q_entry *element = memp_malloc(MEMP_ARP_QUEUE);

    if (element == NULL)
        return ERR_MEM;
    element->next = NULL;
    element->p = p;
    struct etharp_q_entry **last = &w->queue;
    while (*last != NULL)
        last = &(*last)->next;
    *last = element;
    w->queue_len++;
    if (w->queue_len > CFG(arp_queue_len))
        arp_queue_discard(e, arp_queue_take(w), DROP_arp_queue_full);
    return ERR_OK;
}

struct pbuf *arp_queue_take(struct arp_waiting *w)
{
    struct etharp_q_entry *element = w->queue;

    if (element == NULL)
        return arp_queue_take_held(w);
    struct pbuf *p = element->p;
    w->queue = element->next;
    w->queue_len--;
    memp_free(MEMP_ARP_QUEUE, element);
    return p;
}
#else
/* Built without queueing: config.arp_queueing is 0 for good. */
static err_t put_in_queue(struct arp_entry *e, struct pbuf *p)
{
    LWIP_UNUSED_ARG(e);
    LWIP_UNUSED_ARG(p);
    return ERR_MEM;
}
#endif

err_t arp_queue_put(struct arp_entry *e, struct pbuf *q)
{
    struct pbuf *p = keep(q);
    err_t result = ERR_MEM;

    if (p != NULL && CFG(arp_queueing)) {
        result = put_in_queue(e, p);
    } else if (p != NULL) {
        if (e->waiting.held != NULL)
            arp_queue_discard(e, e->waiting.held, DROP_arp_queue_full);
        e->waiting.held = p;
        result = ERR_OK;
    }
    if (result != ERR_OK) {
        drop(DROP_arp_queue_memory, e->netif, q);
        ETHARP_STATS_INC(etharp.memerr);
        ETHARP_STATS_INC(etharp.drop);
        if (p != NULL)
            pbuf_free(p);
        return result;
    }
    arp_table_queued(e);
    return ERR_OK;
}

#endif
