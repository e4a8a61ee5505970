/* Unit tests of harness/firmware/image.c: what is taken, and every refusal. */
#include "harness/firmware/image.h"
#include "harness/tests/unit/unit.h"

#include <elf.h>

struct file {
    Elf32_Ehdr head;
    Elf32_Phdr segments[2];
    uint32_t code[4];
};

static const struct image_memory memories[] = {{0, 0x80000, "flash"},
                                               {0x40000000, 0x10000, "RAM"}};

/* Four words at address 0, which are also what RAM begins with. */
static struct file good(void)
{
    struct file f;

    memset(&f, 0, sizeof f);
    memcpy(f.head.e_ident, ELFMAG, SELFMAG);
    f.head.e_ident[EI_CLASS] = ELFCLASS32;
    f.head.e_ident[EI_DATA] = ELFDATA2LSB;
    f.head.e_ident[EI_VERSION] = EV_CURRENT;
    f.head.e_type = ET_EXEC;
    f.head.e_machine = EM_ARM;
    f.head.e_version = EV_CURRENT;
    f.head.e_phoff = offsetof(struct file, segments);
    f.head.e_ehsize = sizeof f.head;
    f.head.e_phentsize = sizeof f.segments[0];
    f.head.e_phnum = 2;
    for (unsigned i = 0; i < 2; i++)
        f.segments[i] = (Elf32_Phdr){.p_type = PT_LOAD, .p_offset = offsetof(struct file, code),
                                     .p_vaddr = i * 0x40000000u, .p_paddr = i * 0x100u,
                                     .p_filesz = 16, .p_memsz = 16, .p_flags = PF_R | PF_X};
    f.code[0] = 0xeafffffe;
    f.code[3] = 0x12345678;
    return f;
}

static struct image *open_cut(const struct file *f, size_t length, char why[300])
{
    return image_open("f.elf", f, length, memories, 2, why, 300);
}

static void check_refused(const struct file *f, size_t length, const char *text)
{
    char why[300] = "";
    struct image *image = open_cut(f, length, why);

    CHECKF(image == NULL, "expected: %s", text);
    CHECKF(strstr(why, text) != NULL, "expected: %s; got: %s", text, why);
    CHECK(strncmp(why, "f.elf: ", 7) == 0);
}

UNIT(firmware_image, segments_go_to_their_physical_addresses)
{
    struct file f = good();
    char why[300];
    uint32_t flash[0x100] = {0};
    struct image *image = open_cut(&f, sizeof f, why);
    uint32_t offset;

    CHECKF(image != NULL, "%s", why);
    CHECK_INT(image_entry(image), 0);
    image_load(image, 0, sizeof flash, flash);
    CHECK_INT(flash[0], 0xeafffffe);
    CHECK_INT(flash[0x100 / 4 + 3], 0x12345678);
    CHECK(image_function(image, 0, &offset) == NULL);
    CHECK(!image_symbol(image, "main", &offset));
    image_close(image);
}

UNIT(firmware_image, every_cut_is_refused)
{
    struct file f = good();
    char why[300];

    for (size_t length = 0; length < sizeof f; length++)
        CHECKF(open_cut(&f, length, why) == NULL, "%zu bytes", length);
}

UNIT(firmware_image, other_machines_classes_and_types_are_refused)
{
    struct file f = good();

    f.head.e_machine = EM_X86_64;
    check_refused(&f, sizeof f, "for machine 62: expected ARM (40)");
    f = good();
    f.head.e_ident[EI_CLASS] = ELFCLASS64;
    check_refused(&f, sizeof f, "64 bits");
    f = good();
    f.head.e_type = ET_REL;
    check_refused(&f, sizeof f, "is it linked?");
    f = good();
    f.head.e_ident[0] = 0;
    check_refused(&f, sizeof f, "not an ELF file");
    check_refused(&f, 0, "empty");
}

UNIT(firmware_image, segments_that_do_not_fit_are_refused)
{
    struct file f = good();

    f.segments[1].p_paddr = 0x10000000;
    check_refused(&f, sizeof f, "is in no memory: flash 0x00000000 to 0x0007ffff, RAM");
    f = good();
    f.segments[1].p_vaddr = 0x4000fff8;
    check_refused(&f, sizeof f, "is in no memory");
    f = good();
    f.segments[1].p_vaddr = 0xfffffff8; /* its end is beyond 32 bits */
    check_refused(&f, sizeof f, "is in no memory");
    f = good();
    f.segments[1].p_paddr = 8;
    check_refused(&f, sizeof f, "overlaps");
    f = good();
    f.segments[1].p_memsz = 8;
    check_refused(&f, sizeof f, "more bytes in the file than in memory");
    f = good();
    f.segments[1].p_offset = 0xfffffff0;
    check_refused(&f, sizeof f, "cut short?");
}

UNIT(firmware_image, entry_point_and_contents_have_to_be_there)
{
    struct file f = good();

    f.head.e_entry = 0x20;
    check_refused(&f, sizeof f, "the entry point 0x00000020 is in none of its segments");
    f = good();
    f.segments[0].p_type = f.segments[1].p_type = PT_NOTE;
    check_refused(&f, sizeof f, "nothing in it is to be loaded");
}
