/* The transmit path: order, time, fragments, padding, FCS, limits (sheet, 4.2, 4.3, 5 to 7, 10). */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"
#define MIN_NS ((8 + 64) * 80u)
#define GAP_NS 960u

UNIT(emac_tx, section_7_an_idle_transmitter_sends_at_once_and_reports_when_it_is_out)
{
    struct bench *b = bench_started(NULL);
    uint64_t t = b->now;

    ram32_set(b, TX_STATUSES, 0x12345678);
    tx_send(b, frame(ALL, 60, 3), 60);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(last_sent(b)->t_ns, t);
    CHECK_INT(last_sent(b)->length, 60);
    CHECK(!last_sent(b)->bad_fcs);
    CHECK_MEM(last_sent(b)->bytes, frame(ALL, 60, 3), 60);
    CHECK_INT(rd(b, STATUS) & 2, 2);
    run_to(b, t + MIN_NS - 1);
    CHECK_INT(rd(b, TX_CONSUME), 0);
    CHECK_INT(tx_status(b, 0), 0x12345678);
    CHECK_INT(rd(b, INT_STATUS), 0);
    CHECK(!b->line);
    CHECK_INT(emac_next(b->e), t + MIN_NS);
    run_to(b, t + MIN_NS);
    CHECK_INT(rd(b, TX_CONSUME), 1);
    CHECK_INT(tx_status(b, 0), 0);
    CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
    CHECK(b->line);
    CHECK_INT(rd(b, STATUS) & 2, 0);
    CHECK_INT(counters(b).tx_sent, 1);
    bench_end(b);
}

UNIT(emac_tx, section_7_a_jump_of_the_index_sends_all_with_gaps_between)
{
    struct bench *b = bench_started(NULL);
    uint64_t t = b->now;

    for (unsigned i = 0; i < 3; i++)
        tx_put(b, i, frame(ALL, 60 + i, (uint8_t)i), 60 + i, C_LAST | (i == 1 ? C_INT : 0));
    wr(b, TX_PRODUCE, 3);
    run_to(b, t + MIN_NS);
    CHECK_INT(rd(b, INT_STATUS), 0); /* no Interrupt in descriptor 0, and the array is not empty */
    CHECK_INT(b->sent_count, 1);
    run_to(b, t + MIN_NS + GAP_NS);
    CHECK_INT(b->sent_count, 2);
    CHECK_INT(last_sent(b)->t_ns, t + MIN_NS + GAP_NS);
    run_to(b, t + 2 * MIN_NS + GAP_NS + 80);
    CHECK_INT(rd(b, INT_STATUS), TX_DONE);
    wr(b, INT_CLEAR, TX_DONE);
    run_for(b, 1000000);
    CHECK_INT(b->sent[2].t_ns, t + 2 * MIN_NS + 80 + 2 * GAP_NS);
    CHECK_INT(b->sent[2].length, 62);
    CHECK_INT(rd(b, INT_STATUS), TX_FINISHED);
    CHECK_INT(rd(b, TX_CONSUME), 3);
    bench_end(b);
}

UNIT(emac_tx, section_4_3_ipgt_is_the_gap)
{
    static const struct { uint32_t ipgt; bool full; uint16_t mbps; uint32_t ns; } cases[] = {
        {0x15, true, 100, 960}, {0x12, false, 100, 960}, {0, true, 100, 120},
        {0x7f, true, 100, 130 * 40}, {0x15, true, 10, 9600}};

    for (unsigned i = 0; i < 5; i++) {
        struct bench *b = bench_new(NULL);
        b->medium.full_duplex = cases[i].full;
        b->medium.mbps = cases[i].mbps;
        bench_start(b, 4, 4, BUFFER);
        wr(b, IPGT, cases[i].ipgt);
        tx_send(b, frame(ALL, 60, 1), 60);
        tx_send(b, frame(ALL, 60, 2), 60);
        run_for(b, 10000000);
        CHECK_INT(b->sent[1].t_ns - b->sent[0].t_ns,
                  72 * (cases[i].mbps == 10 ? 800u : 80u) + cases[i].ns);
        bench_end(b);
    }
}

