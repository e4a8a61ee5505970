/* The ways drivers in the field go about it (sheet, 2.1, 13, 14, 17, 19): different orders, all of
 * them right, none of them a guest error, and frames pass both ways afterwards. */
#include "emac_bench.h"

#define ALL "\xff\xff\xff\xff\xff\xff"

static void build(struct bench *b)
{
    b->rx_number = b->tx_number = 3;
    b->rx_size = BUFFER;
    for (uint32_t i = 0; i < 4; i++) {
        ram32_set(b, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + i * BUFFER);
        ram32_set(b, RX_DESCRIPTORS + 8 * i + 4, C_INT | (BUFFER - 1));
    }
}

static void program(struct bench *b, const uint32_t (*writes)[2], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        wr(b, writes[i][0], writes[i][1]);
}
#define PROGRAM(b, writes) program(b, writes, sizeof(writes) / sizeof((writes)[0]))

/* Ten frames out and in, RxConsumeIndex after each. */
static void exchange(struct bench *b)
{
    for (unsigned i = 0; i < 10; i++) {
        uint32_t c = rd(b, RX_CONSUME), sent = b->sent_count;
        tx_send(b, frame(ALL, 60 + i, (uint8_t)i), 60u + i);
        arrive(b, frame(STATION, 80, (uint8_t)i), 80, 0);
        run_for(b, 20000);
        CHECK_INT(b->sent_count, sent + 1);
        CHECK_INT(last_sent(b)->length, 60 + i);
        CHECK_INT(rd(b, TX_CONSUME), rd(b, TX_PRODUCE));
        CHECK_INT(rd(b, RX_PRODUCE), (c + 1) % 4);
        CHECK_MEM(rx_buffer(b, c), frame(STATION, 80, (uint8_t)i), 80);
        wr(b, RX_CONSUME, (c + 1) % 4);
        wr(b, INT_CLEAR, 0xffffffff);
    }
}

static uint32_t wait_mind(struct bench *b, uint32_t mask)
{
    unsigned polls = 0;

    while ((rd(b, MIND) & mask) != 0) {
        run_for(b, 1000);
        CHECK(++polls < 100);
    }
    return rd(b, MRDD);
}

/* Enables first, bases and numbers then; reads with MCMD before MADR; MCMD stays set. */
UNIT(emac_idioms, as_freebsd_does)
{
    static const uint32_t reset[][2] = {{MAC1, 0xcf00}, {COMMAND, 0x38}, {MAC1, 0}, {COMMAND, 0},
                                        {MAC2, 0x31}, {IPGT, 0x15}, {IPGR, 0x12}, {MAXF, 1536},
                                        {SUPP, 0x100}, {SA2, 0x0002}, {SA1, 0x1100}, {SA0, 0x3322}};
    static const uint32_t start[][2] = {{COMMAND, 0x603}, {RX_DESCRIPTOR, RX_DESCRIPTORS},
                                        {RX_STATUS, RX_STATUSES}, {RX_NUMBER, 3}, {RX_CONSUME, 0},
                                        {TX_DESCRIPTOR, TX_DESCRIPTORS}, {TX_STATUS, TX_STATUSES},
                                        {TX_NUMBER, 3}, {TX_PRODUCE, 0}, {FILTER, 0x22},
                                        {INT_CLEAR, 0xffff}, {INT_ENABLE, 0xff}, {MAC1, 3}};
    struct bench *b = bench_new(NULL);

    b->phy[1][2] = 0x0181;
    PROGRAM(b, reset);
    wr(b, MCFG, 0x801c);
    wr(b, MCFG, 0x1c);
    for (unsigned i = 0; i < 3; i++) {
        wr(b, MCMD, 1);
        wr(b, MADR, 0x0102);
        CHECK_INT(wait_mind(b, 5), 0x0181);
    }
    build(b);
    for (unsigned i = 0; i < 2; i++) { /* and once more, for a stop and a start */
        PROGRAM(b, start);
        exchange(b);
        wr(b, COMMAND, rd(b, COMMAND) & ~3u);
        CHECK_INT(rd(b, STATUS), 0);
        PROGRAM(b, reset);
    }
    bench_end(b);
}

