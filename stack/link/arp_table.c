/* link/arp_table.c: the ARP entries of an instance. Read arp_table.h, then link_state.h. Its
 * sibling for few entries is arp_table_array.c. */
#include "stack/link/arp_table.h"

#include "stack/core/event.h"
#include "stack/core/grow.h"
#include "stack/link/arp_queue.h"

#if LWIP_ARP && !ARP_TABLE_ARRAY

static struct arp_table *table(void)
{
    return &STACK->link.arp;
}

static struct arp_entry **bucket_of(struct arp_table *t, u32_t ip)
{
    /* Multiplicative hashing: neighbours differ in one byte, wherever byte order puts it. */
    u32_t hash = ip * 0x9e3779b1u;
    return &t->buckets[(hash >> 16) & t->bucket_mask];
}

struct arp_entry *arp_table_find(const struct netif *netif, u32_t ip)
{
    struct arp_table *t = table();

    if (t->buckets == NULL)
        return NULL;
    for (struct arp_entry *e = *bucket_of(t, ip); e != NULL; e = e->hash_next)
        if (arp_entry_matches(e, netif, ip))
            return e;
    return NULL;
}

struct arp_entry *arp_table_at(size_t index)
{
    struct arp_table *t = table();
    u32_t size = LWIP_MULTI_INSTANCE ? ARP_CHUNK_FIRST : ARP_TABLE_SIZE;

    if (index >= t->capacity)
        return NULL;
    for (unsigned k = 0; k < t->chunk_count; k++, size *= 2) {
        if (index < size)
            return &t->chunks[k][index];
        index -= size;
    }
    return NULL;
}

static void list_remove(struct arp_table *t, struct arp_entry *e)
{
    struct arp_list *l = &t->orders[e->order];

    *(e->older != NULL ? &e->older->newer : &l->oldest) = e->newer;
    *(e->newer != NULL ? &e->newer->older : &l->newest) = e->older;
}

/* From the young end: an entry that was just refreshed, the usual case, is placed at once. Static
 * entries have no age: the clock may have gone round since they were made. */
static void list_insert(struct arp_table *t, struct arp_entry *e, enum arp_order order)
{
    struct arp_list *l = &t->orders[order];
    struct arp_entry *older = l->newest;

    while (older != NULL && order != ARP_ORDER_STATIC &&
           (s32_t)(e->refreshed_ms - older->refreshed_ms) < 0)
        older = older->older;
    e->order = (u8_t)order;
    e->older = older;
    e->newer = older != NULL ? older->newer : l->oldest;
    *(e->older != NULL ? &e->older->newer : &l->oldest) = e;
    *(e->newer != NULL ? &e->newer->older : &l->newest) = e;
}

static void hash_insert(struct arp_table *t, struct arp_entry *e)
{
    struct arp_entry **bucket = bucket_of(t, e->ip.addr);

    e->hash_next = *bucket;
    *bucket = e;
}

static void hash_remove(struct arp_table *t, struct arp_entry *e)
{
    struct arp_entry **at = bucket_of(t, e->ip.addr);

    while (*at != e)
        at = &(*at)->hash_next;
    *at = e->hash_next;
}

/* Takes over a chunk of `count` entries and a larger bucket array; lowest index first in the list
 * of free entries. The old array is given up: together such arrays are no larger than the new. */
static void adopt_chunk(struct arp_table *t, struct arp_entry *chunk, u32_t count,
                        struct arp_entry **buckets, u32_t bucket_count)
{
    for (u32_t i = 0; i < bucket_count; i++)
        buckets[i] = NULL;
    t->buckets = buckets;
    t->bucket_mask = bucket_count - 1;
    for (unsigned o = 0; o < ARP_ORDERS; o++)
        for (struct arp_entry *e = t->orders[o].oldest; e != NULL; e = e->newer)
            hash_insert(t, e);
    for (u32_t i = count; i-- > 0;) {
        chunk[i] = (struct arp_entry){.index = (u16_t)(t->capacity + i), .hash_next = t->free};
        t->free = &chunk[i];
    }
    t->chunks[t->chunk_count++] = chunk;
    t->capacity += count;
}

#if LWIP_MULTI_INSTANCE
static bool grow_table(struct arp_table *t)
{
    u32_t limit = CFG(arp_table_size);

    if (t->capacity >= limit || t->chunk_count == ARP_CHUNKS)
        return false;
    u32_t count = ARP_CHUNK_FIRST << t->chunk_count, bucket_count = 2 * count;
    if (count > limit - t->capacity)
        count = limit - t->capacity;
    size_t chunk_size = count * sizeof(struct arp_entry);
    u8_t *memory = stack_grow(chunk_size + bucket_count * sizeof(struct arp_entry *));
    if (memory == NULL)
        return false;
    adopt_chunk(t, (struct arp_entry *)(void *)memory, count,
                (struct arp_entry **)(void *)(memory + chunk_size), bucket_count);
    return true;
}
#else
static bool grow_table(struct arp_table *t)
{
    if (t->capacity != 0)
        return false;
    adopt_chunk(t, t->store, ARP_TABLE_SIZE, t->store_buckets, ARP_STORE_BUCKETS);
    return true;
}
#endif

