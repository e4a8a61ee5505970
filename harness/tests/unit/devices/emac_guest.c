/* Guest errors of rings, memory and descriptors (sheet, 5, 6, 18 "self-checks"); the rest of them
 * are provoked where their registers are tested. */
#include "emac_bench.h"

#include <stdlib.h>

#define ALL "\xff\xff\xff\xff\xff\xff"

UNIT(emac_guest, ring_live_for_each_base_and_number)
{
    static const uint32_t offsets[] = {RX_DESCRIPTOR, RX_STATUS, RX_NUMBER,
                                       TX_DESCRIPTOR, TX_STATUS, TX_NUMBER};

    for (unsigned i = 0; i < 12; i++) {
        struct bench *b = bench_started(NULL);
        bool busy = i >= 6; /* or enabled, with nothing to send and no room to receive (6) */
        uint32_t before = rd(b, offsets[i % 6]), value = i % 3 == 2 ? 5 : before + 64;
        if (busy)
            tx_send(b, frame(ALL, 60, 1), 60);
        for (unsigned n = busy ? 3 : 0; n < 3; n++)
            arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(rd(b, STATUS), busy ? 3 : 0);
        wr(b, offsets[i % 6], before);
        CHECK_INT(b->error_count, 0); /* the same value is no change */
        wr(b, offsets[i % 6], value);
        CHECK_INT(b->last_error.addr, EMAC_BASE + offsets[i % 6]);
        expect_error(b, GUEST_RING_LIVE);
        CHECK_INT(rd(b, offsets[i % 6]), value);
        run_for(b, 100000);
        b->watched = true; /* whatever the frame in flight came to */
        bench_end(b);
    }
}

UNIT(emac_guest, ring_live_not_while_the_channel_is_disabled)
{
    struct bench *b = bench_started(NULL);

    wr(b, COMMAND, rd(b, COMMAND) & ~3u);
    wr(b, RX_NUMBER, 2);
    wr(b, RX_DESCRIPTOR, RX_DESCRIPTORS + 8);
    wr(b, TX_NUMBER, 2);
    wr(b, TX_DESCRIPTOR, TX_DESCRIPTORS + 8);
    bench_end(b);
}

/* The model takes what it reports: the next frame comes from, or goes to, the new array. */
UNIT(emac_guest, ring_live_moves_the_ring_with_the_descriptors_read_ahead)
{
    struct bench *b = bench_started(NULL);

    for (unsigned i = 0; i < 3; i++)
        tx_put(b, i, frame(ALL, 60 + i, 1), 60u + i, C_LAST);
    wr(b, TX_PRODUCE, 2);
    wr(b, TX_DESCRIPTOR, TX_DESCRIPTORS + 8);
    expect_error(b, GUEST_RING_LIVE);
    run_for(b, 100000);
    CHECK_INT(last_sent(b)->length, 62); /* the second one of the array that is one further on */
    ram32_set(b, RX_DESCRIPTORS + 0x100, RX_BUFFERS + 3 * BUFFER);
    ram32_set(b, RX_DESCRIPTORS + 0x104, BUFFER - 1);
    wr(b, RX_DESCRIPTOR, RX_DESCRIPTORS + 0x100);
    CHECK_INT(b->errors[GUEST_RING_LIVE], 1);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_MEM(rx_buffer(b, 3), frame(STATION, 60, 1), 60);
    CHECK_INT(b->errors[GUEST_DESCRIPTOR], 0);
    b->watched = true;
    bench_end(b);
}

UNIT(emac_guest, ring_index_beyond_the_number)
{
    struct bench *b = bench_started(NULL);

    wr(b, TX_PRODUCE, 4);
    CHECK_INT(b->last_error.value, 4);
    expect_error(b, GUEST_RING_INDEX);
    CHECK_INT(rd(b, TX_PRODUCE), 0); /* modulo 4 */
    wr(b, RX_CONSUME, 8);
    expect_error(b, GUEST_RING_INDEX);
    CHECK_INT(rd(b, RX_CONSUME), 0);
    wr(b, RX_CONSUME, 0x10000);
    expect_error(b, GUEST_RESERVED_BITS);
    bench_end(b);
}

UNIT(emac_guest, ring_index_passing_the_other_one)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame(STATION, 60, 1), 60, 0);
    wr(b, RX_CONSUME, 1);
    CHECK_INT(b->error_count, 0);
    wr(b, RX_CONSUME, 2);
    expect_error(b, GUEST_RING_INDEX);
    bench_end(b);
    b = bench_started(NULL);
    wr(b, COMMAND, rd(b, COMMAND) & ~2u);
    wr(b, TX_PRODUCE, 2);
    wr(b, TX_PRODUCE, 3);
    CHECK_INT(b->error_count, 0); /* full */
    wr(b, TX_PRODUCE, 1);
    expect_error(b, GUEST_RING_INDEX);
    bench_end(b);
}

