/* Times on the wire: to the nanosecond, as ARCHITECTURE.md 'Times, sizes and defaults' has them. */
#include "vnet/cable.h"

#include "world.h"

UNIT(cable, wire_time_counts_padding_fcs_preamble_and_gap)
{
    const struct {
        uint32_t len;
        uint64_t rate;
        bool gap;
        uint64_t ns;
    } cases[] = {
        {60, 100000000, false, 5760},    {60, 100000000, true, 6720},
        {1, 100000000, false, 5760},     {59, 100000000, true, 6720},
        {61, 100000000, false, 5840},    {1514, 100000000, false, 122080},
        {1514, 100000000, true, 123040}, {1514, 1000000000, false, 12208},
        {60, 10000000, false, 57600},    {9216, 1000000000, false, 73824},
        {60, 1000000000000, false, 1},   /* 0.576 ns, rounded up */
        {60, 300000000, false, 1920},    {61, 300000000, false, 1947}, /* 1946.67 */
        {60, 7, false, 82285714286},     {9216, 1, true, 73920000000000},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t ns = wire_time_ns(cases[i].len, cases[i].rate, cases[i].gap);
        CHECKF(ns == cases[i].ns, "case %u: %llu ns", i, (unsigned long long)ns);
    }
}

static void exchange(enum segment_kind kind, uint64_t latency, uint64_t arrives)
{
    struct segment_config c = world_config(kind);
    c.latency_ns = latency;
    world_open(&c, 2);
    world_send(0, ALL_PORTS, 60, 1);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, arrives, 1, 1);
    world_send(1, 0, 60, 2);
    world_run();
    CHECK_RX(1, 2 * arrives, 0, 2);
    world_close();
}

UNIT(cable, request_and_reply_on_a_switch_take_four_wire_times_and_two_latencies)
{
    exchange(SEGMENT_SWITCH, 50000, 2 * W60 + 50000);
}

UNIT(cable, request_and_reply_on_hub_and_link_take_two_wire_times_and_two_latencies)
{
    exchange(SEGMENT_HUB, 50000, W60 + 50000);
    exchange(SEGMENT_LINK, 50000, W60 + 50000);
}

static uint64_t entered_switch; /* when the receiver's cable got its frame */

UNIT(cable, odd_latency_splits_with_the_odd_nanosecond_on_the_second_cable)
{
    exchange(SEGMENT_SWITCH, 50001, 2 * W60 + 50001);
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.latency_ns = 7;
    world_open(&c, 2);
    world_send(0, 1, 60, 1);
    CHECK_INT(queue_next(world.sim->queue), W60 + 3);
    sim_step(world.sim, NEVER);
    entered_switch = world.sim->now_ns;
    CHECK_INT(entered_switch, W60 + 3);
    CHECK_INT(queue_next(world.sim->queue), entered_switch + W60 + 4);
    world_run();
    CHECK_RX(0, 2 * W60 + 7, 1, 1);
    world_close();
}

UNIT(cable, frames_sent_together_arrive_a_wire_time_with_gap_apart)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++) {
        world_kind(kinds[k], 2);
        for (uint8_t i = 0; i < 20; i++)
            CHECK(world_send(0, 1, 60, i));
        world_run();
        CHECK_INT(world.rx_count, 20);
        uint64_t first = kinds[k] == SEGMENT_SWITCH ? 2 * W60 : W60;
        for (uint8_t i = 0; i < 20; i++)
            CHECK_RX(i, first + i * W60_GAP, 1, i);
        world_close();
    }
}

UNIT(cable, gap_delays_the_next_frame_only_if_it_comes_within_it)
{
    world_kind(SEGMENT_LINK, 2);
    world_send(0, 1, 60, 1);
    world_run_to(W60 + 1); /* the frame is out, the gap is not over */
    world_send(0, 1, 60, 2);
    world_run_to(2 * W60_GAP + 100);
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_RX(0, W60, 1, 1);
    CHECK_RX(1, W60_GAP + W60, 1, 2);
    CHECK_RX(2, 2 * W60_GAP + 100 + W60, 1, 3);
    world_close();
}

UNIT(cable, short_frame_behind_a_long_one_waits_for_it_on_both_cables)
{
    world_kind(SEGMENT_SWITCH, 2);
    world_send(0, 1, 1514, 1);
    world_send(0, 1, 60, 2);
    world_run();
    CHECK_RX(0, 2 * 122080, 1, 1);
    /* in the switch at 123040 + 5760; the way out is free at 122080 + 123040 */
    CHECK_RX(1, 122080 + 123040 + W60, 1, 2);
    world_close();
}

