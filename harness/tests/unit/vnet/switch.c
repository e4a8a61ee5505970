#include "vnet/medium.h"
#include "world.h"

static uint32_t arrivals_at(uint32_t port)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < world.rx_count; i++)
        n += world.rx[i].port == port;
    return n;
}

UNIT(switch, unknown_destination_is_flooded_and_a_learned_one_is_not)
{
    world_kind(SEGMENT_SWITCH, 4);
    world_send(0, 1, 60, 1);
    world_run();
    CHECK_INT(world.rx_count, 3);
    world_send(1, 0, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 4);
    CHECK_RX(3, 4 * W60, 0, 2);
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_INT(world.rx_count, 5);
    world_close();
}

UNIT(switch, group_addresses_are_flooded_and_never_learned)
{
    world_kind(SEGMENT_SWITCH, 3);
    struct frame *f = world_frame(0, 1, 60, 1);
    memcpy(f->data + 6, "\x01\x00\x5e\x00\x00\x01", 6); /* a group as source */
    port_send(world.ports[0], f);
    f = world_frame(1, 0, 60, 2);
    memcpy(f->data, "\x01\x00\x5e\x00\x00\x01", 6);
    port_send(world.ports[1], f);
    world_run();
    CHECK_INT(world.rx_count, 4);
    CHECK_INT(arrivals_at(0), 1);
    CHECK_INT(arrivals_at(1), 1);
    CHECK_INT(arrivals_at(2), 2);
    CHECK_INT(world.s->table_count, 1); /* b only */
    world_close();
}

UNIT(switch, address_is_forgotten_at_the_exact_nanosecond)
{
    for (uint64_t early = 0; early < 2; early++) {
        struct segment_config c = world_config(SEGMENT_SWITCH);
        c.ageing_ns = 1000000;
        world_open(&c, 3);
        world_send(1, ALL_PORTS, 60, 1); /* b is learned at W60 */
        world_run();
        world_run_to(1000000 - early);
        world_send(0, 1, 60, 2); /* is looked up ageing_ns - early after that */
        world_run();
        CHECK_INT(world.rx_count, 2 + (early ? 1 : 2));
        world_close();
    }
}

UNIT(switch, each_frame_renews_its_senders_entry)
{
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.ageing_ns = 1000000;
    world_open(&c, 3);
    for (unsigned i = 0; i < 5; i++) {
        world_send(1, 0, 60, 1);
        world_run_to((i + 1) * 900000);
    }
    world.rx_count = 0;
    world_send(0, 1, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 1);
    world_close();
}

UNIT(switch, host_that_moves_is_learned_on_its_new_port)
{
    world_kind(SEGMENT_SWITCH, 3);
    port_send(world.ports[1], world_frame(1, ALL_PORTS, 60, 1));
    world_run();
    port_send(world.ports[2], world_frame(1, ALL_PORTS, 60, 2));
    world_run();
    world.rx_count = 0;
    world_send(0, 1, 60, 3);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_INT(world.rx[0].port, 2);
    world_close();
}

UNIT(switch, frame_for_its_own_port_goes_nowhere)
{
    world_kind(SEGMENT_SWITCH, 2);
    port_send(world.ports[0], world_frame(7, ALL_PORTS, 60, 1));
    port_send(world.ports[0], world_frame(0, 7, 60, 2)); /* 7 lives behind the same port */
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_INT(world.rx[0].tag, 1);
    world_close();
}