/* Section 19: ports of lwIP fill the ring by the routine that refills it later, which moves the
 * index with each buffer: all around, with no frame there. */
UNIT(emac_guest, ring_index_may_go_round_before_anything_can_be_received)
{
    static const struct { uint32_t command, mac1; bool wrong; } cases[] = {
        {0x602, 1, false}, {0x603, 0, false}, {0x603, 0x401, false}, {0x603, 0x801, false},
        {0x603, 0x8001, false}, {0x603, 1, true}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        wr(b, COMMAND, cases[i].command);
        wr(b, MAC1, cases[i].mac1);
        for (uint32_t n = 1; n <= 4; n++)
            wr(b, RX_CONSUME, n % 4);
        CHECKF((b->errors[GUEST_RING_INDEX] > 0) == cases[i].wrong, "case %u", i);
        CHECK_INT(b->error_count, b->errors[GUEST_RING_INDEX]);
        CHECK_INT(rd(b, RX_CONSUME), 0);
        wr(b, COMMAND, 0x603);
        wr(b, MAC1, 1);
        for (uint32_t n = 1; n <= 3; n++)
            CHECK_ARRIVES(b, 0, n);
        b->watched = true;
        bench_end(b);
    }
}

UNIT(emac_guest, ring_index_left_behind_by_a_smaller_number)
{
    struct bench *b = bench_started(NULL);

    for (unsigned i = 0; i < 3; i++)
        tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 100000);
    wr(b, TX_NUMBER, 1);
    CHECK_INT(b->errors[GUEST_RING_INDEX], 2); /* produce and consume */
    CHECK_INT(b->error_count, 3);              /* and the channel is enabled */
    CHECK_INT(rd(b, TX_CONSUME), 1);
    b->watched = true;
    bench_end(b);
}

/* Where each pointer may lead: the first byte too low, the last one too high, and the very end. */
UNIT(emac_guest, dma_range_of_arrays_and_buffers)
{
    static const struct { uint32_t offset, value, addr; bool wrong; } cases[] = {
        {RX_DESCRIPTOR, RAM - 8, RAM - 8, true},
        {RX_DESCRIPTOR, RAM + 0x4000, RAM + 0x4000, true},
        {RX_DESCRIPTOR, 0x40000000, 0x40000000, true},
        {RX_STATUS, RAM + 0x4000, RAM + 0x4000, true},
        {RX_STATUS, RAM + 0x3ff8, 0, false},
        {TX_DESCRIPTOR, 0xfffffffc, 0xfffffffc, true},
        {TX_STATUS, RAM + 0x4000, RAM + 0x4000, true},
        {TX_STATUS, RAM + 0x3ffc, 0, false}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench *b = bench_started(NULL);
        bool rx = cases[i].offset <= RX_STATUS;
        wr(b, COMMAND, 0x600);
        tx_put(b, 0, frame(ALL, 60, 1), 60, C_LAST);
        wr(b, cases[i].offset, cases[i].value);
        wr(b, COMMAND, 0x603);
        if (rx)
            arrive(b, frame(STATION, 60, 1), 60, 0);
        else
            wr(b, TX_PRODUCE, 1);
        run_for(b, 100000);
        CHECK_INT(b->errors[GUEST_DMA_RANGE], cases[i].wrong);
        CHECK_INT(b->error_count, b->errors[GUEST_DMA_RANGE]);
        if (cases[i].wrong) {
            CHECK_INT(b->last_error.addr, cases[i].addr);
            arrive(b, frame(STATION, 60, 1), 60, 0); /* the channel stands still, and only it */
            CHECK_INT(rd(b, RX_PRODUCE), rx ? 0 : 1);
            CHECK_INT(rd(b, rx ? RX_PRODUCE : TX_CONSUME), 0);
            CHECK_INT(b->error_count, 1);
        }
        b->watched = true;
        bench_end(b);
    }
}

UNIT(emac_guest, dma_range_of_a_buffer_that_ends_outside)
{
    for (unsigned over = 0; over < 2; over++) {
        struct bench *b = bench_started(NULL);
        uint32_t at = RAM + 0x4000 - 64 + over;
        wr(b, COMMAND, 0x600);
        ram32_set(b, RX_DESCRIPTORS, at);
        ram32_set(b, RX_DESCRIPTORS + 4, 63);
        ram32_set(b, TX_DESCRIPTORS, at);
        ram32_set(b, TX_DESCRIPTORS + 4, C_LAST | 63);
        wr(b, COMMAND, 0x603);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(b->errors[GUEST_DMA_RANGE], over);
        wr(b, TX_PRODUCE, 1);
        CHECK_INT(b->errors[GUEST_DMA_RANGE], 2 * over);
        CHECK_INT(b->sent_count, !over);
        b->watched = true;
        bench_end(b);
    }
}

