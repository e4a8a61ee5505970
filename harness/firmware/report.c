/* harness/firmware/report.c: see report.h. */
#include "harness/firmware/report.h"

#include "harness/firmware/image.h"
#include "harness/firmware/machine.h"
#include "harness/firmware/text.h"
#include "harness/host/fatal.h"

#include <inttypes.h>
#include <string.h>

#define STACK_WORDS 256u /* looked at */
#define CALLS_MAX 16u    /* told */

static void put_place(struct text *t, const struct image *image, uint32_t addr)
{
    uint32_t offset;
    const char *name = image != NULL ? image_function(image, addr & ~1u, &offset) : NULL;

    if (name != NULL)
        text_put(t, "0x%08x %s+0x%x", addr, name, offset);
    else
        text_put(t, "0x%08x", addr);
}

const char *report_fault(const struct cpu_fault *fault)
{
    switch (fault->kind) {
    case CPU_UNDEFINED:
        return "undefined instruction";
    case CPU_FETCH:
        return "jump to where there is no code";
    case CPU_READ:
        return "read from where nothing can be read";
    case CPU_WRITE:
        return "write to where nothing can be written";
    default:
        return "the emulator cannot go on";
    }
}

/* ---- Backtrace ---- */

/* Is there a call in front of this return address? ARM: BL or MOV LR, PC before a jump; Thumb: the
 * two halves of BL. */
static bool follows_call(const struct machine *m, uint32_t addr)
{
    uint16_t halves[2];
    uint32_t word;

    if ((addr & 1u) != 0)
        return machine_peek(m, (addr & ~1u) - 4, halves, 4) && (halves[0] & 0xf800u) == 0xf000u &&
               (halves[1] & 0xf800u) == 0xf800u;
    if ((addr & 3u) != 0 || !machine_peek(m, addr - 8, &word, 4))
        return false;
    if (word == 0xe1a0e00fu) /* mov lr, pc */
        return true;
    return machine_peek(m, addr - 4, &word, 4) && (word & 0x0f000000u) == 0x0b000000u;
}

static void put_backtrace(struct text *t, const struct machine *m, const struct image *image)
{
    const struct arm7 *cpu = machine_registers(m);
    unsigned told = 0;

    text_put(t, "backtrace:\n  #0 ");
    put_place(t, image, cpu->r[15]);
    text_put(t, "\n  #1 ");
    put_place(t, image, cpu->r[14]);
    text_put(t, " (lr)\n");
    for (uint32_t i = 0; i < STACK_WORDS && told < CALLS_MAX; i++) {
        uint32_t word;
        if (!machine_peek(m, cpu->r[13] + 4 * i, &word, 4))
            break;
        if (word == cpu->r[14] || !follows_call(m, word))
            continue;
        text_put(t, "  #%u ", 2 + told++);
        put_place(t, image, word);
        text_put(t, " (stack+%u)\n", 4 * i);
    }
}

void report_registers(const struct machine *m, const struct image *image, char *text, size_t room)
{
    static const char *const names[16] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                          "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"};
    const struct arm7 *cpu = machine_registers(m);
    struct text t = {text, 0, room};

    if (room != 0)
        text[0] = '\0';
    for (unsigned i = 0; i < 16; i++)
        text_put(&t, "%3s 0x%08x%s", names[i], cpu->r[i], i % 4 == 3 ? "\n" : "  ");
    text_put(&t, "cpsr 0x%08x: %s mode, %s state, IRQ %s, FIQ %s\n", cpu->cpsr,
             arm7_mode_name(cpu->cpsr), (cpu->cpsr & ARM7_T) != 0 ? "Thumb" : "ARM",
             (cpu->cpsr & ARM7_I) != 0 ? "off" : "on", (cpu->cpsr & ARM7_F) != 0 ? "off" : "on");
    put_backtrace(&t, m, image);
}

void report_crash(const struct machine *m, const struct image *image,
                  const struct cpu_fault *fault, char *text, size_t room)
{
    struct text t = {text, 0, room};

    text_put(&t, "firmware %s halted: %s at 0x%08x, after %" PRIu64 " instructions\n",
             machine_name(m), report_fault(fault), fault->addr, machine_instructions(m));
    if (t.used < room)
        report_registers(m, image, text + t.used, room - t.used);
}

void machine_lost(const char *name, const char *why)
{
    fatal(FATAL_INTERNAL, "firmware %s cannot go on in this process: %s", name, why);
}
