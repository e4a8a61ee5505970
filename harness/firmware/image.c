/* harness/firmware/image.c: see image.h. */
#include "harness/firmware/image.h"

#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (64u << 20)
#define SEGMENTS_MAX 64u

struct segment_of {
    uint32_t addr, bytes; /* physical, in the file */
    const uint8_t *data;
};

struct function {
    uint32_t addr, bytes; /* bytes 0: up to the next one */
    const char *name;     /* in the file's string table */
};

struct image {
    char *file;
    size_t size;
    Elf *elf;
    uint32_t entry;
    struct segment_of segments[SEGMENTS_MAX];
    size_t segment_count;
    struct function *functions; /* by address */
    size_t function_count;
    Elf_Scn *symbols;
    GElf_Shdr symbols_header;
};

struct reading {
    struct image *image;
    const char *path;
    const struct image_memory *memories;
    size_t count;
    char *why;
    size_t room;
};

static bool refuse(const struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(const struct reading *r, const char *format, ...)
{
    va_list args;
    int n = snprintf(r->why, r->room, "%s: ", r->path);

    va_start(args, format);
    if (n >= 0 && (size_t)n < r->room)
        vsnprintf(r->why + n, r->room - (size_t)n, format, args);
    va_end(args);
    return false;
}

/* ---- The file ---- */

static bool take_file(struct reading *r, const void *bytes, size_t length)
{
    struct image *image = r->image;

    if (length == 0)
        return refuse(r, "empty");
    if (length > FILE_MAX)
        return refuse(r, "longer than %u bytes: not an image for this chip", FILE_MAX);
    image->file = malloc(length);
    if (image->file == NULL)
        return refuse(r, "no memory to read it");
    memcpy(image->file, bytes, length);
    image->size = length;
    return true;
}

static bool check_header(struct reading *r)
{
    GElf_Ehdr h;
    struct image *image = r->image;

    if (elf_version(EV_CURRENT) == EV_NONE)
        return refuse(r, "libelf is too old");
    image->elf = elf_memory(image->file, image->size);
    if (image->elf == NULL || elf_kind(image->elf) != ELF_K_ELF)
        return refuse(r, "not an ELF file");
    if (gelf_getehdr(image->elf, &h) == NULL)
        return refuse(r, "broken ELF header: %s", elf_errmsg(-1));
    if (gelf_getclass(image->elf) != ELFCLASS32 || h.e_ident[EI_DATA] != ELFDATA2LSB)
        return refuse(r, "an ELF file of %s bits, %s-endian: expected 32 bits, little-endian",
                      gelf_getclass(image->elf) == ELFCLASS64 ? "64" : "32",
                      h.e_ident[EI_DATA] == ELFDATA2MSB ? "big" : "little");
    if (h.e_machine != EM_ARM)
        return refuse(r, "for machine %u: expected ARM (%u)", h.e_machine, EM_ARM);
    if (h.e_type != ET_EXEC)
        return refuse(r, "ELF type %u: expected an executable (%u): is it linked?", h.e_type,
                      ET_EXEC);
    if (h.e_phoff > image->size || h.e_phnum * sizeof(Elf32_Phdr) > image->size - h.e_phoff)
        return refuse(r, "program headers end behind the end of the file: cut short?");
    image->entry = (uint32_t)h.e_entry;
    return true;
}

/* ---- Segments ---- */

static bool is_within(const struct reading *r, uint64_t addr, uint64_t bytes)
{
    for (size_t i = 0; i < r->count; i++)
        if (addr >= r->memories[i].base &&
            addr + bytes <= (uint64_t)r->memories[i].base + r->memories[i].bytes)
            return true;
    return false;
}

static bool refuse_place(const struct reading *r, size_t number, uint64_t addr, uint64_t bytes)
{
    char places[256];
    size_t used = 0;

    places[0] = '\0';
    for (size_t i = 0; i < r->count && used < sizeof places; i++)
        used += (size_t)snprintf(places + used, sizeof places - used, "%s%s 0x%08x to 0x%08x",
                                 i == 0 ? "" : ", ", r->memories[i].name, r->memories[i].base,
                                 r->memories[i].base + r->memories[i].bytes - 1);
    return refuse(r, "segment %zu, 0x%" PRIx64 " with %" PRIu64 " bytes, is in no memory: %s",
                  number, addr, bytes, places);
}

static bool overlaps(const struct image *image, uint32_t addr, uint32_t bytes)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment_of *s = &image->segments[i];
        if (addr < (uint64_t)s->addr + s->bytes && s->addr < (uint64_t)addr + bytes)
            return true;
    }
    return false;
}

static bool take_segment(struct reading *r, size_t number, const GElf_Phdr *h)
{
    struct image *image = r->image;

    if (h->p_filesz > h->p_memsz)
        return refuse(r, "segment %zu has more bytes in the file than in memory", number);
    if (h->p_offset > image->size || h->p_filesz > image->size - h->p_offset)
        return refuse(r, "segment %zu ends behind the end of the file: cut short?", number);
    if (!is_within(r, h->p_vaddr, h->p_memsz))
        return refuse_place(r, number, h->p_vaddr, h->p_memsz);
    if (h->p_filesz == 0)
        return true;
    if (!is_within(r, h->p_paddr, h->p_filesz))
        return refuse_place(r, number, h->p_paddr, h->p_filesz);
    if (overlaps(image, (uint32_t)h->p_paddr, (uint32_t)h->p_filesz))
        return refuse(r, "segment %zu overlaps another one", number);
    if (image->segment_count == SEGMENTS_MAX)
        return refuse(r, "more than %u segments", SEGMENTS_MAX);
    image->segments[image->segment_count++] =
        (struct segment_of){(uint32_t)h->p_paddr, (uint32_t)h->p_filesz,
                            (const uint8_t *)image->file + h->p_offset};
    return true;
}

