/* The LPC2468's bus: memory, widths, alignment, names, and what is a guest error there. */
#include "lpc2468_bench.h"

UNIT(lpc2468_bus, memory_takes_every_width_little_endian)
{
    static const uint32_t bases[] = {LPC2468_RAM_BASE, LPC2468_ETHERNET_RAM_BASE, 0x80000000u,
                                     LPC2468_RAM_BASE + LPC2468_RAM_SIZE - 8,
                                     LPC2468_ETHERNET_RAM_BASE + LPC2468_ETHERNET_RAM_SIZE - 8};
    struct chip_bench *b = chip_new();

    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        uint32_t at = bases[i];
        lpc2468_write(b->chip, at, 0x44332211u, 4, 0);
        lpc2468_write(b->chip, at + 4, 0xffff6655u, 2, 0);
        lpc2468_write(b->chip, at + 6, 0xffffff77u, 1, 0);
        lpc2468_write(b->chip, at + 7, 0x88u, 1, 0);
        CHECK_INT(lpc2468_read(b->chip, at, 1, 0), 0x11);
        CHECK_INT(lpc2468_read(b->chip, at + 1, 1, 0), 0x22);
        CHECK_INT(lpc2468_read(b->chip, at + 2, 2, 0), 0x4433);
        CHECK_INT(get(b, at + 4), 0x88776655u);
    }
    CHECK_INT(b->ram[2], 0x33);
    CHECK_INT(((uint8_t *)lpc2468_ethernet_ram(b->chip))[1], 0x22);
    CHECK_INT(b->external[0], 0x11);
}

UNIT(lpc2468_bus, flash_reads_and_is_not_written)
{
    struct chip_bench *b = chip_new();

    memcpy(b->flash + LPC2468_FLASH_SIZE - 4, (uint8_t[]){1, 2, 3, 4}, 4);
    CHECK_INT(get(b, LPC2468_FLASH_SIZE - 4), 0x04030201);
    write_fails(b, LPC2468_FLASH_SIZE - 4, 0x55u, 1, GUEST_READ_ONLY, "");
    CHECK_INT(get(b, LPC2468_FLASH_SIZE - 4), 0x04030201);
}

UNIT(lpc2468_bus, memmap_puts_vectors_in_ram)
{
    struct chip_bench *b = chip_new();

    b->flash[0x3c] = 1;
    b->flash[0x40] = 2;
    b->ram[0x3c] = 3;
    b->ram[0x40] = 4;
    CHECK_INT(get(b, SYSTEM(0x40)), 1);
    CHECK_INT(get(b, 0x3c), 1);
    set(b, SYSTEM(0x40), 2);
    CHECK_INT(get(b, 0x3c), 3);
    CHECK_INT(get(b, 0x40), 2);
    set(b, SYSTEM(0x40), 1);
    CHECK_INT(get(b, 0x3c), 1);
}

UNIT(lpc2468_bus, misaligned_memory_is_an_error_done_at_the_address_rounded_down)
{
    struct chip_bench *b = chip_new();

    set(b, LPC2468_RAM_BASE, 0x44332211u);
    for (uint32_t off = 1; off < 4; off++) {
        CHECK_INT(lpc2468_read(b->chip, LPC2468_RAM_BASE + off, 4, 0), 0x44332211u);
        expect_error(b, GUEST_MISALIGNED, false, "", LPC2468_RAM_BASE + off, 0);
    }
    CHECK_INT(lpc2468_read(b->chip, LPC2468_RAM_BASE + 3, 2, 0), 0x4433);
    expect_error(b, GUEST_MISALIGNED, false, "", LPC2468_RAM_BASE + 3, 0);
    lpc2468_write(b->chip, LPC2468_RAM_BASE + 1, 0xaabbu, 2, 0);
    expect_error(b, GUEST_MISALIGNED, true, "", LPC2468_RAM_BASE + 1, 0xaabb);
    CHECK_INT(get(b, LPC2468_RAM_BASE), 0x4433aabbu);
}

