/* sim/build_id.c: finds the note in the loaded program's headers. Contract: sim/build_id.h. */
#define _GNU_SOURCE
#include "sim/build_id.h"

#include <elf.h>
#include <link.h>
#include <string.h>

struct search {
    uint8_t *id;
    size_t len;
};

static size_t round_to_4(size_t n)
{
    return (n + 3u) & ~(size_t)3u;
}

static void search_notes(struct search *s, const uint8_t *note, size_t room)
{
    ElfW(Nhdr) header;

    while (room >= sizeof header) {
        memcpy(&header, note, sizeof header);
        size_t name = round_to_4(header.n_namesz), value = round_to_4(header.n_descsz);
        if (name > room - sizeof header || value > room - sizeof header - name)
            return;
        const uint8_t *name_at = note + sizeof header;
        if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 &&
            memcmp(name_at, "GNU", 4) == 0 && header.n_descsz <= BUILD_ID_MAX) {
            s->len = header.n_descsz;
            memcpy(s->id, name_at + name, s->len);
            return;
        }
        note += sizeof header + name + value;
        room -= sizeof header + name + value;
    }
}

/* The first object reported is the program itself: the walk ends there. */
static int search_program(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *s = arg;

    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum && s->len == 0; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_NOTE)
            search_notes(s, (const uint8_t *)(info->dlpi_addr + p->p_vaddr), p->p_memsz);
    }
    return 1;
}

size_t build_id_get(uint8_t id[BUILD_ID_MAX])
{
    struct search s = {.id = id};

    memset(id, 0, BUILD_ID_MAX);
    dl_iterate_phdr(search_program, &s);
    return s.len;
}
