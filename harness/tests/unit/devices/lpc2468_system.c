/* System control and UART0: registers, PLL, reset reasons, EINT0, sleep; snapshots of the chip. */
#include "lpc2468_bench.h"

UNIT(lpc2468_system, registers_after_reset_and_bit_by_bit)
{
    static const struct {
        uint32_t offset, reset, mask;
    } regs[] = {{0x000, 0, 0x3},
                {0x004, 0x7, 0x7},
                {0x040, 0x1, 0x3},
                {0x080, 0, 0x3},
                {0x084, 0, 0x00ff7fff},
                {0x0c4, 0x04280ffe, 0xfff8fffe},
                {0x104, 0, 0xff},
                {0x108, 0, 0xf},
                {0x10c, 0, 0x3},
                {0x144, 0, 0xc1ff},
                {0x148, 0, 0xf},
                {0x14c, 0, 0xf},
                {0x188, 0x145, 0xffffffff},
                {0x18c, 0x145, 0xffffffff},
                {0x1a4, 0xa0, 0xff},
                {0x1a8, 0, 0xffffffff},
                {0x1ac, 0, 0xffffffff}};
    struct chip_bench *b = chip_new();

    for (unsigned i = 0; i < sizeof regs / sizeof regs[0]; i++) {
        uint32_t at = SYSTEM(regs[i].offset);
        CHECKF(get(b, at) == regs[i].reset, "%s", lpc2468_register_name(at));
        for (unsigned bit = 0; bit < 32; bit++) {
            uint32_t one = 1u << bit;
            if (one & regs[i].mask) {
                set(b, at, one);
                CHECKF(get(b, at) == one, "%s bit %u", lpc2468_register_name(at), bit);
            } else {
                write_fails(b, at, one, 4, GUEST_RESERVED_BITS, lpc2468_register_name(at));
                CHECK_INT(get(b, at), 0);
            }
        }
        set(b, at, regs[i].reset);
    }
}

UNIT(lpc2468_system, pins_are_stored)
{
    struct chip_bench *b = chip_new();

    for (unsigned n = 0; n < 10; n++)
        for (unsigned bit = 0; bit < 32; bit++) {
            set(b, PINSEL(n), 1u << bit);
            set(b, LPC2468_PINSEL_BASE + 0x40 + 4 * n, 1u << (31 - bit));
            CHECK_INT(get(b, PINSEL(n)), 1u << bit);
            CHECK_INT(get(b, LPC2468_PINSEL_BASE + 0x40 + 4 * n), 1u << (31 - bit));
        }
    set(b, PINSEL(10), 8);
    CHECK_INT(get(b, PINSEL(10)), 8);
}

UNIT(lpc2468_system, pll_counts_after_its_feed_and_is_locked_at_once)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, SYSTEM(0x88)), 0);
    set(b, SYSTEM(0x84), 0x0001000b);
    set(b, SYSTEM(0x80), 1);
    CHECK_INT(get(b, SYSTEM(0x88)), 0);
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, SYSTEM(0x8c), 0x55);
    CHECK_INT(get(b, SYSTEM(0x88)), 0x0501000b);
    set(b, SYSTEM(0x80), 3);
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, SYSTEM(0x8c), 0x55);
    CHECK_INT(get(b, SYSTEM(0x88)), 0x0701000b);
    CHECK_INT(get(b, SYSTEM(0x80)), 3);
    set(b, SYSTEM(0x80), 0);
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, SYSTEM(0x8c), 0x55);
    CHECK_INT(get(b, SYSTEM(0x88)), 0x0001000b);
}

UNIT(lpc2468_system, pll_feed_that_is_broken_does_nothing)
{
    static const uint32_t feeds[][3] = {{0x55, 0xaa, 0}, {0xaa, 0xaa, 0}, {0xaa, 0, 0x55},
                                        {0x55, 0x55, 0}};
    struct chip_bench *b = chip_new();

    set(b, SYSTEM(0x80), 1);
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < 3; k++)
            set(b, SYSTEM(0x8c), feeds[i][k]);
        CHECK_INT(get(b, SYSTEM(0x88)), 0);
    }
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, SYSTEM(0x104), 5); /* another register between */
    set(b, SYSTEM(0x8c), 0x55);
    CHECK_INT(get(b, SYSTEM(0x88)), 0);
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, LPC2468_RAM_BASE, 5); /* memory is no register */
    set(b, SYSTEM(0x8c), 0x55);
    CHECK_INT(get(b, SYSTEM(0x88)), 0x05000000);
}

