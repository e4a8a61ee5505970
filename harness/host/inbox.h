/* harness/host/inbox.h: what has arrived for an object, in order, until the controller fetches it.
 * Bounded: what does not fit is refused and counted. Addresses are in host byte order. */
#ifndef HARNESS_HOST_INBOX_H
#define HARNESS_HOST_INBOX_H

#include <stdbool.h>
#include <stdint.h>

struct pbuf;

struct inbox_item {
    struct inbox_item *next;
    uint64_t t_ns;   /* when it arrived */
    uint64_t rtt_ns; /* ping: since the request was sent */
    uint32_t from, to;
    uint32_t len; /* of data */
    uint16_t port;
    uint8_t ttl, tos;
    bool is_icmp; /* an ICMP error came back: type and code say which */
    uint8_t icmp_type, icmp_code;
    uint8_t data[];
};

struct inbox {
    struct inbox_item *first, *last;
    uint32_t count, capacity;
    uint64_t refused;
};

#define INBOX_CAPACITY_DEFAULT 1024u

/* A new item with the bytes of p from `offset` on (p NULL: none), in the inbox; the caller fills in
 * the rest. NULL: the inbox or the arena is full, counted in `refused`. */
struct inbox_item *inbox_put(struct inbox *in, const struct pbuf *p, uint32_t offset);
/* The same with time, addresses, TTL and TOS of the datagram that the stack is delivering: call it
 * before p is freed, its IP header is in there. */
struct inbox_item *inbox_put_received(struct inbox *in, const struct pbuf *p, uint32_t offset,
                                      uint64_t now_ns);
/* A new item with these bytes. */
struct inbox_item *inbox_put_bytes(struct inbox *in, const void *bytes, uint32_t len);
/* Takes the oldest item out; NULL: empty. The caller gives it to inbox_item_free(). */
struct inbox_item *inbox_take(struct inbox *in);
void inbox_item_free(struct inbox_item *item);
void inbox_empty(struct inbox *in);

#endif