/* MAC resets, PHY through MIIM, Command's resets only then; waits for Status; recovers. */
UNIT(emac_idioms, as_rtems_does)
{
    static const uint32_t start[][2] = {{COMMAND, 0x38}, {MAC1, 0xcf00}, {MAC1, 0}, {MAC2, 0x31},
                                        {IPGT, 0x15}, {IPGR, 0x12}, {CLRT, 0x370f}, {SUPP, 0x100},
                                        {COMMAND, 0x640}, {INT_ENABLE, 0}, {INT_CLEAR, 0x30ff},
                                        {SA2, 0x0002}, {SA1, 0x1100}, {SA0, 0x3322},
                                        {RX_DESCRIPTOR, RX_DESCRIPTORS}, {RX_NUMBER, 3},
                                        {RX_STATUS, RX_STATUSES}, {RX_CONSUME, 0},
                                        {TX_DESCRIPTOR, TX_DESCRIPTORS}, {TX_NUMBER, 3},
                                        {TX_STATUS, TX_STATUSES}, {TX_PRODUCE, 0}, {FILTER, 0x22},
                                        {INT_ENABLE, 0x19}};
    struct bench *b = bench_new(&(struct emac_knobs){.hang_without_clock = true});

    b->medium.clock = false; /* until the PHY is told */
    wr(b, MAC1, 0x0f00);
    wr(b, MCFG, 0x8028); /* select 10, of a part with a wider field */
    wr(b, MCFG, 0x28);
    wr(b, MADR, 0x0100);
    wr(b, MWTD, 0x1200);
    wait_mind(b, 1);
    CHECK_INT(b->phy[1][0], 0x1200);
    b->medium.clock = true;
    build(b);
    PROGRAM(b, start);
    wr(b, COMMAND, rd(b, COMMAND) | 3);
    wr(b, MAC1, rd(b, MAC1) | 1);
    exchange(b);
    wr(b, MAC1, rd(b, MAC1) | 0xa00); /* both channels recover, with frames about */
    tx_send(b, frame(ALL, 60, 1), 60);
    wr(b, COMMAND, rd(b, COMMAND) & ~3u);
    for (unsigned polls = 0; rd(b, STATUS) != 0; polls++) {
        CHECK(polls < 100);
        run_for(b, 1000);
    }
    wr(b, COMMAND, rd(b, COMMAND) | 0x30);
    for (unsigned i = 0; i < 4; i++)
        ram32_set(b, TX_STATUSES + 4 * i, 0);
    build(b);
    wr(b, TX_PRODUCE, 0);
    wr(b, RX_CONSUME, 0);
    wr(b, MAC1, rd(b, MAC1) & ~0xa00u);
    wr(b, INT_CLEAR, 0x11);
    wr(b, COMMAND, rd(b, COMMAND) | 3);
    exchange(b);
    CHECK(!emac_hung(b->e));
    bench_end(b);
}

/* Probes MCFG, waits for the resets to clear, sends one frame for erratum E1 and looks at index 1
 * next; flushes by setting consume to produce; reads RSV. */
UNIT(emac_idioms, as_uc_tcp_ip_does_with_erratum_e1)
{
    static const uint32_t start[][2] = {{MAC1, 0}, {MAC2, 0x31}, {CLRT, 0x370f}, {IPGR, 0x0c12},
                                        {IPGT, 0x15}, {MAXF, 0x600}, {SUPP, 0x100},
                                        {COMMAND, 0x600}, {RX_DESCRIPTOR, RX_DESCRIPTORS},
                                        {RX_STATUS, RX_STATUSES}, {RX_NUMBER, 3},
                                        {TX_DESCRIPTOR, TX_DESCRIPTORS}, {TX_STATUS, TX_STATUSES},
                                        {TX_NUMBER, 3}, {TX_PRODUCE, 0}, {RX_CONSUME, 0},
                                        {SA2, 0x0002}, {SA1, 0x1100}, {SA0, 0x3322}, {FILTER, 0x22},
                                        {INT_ENABLE, 0x89}, {INT_CLEAR, 0xffffffff}};
    struct bench *b = bench_new(&(struct emac_knobs){.tx_consume_erratum = true});
    unsigned width = 0, polls = 0;

    while (wr(b, MCFG, 1u << (2 + width)), rd(b, MCFG) != 0)
        width++;
    CHECK_INT(width, 3);
    wr(b, MAC1, 0xcf00);
    wr(b, COMMAND, 0x38);
    while ((rd(b, COMMAND) & 0x38) != 0)
        CHECK(++polls < 255);
    build(b);
    PROGRAM(b, start);
    wr(b, COMMAND, 0x603);
    wr(b, MAC1, 1);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 20000);
    CHECK_INT(rd(b, TX_CONSUME), 0); /* and yet it is sent */
    arrive(b, frame(STATION, 60, 1), 60, EMAC_RX_CRC);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(rd(b, RSV) & 0xffff, 64);
    wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
    b->sent_count = 0;
    exchange(b);
    bench_end(b);
}

/* Reset of the RMII logic by SUPP.11, three times the trigger, everything cleared at once, runts
 * and everybody's frames let through, receive interrupts masked while the driver polls. */
