/* wire/arp.c: ARP packets between bytes and values. Read wire/arp.h first. */
#include "stack/wire/arp.h"

enum wire_arp_result wire_arp_parse(const uint8_t *packet, size_t len, struct wire_arp *a)
{
    if (len < WIRE_ARP_LEN)
        return WIRE_ARP_SHORT;
    if (get_be16(packet) != WIRE_ARP_HARDWARE_ETHERNET)
        return WIRE_ARP_HARDWARE;
    if (get_be16(packet + 2) != WIRE_ETHERTYPE_IP4)
        return WIRE_ARP_PROTOCOL;
    if (packet[4] != 6 || packet[5] != 4)
        return WIRE_ARP_LENGTHS;
    a->opcode = get_be16(packet + 6);
    a->sender_mac = packet + 8;
    a->sender_ip = get_be32(packet + 14);
    a->target_mac = packet + 18;
    a->target_ip = get_be32(packet + 24);
    return WIRE_ARP_OK;
}
