/* link.c: a cable with two ends. */
#include "vnet/shared.h"

/* NULL: the other end has not been made yet; what is sent is heard by nobody. */
static struct port *peer(const struct port *port)
{
    const struct segment *s = port->segment;
    return s->count == 2 ? s->ports[1 - port->index] : NULL;
}

static void start(struct cable *c, struct cable_slot *slot)
{
    struct port *dst = peer(c->port);
    if (dst != NULL)
        shared_ask(slot, dst);
    shared_taken(slot);
}

static void arrive(struct cable *c, struct transit *t)
{
    struct port *dst = peer(c->port);
    if (dst != NULL)
        port_deliver(dst, t);
    else
        frame_unref(t->frame);
}

static void port_init(struct port *port)
{
    shared_port_init(port);
    port->out.start = start;
    port->out.arrive = arrive;
}

const struct medium_ops link_ops = {
    .ports_max = 2,
    .port_init = port_init,
    .release = shared_release,
    .expire = port_deliver,
    .cut = shared_cut,
};
