/* wire/igmp.h: IGMP messages of versions 1 and 2 [RFC2236 2] as values.
 *
 * Eight octets: type, maximum response time in tenths of a second, checksum, group. A longer
 * message is read as far as these eight; its checksum covers all of it [RFC2236 2.5]. */
#ifndef STACK_WIRE_IGMP_H
#define STACK_WIRE_IGMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_IGMP_LENGTH 8u
#define WIRE_IGMP_AT_CHECKSUM 2u

enum wire_igmp_type {
    WIRE_IGMP_QUERY = 0x11,
    WIRE_IGMP_V1_REPORT = 0x12,
    WIRE_IGMP_V2_REPORT = 0x16,
    WIRE_IGMP_LEAVE = 0x17
};

struct wire_igmp {
    uint8_t type;
    uint8_t max_response; /* in tenths of a second; 0 in queries of version 1 */
    uint16_t checksum;
    uint32_t group;       /* host order; 0 in general queries */
};

/* False: fewer than eight octets. */
bool wire_igmp_parse(struct wire_igmp *m, const uint8_t *bytes, size_t len);
/* Computes the checksum; m->checksum is not looked at. */
void wire_igmp_emit(uint8_t bytes[WIRE_IGMP_LENGTH], const struct wire_igmp *m);

#endif
