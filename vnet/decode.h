/* decode.h: where the headers of a frame are. vnet's own reading of bytes, independent of any
 * stack, so that it can serve as a judge. Never looks outside [0, len). */
#ifndef VNET_DECODE_H
#define VNET_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#define DECODE_NONE UINT32_MAX

enum { DECODE_ICMP = 1, DECODE_IGMP = 2, DECODE_TCP = 6, DECODE_UDP = 17, DECODE_UDPLITE = 136 };

struct decode {
    uint32_t vlan;      /* the first tag's TCI; DECODE_NONE: untagged */
    uint32_t type;      /* where the EtherType behind up to two tags is */
    uint32_t arp;       /* ARP for IPv4 over Ethernet */
    uint32_t ip;        /* EtherType 0x0800 and version 4; the header may be cut off anywhere */
    uint32_t ip_header_len;
    bool ip_header_whole; /* length field >= 20 and all of it in the frame */
    bool datagram_whole;  /* total length in the frame, and not a fragment */
    uint8_t proto;        /* valid with l4 */
    uint32_t l4;        /* in a fragment with offset 0 */
    uint32_t l4_end;    /* the frame's end or the datagram's, whichever comes first */
};

void decode_frame(struct decode *d, const uint8_t *frame, uint32_t len);

#endif
