#include "vnet/shared.h"

#include "vnet/impair/impair.h"

void shared_port_init(struct port *port)
{
    struct segment *s = port->segment;
    cable_init(&port->out, s->sim, port, s->config.rate_bps, s->config.latency_ns,
               s->config.queue);
    port->out.stamp = true;
    cable_announce(&port->out, s->harmful);
    /* Not used, but initialised: checks and cuts look at both. */
    cable_init(&port->in, s->sim, port, s->config.rate_bps, 0, s->config.queue);
}

void shared_release(struct segment *s, struct delivery *d)
{
    if (!hold_put(&s->hold, d->release_ns, d->dst, &d->t))
        port_drop(d->dst, CAPTURE_RECEIVED, &d->t, WIRE_NO_MEMORY);
}

void shared_cut(struct port *port)
{
    port_cut(port, &port->out, CAPTURE_SENT);
}

void shared_ask(struct cable_slot *slot, struct port *dst)
{
    struct segment *s = dst->segment;
    struct transit one = slot->t;
    one.asked_ns = slot->start_ns;
    one.asked_rules = s->fault_next;
    frame_ref(one.frame);
    segment_judge(s, &one, dst, slot->arrive_ns);
}

void shared_taken(struct cable_slot *slot)
{
    frame_unref(slot->t.frame);
    slot->t.frame = NULL;
}
