#include "world.h"

UNIT(link, third_port_is_refused)
{
    world_kind(SEGMENT_LINK, 2);
    const char *why;
    CHECK(segment_port_new(world.s, "c", &why) == NULL);
    CHECK(strstr(why, "two ports") != NULL);
    world_close();
}

UNIT(link, both_directions_carry_at_full_rate_at_once)
{
    world_kind(SEGMENT_LINK, 2);
    world_send(0, 1, 60, 1);
    world_send(1, 0, 60, 2);
    world_run();
    CHECK_RX(0, W60, 1, 1);
    CHECK_RX(1, W60, 0, 2);
    world_close();
}

UNIT(link, frame_sent_before_the_other_end_is_there_is_heard_by_nobody)
{
    world_kind(SEGMENT_LINK, 1);
    CHECK(world_send(0, 1, 60, 1));
    world_run();
    CHECK_INT(world.rx_count, 0);
    world_port();
    world_send(0, 1, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 1);
    world_close();
}

static bool never(void *ctx, uint32_t predicate, const struct fault *f, const struct frame *frame)
{
    (void)predicate;
    (void)f;
    (void)frame;
    ++*(uint32_t *)ctx;
    return false;
}

/* The controller is asked inside events only: while it sends it does not listen. */
UNIT(link, rule_asks_for_a_frame_on_an_idle_cable_in_an_event_of_that_instant)
{
    uint32_t asked = 0;
    world_kind(SEGMENT_LINK, 2);
    segment_predicate_set(world.s, never, &asked);
    struct fault_config config = world_fault(FAULT_DROP);
    config.predicate = 1;
    config.must_fire = false;
    world_fault_add(&config);
    world_send(0, 1, 60, 1);
    CHECK_INT(asked, 0);
    world_run_to(0);
    CHECK_INT(asked, 1);
    world_run();
    CHECK_RX(0, W60, 1, 1);
    world_close();
}