/* Size says more than there is, as of a driver whose last buffer is shorter than the others: what
 * fits is received, the first byte outside is not. */
UNIT(emac_guest, dma_range_counts_what_is_written)
{
    for (unsigned over = 0; over < 2; over++) {
        struct bench *b = bench_started(NULL);
        wr(b, COMMAND, 0x600);
        ram32_set(b, RX_DESCRIPTORS, RAM + 0x4000 - 64);
        ram32_set(b, RX_DESCRIPTORS + 4, 0x7ff);
        wr(b, COMMAND, 0x603);
        arrive(b, frame(STATION, 60 + over, 1), 60 + over, 0);
        CHECK_INT(b->errors[GUEST_DMA_RANGE], over);
        CHECK_INT(rd(b, RX_PRODUCE), !over);
        if (!over)
            CHECK_MEM(b->ram + RAM_SIZE - 64, frame(STATION, 60, 1), 60);
        b->watched = true;
        bench_end(b);
    }
}

static uint8_t external[0x1000];
static void *everywhere(void *ctx, uint32_t addr, uint32_t bytes)
{
    (void)ctx;
    if (addr >= 0x80000000u && bytes <= sizeof external &&
        addr - 0x80000000u <= sizeof external - bytes)
        return external + (addr - 0x80000000u);
    if (addr < RAM || bytes > RAM_SIZE || addr - RAM > RAM_SIZE - bytes)
        return NULL;
    return ((struct bench *)ctx)->ram + (addr - RAM);
}

UNIT(emac_guest, knob_dma_anywhere)
{
    for (unsigned anywhere = 0; anywhere < 2; anywhere++) {
        struct bench *b = bench_started(&(struct emac_knobs){.dma_anywhere = anywhere});
        struct emac_env env;
        memcpy(&env, b->block, sizeof env);
        env.memory = everywhere;
        memcpy(b->block, &env, sizeof env);
        wr(b, COMMAND, 0x600);
        ram32_set(b, RX_DESCRIPTORS, 0x80000000u); /* RTEMS receives into external memory */
        wr(b, COMMAND, 0x603);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(b->errors[GUEST_DMA_RANGE], !anywhere);
        if (anywhere) {
            CHECK_INT(rd(b, RX_PRODUCE), 1);
            CHECK_MEM(external, frame(STATION, 60, 1), 60);
        }
        b->watched = true;
        bench_end(b);
    }
}

UNIT(emac_guest, descriptor_of_the_receiver_changed_after_hand_over)
{
    for (unsigned word = 0; word < 2; word++) {
        struct bench *b = bench_started(NULL);
        uint32_t addr = RX_DESCRIPTORS + 4 * word, before = ram32(b, addr);
        ram32_set(b, addr, before ^ 0x10);
        arrive(b, frame(STATION, 60, 1), 60, 0);
        CHECK_INT(b->last_error.value, before ^ 0x10);
        CHECK_INT(b->last_error.addr, addr);
        expect_error(b, GUEST_DESCRIPTOR);
        CHECK_INT(rx_status(b, 0) & 0x7ff, 63);
        CHECK_MEM(rx_buffer(b, 0), frame(STATION, 60, 1), 60); /* the old one is used */
        bench_end(b);
    }
}

UNIT(emac_guest, descriptor_of_the_transmitter_changed_after_hand_over)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(ALL, 60, 1), 60);
    tx_send(b, frame(ALL, 61, 2), 61);
    ram32_set(b, TX_DESCRIPTORS + 12, C_LAST | 99);
    run_for(b, 72 * 80 + 960);
    expect_error(b, GUEST_DESCRIPTOR);
    CHECK_INT(last_sent(b)->length, 61);
    run_for(b, 100000);
    CHECK_INT(b->error_count, 0); /* told once */
    CHECK_INT(rd(b, INT_STATUS) & TX_DONE, TX_DONE); /* by the old Control */
    bench_end(b);
}

UNIT(emac_guest, descriptor_changed_while_its_frame_is_on_the_wire)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(ALL, 60, 1), 60);
    ram32_set(b, TX_DESCRIPTORS, TX_BUFFERS + 64);
    run_for(b, 72 * 80);
    expect_error(b, GUEST_DESCRIPTOR);
    bench_end(b);
}

