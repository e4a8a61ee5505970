/* harness/host/vector.h: a growing table of pointers in the world's arena, addressed by ids that
 * count from 1. A slot that was cleared is never given again, so an id names one thing for ever. */
#ifndef HARNESS_HOST_VECTOR_H
#define HARNESS_HOST_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

struct vector {
    void **items;
    uint32_t count, room;
};

/* Room for one more item: the next vector_add() cannot fail. false: the arena is full. */
bool vector_reserve(struct vector *v);
/* The new item's id; 0: the arena is full. */
uint32_t vector_add(struct vector *v, void *item);
/* NULL: no such id, or cleared. */
static inline void *vector_get(const struct vector *v, uint64_t id)
{
    return id >= 1 && id <= v->count ? v->items[id - 1] : (void *)0;
}
void vector_clear(struct vector *v, uint32_t id);
/* Gives the table back; the items are the caller's business. */
void vector_free(struct vector *v);

#endif
