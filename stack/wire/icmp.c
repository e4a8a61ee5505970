/* wire/icmp.c: see wire/icmp.h. */
#include "stack/wire/icmp.h"

bool wire_icmp_parse_quote(struct wire_ip4 *header, const uint8_t **data, size_t *data_len,
                           const uint8_t *bytes, size_t len)
{
    if (wire_ip4_parse(header, bytes, len, WIRE_IP4_TOTAL_MAX) != WIRE_IP4_OK)
        return false;
    if (len < header->header_len + WIRE_ICMP_QUOTED)
        return false;
    *data = bytes + header->header_len;
    *data_len = len - header->header_len;
    return true;
}