UNIT(lpc2468_system, oscillator_is_ready_once_it_is_enabled)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, SYSTEM(0x1a0)), 0);
    set(b, SYSTEM(0x1a0), 0x40);
    CHECK_INT(get(b, SYSTEM(0x1a0)), 0);
    set(b, SYSTEM(0x1a0), 0x20);
    CHECK_INT(get(b, SYSTEM(0x1a0)), 0x60);
    set(b, SYSTEM(0x1a0), get(b, SYSTEM(0x1a0)) | 0x1b);
    CHECK_INT(get(b, SYSTEM(0x1a0)), 0x7b);
    set(b, SYSTEM(0x1a0), 0);
    CHECK_INT(get(b, SYSTEM(0x1a0)), 0);
}

UNIT(lpc2468_system, rsid_tells_power_on_from_the_reset_pin)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, SYSTEM(0x180)), 1);
    set(b, SYSTEM(0x180), 0xff); /* ones clear */
    CHECK_INT(get(b, SYSTEM(0x180)), 0);
    lpc2468_reset(b->chip, b->now_ns);
    CHECK_INT(get(b, SYSTEM(0x180)), 2);
}

UNIT(lpc2468_system, reset_puts_registers_back_and_keeps_memory)
{
    struct chip_bench *b = chip_ready();

    set(b, LPC2468_RAM_BASE, 1);
    set(b, LPC2468_ETHERNET_RAM_BASE, 2);
    set(b, T0(0x18), 3);
    set(b, T0(0x04), 1);
    set(b, U0(0x1c), 4);
    set(b, PINSEL(0), 5);
    set(b, A_VECT(3), 6);
    set(b, A_VIC_ENABLE, 8);
    set(b, VIC(0x18), 8);
    set(b, SYSTEM(0x104), 7);
    set(b, EMAC(0xfe4), 0x1000);
    CHECK(b->irq);
    chip_until(b, 5000);
    lpc2468_reset(b->chip, b->now_ns);
    CHECK(!b->irq);
    CHECK_INT(get(b, T0(0x18)) | get(b, T0(0x04)) | get(b, T0(0x08)) | get(b, U0(0x1c)) |
                  get(b, PINSEL(0)) | get(b, A_VECT(3)) | get(b, SYSTEM(0x104)) |
                  get(b, A_VIC_ENABLE) | get(b, EMAC(0xfe4)), 0);
    CHECK_INT(get(b, LPC2468_RAM_BASE), 1);
    CHECK_INT(get(b, LPC2468_ETHERNET_RAM_BASE), 2);
    CHECK_INT(get(b, A_PCONP) >> 30 & 1u, 1); /* the start-up has run again */
}

UNIT(lpc2468_system, powered_configuration_has_power_and_pins)
{
    struct chip_bench *rmii = chip_ready(), *cold = chip_new();
    struct chip_bench *mii = chip_with(&(struct lpc2468_config){.powered = true});
    struct chip_bench *first = chip_with(&(struct lpc2468_config){
        .powered = true, .phy = {.rmii = true}, .emac = {.module_id = 0x39022000}});

    CHECK_INT(get(rmii, PINSEL(2)), 0x50150105);
    CHECK_INT(get(first, PINSEL(2)), 0x50151105);
    CHECK_INT(get(mii, PINSEL(2)), 0x55555555);
    CHECK_INT(get(mii, PINSEL(3)), 5);
    CHECK_INT(get(mii, PINSEL(4)), 0x00100000);
    CHECK_INT(get(mii, A_PCONP) >> 30, 1);
    CHECK_INT(get(cold, PINSEL(2)) | get(cold, PINSEL(3)) | get(cold, PINSEL(4)) |
                  get(cold, A_PCONP) >> 30, 0);
}

