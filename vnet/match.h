/* vnet/match.h: conditions on a frame's header fields, as data.
 *
 * Decoding is this module's own (never the stack's), bounds-checked, and looks through one or two
 * VLAN tags. A field that the frame does not have makes its term false, whatever the operator.
 * Fields: eth.dst eth.src eth.type (48/48/16 bits; eth.type behind tags) vlan.id vlan.pcp
 *   arp.op arp.spa arp.tpa arp.sha arp.tha  ip.src ip.dst ip.proto ip.id ip.ttl ip.tos ip.len ip.df
 *   ip.mf ip.off (bytes) ip.hl (bytes)  icmp.type icmp.code icmp.id icmp.seq  igmp.type igmp.group
 *   udp.sport udp.dport udp.len  tcp.sport tcp.dport tcp.seq tcp.ack tcp.flags tcp.win tcp.len
 *   frame.len. vlan.*: the first tag. udp.sport and udp.dport of UDP-Lite too. tcp.flags: 9 bits;
 *   tcp.len: bytes of data by ip.len. icmp.id and icmp.seq of types that have them. Fields behind
 *   the IP header only in fragments with offset 0, and not in the padding behind the datagram. */
#ifndef VNET_MATCH_H
#define VNET_MATCH_H

#include "vnet/frame.h"

#include <stdbool.h>
#include <stdint.h>

enum match_op {
    MATCH_EQ, MATCH_NE, MATCH_LT, MATCH_LE, MATCH_GT, MATCH_GE, MATCH_ANY_BIT, MATCH_BYTES
};

#define MATCH_BYTES_MAX 32u

struct match_term {
    uint16_t field; /* from match_field(); ignored for MATCH_BYTES */
    uint8_t op;     /* enum match_op */
    uint8_t bytes_len;
    uint32_t offset; /* MATCH_BYTES: from the start of the frame */
    uint64_t value;
    uint8_t bytes[MATCH_BYTES_MAX];
};

#define MATCH_NO_FIELD UINT16_MAX
uint16_t match_field(const char *name);              /* MATCH_NO_FIELD: unknown */
const char *match_field_name(uint16_t field);        /* NULL behind the last: lists them all */
bool match_op_parse(const char *text, uint8_t *op);
bool match_frame(const struct match_term *terms, uint32_t n, const struct frame *f);

#endif