UNIT(emac_tx, section_6_the_ring_wraps_and_has_room_for_one_less)
{
    struct bench *b = bench_started(NULL);

    for (unsigned i = 0; i < 41; i++) {
        tx_send(b, frame(ALL, 60 + i, (uint8_t)i), 60 + i);
        CHECK_INT(last_sent(b)->length, 60 + i);
        run_for(b, 20000);
        CHECK_INT(rd(b, TX_CONSUME), (i + 1) % 4);
    }
    bench_end(b);
}

UNIT(emac_tx, section_6_a_ring_of_one_never_moves)
{
    struct bench *b = bench_new(NULL);

    bench_start(b, 1, 1, BUFFER);
    tx_put(b, 0, frame(ALL, 60, 1), 60, C_LAST);
    wr(b, TX_PRODUCE, 0);
    run_for(b, 100000);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(rd(b, STATUS), 0);
    bench_end(b);
}

UNIT(emac_tx, section_7_3_fragments_are_joined_and_given_back_in_turn)
{
    struct bench *b = bench_started(NULL);
    const uint8_t *f = frame(ALL, 100, 9);
    uint64_t t = b->now;

    tx_put(b, 0, f, 1, C_INT);
    tx_put(b, 1, f + 1, 39, 0);
    tx_put(b, 2, f + 40, 60, C_LAST);
    wr(b, TX_PRODUCE, 3);
    CHECK_INT(b->sent_count, 1);
    CHECK_MEM(last_sent(b)->bytes, f, 100);
    CHECK_INT(rd(b, TX_CONSUME), 2); /* their data is accepted */
    CHECK_INT(rd(b, INT_STATUS), TX_DONE);
    run_to(b, t + (8 + 104) * 80);
    CHECK_INT(rd(b, TX_CONSUME), 3);
    CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
    bench_end(b);
}

UNIT(emac_tx, section_7_no_descriptor_loses_the_frame_up_to_its_end)
{
    struct bench *b = bench_started(NULL);
    const uint8_t *f = frame(ALL, 100, 9);

    tx_put(b, 0, f, 40, 0);
    wr(b, TX_PRODUCE, 1); /* a fragment at a time */
    CHECK_INT(tx_status(b, 0), 0x40000000);
    CHECK_INT(rd(b, INT_STATUS), TX_ERROR | TX_FINISHED);
    wr(b, INT_CLEAR, 0xffff);
    tx_put(b, 1, f + 40, 60, C_LAST);
    wr(b, TX_PRODUCE, 2);
    CHECK_INT(tx_status(b, 1), 0x40000000);
    CHECK_INT(b->sent_count, 0);
    tx_send(b, f, 100);
    CHECK_INT(b->sent_count, 1);
    CHECK_INT(last_sent(b)->length, 100);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 2), 0);
    CHECK_INT(counters(b).tx_error, 1);
    bench_end(b);
}

UNIT(emac_tx, section_7_5_enabling_an_empty_array_is_tx_finished)
{
    struct bench *b = bench_started(NULL);

    CHECK_INT(rd(b, INT_STATUS), 0);
    wr(b, COMMAND, rd(b, COMMAND) & ~2u);
    wr(b, COMMAND, rd(b, COMMAND) | 2);
    CHECK_INT(rd(b, INT_STATUS), TX_FINISHED);
    bench_end(b);
}

UNIT(emac_tx, section_4_15_bit_1_cleared_in_mid_frame_completes_it_and_status_drops)
{
    struct bench *b = bench_started(NULL);
    uint64_t t = b->now;

    tx_send(b, frame(ALL, 60, 1), 60);
    tx_send(b, frame(ALL, 60, 2), 60);
    run_for(b, 1000);
    wr(b, COMMAND, rd(b, COMMAND) & ~2u);
    CHECK_INT(rd(b, STATUS) & 2, 2);
    run_to(b, t + MIN_NS - 1);
    CHECK_INT(rd(b, STATUS) & 2, 2);
    run_to(b, t + MIN_NS);
    CHECK_INT(rd(b, STATUS) & 2, 0);
    CHECK_INT(rd(b, TX_CONSUME), 1);
    CHECK_INT(tx_status(b, 0), 0);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 1);
    wr(b, COMMAND, rd(b, COMMAND) | 2);
    CHECK_INT(b->sent_count, 2);
    bench_end(b);
}

