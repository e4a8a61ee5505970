/* link/arp_queue.c: packets that wait for an address to be resolved. Read arp_queue.h first. */
#include "stack/link/arp_queue.h"

#include "lwip/etharp.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"

#if LWIP_ARP

#if ARP_QUEUEING
static struct etharp_q_entry *element_new(void)
{
    return memp_malloc(MEMP_ARP_QUEUE);
}

static void element_free(struct etharp_q_entry *element)
{
    memp_free(MEMP_ARP_QUEUE, element);
}

static struct etharp_q_entry **element_next(struct etharp_q_entry *element)
{
    return &element->next;
}

static struct pbuf **element_packet(struct etharp_q_entry *element)
{
    return &element->p;
}
#else
/* Built without queueing: config.arp_queueing is 0 for good and none of these is reached. */
static struct etharp_q_entry *element_new(void)
{
    return NULL;
}

static void element_free(struct etharp_q_entry *element)
{
    LWIP_UNUSED_ARG(element);
}

static struct etharp_q_entry **element_next(struct etharp_q_entry *element)
{
    return (struct etharp_q_entry **)(void *)element;
}

static struct pbuf **element_packet(struct etharp_q_entry *element)
{
    return (struct pbuf **)(void *)element;
}
#endif

/* A reference to q, or a copy where q's bytes are only lent to us for the time of this call. */
static struct pbuf *keep(struct pbuf *q)
{
    for (const struct pbuf *p = q; p != NULL; p = p->next)
        if (PBUF_NEEDS_COPY(p))
            return pbuf_clone(PBUF_LINK, PBUF_RAM, q);
    pbuf_ref(q);
    return q;
}

static void discard(const struct arp_entry *e, struct pbuf *p, enum drop_reason reason)
{
    drop(reason, e->netif, p);
    ETHARP_STATS_INC(etharp.drop);
    pbuf_free(p);
}

static err_t put_in_queue(struct arp_entry *e, struct pbuf *p)
{
    struct etharp_q_entry *element = element_new();

    if (element == NULL)
        return ERR_MEM;
    *element_next(element) = NULL;
    *element_packet(element) = p;
    struct etharp_q_entry **last = &e->queue;
    while (*last != NULL)
        last = element_next(*last);
    *last = element;
    e->queue_len++;
    if (e->queue_len > CFG(arp_queue_len))
        discard(e, arp_queue_take(e), DROP_arp_queue_full);
    return ERR_OK;
}

err_t arp_queue_put(struct arp_entry *e, struct pbuf *q)
{
    struct pbuf *p = keep(q);
    err_t result = ERR_MEM;

    if (p != NULL && CFG(arp_queueing)) {
        result = put_in_queue(e, p);
    } else if (p != NULL) {
        if (e->held != NULL)
            discard(e, e->held, DROP_arp_queue_full);
        e->held = p;
        result = ERR_OK;
    }
    if (result != ERR_OK) {
        drop(DROP_arp_queue_memory, e->netif, q);
        ETHARP_STATS_INC(etharp.memerr);
        ETHARP_STATS_INC(etharp.drop);
        if (p != NULL)
            pbuf_free(p);
    }
    return result;
}

struct pbuf *arp_queue_take(struct arp_entry *e)
{
    struct etharp_q_entry *element = e->queue;
    struct pbuf *p = e->held;

    if (element == NULL) {
        e->held = NULL;
        return p;
    }
    p = *element_packet(element);
    e->queue = *element_next(element);
    e->queue_len--;
    element_free(element);
    return p;
}

void arp_queue_drop(struct arp_entry *e, enum drop_reason reason)
{
    struct pbuf *p;

    while ((p = arp_queue_take(e)) != NULL)
        discard(e, p, reason);
}

#endif
