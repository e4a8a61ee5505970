/* Chip, EMAC and PHY together at work: interrupts of both, the PHY's special modes, snapshots. */
#include "lpc2468_driver.h"

UNIT(lpc2468_frames, interrupt_of_the_emac_comes_through_vic_21_to_the_nanosecond)
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

UNIT(lpc2468_frames, interrupt_set_at_the_instant_of_intclear_wins_18)
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

UNIT(lpc2468_frames, interrupt_of_the_phy_comes_through_eint0_and_vic_14)
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

UNIT(lpc2468_frames, link_that_is_gone_takes_frames_with_it)
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

UNIT(lpc2468_frames, collision_test_3_0_collides_with_every_frame_in_half_duplex)
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

UNIT(lpc2468_frames, loop_out_3_16_sends_back_what_comes_in)
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

UNIT(lpc2468_frames, loopback_3_0_of_the_phy_brings_frames_back_to_memory)
{
    struct chip_bench *b = running();
    uint32_t before = get(b, A_RX_PRODUCE);

    mii_write(b, 1, 0, 0x6100);
    CHECK(!goes_out(b));
    CHECK_INT(get(b, A_RX_PRODUCE), before + 1);
    CHECK_INT(get(b, RX_BUF), get(b, TX_BUF));
}

UNIT(lpc2468_frames, isolate_3_0_lets_nothing_pass)
{
    struct chip_bench *b = running();

    mii_write(b, 1, 0, 0x3500);
    CHECK(!goes_out(b) && !comes_in(b));
    mii_write(b, 1, 0, 0x3100);
    CHECK(goes_out(b) && comes_in(b));
}

UNIT(lpc2468_frames, symbol_errors_3_22_are_counted_by_the_phy)
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

UNIT(lpc2468_frames, fault_injection_of_the_owner_reaches_the_emac)
{
    struct chip_bench *b = running();

    b->tx_fault.underrun = true;
    goes_out(b);
    CHECK(get(b, TX_STAT) >> 29 & 1u);
}

UNIT(lpc2468_frames, carrier_keeps_the_receiver_active)
{
    struct chip_bench *b = running();

    lpc2468_carrier(b->chip, b->now_ns + 5000, b->now_ns);
    set(b, A_COMMAND, get(b, A_COMMAND) & ~1u);
    CHECK_INT(get(b, EMAC(0x104)) & 1u, 1);
    chip_for(b, 6000);
    CHECK_INT(get(b, EMAC(0x104)) & 1u, 0);
}

UNIT(lpc2468_frames, guest_error_of_the_emac_has_the_pc)
{
    struct chip_bench *b = running();

    lpc2468_pc(b->chip, 0x4711);
    lpc2468_write(b->chip, A_INT_STATUS, 1, 4, b->now_ns);
    CHECK_INT(b->error.pc, 0x4711);
    expect_error(b, GUEST_READ_ONLY, true, "IntStatus", A_INT_STATUS, 1);
}

UNIT(lpc2468_frames, power_down_of_the_emac_4_22_keeps_the_mode_of_its_pins)
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

UNIT(lpc2468_frames, snapshot_with_frames_under_way_goes_on_identically)
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
    free(copy);
}
