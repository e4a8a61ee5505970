/* harness/app/app.h: a user's program on a host: loading, starting, printing.
 *
 * Every load makes a private copy: the file goes into a memory file of its own, so that the dynamic
 * linker sees a different object each time. The copy's writable memory becomes part of the world
 * (arena regions). It stays mapped to the end of the process: the world may be rewound to a time at
 * which it ran. */
#ifndef HARNESS_APP_APP_H
#define HARNESS_APP_APP_H

#include "harness/app/module.h"
#include "harness/host/inbox.h"
#include "harness/host/object.h"

#include <stddef.h>
#include <stdint.h>

#define APP_LINE_MAX 1024u
#define APP_ARGS_MAX 64u

struct app {
    struct object object;
    struct inbox lines; /* printed, not fetched */
    char **argv;        /* in the arena; argc + 1 pointers */
    int argc;
    struct module module;
    bool started;
    uint32_t partial_len;
    char partial[APP_LINE_MAX]; /* a line that has not ended yet */
};

extern const struct object_class app_class;

/* Loads and starts the program. `argv` does not contain the program's name. NULL: why (room bytes)
 * says what is wrong. Host not entered. */
struct app *app_start(struct host *h, const char *path, const char *const *argv, int argc,
                      char *why, size_t room);

#endif
