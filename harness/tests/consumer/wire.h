/* consumer/wire.h: the program's driver and its idea of frames, written without the stack's help.
 *
 * Frames the stack sends are kept in order; frames to it are built from fields. The peer is
 * 10.1.0.2 at 02:00:00:00:00:02, the stack 10.1.0.1 at 02:00:00:00:00:01. */
#ifndef CONSUMER_WIRE_H
#define CONSUMER_WIRE_H

#include "lwip/netif.h"

#include <stddef.h>
#include <stdint.h>

#define STACK_IP 0x0a010001u
#define PEER_IP 0x0a010002u

struct frame {
    size_t len;
    uint8_t bytes[1600];
};

/* netif_add()'s init function. */
err_t wire_init(struct netif *netif);

/* The frame comes in, in a pbuf from the pool; 0, or -1 when there was none. */
int wire_input(struct netif *netif, const struct frame *f);

/* The oldest frame not yet taken; NULL: there is none. Valid until the next call. */
const struct frame *wire_take(void);

/* Whole frames, checksums included. A UDP checksum of 0 in the wire's sense is never needed. */
void frame_arp(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned op,
               uint32_t sender, const uint8_t target_mac[6], uint32_t target);
void frame_ip(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned id,
              unsigned ttl, unsigned proto, uint32_t from, uint32_t to, const void *data,
              size_t len);
void frame_udp(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned id,
               unsigned ttl, uint32_t from, unsigned sport, uint32_t to, unsigned dport,
               const void *data, size_t len);
/* Internet checksum of len bytes on top of sum, ready to be stored big-endian. */
unsigned frame_checksum(uint32_t sum, const uint8_t *bytes, size_t len);

extern const uint8_t stack_mac[6], peer_mac[6], all_mac[6], no_mac[6];

#endif
