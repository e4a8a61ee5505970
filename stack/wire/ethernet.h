/* wire/ethernet.h: Ethernet headers: DIX, one 802.1Q tag, 802.3 with LLC/SNAP.
 *
 * A frame begins with its destination address; there is no FCS. wire_ethernet_parse() checks every
 * length once; the views it returns point into the frame and live as long as it does. A frame
 * must have at least one byte behind its header: an empty one says nothing to anybody.
 *
 * Layouts accepted (bytes):
 *   DIX   [RFC894]   dst 6, src 6, type 2
 *   VLAN  [802.1Q]   dst 6, src 6, 0x8100, tci 2, type 2; a second tag is left as the type 0x8100
 *   SNAP  (RFC 1042) dst 6, src 6, length 2, AA AA 03 00 00 00, type 2; also behind a tag */
#ifndef STACK_WIRE_ETHERNET_H
#define STACK_WIRE_ETHERNET_H

#include "lwip/opt.h"
#include "stack/wire/bytes.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIRE_ETHERNET_HLEN 14u
#define WIRE_ETHERNET_TAG_LEN 4u
#define WIRE_ETHERNET_SNAP_LEN 8u
#define WIRE_ETHERNET_HLEN_MAX 26u
#define WIRE_ETHERTYPE_IP4 0x0800u
#define WIRE_ETHERTYPE_ARP 0x0806u
#define WIRE_ETHERTYPE_VLAN 0x8100u
#define WIRE_ETHERTYPE_MIN 0x0600u /* smaller values are 802.3 lengths */

/* A build that understands no tags leaves them as the unknown type 0x8100, unless it is to say for
 * what it drops a frame. */
#define WIRE_ETHERNET_TAGS (ETHARP_SUPPORT_VLAN || LWIP_DROP_REASONS)

struct wire_ethernet {
    const uint8_t *dst, *src; /* 6 bytes each */
    const uint8_t *tag;       /* the tag's TCI and following type, or NULL */
    uint16_t type;            /* of the payload, tag and SNAP header taken off */
    uint8_t hlen;             /* where the payload begins */
};

enum wire_ethernet_result {
    WIRE_ETHERNET_OK,
    WIRE_ETHERNET_SHORT,      /* ends within or right behind the header */
    WIRE_ETHERNET_TAG_SHORT,  /* the same, within or right behind the tag */
    WIRE_ETHERNET_LENGTH,     /* 802.3 length field larger than what is there */
    WIRE_ETHERNET_LLC         /* 802.3, but not SNAP with OUI 0 */
};

/* `len`: contiguous bytes at `frame`; `available`: bytes of the whole frame (len <= available; they
 * differ when it is spread over several buffers). On failure *e is undefined. */
static inline enum wire_ethernet_result
wire_ethernet_parse_in(const uint8_t *frame, size_t len, size_t available, struct wire_ethernet *e)
{
    static const uint8_t snap[6] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
    size_t at = WIRE_ETHERNET_HLEN;

    if (len <= at)
        return WIRE_ETHERNET_SHORT;
    e->dst = frame;
    e->src = frame + 6;
    e->tag = NULL;
    uint16_t type = get_be16(frame + 12);
    if (WIRE_ETHERNET_TAGS && type == WIRE_ETHERTYPE_VLAN) {
        if (len <= at + WIRE_ETHERNET_TAG_LEN)
            return WIRE_ETHERNET_TAG_SHORT;
        e->tag = frame + at;
        type = get_be16(frame + at + 2);
        at += WIRE_ETHERNET_TAG_LEN;
    }
    if (!LWIP_ETHERNET_SNAP && type < WIRE_ETHERTYPE_MIN)
        return WIRE_ETHERNET_LLC;
    if (type < WIRE_ETHERTYPE_MIN) {
        /* [RFC1122 2.3.3]: RFC 1042 frames are taken beside the usual ones. */
        if (type > available - at)
            return WIRE_ETHERNET_LENGTH;
        if (type <= WIRE_ETHERNET_SNAP_LEN || len - at < WIRE_ETHERNET_SNAP_LEN ||
            memcmp(frame + at, snap, sizeof snap) != 0)
            return WIRE_ETHERNET_LLC;
        type = get_be16(frame + at + sizeof snap);
        at += WIRE_ETHERNET_SNAP_LEN;
    }
    e->type = type;
    e->hlen = (uint8_t)at;
    return WIRE_ETHERNET_OK;
}

/* The same for a frame in one piece. */
static inline enum wire_ethernet_result wire_ethernet_parse(const uint8_t *frame, size_t len,
                                                            struct wire_ethernet *e)
{
    return wire_ethernet_parse_in(frame, len, len, e);
}

/* Writes 14 bytes. What is sent bears its own type: no trailers [RFC1122 2.3.1]. */
static inline void wire_ethernet_emit(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6],
                                      uint16_t type)
{
    memcpy(frame, dst, 6);
    memcpy(frame + 6, src, 6);
    put_be16(frame + 12, type);
}

/* Writes 18 bytes: the header with a tag. */
static inline void wire_ethernet_emit_tagged(uint8_t *frame, const uint8_t dst[6],
                                             const uint8_t src[6], uint16_t tci, uint16_t type)
{
    wire_ethernet_emit(frame, dst, src, WIRE_ETHERTYPE_VLAN);
    put_be16(frame + WIRE_ETHERNET_HLEN, tci);
    put_be16(frame + WIRE_ETHERNET_HLEN + 2, type);
}

/* The group address of an IPv4 multicast address, four bytes as in a packet [RFC1112 6.4]. */
static inline void wire_ethernet_map_multicast(uint8_t mac[6], const uint8_t group[4])
{
    mac[0] = 0x01;
    mac[1] = 0x00;
    mac[2] = 0x5e;
    mac[3] = group[1] & 0x7f;
    mac[4] = group[2];
    mac[5] = group[3];
}

#endif
