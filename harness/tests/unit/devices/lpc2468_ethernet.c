/* Chip, EMAC and PHY together: from power-up to frames, pins, interrupts, what is between them. */
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

static void miim_wait(struct chip_bench *b)
{
    CHECK(get(b, EMAC(0x34)) & 1u);
    chip_for(b, MIIM_NS - 1);
    CHECK(get(b, EMAC(0x34)) & 1u);
    chip_for(b, 1);
    CHECK_INT(get(b, EMAC(0x34)) & 7u, 0);
}

static unsigned mii_read(struct chip_bench *b, unsigned phy, unsigned reg)
{
    set(b, EMAC(0x28), phy << 8 | reg);
    set(b, EMAC(0x24), 1);
    miim_wait(b);
    set(b, EMAC(0x24), 0);
    return get(b, EMAC(0x30));
}

static void mii_write(struct chip_bench *b, unsigned phy, unsigned reg, unsigned value)
{
    set(b, EMAC(0x28), phy << 8 | reg);
    set(b, EMAC(0x2c), value);
    miim_wait(b);
}

static void management_on(struct chip_bench *b)
{
    set(b, EMAC(0x00), 0x0f00);
    set(b, EMAC(0x20), 0x8000 | 7u << 2);
    set(b, EMAC(0x20), 7u << 2);
}

static void chip_plug(struct chip_bench *b, bool negotiates, unsigned abilities)
{
    struct mii_partner partner = {true, negotiates, (uint16_t)abilities};

    lpc2468_partner(b->chip, &partner, b->now_ns);
    chip_sound(b);
}

/* As the sheet's recipe (17) has it. */
static void mac_on(struct chip_bench *b, bool full, unsigned more)
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
static struct chip_bench *running(void)
{
    struct chip_bench *b = chip_ready();

    management_on(b);
    chip_plug(b, true, 0x1e0);
    chip_until(b, 2000 * MS);
    CHECK(b->link);
    mac_on(b, true, 0x200);
    return b;
}

static void send_from(struct chip_bench *b, uint32_t buffer, unsigned length)
{
    uint32_t slot = get(b, A_TX_PRODUCE);

    set(b, TX_DESC + 8 * slot, buffer);
    set(b, TX_DESC + 8 * slot + 4, 0xc0000000u | (length - 1));
    set(b, A_TX_PRODUCE, (slot + 1) % SLOTS);
}

static bool goes_out(struct chip_bench *b)
{
    unsigned before = b->frames;

    for (uint32_t i = 0; i < 64; i += 4)
        set(b, TX_BUF + i, 0x01010101u * i + 0x03020100u);
    send_from(b, TX_BUF, 60);
    chip_for(b, MS);
    CHECK_INT(get(b, A_TX_CONSUME), get(b, A_TX_PRODUCE));
    return b->frames == before + 1;
}

static void arrive(struct chip_bench *b, unsigned faults)
{
    static const uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0,
                                      0,    0,    1,    0x88, 0xb5, 0x55};
    struct emac_arrival frame = {.bytes = bytes, .length = 60, .faults = faults};

    chip_for(b, 10000);
    lpc2468_receive(b->chip, &frame, b->now_ns);
    chip_for(b, MS);
}

static bool comes_in(struct chip_bench *b)
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

UNIT(lpc2468_ethernet, power_up_by_hand_reads_the_phy_and_finds_nobody_elsewhere)
{
    struct chip_bench *b = chip_new();

    read_fails(b, EMAC(0), 4, GUEST_UNPOWERED, "MAC1");
    set(b, A_PCONP, get(b, A_PCONP) | 1u << 30);
    CHECK_INT(get(b, EMAC(0)), 0x8000);
    set(b, PINSEL(2), (get(b, PINSEL(2)) & ~0xf03f330fu) | 0x50150105u);
    set(b, PINSEL(3), (get(b, PINSEL(3)) & ~0xfu) | 0x5u);
    management_on(b);
    for (unsigned phy = 0; phy < 32; phy++) {
        CHECK_INT(mii_read(b, phy, 2), phy == 1 ? 0x0181 : 0xffff);
        CHECK_INT(mii_read(b, phy, 3), phy == 1 ? 0xb8a0 : 0xffff);
    }
}

