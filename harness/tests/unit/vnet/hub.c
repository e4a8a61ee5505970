#include "world.h"

UNIT(hub, frame_reaches_all_others_at_the_same_time)
{
    world_kind(SEGMENT_HUB, 4);
    world_send(1, 0, 60, 9); /* a hub does not look at addresses */
    world_run();
    CHECK_INT(world.rx_count, 3);
    CHECK_RX(0, W60, 0, 9);
    CHECK_RX(1, W60, 2, 9);
    CHECK_RX(2, W60, 3, 9);
    CHECK_INT(segment_frames(world.s), 3);
    world_close();
}

UNIT(hub, senders_do_not_delay_each_other)
{
    world_kind(SEGMENT_HUB, 3);
    world_send(0, 2, 60, 1);
    world_send(1, 2, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 4);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_INT(world.rx[i].t_ns, W60);
    world_close();
}

UNIT(hub, receivers_cable_pulled_in_flight_loses_its_copy_only)
{
    world_kind(SEGMENT_HUB, 3);
    world_record();
    world_send(0, ALL_PORTS, 60, 1);
    world_run_to(100);
    port_link_set(world.ports[1], false);
    port_link_set(world.ports[1], true);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, W60, 2, 1);
    CHECK_INT(world_drops(WIRE_LINK_DOWN), 1);
    world_close();
}

UNIT(hub, cable_flapped_before_the_start_in_the_same_nanosecond_loses_nothing)
{
    world_kind(SEGMENT_HUB, 2);
    port_link_set(world.ports[1], false);
    port_link_set(world.ports[1], true);
    world_send(0, ALL_PORTS, 60, 1);
    world_send(0, ALL_PORTS, 60, 2); /* still waiting when the cable is pulled again */
    world_run_to(100);
    port_link_set(world.ports[1], false);
    port_link_set(world.ports[1], true);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_RX(0, W60_GAP + W60, 1, 2);
    world_close();
}
