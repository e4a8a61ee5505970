/* wire/icmp.h: ICMP messages [RFC792] as values.
 *
 * Every message begins with eight octets: type, code, checksum, and four whose meaning the type
 * decides (`word`: identifier and sequence number of an echo, the gateway of a redirect, the
 * next-hop MTU in the low half for "fragmentation needed" [RFC1191 4], the pointer in the highest
 * octet of a parameter problem). The checksum covers the whole message and is the caller's. */
#ifndef STACK_WIRE_ICMP_H
#define STACK_WIRE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/bytes.h"
#include "stack/wire/ip4.h"

#define WIRE_ICMP_HEADER 8u
#define WIRE_ICMP_AT_CHECKSUM 2u
#define WIRE_ICMP_AT_WORD 4u
/* Octets of the offending datagram's data that an error quotes at least. */
#define WIRE_ICMP_QUOTED 8u

enum wire_icmp_type {
    WIRE_ICMP_ECHO_REPLY = 0,
    WIRE_ICMP_UNREACHABLE = 3,
    WIRE_ICMP_SOURCE_QUENCH = 4,
    WIRE_ICMP_REDIRECT = 5,
    WIRE_ICMP_ECHO = 8,
    WIRE_ICMP_TIME_EXCEEDED = 11,
    WIRE_ICMP_PARAMETER_PROBLEM = 12,
    WIRE_ICMP_TIMESTAMP = 13,
    WIRE_ICMP_TIMESTAMP_REPLY = 14,
    WIRE_ICMP_INFORMATION = 15,
    WIRE_ICMP_INFORMATION_REPLY = 16,
    WIRE_ICMP_MASK = 17,
    WIRE_ICMP_MASK_REPLY = 18
};

/* Codes of WIRE_ICMP_UNREACHABLE that mean more than themselves. */
#define WIRE_ICMP_CODE_FRAGMENTATION_NEEDED 4u
#define WIRE_ICMP_CODE_UNREACHABLE_MAX 15u /* [RFC1812 5.2.7.1] */
#define WIRE_ICMP_CODE_REDIRECT_HOST 1u

struct wire_icmp {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t word;
};

/* False: fewer than eight octets. */
static inline bool wire_icmp_parse(struct wire_icmp *m, const uint8_t *bytes, size_t len)
{
    if (len < WIRE_ICMP_HEADER)
        return false;
    m->type = bytes[0];
    m->code = bytes[1];
    m->checksum = get_be16(bytes + WIRE_ICMP_AT_CHECKSUM);
    m->word = get_be32(bytes + WIRE_ICMP_AT_WORD);
    return true;
}

static inline void wire_icmp_emit(uint8_t bytes[WIRE_ICMP_HEADER], const struct wire_icmp *m)
{
    bytes[0] = m->type;
    bytes[1] = m->code;
    put_be16(bytes + WIRE_ICMP_AT_CHECKSUM, m->checksum);
    put_be32(bytes + WIRE_ICMP_AT_WORD, m->word);
}

/* True for messages that report on another datagram: an error must never be sent about one of
 * them [RFC1122 3.2.2]. Types that nobody has assigned count as errors, to be on the safe side. */
static inline bool wire_icmp_is_error(uint8_t type)
{
    switch (type) {
    case WIRE_ICMP_ECHO_REPLY:
    case WIRE_ICMP_ECHO:
    case WIRE_ICMP_TIMESTAMP:
    case WIRE_ICMP_TIMESTAMP_REPLY:
    case WIRE_ICMP_INFORMATION:
    case WIRE_ICMP_INFORMATION_REPLY:
    case WIRE_ICMP_MASK:
    case WIRE_ICMP_MASK_REPLY:
        return false;
    default:
        return true;
    }
}

/* The datagram an error quotes. `bytes` is what follows the eight octets. The quote is expected to
 * be cut short; header lengths are checked against what is there. False: no whole IP header and
 * eight octets of data, or not IPv4. header->total_len is the datagram's, not the quote's. */
bool wire_icmp_parse_quote(struct wire_ip4 *header, const uint8_t **data, size_t *data_len,
                           const uint8_t *bytes, size_t len);

#endif
