/* harness/app/module.h: a private copy of a shared object, loaded. */
#ifndef HARNESS_APP_MODULE_H
#define HARNESS_APP_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULE_REGIONS_MAX 4u

struct module {
    void (*main)(int argc, char **argv);
    void (*exit)(void); /* NULL: it has none */
    uintptr_t code, code_end;
    void *regions[MODULE_REGIONS_MAX]; /* of the arena: for arena_region_remove() */
    uint32_t region_count;
};

/* Loads a copy of the file and adds its writable memory to the world. false: why (room bytes). */
bool module_load(struct module *m, const char *path, char *why, size_t room);

/* Its writable memory is no part of the world any more. The code stays mapped. */
void module_withdraw(const struct module *m);

#endif
