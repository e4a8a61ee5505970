/* note.h: what was done to one delivery, kept as numbers until a capture wants words.
 *
 * Made only for deliveries that a rule changed; travels with the transit, in the arena. A note
 * that finds no memory, or more changes than fit, is silently shorter: it only serves comments. */
#ifndef VNET_NOTE_H
#define VNET_NOTE_H

#include "vnet/fault.h"

#include <stddef.h>
#include <stdint.h>

#define NOTE_ITEMS 6u
#define NOTE_TEXT_MAX 512u

/* Meaning of a, b, and `repaired` by reason:
 *   WIRE_DELAYED, WIRE_SHAPED  a: nanoseconds    WIRE_DUPLICATED a: which copy, b: of how many
 *   WIRE_REORDERED a: frames that overtook       WIRE_TRUNCATED  a: bytes left, b: bytes before
 *   WIRE_CORRUPTED a: first bit, b: how many bits, 0: a is the byte */
struct note_item {
    enum wire_reason reason;
    bool repaired;
    uint64_t a, b;
};

struct note {
    uint32_t count;
    struct note_item items[NOTE_ITEMS];
};

void note_add(struct note **note, struct note_item item);
struct note *note_copy(const struct note *note); /* NULL for NULL */
void note_free(struct note *note);               /* NULL is allowed */

/* "delayed: 5000 ns; dropped: partition"; `drop` WIRE_NONE: it was not. Returns text, or NULL if
 * there is nothing to say. */
const char *note_text(const struct note *note, enum wire_reason drop, char *text, size_t room);

#endif
