/* harness/firmware/arm7.c: the processor's registers as a value: modes, banks, exceptions. */
#include "harness/firmware/cpu.h"

#include <string.h>

void arm7_reset(struct arm7 *cpu)
{
    memset(cpu, 0, sizeof *cpu);
    cpu->cpsr = ARM7_MODE_SVC | ARM7_I | ARM7_F;
}

enum arm7_bank arm7_bank(uint32_t cpsr)
{
    switch (cpsr & ARM7_MODE) {
    case ARM7_MODE_SVC:
        return ARM7_SVC;
    case ARM7_MODE_ABT:
        return ARM7_ABT;
    case ARM7_MODE_UND:
        return ARM7_UND;
    case ARM7_MODE_IRQ:
        return ARM7_IRQ;
    case ARM7_MODE_FIQ:
        return ARM7_FIQ;
    default:
        return ARM7_USR;
    }
}

const char *arm7_mode_name(uint32_t cpsr)
{
    switch (cpsr & ARM7_MODE) {
    case ARM7_MODE_USR:
        return "usr";
    case ARM7_MODE_SYS:
        return "sys";
    case ARM7_MODE_SVC:
        return "svc";
    case ARM7_MODE_ABT:
        return "abt";
    case ARM7_MODE_UND:
        return "und";
    case ARM7_MODE_IRQ:
        return "irq";
    case ARM7_MODE_FIQ:
        return "fiq";
    default:
        return "?";
    }
}

/* r8 to r12 are shared by all modes but FIQ. */
static unsigned high_of(enum arm7_bank bank)
{
    return bank == ARM7_FIQ ? 1 : 0;
}

static void change_mode(struct arm7 *cpu, uint32_t mode)
{
    enum arm7_bank from = arm7_bank(cpu->cpsr), to = arm7_bank(mode);

    cpu->cpsr = (cpu->cpsr & ~ARM7_MODE) | mode;
    if (from == to)
        return;
    cpu->sp[from] = cpu->r[13];
    cpu->lr[from] = cpu->r[14];
    cpu->r[13] = cpu->sp[to];
    cpu->r[14] = cpu->lr[to];
    if (high_of(from) != high_of(to)) {
        memcpy(cpu->high[high_of(from)], &cpu->r[8], sizeof cpu->high[0]);
        memcpy(&cpu->r[8], cpu->high[high_of(to)], sizeof cpu->high[0]);
    }
}

bool arm7_set_cpsr(struct arm7 *cpu, uint32_t cpsr)
{
    if (arm7_mode_name(cpsr)[0] == '?')
        return false;
    change_mode(cpu, cpsr & ARM7_MODE);
    cpu->cpsr = cpsr;
    return true;
}

void arm7_enter(struct arm7 *cpu, uint32_t mode, uint32_t vector, uint32_t lr)
{
    uint32_t before = cpu->cpsr;

    change_mode(cpu, mode);
    cpu->spsr[arm7_bank(mode)] = before;
    cpu->r[14] = lr;
    cpu->r[15] = vector;
    cpu->cpsr = (cpu->cpsr | ARM7_I) & ~ARM7_T;
    if (mode == ARM7_MODE_FIQ)
        cpu->cpsr |= ARM7_F;
}
