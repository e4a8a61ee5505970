/* Which deliveries a rule chooses, and in what order rules are asked. */
#include "vnet/fault.h"

#include "world.h"

/* Sends `n` frames a -> b, 10 us apart, tags from 1; returns which arrived as a bit set. */
static uint64_t survivors(unsigned n)
{
    uint64_t bits = 0;
    for (unsigned i = 1; i <= n; i++) {
        world_send(0, 1, 60, (uint8_t)i);
        world_run_to(world.sim->now_ns + 20000);
    }
    world_run();
    for (uint32_t i = 0; i < world.rx_count; i++)
        if (world.rx[i].port == 1)
            bits |= 1ull << world.rx[i].tag;
    return bits;
}

static uint64_t all_but(unsigned n, uint64_t lost)
{
    return (((1ull << n) - 1) << 1) & ~lost;
}

UNIT(fault, nth_drops_exactly_the_named_ordinals)
{
    world_kind(SEGMENT_SWITCH, 2);
    world_record();
    struct fault_config c = world_fault(FAULT_DROP);
    c.nth = (uint64_t[]){1, 3, 10};
    c.nth_count = 3;
    c.src = "a";
    struct fault *f = world_fault_add(&c);
    CHECK_INT(survivors(12), all_but(12, 1 << 1 | 1 << 3 | 1 << 10));
    CHECK_INT(fault_fired(f), 3);
    CHECK_INT(fault_matched(f), 12);
    CHECK_INT(world_drops(WIRE_FAULT_DROP), 3);
    world_close();
}

UNIT(fault, every_drops_each_kth)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DROP);
    c.every = 4;
    world_fault_add(&c);
    CHECK_INT(survivors(13), all_but(13, 1 << 4 | 1 << 8 | 1 << 12));
    world_close();
}

UNIT(fault, count_ends_the_rule)
{
    world_kind(SEGMENT_HUB, 2);
    struct fault_config c = world_fault(FAULT_DROP);
    c.every = 2;
    c.count = 2;
    struct fault *f = world_fault_add(&c);
    CHECK_INT(survivors(9), all_but(9, 1 << 2 | 1 << 4));
    CHECK_INT(fault_matched(f), 4);
    world_close();
}

UNIT(fault, window_includes_its_start_and_excludes_its_end)
{
    world_kind(SEGMENT_SWITCH, 2);
    struct fault_config c = world_fault(FAULT_DROP);
    c.from_ns = 20000 + W60; /* frame 2 is through the first cable */
    c.until_ns = 60000 + W60; /* and frame 4 */
    world_fault_add(&c);
    CHECK_INT(survivors(5), all_but(5, 1 << 2 | 1 << 3));
    world_close();
}

UNIT(fault, on_a_link_the_window_is_about_the_start_of_the_frame)
{
    world_kind(SEGMENT_LINK, 2);
    struct fault_config c = world_fault(FAULT_DROP);
    c.from_ns = W60_GAP; /* the second of two sent together starts then */
    c.until_ns = W60_GAP + 1;
    world_fault_add(&c);
    for (uint8_t i = 1; i <= 3; i++)
        world_send(0, 1, 60, i);
    world_run();
    CHECK_INT(world.rx_count, 2);
    CHECK_RX(0, W60, 1, 1);
    CHECK_RX(1, 2 * W60_GAP + W60, 1, 3);
    world_close();
}

UNIT(fault, rule_added_while_frames_wait_on_a_link_is_asked_for_those)
{
    world_kind(SEGMENT_LINK, 2);
    for (uint8_t i = 1; i <= 3; i++)
        world_send(0, 1, 60, i);
    world_run_to(W60_GAP); /* the second has just started */
    struct fault_config c = world_fault(FAULT_DROP);
    struct fault *f = world_fault_add(&c);
    world_run();
    CHECK_INT(world.rx_count, 2);
    CHECK_INT(fault_fired(f), 1);
    fault_remove(f);
    world_send(0, 1, 60, 4);
    world_run();
    CHECK_INT(world.rx_count, 3);
    world_close();
}

