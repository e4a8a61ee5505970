/* harness/firmware/process.c: see process.h. */
#include "harness/firmware/process.h"

#include "harness/firmware/gdb.h"
#include "harness/firmware/image.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULE "lockwire-arm7.so"
#define MACHINES_MAX 64u

/* Of the process, not of the world. */
static struct machine_process processes[MACHINES_MAX];
static const struct cpu_ops *emulator;

/* The module lies beside the program. */
static bool module_path(char *path, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", path, room - 1);

    if (n <= 0)
        return false;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash + 1 - path) + sizeof MODULE > room)
        return false;
    strcpy(slash + 1, MODULE);
    return true;
}

const struct cpu_ops *process_emulator(char *why, size_t room)
{
    char path[PATH_MAX];

    if (emulator != NULL)
        return emulator;
    if (!module_path(path, sizeof path)) {
        snprintf(why, room, "where this program lies is not known, so " MODULE " is not either");
        return NULL;
    }
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        snprintf(why, room, "no ARM emulator: %s (install libunicorn-dev and build again)",
                 dlerror());
        return NULL;
    }
    const struct cpu_ops *ops = dlsym(module, CPU_OPS_SYMBOL);
    if (ops == NULL || ops->version != CPU_OPS_VERSION) {
        snprintf(why, room, "%s is of another version: build it again", path);
        dlclose(module);
        return NULL;
    }
    emulator = ops;
    return emulator;
}

struct machine_process *process_of(uint32_t machine_id)
{
    return machine_id >= 1 && machine_id <= MACHINES_MAX ? &processes[machine_id - 1] : NULL;
}

void process_release(uint32_t machine_id)
{
    struct machine_process *p = process_of(machine_id);

    if (p == NULL)
        return;
    gdb_free(p->gdb); /* while the emulator is there, which has its breakpoints */
    if (p->cpu != NULL)
        p->ops->close(p->cpu);
    image_close(p->image);
    memset(p, 0, sizeof *p);
}

void process_forget(void)
{
    for (unsigned i = 0; i < MACHINES_MAX; i++)
        if (processes[i].cpu != NULL)
            processes[i].ops->forget(processes[i].cpu);
}
