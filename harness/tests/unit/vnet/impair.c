/* What loss, burst, delay, duplicate, truncate and rate do; corrupt, reorder and partition have
 * files of their own. */
#include "vnet/impair/impair.h"

#include "vnet/draw.h"
#include "world.h"

static void stream(unsigned n, uint64_t apart_ns)
{
    for (unsigned i = 0; i < n; i++) {
        world_send(0, 1, 60, (uint8_t)i);
        world_run_to(world.sim->now_ns + apart_ns);
    }
    world_run();
}

UNIT(impair, loss_of_the_segment_meets_the_same_frames_every_time)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++) {
        struct segment_config c = world_config(kinds[k]);
        c.loss = (struct ratio){1, 50};
        world_open(&c, 2);
        uint32_t expected = 0;
        for (uint64_t i = 1; i <= 5000; i++) {
            struct prng p;
            draw_init(&p, world.s->loss_key, world.ports[0]->key, world.ports[1]->key, i, 0);
            expected += prng_chance(&p, c.loss);
        }
        for (unsigned i = 0; i < 5000; i++) {
            world_send(0, 1, 60, 1);
            sim_run(world.sim, NEVER, UINT64_MAX);
        }
        CHECK_INT(5000 - world.rx_count, expected);
        CHECK_INT(expected, 102);
        world_close();
    }
}

UNIT(impair, loss_strikes_each_receiver_of_a_broadcast_by_itself)
{
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.loss = (struct ratio){1, 2};
    world_open(&c, 3);
    world_record();
    uint32_t at[3] = {0, 0, 0}, both = 0;
    for (unsigned i = 0; i < 400; i++) {
        world.rx_count = 0;
        world_send(0, ALL_PORTS, 60, 1);
        world_run();
        both += world.rx_count == 2;
        for (uint32_t k = 0; k < world.rx_count; k++)
            at[world.rx[k].port]++;
    }
    CHECKF(at[1] == 193 && at[2] == 219 && both == 108, "%u %u %u", at[1], at[2], both);
    CHECK_INT(world_drops(WIRE_LOSS), 800 - 193 - 219);
    world_close();
}

UNIT(impair, burst_loss_has_the_long_run_counts_of_its_chain)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_BURST);
    c.p_enter = (struct ratio){1, 100};
    c.p_leave = (struct ratio){1, 5};
    c.p_loss_good = (struct ratio){1, 1000};
    c.p_loss_bad = (struct ratio){4, 5};
    struct fault *f = world_fault_add(&c);
    uint32_t lost = 0, bursts = 0, again = 0;
    bool last = false, bad = false;
    for (unsigned i = 0; i < 19000; i++) {
        uint32_t before = world.rx_count;
        world_send(0, 1, 60, 1);
        sim_run(world.sim, NEVER, UINT64_MAX);
        bool gone = world.rx_count == before;
        /* the chain once more, from fault.h's words */
        struct prng p;
        draw_init(&p, f->key, world.ports[0]->key, world.ports[1]->key, i + 1, 0);
        bad ^= prng_chance(&p, bad ? c.p_leave : c.p_enter);
        CHECK_INT(gone, prng_chance(&p, bad ? c.p_loss_bad : c.p_loss_good));
        lost += gone;
        bursts += gone && !last;
        again += gone && last;
        last = gone;
    }
    CHECK_INT(fault_fired(f), lost);
    /* In bad 1/21 of the time: 0.8/21 + 0.001 * 20/21 = 0.0390 of 19000 = 742 expected. */
    CHECKF(lost == 750 && bursts == 269 && again == 481, "%u %u %u", lost, bursts, again);
    world_close();
}

UNIT(impair, burst_state_is_kept_per_direction)
{
    world_kind(SEGMENT_LINK, 2);
    world_record();
    struct fault_config c = world_fault(FAULT_BURST);
    c.p_enter = (struct ratio){1, 1}; /* in and out by turns; unset p_loss: 0 and 1 */
    c.p_leave = (struct ratio){1, 1};
    world_fault_add(&c);
    for (uint8_t i = 0; i < 6; i++) {
        world_send(0, 1, 60, i);
        if (i % 2 == 0)
            world_send(1, 0, 60, i);
        world_run();
    }
    CHECK_INT(world.rx_count, 3 + 1);
    CHECK_INT(world_drops(WIRE_BURST_LOSS), 3 + 2);
    world_close();
}

