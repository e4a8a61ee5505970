/* wire/ethernet.c: Ethernet headers between bytes and values. Read wire/ethernet.h first. */
#include "stack/wire/ethernet.h"

void wire_ethernet_emit_tagged(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6],
                               uint16_t tci, uint16_t type)
{
    wire_ethernet_emit(frame, dst, src, WIRE_ETHERTYPE_VLAN);
    put_be16(frame + WIRE_ETHERNET_HLEN, tci);
    put_be16(frame + WIRE_ETHERNET_HLEN + 2, type);
}