UNIT(fault, direction_limits_the_rule)
{
    world_kind(SEGMENT_SWITCH, 3);
    struct fault_config c = world_fault(FAULT_DROP);
    c.src = "a";
    c.dst = "c";
    world_fault_add(&c);
    world_send(0, ALL_PORTS, 60, 1);
    world_send(1, ALL_PORTS, 60, 2);
    world_run();
    CHECK_INT(world.rx_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        CHECK(world.rx[i].tag == 2 || world.rx[i].port == 1);
    world_close();
}

UNIT(fault, broadcast_is_one_delivery_per_receiver)
{
    world_kind(SEGMENT_SWITCH, 5);
    struct fault_config c = world_fault(FAULT_DROP);
    c.nth = (uint64_t[]){2};
    c.nth_count = 1;
    struct fault *f = world_fault_add(&c);
    world_send(0, ALL_PORTS, 60, 1);
    world_run();
    CHECK_INT(world.rx_count, 3);
    CHECK_INT(fault_matched(f), 4);
    world_close();
}

UNIT(fault, names_bind_to_ports_that_come_later)
{
    world_kind(SEGMENT_SWITCH, 1);
    struct fault_config c = world_fault(FAULT_DROP);
    c.dst = "c";
    world_fault_add(&c);
    world_port();
    world_port();
    world_send(0, ALL_PORTS, 60, 1);
    world_run();
    CHECK_INT(world.rx_count, 1);
    CHECK_INT(world.rx[0].port, 1);
    world_close();
}

UNIT(fault, match_terms_choose_by_header)
{
    world_kind(SEGMENT_SWITCH, 2);
    struct match_term t = {.field = match_field("eth.type"), .op = MATCH_EQ, .value = 0x88b5};
    struct match_term tag = {.op = MATCH_BYTES, .offset = 14, .bytes_len = 1, .bytes = {3}};
    struct fault_config c = world_fault(FAULT_DROP);
    c.match = (struct match_term[]){t, tag};
    c.match_terms = 2;
    struct fault *f = world_fault_add(&c);
    CHECK_INT(survivors(5), all_but(5, 1 << 3));
    CHECK_INT(fault_matched(f), 1);
    world_close();
}

static unsigned asked;

static bool even_tags(void *ctx, uint32_t predicate, const struct fault *f,
                      const struct frame *frame)
{
    CHECK(ctx == &asked);
    CHECK_INT(predicate, 77);
    CHECK_INT(fault_kind_of(f), FAULT_DROP);
    asked++;
    return frame->data[14] % 2 == 0;
}

UNIT(fault, predicate_is_asked_after_the_cheaper_conditions_and_before_ordinals)
{
    world_kind(SEGMENT_SWITCH, 2);
    segment_predicate_set(world.s, even_tags, &asked);
    struct fault_config c = world_fault(FAULT_DROP);
    c.predicate = 77;
    c.src = "a";
    c.nth = (uint64_t[]){2};
    c.nth_count = 1;
    world_fault_add(&c);
    world_send(1, 0, 60, 9);
    CHECK_INT(survivors(7), all_but(7, 1 << 4));
    CHECK_INT(asked, 7);
    world_close();
}

UNIT(fault, probability_is_a_pure_function_of_seed_direction_and_frame)
{
    uint64_t bits[2];
    for (unsigned round = 0; round < 2; round++) {
        world_kind(SEGMENT_SWITCH, 3 + round); /* an idle port more in the second round */
        world_record();
        struct fault_config c = world_fault(FAULT_DROP);
        c.probability = (struct ratio){1, 3};
        struct fault *f = world_fault_add(&c);
        if (round == 1)
            for (unsigned i = 0; i < 5; i++)
                world_send(3, ALL_PORTS, 60, 0); /* and it even speaks */
        world_run_to(1000000);
        bits[round] = survivors(60);
        CHECK(fault_fired(f) > 20);
        CHECK_INT(world_drops(WIRE_LOSS), fault_fired(f));
        world_close();
    }
    CHECK(bits[0] == (bits[1] & ~1ull));
    CHECK_INT(__builtin_popcountll(bits[0]), 41);
}

UNIT(fault, rules_are_asked_in_order_and_see_what_earlier_ones_did)
{
    world_kind(SEGMENT_SWITCH, 2);
    struct fault_config cut = world_fault(FAULT_TRUNCATE);
    cut.length = 40;
    world_fault_add(&cut);
    struct match_term t = {.field = match_field("frame.len"), .op = MATCH_EQ, .value = 40};
    struct fault_config drop = world_fault(FAULT_DROP);
    drop.match = &t;
    drop.match_terms = 1;
    struct fault *f = world_fault_add(&drop);
    struct fault *first = segment_fault_next(world.s, NULL);
    CHECK_INT(fault_kind_of(first), FAULT_TRUNCATE);
    CHECK(segment_fault_next(world.s, first) == f);
    CHECK(segment_fault_next(world.s, f) == NULL);
    CHECK_INT(survivors(3), 0);
    CHECK_INT(fault_fired(f), 3);
    fault_remove(first);
    CHECK_INT(survivors(3), all_but(3, 0));
    world_close();
}

static void refused(struct fault_config c, const char *member)
{
    const char *why = NULL;
    CHECK(fault_add(world.s, &c, &why) == NULL);
    CHECKF(why != NULL && strncmp(why, member, strlen(member)) == 0, "%s, expected %s", why,
           member);
}

UNIT(fault, impossible_config_is_refused_with_the_members_name)
{
    world_kind(SEGMENT_SWITCH, 2);
    size_t before = arena_allocated();
    struct fault_config c = world_fault(FAULT_DROP);
    c.from_ns = 2, c.until_ns = 1;
    refused(c, "until_ns");
    c = world_fault(FAULT_DROP);
    c.nth = (uint64_t[]){0};
    c.nth_count = 1;
    refused(c, "nth");
    c.nth = (uint64_t[]){2, 2};
    c.nth_count = 2;
    refused(c, "nth");
    c.nth_count = 0;
    refused(c, "nth");
    c = world_fault(FAULT_DROP);
    c.probability = (struct ratio){3, 2};
    refused(c, "probability");
    c = world_fault(FAULT_DROP);
    c.match_terms = 1;
    refused(c, "match");
    refused(world_fault(FAULT_DELAY), "delay_ns");
    c = world_fault(FAULT_DELAY);
    c.delay_ns = NEVER;
    refused(c, "delay_ns");
    refused(world_fault(FAULT_DUPLICATE), "copies");
    refused(world_fault(FAULT_REORDER), "depth");
    c = world_fault(FAULT_REORDER);
    c.depth = 1;
    refused(c, "delay_ns");
    refused(world_fault(FAULT_CORRUPT), "bits");
    c = world_fault(FAULT_CORRUPT);
    c.offset = 0;
    refused(c, "xor_byte");
    refused(world_fault(FAULT_TRUNCATE), "length");
    refused(world_fault(FAULT_PARTITION), "groups");
    refused(world_fault(FAULT_BURST), "p_enter");
    c = world_fault(FAULT_BURST);
    c.p_enter = (struct ratio){1, 2};
    refused(c, "p_leave");
    c.p_leave = (struct ratio){1, 2};
    c.p_loss_bad = (struct ratio){2, 1};
    refused(c, "p_loss");
    refused(world_fault(FAULT_RATE), "rate_bps");
    c = world_fault(FAULT_DROP);
    c.kind = FAULT_KINDS;
    refused(c, "kind");
    CHECK_INT(arena_allocated(), before);
    world_close();
}

UNIT(fault, what_the_config_points_to_may_go_away_after_adding)
{
    world_kind(SEGMENT_SWITCH, 2);
    char src[] = "a";
    uint64_t nth[] = {2};
    struct match_term term = {.field = match_field("frame.len"), .op = MATCH_EQ, .value = 60};
    struct fault_config c = world_fault(FAULT_DROP);
    c.src = src;
    c.nth = nth;
    c.nth_count = 1;
    c.match = &term;
    c.match_terms = 1;
    c.must_fire = true;
    struct fault *f = world_fault_add(&c);
    CHECK(fault_must_fire(f));
    memset(src, 'x', 1);
    memset(nth, 0xff, sizeof nth);
    memset(&term, 0xff, sizeof term);
    memset(&c, 0xff, sizeof c);
    CHECK_INT(survivors(3), all_but(3, 1 << 2));
    world_close();
}