UNIT(lpc2468_ethernet, driver_pattern_6_negotiates_and_passes_frames)
{
    struct chip_bench *b = chip_ready();

    management_on(b);
    mii_write(b, 1, 0, 0x8000);
    CHECK(mii_read(b, 1, 0) & 0x8000u);
    chip_for(b, MS);
    CHECK(!(mii_read(b, 1, 0) & 0x8000u));
    mii_write(b, 1, 4, 0x05e1);
    chip_plug(b, true, 0x5e0);
    mii_write(b, 1, 0, 0x1200);
    uint64_t start = b->now_ns;
    unsigned polls = 0;
    while ((mii_read(b, 1, 1) & 0x24u) != 0x24u) {
        CHECK(++polls < 2000);
        chip_for(b, MS);
    }
    CHECK(b->now_ns - start > 1800 * MS && b->now_ns - start < 1803 * MS);
    CHECK_INT(mii_read(b, 1, 17), 0x8018);
    CHECK_INT(mii_read(b, 1, 5), 0x45e1);
    mac_on(b, true, 0x200);
    CHECK(goes_out(b));
    CHECK_INT(b->frame_length, 60);
    CHECK_INT(b->frame[5], 0x05);
    CHECK(!b->frame_bad_fcs);
    CHECK(comes_in(b));
}

UNIT(lpc2468_ethernet, pins_2_2_of_miim_missing_read_all_ones)
{
    struct chip_bench *b = chip_ready();

    management_on(b);
    for (unsigned pin = 0; pin < 2; pin++)
        for (unsigned function = 0; function < 4; function++) {
            set(b, PINSEL(3), (0x5u & ~(3u << 2 * pin)) | function << 2 * pin);
            CHECK_INT(mii_read(b, 1, 2), function == 1 ? 0x0181 : 0xffff);
        }
    set(b, PINSEL(3), 0x4);
    mii_write(b, 1, 4, 0x0001); /* is lost */
    set(b, PINSEL(3), 0xfffffff5u); /* the other pins are anybody's */
    CHECK_INT(mii_read(b, 1, 4), 0x01e1);
}

static const unsigned rmii_pins[] = {0, 1, 4, 8, 9, 10, 14};

UNIT(lpc2468_ethernet, pins_2_2_of_rmii_missing_let_no_frame_pass)
{
    struct chip_bench *b = running();
    uint32_t routed = get(b, PINSEL(2));

    CHECK(goes_out(b) && comes_in(b));
    for (unsigned i = 0; i < sizeof rmii_pins / sizeof rmii_pins[0]; i++)
        for (unsigned function = 0; function < 4; function++) {
            unsigned at = 2 * rmii_pins[i];
            set(b, PINSEL(2), (routed & ~(3u << at)) | function << at);
            CHECKF(goes_out(b) == (function == 1), "P1.%u function %u", rmii_pins[i], function);
            CHECKF(comes_in(b) == (function == 1), "P1.%u function %u", rmii_pins[i], function);
        }
    set(b, PINSEL(2), routed | 0x0fc0fcf0u); /* pins that RMII does not use */
    CHECK(goes_out(b) && comes_in(b));
}

UNIT(lpc2468_ethernet, erratum_e3_first_silicon_needs_p1_6_with_rmii_too)
{
    for (unsigned first = 0; first < 2; first++) {
        struct lpc2468_config config = {.phy = {.address = 1, .rmii = true}, .powered = true};
        config.emac.module_id = first ? 0x39022000u : 0;
        struct chip_bench *b = chip_with(&config);
        management_on(b);
        chip_plug(b, true, 0x1e0);
        chip_until(b, 2000 * MS);
        mac_on(b, true, 0x200);
        CHECK_INT(get(b, EMAC(0xffc)) == 0x39022000u, first);
        set(b, PINSEL(2), 0x50150105u);
        CHECK(goes_out(b) == !first && comes_in(b) == !first);
        set(b, PINSEL(2), 0x50151105u);
        CHECK(goes_out(b) && comes_in(b));
    }
}

