/* harness/host/vector.c */
#include "harness/host/vector.h"

#include "sim/arena.h"

#include <assert.h>
#include <string.h>

#define VECTOR_FIRST_ROOM 8u

bool vector_reserve(struct vector *v)
{
    if (v->count < v->room)
        return true;
    uint32_t room = v->room == 0 ? VECTOR_FIRST_ROOM : v->room * 2;
    void **items = arena_alloc(room * sizeof *items);
    if (items == NULL)
        return false;
    if (v->count > 0)
        memcpy(items, v->items, v->count * sizeof *items);
    arena_free(v->items, v->room * sizeof *items);
    v->items = items;
    v->room = room;
    return true;
}

uint32_t vector_add(struct vector *v, void *item)
{
    if (!vector_reserve(v))
        return 0;
    v->items[v->count++] = item;
    return v->count;
}

void vector_clear(struct vector *v, uint32_t id)
{
    assert(id >= 1);
    assert(id <= v->count);
    v->items[id - 1] = NULL;
}

void vector_free(struct vector *v)
{
    arena_free(v->items, v->room * sizeof *v->items);
    *v = (struct vector){0};
}
