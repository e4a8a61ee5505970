/* wire/ethernet.c: Ethernet headers between bytes and values. Read wire/ethernet.h first. */
#include "stack/wire/ethernet.h"

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