UNIT(lpc2468_bus, nothing_there_is_an_error_reads_zero_and_loses_writes)
{
    static const uint32_t holes[] = {
        LPC2468_FLASH_SIZE, 0x3ffffffcu, LPC2468_RAM_BASE + LPC2468_RAM_SIZE,
        LPC2468_ETHERNET_RAM_BASE - 4, LPC2468_ETHERNET_RAM_BASE + LPC2468_ETHERNET_RAM_SIZE,
        0x80001000u, 0xdffffffcu, 0xe0000000u, 0xe0010000u, 0xe0028020u, T0(0x40), T0(0x74),
        U0(0x10), U0(0x34), LPC2468_PINSEL_BASE + 0x2c, LPC2468_PINSEL_BASE + 0x68, SYSTEM(0x8),
        SYSTEM(0x1b0), VIC(0x28), VIC(0x180), VIC(0x280), VIC(0xf04), VIC(0xffc), 0xffffe000u};
    struct chip_bench *b = chip_new();

    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        read_fails(b, holes[i], 4, GUEST_UNMAPPED, "");
        write_fails(b, holes[i], 0x12345678u, 4, GUEST_UNMAPPED, "");
        CHECK(lpc2468_register_name(holes[i]) == NULL);
    }
    set(b, A_PCONP, 1u << 30);
    read_fails(b, EMAC(0x38), 4, GUEST_UNMAPPED, "");
    write_fails(b, EMAC(0x38), 1, 4, GUEST_UNMAPPED, "");
}

UNIT(lpc2468_bus, host_without_flash_and_ram_has_none)
{
    struct lpc2468_env env = {0};
    struct lpc2468 *c = lpc2468_init(aligned_alloc(16, lpc2468_size()), &env,
                                     &(struct lpc2468_config){0}, 0);

    lpc2468_write(c, LPC2468_RAM_BASE, 1, 4, 0);
    CHECK_INT(lpc2468_read(c, LPC2468_RAM_BASE, 4, 0), 0);
    CHECK_INT(lpc2468_read(c, 0, 4, 0), 0);
    CHECK_INT(lpc2468_read(c, 0x80000000u, 4, 0), 0);
    lpc2468_write(c, LPC2468_ETHERNET_RAM_BASE, 1, 4, 0);
    CHECK_INT(lpc2468_read(c, LPC2468_ETHERNET_RAM_BASE, 4, 0), 1);
    lpc2468_write(c, U0(0), 'x', 4, 0);
    lpc2468_write(c, EMAC(0), 0, 4, 0); /* unpowered, and nobody asks */
    lpc2468_write(c, A_VIC_ENABLE, 1u << 3, 4, 0);
    lpc2468_write(c, VIC(0x18), 1u << 3, 4, 0);
    CHECK(lpc2468_irq(c));
    free(c);
}

UNIT(lpc2468_bus, register_takes_32_bits_at_a_time)
{
    static const struct {
        uint32_t addr;
        const char *name;
    } regs[] = {{PINSEL(2), "PINSEL2"}, {SYSTEM(0x84), "PLLCFG"}, {T0(0x18), "T0MR0"},
                {VIC(0x100), "VICVectAddr0"}};
    struct chip_bench *b = chip_new();

    for (unsigned i = 0; i < 4; i++) {
        uint32_t at = regs[i].addr;
        set(b, at, 0x1234);
        CHECK_INT(lpc2468_read(b->chip, at + 1, 1, 0), 0x34); /* as 32 bits, cut */
        expect_error(b, GUEST_WIDTH, false, regs[i].name, at + 1, 0);
        CHECK_INT(lpc2468_read(b->chip, at + 2, 2, 0), 0x1234);
        expect_error(b, GUEST_WIDTH, false, regs[i].name, at + 2, 0);
        CHECK_INT(lpc2468_read(b->chip, at + 3, 4, 0), 0x1234);
        expect_error(b, GUEST_MISALIGNED, false, regs[i].name, at + 3, 0);
        write_fails(b, at, 0x56, 1, GUEST_WIDTH, regs[i].name);
        CHECK_INT(get(b, at), 0x56);
        write_fails(b, at + 2, 0x789, 4, GUEST_MISALIGNED, regs[i].name);
        CHECK_INT(get(b, at), 0x789);
    }
    set(b, A_PCONP, 1u << 30);
    write_fails(b, EMAC(0xfe4), 0x21, 2, GUEST_WIDTH, "IntEnable");
    CHECK_INT(get(b, EMAC(0xfe4)), 0x21);
    CHECK_INT(lpc2468_read(b->chip, EMAC(0xfe5), 4, 0), 0x21);
    expect_error(b, GUEST_MISALIGNED, false, "IntEnable", EMAC(0xfe5), 0);
}

UNIT(lpc2468_bus, uart_takes_bytes_at_a_registers_address)
{
    struct chip_bench *b = chip_new();

    lpc2468_write(b->chip, U0(0x1c), 0x1a5, 1, 0);
    CHECK_INT(lpc2468_read(b->chip, U0(0x1c), 1, 0), 0xa5);
    CHECK_INT(lpc2468_read(b->chip, U0(0x1c), 2, 0), 0xa5);
    chip_sound(b);
    CHECK_INT(lpc2468_read(b->chip, U0(0x1d), 1, 0), 0xa5);
    expect_error(b, GUEST_WIDTH, false, "U0SCR", U0(0x1d), 0);
}

