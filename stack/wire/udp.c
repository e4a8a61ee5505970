/* wire/udp.c: UDP-Lite headers between bytes and values. Read wire/udp.h first. */
#include "stack/wire/udp.h"

#include "stack/wire/bytes.h"

enum wire_udp_result wire_udplite_parse(const uint8_t *bytes, size_t contiguous, size_t total,
                                        struct wire_udp *u)
{
    if (contiguous < WIRE_UDP_HLEN || total < WIRE_UDP_HLEN)
        return WIRE_UDP_SHORT;
    wire_udp_fields(bytes, u);
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
