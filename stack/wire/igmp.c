/* wire/igmp.c: see wire/igmp.h. */
#include "stack/wire/igmp.h"

#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"

bool wire_igmp_parse(struct wire_igmp *m, const uint8_t *bytes, size_t len)
{
    if (len < WIRE_IGMP_LENGTH)
        return false;
    m->type = bytes[0];
    m->max_response = bytes[1];
    m->checksum = get_be16(bytes + WIRE_IGMP_AT_CHECKSUM);
    m->group = get_be32(bytes + 4);
    return true;
}

void wire_igmp_emit(uint8_t bytes[WIRE_IGMP_LENGTH], const struct wire_igmp *m)
{
    bytes[0] = m->type;
    bytes[1] = m->max_response;
    put_be16(bytes + WIRE_IGMP_AT_CHECKSUM, 0);
    put_be32(bytes + 4, m->group);
    put_be16(bytes + WIRE_IGMP_AT_CHECKSUM,
             checksum_fold(checksum_add(0, bytes, WIRE_IGMP_LENGTH)));
}
