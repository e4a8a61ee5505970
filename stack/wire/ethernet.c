/* wire/ethernet.c: Ethernet headers between bytes and values. Read wire/ethernet.h first. */
#include "stack/wire/ethernet.h"

#include "stack/wire/bytes.h"

#include <string.h>

enum wire_ethernet_result wire_ethernet_parse_in(const uint8_t *frame, size_t len,
                                                 size_t available, struct wire_ethernet *e)
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

void wire_ethernet_emit(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
    memcpy(frame, dst, 6);
    memcpy(frame + 6, src, 6);
    put_be16(frame + 12, type);
}

void wire_ethernet_emit_tagged(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6],
                               uint16_t tci, uint16_t type)
{
    wire_ethernet_emit(frame, dst, src, WIRE_ETHERTYPE_VLAN);
    put_be16(frame + WIRE_ETHERNET_HLEN, tci);
    put_be16(frame + WIRE_ETHERNET_HLEN + 2, type);
}

void wire_ethernet_map_multicast(uint8_t mac[6], uint32_t group)
{
    mac[0] = 0x01;
    mac[1] = 0x00;
    mac[2] = 0x5e;
    mac[3] = (uint8_t)(group >> 16 & 0x7f);
    mac[4] = (uint8_t)(group >> 8);
    mac[5] = (uint8_t)group;
}