UNIT(lpc2468_bus, read_only_write_only_and_reserved_are_errors_with_names)
{
    struct chip_bench *b = chip_new();

    write_fails(b, SYSTEM(0x88), 1, 4, GUEST_READ_ONLY, "PLLSTAT");
    write_fails(b, VIC(0x000), 1, 4, GUEST_READ_ONLY, "VICIRQStatus");
    write_fails(b, VIC(0x004), 1, 4, GUEST_READ_ONLY, "VICFIQStatus");
    write_fails(b, VIC(0x008), 1, 4, GUEST_READ_ONLY, "VICRawIntr");
    write_fails(b, U0(0x14), 1, 4, GUEST_READ_ONLY, "U0LSR");
    for (uint32_t off = 0x2c; off <= 0x38; off += 4)
        write_fails(b, T0(off), 1, 4, GUEST_READ_ONLY, lpc2468_register_name(T0(off)));
    read_fails(b, SYSTEM(0x8c), 4, GUEST_WRITE_ONLY, "PLLFEED");
    read_fails(b, VIC(0x014), 4, GUEST_WRITE_ONLY, "VICIntEnClr");
    read_fails(b, VIC(0x01c), 4, GUEST_WRITE_ONLY, "VICSoftIntClear");
    write_fails(b, T0(0x04), 0x7, 4, GUEST_RESERVED_BITS, "T0TCR");
    CHECK_INT(get(b, T0(0x04)), 3); /* only that bit is lost */
    write_fails(b, A_PRIO(21), 0x15, 4, GUEST_RESERVED_BITS, "VICVectPriority21");
    CHECK_INT(get(b, A_PRIO(21)), 5);
    write_fails(b, PINSEL(10), 0xc, 4, GUEST_RESERVED_BITS, "PINSEL10");
    write_fails(b, A_PCONP, 0x1, 4, GUEST_RESERVED_BITS, "PCONP");
    write_fails(b, U0(4), 0x400, 4, GUEST_UNPOWERED, "U0IER");
}

UNIT(lpc2468_bus, reserved_bits_of_every_register_that_has_some_are_judged)
{
    static const struct {
        uint32_t addr, mask;
    } regs[] = {{T0(0x14), 0xfff}, {T0(0x28), 0xfff}, {T0(0x3c), 0xfff},    {T0(0x70), 0xf},
                {U0(0x0c), 0xff},  {U0(0x1c), 0xff},  {U0(0x30), 0x80},     {VIC(0x20), 0x1},
                {VIC(0x24), 0xffff}, {A_PRIO(0), 0xf}, {SYSTEM(0x1a0), 0x7b}, {SYSTEM(0xc0), 0x9f},
                {SYSTEM(0x8c), 0xff}, {PINSEL(10), 0x8}};
    struct chip_bench *b = chip_new();

    for (unsigned i = 0; i < sizeof regs / sizeof regs[0]; i++)
        for (unsigned bit = 0; bit < 32; bit++)
            if (!(regs[i].mask >> bit & 1u))
                write_fails(b, regs[i].addr, 1u << bit, 4, GUEST_RESERVED_BITS,
                            lpc2468_register_name(regs[i].addr));
    set(b, T0(0x00), 0xffffffffu); /* write one to clear: the usual way, no error */
    set(b, A_EXTINT, 0xffffffffu);
    set(b, SYSTEM(0x180), 0xffffffffu);
}

UNIT(lpc2468_bus, pc_is_reported_from_when_it_is_told)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(lpc2468_read(b->chip, 0xe0000000u, 4, 0), 0);
    CHECK_INT(b->error.pc, 0);
    lpc2468_pc(b->chip, 0x1234);
    CHECK_INT(lpc2468_read(b->chip, 0xe0000000u, 4, 0), 0);
    CHECK_INT(b->error.pc, 0x1234);
    CHECK_INT(b->errors, 2);
}

UNIT(lpc2468_bus, names_are_the_manuals)
{
    static const struct {
        uint32_t addr;
        const char *name;
    } names[] = {{T0(0), "T0IR"},           {T0(0x70), "T0CTCR"},
                 {0xe0008004u, "T1TCR"},    {0xe0008024u, "T1MR3"},
                 {U0(0), "U0THR"},          {U0(0x14), "U0LSR"},
                 {PINSEL(0), "PINSEL0"},    {PINSEL(10), "PINSEL10"},
                 {0xe002c064u, "PINMODE9"}, {A_PCONP, "PCONP"},
                 {SYSTEM(0x144), "INTWAKE"},{A_EXTINT, "EXTINT"},
                 {VIC(0x024), "VICSWPrioMask"}, {A_VECT(0), "VICVectAddr0"},
                 {A_VECT(31), "VICVectAddr31"}, {A_PRIO(0), "VICVectPriority0"},
                 {A_PRIO(31), "VICVectPriority31"}, {A_VIC_ADDRESS, "VICAddress"},
                 {EMAC(0xfe0), "IntStatus"}, {EMAC(0x100), "Command"}};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = lpc2468_register_name(names[i].addr);
        CHECKF(name != NULL && strcmp(name, names[i].name) == 0, "%s", names[i].name);
    }
    CHECK(lpc2468_register_name(0) == NULL);
    CHECK(lpc2468_register_name(LPC2468_RAM_BASE) == NULL);
}

