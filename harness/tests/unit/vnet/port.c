#include "vnet/port.h"

#include "world.h"

UNIT(port, names_and_counts_are_told)
{
    world_kind(SEGMENT_SWITCH, 2);
    CHECK_INT(strcmp(port_name(world.ports[1]), "lan/b"), 0);
    CHECK(port_segment(world.ports[1]) == world.s);
    CHECK_INT(strcmp(trace_source_name(world.sim->trace, port_source(world.ports[1])), "lan/b"), 0);
    world_send(0, 1, 60, 1);
    world_run();
    CHECK_INT(port_frames_sent(world.ports[0]), 1);
    CHECK_INT(port_frames_received(world.ports[1]), 1);
    CHECK_INT(segment_frames(world.s), 1);
    world_close();
}

UNIT(port, frame_for_a_port_without_owner_is_counted_and_let_go)
{
    world_kind(SEGMENT_SWITCH, 2);
    port_attach(world.ports[1], NULL);
    world_send(0, 1, 60, 1);
    world_run();
    CHECK_INT(port_frames_received(world.ports[1]), 1);
    world_close();
}

UNIT(port, sending_with_the_cable_pulled_is_refused)
{
    world_kind(SEGMENT_SWITCH, 2);
    world_record();
    port_link_set(world.ports[0], false);
    port_link_set(world.ports[0], false); /* no change, no call-back */
    CHECK_INT(world.link_changes, 1);
    CHECK(!world_send(0, 1, 60, 1));
    CHECK_INT(world_drops(WIRE_LINK_DOWN), 1);
    port_link_set(world.ports[0], true);
    CHECK_INT(world.link_changes, 2);
    CHECK(world_send(0, 1, 60, 1));
    world_run();
    CHECK_INT(world.rx_count, 1);
    world_close();
}

UNIT(port, pulling_a_cable_loses_what_is_queued_and_in_flight_on_it)
{
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.latency_ns = 100000;
    world_open(&c, 3);
    world_record();
    for (uint8_t i = 0; i < 3; i++)
        world_send(0, ALL_PORTS, 60, i);
    world_run_to(W60 + 50000); /* the first is in the switch, two on the cable */
    CHECK_INT(segment_in_flight(world.s), 4);
    port_link_set(world.ports[0], false);
    CHECK_INT(world_drops(WIRE_LINK_DOWN), 2);
    port_link_set(world.ports[2], false); /* its copy of the first is on its cable */
    CHECK_INT(world_drops(WIRE_LINK_DOWN), 3);
    port_link_set(world.ports[2], true);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, 2 * W60 + 100000, 1, 0);
    world_close();
}

UNIT(port, replugged_cable_starts_with_a_free_transmitter)
{
    world_kind(SEGMENT_LINK, 2);
    for (uint8_t i = 0; i < 10; i++)
        world_send(0, 1, 1514, i);
    world_run_to(10);
    port_link_set(world.ports[0], false);
    port_link_set(world.ports[0], true);
    world_send(0, 1, 60, 99);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, 10 + W60, 1, 99);
    world_close();
}

UNIT(port, senders_cable_pulled_on_a_link_loses_frames_that_rules_have_seen_too)
{
    world_kind(SEGMENT_LINK, 2);
    world_record();
    struct fault_config rule = world_fault(FAULT_DELAY);
    rule.delay_ns = 1000;
    world_fault_add(&rule);
    world_send(0, 1, 60, 1); /* has started: is on its way as a single delivery */
    world_send(0, 1, 60, 2); /* waits */
    world_run_to(10);
    port_link_set(world.ports[0], false);
    port_link_set(world.ports[0], true);
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, 10 + W60 + 1000, 1, 3);
    CHECK_INT(world_drops(WIRE_LINK_DOWN), 2);
    world_close();
}

UNIT(port, link_of_the_whole_segment_sets_all_ports)
{
    world_kind(SEGMENT_HUB, 3);
    segment_link_set(world.s, false);
    CHECK_INT(world.link_changes, 3);
    for (uint32_t i = 0; i < 3; i++)
        CHECK(!port_link_is_up(world.ports[i]));
    segment_link_set(world.s, true);
    CHECK_INT(world.link_changes, 6);
    world_close();
}

static void echo(void *ctx, struct port *port, struct frame *frame)
{
    unsigned *left = ctx;
    if ((*left)-- > 0)
        port_send(port, frame);
    else
        frame_unref(frame);
}

UNIT(port, frame_may_be_sent_on_from_inside_receive)
{
    world_kind(SEGMENT_LINK, 2);
    unsigned left = 6;
    struct port_owner owner = {echo, NULL, &left};
    port_attach(world.ports[0], &owner);
    port_attach(world.ports[1], &owner);
    world_send(0, 1, 60, 1);
    world_run();
    CHECK_INT(world.sim->now_ns, 7 * W60);
    world_close();
}

/* What is on the wire is lost, what was sent before and is in flight arrives, what follows may
 * start at once. */
UNIT(port, abort_loses_the_frame_that_is_being_sent_and_no_other)
{
    struct segment_config c = world_config(SEGMENT_LINK);
    c.latency_ns = 50000;
    world_open(&c, 2);
    world_record();
    world_send(0, 1, 60, 1);
    world_run_to(W60_GAP);
    CHECK(!port_abort(world.ports[0]));
    world_send(0, 1, 60, 2);
    world_run_to(W60_GAP + 1000);
    CHECK(port_abort(world.ports[0]));
    CHECK(!port_abort(world.ports[0]));
    CHECK_INT(world_drops(WIRE_CORRUPTED), 1);
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_INT(world.rx_count, 2);
    CHECK_RX(0, W60 + 50000, 1, 1);
    CHECK_RX(1, W60_GAP + 1000 + W60 + 50000, 1, 3);
    world_close();
}

/* Its last bit has left: there is nothing to stop. One that waits has not begun. */
UNIT(port, abort_at_the_end_of_a_frame_loses_nothing)
{
    world_kind(SEGMENT_LINK, 2);
    world_send(0, 1, 60, 1);
    world_send(0, 1, 60, 2);
    world_run_to(1000);
    CHECK(!port_abort(world.ports[0]));
    world_run_to(W60_GAP + W60);
    CHECK(!port_abort(world.ports[0]));
    world_run();
    CHECK_INT(world.rx_count, 2);
    world_close();
}

/* On a switch, too, where the frame would have been taken on by another cable. */
UNIT(port, abort_on_a_switch_reaches_nobody)
{
    world_kind(SEGMENT_SWITCH, 3);
    world_record();
    world_send(0, ALL_PORTS, 60, 1);
    world_run_to(100);
    CHECK(port_abort(world.ports[0]));
    world_run();
    CHECK_INT(world.rx_count, 0);
    CHECK_INT(world_drops(WIRE_CORRUPTED), 1);
    world_close();
}
