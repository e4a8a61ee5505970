/* harness/firmware/text.c: see text.h. */
#include "harness/firmware/text.h"

#include "sim/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_put(struct text *t, const char *format, ...)
{
    va_list args;

    if (t->used + 1 >= t->room)
        return;
    va_start(args, format);
    int n = vsnprintf(t->to + t->used, t->room - t->used, format, args);
    va_end(args);
    if (n > 0)
        t->used += (size_t)n < t->room - t->used ? (size_t)n : t->room - t->used - 1;
}

char *text_keep(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(size);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void text_drop(char *text)
{
    if (text != NULL)
        arena_free(text, strlen(text) + 1);
}
