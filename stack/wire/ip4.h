/* wire/ip4.h: the IPv4 header [RFC791 3.1] as values.
 *
 * wire_ip4_parse() looks at `len` contiguous bytes of a datagram of which `available` bytes arrived
 * in all (len <= available; they differ when the datagram is spread over several buffers) and
 * checks every length once; the checksum is not its business. On anything but WIRE_IP4_OK the
 * values are undefined. Addresses and other integers are in host order. The options are the bytes
 * [20, header_len) and are walked with wire/ip4_options.h.
 *
 * wire_ip4_emit() is its inverse for the 20 fixed bytes; the checksum field is written as given.
 * wire_ip4_emit_summed() writes the checksum of a header without options, given 0; not with
 * LWIP_CHECKSUM_SMALL. */
#ifndef STACK_WIRE_IP4_H
#define STACK_WIRE_IP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"

#define WIRE_IP4_HEADER 20u     /* without options */
#define WIRE_IP4_HEADER_MAX 60u /* IHL 15 */
#define WIRE_IP4_TOTAL_MAX 65535u

/* Offsets of fields that are read or changed in place. */
#define WIRE_IP4_AT_TOS 1u
#define WIRE_IP4_AT_LENGTH 2u
#define WIRE_IP4_AT_ID 4u
#define WIRE_IP4_AT_FRAGMENT 6u
#define WIRE_IP4_AT_TTL 8u
#define WIRE_IP4_AT_PROTO 9u
#define WIRE_IP4_AT_CHECKSUM 10u
#define WIRE_IP4_AT_SRC 12u
#define WIRE_IP4_AT_DST 16u

/* The 16 bits with flags and fragment offset. */
#define WIRE_IP4_DF 0x4000u
#define WIRE_IP4_MF 0x2000u
#define WIRE_IP4_OFFSET 0x1fffu /* in units of 8 octets */

#define WIRE_IP4_ECN 0x03u /* of the TOS octet [RFC3168 5] */
#define WIRE_IP4_ECN_NOT_ECT 0u
#define WIRE_IP4_ECN_CE 3u

struct wire_ip4 {
    uint8_t header_len; /* bytes: 20 to 60 */
    uint8_t tos;
    uint16_t total_len; /* header and data */
    uint16_t id;
    uint16_t fragment;  /* flags and offset as on the wire */
    uint8_t ttl;
    uint8_t proto;
    uint16_t checksum;
    uint32_t src, dst;
};

enum wire_ip4_result {
    WIRE_IP4_OK,
    WIRE_IP4_SHORT,     /* fewer than 20 contiguous bytes */
    WIRE_IP4_VERSION,   /* not version 4 */
    WIRE_IP4_IHL,       /* header shorter than 20, or longer than the contiguous bytes */
    WIRE_IP4_TOTAL,     /* total length does not even hold the header */
    WIRE_IP4_TRUNCATED  /* total length says more than arrived */
};

/* The checks alone. */
enum wire_ip4_result wire_ip4_check(const uint8_t *bytes, size_t len, size_t available);

/* Of what has been checked: the header's length, and the 16 bits with flags and offset. */
static inline unsigned wire_ip4_header_len(const uint8_t *bytes)
{
    return (bytes[0] & 0x0fu) * 4u;
}

static inline unsigned wire_ip4_fragment(const uint8_t *bytes)
{
    return get_be16(bytes + WIRE_IP4_AT_FRAGMENT);
}

static inline enum wire_ip4_result wire_ip4_parse(struct wire_ip4 *h, const uint8_t *bytes,
                                                  size_t len, size_t available)
{
    enum wire_ip4_result result = wire_ip4_check(bytes, len, available);

    if (result != WIRE_IP4_OK)
        return result;
    h->header_len = (uint8_t)wire_ip4_header_len(bytes);
    h->tos = bytes[WIRE_IP4_AT_TOS];
    h->total_len = get_be16(bytes + WIRE_IP4_AT_LENGTH);
    h->id = get_be16(bytes + WIRE_IP4_AT_ID);
    h->fragment = get_be16(bytes + WIRE_IP4_AT_FRAGMENT);
    h->ttl = bytes[WIRE_IP4_AT_TTL];
    h->proto = bytes[WIRE_IP4_AT_PROTO];
    h->checksum = get_be16(bytes + WIRE_IP4_AT_CHECKSUM);
    h->src = get_be32(bytes + WIRE_IP4_AT_SRC);
    h->dst = get_be32(bytes + WIRE_IP4_AT_DST);
    return WIRE_IP4_OK;
}

#if LWIP_CHECKSUM_SMALL
/* All but the addresses. */
static inline void wire_ip4_emit_front(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h)
{
    bytes[0] = (uint8_t)(0x40u | h->header_len / 4u);
    bytes[WIRE_IP4_AT_TOS] = h->tos;
    put_be16(bytes + WIRE_IP4_AT_LENGTH, h->total_len);
    put_be16(bytes + WIRE_IP4_AT_ID, h->id);
    put_be16(bytes + WIRE_IP4_AT_FRAGMENT, h->fragment);
    bytes[WIRE_IP4_AT_TTL] = h->ttl;
    bytes[WIRE_IP4_AT_PROTO] = h->proto;
    put_be16(bytes + WIRE_IP4_AT_CHECKSUM, h->checksum);
}

static inline void wire_ip4_emit(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h)
{
    wire_ip4_emit_front(bytes, h);
    put_be32(bytes + WIRE_IP4_AT_SRC, h->src);
    put_be32(bytes + WIRE_IP4_AT_DST, h->dst);
}
#else
void wire_ip4_emit(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h);
void wire_ip4_emit_summed(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h);
#endif

/* True for a piece of a datagram rather than a whole one. */
static inline bool wire_ip4_is_fragment(const struct wire_ip4 *h)
{
    return (h->fragment & (WIRE_IP4_MF | WIRE_IP4_OFFSET)) != 0;
}

/* Position of the fragment's data in the datagram's data, in octets: 0 to 65528. */
static inline uint16_t wire_ip4_offset(const struct wire_ip4 *h)
{
    return (uint16_t)((h->fragment & WIRE_IP4_OFFSET) * 8u);
}

/* One less hop to live: the octet and, by RFC 1624, the checksum. The TTL must not be 0. */
void wire_ip4_decrement_ttl(uint8_t *bytes);

#endif
