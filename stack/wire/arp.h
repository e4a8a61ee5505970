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

/* What every packet begins with: types and lengths. */
#define WIRE_ARP_KIND_LEN 6u
extern const uint8_t wire_arp_kind[WIRE_ARP_KIND_LEN];

/* `len`: contiguous bytes at `packet`. On failure *a is undefined. */
static inline enum wire_arp_result wire_arp_parse(const uint8_t *packet, size_t len,
                                                  struct wire_arp *a)
{
    if (len < WIRE_ARP_LEN)
        return WIRE_ARP_SHORT;
    if (memcmp(packet, wire_arp_kind, WIRE_ARP_KIND_LEN) != 0) {
        if (memcmp(packet, wire_arp_kind, 2) != 0)
            return WIRE_ARP_HARDWARE;
        return memcmp(packet + 2, wire_arp_kind + 2, 2) != 0 ? WIRE_ARP_PROTOCOL : WIRE_ARP_LENGTHS;
    }
    a->opcode = get_be16(packet + 6);
    a->sender_mac = packet + 8;
    a->sender_ip = get_be32(packet + 14);
    a->target_mac = packet + 18;
    a->target_ip = get_be32(packet + 24);
    return WIRE_ARP_OK;
}

/* Writes 28 bytes; IP addresses are four bytes, as they stand in an ip4_addr_t. */
static inline void wire_arp_emit_views(uint8_t *packet, uint16_t opcode, const uint8_t *sender_mac,
                                       const void *sender_ip, const uint8_t *target_mac,
                                       const void *target_ip)
{
    memcpy(packet, wire_arp_kind, WIRE_ARP_KIND_LEN);
    put_be16(packet + 6, opcode);
    memcpy(packet + 8, sender_mac, 6);
    memcpy(packet + 14, sender_ip, 4);
    memcpy(packet + 18, target_mac, 6);
    memcpy(packet + 24, target_ip, 4);
}

/* The same of values. */
static inline void wire_arp_emit(uint8_t *packet, const struct wire_arp *a)
{
    uint8_t sender_ip[4], target_ip[4];

    put_be32(sender_ip, a->sender_ip);
    put_be32(target_ip, a->target_ip);
    wire_arp_emit_views(packet, a->opcode, a->sender_mac, sender_ip, a->target_mac, target_ip);
}

#endif