UNIT(lpc2468_ethernet, pins_2_2_of_mii_are_all_sixteen)
{
    struct chip_bench *b = chip_with(
        &(struct lpc2468_config){.phy = {.address = 1}, .powered = true});

    management_on(b);
    chip_plug(b, true, 0x1e0);
    chip_until(b, 2000 * MS);
    mac_on(b, true, 0);
    CHECK(goes_out(b) && comes_in(b));
    for (unsigned pin = 0; pin < 15; pin++) { /* P1.15 is the clock's */
        set(b, PINSEL(2), 0x55555555u & ~(3u << 2 * pin));
        CHECKF(!goes_out(b) && !comes_in(b), "P1.%u", pin);
    }
    set(b, PINSEL(2), 0x50150105u); /* the pins of RMII, and Command says MII */
    CHECK(!goes_out(b) && !comes_in(b));
    set(b, A_COMMAND, get(b, A_COMMAND) | 0x200);
    CHECK(goes_out(b) && comes_in(b));
}

UNIT(lpc2468_ethernet, clock_2_1_that_does_not_reach_the_emac_is_a_guest_error_of_a_reset)
{
    struct chip_bench *b = chip_ready();
    uint32_t routed = get(b, PINSEL(2));

    set(b, PINSEL(2), routed & ~0xc0000000u);
    management_on(b); /* works without it */
    CHECK_INT(mii_read(b, 1, 2), 0x0181);
    write_fails(b, A_COMMAND, 0x38, 4, GUEST_NO_CLOCK, "Command");
    set(b, PINSEL(2), routed);
    set(b, A_COMMAND, 0x38);
    dm9161_clock(lpc2468_phy(b->chip), false);
    write_fails(b, A_COMMAND, 0x38, 4, GUEST_NO_CLOCK, "Command");
    dm9161_clock(lpc2468_phy(b->chip), true);
    set(b, A_COMMAND, 0x38);
}

UNIT(lpc2468_ethernet, clock_4_that_stops_in_power_down_of_the_phy_hangs_the_bus_by_a_knob)
{
    struct lpc2468_config config = {.phy = {.address = 1, .rmii = true,
                                            .clock_stops_in_power_down = true},
                                    .emac = {.hang_without_clock = true},
                                    .powered = true};
    struct chip_bench *b = chip_with(&config);

    management_on(b);
    mii_write(b, 1, 0, 0x3900);
    write_fails(b, A_COMMAND, 0x38, 4, GUEST_NO_CLOCK, "Command");
    CHECK(emac_hung(lpc2468_emac(b->chip)));
    lpc2468_reset(b->chip, b->now_ns);
    CHECK(!emac_hung(lpc2468_emac(b->chip)));
    CHECK_INT(get(b, EMAC(0)), 0x8000);
}

UNIT(lpc2468_ethernet, clock_that_comes_back_by_the_pins_lets_the_transmitter_go_on)
{
    struct chip_bench *b = running();
    uint32_t routed = get(b, PINSEL(2));

    set(b, PINSEL(2), routed & ~0xc0000000u);
    send_from(b, TX_BUF, 60);
    chip_for(b, 10 * MS);
    CHECK_INT(b->frames, 0);
    set(b, PINSEL(2), routed);
    uint64_t back = b->now_ns;
    while (lpc2468_next(b->chip) != NO_TIME) /* events alone bring it about */
        chip_until(b, lpc2468_next(b->chip));
    CHECK_INT(b->frames, 1);
    CHECK_INT(b->frame_ns, back);
}

UNIT(lpc2468_ethernet, interrupt_of_the_emac_comes_through_vic_21_to_the_nanosecond)
{
    struct chip_bench *b = running();

    set(b, A_VECT(21), 0x1234);
    set(b, A_PRIO(21), 3);
    set(b, A_VIC_ENABLE, 1u << 21);
    set(b, A_INT_CLEAR, 0x30ff);
    set(b, A_INT_ENABLE, 0x88); /* RxDone, TxDone */
    send_from(b, TX_BUF, 60);
    uint64_t sent = b->now_ns + (8 + 64) * 80;
    chip_until(b, sent - 1);
    CHECK(!b->irq);
    chip_until(b, sent);
    CHECK(b->irq && !b->fiq);
    CHECK_INT(get(b, VIC(8)), 1u << 21);
    CHECK_INT(lpc2468_vector(b->chip), 0x1234);
    CHECK_INT(get(b, A_VIC_ADDRESS), 0x1234);
    CHECK_INT(get(b, A_INT_STATUS) & 0x80u, 0x80);
    set(b, A_INT_CLEAR, 0x80);
    set(b, A_VIC_ADDRESS, 0);
    CHECK(!b->irq);
    arrive(b, 0);
    CHECK(b->irq);
    set(b, VIC(0x0c), 1u << 21);
    CHECK(!b->irq && b->fiq);
    set(b, A_INT_ENABLE, 0);
    CHECK(!b->fiq);
    set(b, A_INT_ENABLE, 0x08); /* data already pending: rises at once (19) */
    CHECK(b->fiq);
}

