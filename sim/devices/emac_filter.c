/* emac_filter.c: which destination addresses are wanted, and what wakes (sheet, 9 and 15). */
#include "sim/devices/emac_state.h"

#include <string.h>

#define MAGIC_ONES 6u
#define MAGIC_REPEATS 16u

/* SA2 holds the first two octets (4.14). */
void emac_filter_station(const struct emac *e, uint8_t *out)
{
    static const enum emac_reg from[3] = {R_SA2, R_SA1, R_SA0};

    for (unsigned i = 0; i < 3; i++) {
        out[2 * i] = (uint8_t)e->r[from[i]];
        out[2 * i + 1] = (uint8_t)(e->r[from[i]] >> 8);
    }
}

static bool in_table(const struct emac *e, const uint8_t *da)
{
    uint32_t index = emac_hash_crc(da, 6) >> 23 & 0x3f;
    uint32_t half = index < 32 ? e->r[R_HASH_FILTER_L] : e->r[R_HASH_FILTER_H];

    return (half >> (index & 31) & 1) != 0;
}

unsigned emac_filter_match(const struct emac *e, const uint8_t *da)
{
    static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint32_t control = e->r[R_RX_FILTER_CTRL];
    unsigned match = 0;
    uint8_t station[6];

    if (memcmp(da, everyone, 6) == 0)
        return control & FILTER_BROADCAST;
    if ((da[0] & 1) != 0) {
        if ((control & FILTER_MULTICAST_HASH) != 0 && in_table(e, da))
            match |= FILTER_MULTICAST_HASH;
        return match | (control & FILTER_MULTICAST);
    }
    emac_filter_station(e, station);
    if ((control & FILTER_PERFECT) != 0 && memcmp(da, station, 6) == 0)
        match |= FILTER_PERFECT;
    if ((control & FILTER_UNICAST_HASH) != 0 && in_table(e, da))
        match |= FILTER_UNICAST_HASH;
    return match | (control & FILTER_UNICAST);
}

uint32_t emac_filter_hash(const struct emac *e, const uint8_t *addresses)
{
    uint32_t da = emac_hash_crc(addresses, 6);
    uint32_t sa = e->knobs.sa_hash_restarts ? emac_hash_crc(addresses + 6, 6)
                                            : emac_hash_crc(addresses, 12);

    return (da >> 23) << 16 | sa >> 23;
}

bool emac_filter_magic(const struct emac *e, const uint8_t *bytes, uint32_t length)
{
    uint8_t pattern[MAGIC_ONES + 6 * MAGIC_REPEATS];

    memset(pattern, 0xff, MAGIC_ONES);
    for (unsigned i = 0; i < MAGIC_REPEATS; i++)
        emac_filter_station(e, pattern + MAGIC_ONES + 6 * i);
    for (uint32_t i = 0; i + sizeof pattern <= length; i++)
        if (memcmp(bytes + i, pattern, sizeof pattern) == 0)
            return true;
    return false;
}