UNIT(emac_tx, section_10_the_table_of_padding_and_fcs)
{
    /* MAC2 bits 7:4 and Override's Pad and CRC; length with a tag or not; length on the wire */
    static const struct {
        uint32_t mac2, control, length;
        bool vlan;
        uint32_t wire;
    } cases[] = {
        {0x00, 0, 50, false, 50},            /* no padding, no FCS */
        {0x10, 0, 50, false, 54},            /* FCS only */
        {0xd0, 0, 50, true, 54},             /* AUTO and VLANPAD without PAD: nothing */
        {0x30, 0, 50, false, 64},            {0x20, 0, 50, false, 64},
        {0x30, 0, 59, false, 64},            {0x30, 0, 60, false, 64},
        {0x30, 0, 61, false, 65},            {0x20, 0, 61, false, 61}, /* needs none: ECRC says */
        {0x30, 0, 50, true, 64},             {0x70, 0, 50, false, 68},
        {0x70, 0, 64, false, 68},            {0xf0, 0, 50, false, 68},
        {0xb0, 0, 50, false, 64},            {0xb0, 0, 50, true, 68},
        {0xb0, 0, 64, true, 68},             {0xa0, 0, 63, true, 68},
        {0x30, C_OVERRIDE, 50, false, 50},   {0x30, C_OVERRIDE | C_CRC, 50, false, 54},
        {0x00, C_OVERRIDE | C_PAD, 50, false, 64},
        {0x00, C_OVERRIDE | C_PAD | C_CRC, 70, false, 74},
        {0x00, C_OVERRIDE | C_PAD, 70, false, 70},
        {0x00, C_PAD | C_CRC, 50, false, 50}, /* ignored without Override */
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        uint8_t f[100];
        uint64_t t = b->now;
        memcpy(f, frame(ALL, 100, 5), 100);
        if (cases[i].vlan)
            memcpy(f + 12, "\x81\x00", 2);
        wr(b, MAC2, cases[i].mac2 | 1);
        tx_put(b, 0, f, cases[i].length, C_LAST | cases[i].control);
        wr(b, TX_PRODUCE, 1);
        CHECKF(emac_next(b->e) == t + (8 + cases[i].wire) * 80, "case %u", i);
        const struct bench_frame *s = last_sent(b);
        CHECKF(s->length == cases[i].wire - 4, "case %u: %u bytes", i, s->length);
        for (uint32_t k = 0; k < s->length; k++)
            CHECKF(s->bytes[k] == (k < cases[i].length ? f[k] : 0), "case %u byte %u", i, k);
        run_for(b, 100000);
        CHECK_INT(rd(b, TSV1) & 0xffff, cases[i].wire);
        bench_end(b);
    }
}

UNIT(emac_tx, section_10_an_fcs_of_the_drivers_own)
{
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        struct bench *b = bench_started(NULL);
        uint8_t f[104];
        memcpy(f, frame(ALL, 100, 5), 100);
        slow_fcs(f, 100, f + 100);
        f[103] ^= (uint8_t)wrong;
        wr(b, MAC2, 1);
        tx_send(b, f, 104);
        CHECK_INT(last_sent(b)->length, 100);
        CHECK_INT(last_sent(b)->bad_fcs, wrong);
        run_for(b, 100000);
        CHECK_INT(rd(b, TSV0) & 1, wrong); /* 4.17 bit 0 */
        CHECK_INT(tx_status(b, 0), 0);
        bench_end(b);
    }
}

UNIT(emac_tx, section_4_2_bit_3_delayed_crc_leaves_four_bytes_out)
{
    struct bench *b = bench_started(NULL);
    uint8_t f[104];

    wr(b, MAC2, 0x39);
    tx_send(b, frame(ALL, 100, 5), 100);
    CHECK(last_sent(b)->bad_fcs); /* to everybody who does not know of the header */
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0) & 1, 0);
    memcpy(f, frame(ALL, 100, 5), 100);
    slow_fcs(f + 4, 96, f + 100);
    wr(b, MAC2, 0x09);
    tx_send(b, f, 104);
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0) & 1, 0);
    bench_end(b);
}