UNIT(lpc2468_ethernet, interrupt_set_at_the_instant_of_intclear_wins_18)
{
    struct chip_bench *b = running();

    set(b, A_INT_CLEAR, 0x30ff);
    send_from(b, TX_BUF, 60);
    b->now_ns += (8 + 64) * 80; /* the frame ends now, and nobody has looked */
    set(b, A_INT_CLEAR, 0x30ff);
    CHECK_INT(get(b, A_INT_STATUS) & 0x80u, 0x80);
    set(b, A_INT_CLEAR, 0x30ff);
    CHECK_INT(get(b, A_INT_STATUS), 0);
}

UNIT(lpc2468_ethernet, interrupt_of_the_phy_comes_through_eint0_and_vic_14)
{
    struct chip_bench *b = running();

    set(b, A_VECT(14), 0x5678);
    set(b, A_VIC_ENABLE, 1u << 14);
    CHECK(mii_read(b, 1, 21) & 4u);
    mii_write(b, 1, 21, 0x0c00);
    CHECK(!b->irq);
    uint64_t pulled = b->now_ns;
    lpc2468_partner(b->chip, &(struct mii_partner){0}, b->now_ns);
    CHECK_INT(lpc2468_next(b->chip), pulled + MS);
    chip_until(b, pulled + MS - 1);
    CHECK(!b->irq && b->link);
    chip_until(b, pulled + MS);
    CHECK(b->irq && !b->link);
    CHECK_INT(get(b, A_VIC_ADDRESS), 0x5678);
    CHECK_INT(mii_read(b, 1, 21), 0x8c05);
    set(b, A_EXTINT, 1);
    set(b, A_VIC_ADDRESS, 0);
    CHECK(!b->irq);
    CHECK_INT(mii_read(b, 1, 1) & 4u, 0);
    CHECK_INT(mii_read(b, 1, 23), 1);
    chip_plug(b, false, 0x20); /* 10 Mbit/s, half duplex: everything changes */
    chip_for(b, 1800 * MS);
    CHECK(b->irq);
    CHECK_INT(mii_read(b, 1, 21), 0x8c1d);
    CHECK_INT(mii_read(b, 1, 17) >> 12, 1);
}

UNIT(lpc2468_ethernet, link_that_is_gone_takes_frames_with_it)
{
    struct chip_bench *b = running();
    struct emac_counters before, after;

    emac_counters(lpc2468_emac(b->chip), &before);
    lpc2468_partner(b->chip, &(struct mii_partner){0}, b->now_ns);
    CHECK(!goes_out(b) && !comes_in(b));
    emac_counters(lpc2468_emac(b->chip), &after);
    CHECK_INT(after.tx_no_link - before.tx_no_link, 1);
    CHECK_INT(after.rx_no_link - before.rx_no_link, 1);
}

UNIT(lpc2468_ethernet, power_off_in_mid_frame_cuts_it_and_nothing_comes_in)
{
    struct chip_bench *b = running();

    set(b, A_INT_ENABLE, 0x3000);
    set(b, EMAC(0xfec), 0x1000);
    send_from(b, TX_BUF, 1000);
    CHECK_INT(b->frames, 1);
    chip_for(b, 20 * 80);
    set(b, A_PCONP, get(b, A_PCONP) & ~(1u << 30));
    CHECK_INT(b->cuts, 1);
    CHECK(b->cut_bytes <= 20);
    CHECK_INT(get(b, VIC(8)), 0);
    arrive(b, 0);
    CHECK_INT(lpc2468_next(b->chip), NO_TIME);
    read_fails(b, A_COMMAND, 4, GUEST_UNPOWERED, "Command");
    write_fails(b, A_TX_PRODUCE, 1, 4, GUEST_UNPOWERED, "TxProduceIndex");
    set(b, A_PCONP, get(b, A_PCONP) | 1u << 30);
    CHECK_INT(get(b, A_COMMAND), 0);
    CHECK_INT(get(b, EMAC(0)), 0x8000);
    management_on(b);
    mac_on(b, true, 0x200);
    CHECK(goes_out(b) && comes_in(b));
}

