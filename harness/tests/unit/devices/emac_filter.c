/* The receive filter, its hash, and what wakes the chip (sheet, 4.14, 4.19, 4.20, 9, 15). */
#include "emac_bench.h"

#include "sim/devices/emac_crc_table.h"

#define ALL "\xff\xff\xff\xff\xff\xff"
#define GROUP "\x01\x00\x5e\x00\x00\x01"
#define OTHER "\x02\x00\x00\x11\x22\x34"

/* 9.2, made by three independent routines there */
static const struct { const char *address; uint32_t crc, index, top; } golden[] = {
    {"\xff\xff\xff\xff\xff\xff", 0xff48647d, 62, 0x1fe},
    {"\x01\x00\x5e\x00\x00\x01", 0x7fa32d9b, 63, 0x0ff},
    {"\x01\x00\x5e\x00\x00\xfb", 0x3f7b3b21, 62, 0x07e},
    {"\x01\x00\x5e\x7f\xff\xfa", 0xae3c4afc, 28, 0x15c},
    {"\x33\x33\x00\x00\x00\x01", 0xf99baaba, 51, 0x1f3},
    {"\x33\x33\xff\x11\x22\x33", 0x91808b8f, 35, 0x123},
    {"\x01\x80\xc2\x00\x00\x01", 0x0ed423f9, 29, 0x01d},
    {"\x01\x80\xc2\x00\x00\x00", 0x67d8c317, 15, 0x0cf},
    {"\x02\x00\x00\x11\x22\x33", 0x6488ce60, 9, 0x0c9},
    {"\x00\x00\x00\x00\x00\x00", 0x3a7abc72, 52, 0x074},
    {"\x00\x01\x02\x03\x04\x05", 0xad0c28f3, 26, 0x15a},
};
#define GOLDEN (sizeof golden / sizeof golden[0])

static bool accepted(struct bench *b, const char *da)
{
    uint32_t before = rd(b, RX_PRODUCE);

    arrive(b, frame(da, 60, 1), 60, 0);
    bool in = rd(b, RX_PRODUCE) != before;
    wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
    return in;
}

UNIT(emac_filter, section_9_2_golden_vectors)
{
    for (unsigned i = 0; i < GOLDEN; i++) {
        uint32_t crc = emac_hash_crc((const uint8_t *)golden[i].address, 6);
        CHECKF(crc == golden[i].crc, "vector %u: 0x%08x", i, crc);
        CHECK_INT(crc >> 23 & 0x3f, golden[i].index);
        CHECK_INT(crc >> 23, golden[i].top);
    }
}

/* Each entry by the polynomial, bit by bit. */
UNIT(emac_filter, the_table_of_the_crc_is_what_its_rule_says)
{
    for (unsigned k = 0; k < 4; k++)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t crc = byte;
            for (unsigned bit = 0; bit < 8 * (k + 1); bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
            CHECKF(table[k][byte] == crc, "table[%u][%u]", k, byte);
        }
}

UNIT(emac_filter, section_9_2_each_vector_sets_its_bit_and_no_other)
{
    for (unsigned i = 0; i < GOLDEN; i++) {
        bool group = (golden[i].address[0] & 1) != 0;
        bool broadcast = memcmp(golden[i].address, ALL, 6) == 0;
        struct bench *b = bench_started(NULL);
        wr(b, FILTER, 0x18);
        for (unsigned bit = 0; bit < 64; bit++) {
            wr(b, HASH_L, bit < 32 ? 1u << bit : 0);
            wr(b, HASH_H, bit < 32 ? 0 : 1u << (bit - 32));
            CHECKF(accepted(b, golden[i].address) == (bit == golden[i].index && !broadcast),
                   "vector %u bit %u", i, bit);
        }
        wr(b, HASH_L, 0xffffffff);
        wr(b, HASH_H, 0xffffffff);
        wr(b, FILTER, group ? 0x08 : 0x10); /* the other one's enable */
        CHECK(!accepted(b, golden[i].address));
        wr(b, FILTER, 0x18);
        wr(b, HASH_L, golden[i].index < 32 ? ~(1u << golden[i].index) : 0xffffffff);
        wr(b, HASH_H, golden[i].index < 32 ? 0xffffffff : ~(1u << (golden[i].index - 32)));
        CHECK(!accepted(b, golden[i].address));
        bench_end(b);
    }
}