UNIT(cable, queue_holds_its_limit_besides_the_frame_being_sent_and_drops_the_rest)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++)
        for (unsigned with_rule = 0; with_rule < 2; with_rule++) {
            struct segment_config c = world_config(kinds[k]);
            c.queue = 3;
            c.latency_ns = 1000000; /* what is in flight does not count */
            world_open(&c, 2);
            world_record();
            struct fault_config rule = world_fault(FAULT_DROP);
            rule.nth = &(uint64_t){1000};
            rule.nth_count = 1;
            if (with_rule)
                world_fault_add(&rule);
            for (uint8_t i = 0; i < 4; i++)
                CHECK(world_send(0, 1, 60, i));
            CHECK(!world_send(0, 1, 60, 4));
            CHECK_INT(world_drops(WIRE_QUEUE_FULL), 1);
            world_run_to(W60_GAP - 1);
            CHECK(!world_send(0, 1, 60, 5));
            world_run_to(W60_GAP); /* the second starts: one place is free */
            CHECK(world_send(0, 1, 60, 6));
            CHECK(!world_send(0, 1, 60, 7));
            world_run();
            CHECK_INT(world.rx_count, 5);
            CHECK_INT(world.rx[4].tag, 6);
            CHECK_INT(world_drops(WIRE_QUEUE_FULL), 3);
            CHECK_INT(port_frames_sent(world.ports[0]), 8);
            world_close();
        }
}

static void send_third(void *arg)
{
    (void)arg;
    CHECK(world_send(0, 1, 60, 2));
    CHECK(!world_send(0, 1, 60, 3));
}

UNIT(cable, start_that_is_due_this_instant_frees_its_place_before_its_event_ran)
{
    struct segment_config c = world_config(SEGMENT_LINK);
    c.queue = 1;
    world_open(&c, 2);
    struct fault_config rule = world_fault(FAULT_DROP);
    rule.nth = &(uint64_t){1000};
    rule.nth_count = 1;
    world_fault_add(&rule);
    struct event first; /* armed before the cable's own for the same nanosecond */
    event_init(&first, send_third, NULL);
    queue_arm(world.sim->queue, &first, W60_GAP);
    CHECK(world_send(0, 1, 60, 0));
    CHECK(world_send(0, 1, 60, 1));
    CHECK(!world_send(0, 1, 60, 9));
    world_run();
    CHECK_INT(world.rx_count, 3);
    CHECK_RX(2, 2 * W60_GAP + W60, 1, 2);
    world_close();
}

UNIT(cable, full_way_out_of_a_switch_drops_at_the_tail)
{
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.queue = 2;
    world_open(&c, 6);
    world_record();
    for (uint8_t i = 0; i < 5; i++)
        CHECK(world_send(i, 5, 60, i)); /* the switch does not know f: the first flood is wide */
    world_run();
    uint32_t at_f = 0;
    for (uint32_t i = 0; i < world.rx_count; i++)
        if (world.rx[i].port == 5)
            CHECK_INT(world.rx[i].tag, at_f++);
    CHECK_INT(at_f, 3); /* one being sent, two waiting */
    CHECK_INT(world_drops(WIRE_QUEUE_FULL), 2 + 5); /* at each other port the fourth as well */
    world_close();
}

UNIT(cable, jitter_keeps_order_and_stays_within_its_bounds)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++) {
        struct segment_config c = world_config(kinds[k]);
        c.jitter_ns = 20000;
        world_open(&c, 2);
        for (uint8_t i = 0; i < 200; i++)
            world_send(0, 1, 60, i);
        world_run();
        CHECK_INT(world.rx_count, 200);
        uint64_t base = kinds[k] == SEGMENT_SWITCH ? 2 * W60 : W60, spread = 0;
        for (uint32_t i = 0; i < 200; i++) {
            CHECK_INT(world.rx[i].tag, i);
            uint64_t late = world.rx[i].t_ns - (base + i * W60_GAP);
            CHECKF(late <= 20000, "frame %u is %llu ns late", i, (unsigned long long)late);
            CHECK(i == 0 || world.rx[i].t_ns >= world.rx[i - 1].t_ns);
            spread = late > spread ? late : spread;
        }
        CHECK(spread > 19000);
        world_close();
    }
}

UNIT(cable, ring_that_wrapped_and_grew_keeps_its_frames)
{
    struct segment_config c = world_config(SEGMENT_LINK);
    c.latency_ns = 10 * W60_GAP;
    world_open(&c, 2);
    uint8_t tag = 0;
    for (unsigned burst = 1; burst < 12; burst++) {
        for (unsigned i = 0; i < burst; i++)
            world_send(0, 1, 60, tag++);
        world_run_to(world.sim->now_ns + 3 * W60_GAP);
    }
    world_run();
    CHECK_INT(world.rx_count, tag);
    for (uint32_t i = 0; i < tag; i++)
        CHECK_RX(i, world.rx[i].t_ns, 1, i);
    world_close();
}
