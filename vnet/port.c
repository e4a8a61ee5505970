#include "vnet/medium.h"

#include "vnet/note.h"

#include <assert.h>
#include <string.h>

void port_attach(struct port *port, const struct port_owner *owner)
{
    if (owner == NULL)
        memset(&port->owner, 0, sizeof port->owner);
    else
        port->owner = *owner;
}

bool port_is_free(const struct port *port) { return port->owner.receive == NULL; }
const char *port_name(const struct port *port) { return port->name; }
struct segment *port_segment(const struct port *port) { return port->segment; }
bool port_link_is_up(const struct port *port) { return port->up; }
uint32_t port_source(const struct port *port) { return port->source; }
uint64_t port_frames_sent(const struct port *port) { return port->sent; }
uint64_t port_frames_received(const struct port *port) { return port->received; }

static void capture_at(const struct port *at, enum capture_direction d, const struct transit *t,
                       enum wire_reason drop)
{
    const struct segment *s = at->segment;
    if (!s->captured)
        return;
    char text[NOTE_TEXT_MAX];
    capture_frame(s->capture, at->interface, s->sim->now_ns, d, t->frame->data, t->frame->len,
                  note_text(t->note, drop, text, sizeof text));
}

void port_drop(struct port *at, enum capture_direction d, struct transit *t, enum wire_reason why)
{
    struct sim *sim = at->segment->sim;
    trace_emit(sim->trace, sim->now_ns, TRACE_FRAME_DROP, at->source, why, t->number,
               t->frame->data, t->frame->len);
    capture_at(at, d, t, why);
    frame_unref(t->frame);
    note_free(t->note);
}

void port_cut(struct port *at, struct cable *c, enum capture_direction d)
{
    struct transit t;
    while (cable_take(c, &t))
        port_drop(at, d, &t, WIRE_LINK_DOWN);
}

bool port_send(struct port *port, struct frame *frame)
{
    struct segment *s = port->segment;
    assert(frame->refs > 0 && frame->len >= 1 && frame->len <= FRAME_MAX);
    struct transit t = {.frame = frame, .src = port, .number = ++port->sent, .flaps = s->flaps,
                        .asked_rules = s->fault_next};
    if (!port->up) {
        port_drop(port, CAPTURE_SENT, &t, WIRE_LINK_DOWN);
        return false;
    }
    if (cable_full(&port->out)) {
        port_drop(port, CAPTURE_SENT, &t, WIRE_QUEUE_FULL);
        return false;
    }
    trace_emit(s->sim->trace, s->sim->now_ns, TRACE_FRAME_TX, port->source, t.number, 0,
               frame->data, frame->len);
    frame->told = (uint64_t)port->source << 40 | (t.number & (((uint64_t)1 << 40) - 1));
    if (s->captured)
        capture_at(port, CAPTURE_SENT, &t, WIRE_NONE);
    uint64_t jitter = s->config.kind == SEGMENT_SWITCH ? 0 : segment_jitter(s, &t, port);
    enum wire_reason why = cable_put(&port->out, &t, jitter);
    if (why != WIRE_NONE) {
        port_drop(port, CAPTURE_SENT, &t, why);
        return false;
    }
    return true;
}

bool port_abort(struct port *port)
{
    struct transit t;
    if (!cable_abort(&port->out, &t))
        return false;
    port_drop(port, CAPTURE_SENT, &t, WIRE_CORRUPTED);
    return true;
}

/* On a hub or link: did a pulled cable at either end come between start and arrival? Switches lose
 * their frames at once instead. Within the very nanosecond of the start, the order counts. */
static bool was_cut(const struct port *end, const struct transit *t)
{
    if (end->down_flaps == 0)
        return false;
    if (end->down_ns != t->asked_ns)
        return end->down_ns > t->asked_ns;
    return end->down_flaps > t->flaps;
}

/* A frame is immutable once sent, and a change on the way makes a new one: what arrives as it was
 * sent need not be hashed again. */
static void trace_arrival(struct sim *sim, struct port *dst, const struct transit *t)
{
    const struct frame *f = t->frame;
    uint64_t n = ++dst->received;
    if (f->told != 0)
        trace_refer(sim->trace, sim->now_ns, TRACE_FRAME_RX, dst->source, n, t->number, f->told,
                    f->data, f->len);
    else
        trace_emit(sim->trace, sim->now_ns, TRACE_FRAME_RX, dst->source, n, t->number, f->data,
                   f->len);
}

void port_deliver(struct port *dst, struct transit *t)
{
    struct segment *s = dst->segment;
    bool shared = s->config.kind != SEGMENT_SWITCH;
    if (!dst->up || (shared && (was_cut(dst, t) || was_cut(t->src, t)))) {
        port_drop(dst, CAPTURE_RECEIVED, t, WIRE_LINK_DOWN);
        return;
    }
    if (s->partitions > 0 && segment_cuts(s, dst, t))
        return;
    s->frames++;
    trace_arrival(s->sim, dst, t);
    if (s->captured)
        capture_at(dst, CAPTURE_RECEIVED, t, WIRE_NONE);
    if (t->note != NULL)
        note_free(t->note);
    if (dst->owner.receive != NULL)
        dst->owner.receive(dst->owner.ctx, dst, t->frame);
    else
        frame_unref(t->frame);
}

void port_link_set(struct port *port, bool up)
{
    struct segment *s = port->segment;
    if (port->up == up)
        return;
    port->up = up;
    trace_emit(s->sim->trace, s->sim->now_ns, TRACE_LINK, port->source, up, 0, NULL, 0);
    if (!up) {
        port->down_ns = s->sim->now_ns;
        port->down_flaps = ++s->flaps;
        s->ops->cut(port);
    }
    if (port->owner.link_changed != NULL)
        port->owner.link_changed(port->owner.ctx, port, up);
}
