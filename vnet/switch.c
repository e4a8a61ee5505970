/* switch.c: store-and-forward with learning.
 *
 * A frame that has crossed its sender's cable is looked up by destination and put on the
 * receiver's cable, or on all others. Addresses are in an open-addressing table that only grows
 * and, when it is half full, is swept of what has aged; the order of its places is never seen. */
#include "vnet/medium.h"

#include "sim/arena.h"
#include "vnet/impair/impair.h"

#include <string.h>

#define TABLE_ROOM_FIRST 16u
#define TABLE_ROOM_MAX 32768u /* half of it usable: 16384 addresses, then no more are learned */
#define MAC_LEN 6u

static uint64_t mac_at(const uint8_t *p)
{
    uint32_t low;
    uint16_t high;
    memcpy(&low, p, sizeof low);
    memcpy(&high, p + sizeof low, sizeof high);
    return (uint64_t)high << 32 | low;
}

static bool is_group(const uint8_t *mac) { return (mac[0] & 1) != 0; }

static struct switch_entry *seek(struct switch_entry *table, uint32_t room, uint64_t mac)
{
    uint32_t i = (uint32_t)(mac * 0x9e3779b97f4a7c15u >> 40) & (room - 1);
    while (table[i].mac != 0 && table[i].mac != mac)
        i = (i + 1) & (room - 1);
    return &table[i];
}

static bool is_live(const struct segment *s, const struct switch_entry *e)
{
    return e->port != NULL && s->sim->now_ns - e->learned_ns < s->config.ageing_ns;
}

/* Makes a table for at least twice the live entries plus one, without the others. */
static bool rebuild(struct segment *s)
{
    uint32_t live = 0, room = TABLE_ROOM_FIRST;
    for (uint32_t i = 0; i < s->table_room; i++)
        live += s->table[i].mac != 0 && is_live(s, &s->table[i]);
    while (room < (live + 1) * 4)
        room *= 2;
    if (room > TABLE_ROOM_MAX)
        room = TABLE_ROOM_MAX;
    if (live >= room / 2)
        return false;
    struct switch_entry *table = arena_calloc(room * sizeof *table);
    if (table == NULL)
        return false;
    for (uint32_t i = 0; i < s->table_room; i++)
        if (s->table[i].mac != 0 && is_live(s, &s->table[i]))
            *seek(table, room, s->table[i].mac) = s->table[i];
    arena_free(s->table, s->table_room * sizeof *s->table);
    s->table = table;
    s->table_room = room;
    s->table_count = live;
    return true;
}

static void learn(struct segment *s, const uint8_t *mac, struct port *port)
{
    uint64_t key = mac_at(mac);
    if (is_group(mac) || key == 0)
        return;
    struct switch_entry *e = s->table_room > 0 ? seek(s->table, s->table_room, key) : NULL;
    if (e == NULL || e->mac == 0) {
        if (s->table_count >= s->table_room / 2 && !rebuild(s))
            return;
        e = seek(s->table, s->table_room, key);
        e->mac = key;
        s->table_count++;
    }
    e->port = port;
    e->learned_ns = s->sim->now_ns;
}

/* NULL: not known */
static struct port *look_up(const struct segment *s, const uint8_t *mac)
{
    if (s->table_room == 0)
        return NULL;
    const struct switch_entry *e = seek(s->table, s->table_room, mac_at(mac));
    return e->mac != 0 && is_live(s, e) ? e->port : NULL;
}

/* Onto the receiver's cable, now. */
static void put_out(struct port *dst, struct transit *t)
{
    enum wire_reason why = WIRE_LINK_DOWN;
    if (dst->up)
        why = cable_put(&dst->in, t, segment_jitter(dst->segment, t, dst));
    if (why != WIRE_NONE)
        port_drop(dst, CAPTURE_RECEIVED, t, why);
}

static void send_one(struct segment *s, struct port *dst, struct transit *t)
{
    if (s->harmful)
        segment_judge(s, t, dst, s->sim->now_ns);
    else
        put_out(dst, t);
}

static void flood(struct segment *s, struct port *from, struct transit *t)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct port *dst = s->ports[i];
        if (dst == from || !dst->up)
            continue;
        struct transit one = *t;
        frame_ref(one.frame);
        send_one(s, dst, &one);
    }
    frame_unref(t->frame);
}

static void arrive(struct cable *c, struct transit *t)
{
    struct port *from = c->port;
    struct segment *s = from->segment;
    const struct frame *f = t->frame;
    t->asked_ns = s->sim->now_ns;
    t->asked_rules = s->fault_next;
    /* Runts too short for addresses go everywhere: what receivers make of them is the point. */
    if (f->len >= 2 * MAC_LEN)
        learn(s, f->data + MAC_LEN, from);
    struct port *dst =
        f->len >= MAC_LEN && !is_group(f->data) ? look_up(s, f->data) : NULL;
    if (dst == NULL)
        flood(s, from, t);
    else if (dst != from)
        send_one(s, dst, t);
    else
        frame_unref(t->frame); /* both are behind the same port: they have heard each other */
}

static void arrive_at_owner(struct cable *c, struct transit *t)
{
    port_deliver(c->port, t);
}

static void port_init(struct port *port)
{
    struct segment *s = port->segment;
    uint64_t first = s->config.latency_ns / 2;
    cable_init(&port->out, s->sim, port, s->config.rate_bps, first, s->config.queue);
    cable_init(&port->in, s->sim, port, s->config.rate_bps, s->config.latency_ns - first,
               s->config.queue);
    port->out.arrive = arrive;
    port->in.arrive = arrive_at_owner;
}

static void release(struct segment *s, struct delivery *d)
{
    if (d->release_ns <= s->sim->now_ns)
        put_out(d->dst, &d->t);
    else if (!hold_put(&s->hold, d->release_ns, d->dst, &d->t))
        port_drop(d->dst, CAPTURE_RECEIVED, &d->t, WIRE_NO_MEMORY);
}

static void cut(struct port *port)
{
    struct segment *s = port->segment;
    port_cut(port, &port->out, CAPTURE_SENT);
    port_cut(port, &port->in, CAPTURE_RECEIVED);
    for (uint32_t i = 0; i < s->table_room; i++)
        if (s->table[i].port == port)
            s->table[i].port = NULL;
}

static void free_table(struct segment *s)
{
    arena_free(s->table, s->table_room * sizeof *s->table);
}

static const char *check(const struct segment *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->table_room; i++) {
        const struct switch_entry *e = &s->table[i];
        if (e->mac == 0)
            continue;
        count++;
        if (e->learned_ns > s->sim->now_ns)
            return "a switch learned an address in the future";
        if (e->port != NULL && e->port->segment != s)
            return "a switch learned an address on a port that is not its own";
        if (e->port != NULL && !e->port->up)
            return "a switch knows an address on a port that is down";
        if (seek(s->table, s->table_room, e->mac) != e)
            return "a switch cannot find an address that it learned";
    }
    if (count != s->table_count || count > s->table_room / 2)
        return "a switch has miscounted its addresses";
    return NULL;
}

const struct medium_ops switch_ops = {
    .ports_max = UINT32_MAX,
    .port_init = port_init,
    .release = release,
    .expire = put_out,
    .cut = cut,
    .free = free_table,
    .check = check,
};
