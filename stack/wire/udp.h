/* wire/udp.h: UDP [RFC768] and UDP-Lite [RFC3828] headers.
 *
 * Both are eight bytes: ports, a length, a checksum. UDP's third field is the datagram's length;
 * UDP-Lite's is how much of it the checksum covers. */
#ifndef STACK_WIRE_UDP_H
#define STACK_WIRE_UDP_H

#include "stack/wire/bytes.h"

#include <stddef.h>
#include <stdint.h>

#define WIRE_UDP_HLEN 8u

struct wire_udp {
    uint16_t src_port, dst_port;
    uint16_t length;   /* UDP: header and data; UDP-Lite: the coverage as it stands in the field */
    uint16_t checksum; /* 0: none was computed */
};

enum wire_udp_result {
    WIRE_UDP_OK,
    WIRE_UDP_SHORT,        /* no whole header */
    WIRE_UDP_LENGTH_SMALL, /* field less than 8 (UDP-Lite: 1 to 7) */
    WIRE_UDP_LENGTH_LARGE  /* field larger than the datagram */
};

/* Reads 8 bytes. */
static inline void wire_udp_fields(const uint8_t *bytes, struct wire_udp *u)
{
    u->src_port = get_be16(bytes);
    u->dst_port = get_be16(bytes + 2);
    u->length = get_be16(bytes + 4);
    u->checksum = get_be16(bytes + 6);
}

/* `contiguous`: bytes at `bytes`; `total`: bytes of the whole datagram as IP delivered it. *u is
 * filled in unless the result is WIRE_UDP_SHORT. */
static inline enum wire_udp_result wire_udp_parse(const uint8_t *bytes, size_t contiguous,
                                                  size_t total, struct wire_udp *u)
{
    if (contiguous < WIRE_UDP_HLEN || total < WIRE_UDP_HLEN)
        return WIRE_UDP_SHORT;
    wire_udp_fields(bytes, u);
    if (u->length < WIRE_UDP_HLEN) /* [RFC768 Fields] */
        return WIRE_UDP_LENGTH_SMALL;
    if (u->length > total)
        return WIRE_UDP_LENGTH_LARGE;
    return WIRE_UDP_OK;
}

/* The same for UDP-Lite; u->length becomes the number of bytes covered (never 0). */
enum wire_udp_result wire_udplite_parse(const uint8_t *bytes, size_t contiguous, size_t total,
                                        struct wire_udp *u);

/* Writes 8 bytes. */
static inline void wire_udp_emit(uint8_t *bytes, const struct wire_udp *u)
{
    put_be16(bytes, u->src_port);
    put_be16(bytes + 2, u->dst_port);
    put_be16(bytes + 4, u->length);
    put_be16(bytes + 6, u->checksum);
}

#endif
