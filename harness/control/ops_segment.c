/* harness/control/ops_segment.c: the wires and the controller's own places on them. */
#include "harness/control/ops.h"
#include "harness/control/session.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/fault.h"
#include "vnet/frame.h"
#include "vnet/segment.h"

#include <string.h>

#define RATE_MAX UINT64_C(1000000000000)
#define TIME_MAX UINT64_C(1000000000000000000)
#define QUEUE_MAX UINT32_MAX

void op_segment(struct request *r)
{
    static const char *const kinds[] = {"switch", "hub", "link", NULL};
    const char *name = request_name(r, "name");
    struct segment_config config = {
        .kind = request_has(r, "kind") ? (enum segment_kind)request_choice(r, "kind", kinds)
                                       : SEGMENT_SWITCH,
        .rate_bps = request_u64_or(r, "rate_bps", 1, RATE_MAX, SEGMENT_RATE_DEFAULT),
        .latency_ns = request_u64_or(r, "latency_ns", 0, TIME_MAX, 0),
        .jitter_ns = request_u64_or(r, "jitter_ns", 0, TIME_MAX, 0),
        .loss = request_ratio_or(r, "loss", (struct ratio){0, 1}),
        .queue = (uint32_t)request_u64_or(r, "queue", 1, QUEUE_MAX, SEGMENT_QUEUE_DEFAULT),
        .ageing_ns = request_u64_or(r, "ageing_ns", 1, TIME_MAX, SEGMENT_AGEING_DEFAULT),
    };
    bool capture = request_bool_or(r, "capture", true);
    struct world *w = r->world;
    if (request_ok(r) && world_segment(w, name) != NULL)
        request_fail(r, "usage", "there is a segment \"%s\" already", name);
    if (!request_ok(r))
        return;
    const char *why = "the world's memory is full";
    struct segment *s = segment_new(w->sim, capture ? w->capture : NULL, name, &config, &why);
    if (s == NULL) {
        request_fail(r, "limit", "%s", why);
        return;
    }
    uint32_t id = vector_add(&w->segments, s);
    if (id == 0) {
        segment_free(s);
        request_fail(r, "limit", "the world's memory is full");
        return;
    }
    segment_predicate_set(s, session_ask, NULL);
    reply_int(r, "segment", id);
}

static void arrived(void *ctx, struct port *port, struct frame *frame)
{
    struct control_port *p = ctx;
    (void)port;
    world_push_frame(p->world, p->id, frame);
}

void op_port(struct request *r)
{
    uint8_t mac[6];
    struct segment *s = request_segment(r);
    const char *name = request_name(r, "name");
    (void)request_mac_or_none(r, "mac", mac);
    if (request_ok(r) && segment_port(s, name) != NULL)
        request_fail(r, "usage", "segment %s has a port \"%s\" already", segment_name(s), name);
    if (!request_ok(r))
        return;
    const char *why = "the world's memory is full";
    /* the port last: it cannot be taken off its segment again */
    bool reserved = vector_reserve(&r->world->ports);
    struct control_port *p = reserved ? arena_calloc(sizeof *p) : NULL;
    struct port *port = p != NULL ? segment_port_new(s, name, &why) : NULL;
    if (port == NULL) {
        arena_free(p, sizeof *p);
        request_fail(r, "limit", "%s", why);
        return;
    }
    p->world = r->world;
    p->port = port;
    p->id = vector_add(&r->world->ports, p);
    port_attach(port, &(struct port_owner){.receive = arrived, .ctx = p});
    reply_int(r, "port", p->id);
}

void op_link(struct request *r)
{
    struct segment *s = request_segment(r);
    const char *name = request_text_or(r, "port", NULL);
    bool up = request_bool(r, "up");
    if (!request_ok(r))
        return;
    if (name == NULL) {
        segment_link_set(s, up);
        return;
    }
    struct port *port = segment_port(s, name);
    if (port == NULL)
        request_fail(r, "usage", "segment %s has no port \"%.60s\"", segment_name(s), name);
    else
        port_link_set(port, up);
}