/* MDINTR# by what the PHY does: pull the cable (asserts) and read register 21 (releases). */
static struct chip_bench *with_phy_interrupt(void)
{
    struct chip_bench *b = chip_ready();
    struct mii_phy mii = dm9161_mii(lpc2468_phy(b->chip));
    uint16_t value = 0x2100;

    CHECK(mii.mdio(mii.ctx, 1, DM9161_BMCR, true, &value, 0));
    value = 0x0c00;
    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, true, &value, 0));
    return b;
}

static void phy_asserts(struct chip_bench *b)
{
    lpc2468_partner(b->chip, &(struct mii_partner){true, false, MII_100FD}, b->now_ns);
    chip_for(b, 10 * MS);
    CHECK(b->link);
}

static void phy_releases(struct chip_bench *b)
{
    struct mii_phy mii = dm9161_mii(lpc2468_phy(b->chip));
    uint16_t value;

    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, false, &value, b->now_ns));
    lpc2468_partner(b->chip, &(struct mii_partner){0}, b->now_ns);
    chip_for(b, MS);
    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, false, &value, b->now_ns));
    chip_sound(b);
}

UNIT(lpc2468_eint0, level_low_is_set_while_mdintr_is_and_cannot_be_cleared_before)
{
    struct chip_bench *b = with_phy_interrupt();

    set(b, A_VIC_ENABLE, 1u << 14);
    CHECK_INT(get(b, A_EXTINT), 0);
    phy_asserts(b);
    CHECK(b->irq);
    CHECK_INT(get(b, A_EXTINT), 1);
    CHECK_INT(get(b, VIC(8)), 1u << 14);
    set(b, A_EXTINT, 1);
    CHECK_INT(get(b, A_EXTINT), 1);
    phy_releases(b);
    CHECK_INT(get(b, A_EXTINT), 1); /* the flag stays until it is cleared */
    set(b, A_EXTINT, 1);
    CHECK_INT(get(b, A_EXTINT), 0);
    CHECK(!b->irq);
}

UNIT(lpc2468_eint0, falling_edge_is_remembered_and_can_be_cleared_at_once)
{
    struct chip_bench *b = with_phy_interrupt();

    set(b, A_EXTMODE, 1);
    phy_asserts(b);
    CHECK_INT(get(b, A_EXTINT), 1);
    set(b, A_EXTINT, 1);
    CHECK_INT(get(b, A_EXTINT), 0);
    phy_releases(b); /* asserts a second time in between */
    CHECK_INT(get(b, A_EXTINT), 1);
}

UNIT(lpc2468_eint0, rising_edge_comes_with_the_release)
{
    struct chip_bench *b = with_phy_interrupt();
    struct mii_phy mii = dm9161_mii(lpc2468_phy(b->chip));
    uint16_t value;

    set(b, A_EXTMODE, 1);
    set(b, A_EXTPOLAR, 1);
    set(b, A_EXTINT, 1);
    phy_asserts(b);
    CHECK_INT(get(b, A_EXTINT), 0);
    CHECK(mii.mdio(mii.ctx, 1, DM9161_MDINTR, false, &value, b->now_ns));
    CHECK_INT(get(b, A_EXTINT), 1);
}

UNIT(lpc2468_eint0, level_high_is_set_while_mdintr_is_not)
{
    struct chip_bench *b = with_phy_interrupt();

    set(b, A_EXTPOLAR, 1);
    CHECK_INT(get(b, A_EXTINT), 1);
    set(b, A_EXTINT, 1);
    CHECK_INT(get(b, A_EXTINT), 1);
    phy_asserts(b);
    set(b, A_EXTINT, 1);
    CHECK_INT(get(b, A_EXTINT), 0);
}

UNIT(lpc2468_eint0, pin_with_another_function_gives_nothing)
{
    static const uint32_t others[] = {0, 2u << 20, 3u << 20};

    for (unsigned i = 0; i < 3; i++)
        for (unsigned mode = 0; mode < 4; mode++) {
            struct chip_bench *b = with_phy_interrupt();
            set(b, PINSEL(4), others[i]);
            set(b, A_EXTMODE, mode & 1);
            set(b, A_EXTPOLAR, mode >> 1);
            set(b, A_EXTINT, 1);
            phy_asserts(b);
            CHECK_INT(get(b, A_EXTINT), 0);
            set(b, PINSEL(4), 1u << 20); /* a level shows now, an edge is over */
            CHECK_INT(get(b, A_EXTINT), mode == 0);
        }
}

