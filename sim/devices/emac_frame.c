/* emac_frame.c: what a frame says of itself, as statuses and status vectors report it.
 *
 * Broadcast is not multicast here (sheet, section 5). A length field below the least payload
 * matches a padded frame of the least size. */
#include "sim/devices/emac_state.h"

#include <string.h>

#define LENGTH_MAX 1500u /* above it the field is a type */
#define PAYLOAD_MIN 46u
#define TYPE_VLAN 0x8100u
#define TYPE_CONTROL 0x8808u
#define OPCODE_PAUSE 1u

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

struct emac_traits emac_traits(const uint8_t *bytes, uint32_t length, uint32_t limit)
{
    static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct emac_traits t = {0};

    if (length < 6)
        return t;
    t.broadcast = memcmp(bytes, everyone, 6) == 0;
    t.multicast = (bytes[0] & 1) != 0 && !t.broadcast;
    if (length < 14)
        return t;
    uint32_t type = get16(bytes + 12), payload = length - 14;
    t.vlan = type == TYPE_VLAN;
    t.control = type == TYPE_CONTROL;
    t.out_of_range = type > limit;
    t.length_error = type <= LENGTH_MAX &&
                     (type > payload || (type < payload && payload > PAYLOAD_MIN));
    if (t.control && length >= 18) {
        t.opcode = get16(bytes + 14);
        t.quanta = get16(bytes + 16);
        t.pause = t.opcode == OPCODE_PAUSE;
    }
    return t;
}
