#include "vnet/frame.h"

#include "sim/arena.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(struct frame, data) == 16, "data is 16-byte aligned");

struct frame *frame_new(uint32_t len)
{
    assert(len >= 1 && len <= FRAME_MAX);
    struct frame *f = arena_alloc(sizeof *f + len);
    if (f == NULL)
        return NULL;
    f->refs = 1;
    f->len = len;
    f->told = 0;
    return f;
}

struct frame *frame_copy(const void *bytes, uint32_t len)
{
    struct frame *f = frame_new(len);
    if (f != NULL)
        memcpy(f->data, bytes, len);
    return f;
}

void frame_unref(struct frame *f)
{
    assert(f->refs > 0);
    if (--f->refs == 0)
        arena_free(f, sizeof *f + f->len);
}
