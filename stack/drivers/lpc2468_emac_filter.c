/* stack/drivers/lpc2468_emac_filter.c: whose frames are taken: station, groups, everybody. */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

#include <string.h>

#define USERS_MAX 255u /* a bit with so many users stays set for good */

/* CRC-32 without final inversion and reflection, most significant bit first; bits 28:23 (9.2). */
unsigned lpc2468_emac_hash(const uint8_t *address)
{
    uint32_t crc = 0xffffffffu;
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint32_t top = (crc >> 31) ^ ((uint32_t)address[i] >> bit & 1u);
            crc = (crc << 1) ^ (top != 0 ? 0x04c11db7u : 0);
        }
    }
    return crc >> 23 & 63u;
}

static void program_hash(const struct lpc2468_emac *e)
{
    lpc_emac_set(e, LPC_HASHFILTERL, e->hash[0]);
    lpc_emac_set(e, LPC_HASHFILTERH, e->hash[1]);
}

static void program_address(const struct lpc2468_emac *e)
{
    const uint8_t *m = e->config.mac;
    lpc_emac_set(e, LPC_SA2, m[0] | (uint32_t)m[1] << 8);
    lpc_emac_set(e, LPC_SA1, m[2] | (uint32_t)m[3] << 8);
    lpc_emac_set(e, LPC_SA0, m[4] | (uint32_t)m[5] << 8);
}

void lpc_emac_filter_program(const struct lpc2468_emac *e)
{
    program_address(e);
    program_hash(e);
    lpc_emac_set(e, LPC_RXFILTERCTRL,
             LPC_RXFILTER_BROADCAST | LPC_RXFILTER_PERFECT | LPC_RXFILTER_MULTICAST_HASH |
                 (e->config.all_multicast ? LPC_RXFILTER_MULTICAST : 0));
    lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_PASSRXFILTER,
                e->config.promiscuous ? LPC_COMMAND_PASSRXFILTER : 0);
}

void lpc2468_emac_join(struct lpc2468_emac *e, const uint8_t *group)
{
    unsigned index = lpc2468_emac_hash(group);
    if (e->hash_users[index] < USERS_MAX)
        e->hash_users[index]++;
    e->hash[index / 32] |= 1u << index % 32;
    if (e->started)
        program_hash(e);
}

void lpc2468_emac_leave(struct lpc2468_emac *e, const uint8_t *group)
{
    unsigned index = lpc2468_emac_hash(group);
    if (e->hash_users[index] == 0 || e->hash_users[index] == USERS_MAX)
        return;
    if (--e->hash_users[index] > 0)
        return;
    e->hash[index / 32] &= ~(1u << index % 32);
    if (e->started)
        program_hash(e);
}

void lpc2468_emac_set_promiscuous(struct lpc2468_emac *e, bool on)
{
    e->config.promiscuous = on;
    if (e->started)
        lpc_emac_filter_program(e);
}

void lpc2468_emac_set_address(struct lpc2468_emac *e, const uint8_t *mac)
{
    memcpy(e->config.mac, mac, sizeof e->config.mac);
    if (e->started)
        program_address(e);
}
