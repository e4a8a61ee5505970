#include "world.h"

#include <stdlib.h>

struct world world;
static struct capture *capture;
static size_t before;

static void receive(void *ctx, struct port *port, struct frame *frame)
{
    (void)port;
    CHECK(world.rx_count < WORLD_RX);
    world.rx[world.rx_count++] = (struct world_rx){
        world.sim->now_ns, (uint32_t)(uintptr_t)ctx, frame->len,
        frame->len > 14 ? frame->data[14] : 0};
    frame_unref(frame);
}

static void link_changed(void *ctx, struct port *port, bool up)
{
    (void)ctx;
    CHECK(port_link_is_up(port) == up);
    world.link_changes++;
}

struct segment_config world_config(enum segment_kind kind)
{
    return (struct segment_config){.kind = kind, .rate_bps = SEGMENT_RATE_DEFAULT,
                                   .queue = SEGMENT_QUEUE_DEFAULT,
                                   .ageing_ns = SEGMENT_AGEING_DEFAULT};
}

struct port *world_port(void)
{
    char name[16];
    const char *why;
    if (world.count < 26)
        snprintf(name, sizeof name, "%c", (char)('a' + world.count));
    else
        snprintf(name, sizeof name, "p%u", world.count);
    struct port *p = segment_port_new(world.s, name, &why);
    CHECKF(p != NULL, "%s", why);
    struct port_owner owner = {receive, link_changed, (void *)(uintptr_t)world.count};
    port_attach(p, &owner);
    world.ports[world.count++] = p;
    return p;
}

void world_open_captured(const struct segment_config *config, uint32_t ports,
                         const char *capture_path)
{
    const char *why;
    memset(&world, 0, sizeof world);
    CHECK(arena_open((size_t)256 << 20));
    world.sim = sim_new(7);
    CHECK(world.sim != NULL);
    before = arena_allocated();
    capture = capture_path == NULL ? NULL : capture_open(world.sim, capture_path, "a test");
    CHECK((capture != NULL) == (capture_path != NULL));
    world.s = segment_new(world.sim, capture, "lan", config, &why);
    CHECKF(world.s != NULL, "%s", why);
    for (uint32_t i = 0; i < ports; i++)
        world_port();
}

void world_open(const struct segment_config *config, uint32_t ports)
{
    world_open_captured(config, ports, NULL);
}

void world_kind(enum segment_kind kind, uint32_t ports)
{
    struct segment_config c = world_config(kind);
    world_open(&c, ports);
}

/* The trace keeps the names of sources: they are no leak, and nothing else may be left. */
void world_close(void)
{
    segment_free(world.s);
    capture_close(capture);
    trace_sink_set(NULL, NULL, NULL);
    if (world.trace_file != NULL)
        fclose(world.trace_file);
    free(world.trace);
    CHECK_INT(queue_pending(world.sim->queue), 0);
    sim_free(world.sim);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

void world_record(void)
{
    world.trace_file = open_memstream(&world.trace, &world.trace_len);
    CHECK(world.trace_file != NULL);
    trace_sink_set(world.trace_file, NULL, NULL);
}

static void put_mac(uint8_t *at, uint32_t port)
{
    const uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)(port >> 8), (uint8_t)port};
    memcpy(at, mac, 6);
}

struct frame *world_frame(uint32_t from, uint32_t to, uint32_t len, uint8_t tag)
{
    uint8_t bytes[FRAME_MAX];
    memset(bytes, 0, sizeof bytes);
    if (to == ALL_PORTS)
        memset(bytes, 0xff, 6);
    else
        put_mac(bytes, to);
    put_mac(bytes + 6, from);
    bytes[12] = 0x88; /* local experimental EtherType 1, IEEE 802 */
    bytes[13] = 0xb5;
    bytes[14] = tag;
    struct frame *f = frame_copy(bytes, len);
    CHECK(f != NULL);
    return f;
}

bool world_send(uint32_t from, uint32_t to, uint32_t len, uint8_t tag)
{
    return port_send(world.ports[from], world_frame(from, to, len, tag));
}

static void check(void)
{
    const char *problem = segment_check(world.s);
    CHECKF(problem == NULL, "%s", problem);
}

void world_run_to(uint64_t t_ns)
{
    check();
    while (sim_step(world.sim, t_ns))
        check();
    if (t_ns != NEVER)
        sim_run(world.sim, t_ns, 1);
}

void world_run(void) { world_run_to(NEVER); }

static uint32_t count_lines(const char *kind, unsigned a)
{
    CHECK(world.trace_file != NULL);
    fflush(world.trace_file);
    char wanted_kind[40], wanted_a[40];
    snprintf(wanted_kind, sizeof wanted_kind, "\"kind\": \"%s\"", kind);
    snprintf(wanted_a, sizeof wanted_a, "\"a\": %u,", a);
    uint32_t n = 0;
    for (const char *line = world.trace; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        const char *k = strstr(line, wanted_kind), *v = strstr(line, wanted_a);
        n += k != NULL && k < end && v != NULL && v < end;
        line = end == NULL ? NULL : end + 1;
    }
    return n;
}

uint32_t world_drops(enum wire_reason why) { return count_lines("frame_drop", why); }
uint32_t world_impairs(enum wire_reason what) { return count_lines("impair", what); }

struct fault_config world_fault(enum fault_kind kind)
{
    return (struct fault_config){.kind = kind, .until_ns = NEVER, .offset = -1};
}

struct fault *world_fault_add(const struct fault_config *config)
{
    const char *why = NULL;
    struct fault *f = fault_add(world.s, config, &why);
    CHECKF(f != NULL, "%s", why);
    return f;
}
