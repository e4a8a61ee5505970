#include "vnet/frame.h"

#include "sim/arena.h"
#include "unit.h"

UNIT(frame, data_of_a_new_frame_is_16_byte_aligned_with_one_reference)
{
    CHECK(arena_open(1 << 20));
    for (uint32_t len = 1; len < 40; len++) {
        struct frame *f = frame_new(len);
        CHECK(f != NULL);
        CHECK_INT((uintptr_t)f->data % 16, 0);
        CHECK_INT(f->refs, 1);
        CHECK_INT(f->len, len);
        frame_unref(f);
    }
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(frame, last_reference_given_back_frees_the_bytes)
{
    CHECK(arena_open(1 << 20));
    struct frame *f = frame_copy("abc", 3);
    size_t one = arena_allocated();
    CHECK(frame_ref(f) == f);
    CHECK_INT(arena_allocated(), one);
    frame_unref(f);
    CHECK_INT(arena_allocated(), one);
    CHECK_MEM(f->data, "abc", 3);
    frame_unref(f);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(frame, full_arena_gives_null)
{
    CHECK(arena_open(1 << 16));
    struct frame *frames[16];
    unsigned n = 0;
    while (n < 16 && (frames[n] = frame_new(FRAME_MAX)) != NULL)
        n++;
    CHECK(n > 0 && n < 8);
    CHECK(frame_copy(frames[0]->data, FRAME_MAX) == NULL);
    frame_unref(frames[0]);
    CHECK(frame_new(FRAME_MAX) != NULL);
    arena_close();
}