UNIT(lpc2468_sleep, idle_ends_with_an_interrupt_that_reaches_the_core)
{
    struct chip_bench *b = chip_new();

    CHECK(!lpc2468_asleep(b->chip));
    set(b, T0(0x18), 18000);
    set(b, T0(0x14), 1);
    set(b, T0(0x04), 1);
    set(b, SYSTEM(0xc0), 1);
    CHECK(lpc2468_asleep(b->chip));
    CHECK_INT(get(b, SYSTEM(0xc0)), 1);
    chip_until(b, 2 * MS);
    CHECK(lpc2468_asleep(b->chip)); /* not enabled in the VIC */
    set(b, A_VIC_ENABLE, 1u << 4);
    CHECK(!lpc2468_asleep(b->chip));
    CHECK_INT(get(b, SYSTEM(0xc0)), 0);
    set(b, SYSTEM(0xc0), 1); /* it is pending: no sleep at all */
    CHECK(!lpc2468_asleep(b->chip));
}

UNIT(lpc2468_sleep, power_down_ends_only_with_what_intwake_names)
{
    static const uint32_t modes[] = {0x02, 0x80, 0x82};

    for (unsigned i = 0; i < 3; i++) {
        struct chip_bench *b = with_phy_interrupt();
        set(b, A_VIC_ENABLE, 1u << 14 | 1u << 21);
        set(b, SYSTEM(0xc0), modes[i]);
        phy_asserts(b);
        CHECK(lpc2468_asleep(b->chip));
        set(b, SYSTEM(0x144), 1);
        CHECK(!lpc2468_asleep(b->chip));
        phy_releases(b);
        set(b, A_EXTINT, 1);
        set(b, SYSTEM(0xc0), modes[i]);
        set(b, SYSTEM(0x144), 0);
        set(b, EMAC(0xfe4), 0x2000);
        set(b, EMAC(0xfec), 0x2000);
        CHECK(lpc2468_asleep(b->chip));
        set(b, SYSTEM(0x144), 0x10);
        CHECK(!lpc2468_asleep(b->chip));
    }
}

UNIT(lpc2468_uart, console_takes_what_is_written_and_is_always_ready)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, U0(0x14)), 0x60);
    for (const char *s = "hello\n"; *s != 0; s++) {
        set(b, U0(0), 0xffffff00u | (uint32_t)*s);
        CHECK_INT(get(b, U0(0x14)), 0x60);
    }
    CHECK_MEM(b->console, "hello\n", 6);
    CHECK_INT(b->printed, 6);
    CHECK_INT(get(b, U0(0)), 0); /* nothing is received */
}

UNIT(lpc2468_uart, registers_after_reset_and_bit_by_bit)
{
    static const struct {
        uint32_t offset, reset, mask;
    } regs[] = {{0x04, 0, 0x307}, {0x0c, 0, 0x7f},     {0x1c, 0, 0xff},   {0x20, 0, 0x307},
                {0x24, 0, 0x3f},  {0x28, 0x10, 0xff},  {0x30, 0x80, 0x80}};
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, U0(0x08)), 1);
    for (unsigned i = 0; i < sizeof regs / sizeof regs[0]; i++) {
        CHECK_INT(get(b, U0(regs[i].offset)), regs[i].reset);
        for (unsigned bit = 0; bit < 32; bit++) {
            if (regs[i].mask >> bit & 1) {
                set(b, U0(regs[i].offset), 1u << bit);
                CHECK_INT(get(b, U0(regs[i].offset)), 1u << bit);
            } else if (regs[i].offset != 0x0c || bit != 7) {
                write_fails(b, U0(regs[i].offset), 1u << bit, 4, GUEST_RESERVED_BITS,
                            lpc2468_register_name(U0(regs[i].offset)));
            }
        }
        set(b, U0(regs[i].offset), regs[i].reset);
    }
    CHECK_INT(b->printed, 0);
}

