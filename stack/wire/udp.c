/* wire/udp.c: UDP and UDP-Lite headers between bytes and values. Read wire/udp.h first. */
#include "stack/wire/udp.h"

#include "stack/wire/bytes.h"

static void read_fields(const uint8_t *bytes, struct wire_udp *u)
{
    u->src_port = get_be16(bytes);
    u->dst_port = get_be16(bytes + 2);
    u->length = get_be16(bytes + 4);
    u->checksum = get_be16(bytes + 6);
}

enum wire_udp_result wire_udp_parse(const uint8_t *bytes, size_t contiguous, size_t total,
                                    struct wire_udp *u)
{
    if (contiguous < WIRE_UDP_HLEN || total < WIRE_UDP_HLEN)
        return WIRE_UDP_SHORT;
    read_fields(bytes, u);
    if (u->length < WIRE_UDP_HLEN) /* [RFC768 Fields] */
        return WIRE_UDP_LENGTH_SMALL;
    if (u->length > total)
        return WIRE_UDP_LENGTH_LARGE;
    return WIRE_UDP_OK;
}

enum wire_udp_result wire_udplite_parse(const uint8_t *bytes, size_t contiguous, size_t total,
                                        struct wire_udp *u)
{
    if (contiguous < WIRE_UDP_HLEN || total < WIRE_UDP_HLEN)
        return WIRE_UDP_SHORT;
    read_fields(bytes, u);
    if (u->length == 0) { /* [RFC3828 3.1]: 0 stands for the whole datagram */
        u->length = (uint16_t)total;
        return WIRE_UDP_OK;
    }
    if (u->length < WIRE_UDP_HLEN)
        return WIRE_UDP_LENGTH_SMALL;
    if (u->length > total)
        return WIRE_UDP_LENGTH_LARGE;
    return WIRE_UDP_OK;
}

void wire_udp_emit(uint8_t *bytes, const struct wire_udp *u)
{
    put_be16(bytes, u->src_port);
    put_be16(bytes + 2, u->dst_port);
    put_be16(bytes + 4, u->length);
    put_be16(bytes + 6, u->checksum);
}