UNIT(impair, delay_is_exact_and_lets_others_overtake)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++) {
        world_kind(kinds[k], 2);
        world_record();
        struct fault_config c = world_fault(FAULT_DELAY);
        c.delay_ns = 50000;
        c.nth = (uint64_t[]){1};
        c.nth_count = 1;
        world_fault_add(&c);
        stream(3, 10000);
        uint64_t once = kinds[k] == SEGMENT_SWITCH ? 2 * W60 : W60;
        CHECK_INT(world.rx_count, 3);
        CHECK_RX(0, 10000 + once, 1, 1);
        CHECK_RX(1, 20000 + once, 1, 2);
        CHECK_RX(2, 50000 + once, 1, 0);
        CHECK_INT(world_impairs(WIRE_DELAYED), 1);
        world_close();
    }
}

UNIT(impair, delay_jitter_is_uniform_within_its_bounds)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DELAY);
    c.delay_ns = 1000;
    c.jitter_ns = 3;
    world_fault_add(&c);
    uint32_t seen[4] = {0, 0, 0, 0};
    for (unsigned i = 0; i < 400; i++) {
        uint64_t sent = world.sim->now_ns;
        world_send(0, 1, 60, 0);
        world_run();
        uint64_t late = world.sim->now_ns - sent - W60 - 1000;
        CHECK(late <= 3);
        seen[late]++;
        world_run_to(world.sim->now_ns + 10000);
    }
    CHECKF(seen[0] == 111 && seen[1] == 93 && seen[2] == 99 && seen[3] == 97, "%u %u %u %u",
           seen[0], seen[1], seen[2], seen[3]);
    world_close();
}

UNIT(impair, copies_follow_the_original_at_their_gap)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DUPLICATE);
    c.copies = 2;
    c.gap_ns = 700;
    struct fault *f = world_fault_add(&c);
    stream(1, 0);
    CHECK_INT(world.rx_count, 3);
    CHECK_RX(0, W60, 1, 0);
    CHECK_RX(1, W60 + 700, 1, 0);
    CHECK_RX(2, W60 + 1400, 1, 0);
    CHECK_INT(fault_fired(f), 1);
    world_close();
}

UNIT(impair, copies_on_a_switch_are_serialised_behind_the_original)
{
    world_kind(SEGMENT_SWITCH, 2);
    struct fault_config c = world_fault(FAULT_DUPLICATE);
    c.copies = 1;
    world_fault_add(&c);
    struct frame *frame = world_frame(0, 1, 60, 5);
    frame_ref(frame);
    port_send(world.ports[0], frame);
    sim_step(world.sim, NEVER);
    CHECK_INT(frame->refs, 3); /* one frame, three holders: nothing was copied */
    world_run();
    CHECK_RX(0, 2 * W60, 1, 5);
    CHECK_RX(1, 2 * W60 + W60_GAP, 1, 5);
    frame_unref(frame);
    world_close();
}

UNIT(impair, copies_are_deliveries_of_their_own_for_rules_behind)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DUPLICATE);
    c.copies = 3;
    world_fault_add(&c);
    struct fault_config drop = world_fault(FAULT_DROP);
    drop.nth = (uint64_t[]){1, 3};
    drop.nth_count = 2;
    struct fault *f = world_fault_add(&drop);
    stream(1, 0);
    CHECK_INT(world.rx_count, 2);
    CHECK_INT(fault_matched(f), 4);
    world_close();
}

UNIT(impair, copies_draw_numbers_of_their_own)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DUPLICATE);
    c.copies = 1000;
    world_fault_add(&c);
    struct fault_config drop = world_fault(FAULT_DROP);
    drop.probability = (struct ratio){1, 2};
    struct fault *f = world_fault_add(&drop);
    stream(1, 0);
    CHECK_INT(world.rx_count, 1001 - fault_fired(f));
    CHECKF(fault_fired(f) == 513, "%u", (unsigned)fault_fired(f));
    world_close();
}

