/* Power, pins, clock and DMA of the EMAC in the chip, with the PHY on its pins. */
#include "lpc2468_driver.h"

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
