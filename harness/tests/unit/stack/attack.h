/* attack.h: what the tests of hostile input share: a second interface, a socket that remembers
 * what it got, frames in chains of buffers, and frames of every kind to cut up. */
#ifndef LOCKWIRE_TESTS_ATTACK_H
#define LOCKWIRE_TESTS_ATTACK_H

#include "lwip/udp.h"
#include "stack/wire/ip4.h"
#include "station.h"

#define OTHER_IP 0xc0a80701u /* 192.168.7.1 */

/* A second interface that counts what leaves by it; its frames come in by other.input. */
extern struct netif other;
extern unsigned other_sent;

void add_other(uint32_t ip); /* with a mask of 24 bits; 0: without an address */
err_t other_linkoutput(struct netif *netif, struct pbuf *p);

/* What the socket of listen_at() received last, and how often it did. */
struct attack_got {
    unsigned count;
    size_t len;
    uint8_t bytes[64];
    struct netif *on;
    uint8_t flags, if_idx;
};
extern struct attack_got got;

struct udp_pcb *listen_at(uint16_t port); /* takes broadcasts; clears `got` */

/* A frame in pbufs: the first of `first` bytes, the others of `rest`. The caller owns the chain. */
struct pbuf *chained(const uint8_t *frame, size_t len, size_t first, size_t rest);
void in_chain(struct station *t, const uint8_t *frame, size_t len, size_t first, size_t rest);

struct cut_case {
    const char *name;
    size_t contiguous; /* what a driver must not cut: Ethernet and IP header */
    uint8_t bytes[128];
    size_t len;
};

/* An IPv4 packet of the peer to the station in a frame; its length. */
size_t ip_frame(uint8_t *f, uint8_t proto, uint16_t fragment, const char *options, size_t optlen,
                const void *data, size_t len);
unsigned cut_cases(struct cut_case *c); /* fills at most 16; how many */

#endif
