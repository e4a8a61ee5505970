/* Interrupt status, enable, clear and set, and the level (sheet, 4.21, 18, 19). */
#include "emac_bench.h"

static const uint32_t bits[] = {1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x1000, 0x2000};
#define BITS (sizeof bits / sizeof bits[0])

UNIT(emac_int, section_4_21_each_bit_is_set_enabled_and_cleared_alone)
{
    for (unsigned i = 0; i < BITS; i++) {
        struct bench *b = bench_new(NULL);
        wr(b, INT_SET, 0x30ff);
        CHECK_INT(rd(b, INT_STATUS), 0x30ff);
        CHECK(!b->line);
        wr(b, INT_CLEAR, bits[i]);
        CHECK_INT(rd(b, INT_STATUS), 0x30ff & ~bits[i]);
        wr(b, INT_ENABLE, bits[i]);
        CHECK(!b->line);
        wr(b, INT_SET, bits[i]);
        CHECK(b->line);
        wr(b, INT_ENABLE, 0x30ff & ~bits[i]);
        CHECK(b->line); /* the others */
        wr(b, INT_CLEAR, 0x30ff & ~bits[i]);
        CHECK(!b->line);
        wr(b, INT_ENABLE, 0x30ff);
        CHECK(b->line);
        wr(b, INT_CLEAR, 0xffffffff);
        CHECK(!b->line);
        CHECK_INT(rd(b, INT_STATUS), 0);
        bench_end(b);
    }
}

UNIT(emac_int, section_18_the_line_is_a_level_and_tells_only_changes)
{
    struct bench *b = bench_new(NULL);

    wr(b, INT_ENABLE, 0x1008);
    wr(b, INT_SET, 0x1000);
    CHECK_INT(b->line_changes, 1);
    wr(b, INT_SET, 8);
    wr(b, INT_ENABLE, 8);
    wr(b, INT_CLEAR, 0x1000);
    CHECK_INT(b->line_changes, 1);
    wr(b, INT_CLEAR, 8);
    CHECK_INT(b->line_changes, 2);
    bench_end(b);
}

UNIT(emac_int, section_19_unmasked_with_data_pending_the_line_rises_at_once)
{
    struct bench *b = bench_started(NULL);

    wr(b, INT_ENABLE, 0x30f0);
    arrive(b, frame(STATION, 60, 1), 60, 0);
    CHECK(!b->line);
    wr(b, INT_ENABLE, 0x30f8);
    CHECK(b->line);
    bench_end(b);
}

/* What nobody could have seen yet survives IntClear at the same instant; what was seen does not. */
UNIT(emac_int, section_18_set_wins_over_clear_at_the_same_instant)
{
    struct bench *b = bench_started(NULL);

    tx_send(b, frame(STATION, 60, 1), 60);
    b->now += 72 * 80;
    wr(b, INT_CLEAR, 0xffff);
    CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
    CHECK(b->line);
    wr(b, INT_CLEAR, 0xffff);
    CHECK_INT(rd(b, INT_STATUS), 0);
    run_for(b, 100000);
    tx_send(b, frame(STATION, 60, 1), 60);
    b->now += 72 * 80;
    CHECK_INT(rd(b, INT_STATUS), TX_DONE | TX_FINISHED);
    wr(b, INT_CLEAR, 0xffff);
    CHECK_INT(rd(b, INT_STATUS), 0);
    bench_end(b);
}

static void rewrite(void *ctx, bool level)
{
    struct bench *b = ctx;

    b->line = level;
    b->line_changes++;
    if (!level)
        return;
    uint32_t status = rd(b, INT_STATUS); /* an interrupt routine, called from inside */
    CHECK(status != 0);
    wr(b, INT_CLEAR, status);
    CHECK_INT(rd(b, INT_STATUS), 0);
    if (b->rx_number-- > 0)
        tx_send(b, frame(STATION, 60, 1), 60);
}

UNIT(emac_int, a_routine_may_use_the_registers_from_inside_the_call)
{
    struct bench *b = bench_started(NULL);
    struct emac_env env = {.ctx = b, .interrupt = rewrite};
    struct emac *e = b->e;

    /* the same block with another routine: env is the only place with addresses in it */
    memcpy(&env, e, sizeof env);
    env.interrupt = rewrite;
    memcpy((void *)e, &env, sizeof env);
    b->rx_number = 20;
    b->line_changes = 0;
    tx_send(b, frame(STATION, 60, 1), 60);
    run_for(b, 1000000);
    CHECK_INT(b->sent_count, 21);
    CHECK_INT(b->line_changes, 42);
    b->rx_number = 3;
    bench_end(b);
}
