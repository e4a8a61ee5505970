/* harness/control/ops_tap.c: a port whose other side is the Linux kernel. How frames get there and
 * back is the carrier's business (runner/bridge.c); a replay has recorded frames instead. */
#include "harness/control/ops.h"
#include "harness/control/recording.h"
#include "harness/control/session.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/segment.h"

#include <inttypes.h>

#define FD_MAX (1u << 20)

static bool open_tap(struct request *r, const struct session_tap *tap)
{
    const struct session *s = r->session;
    char why[300] = "there is no way to the kernel from here";
    bool opened = s->carrier.tap_open != NULL &&
                  s->carrier.tap_open(s->carrier.ctx, tap, why, sizeof why);
    if (!opened)
        request_fail(r, "usage", "%s", why);
    return opened;
}

/* The port comes last, as it cannot be taken off its segment again. */
static void join(struct request *r, struct segment *s, const char *name, struct session_tap *tap)
{
    struct session *session = r->session;
    const char *why = "the world's memory is full";
    struct vector *ports = &r->world->ports;
    struct control_port *p = vector_reserve(ports) ? arena_calloc(sizeof *p) : NULL;
    tap->port = ports->count + 1;
    if (p == NULL) {
        request_fail(r, "limit", "%s", why);
        return;
    }
    bool opened = open_tap(r, tap);
    struct port *port = opened ? segment_port_new(s, name, &why) : NULL;
    if (port == NULL) {
        if (opened)
            session->carrier.tap_close(session->carrier.ctx, tap->port);
        request_fail(r, "limit", "%s", why);
        arena_free(p, sizeof *p);
        return;
    }
    *p = (struct control_port){.world = r->world, .port = port, .tap = true};
    p->id = vector_add(ports, p);
    port_attach(port, &(struct port_owner){.receive = session_tap_write, .ctx = p});
    session->tap_count++;
    if (session->config.recorder != NULL) {
        struct recorded_tap t = {.port = p->id, .t_ns = r->world->sim->now_ns};
        recorder_put_tap(session->config.recorder, &t, NULL, 0);
    }
    reply_int(r, "port", p->id);
}

void op_tap(struct request *r)
{
    struct segment *s = request_segment(r);
    const char *name = request_name(r, "name");
    struct session_tap tap = {.device = request_text_or(r, "device", NULL),
                              .netns = request_text_or(r, "netns", NULL), .fd = -1};
    if (request_has(r, "fd"))
        tap.fd = (int)request_u64(r, "fd", 0, FD_MAX);
    if (request_ok(r) && (tap.device != NULL) == (tap.fd >= 0))
        request_fail(r, "usage", "either a device or an fd is needed");
    if (request_ok(r) && segment_port(s, name) != NULL)
        request_fail(r, "usage", "segment %s has a port \"%s\" already", segment_name(s), name);
    if (request_ok(r))
        join(r, s, name, &tap);
}

void op_tap_counts(struct request *r)
{
    static const char *const reasons[TAP_DROPS] = {
        [TAP_QUEUE_FULL] = "queue_full", [TAP_DOWN] = "down", [TAP_REFUSED] = "refused",
        [TAP_TOO_LONG] = "too_long"};
    uint32_t id = (uint32_t)request_u64(r, "port", 1, UINT32_MAX);
    struct session *s = r->session;
    struct session_tap_counts counts = {0};
    const struct control_port *p = request_ok(r) ? vector_get(&r->world->ports, id) : NULL;
    if (request_ok(r) && (p == NULL || !p->tap))
        request_fail(r, "usage", "there is no TAP %" PRIu32, id);
    if (!request_ok(r))
        return;
    s->carrier.tap_counts(s->carrier.ctx, id, &counts);
    json_t *dropped = json_object();
    for (unsigned i = 0; i < TAP_DROPS; i++)
        if (counts.dropped[i] > 0)
            json_object_set_new(dropped, reasons[i], json_integer((json_int_t)counts.dropped[i]));
    reply_int(r, "in", counts.in);
    reply_int(r, "out", counts.out);
    reply_int(r, "waiting", counts.waiting);
    reply_json(r, "dropped", dropped);
    reply_bool(r, "gone", counts.gone);
}
