/* harness/host/fatal.c */
#include "harness/host/fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Outside the world: belongs to the process, not to a snapshot. */
static fatal_handler_fn *installed;
static void *installed_ctx;

const char *fatal_kind_name(enum fatal_kind kind)
{
    static const char *const names[] = {"protocol", "oracle", "panic", "internal"};
    return names[kind];
}

void fatal_handler_set(fatal_handler_fn *handler, void *ctx)
{
    installed = handler;
    installed_ctx = ctx;
}

void fatal(enum fatal_kind kind, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (installed != NULL)
        installed(installed_ctx, kind, text);
    fprintf(stderr, "lockwire-sim: %s: %s\n", fatal_kind_name(kind), text);
    _exit(FATAL_EXIT);
}
