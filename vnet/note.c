#include "vnet/note.h"

#include "sim/arena.h"

#include <inttypes.h>
#include <stdio.h>

void note_add(struct note **note, struct note_item item)
{
    if (*note == NULL) {
        *note = arena_alloc(sizeof **note);
        if (*note == NULL)
            return;
        (*note)->count = 0;
    }
    if ((*note)->count < NOTE_ITEMS)
        (*note)->items[(*note)->count++] = item;
}

struct note *note_copy(const struct note *note)
{
    if (note == NULL)
        return NULL;
    struct note *copy = arena_alloc(sizeof *copy);
    if (copy == NULL)
        return NULL;
    copy->count = note->count;
    for (uint32_t i = 0; i < note->count; i++)
        copy->items[i] = note->items[i];
    return copy;
}

void note_free(struct note *note)
{
    arena_free(note, sizeof *note);
}

static int item_text(const struct note_item *i, char *text, size_t room)
{
    const char *name = wire_reason_name(i->reason);
    const char *repaired = i->repaired ? ", checksums repaired" : "";
    switch (i->reason) {
    case WIRE_DUPLICATED:
        return snprintf(text, room, "%s: copy %" PRIu64 " of %" PRIu64, name, i->a, i->b);
    case WIRE_REORDERED:
        return snprintf(text, room, "%s: behind %" PRIu64 " later frames", name, i->a);
    case WIRE_TRUNCATED:
        return snprintf(text, room, "%s: %" PRIu64 " of %" PRIu64 " bytes left", name, i->a, i->b);
    case WIRE_CORRUPTED:
        if (i->b == 0)
            return snprintf(text, room, "%s: byte %" PRIu64 "%s", name, i->a, repaired);
        if (i->b == 1)
            return snprintf(text, room, "%s: bit %" PRIu64 "%s", name, i->a, repaired);
        return snprintf(text, room, "%s: %" PRIu64 " bits from bit %" PRIu64 "%s", name, i->b, i->a,
                        repaired);
    default:
        return snprintf(text, room, "%s: %" PRIu64 " ns", name, i->a);
    }
}

const char *note_text(const struct note *note, enum wire_reason drop, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; note != NULL && i < note->count; i++) {
        if (used > 0)
            used += (size_t)snprintf(text + used, room - used, "; ");
        if (used >= room)
            return text;
        used += (size_t)item_text(&note->items[i], text + used, room - used);
        if (used >= room)
            return text;
    }
    if (drop != WIRE_NONE)
        used += (size_t)snprintf(text + used, room - used, "%sdropped: %s", used > 0 ? "; " : "",
                                 wire_reason_name(drop));
    return used == 0 ? NULL : text;
}