UNIT(impair, truncated_frame_is_a_new_one_and_short_ones_are_left_alone)
{
    world_kind(SEGMENT_SWITCH, 2);
    world_record();
    struct fault_config c = world_fault(FAULT_TRUNCATE);
    c.length = 100;
    struct fault *f = world_fault_add(&c);
    struct frame *kept = world_frame(0, 1, 200, 1);
    frame_ref(kept);
    port_send(world.ports[0], kept);
    world_send(0, 1, 100, 2);
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_INT(world.rx_count, 3);
    CHECK_INT(world.rx[0].len, 100);
    CHECK_INT(world.rx[0].t_ns, wire_time_ns(200, 100000000, false) +
                                    wire_time_ns(100, 100000000, false));
    CHECK_INT(fault_fired(f), 1);
    CHECK_INT(world_impairs(WIRE_TRUNCATED), 1);
    CHECK_INT(kept->len, 200);
    frame_unref(kept);
    world_close();
}

UNIT(impair, shaped_direction_spaces_frames_by_their_wire_time_at_its_rate)
{
    world_kind(SEGMENT_LINK, 2);
    world_record();
    struct fault_config c = world_fault(FAULT_RATE);
    c.rate_bps = 10000000;
    c.src = "a";
    struct fault *f = world_fault_add(&c);
    for (uint8_t i = 0; i < 4; i++)
        world_send(0, 1, 60, i);
    world_send(1, 0, 60, 9);
    world_run();
    CHECK_INT(world.rx_count, 5);
    CHECK_RX(0, W60, 1, 0);
    CHECK_RX(1, W60, 0, 9);
    for (uint32_t i = 1; i < 4; i++)
        CHECK_RX(i + 1, W60 + i * 67200u, 1, i);
    CHECK_INT(fault_fired(f), 3);
    CHECK_INT(world_impairs(WIRE_SHAPED), 3);
    world_close();
}

UNIT(impair, shaper_queues_no_more_than_the_segments_limit)
{
    struct segment_config config = world_config(SEGMENT_SWITCH);
    config.queue = 5;
    world_open(&config, 2);
    world_record();
    struct fault_config c = world_fault(FAULT_RATE);
    c.rate_bps = 1000000;
    world_fault_add(&c);
    stream(10, 10000);
    CHECK_INT(world.rx_count, 6);
    CHECK_INT(world_drops(WIRE_QUEUE_FULL), 4);
    for (uint32_t i = 0; i < 6; i++)
        CHECK_RX(i, 2 * W60 + i * 672000u, 1, i);
    stream(1, 0); /* idle again */
    CHECK_INT(world.rx_count, 7);
    world_close();
}

UNIT(impair, frame_that_leaves_the_shaper_this_instant_waits_no_longer)
{
    struct segment_config config = world_config(SEGMENT_LINK);
    config.queue = 1;
    world_open(&config, 2);
    struct fault_config c = world_fault(FAULT_RATE);
    c.rate_bps = 10000000;
    world_fault_add(&c);
    world_send(0, 1, 60, 0);
    world_run_to(10000);
    world_send(0, 1, 60, 1); /* leaves at W60 + 67200 */
    world_run_to(67200);
    world_send(0, 1, 60, 2); /* would arrive just then */
    world_run();
    CHECK_INT(world.rx_count, 3);
    CHECK_RX(1, W60 + 67200, 1, 1);
    CHECK_RX(2, W60 + 2 * 67200, 1, 2);
    world_close();
}

UNIT(impair, loss_of_the_segment_outlives_rules_that_come_and_go)
{
    for (enum segment_kind kind = SEGMENT_SWITCH; kind <= SEGMENT_LINK; kind++) {
        struct segment_config c = world_config(kind);
        c.loss = (struct ratio){1, 1};
        world_open(&c, 2);
        struct fault_config f = world_fault(FAULT_DROP);
        fault_remove(world_fault_add(&f));
        world_send(0, 1, 60, 0);
        world_run();
        CHECK_INT(world.rx_count, 0);
        world_close();
    }
}
