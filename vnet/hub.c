/* hub.c: a repeater: what one port sends, all others get, at the same time. */
#include "vnet/shared.h"

static void start(struct cable *c, struct cable_slot *slot)
{
    struct segment *s = c->port->segment;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->ports[i] != c->port)
            shared_ask(slot, s->ports[i]);
    shared_taken(slot);
}

static void arrive(struct cable *c, struct transit *t)
{
    struct segment *s = c->port->segment;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->ports[i] == c->port)
            continue;
        struct transit one = *t;
        frame_ref(one.frame);
        port_deliver(s->ports[i], &one);
    }
    frame_unref(t->frame);
}

static void port_init(struct port *port)
{
    shared_port_init(port);
    port->out.start = start;
    port->out.arrive = arrive;
}

const struct medium_ops hub_ops = {
    .ports_max = UINT32_MAX,
    .port_init = port_init,
    .release = shared_release,
    .expire = port_deliver,
    .cut = shared_cut,
};