void arp_table_walk(enum arp_state end, arp_visit visit, void *arg)
{
    for (unsigned o = 0; o < ARP_ORDERS; o++) {
        struct arp_entry *e = table()->orders[o].oldest, *newer;
        for (; e != NULL && e->state < end; e = newer) {
            newer = e->newer;
            if (!visit(e, arg))
                break;
        }
    }
}

static struct arp_entry *recycle(struct arp_table *t)
{
    for (unsigned o = ARP_ORDER_STABLE; o < ARP_ORDER_STATIC; o++)
        if (t->orders[o].oldest != NULL)
            return t->orders[o].oldest;
    return NULL;
}

static void tell(const struct arp_entry *e)
{
    stack_emit(STACK_EVENT_ARP_STATE, arp_ip_host(&e->ip), e->state);
}

/* The first instant at which the timer may have something to do for an entry in this state. */
static void schedule(const struct arp_entry *e)
{
    struct ticker *k = &STACK->link.arp_ticker;

    if (e->state == ARP_STATE_PENDING)
        ticker_due(k, e->requested_ms + ARP_REQUEST_MS);
    else if (e->state != ARP_STATE_STATIC && e->older == NULL)
        ticker_due(k, e->refreshed_ms + 1000 * CFG(arp_maxage));
}

struct arp_entry *arp_table_claim(struct netif *netif, u32_t ip)
{
    struct arp_table *t = table();

    if (t->free == NULL && !grow_table(t)) {
        struct arp_entry *victim = recycle(t);
        if (victim == NULL)
            return NULL;
        arp_table_release(victim, DROP_arp_recycled);
    }
    struct arp_entry *e = t->free;
    t->free = e->hash_next;
    e->netif = netif;
    e->ip.addr = ip;
    e->state = ARP_STATE_PENDING;
    e->refreshed_ms = e->requested_ms = ticker_now(&STACK->link.arp_ticker);
    hash_insert(t, e);
    list_insert(t, e, ARP_ORDER_PENDING);
    schedule(e);
    tell(e);
    return e;
}

void arp_table_release(struct arp_entry *e, enum drop_reason reason)
{
    struct arp_table *t = table();

    arp_queue_drop(e, reason);
    if (t->tx_last == e)
        t->tx_last = NULL;
    hash_remove(t, e);
    list_remove(t, e);
    e->state = ARP_STATE_EMPTY;
    e->netif = NULL;
    e->hash_next = t->free;
    t->free = e;
    tell(e);
}

static void set(struct arp_entry *e, enum arp_state state, bool refreshed)
{
    struct arp_table *t = table();
    enum arp_order order = state == ARP_STATE_STATIC    ? ARP_ORDER_STATIC
                           : state != ARP_STATE_PENDING ? ARP_ORDER_STABLE
                           : arp_queue_empty(e)         ? ARP_ORDER_PENDING
                                                        : ARP_ORDER_QUEUED;
    bool changed = e->state != (u8_t)state;

    e->state = (u8_t)state;
    if (refreshed)
        e->refreshed_ms = ticker_now(&STACK->link.arp_ticker);
    if (refreshed || e->order != (u8_t)order) {
        list_remove(t, e);
        list_insert(t, e, order);
    }
    schedule(e);
    if (changed)
        tell(e);
}

void arp_table_set(struct arp_entry *e, enum arp_state state)
{
    set(e, state, state != ARP_STATE_REREQUEST);
}

void arp_table_queued(struct arp_entry *e)
{
    set(e, ARP_STATE_PENDING, false);
}

static const char *check_list(const struct arp_table *t, unsigned order, u32_t *count)
{
    const struct arp_entry *previous = NULL;

    for (const struct arp_entry *e = t->orders[order].oldest; e != NULL; e = e->newer) {
        if (e->older != previous)
            return "arp: an age list is not linked both ways";
        if (e->order != order || ++*count > t->capacity)
            return "arp: an entry is on a list that is not its own";
        if (e->state == ARP_STATE_EMPTY || e->netif == NULL)
            return "arp: an empty entry is on an age list";
        if ((order == ARP_ORDER_QUEUED) == arp_queue_empty(e))
            return "arp: waiting packets and age list disagree";
        if (arp_table_find(e->netif, e->ip.addr) != e)
            return "arp: an entry cannot be found by its address";
        if (previous != NULL && order != ARP_ORDER_STATIC &&
            (s32_t)(e->refreshed_ms - previous->refreshed_ms) < 0)
            return "arp: an age list is out of order";
        previous = e;
    }
    return t->orders[order].newest == previous ? NULL : "arp: an age list has lost its end";
}

const char *arp_table_check(void)
{
    const struct arp_table *t = table();
    u32_t count = 0;

    for (unsigned o = 0; o < ARP_ORDERS; o++) {
        const char *wrong = check_list(t, o, &count);
        if (wrong != NULL)
            return wrong;
    }
    for (const struct arp_entry *e = t->free; e != NULL; e = e->hash_next)
        if (e->state != ARP_STATE_EMPTY || ++count > t->capacity)
            return "arp: a used entry is on the free list";
    return count == t->capacity ? NULL : "arp: an entry is on no list";
}

#endif
