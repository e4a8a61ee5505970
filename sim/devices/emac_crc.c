/* emac_crc.c: IEEE 802.3's CRC-32 for FCS and filter; four bytes a step.
 *
 * The filter's register (sheet, 9.2) is the mirror image of the one used here: it holds the most
 * significant bit first, this one the least. */
#include "sim/devices/emac_state.h"

#include "sim/devices/emac_crc_table.h"

uint32_t emac_crc(uint32_t crc, const uint8_t *bytes, size_t count)
{
    for (; count >= 4; count -= 4, bytes += 4) {
        crc ^= emac_get32(bytes);
        crc = table[3][crc & 0xff] ^ table[2][crc >> 8 & 0xff] ^ table[1][crc >> 16 & 0xff] ^
              table[0][crc >> 24];
    }
    for (; count > 0; count--)
        crc = crc >> 8 ^ table[0][(crc ^ *bytes++) & 0xff];
    return crc;
}

void emac_crc_fcs(uint32_t crc, uint8_t *fcs)
{
    emac_put32(fcs, ~crc);
}

uint32_t emac_hash_crc(const uint8_t *bytes, size_t count)
{
    uint32_t crc = emac_crc(EMAC_CRC_START, bytes, count), mirrored = 0;

    for (unsigned i = 0; i < 32; i++)
        mirrored |= (crc >> i & 1u) << (31u - i);
    return mirrored;
}