UNIT(emac_tx, section_4_6_maxf_cuts_and_is_a_guest_error)
{
    struct bench *b = bench_started(NULL);

    wr(b, MAXF, 1000);
    tx_send(b, frame(ALL, 996, 5), 996);
    CHECK_INT(b->error_count, 0);
    run_for(b, 200000);
    CHECK_INT(rd(b, TSV0) & 0x400, 0);
    tx_send(b, frame(ALL, 997, 5), 997);
    CHECK_INT(b->last_error.value, 1001);
    expect_error(b, GUEST_FRAME);
    CHECK_INT(last_sent(b)->length, 996);
    CHECK(last_sent(b)->bad_fcs);
    run_for(b, 200000);
    CHECK_INT(rd(b, TSV0) & 0x400, 0x400); /* 4.17 bit 10 */
    CHECK_INT(rd(b, TSV1), 1000);
    bench_end(b);
}

UNIT(emac_tx, knob_tx_cut_silently)
{
    struct bench *b = bench_started(&(struct emac_knobs){.tx_cut_silently = true});

    wr(b, MAXF, 1000);
    tx_send(b, frame(ALL, 1200, 5), 1200);
    expect_error(b, GUEST_FRAME);
    CHECK_INT(last_sent(b)->length, 996);
    run_for(b, 200000);
    CHECK_INT(rd(b, TSV0) & 0x400, 0);
    bench_end(b);
}

/* Without Override a Last is none: the frame goes on to the next that has both. */
UNIT(emac_tx, knob_last_needs_override_20_7)
{
    for (unsigned knob = 0; knob < 2; knob++) {
        struct bench *b = bench_started(&(struct emac_knobs){.last_needs_override = knob});

        tx_put(b, 0, frame(ALL, 100, 5), 100, C_LAST);
        tx_put(b, 1, frame(ALL, 200, 5), 200, C_LAST | C_OVERRIDE | C_CRC | C_PAD);
        wr(b, TX_PRODUCE, 2);
        run_for(b, 200000);
        CHECK_INT(last_sent(b)->length, knob ? 300 : 200);
        CHECK_INT(b->sent_count, knob ? 1 : 2);
        CHECK_INT(rd(b, TX_CONSUME), 2);
        bench_end(b);
    }
}

UNIT(emac_tx, section_4_2_bit_2_and_control_bit_27_huge_let_it_pass)
{
    struct bench *b = bench_started(NULL);

    wr(b, MAXF, 1000);
    wr(b, MAC2, 0x35);
    tx_send(b, frame(ALL, 1200, 5), 1200);
    CHECK_INT(last_sent(b)->length, 1200);
    run_for(b, 200000);
    CHECK_INT(rd(b, TSV0) & 0x404, 0); /* no range error either */
    wr(b, MAC2, 0x31);
    tx_put(b, 1, frame(ALL, 1300, 5), 1300, C_LAST | C_OVERRIDE | C_HUGE | C_CRC | C_PAD);
    wr(b, TX_PRODUCE, 2);
    CHECK_INT(last_sent(b)->length, 1300);
    run_for(b, 200000);
    wr(b, MAC2, 0x35);
    tx_put(b, 2, frame(ALL, 1300, 5), 1300, C_LAST | C_OVERRIDE | C_CRC | C_PAD);
    wr(b, TX_PRODUCE, 3);
    expect_error(b, GUEST_FRAME); /* Override takes MAC2's Huge away */
    CHECK_INT(last_sent(b)->length, 996);
    bench_end(b);
}

UNIT(emac_tx, a_chain_over_the_largest_frame_is_cut)
{
    struct bench *b = bench_started(NULL);
    uint32_t n = 64;

    wr(b, COMMAND, 0x600);
    wr(b, TX_NUMBER, n - 1);
    wr(b, TX_STATUS, TX_STATUSES);
    for (uint32_t i = 0; i < n - 1; i++) {
        ram32_set(b, TX_DESCRIPTORS + 8 * i, RX_BUFFERS);
        ram32_set(b, TX_DESCRIPTORS + 8 * i + 4, 0x7ff | (i == n - 2 ? C_LAST : 0));
    }
    wr(b, MAC2, 0x35);
    wr(b, TX_PRODUCE, n - 1);
    wr(b, COMMAND, 0x602);
    CHECK_INT(last_sent(b)->length, EMAC_FRAME_MAX - 4);
    run_for(b, 10000000);
    CHECK_INT(rd(b, TX_CONSUME), n - 1);
    bench_end(b);
}

