#include "world.h"

static struct fault *swap(uint32_t depth, uint64_t delay_ns, uint64_t nth)
{
    struct fault_config c = world_fault(FAULT_REORDER);
    c.depth = depth;
    c.delay_ns = delay_ns;
    c.nth = &nth;
    c.nth_count = 1;
    return world_fault_add(&c);
}

static void check_order(const char *order)
{
    CHECK_INT(world.rx_count, strlen(order));
    for (uint32_t i = 0; i < world.rx_count; i++)
        CHECKF(world.rx[i].tag == (uint8_t)(order[i] - '0'), "position %u: %u", i,
               world.rx[i].tag);
}

UNIT(reorder, frame_held_back_goes_right_behind_depth_later_ones)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    for (unsigned k = 0; k < 3; k++) {
        world_kind(kinds[k], 2);
        world_record();
        struct fault *f = swap(2, 1000000000, 2);
        for (uint8_t i = 1; i <= 5; i++)
            world_send(0, 1, 60, i);
        world_run();
        check_order("13425");
        CHECK_INT(fault_fired(f), 1);
        CHECK_INT(world_impairs(WIRE_REORDERED), 1);
        if (kinds[k] == SEGMENT_SWITCH)
            CHECK_RX(3, 2 * W60 + 4 * W60_GAP, 1, 2); /* serialised behind 4, which left at 3 */
        else
            CHECK_RX(3, W60 + 3 * W60_GAP, 1, 2); /* with 4, behind it */
        world_close();
    }
}

UNIT(reorder, short_frame_held_back_does_not_slip_in_front_of_a_long_one)
{
    world_kind(SEGMENT_LINK, 2);
    swap(1, 1000000000, 1);
    world_send(0, 1, 60, 1);
    world_send(0, 1, 1514, 2);
    world_run();
    check_order("21");
    CHECK_RX(0, W60_GAP + 122080, 1, 2);
    CHECK_RX(1, W60_GAP + 122080, 1, 1);
    world_close();
}

UNIT(reorder, nobody_passing_ends_the_wait_after_its_time)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_LINK};
    for (unsigned k = 0; k < 2; k++) {
        world_kind(kinds[k], 2);
        swap(3, 1000000, 1);
        world_send(0, 1, 60, 1);
        world_send(0, 1, 60, 2);
        world_run_to(900000);
        CHECK_INT(world.rx_count, 1);
        CHECK_INT(segment_in_flight(world.s), 1);
        world_run();
        check_order("21");
        CHECK_RX(1, (kinds[k] == SEGMENT_SWITCH ? 2 * W60 : W60) + 1000000, 1, 1);
        world_close();
    }
}

UNIT(reorder, frames_of_other_directions_do_not_count)
{
    world_kind(SEGMENT_SWITCH, 3);
    world_send(1, ALL_PORTS, 60, 0);
    world_send(2, ALL_PORTS, 60, 0);
    world_run();
    world.rx_count = 0;
    swap(1, 1000000, 1);
    world_send(0, 1, 60, 1);
    world_run_to(world.sim->now_ns + 20000);
    world_send(0, 2, 60, 2);
    world_send(1, 0, 60, 3);
    world_send(2, 1, 60, 4); /* the same receiver, another sender */
    world_run_to(world.sim->now_ns + 100000);
    world_send(1, 2, 60, 5);
    world_run();
    CHECK_INT(world.rx_count, 5);
    CHECK_INT(world.rx[4].tag, 1);
    world_close();
}

UNIT(reorder, all_held_back_frames_of_a_burst_come_out_in_order)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_REORDER);
    c.depth = 1;
    c.delay_ns = 1000000;
    c.count = 2;
    world_fault_add(&c);
    for (uint8_t i = 1; i <= 4; i++)
        world_send(0, 1, 60, i);
    world_run();
    check_order("3124");
    world_close();
}

UNIT(reorder, removed_rule_sends_on_what_it_holds)
{
    world_kind(SEGMENT_SWITCH, 2);
    struct fault *f = swap(9, 1000000, 1);
    world_send(0, 1, 60, 1);
    world_run_to(50000);
    fault_remove(f);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, 50000 + W60, 1, 1);
    world_close();
}

UNIT(reorder, freed_segment_lets_go_of_what_is_held)
{
    world_kind(SEGMENT_SWITCH, 2);
    swap(9, 1000000, 1);
    world_send(0, 1, 60, 1);
    world_send(0, 1, 60, 2);
    sim_step(world.sim, NEVER);
    CHECK_INT(segment_in_flight(world.s), 2);
    world_close(); /* checks that the arena is empty afterwards */
}
