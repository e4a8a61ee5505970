#include "vnet/note.h"

#include "sim/arena.h"
#include "unit.h"

static void check_text(const struct note *n, enum wire_reason drop, const char *expected)
{
    char text[NOTE_TEXT_MAX];
    const char *got = note_text(n, drop, text, sizeof text);
    if (expected == NULL)
        CHECK(got == NULL);
    else
        CHECKF(got != NULL && strcmp(got, expected) == 0, "%s", got);
}

UNIT(note, each_change_has_its_words)
{
    static const struct {
        struct note_item item;
        const char *text;
    } cases[] = {
        {{WIRE_DELAYED, false, 500, 0}, "delayed: 500 ns"},
        {{WIRE_SHAPED, false, 7, 0}, "shaped: 7 ns"},
        {{WIRE_DUPLICATED, false, 1, 2}, "duplicated: copy 1 of 2"},
        {{WIRE_REORDERED, false, 3, 0}, "reordered: behind 3 later frames"},
        {{WIRE_TRUNCATED, false, 20, 60}, "truncated: 20 of 60 bytes left"},
        {{WIRE_CORRUPTED, true, 113, 1}, "corrupted: bit 113, checksums repaired"},
        {{WIRE_CORRUPTED, false, 5, 3}, "corrupted: 3 bits from bit 5"},
        {{WIRE_CORRUPTED, false, 14, 0}, "corrupted: byte 14"},
    };
    CHECK(arena_open(1 << 20));
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct note *n = NULL;
        note_add(&n, cases[i].item);
        check_text(n, WIRE_NONE, cases[i].text);
        note_free(n);
    }
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(note, changes_add_up_and_a_drop_comes_last)
{
    CHECK(arena_open(1 << 20));
    check_text(NULL, WIRE_NONE, NULL);
    check_text(NULL, WIRE_QUEUE_FULL, "dropped: queue_full");
    struct note *n = NULL;
    note_add(&n, (struct note_item){WIRE_DELAYED, false, 5, 0});
    struct note *copy = note_copy(n);
    for (unsigned i = 0; i < 20; i++)
        note_add(&n, (struct note_item){WIRE_TRUNCATED, false, 1, 2});
    CHECK_INT(n->count, NOTE_ITEMS);
    check_text(copy, WIRE_PARTITION, "delayed: 5 ns; dropped: partition");
    char small[12];
    note_text(n, WIRE_PARTITION, small, sizeof small);
    CHECK_INT(strcmp(small, "delayed: 5 "), 0);
    note_free(n);
    note_free(copy);
    CHECK(note_copy(NULL) == NULL);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(note, every_reason_and_fault_kind_has_a_name_of_its_own)
{
    for (unsigned i = 0; i < WIRE_REASONS; i++)
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(wire_reason_name(i), wire_reason_name(k)) != 0);
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(fault_kind_name(i), fault_kind_name(k)) != 0);
}
