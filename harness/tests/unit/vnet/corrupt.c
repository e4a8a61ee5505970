#include "world.h"

static struct frame *last;

static void keep(void *ctx, struct port *port, struct frame *frame)
{
    (void)ctx;
    (void)port;
    if (last != NULL)
        frame_unref(last);
    last = frame;
}

static void open_link(void)
{
    static const struct port_owner owner = {keep, NULL, NULL};
    world_kind(SEGMENT_LINK, 2);
    world_record();
    port_attach(world.ports[1], &owner);
    last = NULL;
}

static void close_link(void)
{
    frame_unref(last);
    world_close();
}

static unsigned different_bits(const struct frame *a, const struct frame *b)
{
    unsigned n = 0;
    CHECK_INT(a->len, b->len);
    for (uint32_t i = 0; i < a->len; i++)
        n += (unsigned)__builtin_popcount(a->data[i] ^ b->data[i]);
    return n;
}

UNIT(corrupt, exactly_the_wanted_number_of_bits_differ)
{
    open_link();
    static const uint32_t counts[] = {1, 2, 8, 64};
    for (unsigned i = 0; i < 4; i++) {
        struct fault_config c = world_fault(FAULT_CORRUPT);
        c.bits = counts[i];
        struct fault *f = world_fault_add(&c);
        for (unsigned k = 0; k < 50; k++) {
            struct frame *sent = world_frame(0, 1, 60, 1);
            port_send(world.ports[0], frame_ref(sent));
            world_run();
            CHECK_INT(different_bits(sent, last), counts[i]);
            frame_unref(sent);
        }
        CHECK_INT(fault_fired(f), 50);
        fault_remove(f);
    }
    CHECK_INT(world_impairs(WIRE_CORRUPTED), 200);
    close_link();
}

UNIT(corrupt, more_bits_than_the_frame_has_flips_all)
{
    open_link();
    struct fault_config c = world_fault(FAULT_CORRUPT);
    c.bits = 64;
    world_fault_add(&c);
    port_send(world.ports[0], frame_copy("\x00\x0f\xff", 3));
    world_run();
    CHECK_MEM(last->data, "\xff\xf0\x00", 3);
    close_link();
}

UNIT(corrupt, same_seed_flips_the_same_bits)
{
    uint8_t seen[2][60];
    for (unsigned i = 0; i < 2; i++) {
        open_link();
        struct fault_config c = world_fault(FAULT_CORRUPT);
        c.bits = 5;
        world_fault_add(&c);
        world_send(0, 1, 60, 1);
        world_run();
        memcpy(seen[i], last->data, 60);
        close_link();
    }
    CHECK_MEM(seen[0], seen[1], 60);
}

UNIT(corrupt, chosen_byte_is_xored_and_frames_too_short_for_it_are_left_alone)
{
    open_link();
    struct fault_config c = world_fault(FAULT_CORRUPT);
    c.offset = 14;
    c.xor_byte = 0x81;
    struct fault *f = world_fault_add(&c);
    struct frame *sent = world_frame(0, 1, 60, 0x0f);
    port_send(world.ports[0], frame_ref(sent));
    world_run();
    CHECK_INT(last->data[14], 0x8e);
    CHECK_INT(different_bits(sent, last), 2);
    CHECK_INT(sent->data[14], 0x0f);
    frame_unref(sent);
    sent = world_frame(0, 1, 14, 0);
    port_send(world.ports[0], frame_ref(sent));
    world_run();
    CHECK(last == sent);
    CHECK_INT(fault_fired(f), 1);
    frame_unref(sent);
    close_link();
}

/* An IPv4 header with a good checksum and no upper layer. */
static struct frame *ip_frame(void)
{
    struct frame *f = world_frame(0, 1, 34, 0);
    static const uint8_t ip[20] = {0x45, 0, 0, 20, 0, 1, 0, 0, 64, 253, 0x65, 0xea,
                                   10, 0, 0, 1, 10, 0, 0, 2};
    f->data[12] = 8, f->data[13] = 0;
    memcpy(f->data + 14, ip, sizeof ip);
    return f;
}

static unsigned ip_sum(const struct frame *f)
{
    unsigned acc = 0;
    for (unsigned i = 0; i < 20; i += 2)
        acc += (unsigned)f->data[14 + i] << 8 | f->data[15 + i];
    return (acc & 0xffff) + (acc >> 16);
}

UNIT(corrupt, repaired_frame_is_changed_and_its_checksum_does_not_tell)
{
    open_link();
    struct frame *sent = ip_frame();
    CHECK_INT(ip_sum(sent), 0xffff);
    struct fault_config c = world_fault(FAULT_CORRUPT);
    c.offset = 14 + 8; /* TTL */
    c.xor_byte = 1;
    c.repair = true;
    struct fault *f = world_fault_add(&c);
    port_send(world.ports[0], frame_ref(sent));
    world_run();
    CHECK_INT(last->data[22], 65);
    CHECK_INT(ip_sum(last), 0xffff);
    fault_remove(f);

    c.offset = 14 + 10; /* the checksum itself: repairing undoes it */
    f = world_fault_add(&c);
    port_send(world.ports[0], frame_ref(sent));
    world_run();
    CHECK_INT(fault_fired(f), 0);
    CHECK(last == sent);
    fault_remove(f);

    c.offset = -1;
    c.bits = 1;
    f = world_fault_add(&c);
    for (unsigned i = 0; i < 500; i++) {
        port_send(world.ports[0], frame_ref(sent));
        world_run();
        CHECK(different_bits(sent, last) > 0);
    }
    CHECK_INT(fault_fired(f), 500);
    frame_unref(sent);
    close_link();
}
