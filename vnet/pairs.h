/* pairs.h: something small per direction (from port, to port), made when first asked for.
 *
 * An open-addressing table in the arena; its order is never looked at, so it influences no run.
 * Elements move when the table grows: keep no pointer across pairs_get(). */
#ifndef VNET_PAIRS_H
#define VNET_PAIRS_H

#include <stddef.h>
#include <stdint.h>

struct pairs {
    uint8_t *table;
    uint32_t room, count; /* room: 0 or a power of two */
    uint32_t size;        /* of one element */
};

void pairs_init(struct pairs *p, uint32_t element_size);
void pairs_free(struct pairs *p); /* the elements hold nothing any more */
/* The element of (from, to), zeroed when new; NULL: no room. */
void *pairs_get(struct pairs *p, uint32_t from, uint32_t to);
void *pairs_find(const struct pairs *p, uint32_t from, uint32_t to); /* NULL: not there */
/* The i-th place of the table, 0 <= i < room; NULL: empty. */
void *pairs_at(const struct pairs *p, uint32_t i);

#endif
