/* wire/arp.c: see wire/arp.h. */
#include "stack/wire/arp.h"

const uint8_t wire_arp_kind[WIRE_ARP_KIND_LEN] = {
    0, WIRE_ARP_HARDWARE_ETHERNET, WIRE_ETHERTYPE_IP4 >> 8, WIRE_ETHERTYPE_IP4 & 0xff, 6, 4};
