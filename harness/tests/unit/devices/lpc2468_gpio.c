/* The ports (UM10237 ch. GPIO): registers, lanes, masks, levels, edges and their interrupt. */
#include "lpc2468_bench.h"

#define FIO(port, offset) (LPC2468_FIO_BASE + 0x20u * (port) + (offset))
#define IO(offset) (LPC2468_GPIO_BASE + (offset))
#define DIR 0x00u
#define MASK 0x10u
#define PIN 0x14u
#define SET 0x18u
#define CLR 0x1cu
#define A_SCS SYSTEM(0x1a0u)

static struct chip_bench *fast_bench(void)
{
    struct chip_bench *b = chip_new();

    set(b, A_SCS, 1);
    return b;
}

UNIT(lpc2468_gpio, every_bit_of_every_port_is_driven_and_read)
{
    struct chip_bench *b = fast_bench();

    for (unsigned port = 0; port < 5; port++)
        for (unsigned bit = 0; bit < 32; bit++) {
            uint32_t one = 1u << bit;
            CHECK_INT(get(b, FIO(port, PIN)), 0xffffffffu); /* pulled up */
            set(b, FIO(port, DIR), one);
            CHECK_INT(get(b, FIO(port, DIR)), one);
            CHECK_INT(get(b, FIO(port, PIN)), ~one);
            set(b, FIO(port, SET), one);
            CHECK_INT(get(b, FIO(port, SET)), one);
            CHECK_INT(get(b, FIO(port, PIN)), 0xffffffffu);
            set(b, FIO(port, CLR), one);
            CHECK_INT(get(b, FIO(port, SET)), 0);
            CHECK_INT(get(b, FIO(port, PIN)), ~one);
            set(b, FIO(port, DIR), 0);
        }
}

UNIT(lpc2468_gpio, a_mask_keeps_bits_out_of_reads_and_writes)
{
    struct chip_bench *b = fast_bench();

    set(b, FIO(3, DIR), 0xffffffffu);
    set(b, FIO(3, MASK), 0xffff00ffu);
    CHECK_INT(get(b, FIO(3, MASK)), 0xffff00ffu);
    set(b, FIO(3, PIN), 0xffffffffu);
    CHECK_INT(get(b, FIO(3, PIN)), 0x0000ff00u);
    set(b, FIO(3, MASK), 0);
    CHECK_INT(get(b, FIO(3, PIN)), 0x0000ff00u);
    set(b, FIO(3, MASK), 0x0000ff00u);
    set(b, FIO(3, SET), 0x01010101u);
    set(b, FIO(3, CLR), 0x00000f01u);
    set(b, FIO(3, MASK), 0);
    CHECK_INT(get(b, FIO(3, PIN)), 0x0101ff00u);
}

UNIT(lpc2468_gpio, bytes_and_half_words_stand_by_themselves)
{
    struct chip_bench *b = fast_bench();

    set(b, FIO(4, DIR), 0xffffffffu);
    lpc2468_write(b->chip, FIO(4, PIN) + 1, 0xabu, 1, 0);
    lpc2468_write(b->chip, FIO(4, PIN) + 2, 0x1234u, 2, 0);
    CHECK_INT(get(b, FIO(4, PIN)), 0x1234ab00u);
    CHECK_INT(lpc2468_read(b->chip, FIO(4, PIN) + 3, 1, 0), 0x12);
    CHECK_INT(lpc2468_read(b->chip, FIO(4, PIN) + 2, 2, 0), 0x1234);
    lpc2468_write(b->chip, FIO(4, CLR) + 3, 0x02u, 1, 0);
    lpc2468_write(b->chip, FIO(4, SET), 0x80u, 1, 0);
    CHECK_INT(get(b, FIO(4, PIN)), 0x1034ab80u);
    lpc2468_write(b->chip, FIO(4, DIR) + 2, 0, 2, 0);
    CHECK_INT(get(b, FIO(4, DIR)), 0x0000ffffu);
    lpc2468_write(b->chip, FIO(4, MASK) + 1, 0xffu, 1, 0);
    CHECK_INT(get(b, FIO(4, MASK)), 0x0000ff00u);
    chip_sound(b);
    lpc2468_write(b->chip, FIO(4, SET) + 1, 0x1u, 2, 0);
    expect_error(b, GUEST_MISALIGNED, true, "FIO4SET", FIO(4, SET) + 1, 1);
}

UNIT(lpc2468_gpio, ports_0_and_1_in_the_old_way)
{
    struct chip_bench *b = chip_new();

    for (unsigned port = 0; port < 2; port++) {
        uint32_t at = IO(0x10u * port);
        CHECK_INT(get(b, at), 0xffffffffu);
        set(b, at + 0x8, 0xffu);
        CHECK_INT(get(b, at + 0x8), 0xffu);
        set(b, at + 0x4, 0x0fu);
        CHECK_INT(get(b, at + 0x4), 0x0fu);
        CHECK_INT(get(b, at), 0xffffff0fu);
        set(b, at + 0xc, 0x03u);
        CHECK_INT(get(b, at), 0xffffff0cu);
        set(b, at, 0x55u);
        CHECK_INT(get(b, at), 0xffffff55u);
        read_fails(b, at + 0xc, 4, GUEST_WRITE_ONLY, port == 0 ? "IO0CLR" : "IO1CLR");
    }
}

