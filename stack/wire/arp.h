/* wire/arp.h: ARP packets for IPv4 over Ethernet [RFC826].
 *
 * 28 bytes: hardware type, protocol type, two address lengths, opcode, then the pairs of sender
 * and target. Whatever follows is padding and no part of the packet. Addresses are IPv4 addresses
 * in host order and views of six bytes. */
#ifndef STACK_WIRE_ARP_H
#define STACK_WIRE_ARP_H

#include <stddef.h>
#include <stdint.h>

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
void wire_arp_emit(uint8_t *packet, const struct wire_arp *a);

#endif