UNIT(lpc2468_ethernet, dma_2_1_reaches_the_ethernet_ram_and_by_a_knob_external_memory)
{
    for (unsigned anywhere = 0; anywhere < 2; anywhere++) {
        struct lpc2468_config config = {.phy = {.address = 1, .rmii = true}, .powered = true};
        config.emac.dma_anywhere = anywhere;
        struct chip_bench *b = chip_with(&config);
        static const uint32_t buffers[] = {0x80000ff0u - 60, 0x80001000u - 30, LPC2468_RAM_BASE,
                                           0x1000, ERAM + 0x4000 - 59, 0xdfffffffu, 0xfffffff0u};
        management_on(b);
        chip_plug(b, true, 0x1e0);
        chip_until(b, 2000 * MS);
        for (unsigned i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
            mac_on(b, true, 0x200);
            unsigned before = b->frames;
            bool reached = i == 0 && anywhere;
            set(b, TX_DESC, buffers[i]);
            set(b, TX_DESC + 4, 0xc0000000u | 59);
            lpc2468_write(b->chip, A_TX_PRODUCE, 1, 4, b->now_ns);
            CHECKF(b->frames - before == reached, "0x%08x", buffers[i]);
            CHECKF(reached ? b->errors == 0
                           : b->errors == 1 && b->error.kind == GUEST_DMA_RANGE,
                   "0x%08x: %u errors, %s", buffers[i], b->errors, b->error.reg);
            b->errors = 0;
            chip_for(b, MS);
        }
        mac_on(b, true, 0x200);
        send_from(b, ERAM + 0x4000 - 60, 60); /* the last there are */
        chip_for(b, MS);
        CHECK(b->frames == 1u + anywhere);
    }
}

UNIT(lpc2468_ethernet, collision_test_3_0_collides_with_every_frame_in_half_duplex)
{
    struct chip_bench *b = running();

    mii_write(b, 1, 0, 0x3180);
    CHECK(goes_out(b)); /* full duplex does not listen */
    mac_on(b, false, 0x200);
    send_from(b, TX_BUF, 60);
    chip_for(b, 1000 * MS);
    CHECK_INT(b->frames, 1);
    CHECK(get(b, TX_STAT) >> 27 & 1u); /* ExcessiveCollision */
    mii_write(b, 1, 0, 0x3100);
    CHECK(goes_out(b));
}

UNIT(lpc2468_ethernet, loop_out_3_16_sends_back_what_comes_in)
{
    struct chip_bench *b = running();

    mii_write(b, 1, 16, 0x0511);
    CHECK(comes_in(b)); /* and the MAC has it, too */
    CHECK_INT(b->frames, 1);
    CHECK_INT(b->frame_length, 60);
    CHECK(b->frame[12] == 0x88 && !b->frame_bad_fcs);
    arrive(b, EMAC_RX_CRC);
    CHECK(b->frames == 2 && b->frame_bad_fcs);
    mii_write(b, 1, 16, 0x0510);
    arrive(b, 0);
    CHECK_INT(b->frames, 2);
}

UNIT(lpc2468_ethernet, loopback_3_0_of_the_phy_brings_frames_back_to_memory)
{
    struct chip_bench *b = running();
    uint32_t before = get(b, A_RX_PRODUCE);

    mii_write(b, 1, 0, 0x6100);
    CHECK(!goes_out(b));
    CHECK_INT(get(b, A_RX_PRODUCE), before + 1);
    CHECK_INT(get(b, RX_BUF), get(b, TX_BUF));
}

UNIT(lpc2468_ethernet, isolate_3_0_lets_nothing_pass)
{
    struct chip_bench *b = running();

    mii_write(b, 1, 0, 0x3500);
    CHECK(!goes_out(b) && !comes_in(b));
    mii_write(b, 1, 0, 0x3100);
    CHECK(goes_out(b) && comes_in(b));
}