UNIT(emac_idioms, as_vendor_samples_linux_and_nuttx_do)
{
    static const uint32_t start[][2] = {{MAC1, 0xcf00}, {COMMAND, 0x38}, {MAC1, 2}, {MAC2, 0x30},
                                        {MAXF, 1536}, {CLRT, 0x370f}, {IPGR, 0x12},
                                        {COMMAND, 0x240}, {SUPP, 0x800}, {SUPP, 0}, {TEST, 0}};
    static const uint32_t link[][2] = {{MAC2, 0x31}, {COMMAND, 0x6c0}, {IPGT, 0x15}, {SUPP, 0x100},
                                       {SA0, 0x3322}, {SA1, 0x1100}, {SA2, 0x0002},
                                       {TX_NUMBER, 3}, {TX_DESCRIPTOR, TX_DESCRIPTORS},
                                       {TX_STATUS, TX_STATUSES}, {RX_NUMBER, 3},
                                       {RX_DESCRIPTOR, RX_DESCRIPTORS}, {RX_STATUS, RX_STATUSES},
                                       {FILTER, 0x37}, {INT_CLEAR, 0xffff}, {INT_ENABLE, 0xff}};
    struct bench *b = bench_new(NULL);

    b->phy[1][1] = 0x786d;
    PROGRAM(b, start);
    wr(b, MCFG, 0x801c);
    wr(b, MCFG, 0x1c);
    wr(b, MCMD, 1);
    wr(b, MADR, 0x0101);
    wr(b, MCMD, 1);
    while ((rd(b, MIND) & 1) != 0)
        run_for(b, 1000);
    wr(b, MCMD, 0);
    CHECK_INT(rd(b, MRDD), 0x786d);
    build(b);
    PROGRAM(b, link);
    wr(b, COMMAND, rd(b, COMMAND) | 1);
    wr(b, COMMAND, rd(b, COMMAND) | 2);
    wr(b, MAC1, rd(b, MAC1) | 1);
    wr(b, INT_CLEAR, 0xffffffff);
    exchange(b);
    wr(b, INT_ENABLE, 0xf0);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK(!b->line);
    wr(b, INT_ENABLE, 0xff);
    CHECK(b->line);
    wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
    wr(b, INT_CLEAR, rd(b, INT_STATUS));
    exchange(b);
    bench_end(b);
}

/* Buffers handed over one by one, RxConsumeIndex after each: at the start, and after an overrun
 * with the channel enabled and the MAC's receiver in reset. RxProduceIndex stays where it was then:
 * the statuses between the two are the driver's own marks, which it throws away. */
static void queue_all(struct bench *b)
{
    for (uint32_t i = 0; i < 4; i++) {
        ram32_set(b, RX_DESCRIPTORS + 8 * i + 4, C_INT | (BUFFER - 1));
        ram32_set(b, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + i * BUFFER);
        ram32_set(b, RX_STATUSES + 8 * i, 0xffffffff);
        wr(b, RX_CONSUME, (i + 1) % 4);
    }
}

UNIT(emac_idioms, as_ports_of_lwip_do)
{
    static const uint32_t start[][2] = {{MAC1, 0xcf00}, {COMMAND, 0x78}, {MAC1, 2}, {MAC2, 0x31},
                                        {MAXF, 1536}, {MCFG, 0x802c}, {MCFG, 0x2c}, {CLRT, 0x370f},
                                        {IPGR, 0x0c12}, {IPGT, 0x15}, {COMMAND, 0x640},
                                        {SUPP, 0x100}, {SA0, 0x3322}, {SA1, 0x1100}, {SA2, 0x0002},
                                        {TX_DESCRIPTOR, TX_DESCRIPTORS}, {TX_STATUS, TX_STATUSES},
                                        {TX_NUMBER, 3}, {TX_PRODUCE, 0}};
    static const uint32_t rings[][2] = {{RX_DESCRIPTOR, RX_DESCRIPTORS}, {RX_STATUS, RX_STATUSES},
                                        {RX_NUMBER, 3}};
    struct bench *b = bench_new(NULL);

    build(b);
    PROGRAM(b, start);
    PROGRAM(b, rings);
    queue_all(b);
    wr(b, FILTER, 0x22);
    wr(b, INT_CLEAR, 0xffff);
    wr(b, INT_ENABLE, 0x89);
    wr(b, COMMAND, rd(b, COMMAND) | 3);
    wr(b, MAC1, rd(b, MAC1) | 1);
    for (unsigned round = 0; round < 8; round++) { /* at each position of the ring */
        for (unsigned i = 0; i < 4 + round; i++)
            arrive(b, frame(STATION, 60, (uint8_t)i), 60, 0);
        CHECK_INT(rd(b, INT_STATUS) & RX_OVERRUN, RX_OVERRUN);
        wr(b, MAC1, rd(b, MAC1) & ~1u);
        wr(b, MAC1, rd(b, MAC1) | 0x400);
        wr(b, INT_CLEAR, RX_OVERRUN);
        PROGRAM(b, rings);
        queue_all(b);
        wr(b, MAC1, rd(b, MAC1) & ~0x400u);
        wr(b, MAC1, rd(b, MAC1) | 1);
        for (uint32_t c = rd(b, RX_CONSUME); c != rd(b, RX_PRODUCE); c = (c + 1) % 4) {
            CHECK_INT(rx_status(b, c), 0xffffffff);
            wr(b, RX_CONSUME, (c + 1) % 4);
        }
        exchange(b);
        wr(b, INT_CLEAR, 0xffffffff);
    }
    bench_end(b);
}