UNIT(emac_filter, section_9_1_each_term_alone)
{
    static const struct { uint32_t bit; bool mine, other, group, broadcast; } cases[] = {
        {0x00, false, false, false, false}, {0x01, true, true, false, false},
        {0x02, false, false, false, true},  {0x04, false, false, true, false},
        {0x08, false, false, false, false}, {0x10, false, false, false, false},
        {0x20, true, false, false, false},  {0x3f, true, true, true, true}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        wr(b, FILTER, cases[i].bit);
        CHECK_INT(accepted(b, STATION), cases[i].mine);
        CHECK_INT(accepted(b, OTHER), cases[i].other);
        CHECK_INT(accepted(b, GROUP), cases[i].group);
        CHECK_INT(accepted(b, ALL), cases[i].broadcast);
        CHECK_INT(counters(b).rx_filtered,
                  4 - cases[i].mine - cases[i].other - cases[i].group - cases[i].broadcast);
        CHECK_INT(counters(b).rx_stored + counters(b).rx_filtered, 4);
        bench_end(b);
    }
}

UNIT(emac_filter, section_4_14_each_octet_of_the_station_address)
{
    for (unsigned octet = 0; octet < 6; octet++) {
        struct bench *b = bench_started(NULL);
        char da[6] = {0};
        wr(b, FILTER, 0x20);
        wr(b, SA2, 0);
        wr(b, SA1, 0);
        wr(b, SA0, 0);
        da[octet] = 0x42;
        CHECK(!accepted(b, da));
        wr(b, octet < 2 ? SA2 : octet < 4 ? SA1 : SA0, octet % 2 == 0 ? 0x42 : 0x4200);
        CHECK(accepted(b, da));
        bench_end(b);
    }
}

UNIT(emac_filter, section_4_15_bit_7_pass_rx_filter_and_fail_filter)
{
    struct bench *b = bench_started(NULL);

    wr(b, COMMAND, rd(b, COMMAND) | 0x80);
    arrive(b, frame(OTHER, 60, 1), 60, 0);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rx_status(b, 0) >> 20 & 1, 1);
    CHECK_INT(rx_status(b, 1) >> 20 & 1, 0);
    wr(b, RX_CONSUME, 2);
    arrive(b, frame(OTHER, 59, 1), 59, 0); /* the runt rule still applies */
    CHECK_INT(rd(b, RX_PRODUCE), 2);
    bench_end(b);
}