UNIT(emac_tx, guest_error_frame_shorter_than_its_addresses)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(ALL, 11, 1), 11);
    CHECK_INT(b->last_error.value, 11);
    expect_error(b, GUEST_FRAME);
    CHECK_INT(last_sent(b)->length, 60);
    run_for(b, 100000);
    wr(b, MAC2, 1);
    tx_send(b, frame(ALL, 3, 1), 3);
    expect_error(b, GUEST_FRAME);
    CHECK(last_sent(b)->bad_fcs);
    run_for(b, 100000);
    CHECK_INT(rd(b, TX_CONSUME), 2);
    bench_end(b);
}

UNIT(emac_tx, guest_error_duplex_is_told_once_and_command_counts)
{
    struct bench *b = bench_started(NULL);

    wr(b, MAC2, 0x30);
    tx_send(b, frame(ALL, 60, 1), 60);
    expect_error(b, GUEST_DUPLEX);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(b->error_count, 0);
    CHECK_INT(b->sent[1].t_ns - b->sent[0].t_ns, MIN_NS + 960); /* + 3 nibbles: full */
    wr(b, MAC2, 0x30);
    tx_send(b, frame(ALL, 60, 1), 60);
    expect_error(b, GUEST_DUPLEX);
    bench_end(b);
}

UNIT(emac_tx, section_4_17_tsv0_says_what_was_sent)
{
    static const struct { char bytes[19]; uint32_t bits; } cases[] = {
        {"\x02\x02\x02\x02\x02\x02\1\1\1\1\1\1\x08\x00", 0x00000c & 0x4},
        {"\x03\x02\x02\x02\x02\x02\1\1\1\1\1\1\x00\x2e", 0x10},
        {"\xff\xff\xff\xff\xff\xff\1\1\1\1\1\1\x08\x06", 0x24},
        {"\x02\x02\x02\x02\x02\x02\1\1\1\1\1\1\x81\x00", 0x80000004},
        {"\x01\x80\xc2\x00\x00\x01\1\1\1\1\1\1\x88\x08\x00\x01\x00\x00", 0x30000014},
        {"\x01\x80\xc2\x00\x00\x01\1\1\1\1\1\1\x88\x08\x00\x02\x00\x00", 0x10000014},
        {"\x02\x02\x02\x02\x02\x02\1\1\1\1\1\1\x00\x2f", 2}, /* 47 in a payload of 46 */
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        uint8_t f[60] = {0};
        memcpy(f, cases[i].bytes, 18);
        wr(b, MAC2, 0x33);
        tx_send(b, f, 60);
        run_for(b, 100000);
        uint32_t expected = cases[i].bits | 8 | 64u << 12;
        CHECKF(rd(b, TSV0) == expected, "case %u: 0x%08x, not 0x%08x", i, rd(b, TSV0), expected);
        CHECK_INT(rd(b, TSV1), 64);
        bench_end(b);
    }
}

UNIT(emac_tx, section_4_2_bit_1_frame_length_check_is_asked_for)
{
    struct bench *b = bench_started(NULL);
    uint8_t f[100];

    memcpy(f, frame(ALL, 100, 1), 100);
    memcpy(f + 12, "\x00\x2f", 2);
    tx_send(b, f, 100);
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0) & 2, 0);
    wr(b, MAC2, 0x33);
    tx_send(b, f, 100);
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0) & 2, 2);
    memcpy(f + 12, "\x00\x56", 2); /* 86 = 100 - 14 */
    tx_send(b, f, 100);
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0) & 2, 0);
    bench_end(b);
}

UNIT(emac_tx, knob_no_range_quirk_clears_tsv0_bit_2)
{
    struct bench *b = bench_started(&(struct emac_knobs){.no_range_quirk = true});

    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(rd(b, TSV0), 0x28 | 64u << 12);
    bench_end(b);
}

UNIT(emac_tx, knob_tx_consume_erratum_e1)
{
    struct bench *b = bench_started(&(struct emac_knobs){.tx_consume_erratum = true});

    for (unsigned round = 0; round < 2; round++) {
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000);
        CHECK_INT(rd(b, TX_CONSUME), 0);
        CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
        CHECK_INT(rd(b, STATUS) & 2, 0);
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000);
        CHECK_INT(rd(b, TX_CONSUME), 2);
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000);
        CHECK_INT(rd(b, TX_CONSUME), 3);
        wr(b, INT_CLEAR, 0xffff);
        wr(b, COMMAND, rd(b, COMMAND) | 0x10); /* once after each reset */
    }
    bench_end(b);
}

