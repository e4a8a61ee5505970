#include "vnet/segment.h"

#include "vnet/impair/impair.h"
#include "world.h"

static void refused(struct segment_config c, const char *name, const char *member)
{
    const char *why = NULL;
    CHECK(segment_new(world.sim, NULL, name, &c, &why) == NULL);
    CHECKF(why != NULL && strncmp(why, member, strlen(member)) == 0, "%s", why);
}

UNIT(segment, impossible_config_is_refused_with_the_members_name)
{
    world_kind(SEGMENT_SWITCH, 0);
    struct segment_config good = world_config(SEGMENT_SWITCH), c = good;
    refused(c, "", "name");
    refused(c, NULL, "name");
    c.rate_bps = 0;
    refused(c, "x", "rate");
    c = good, c.queue = 0;
    refused(c, "x", "queue");
    c = good, c.loss = (struct ratio){2, 1};
    refused(c, "x", "loss");
    c = good, c.latency_ns = NEVER;
    refused(c, "x", "latency");
    c = good, c.ageing_ns = 0;
    refused(c, "x", "ageing");
    c = good, c.kind = 9;
    refused(c, "x", "kind");
    world_close();
}

UNIT(segment, port_names_are_unique)
{
    world_kind(SEGMENT_SWITCH, 2);
    const char *why;
    CHECK(segment_port_new(world.s, "b", &why) == NULL);
    CHECK(strstr(why, "name") != NULL);
    CHECK(segment_port(world.s, "b") == world.ports[1]);
    CHECK(segment_port(world.s, "zz") == NULL);
    CHECK_INT(segment_ports(world.s), 2);
    CHECK(segment_port_at(world.s, 1) == world.ports[1]);
    CHECK_INT(strcmp(segment_name(world.s), "lan"), 0);
    CHECK_INT(strcmp(segment_kind_name(segment_kind_of(world.s)), "switch"), 0);
    world_close();
}

/* Each damage is one that only its own check would see. */
UNIT(segment, check_sees_planted_corruption)
{
    struct segment_config config = world_config(SEGMENT_SWITCH);
    config.latency_ns = 1000;
    world_open(&config, 2);
    struct fault_config fc = world_fault(FAULT_DELAY);
    fc.delay_ns = 100000;
    struct fault *f = world_fault_add(&fc);
    for (uint8_t i = 0; i < 3; i++)
        world_send(0, 1, 60, i);
    world_run_to(W60 + 600); /* one put off, two on the cable, a learned */
    CHECK(segment_check(world.s) == NULL);
    struct port *a = world.ports[0];
    struct cable *out = &a->out;
    struct cable_slot *slot = &out->ring[out->head];
#define PLANTED(field, value)                                                                      \
    do {                                                                                           \
        __typeof__(field) saved_ = (field);                                                        \
        (field) = (value);                                                                         \
        CHECK(segment_check(world.s) != NULL);                                                     \
        (field) = saved_;                                                                          \
        CHECK(segment_check(world.s) == NULL);                                                     \
    } while (0)
    PLANTED(slot->t.frame->refs, 0);
    PLANTED(slot->t.frame->len, FRAME_MAX + 1);
    PLANTED(slot->arrive_ns, slot->arrive_ns - 1); /* the event stands for another time */
    PLANTED(slot->start_ns, NEVER);
    PLANTED(out->count, out->room + 1);
    PLANTED(out->count, 0);
    PLANTED(out->head, out->room);
    PLANTED(out->started, out->count + 1);
    PLANTED(out->queue, 0);
    PLANTED(a->up, false);
    PLANTED(a->index, 1);
    PLANTED(a->segment, NULL);
    PLANTED(a->name[0], 'x');
    PLANTED(world.s->hold.heap[0].at_ns, 0);
    PLANTED(world.s->hold.heap[0].t.frame, NULL);
    PLANTED(world.s->hold.count, 0);
    PLANTED(world.s->table_count, 0);
    PLANTED(world.s->partitions, 1);
    PLANTED(world.s->config.rate_bps, 0);
    PLANTED(world.s->judging, 1);
    PLANTED(f->fired, 100);
    PLANTED(f->segment, NULL);
    PLANTED(f->number, 0);
    for (uint32_t i = 0; i < world.s->table_room; i++)
        if (world.s->table[i].mac != 0) {
            PLANTED(world.s->table[i].learned_ns, NEVER);
            PLANTED(world.s->table[i].mac, world.s->table[i].mac ^ 0x100);
        }
    world_close();
}

/* All arrivals at the first four ports of a busy impaired world with `idle` ports more. */
static uint32_t arrivals(enum segment_kind kind, uint32_t idle, struct world_rx *out)
{
    struct segment_config c = world_config(kind);
    c.latency_ns = 12345;
    c.jitter_ns = 3000;
    c.loss = (struct ratio){1, 20};
    world_open(&c, 4 + idle);
    struct fault_config f = world_fault(FAULT_DUPLICATE);
    f.probability = (struct ratio){1, 5};
    f.copies = 1;
    world_fault_add(&f);
    f = world_fault(FAULT_CORRUPT);
    f.bits = 1;
    f.probability = (struct ratio){1, 5};
    world_fault_add(&f);
    f = world_fault(FAULT_BURST);
    f.p_enter = (struct ratio){1, 10};
    f.p_leave = (struct ratio){1, 2};
    world_fault_add(&f);
    for (uint32_t i = 0; i < 300; i++) {
        world_send(i % 4, i % 7 == 0 ? ALL_PORTS : (i + 1) % 4, 60 + i, (uint8_t)i);
        world_run_to(world.sim->now_ns + 9000);
    }
    world_run();
    uint32_t n = 0;
    for (uint32_t i = 0; i < world.rx_count; i++)
        if (world.rx[i].port < 4)
            out[n++] = world.rx[i];
    world_close();
    return n;
}