UNIT(emac_filter, section_4_1_bit_1_pass_all_is_about_control_frames)
{
    struct bench *b = bench_started(NULL);
    uint8_t pause[60] = "\x01\x80\xc2\x00\x00\x01\1\1\1\1\1\1\x88\x08\x00\x01\x00\x10";

    wr(b, FILTER, 4);
    arrive(b, pause, 60, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 0);
    CHECK_INT(counters(b).rx_pause, 1);
    wr(b, MAC1, 3);
    run_for(b, 10000);
    arrive(b, pause, 60, 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    CHECK_INT(rx_status(b, 0) >> 18 & 1, 1);
    wr(b, FILTER, 2);
    arrive(b, pause, 60, 0); /* and still has to pass the filter */
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    wr(b, MAC1, 1);
    wr(b, FILTER, 4);
    run_for(b, 10000);
    arrive(b, pause, 60, EMAC_RX_CRC); /* no valid control frame */
    CHECK_INT(rd(b, RX_PRODUCE), 2);
    bench_end(b);
}

UNIT(emac_filter, section_9_3_hashes_in_the_status)
{
    for (unsigned restarts = 0; restarts < 2; restarts++) {
        struct bench *b = bench_started(&(struct emac_knobs){.sa_hash_restarts = restarts});
        uint8_t f[60] = {0};
        wr(b, COMMAND, rd(b, COMMAND) | 0x80);
        for (unsigned i = 0; i < GOLDEN; i++) {
            memcpy(f, golden[i].address, 6);
            memcpy(f + 6, golden[(i + 1) % GOLDEN].address, 6);
            uint32_t at = rd(b, RX_PRODUCE);
            arrive(b, f, 60, 0);
            wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
            CHECK_INT(rx_hash(b, at) >> 16, golden[i].top);
            CHECK_INT(rx_hash(b, at) & 0xfe00, 0);
            if (restarts != 0)
                CHECK_INT(rx_hash(b, at) & 0x1ff, golden[(i + 1) % GOLDEN].top);
            else
                CHECK_INT(rx_hash(b, at) & 0x1ff, emac_hash_crc(f, 12) >> 23);
        }
        bench_end(b);
    }
}

UNIT(emac_filter, section_15_each_filter_wakes_with_its_bit)
{
    static const struct { uint32_t control, status; const char *da; } cases[] = {
        {0x01, 0x81, OTHER}, {0x02, 0x82, ALL}, {0x04, 0x84, GROUP}, {0x08, 0x88, STATION},
        {0x10, 0x90, GROUP}, {0x20, 0xa0, STATION}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        wr(b, HASH_L, 0xffffffff);
        wr(b, HASH_H, 0xffffffff);
        wr(b, FILTER, 0x2000 | cases[i].control);
        arrive(b, frame(cases[i].da, 60, 1), 60, EMAC_RX_CRC);
        CHECK_INT(rd(b, WOL_STATUS), 0); /* a bad one does not wake; it is received */
        CHECK_INT(rd(b, RX_PRODUCE), 1);
        wr(b, INT_CLEAR, 0xffff);
        arrive(b, frame(cases[i].da, 60, 1), 60, 0);
        CHECK_INT(rd(b, WOL_STATUS), cases[i].status);
        CHECK_INT(rd(b, INT_STATUS), WAKEUP);
        CHECK_INT(rd(b, RX_PRODUCE), 1); /* the waking frame is lost */
        CHECK_INT(counters(b).rx_woke, 1);
        arrive(b, frame(cases[i].da, 60, 1), 60, 0);
        CHECK_INT(rd(b, RX_PRODUCE), 2); /* awake by now */
        wr(b, WOL_CLEAR, 0x80);
        CHECK_INT(rd(b, WOL_STATUS), cases[i].status & 0x7f);
        wr(b, WOL_CLEAR, 0xffffffff);
        CHECK_INT(rd(b, WOL_STATUS), 0);
        bench_end(b);
    }
}

UNIT(emac_filter, section_15_what_the_filter_refuses_does_not_wake)
{
    struct bench *b = bench_started(NULL);

    wr(b, FILTER, 0x2020);
    wr(b, COMMAND, rd(b, COMMAND) | 0x80);
    arrive(b, frame(OTHER, 60, 1), 60, 0);
    CHECK_INT(rd(b, WOL_STATUS), 0);
    CHECK_INT(rd(b, RX_PRODUCE), 1);
    bench_end(b);
}

static void put_magic(uint8_t *p, const char *station)
{
    memset(p, 0xff, 6);
    for (unsigned i = 1; i <= 16; i++)
        memcpy(p + 6 * i, station, 6);
}

UNIT(emac_filter, section_15_magic_packet_anywhere_in_a_good_frame)
{
    for (uint32_t at = 14; at <= 98; at += 7) {
        struct bench *b = bench_started(NULL);
        uint8_t f[200];
        memcpy(f, frame(OTHER, 200, 1), 200); /* no filter wants it */
        put_magic(f + at, STATION);
        wr(b, FILTER, 0x20);
        arrive(b, f, 200, 0);
        CHECK_INT(rd(b, WOL_STATUS), 0); /* not asked for */
        wr(b, FILTER, 0x1020);
        arrive(b, f, 200, EMAC_RX_CRC);
        arrive(b, f, at + 101, 0); /* an octet is missing */
        CHECK_INT(rd(b, WOL_STATUS), 0);
        arrive(b, f, 200, 0);
        CHECK_INT(rd(b, WOL_STATUS), 0x100);
        CHECK_INT(rd(b, INT_STATUS) & WAKEUP, WAKEUP);
        CHECK_INT(rd(b, RX_PRODUCE), 0);
        wr(b, WOL_CLEAR, 0x100);
        put_magic(f + at, OTHER);
        arrive(b, f, 200, 0);
        CHECK_INT(rd(b, WOL_STATUS), 0);
        bench_end(b);
    }
}

UNIT(emac_filter, section_15_wakes_while_powered_down_and_without_rx_enable)
{
    struct bench *b = bench_started(NULL);

    wr(b, FILTER, 0x2020);
    wr(b, COMMAND, rd(b, COMMAND) & ~1u);
    wr(b, POWER, 0x80000000);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK(b->line);
    wr(b, POWER, 0);
    CHECK_INT(rd(b, WOL_STATUS), 0xa0);
    bench_end(b);
}
