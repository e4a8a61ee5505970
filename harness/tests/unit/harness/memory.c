/* memory.c: the world's memory runs out: at every single allocation, and for good. What was asked
 * for is then refused in one sentence, nothing is lost, and it works when there is memory again. */
#include "unit.h"

#include "client.h"

#include "harness/app/app.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/options.h"
#include "harness/host/ping.h"
#include "harness/host/raw_socket.h"
#include "harness/host/udp_socket.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/port.h"
#include "vnet/segment.h"

#include "stack/core/instance.h"

#define ROOM ((size_t)64 << 20)
#define ALLOCATIONS_MAX 2000u

static struct world *world;
static const char *why;

static struct segment *new_segment(void)
{
    const struct segment_config config = {.kind = SEGMENT_SWITCH,
        .rate_bps = SEGMENT_RATE_DEFAULT, .queue = SEGMENT_QUEUE_DEFAULT,
        .ageing_ns = SEGMENT_AGEING_DEFAULT, .loss = {0, 1}};
    return segment_new(world->sim, NULL, "lan", &config, &why);
}

static struct host *new_host(void)
{
    struct host_config config = {.name = "a"};
    options_default(&config);
    return host_new(world, &config, &why);
}

static struct host_interface *new_interface(struct host *h, struct segment *s)
{
    const struct interface_config config = {.segment = s, .ip = 0x0a000001, .mask = 0xffffff00,
        .mtu = 1500, .vlan = INTERFACE_VLAN_NONE, .checksum = NETIF_CHECKSUM_ENABLE_ALL,
        .up = true};
    enum interface_refusal refusal;
    struct host_interface *i = interface_new(h, &config, &why, &refusal);
    if (i == NULL)
        CHECK(refusal == INTERFACE_NO_ROOM || refusal == INTERFACE_STACK_REFUSED);
    return i;
}

/* What is refused for the n-th allocation is refused for a reason in words; asked for once more it
 * is there. */
