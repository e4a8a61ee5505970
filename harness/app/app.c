/* harness/app/app.c */
#include "harness/app/app.h"

#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/world.h"
#include "lockwire/app.h"
#include "sim/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void free_args(struct app *a)
{
    if (a->argv == NULL)
        return;
    for (int i = 0; i < a->argc; i++)
        if (a->argv[i] != NULL)
            arena_free(a->argv[i], strlen(a->argv[i]) + 1);
    arena_free(a->argv, ((size_t)a->argc + 1) * sizeof *a->argv);
}

static void close_app(struct object *o)
{
    struct app *a = (struct app *)o;
    if (a->started && a->module.exit != NULL)
        a->module.exit();
    module_withdraw(&a->module);
    inbox_empty(&a->lines);
    free_args(a);
}

static bool ready(const struct object *o)
{
    return ((const struct app *)o)->lines.first != NULL;
}

const struct object_class app_class = {
    .kind = OBJECT_APP,
    .name = "app",
    .size = sizeof(struct app),
    .close = close_app,
    .ready = ready,
};

/* Printing. */

static void end_line(struct app *a)
{
    struct host *h = a->object.host;
    struct sim *sim = h->world->sim;
    trace_emit(sim->trace, sim->now_ns, TRACE_APP, h->source, a->object.id, 0, a->partial,
               a->partial_len);
    if (inbox_put_bytes(&a->lines, a->partial, a->partial_len) != NULL)
        object_notify(&a->object);
    a->partial_len = 0;
}

static void print(struct app *a, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != '\n')
            a->partial[a->partial_len++] = *text;
        if (*text == '\n' || a->partial_len == APP_LINE_MAX - 1)
            end_line(a);
    }
}

static struct app *app_at(const struct host *h, uintptr_t address)
{
    for (struct object *o = h != NULL ? h->objects : NULL; o != NULL; o = o->next) {
        struct app *a = (struct app *)o;
        if (o->class == &app_class && address >= a->module.code && address < a->module.code_end)
            return a;
    }
    return NULL;
}

void app_print(const void *where, const char *format, ...)
{
    struct app *a = app_at(host_running(), (uintptr_t)where);
    char text[4 * APP_LINE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (a != NULL)
        print(a, text);
    else
        fputs(text, stderr);
}

/* Starting. */

static char *arena_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static bool copy_args(struct app *a, const char *path, const char *const *argv, int argc)
{
    a->argc = argc + 1;
    a->argv = arena_calloc(((size_t)a->argc + 1) * sizeof *a->argv);
    if (a->argv == NULL)
        return false;
    const char *slash = strrchr(path, '/');
    a->argv[0] = arena_text(slash != NULL ? slash + 1 : path);
    for (int i = 0; i < argc; i++)
        a->argv[i + 1] = arena_text(argv[i]);
    for (int i = 0; i < a->argc; i++)
        if (a->argv[i] == NULL)
            return false;
    return true;
}

struct app *app_start(struct host *h, const char *path, const char *const *argv, int argc,
                      char *why, size_t room)
{
    struct module m;
    if (!module_load(&m, path, why, room))
        return NULL;
    struct app *a = (struct app *)object_new(h, &app_class);
    snprintf(why, room, "the world's memory is full");
    if (a == NULL) {
        module_withdraw(&m);
        return NULL;
    }
    a->module = m;
    a->lines.capacity = UINT32_MAX;
    if (!copy_args(a, path, argv, argc)) {
        object_free(&a->object);
        return NULL;
    }
    a->started = true;
    host_enter(h);
    m.main(a->argc, a->argv);
    host_leave(h);
    return a;
}
