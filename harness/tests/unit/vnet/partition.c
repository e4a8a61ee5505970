#include "world.h"

static struct fault *split(const char *const *const *groups, uint32_t n, uint64_t from_ns,
                           uint64_t until_ns)
{
    struct fault_config c = world_fault(FAULT_PARTITION);
    c.groups = groups;
    c.group_count = n;
    c.from_ns = from_ns;
    c.until_ns = until_ns;
    return world_fault_add(&c);
}

static const char *const ab[] = {"a", "b", NULL}, *const cd[] = {"c", "d", NULL};
static const char *const *const two_groups[] = {ab, cd};

UNIT(partition, only_members_of_one_group_hear_each_other)
{
    world_kind(SEGMENT_SWITCH, 6); /* e and f are in no group: alone, not together */
    world_record();
    split(two_groups, 2, 0, NEVER);
    static const uint8_t heard_by[] = {1, 0, 3, 2};
    for (uint8_t i = 0; i < 6; i++) {
        world.rx_count = 0;
        world_send(i, ALL_PORTS, 60, i);
        world_run();
        CHECK_INT(world.rx_count, i < 4 ? 1 : 0);
        if (i < 4)
            CHECK_INT(world.rx[0].port, heard_by[i]);
    }
    CHECK_INT(world_drops(WIRE_PARTITION), 4 * 4 + 2 * 5);
    world_close();
}

UNIT(partition, frames_in_flight_when_it_begins_are_caught_at_arrival)
{
    const enum segment_kind kinds[] = {SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK};
    static const char *const a[] = {"a", NULL}, *const b[] = {"b", NULL};
    static const char *const *const apart[] = {a, b};
    for (unsigned k = 0; k < 3; k++)
        for (unsigned by_window = 0; by_window < 2; by_window++) {
            struct segment_config c = world_config(kinds[k]);
            c.latency_ns = 1000000;
            world_open(&c, 2);
            world_record();
            struct fault *f = by_window ? split(apart, 2, 700000, 5000000) : NULL;
            world_send(0, 1, 60, 1);
            world_run_to(700000); /* on its second half: asked about already */
            if (f == NULL)
                f = split(apart, 2, 0, 5000000);
            world_run();
            CHECK_INT(world.rx_count, 0);
            CHECK_INT(world_drops(WIRE_PARTITION), 1);
            CHECK_INT(fault_fired(f), 1);
            CHECK_INT(fault_matched(f), 1);
            world_run_to(5000000);
            world_send(0, 1, 60, 2);
            world_run();
            CHECK_INT(world.rx_count, 1);
            world_close();
        }
}

UNIT(partition, delivery_is_asked_about_once)
{
    world_kind(SEGMENT_LINK, 2);
    static const char *const a[] = {"a", NULL};
    static const char *const *const alone[] = {a};
    struct fault_config c = world_fault(FAULT_PARTITION);
    c.groups = alone;
    c.group_count = 1;
    c.every = 2;
    struct fault *f = world_fault_add(&c);
    for (uint8_t i = 1; i <= 4; i++)
        world_send(0, 1, 60, i);
    world_run();
    CHECK_INT(world.rx_count, 2);
    CHECK_INT(world.rx[0].tag, 1);
    CHECK_INT(world.rx[1].tag, 3);
    CHECK_INT(fault_matched(f), 4);
    world_close();
}

UNIT(partition, port_that_appears_later_belongs_to_its_group)
{
    world_kind(SEGMENT_SWITCH, 1);
    split(two_groups, 2, 0, NEVER);
    for (unsigned i = 0; i < 20; i++)
        world_port();
    world_send(0, ALL_PORTS, 60, 1);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_INT(world.rx[0].port, 1);
    world_close();
}

UNIT(partition, port_in_two_groups_is_refused_and_nothing_is_left_behind)
{
    world_kind(SEGMENT_SWITCH, 1);
    size_t before = arena_allocated();
    static const char *const again[] = {"x", "b", NULL}, *const none[] = {NULL};
    static const char *const *const bad[] = {ab, again}, *const *const empty[] = {none};
    struct fault_config c = world_fault(FAULT_PARTITION);
    c.groups = bad;
    c.group_count = 2;
    const char *why;
    CHECK(fault_add(world.s, &c, &why) == NULL);
    CHECK(strstr(why, "one group only") != NULL);
    c.groups = empty;
    c.group_count = 1;
    CHECK(fault_add(world.s, &c, &why) == NULL);
    CHECK_INT(arena_allocated(), before);
    world_close();
}
