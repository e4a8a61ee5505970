/* harness/fuzz/records.h: inputs that are a list: a head, u16 length (little-endian), that many
 * bytes; again and again. A length that says more than there is means the rest. Reading never
 * fails, so that every mutation is an input. */
#ifndef HARNESS_FUZZ_RECORDS_H
#define HARNESS_FUZZ_RECORDS_H

#include "harness/fuzz/dice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a target's list is made of. */
struct records_kind {
    size_t preamble; /* bytes before the first record */
    size_t head;     /* bytes of a record before its length */
    unsigned most;   /* records that count */
    size_t longest;  /* bytes of one record that count */
    /* Changes a record's bytes: as a target's mutate(). */
    size_t (*mutate)(uint8_t *bytes, size_t len, size_t max, struct dice *d);
    /* Changes a record's head. NULL: it has none. */
    void (*mutate_head)(uint8_t *head, struct dice *d);
};

struct records {
    const struct records_kind *kind;
    const uint8_t *at, *end;
    unsigned count; /* so far */
};

struct record {
    const uint8_t *head, *bytes;
    size_t len;
};

void records_begin(struct records *r, const struct records_kind *kind, const uint8_t *bytes,
                   size_t len);
/* false: there is none left. */
bool records_next(struct records *r, struct record *record);

/* For a target's mutate() and cross(): one record is changed, copied, moved, taken out, ... */
size_t records_mutate(const struct records_kind *kind, uint8_t *bytes, size_t len, size_t max,
                      struct dice *d);
size_t records_cross(const struct records_kind *kind, const uint8_t *a, size_t a_len,
                     const uint8_t *b, size_t b_len, uint8_t *out, size_t room, struct dice *d);

#endif
