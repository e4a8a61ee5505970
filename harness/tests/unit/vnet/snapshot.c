/* A world with frames everywhere: on cables, in queues, put off, held back. Taken aside and put
 * back it must do exactly the same again. */
#include "world.h"

static void busy_world(enum segment_kind kind)
{
    struct segment_config c = world_config(kind);
    c.latency_ns = 200001;
    c.jitter_ns = 5000;
    c.loss = (struct ratio){1, 30};
    world_open(&c, kind == SEGMENT_LINK ? 2 : 5);
    struct fault_config f = world_fault(FAULT_REORDER);
    f.every = 4;
    f.depth = 3;
    f.delay_ns = 400000;
    world_fault_add(&f);
    f = world_fault(FAULT_DELAY);
    f.every = 5;
    f.delay_ns = 300000;
    f.jitter_ns = 100000;
    world_fault_add(&f);
    f = world_fault(FAULT_RATE);
    f.rate_bps = 50000000;
    world_fault_add(&f);
    f = world_fault(FAULT_BURST);
    f.p_enter = (struct ratio){1, 8};
    f.p_leave = (struct ratio){1, 2};
    world_fault_add(&f);
    f = world_fault(FAULT_CORRUPT);
    f.every = 3;
    f.bits = 2;
    world_fault_add(&f);
    f = world_fault(FAULT_DUPLICATE);
    f.every = 6;
    f.copies = 2;
    f.gap_ns = 1000;
    world_fault_add(&f);
}

static void speak(unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++)
        world_send(i % world.count, i % 3 == 0 ? ALL_PORTS : (i + 1) % world.count, 60 + 10 * i,
                   (uint8_t)i);
}

static void finish(char hash[33])
{
    speak(50, 20);
    world_run();
    trace_hash(world.sim->trace, hash);
}

UNIT(snapshot, restored_world_with_frames_in_flight_ends_with_the_same_trace)
{
    for (enum segment_kind kind = SEGMENT_SWITCH; kind <= SEGMENT_LINK; kind++) {
        busy_world(kind);
        speak(0, 40);
        world_run_to(400000);
        uint64_t in_flight = segment_in_flight(world.s);
        CHECKF(in_flight > 20, "%u", (unsigned)in_flight);
        struct arena_snapshot *s = arena_snapshot_take();
        CHECK(s != NULL);
        struct world aside = world;
        char once[33], again[33];
        finish(once);
        uint32_t received = world.rx_count;
        for (unsigned i = 0; i < 3; i++) {
            arena_snapshot_restore(s);
            world = aside;
            CHECK_INT(segment_in_flight(world.s), in_flight);
            CHECK(segment_check(world.s) == NULL);
            finish(again);
            CHECK_INT(world.rx_count, received);
            CHECKF(strcmp(once, again) == 0, "%s %s", once, again);
        }
        arena_snapshot_free(s);
        world_close();
    }
}

UNIT(snapshot, same_seed_gives_the_same_trace_and_capturing_does_not_change_it)
{
    char hash[3][33];
    for (unsigned i = 0; i < 3; i++) {
        struct segment_config c = world_config(SEGMENT_SWITCH);
        c.loss = (struct ratio){1, 10};
        c.jitter_ns = 100;
        world_open_captured(&c, 4, i == 2 ? "/dev/null" : NULL);
        struct fault_config f = world_fault(FAULT_CORRUPT);
        f.bits = 1;
        f.probability = (struct ratio){1, 2};
        world_fault_add(&f);
        speak(0, 50);
        world_run();
        trace_hash(world.sim->trace, hash[i]);
        world_close();
    }
    CHECK_INT(strcmp(hash[0], hash[1]), 0);
    CHECK_INT(strcmp(hash[0], hash[2]), 0);
}