UNIT(emac_guest, descriptor_buffer_changed_before_its_frame_had_left)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 1000);
    b->ram[TX_BUFFERS - RAM + 59] ^= 1;
    run_for(b, 72 * 80 - 1000);
    CHECK_INT(b->last_error.addr, TX_BUFFERS);
    expect_error(b, GUEST_DESCRIPTOR);
    tx_send(b, frame(ALL, 60, 1), 60);
    run_for(b, 960 + 72 * 80);
    b->ram[TX_BUFFERS - RAM + BUFFER] ^= 1; /* after its status: it is the driver's again */
    run_for(b, 100000);
    bench_end(b);
}

/* How far ahead descriptors are frozen, both ways: the first one that is not may still change. */
UNIT(emac_guest, knob_prefetch)
{
    static const struct { uint8_t knob; unsigned ahead; } cases[] = {
        {0, 3}, {1, 1}, {2, 2}, {255, 5}};

    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < 5; k++) {
            struct bench *b = bench_new(&(struct emac_knobs){.prefetch = cases[i].knob});
            bench_start(b, 6, 4, 512);
            ram32_set(b, RX_DESCRIPTORS + 8 * k, RX_BUFFERS + 5 * 512);
            for (unsigned n = 0; n <= k; n++)
                arrive(b, frame(STATION, 60, 1), 60, 0);
            CHECKF(b->errors[GUEST_DESCRIPTOR] == (k < cases[i].ahead), "knob %u, descriptor %u",
                   cases[i].knob, k);
            b->watched = true;
            bench_end(b);
        }
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 1; k < 3; k++) {
            struct bench *b = bench_started(&(struct emac_knobs){.prefetch = cases[i].knob});
            for (unsigned n = 0; n < 3; n++)
                tx_put(b, n, frame(ALL, 60, 1), 60, C_LAST);
            wr(b, TX_PRODUCE, 3);
            ram32_set(b, TX_DESCRIPTORS + 8 * k + 4, C_LAST | C_INT | 59);
            run_for(b, 100000);
            CHECK_INT(b->errors[GUEST_DESCRIPTOR], k < cases[i].ahead);
            b->watched = true;
            bench_end(b);
        }
}

UNIT(emac_guest, section_18_what_is_handed_over_later_may_change_until_then)
{
    struct bench *b = bench_started(NULL);

    ram32_set(b, RX_DESCRIPTORS + 8 * 3, RX_BUFFERS); /* the fourth of four is the driver's */
    for (unsigned i = 0; i < 12; i++) {
        arrive(b, frame(STATION, 60, (uint8_t)i), 60, 0);
        uint32_t c = rd(b, RX_CONSUME);
        uint32_t buffer = ram32(b, RX_DESCRIPTORS + 8 * c);
        CHECK_MEM(b->ram + (buffer - RAM), frame(STATION, 60, (uint8_t)i), 60);
        ram32_set(b, RX_DESCRIPTORS + 8 * c, RX_BUFFERS + (i % 4) * BUFFER); /* a fresh buffer */
        wr(b, RX_CONSUME, (c + 1) % 4);
    }
    bench_end(b);
}

UNIT(emac_guest, size_of_0_section_18_told_once_for_each_frame)
{
    struct bench *b = bench_started(NULL);

    wr(b, COMMAND, 0x602);
    for (uint32_t i = 0; i < 4; i++)
        ram32_set(b, RX_DESCRIPTORS + 8 * i + 4, 0); /* nobody has filled it in */
    wr(b, COMMAND, 0x603);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK_INT(b->last_error.addr, RX_DESCRIPTORS + 4);
    expect_error(b, GUEST_SIZE);
    CHECK_INT(rx_status(b, 0) & 0x7ff, 0); /* taken as it is */
    CHECK_INT(rx_buffer(b, 0)[0], 2);
    CHECK_INT(rx_buffer(b, 2)[0], 0);
    CHECK(rx_status(b, 2) & 0x20000000);
    wr(b, COMMAND, 0x622);
    for (uint32_t i = 0; i < 4; i++)
        ram32_set(b, RX_DESCRIPTORS + 8 * i + 4, 1); /* two bytes are strange, and no error */
    wr(b, COMMAND, 0x603);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    bench_end(b);
}

UNIT(emac_guest, nobody_listens)
{
    struct emac_env env = {0};
    void *block = aligned_alloc(16, (emac_size() + 15) & ~(size_t)15);
    struct emac *e = emac_init(block, &env, NULL);
    uint8_t f[60] = {0};

    for (uint32_t offset = 0; offset < EMAC_SIZE; offset++) { /* neither PHY nor memory nor ears */
        emac_write(e, offset, 0xffffffff, offset * 1000);
        emac_write(e, 0xff4, 0, offset * 1000);
        emac_read(e, offset, offset * 1000);
    }
    emac_receive(e, &(struct emac_arrival){.bytes = f, .length = 60}, 100000000);
    CHECK(emac_check(e) == NULL);
    free(block);
}
