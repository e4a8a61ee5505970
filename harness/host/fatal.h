/* harness/host/fatal.h: the run cannot go on.
 *
 * Whoever drives the process (the control session, a replay, a bench) installs a handler that tells
 * its user and ends the process with FATAL_EXIT; without one the text goes to stderr. Anyone may
 * call fatal(), from inside an event or the stack: nothing runs afterwards. */
#ifndef HARNESS_HOST_FATAL_H
#define HARNESS_HOST_FATAL_H

#define FATAL_EXIT 3

enum fatal_kind {
    FATAL_PROTOCOL, /* the controller broke the rules of PROTOCOL.md */
    FATAL_ORACLE,   /* a check that is on in every run found the world broken */
    FATAL_PANIC,    /* an assertion of the stack failed */
    FATAL_INTERNAL  /* the simulator's own failure: out of memory, a file that cannot be written */
};

const char *fatal_kind_name(enum fatal_kind kind);

/* Must not return. */
typedef void fatal_handler_fn(void *ctx, enum fatal_kind kind, const char *text);
void fatal_handler_set(fatal_handler_fn *handler, void *ctx);

_Noreturn void fatal(enum fatal_kind kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
