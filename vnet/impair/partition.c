/* partition.c: the segment falls apart into groups that do not hear each other. Names of ports
 * that do not exist yet bind when the port appears; a port in no group is alone. */
#include "vnet/impair/impair.h"

#include "sim/arena.h"

#include <string.h>

struct member {
    char *name;
    uint32_t group; /* from 1 */
};

struct state {
    struct member *members;
    uint32_t room, count;
    uint32_t *group_of_port; /* by index; 0: none */
    uint32_t ports_room;
};

static const char *problem(const struct fault_config *c)
{
    if (c->group_count == 0 || c->groups == NULL)
        return "groups: must name at least one group of ports";
    uint32_t names = 0;
    for (uint32_t g = 0; g < c->group_count; g++) {
        if (c->groups[g] == NULL)
            return "groups: a group is missing";
        for (uint32_t i = 0; c->groups[g][i] != NULL; i++)
            names++;
    }
    return names == 0 ? "groups: must name at least one port" : NULL;
}

static bool make_room(struct state *st, const struct fault_config *c)
{
    for (uint32_t g = 0; g < c->group_count; g++)
        for (uint32_t i = 0; c->groups[g][i] != NULL; i++)
            st->room++;
    st->members = arena_alloc(st->room * sizeof *st->members);
    return st->members != NULL;
}

static const char *add_member(struct state *st, const char *name, uint32_t group)
{
    for (uint32_t i = 0; i < st->count; i++)
        if (strcmp(st->members[i].name, name) == 0)
            return "groups: a port may be in one group only";
    char *copy = segment_text(name);
    if (copy == NULL)
        return IMPAIR_NO_MEMORY;
    st->members[st->count++] = (struct member){copy, group};
    return NULL;
}

static const char *init(struct fault *f, const struct fault_config *config)
{
    struct state *st = f->state;
    if (!make_room(st, config))
        return IMPAIR_NO_MEMORY;
    const char *bad = NULL;
    for (uint32_t g = 0; g < config->group_count; g++)
        for (uint32_t i = 0; bad == NULL && config->groups[g][i] != NULL; i++)
            bad = add_member(st, config->groups[g][i], g + 1);
    return bad;
}

static bool reserve(struct state *st, uint32_t index)
{
    if (index < st->ports_room)
        return true;
    uint32_t room = st->ports_room == 0 ? 8 : st->ports_room;
    while (room <= index)
        room *= 2;
    uint32_t *groups = arena_calloc(room * sizeof *groups);
    if (groups == NULL)
        return false;
    if (st->ports_room > 0)
        memcpy(groups, st->group_of_port, st->ports_room * sizeof *groups);
    arena_free(st->group_of_port, st->ports_room * sizeof *groups);
    st->group_of_port = groups;
    st->ports_room = room;
    return true;
}

static bool bind(struct fault *f, const struct port *port)
{
    struct state *st = f->state;
    for (uint32_t i = 0; i < st->count; i++) {
        if (strcmp(st->members[i].name, port->short_name) != 0)
            continue;
        if (!reserve(st, port->index))
            return false;
        st->group_of_port[port->index] = st->members[i].group;
    }
    return true;
}

static uint32_t group_of(const struct state *st, const struct port *port)
{
    return port->index < st->ports_room ? st->group_of_port[port->index] : 0;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    const struct state *st = f->state;
    uint32_t group = group_of(st, d->t.src);
    if (group != 0 && group == group_of(st, d->dst))
        return VERDICT_PASS;
    d->why = WIRE_PARTITION;
    return VERDICT_DROP;
}

static void done(struct fault *f, bool drop)
{
    struct state *st = f->state;
    (void)drop;
    for (uint32_t i = 0; i < st->count; i++)
        segment_text_free(st->members[i].name);
    arena_free(st->members, st->members == NULL ? 0 : st->room * sizeof *st->members);
    arena_free(st->group_of_port, st->ports_room * sizeof *st->group_of_port);
}

const struct impair_ops impair_partition = {
    .kind = FAULT_PARTITION,
    .problem = problem,
    .state_size = sizeof(struct state),
    .init = init,
    .bind = bind,
    .apply = apply,
    .done = done,
};