#define TWICE(thing, ask)                                                                          \
    do {                                                                                           \
        why = NULL;                                                                                \
        thing = ask;                                                                               \
        if (thing == NULL) {                                                                       \
            CHECKF(why != NULL && strlen(why) > 10, "n %u: %s", n, #ask);                          \
            refused++;                                                                             \
            thing = ask;                                                                           \
            CHECKF(thing != NULL, "n %u: %s again: %s", n, #ask, why);                             \
        }                                                                                          \
    } while (0)

/* Returns how many of the steps were refused. */
static unsigned build_and_use(unsigned n)
{
    unsigned refused = 0;
    struct segment *s;
    struct host *h;
    struct host_interface *i;
    TWICE(s, new_segment());
    uint32_t segment_id = vector_add(&world->segments, s);
    if (segment_id == 0) {
        refused++;
        CHECK_INT(vector_add(&world->segments, s), 1);
    }
    TWICE(h, new_host());
    TWICE(i, new_interface(h, s));
    CHECK(strcmp(port_name(i->port), "lan/a") == 0);
    err_t err = ERR_OK;
    struct udp_socket_config udp = {.addr = 0x0a000001, .port = 7, .capacity = 4};
    struct udp_socket *u = udp_socket_new(h, &udp, &err);
    if (u == NULL) {
        CHECKF(err == ERR_MEM, "n %u: udp: %d", n, err);
        refused++;
    }
    struct raw_socket_config raw = {.proto = 200, .capacity = 4};
    if (raw_socket_new(h, &raw, &err) == NULL) {
        CHECKF(err == ERR_MEM, "n %u: raw: %d", n, err);
        refused++;
    }
    struct ping_config ping = {.addr = 0x0a000009, .ttl = -1};
    if (ping_new(h, &ping, &err) == NULL || err != ERR_OK) {
        CHECKF(err == ERR_MEM, "n %u: ping: %d", n, err);
        refused++;
    }
    (void)sim_run(world->sim, 1000000000, 1000000);
    return refused;
}

/* The n-th allocation of the world, for every n, from the empty arena to a host that pings. */
UNIT(memory, any_allocation_of_the_world_may_fail)
{
    bool failed = true;
    unsigned n = 1, refusals = 0;
    for (; failed; n++) {
        CHECK(n < ALLOCATIONS_MAX);
        CHECK(arena_open(ROOM));
        arena_fail_nth(n);
        world = world_new(1);
        if (world == NULL) {
            CHECK_INT(arena_allocated(), 0);
            refusals++;
            world = world_new(1);
            CHECK(world != NULL);
        }
        refusals += build_and_use(n);
        failed = arena_fails_in() == 0;
        arena_fail_nth(0);
        struct host *h = host_by_name(world, "a");
        CHECK(stack_check(h->stack) == NULL);
        world_free(world);
        CHECKF(arena_allocated() == 0, "n %u: %zu bytes lost", n, arena_allocated());
        CHECK(arena_check() == NULL);
        arena_close();
    }
    CHECKF(n > 20 && refusals > 10, "%u allocations, %u refusals", n, refusals);
}

static void check_ping(struct client *c, uint64_t until_ns)
{
    int64_t ping = client_do(c, "object", "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2'}");
    (void)client_run(c, until_ns);
    json_t *result = client_ask(c, "{'op': 'ping_result', 'object': %d}", (int)ping);
    CHECKF(json_object_get(result, "rtt_ns") != NULL, "%.200s", (const char *)c->message);
    json_decref(result);
    client_do(c, NULL, "{'op': 'object_close', 'object': %d}", (int)ping);
}

/* Hosts until the world is full: one sentence, of the kind "limit", again and again; the hosts that
 * are there go on with what they have. */
UNIT(memory, full_world_says_so_and_lives_on)
{
    struct client *c = client_spawn("--memory", "512K", NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    check_ping(c, 1000000000);
    unsigned made = 2, refused = 0;
    while (refused < 3) {
        json_t *reply = client_ask(c, "{'op': 'host', 'name': 'h%u'}", made + refused);
        if (json_is_true(json_object_get(reply, "ok"))) {
            CHECK_INT(refused, 0);
            made++;
        } else {
            const char *error = json_string_value(json_object_get(reply, "error"));
            const char *kind = json_string_value(json_object_get(reply, "kind"));
            CHECKF(strcmp(kind, "limit") == 0, "%s: %s", kind, error);
            CHECKF(strstr(error, "host: the world's memory is full") != NULL, "%s", error);
            refused++;
        }
        json_decref(reply);
        CHECK(made < 1000);
    }
    CHECK(made > 2);
    check_ping(c, 2000000000);
    client_finish(c); /* nothing is lost */
    CHECK_INT(client_stop(c), 0);
}

/* Not even room for an empty world: one line, and the exit status of bad usage. */
UNIT(memory, world_that_does_not_fit_is_refused)
{
    struct client *c = client_spawn("--memory", "1K", NULL);
    CHECK_INT(client_read(c), 0);
    CHECK_INT(client_stop(c), 2);
    c = client_spawn("--memory", "6K", NULL);
    CHECK_INT(client_read(c), 0);
    CHECK_INT(client_stop(c), 2);
}

/* One allocation of one host, by command. */
UNIT(memory, allocation_of_a_host_fails_by_command)
{
    struct client *c = client_start();
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'fail_alloc', 'host': 1, 'nth': 1}");
    CHECK_INT(client_do(c, "failed", "{'op': 'allocs', 'host': 1}"), 0);
    json_t *reply = client_ask(c, "{'op': 'udp', 'host': 1, 'port': 7}");
    CHECK(json_is_false(json_object_get(reply, "ok")));
    CHECK(strcmp(json_string_value(json_object_get(reply, "kind")), "stack") == 0);
    json_decref(reply);
    CHECK_INT(client_do(c, "failed", "{'op': 'allocs', 'host': 1}"), 1);
    CHECK_INT(client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 7}"), 2);
    reply = client_ask(c, "{'op': 'allocs', 'host': 1}");
    const json_t *held = json_object_get(reply, "held");
    CHECK_INT(json_integer_value(json_object_get(held, "UDP_PCB")), 1);
    json_decref(reply);
    client_do(c, NULL, "{'op': 'fail_alloc', 'host': 1, 'nth': 2, 'count': 3}");
    client_do(c, NULL, "{'op': 'fail_alloc', 'host': 1, 'nth': 0}");
    client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 8}");
    client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 9}");
    CHECK_INT(client_do(c, "failed", "{'op': 'allocs', 'host': 1}"), 0);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}