UNIT(emac_tx, knob_dma_ns_delays_the_first_bit)
{
    struct bench *b = bench_started(&(struct emac_knobs){.dma_ns = 700});
    uint64_t t = b->now;

    tx_send(b, frame(ALL, 60, 1), 60);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(emac_next(b->e), t + 700);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(b->sent[0].t_ns, t + 700);
    CHECK_INT(b->sent[1].t_ns, t + 700 + MIN_NS + GAP_NS);
    bench_end(b);
}

UNIT(emac_tx, without_a_link_frames_are_sent_to_nobody)
{
    struct bench *b = bench_started(NULL);

    b->medium.link = false;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), 0);
    CHECK_INT(rd(b, TX_CONSUME), 1);
    b->medium.link = true;
    b->medium.isolated = true;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(counters(b).tx_no_link, 2);
    bench_end(b);
}

UNIT(emac_tx, section_4_7_bit_8_and_4_15_bit_9_rmii_needs_the_right_speed)
{
    for (unsigned i = 0; i < 8; i++) {
        struct bench *b = bench_new(NULL);
        bool hundred = i & 1, speed = i & 2, rmii = i & 4, passes = !rmii || hundred == speed;
        b->medium.mbps = hundred ? 100 : 10;
        bench_start(b, 4, 4, BUFFER);
        wr(b, SUPP, speed ? 0x100 : 0);
        wr(b, COMMAND, (rd(b, COMMAND) & ~0x200u) | (rmii ? 0x200 : 0));
        tx_send(b, frame(ALL, 60, 1), 60);
        run_for(b, 100000);
        CHECK_INT(b->sent_count, passes);
        arrive(b, frame(ALL, 60, 1), 60, 0);
        CHECK_INT(rd(b, RX_PRODUCE), passes);
        bench_end(b);
    }
}

UNIT(emac_tx, a_lost_clock_stops_the_transmitter_until_it_is_back)
{
    struct bench *b = bench_started(NULL);

    b->medium.clock = false;
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(emac_next(b->e), EMAC_NEVER);
    b->medium.clock = true;
    run_for(b, 0);
    CHECK_INT(b->sent_count, 1);
    b->medium.clock = false; /* in mid-frame */
    run_for(b, 100000);
    CHECK_INT(tx_status(b, 0), S_ERROR | 0x20000000);
    CHECK_INT(b->cut_count, 1);
    CHECK_INT(rd(b, STATUS) & 2, 0);
    bench_end(b);
}

UNIT(emac_tx, section_4_1_bit_4_loopback_comes_back_and_does_not_go_out)
{
    for (unsigned phy = 0; phy < 2; phy++) {
        struct bench *b = bench_started(NULL);
        uint64_t t = b->now;
        uint8_t f[80];
        memcpy(f, frame(STATION, 80, 1), 80);
        if (phy != 0) {
            b->medium.loopback = true;
            b->medium.link = false;
        } else {
            wr(b, MAC1, 0x11);
        }
        tx_send(b, f, 80);
        run_to(b, t + (8 + 84) * 80 - 1);
        CHECK_INT(rd(b, RX_PRODUCE), 0);
        run_to(b, t + (8 + 84) * 80);
        CHECK_INT(rd(b, RX_PRODUCE), 1);
        CHECK_INT(rx_status(b, 0), S_LAST | S_RANGE | S_ERROR | 83);
        CHECK_MEM(rx_buffer(b, 0), f, 80);
        CHECK_INT(b->sent_count, 0);
        arrive(b, f, 80, 0); /* the medium is not heard */
        CHECK_INT(rd(b, RX_PRODUCE), 1);
        CHECK_INT(counters(b).rx_no_link, 1);
        CHECK_INT(counters(b).tx_looped, 1);
        wr(b, MAC2, 1); /* a wrong FCS of our own comes back as such */
        tx_send(b, f, 80);
        run_for(b, 100000);
        CHECK_INT(rd(b, RX_PRODUCE), 2);
        CHECK_INT(rx_status(b, 1) & S_CRC, S_CRC);
        bench_end(b);
    }
}