UNIT(segment, idle_ports_change_nothing_for_others)
{
    static struct world_rx without[WORLD_RX], with[WORLD_RX];
    for (enum segment_kind kind = SEGMENT_SWITCH; kind <= SEGMENT_HUB; kind++) {
        uint32_t n = arrivals(kind, 0, without), m = arrivals(kind, 7, with);
        CHECK(n > 300);
        CHECK_INT(n, m);
        for (uint32_t i = 0; i < n; i++)
            CHECKF(without[i].t_ns == with[i].t_ns && without[i].port == with[i].port &&
                       without[i].tag == with[i].tag && without[i].len == with[i].len,
                   "arrival %u", i);
    }
}

UNIT(segment, port_that_only_announces_itself_does_not_shift_anybodys_luck)
{
    uint64_t lost[2] = {0, 0};
    for (unsigned round = 0; round < 2; round++) {
        struct segment_config c = world_config(SEGMENT_SWITCH);
        c.loss = (struct ratio){1, 4};
        world_open(&c, 3);
        if (round == 1)
            world_send(2, ALL_PORTS, 60, 0);
        world_run();
        world_run_to(1000000);
        for (uint8_t i = 0; i < 60; i++) {
            uint32_t before = world.rx_count;
            world_send(0, 1, 60, i);
            world_run();
            bool arrived = false;
            for (uint32_t k = before; k < world.rx_count; k++)
                arrived |= world.rx[k].port == 1;
            lost[round] |= (uint64_t)!arrived << i;
        }
        world_close();
    }
    CHECK(lost[0] != 0);
    CHECK(lost[0] == lost[1]);
}

/* Rules of every kind that need memory, and enough frames to grow everything. */
static void memory_hungry(enum segment_kind kind)
{
    const char *why;
    struct fault_config f = world_fault(FAULT_REORDER);
    f.every = 3;
    f.depth = 2;
    f.delay_ns = 50000;
    f.src = "a";
    fault_add(world.s, &f, &why);
    f = world_fault(FAULT_DUPLICATE);
    f.copies = 2;
    f.every = 4;
    fault_add(world.s, &f, &why);
    f = world_fault(FAULT_CORRUPT);
    f.bits = 3;
    f.match = (struct match_term[]){{.field = 0, .op = MATCH_GT, .value = 61}};
    f.match_terms = 1;
    fault_add(world.s, &f, &why);
    f = world_fault(FAULT_TRUNCATE);
    f.length = 62;
    f.nth = (uint64_t[]){2, 5};
    f.nth_count = 2;
    fault_add(world.s, &f, &why);
    f = world_fault(FAULT_BURST);
    f.p_enter = f.p_leave = (struct ratio){1, 3};
    fault_add(world.s, &f, &why);
    f = world_fault(FAULT_RATE);
    f.rate_bps = 20000000;
    fault_add(world.s, &f, &why);
    static const char *const ab[] = {"a", "b", "c", NULL};
    static const char *const *const groups[] = {ab};
    f = world_fault(FAULT_PARTITION);
    f.groups = groups;
    f.group_count = 1;
    fault_add(world.s, &f, &why);
    if (kind != SEGMENT_LINK && segment_port_new(world.s, "c", &why) == NULL)
        CHECK_INT(strcmp(why, "no memory for a port"), 0);
    for (uint32_t i = 0; i < 12; i++) {
        struct frame *frame = frame_new(60 + i);
        if (frame == NULL)
            continue;
        memset(frame->data, 0xff, frame->len);
        frame->data[6] = (uint8_t)(2 * i);
        port_send(world.ports[i % 2], frame);
    }
    world_run();
}

UNIT(segment, every_single_allocation_may_fail_and_all_stays_whole)
{
    for (enum segment_kind kind = SEGMENT_SWITCH; kind <= SEGMENT_LINK; kind++) {
        unsigned failed = 0;
        size_t after = 0;
        for (unsigned n = 1;; n++) {
            world_kind(kind, 2);
            arena_fail_nth(n);
            memory_hungry(kind);
            void *probe = arena_alloc(16); /* NULL: the run needed n - 1 allocations */
            bool done = probe == NULL;
            arena_free(probe, 16);
            arena_fail_nth(0);
            after = world.rx_count;
            world_close(); /* nothing may be left in the arena */
            if (done)
                break;
            failed++;
        }
        CHECKF(failed > 60, "%u allocations", failed);
        CHECKF(after >= 7, "%zu arrivals", after);
    }
}

UNIT(segment, frame_without_room_on_the_cable_is_dropped_with_its_reason)
{
    for (enum segment_kind kind = SEGMENT_SWITCH; kind <= SEGMENT_LINK; kind++) {
        world_kind(kind, 2);
        world_record();
        struct frame *f = world_frame(0, 1, 60, 1);
        arena_fail_nth(1);
        CHECK(!port_send(world.ports[0], f));
        CHECK_INT(world_drops(WIRE_NO_MEMORY), 1);
        CHECK(world_send(0, 1, 60, 2));
        world_run();
        CHECK_INT(world.rx_count, 1);
        world_close();
    }
}
