/* harness/host/object.c */
#include "harness/host/object.h"

#include "harness/host/host.h"
#include "harness/host/world.h"
#include "sim/arena.h"

struct object *object_new(struct host *h, const struct object_class *class)
{
    struct object *o = arena_calloc(class->size);
    if (o == NULL)
        return NULL;
    o->class = class;
    o->host = h;
    o->id = vector_add(&h->world->objects, o);
    if (o->id == 0) {
        arena_free(o, class->size);
        return NULL;
    }
    o->next = h->objects;
    h->objects = o;
    return o;
}

void object_free(struct object *o)
{
    struct host *h = o->host;
    host_enter(h);
    o->class->close(o);
    host_leave(h);
    struct object **link = &h->objects;
    while (*link != o)
        link = &(*link)->next;
    *link = o->next;
    vector_clear(&h->world->objects, o->id);
    arena_free(o, o->class->size);
}

void object_notify(struct object *o)
{
    world_push_notify(o->host->world, o);
}
