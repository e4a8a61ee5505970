/* wire/arp.h: ARP packets for IPv4 over Ethernet [RFC826].
 *
 * 28 bytes: hardware type, protocol type, two address lengths, opcode, then the pairs of sender
 * and target. Whatever follows is padding and no part of the packet. Addresses are IPv4 addresses
 * in host order and views of six bytes. */
#ifndef STACK_WIRE_ARP_H
#define STACK_WIRE_ARP_H

#include "stack/wire/bytes.h"
#include "stack/wire/ethernet.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIRE_ARP_LEN 28u
#define WIRE_ARP_HARDWARE_ETHERNET 1u
#define WIRE_ARP_REQUEST 1u
#define WIRE_ARP_REPLY 2u

struct wire_arp {
    const uint8_t *sender_mac, *target_mac; /* 6 bytes each */
    uint32_t sender_ip, target_ip;
    uint16_t opcode; /* any value: RFC 826 looks at it last */
};

enum wire_arp_result {
    WIRE_ARP_OK,
    WIRE_ARP_SHORT,    /* less than 28 bytes */
    WIRE_ARP_HARDWARE, /* hardware type not Ethernet */
    WIRE_ARP_PROTOCOL, /* protocol type not IPv4 */
    WIRE_ARP_LENGTHS   /* address lengths not 6 and 4 */
};

/* `len`: contiguous bytes at `packet`. On failure *a is undefined. */
enum wire_arp_result wire_arp_parse(const uint8_t *packet, size_t len, struct wire_arp *a);

/* Writes 28 bytes. */
static inline void wire_arp_emit(uint8_t *packet, const struct wire_arp *a)
{
    put_be32(packet, WIRE_ARP_HARDWARE_ETHERNET << 16 | WIRE_ETHERTYPE_IP4);
    put_be32(packet + 4, 6u << 24 | 4u << 16 | a->opcode);
    memcpy(packet + 8, a->sender_mac, 6);
    put_be32(packet + 14, a->sender_ip);
    memcpy(packet + 18, a->target_mac, 6);
    put_be32(packet + 24, a->target_ip);
}

#endif
