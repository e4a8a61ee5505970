/* harness/app/module.c: memory file, dynamic linker, program headers.
 *
 * The copy is opened by its path under /proc, where a debugger finds it too. Descriptors stay open:
 * the linker knows objects by name, and a name must not be used twice. */
#define _GNU_SOURCE
#include "harness/app/module.h"

#include "sim/arena.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy_bytes(int from, int to)
{
    char buffer[65536];
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n == 0)
            return true;
        for (ssize_t done = 0; n > 0 && done < n;) {
            ssize_t k = write(to, buffer + done, (size_t)(n - done));
            if (k < 0 && errno != EINTR)
                return false;
            done += k > 0 ? k : 0;
        }
        if (n < 0 && errno != EINTR)
            return false;
    }
}

/* One descriptor per program: a thousand hosts need more than the usual thousand. */
static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A memory file with the bytes of `path`; -1: errno. */
static int copy_file(const char *path)
{
    allow_many_files();
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return -1;
    struct stat st;
    if (fstat(from, &st) == 0 && !S_ISREG(st.st_mode)) {
        close(from);
        errno = EINVAL;
        return -1;
    }
    int to = memfd_create("lockwire-app", MFD_CLOEXEC);
    bool copied = to >= 0 && copy_bytes(from, to);
    int error = errno;
    close(from);
    if (!copied && to >= 0)
        close(to);
    errno = error;
    return copied ? to : -1;
}

struct search {
    uintptr_t base;
    struct module *module;
};

static uintptr_t floor_page(uintptr_t address)
{
    return address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
}

static int look_at(struct dl_phdr_info *info, size_t size, void *data)
{
    const struct search *s = data;
    (void)size;
    if (info->dlpi_addr != s->base)
        return 0;
    /* What the linker has written once and made read-only is no state. */
    uintptr_t fixed_end = 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
            fixed_end = floor_page(s->base + info->dlpi_phdr[i].p_vaddr +
                                   info->dlpi_phdr[i].p_memsz);
    s->module->code = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD)
            continue;
        uintptr_t start = s->base + p->p_vaddr, end = start + p->p_memsz;
        if (start < s->module->code)
            s->module->code = start;
        if (end > s->module->code_end)
            s->module->code_end = end;
        if (start < fixed_end)
            start = fixed_end;
        if ((p->p_flags & PF_W) == 0 || start >= end)
            continue;
        if (s->module->region_count == MODULE_REGIONS_MAX ||
            !arena_region_add((void *)start, end - start))
            return -1;
        s->module->regions[s->module->region_count++] = (void *)start;
    }
    return 1;
}

/* ISO C has no conversion from void * to a function's address; POSIX promises one. */
static void symbol(void *handle, const char *name, void *function)
{
    void *address = dlsym(handle, name);
    memcpy(function, &address, sizeof address);
}

bool module_load(struct module *m, const char *path, char *why, size_t room)
{
    *m = (struct module){0};
    int fd = copy_file(path);
    if (fd < 0) {
        snprintf(why, room, "%s: %s", path,
                 errno == EINVAL ? "not a file" : strerror(errno));
        return false;
    }
    char name[64];
    snprintf(name, sizeof name, "/proc/%ld/fd/%d", (long)getpid(), fd);
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *text = dlerror();
        size_t prefix = strlen(name);
        if (strncmp(text, name, prefix) == 0)
            text += prefix + strspn(text + prefix, ": ");
        snprintf(why, room, "%s cannot be loaded: %s", path, text);
        close(fd);
        return false;
    }
    symbol(handle, "app_main", &m->main);
    symbol(handle, "app_exit", &m->exit);
    struct link_map *map = NULL;
    if (m->main == NULL || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) {
        snprintf(why, room, "%s has no function app_main (see lockwire/app.h)", path);
        dlclose(handle);
        close(fd);
        return false;
    }
    struct search s = {.base = map->l_addr, .module = m};
    if (dl_iterate_phdr(look_at, &s) == 1)
        return true;
    module_withdraw(m);
    dlclose(handle);
    close(fd);
    snprintf(why, room, "%s: its variables do not fit the world's memory", path);
    return false;
}

void module_withdraw(const struct module *m)
{
    for (uint32_t i = 0; i < m->region_count; i++)
        arena_region_remove(m->regions[i]);
}