UNIT(lpc2468_uart, divisor_latch_takes_the_place_of_data_and_enable)
{
    struct chip_bench *b = chip_new();

    set(b, U0(0x0c), 0x83);
    CHECK_INT(get(b, U0(0)), 1);
    set(b, U0(0), 0x27);
    set(b, U0(4), 0x12);
    CHECK_INT(get(b, U0(0)), 0x27);
    CHECK_INT(get(b, U0(4)), 0x12);
    set(b, U0(0x0c), 0x03);
    CHECK_INT(b->printed, 0);
    CHECK_INT(get(b, U0(4)), 0);
}

UNIT(lpc2468_uart, fifo_control_shows_in_iir)
{
    struct chip_bench *b = chip_new();

    set(b, U0(8), 0xc7);
    CHECK_INT(get(b, U0(8)), 0xc1);
    write_fails(b, U0(8), 0x38, 4, GUEST_RESERVED_BITS, "U0FCR");
    CHECK_INT(get(b, U0(8)), 1);
}

UNIT(lpc2468_uart, empty_interrupt_comes_when_enabled_and_after_each_byte)
{
    struct chip_bench *b = chip_new();

    set(b, A_VIC_ENABLE, 1u << 6);
    set(b, U0(0), 'a');
    CHECK(!b->irq);
    set(b, U0(4), 2);
    CHECK(b->irq);
    CHECK_INT(get(b, U0(8)), 2);
    CHECK(!b->irq);
    CHECK_INT(get(b, U0(8)), 1);
    set(b, U0(0), 'b');
    CHECK(b->irq);
    set(b, U0(4), 0);
    CHECK(!b->irq);
    set(b, U0(0x30), 0); /* the transmitter is off */
    set(b, U0(0), 'c');
    CHECK_INT(b->printed, 2);
}

static uint64_t walk(struct chip_bench *b, uint64_t seed)
{
    static const uint32_t regs[] = {T0(0x18), T0(0x14), T0(0x04), T0(0x00), LPC2468_T1_BASE + 0x18,
                                    LPC2468_T1_BASE + 0x14, LPC2468_T1_BASE + 4, A_VIC_ENABLE,
                                    A_VIC_CLEAR, VIC(0x18), VIC(0x1c), A_PCLKSEL0, A_EXTINT,
                                    A_EXTMODE, A_EXTPOLAR, PINSEL(4), LPC2468_ETHERNET_RAM_BASE};
    uint64_t sum = seed;

    for (unsigned i = 0; i < 300; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t draw = (uint32_t)(seed >> 32), reg = regs[draw % 17];
        if (draw & 0x100)
            lpc2468_write(b->chip, reg, draw >> 12 & 0xfffu, 4, b->now_ns);
        else if (draw & 0x200)
            sum = sum * 31 + lpc2468_read(b->chip, reg == A_VIC_CLEAR || reg == VIC(0x1c) ? VIC(0)
                                                                                           : reg,
                                          4, b->now_ns);
        else if (draw & 0x400)
            sum = sum * 31 + lpc2468_read(b->chip, A_VIC_ADDRESS, 4, b->now_ns);
        else if (draw & 0x800)
            lpc2468_partner(b->chip, &(struct mii_partner){draw >> 31, draw >> 30 & 1, 0x1e0},
                            b->now_ns);
        b->now_ns += draw >> 8;
        lpc2468_advance(b->chip, b->now_ns);
        sum = sum * 31 + lpc2468_next(b->chip) + lpc2468_vector(b->chip) + b->irq_changes;
        CHECK(lpc2468_check(b->chip) == NULL);
    }
    return sum;
}

UNIT(lpc2468, snapshot_of_the_block_put_back_goes_on_identically)
{
    struct chip_bench *b = chip_ready(), bench;
    void *copy = malloc(lpc2468_size());

    walk(b, 1);
    memcpy(copy, b->chip, lpc2468_size());
    bench = *b;
    for (unsigned seed = 2; seed < 12; seed++) {
        uint64_t sums[2];
        for (unsigned k = 0; k < 2; k++) {
            memcpy(b->chip, copy, lpc2468_size());
            *b = bench;
            sums[k] = walk(b, seed);
        }
        CHECK(sums[0] == sums[1]);
    }
    free(copy);
}