UNIT(lpc2468_ethernet, symbol_errors_3_22_are_counted_by_the_phy)
{
    struct chip_bench *b = running();

    arrive(b, EMAC_RX_SYMBOL);
    arrive(b, EMAC_RX_SYMBOL);
    arrive(b, EMAC_RX_CRC);
    CHECK_INT(mii_read(b, 1, 22), 2);
    CHECK_INT(mii_read(b, 1, 22), 0);
    lpc2468_partner(b->chip, &(struct mii_partner){0}, b->now_ns);
    arrive(b, EMAC_RX_SYMBOL);
    CHECK_INT(mii_read(b, 1, 22), 0);
}

UNIT(lpc2468_ethernet, fault_injection_of_the_owner_reaches_the_emac)
{
    struct chip_bench *b = running();

    b->tx_fault.underrun = true;
    goes_out(b);
    CHECK(get(b, TX_STAT) >> 29 & 1u);
}

UNIT(lpc2468_ethernet, carrier_keeps_the_receiver_active)
{
    struct chip_bench *b = running();

    lpc2468_carrier(b->chip, b->now_ns + 5000, b->now_ns);
    set(b, A_COMMAND, get(b, A_COMMAND) & ~1u);
    CHECK_INT(get(b, EMAC(0x104)) & 1u, 1);
    chip_for(b, 6000);
    CHECK_INT(get(b, EMAC(0x104)) & 1u, 0);
}

UNIT(lpc2468_ethernet, guest_error_of_the_emac_has_the_pc)
{
    struct chip_bench *b = running();

    lpc2468_pc(b->chip, 0x4711);
    lpc2468_write(b->chip, A_INT_STATUS, 1, 4, b->now_ns);
    CHECK_INT(b->error.pc, 0x4711);
    expect_error(b, GUEST_READ_ONLY, true, "IntStatus", A_INT_STATUS, 1);
}

UNIT(lpc2468_ethernet, power_down_of_the_emac_4_22_keeps_the_mode_of_its_pins)
{
    struct chip_bench *b = running();

    set(b, EMAC(0xff4), 0x80000000u);
    lpc2468_write(b->chip, A_COMMAND, 0, 4, b->now_ns);
    CHECK(b->errors == 1 && b->error.kind == GUEST_POWERED_DOWN);
    b->errors = 0;
    set(b, EMAC(0xff4), 0);
    CHECK(get(b, A_COMMAND) & 0x200u);
    CHECK(goes_out(b));
}

/* With frames on their way in both directions. */
static uint64_t traffic(struct chip_bench *b, uint64_t seed)
{
    uint64_t sum = seed;

    for (unsigned i = 0; i < 200; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t draw = (uint32_t)(seed >> 32);
        if (draw & 1 && (get(b, A_TX_PRODUCE) + 1) % SLOTS != get(b, A_TX_CONSUME))
            send_from(b, TX_BUF + (draw >> 20 & 63u), 60 + (draw >> 8 & 511u));
        if (draw & 2)
            arrive(b, 0);
        if (draw & 4)
            set(b, EMAC(0x118), get(b, A_RX_PRODUCE));
        chip_for(b, draw >> 16);
        sum = sum * 31 + get(b, A_INT_STATUS) + b->frame_ns + b->frames + lpc2468_next(b->chip);
        set(b, A_INT_CLEAR, draw >> 3 & 0xffu);
    }
    return sum;
}

UNIT(lpc2468_ethernet, snapshot_with_frames_under_way_goes_on_identically)
{
    struct chip_bench *b = running(), bench;
    void *copy = malloc(lpc2468_size());

    set(b, A_INT_ENABLE, 0xff);
    set(b, A_VIC_ENABLE, 1u << 21);
    traffic(b, 1);
    send_from(b, TX_BUF, 1500 & 1023);
    chip_for(b, 100);
    memcpy(copy, b->chip, lpc2468_size());
    bench = *b;
    for (unsigned seed = 2; seed < 8; seed++) {
        uint64_t sums[2];
        for (unsigned k = 0; k < 2; k++) {
            memcpy(b->chip, copy, lpc2468_size());
            *b = bench;
            sums[k] = traffic(b, seed);
        }
        CHECK(sums[0] == sums[1]);
    }
}
