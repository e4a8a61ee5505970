/* harness/firmware/text.c: see text.h. */
#include "harness/firmware/text.h"

#include <stdarg.h>
#include <stdio.h>

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
