/* lpc2468_driver.h: the least driver of EMAC and PHY in the chip, for tests of what lies between.
 *
 * Four slots in each direction in the Ethernet RAM, everything is received, recipe of sheet 17. */
#ifndef UNIT_DEVICES_LPC2468_DRIVER_H
#define UNIT_DEVICES_LPC2468_DRIVER_H

#include "lpc2468_bench.h"

#define ERAM LPC2468_ETHERNET_RAM_BASE
#define RX_DESC (ERAM + 0x000)
#define RX_STAT (ERAM + 0x100)
#define TX_DESC (ERAM + 0x200)
#define TX_STAT (ERAM + 0x300)
#define RX_BUF (ERAM + 0x400)
#define TX_BUF (ERAM + 0x2400)
enum { SLOTS = 4, BUF = 1536 };
#define A_COMMAND EMAC(0x100)
#define A_RX_PRODUCE EMAC(0x114)
#define A_TX_PRODUCE EMAC(0x128)
#define A_TX_CONSUME EMAC(0x12c)
#define A_INT_STATUS EMAC(0xfe0)
#define A_INT_ENABLE EMAC(0xfe4)
#define A_INT_CLEAR EMAC(0xfe8)
#define MIIM_NS 24889u /* 64 MDC of 72 MHz / 28, rounded up */

static inline void miim_wait(struct chip_bench *b)
{
    CHECK(get(b, EMAC(0x34)) & 1u);
    chip_for(b, MIIM_NS - 1);
    CHECK(get(b, EMAC(0x34)) & 1u);
    chip_for(b, 1);
    CHECK_INT(get(b, EMAC(0x34)) & 7u, 0);
}

static inline unsigned mii_read(struct chip_bench *b, unsigned phy, unsigned reg)
{
    set(b, EMAC(0x28), phy << 8 | reg);
    set(b, EMAC(0x24), 1);
    miim_wait(b);
    set(b, EMAC(0x24), 0);
    return get(b, EMAC(0x30));
}

static inline void mii_write(struct chip_bench *b, unsigned phy, unsigned reg, unsigned value)
{
    set(b, EMAC(0x28), phy << 8 | reg);
    set(b, EMAC(0x2c), value);
    miim_wait(b);
}

static inline void management_on(struct chip_bench *b)
{
    set(b, EMAC(0x00), 0x0f00);
    set(b, EMAC(0x20), 0x8000 | 7u << 2);
    set(b, EMAC(0x20), 7u << 2);
}

static inline void chip_plug(struct chip_bench *b, bool negotiates, unsigned abilities)
{
    struct mii_partner partner = {true, negotiates, (uint16_t)abilities};

    lpc2468_partner(b->chip, &partner, b->now_ns);
    chip_sound(b);
}

/* As the sheet's recipe (17) has it. */
static inline void mac_on(struct chip_bench *b, bool full, unsigned more)
{
    set(b, A_COMMAND, 0x38);
    set(b, EMAC(0x00), 0xcf00);
    set(b, EMAC(0x00), 0x0000);
    set(b, EMAC(0x04), 0x30 | (full ? 1 : 0));
    set(b, EMAC(0x08), full ? 0x15 : 0x12);
    set(b, EMAC(0x0c), 0x0c12);
    set(b, EMAC(0x18), 0x100);
    set(b, A_COMMAND, more | 0x80 | (full ? 0x400u : 0));
    for (uint32_t i = 0; i < SLOTS; i++) {
        set(b, RX_DESC + 8 * i, RX_BUF + BUF * i);
        set(b, RX_DESC + 8 * i + 4, 0x80000000u | (BUF - 1));
    }
    set(b, EMAC(0x108), RX_DESC);
    set(b, EMAC(0x10c), RX_STAT);
    set(b, EMAC(0x110), SLOTS - 1);
    set(b, EMAC(0x11c), TX_DESC);
    set(b, EMAC(0x120), TX_STAT);
    set(b, EMAC(0x124), SLOTS - 1);
    set(b, A_COMMAND, get(b, A_COMMAND) | 3);
    set(b, EMAC(0x00), 1);
}

/* RMII, negotiated, MAC running. */
static inline struct chip_bench *running(void)
{
    struct chip_bench *b = chip_ready();

    management_on(b);
    chip_plug(b, true, 0x1e0);
    chip_until(b, 2000 * MS);
    CHECK(b->link);
    mac_on(b, true, 0x200);
    return b;
}

static inline void send_from(struct chip_bench *b, uint32_t buffer, unsigned length)
{
    uint32_t slot = get(b, A_TX_PRODUCE);

    set(b, TX_DESC + 8 * slot, buffer);
    set(b, TX_DESC + 8 * slot + 4, 0xc0000000u | (length - 1));
    set(b, A_TX_PRODUCE, (slot + 1) % SLOTS);
}

static inline bool goes_out(struct chip_bench *b)
{
    unsigned before = b->frames;

    for (uint32_t i = 0; i < 64; i += 4)
        set(b, TX_BUF + i, 0x01010101u * i + 0x03020100u);
    send_from(b, TX_BUF, 60);
    chip_for(b, MS);
    CHECK_INT(get(b, A_TX_CONSUME), get(b, A_TX_PRODUCE));
    return b->frames == before + 1;
}

static inline void arrive(struct chip_bench *b, unsigned faults)
{
    static const uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0,
                                      0,    0,    1,    0x88, 0xb5, 0x55};
    struct emac_arrival frame = {.bytes = bytes, .length = 60, .faults = faults};

    chip_for(b, 10000);
    lpc2468_receive(b->chip, &frame, b->now_ns);
    chip_for(b, MS);
}

static inline bool comes_in(struct chip_bench *b)
{
    uint32_t before = get(b, A_RX_PRODUCE);

    arrive(b, 0);
    uint32_t after = get(b, A_RX_PRODUCE);
    if (after == before)
        return false;
    CHECK_INT(after, (before + 1) % SLOTS);
    CHECK_INT(get(b, RX_BUF + BUF * before), 0xffffffffu);
    CHECK_INT(get(b, RX_STAT + 8 * before) & 0x7ffu, 63);
    set(b, EMAC(0x118), after);
    return true;
}

#endif
