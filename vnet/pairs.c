#include "vnet/pairs.h"

#include "sim/arena.h"

#include <stdbool.h>
#include <string.h>

#define PAIRS_ROOM_FIRST 8u

/* A place is the key, 0 when empty, and the element behind it. */
struct key {
    uint64_t pair; /* 1 + (from << 32 | to) */
};

static size_t place_size(const struct pairs *p)
{
    return sizeof(struct key) + (p->size + 7u) / 8u * 8u;
}

static struct key *place(const struct pairs *p, uint32_t i)
{
    return (struct key *)(void *)(p->table + (size_t)i * place_size(p));
}

static uint64_t key_of(uint32_t from, uint32_t to)
{
    return 1 + ((uint64_t)from << 32 | to);
}

/* Where the key is, or the empty place where it belongs. */
static uint32_t seek(const struct pairs *p, uint64_t key)
{
    uint32_t i = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & (p->room - 1);
    while (place(p, i)->pair != 0 && place(p, i)->pair != key)
        i = (i + 1) & (p->room - 1);
    return i;
}

void pairs_init(struct pairs *p, uint32_t element_size)
{
    memset(p, 0, sizeof *p);
    p->size = element_size;
}

void pairs_free(struct pairs *p)
{
    arena_free(p->table, p->room * place_size(p));
    p->table = NULL;
    p->room = p->count = 0;
}

static bool grow(struct pairs *p)
{
    struct pairs bigger = *p;
    bigger.room = p->room == 0 ? PAIRS_ROOM_FIRST : p->room * 2;
    bigger.table = arena_calloc(bigger.room * place_size(p));
    if (bigger.table == NULL)
        return false;
    for (uint32_t i = 0; i < p->room; i++)
        if (place(p, i)->pair != 0)
            memcpy(place(&bigger, seek(&bigger, place(p, i)->pair)), place(p, i), place_size(p));
    arena_free(p->table, p->room * place_size(p));
    *p = bigger;
    return true;
}

void *pairs_find(const struct pairs *p, uint32_t from, uint32_t to)
{
    if (p->room == 0)
        return NULL;
    struct key *k = place(p, seek(p, key_of(from, to)));
    return k->pair == 0 ? NULL : k + 1;
}

void *pairs_get(struct pairs *p, uint32_t from, uint32_t to)
{
    void *found = pairs_find(p, from, to);
    if (found != NULL)
        return found;
    if (p->count >= p->room / 2 && !grow(p))
        return NULL;
    struct key *k = place(p, seek(p, key_of(from, to)));
    k->pair = key_of(from, to);
    p->count++;
    return k + 1;
}

void *pairs_at(const struct pairs *p, uint32_t i)
{
    struct key *k = place(p, i);
    return k->pair == 0 ? NULL : k + 1;
}