UNIT(lpc2468_bus, pconp_2_1_gates_the_emac)
{
    struct chip_bench *b = chip_new();

    CHECK_INT(get(b, A_PCONP) >> 30 & 1u, 0);
    read_fails(b, EMAC(0), 4, GUEST_UNPOWERED, "MAC1");
    write_fails(b, EMAC(0x100), 0x38, 4, GUEST_UNPOWERED, "Command");
    write_fails(b, EMAC(0xffc), 0x1, 1, GUEST_UNPOWERED, "ModuleID");
    set(b, A_PCONP, get(b, A_PCONP) | 1u << 30);
    set(b, EMAC(0xfe4), 0x1000);
    set(b, EMAC(0xfec), 0x1000);
    CHECK_INT(get(b, VIC(0x008)), 1u << 21);
    set(b, A_PCONP, get(b, A_PCONP) & ~(1u << 30));
    CHECK_INT(get(b, VIC(0x008)), 0);
    read_fails(b, EMAC(0xfe4), 4, GUEST_UNPOWERED, "IntEnable");
    set(b, A_PCONP, get(b, A_PCONP) | 1u << 30);
    CHECK_INT(get(b, EMAC(0xfe4)), 0); /* what it held is gone */
}

UNIT(lpc2468_bus, pconp_gates_timers_and_uart)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x04), 1);
    chip_until(b, 1000);
    uint32_t count = get(b, T0(0x08));
    CHECK_INT(count, 18); /* 18 MHz */
    set(b, A_PCONP, 1u << 2 | 1u << 3);
    read_fails(b, T0(0x08), 4, GUEST_UNPOWERED, "T0TC");
    write_fails(b, T0(0x08), 5, 4, GUEST_UNPOWERED, "T0TC");
    CHECK_INT(lpc2468_next(b->chip), NO_TIME);
    chip_until(b, 2000);
    set(b, A_PCONP, 1u << 1);
    CHECK_INT(get(b, T0(0x08)), count); /* it stood still */
    read_fails(b, 0xe0008008u, 4, GUEST_UNPOWERED, "T1TC");
    read_fails(b, U0(0x14), 4, GUEST_UNPOWERED, "U0LSR");
    chip_until(b, 3000);
    CHECK_INT(get(b, T0(0x08)), 36);
}

/* Everything at once, wildly: no access crashes, and checks hold. */
UNIT(lpc2468_bus, wild_accesses_end_in_errors_and_nothing_worse)
{
    static const uint32_t bases[] = {0, 0x3ffffu << 2, LPC2468_RAM_BASE, LPC2468_ETHERNET_RAM_BASE,
                                     0x80000000u, LPC2468_T0_BASE, LPC2468_T1_BASE,
                                     LPC2468_UART0_BASE, LPC2468_PINSEL_BASE, LPC2468_SYSTEM_BASE,
                                     LPC2468_VIC_BASE, EMAC_BASE, 0xffffffe0u};
    struct chip_bench *b = chip_ready();
    uint64_t seed = 7;

    for (unsigned i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t draw = (uint32_t)(seed >> 33);
        uint32_t addr = bases[draw % 13] + (draw >> 8 & 0xfffu);
        unsigned bytes = 1u << (draw >> 4) % 3;
        uint32_t value = draw & 0x40 ? (uint32_t)(seed >> 16) : draw >> 20 & 0xffu;
        b->now_ns += draw >> 12 & 0x3ffu;
        b->printed = 0;
        if (addr >= LPC2468_SYSTEM_BASE && addr < LPC2468_SYSTEM_BASE + 0x4000)
            value |= 0x4000000eu; /* leave the power on */
        if (draw & 0x80)
            lpc2468_write(b->chip, addr, value, bytes, b->now_ns);
        else
            lpc2468_read(b->chip, addr, bytes, b->now_ns);
        const char *broken = lpc2468_check(b->chip);
        CHECKF(broken == NULL, "%s after 0x%08x", broken, addr);
    }
    CHECK(b->errors > 1000);
}