UNIT(switch, pulled_cable_makes_it_forget_who_was_there)
{
    world_kind(SEGMENT_SWITCH, 3);
    world_send(1, ALL_PORTS, 60, 1);
    world_run();
    port_link_set(world.ports[1], false);
    world.rx_count = 0;
    world_send(0, 1, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_INT(world.rx[0].port, 2);
    world_close();
}

UNIT(switch, runts_of_every_length_are_delivered_whole)
{
    world_kind(SEGMENT_SWITCH, 2);
    for (uint32_t len = 1; len < 60; len++)
        CHECK(world_send(0, 1, len, 0));
    world_run();
    CHECK_INT(world.rx_count, 59);
    for (uint32_t i = 0; i < 59; i++)
        CHECK_INT(world.rx[i].len, i + 1);
    world_close();
}

UNIT(switch, many_addresses_are_all_found_again)
{
    world_kind(SEGMENT_SWITCH, 3);
    for (uint32_t mac = 100; mac < 5100; mac++) {
        port_send(world.ports[1 + mac % 2], world_frame(mac, ALL_PORTS, 60, 1));
        sim_run(world.sim, NEVER, UINT64_MAX);
        world.rx_count = 0;
    }
    for (uint32_t mac = 100; mac < 5100; mac++) {
        world.rx_count = 0;
        port_send(world.ports[0], world_frame(0, mac, 60, 2));
        sim_run(world.sim, NEVER, UINT64_MAX);
        CHECK_INT(world.rx_count, 1);
        CHECK_INT(world.rx[0].port, 1 + mac % 2);
    }
    CHECK(segment_check(world.s) == NULL);
    world_close();
}

UNIT(switch, table_has_a_limit_and_floods_what_it_could_not_learn)
{
    world_kind(SEGMENT_SWITCH, 3);
    port_link_set(world.ports[2], false);
    for (uint32_t i = 0; i < 16390; i++) {
        struct frame *f = world_frame(0, ALL_PORTS, 60, 1);
        f->data[8] = 1; /* a vendor of its own */
        f->data[10] = (uint8_t)(i >> 8);
        f->data[11] = (uint8_t)i;
        port_send(world.ports[1], f);
        sim_run(world.sim, NEVER, UINT64_MAX);
        world.rx_count = 0;
    }
    CHECK(segment_check(world.s) == NULL);
    port_link_set(world.ports[2], true);
    for (uint32_t i = 16380; i < 16390; i++) {
        struct frame *f = world_frame(0, 0, 60, 1);
        f->data[2] = 1;
        f->data[4] = (uint8_t)(i >> 8);
        f->data[5] = (uint8_t)i;
        world.rx_count = 0;
        port_send(world.ports[0], f);
        sim_run(world.sim, NEVER, UINT64_MAX);
        CHECKF(world.rx_count == (i < 16384 ? 1 : 2), "address %u: %u", i, world.rx_count);
    }
    world_close();
}

UNIT(switch, broadcast_to_a_thousand_ports_copies_nothing)
{
    world_kind(SEGMENT_SWITCH, 1001);
    world_send(0, ALL_PORTS, 1514, 1); /* rings and table grow once */
    sim_run(world.sim, NEVER, UINT64_MAX);
    CHECK_INT(world.rx_count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK_INT(world.rx[i].t_ns, 2 * 122080);

    size_t idle = arena_allocated();
    struct frame *f = world_frame(0, ALL_PORTS, 1514, 2);
    size_t with_frame = arena_allocated();
    frame_ref(f);
    port_send(world.ports[0], f);
    while (f->refs < 1001 && sim_step(world.sim, NEVER))
        CHECK_INT(arena_allocated(), with_frame);
    CHECK_INT(f->refs, 1001); /* one for each receiver, and ours */
    CHECK_INT(segment_in_flight(world.s), 1000);
    CHECK_INT(arena_allocated(), with_frame);
    sim_run(world.sim, NEVER, UINT64_MAX);
    CHECK_INT(f->refs, 1);
    frame_unref(f);
    CHECK_INT(arena_allocated(), idle);
    CHECK_INT(world.rx_count, 2000);
    world_close();
}

UNIT(switch, one_event_per_hop_and_receiver_is_all_it_takes)
{
    world_kind(SEGMENT_SWITCH, 10);
    world_send(0, ALL_PORTS, 60, 1);
    world_run();
    CHECK_INT(world.sim->events, 1 + 9);
    world_send(1, 0, 60, 2);
    world_run();
    CHECK_INT(world.sim->events, 10 + 2);
    world_close();
}