UNIT(lpc2468_gpio, the_way_that_scs_does_not_choose_reaches_no_pin)
{
    struct chip_bench *b = chip_new();

    write_fails(b, FIO(0, DIR), 1, 4, GUEST_UNPOWERED, "FIO0DIR");
    write_fails(b, FIO(1, SET), 1, 4, GUEST_UNPOWERED, "FIO1SET");
    read_fails(b, FIO(1, PIN), 4, GUEST_UNPOWERED, "FIO1PIN");
    CHECK_INT(get(b, IO(0x8)), 0);
    set(b, FIO(2, DIR), 1); /* there is no other way to port 2 */
    set(b, A_SCS, 1);
    write_fails(b, IO(0x8), 1, 4, GUEST_UNPOWERED, "IO0DIR");
    read_fails(b, IO(0x10), 4, GUEST_UNPOWERED, "IO1PIN");
    CHECK_INT(get(b, FIO(0, DIR)), 0);
    CHECK_INT(get(b, FIO(2, DIR)), 1);
}

UNIT(lpc2468_gpio, edges_of_ports_0_and_2_interrupt_by_eint3)
{
    struct chip_bench *b = fast_bench();

    set(b, A_VIC_ENABLE, 1u << LPC2468_INT_EINT3);
    for (unsigned i = 0; i < 2; i++) {
        unsigned port = 2 * i;
        uint32_t at = IO(0x84u + 0x20u * i);
        set(b, FIO(port, DIR), 0x30u);
        set(b, FIO(port, CLR), 0x30u);
        set(b, at + 0x0c, 0x10u); /* rising */
        set(b, at + 0x10, 0x20u); /* falling */
        CHECK(get(b, at + 0x0c) == 0x10u && get(b, at + 0x10) == 0x20u);
        set(b, FIO(port, SET), 0x30u);
        CHECK(b->irq);
        CHECK_INT(get(b, IO(0x80)), 1u << 2 * i);
        CHECK(get(b, at) == 0x10u && get(b, at + 0x4) == 0);
        set(b, FIO(port, CLR), 0x30u);
        CHECK(get(b, at) == 0x10u && get(b, at + 0x4) == 0x20u);
        set(b, at + 0x8, 0x10u);
        CHECK(b->irq);
        set(b, at + 0x8, 0x20u);
        CHECK(!b->irq);
        CHECK_INT(get(b, IO(0x80)), 0);
        read_fails(b, at + 0x8, 4, GUEST_WRITE_ONLY, i == 0 ? "IO0IntClr" : "IO2IntClr");
        write_fails(b, at, 1, 4, GUEST_READ_ONLY, i == 0 ? "IO0IntStatR" : "IO2IntStatR");
    }
}

/* A link comes up: MDINTR# falls, and P2.10 with it, though EINT0 is not routed there. */
UNIT(lpc2468_gpio, mdintr_is_p2_10)
{
    struct chip_bench *b = chip_ready();
    struct mii_phy mii = dm9161_mii(lpc2468_phy(b->chip));
    uint16_t value = 0x2100;

    set(b, PINSEL(4), 0);
    set(b, A_VIC_ENABLE, 1u << LPC2468_INT_EINT3);
    set(b, IO(0xb4u), 1u << 10);
    CHECK(mii.mdio(mii.ctx, 1, DM9161_BMCR, true, &value, 0));
    value = 0x0c00;
    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, true, &value, 0));
    CHECK_INT(get(b, FIO(2, PIN)), 0xffffffffu);
    lpc2468_partner(b->chip, &(struct mii_partner){true, false, MII_100FD}, 0);
    chip_for(b, 10 * MS);
    CHECK_INT(get(b, FIO(2, PIN)), 0xfffffbffu);
    CHECK(b->irq && !(get(b, A_EXTINT) & 1u));
    CHECK_INT(get(b, IO(0xa8u)), 1u << 10);
    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, false, &value, b->now_ns));
    CHECK_INT(get(b, FIO(2, PIN)), 0xffffffffu);
    set(b, IO(0xacu), 1u << 10);
    CHECK(!b->irq);
}

UNIT(lpc2468_gpio, reset_lets_go_of_all_pins)
{
    struct chip_bench *b = fast_bench();

    set(b, FIO(0, DIR), 0xffffffffu);
    set(b, FIO(2, DIR), 0xffffffffu);
    set(b, IO(0x90u), 1);
    lpc2468_reset(b->chip, b->now_ns);
    CHECK_INT(get(b, IO(0x8)), 0);
    CHECK_INT(get(b, FIO(2, DIR)), 0);
    CHECK_INT(get(b, IO(0x90u)), 0);
    chip_sound(b);
}