static bool take_segments(struct reading *r)
{
    struct image *image = r->image;
    size_t count;

    if (elf_getphdrnum(image->elf, &count) != 0)
        return refuse(r, "broken program headers: %s", elf_errmsg(-1));
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr h;
        if (gelf_getphdr(image->elf, (int)i, &h) == NULL)
            return refuse(r, "broken program header %zu: %s", i, elf_errmsg(-1));
        if (h.p_type == PT_LOAD && h.p_memsz != 0 && !take_segment(r, i, &h))
            return false;
    }
    if (image->segment_count == 0)
        return refuse(r, "nothing in it is to be loaded");
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment_of *s = &image->segments[i];
        if (image->entry >= s->addr && image->entry - s->addr < s->bytes)
            return true;
    }
    return refuse(r, "the entry point 0x%08x is in none of its segments", image->entry);
}

/* ---- Names ---- */

static int by_address(const void *a, const void *b)
{
    const struct function *x = a, *y = b;

    return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void take_functions(struct image *image, Elf_Data *data, size_t symbols)
{
    image->functions = calloc(symbols != 0 ? symbols : 1, sizeof *image->functions);
    if (image->functions == NULL)
        return; /* a backtrace without names */
    for (size_t i = 0; i < symbols; i++) {
        GElf_Sym sym;
        if (gelf_getsym(data, (int)i, &sym) == NULL || GELF_ST_TYPE(sym.st_info) != STT_FUNC)
            continue;
        const char *name = elf_strptr(image->elf, image->symbols_header.sh_link, sym.st_name);
        if (name == NULL || name[0] == '\0')
            continue;
        image->functions[image->function_count++] =
            (struct function){(uint32_t)sym.st_value & ~1u, (uint32_t)sym.st_size, name};
    }
    qsort(image->functions, image->function_count, sizeof *image->functions, by_address);
}

/* Without symbols there are none: that is no error. */
static void take_names(struct image *image)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(image->elf, section)) != NULL) {
        GElf_Shdr h;
        if (gelf_getshdr(section, &h) == NULL || h.sh_type != SHT_SYMTAB || h.sh_entsize == 0)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        if (data == NULL)
            continue;
        image->symbols = section;
        image->symbols_header = h;
        take_functions(image, data, (size_t)(h.sh_size / h.sh_entsize));
        return;
    }
}

const char *image_function(const struct image *image, uint32_t addr, uint32_t *offset)
{
    size_t low = 0, high = image->function_count;

    while (low < high) { /* the first one behind addr */
        size_t middle = low + (high - low) / 2;
        if (image->functions[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct function *f = &image->functions[low - 1];
    *offset = addr - f->addr;
    return f->bytes == 0 || *offset < f->bytes ? f->name : NULL;
}

bool image_symbol(const struct image *image, const char *name, uint32_t *addr)
{
    Elf_Data *data = image->symbols != NULL ? elf_getdata(image->symbols, NULL) : NULL;
    GElf_Sym sym;

    for (int i = 0; data != NULL && gelf_getsym(data, i, &sym) != NULL; i++) {
        const char *own = elf_strptr(image->elf, image->symbols_header.sh_link, sym.st_name);
        if (own != NULL && strcmp(own, name) == 0 && sym.st_shndx != SHN_UNDEF) {
            bool code = GELF_ST_TYPE(sym.st_info) == STT_FUNC; /* bit 0: Thumb */
            *addr = (uint32_t)sym.st_value & (code ? ~1u : ~0u);
            return true;
        }
    }
    return false;
}

/* ---- Life ---- */

struct image *image_open(const char *path, const void *bytes, size_t length,
                         const struct image_memory *memories, size_t count, char *why,
                         size_t room)
{
    struct image *image = calloc(1, sizeof *image);
    struct reading r = {image, path, memories, count, why, room};

    if (image == NULL) {
        refuse(&r, "no memory to read it");
        return NULL;
    }
    if (!take_file(&r, bytes, length) || !check_header(&r) || !take_segments(&r)) {
        image_close(image);
        return NULL;
    }
    take_names(image);
    return image;
}

void image_close(struct image *image)
{
    if (image == NULL)
        return;
    if (image->elf != NULL)
        elf_end(image->elf);
    free(image->functions);
    free(image->file);
    free(image);
}

void image_load(const struct image *image, uint32_t base, uint32_t bytes, void *memory)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment_of *s = &image->segments[i];
        if (s->addr >= base && s->addr - base < bytes) /* and so its end, checked when opened */
            memcpy((uint8_t *)memory + (s->addr - base), s->data, s->bytes);
    }
}

uint32_t image_entry(const struct image *image)
{
    return image->entry;
}
