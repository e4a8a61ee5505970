/* link/link_state.h: what the link layer keeps in an instance. Types only.
 *
 * The ARP table grows on demand: chunk k holds 8 << k entries (the last one is cut to the
 * configured table size) and comes with a bucket array for everything there is so far, so that a
 * host which talks to one neighbour pays for eight entries and a look-up among 1024 costs no more
 * than one among eight. Entries never move: their position is the index that etharp_find_addr()
 * and the transmit hints speak of. A single instance's table of a few entries is an array and no
 * more (ARP_TABLE_ARRAY). */
#ifndef STACK_LINK_LINK_STATE_H
#define STACK_LINK_LINK_STATE_H

#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "stack/core/modules.h"
#include "stack/core/ticker.h"

struct acd;
struct etharp_q_entry;
struct pbuf;

/* so few entries are searched from end to end */
#define ARP_TABLE_ARRAY (!LWIP_MULTI_INSTANCE && ARP_TABLE_SIZE <= 32)
#define ARP_CHUNK_FIRST 8u /* entries in chunk 0 */
#define ARP_STORE_BUCKETS (ARP_TABLE_SIZE <= 16 ? 16 : ARP_TABLE_SIZE <= 64 ? 64 : 256)
#define ARP_CHUNKS 14 /* 8 * (2^14 - 1) entries: more than a table may have */

/* In this order: questions, what was learnt, what was set. What may be touched in each state:
 * EMPTY       nothing is valid but `index` and the free list's link
 * PENDING     packets may wait; mac is not valid
 * STABLE      mac is valid, nothing waits
 * REREQUEST   as STABLE; it is old and in use, and its owner has been asked once more
 * STATIC      as STABLE; never ages, never recycled, never overwritten by a packet
 * (lwIP spreads REREQUEST over two states to count two ticks; here requested_ms says when the next
 * request may leave.) */
enum arp_state {
    ARP_STATE_EMPTY,
    ARP_STATE_PENDING,
    ARP_STATE_STABLE,
    ARP_STATE_REREQUEST,
    ARP_STATE_STATIC,
    ARP_STATES
};

/* Lists of entries in the order of their last refresh, oldest first. Recycling takes the oldest
 * of the first list that has one, as lwIP does; it never takes a static entry. */
enum arp_order {
    ARP_ORDER_STABLE,
    ARP_ORDER_PENDING, /* nothing waits for it */
    ARP_ORDER_QUEUED,  /* pending, and packets wait */
    ARP_ORDER_STATIC,
    ARP_ORDERS
};

/* Packets that wait for the entry's address. */
struct arp_waiting {
#if ARP_QUEUEING
    struct etharp_q_entry *queue; /* arp_queueing 1: in order of arrival */
    u16_t queue_len;
#endif
    struct pbuf *held;            /* arp_queueing 0: the one that waits */
};

struct arp_entry {
#if !ARP_TABLE_ARRAY
    struct arp_entry *hash_next;   /* same bucket; or the next free entry */
    struct arp_entry *older, *newer; /* neighbours in the list of its order */
#endif
    struct netif *netif;
    struct arp_waiting waiting;
    ip4_addr_t ip;
    u32_t refreshed_ms;            /* ticker time: age counts from here */
    u32_t requested_ms;            /* when a request for it last left (PENDING, REREQUEST) */
#if !ARP_TABLE_ARRAY
    u16_t index;
#endif
    u8_t mac[6];
    u8_t state;                    /* enum arp_state */
#if !ARP_TABLE_ARRAY
    u8_t order;                    /* enum arp_order: the list it is on */
#endif
};

struct arp_list {
    struct arp_entry *oldest, *newest;
};

#if ARP_TABLE_ARRAY
struct arp_table {
    struct arp_entry *tx_last;     /* the entry used by the last transmission, or NULL */
    struct arp_entry store[ARP_TABLE_SIZE];
};
#else
struct arp_table {
    struct arp_entry *chunks[ARP_CHUNKS];
    struct arp_entry **buckets;
    struct arp_entry *free;        /* lowest index first */
    struct arp_entry *tx_last;     /* the entry used by the last transmission, or NULL */
    struct arp_list orders[ARP_ORDERS];
    u32_t bucket_mask;
    u32_t capacity;                /* entries in all chunks */
    u8_t chunk_count;
#if !LWIP_MULTI_INSTANCE
    struct arp_entry store[ARP_TABLE_SIZE]; /* the whole table is one chunk here */
    struct arp_entry *store_buckets[ARP_STORE_BUCKETS];
#endif
};
#endif

struct ethertype_handler {
    u16_t type;
    netif_input_fn input;
};

/* A walk over a netif's ACD clients that survives their removal by a call-back. */
struct acd_walk {
    struct acd *next;
    struct acd_walk *outer;
};

struct link_state {
#if LWIP_MODULES_MORE
    u8_t ethertype_count;
    struct ethertype_handler ethertypes[ETHERTYPE_HANDLERS_MAX];
#endif
    struct arp_table arp;
    struct ticker arp_ticker;
#if LWIP_ACD
    struct ticker acd_ticker;
    struct acd_walk *acd_walks;    /* innermost first; NULL outside of a walk */
#endif
};

#endif
