/* harness/firmware/cpu.h: an ARM7TDMI-S that executes instruction by instruction: the interface
 * between the simulator and an emulator, which is a module of its own, loaded on demand.
 *
 * The processor's registers are a value (struct arm7) that lives in the world; an emulator holds
 * nothing but caches between two runs. Same registers, memory and lines: same instructions, same
 * accesses.
 *
 * Interrupts are taken between instructions, as UM10237 and the ARM7TDMI manual say: FIQ before
 * IRQ, each masked by its bit in CPSR. SWI enters at 0x08. Undefined instructions and aborts stop
 * the processor: they are reported, not taken. */
#ifndef HARNESS_FIRMWARE_CPU_H
#define HARNESS_FIRMWARE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which bank a register that modes have of their own is taken from; user and system share one. */
enum arm7_bank { ARM7_USR, ARM7_SVC, ARM7_ABT, ARM7_UND, ARM7_IRQ, ARM7_FIQ, ARM7_BANKS };

#define ARM7_MODE_USR 0x10u
#define ARM7_MODE_FIQ 0x11u
#define ARM7_MODE_IRQ 0x12u
#define ARM7_MODE_SVC 0x13u
#define ARM7_MODE_ABT 0x17u
#define ARM7_MODE_UND 0x1bu
#define ARM7_MODE_SYS 0x1fu
#define ARM7_MODE 0x1fu
#define ARM7_T 0x20u /* Thumb state */
#define ARM7_F 0x40u /* FIQ off */
#define ARM7_I 0x80u /* IRQ off */

struct arm7 {
    uint32_t r[16];   /* of the current mode; r[15]: the next instruction to execute */
    uint32_t cpsr;
    uint32_t sp[ARM7_BANKS], lr[ARM7_BANKS], spsr[ARM7_BANKS]; /* of the other modes */
    uint32_t high[2][5]; /* r8..r12: [0] of all modes but FIQ, [1] of FIQ */
};

/* As after reset: supervisor mode, ARM state, interrupts off, at address 0. */
void arm7_reset(struct arm7 *cpu);
enum arm7_bank arm7_bank(uint32_t cpsr);
const char *arm7_mode_name(uint32_t cpsr); /* "irq"; "?" for one that does not exist */
/* Enters an exception: LR and SPSR of its mode, the mode, its masks, and the vector. */
void arm7_enter(struct arm7 *cpu, uint32_t mode, uint32_t vector, uint32_t lr);
/* Writes CPSR as MSR does in a privileged mode, and T too: with the mode the registers in r[]
 * change. false: there is no such mode, and nothing was done. */
bool arm7_set_cpsr(struct arm7 *cpu, uint32_t cpsr);

struct cpu_region {
    uint32_t base, bytes; /* multiples of 4096 */
    void *memory;
    bool writable;        /* by the processor; else a write stops it */
};

/* Everything that is not a region. The access is that of the instruction being executed, of which
 * cpu_ops.executed() have gone before in this run. */
struct cpu_bus {
    void *ctx;
    uint32_t (*read)(void *ctx, uint32_t addr, unsigned bytes);
    void (*write)(void *ctx, uint32_t addr, uint32_t value, unsigned bytes);
    /* A word or half-word access at an odd address, which an ARM7 does not do as written. */
    void (*misaligned)(void *ctx, uint32_t addr, unsigned bytes, bool write);
};

enum cpu_stop {
    CPU_LIMIT,      /* as many instructions as were allowed */
    CPU_ASKED,      /* cpu_ops.stop() */
    CPU_IDLE,       /* at the head of a loop that changes nothing, see cpu_ops.period() */
    CPU_BREAK,      /* before the instruction at a breakpoint; the next run executes it */
    CPU_WATCH,      /* behind an instruction that did what a watchpoint is for, see watched() */
    CPU_FAULT       /* see struct cpu_fault */
};

struct cpu_fault {
    enum { CPU_UNDEFINED, CPU_FETCH, CPU_READ, CPU_WRITE, CPU_BROKEN } kind;
    uint32_t addr; /* that could not be fetched from, read or written; of the instruction */
};

/* Stops behind an instruction that loads (and, or) stores a byte of [addr, addr + bytes). */
struct cpu_watch {
    uint32_t addr, bytes;
    bool on_read, on_write;
};

#define CPU_BREAKPOINTS_MAX 64u
#define CPU_WATCHPOINTS_MAX 16u

struct cpu; /* of the process, not of the world */

#define CPU_OPS_VERSION 2u
#define CPU_OPS_SYMBOL "lockwire_cpu_ops"

struct cpu_ops {
    unsigned version;
    const char *name; /* and licence, for people */
    /* NULL: *why is a static text. Regions and bus are copied. */
    struct cpu *(*open)(const struct cpu_region *regions, size_t count, const struct cpu_bus *bus,
                        const char **why);
    void (*close)(struct cpu *cpu); /* NULL is allowed */
    /* Executes until something stops it, at most up to limit (see limit()). */
    enum cpu_stop (*run)(struct cpu *cpu, struct arm7 *state, uint64_t limit,
                         struct cpu_fault *fault);
    /* Instructions of this run that are done, the one that makes a bus access not counted. After
     * run(): all of the run. */
    uint64_t (*executed)(const struct cpu *cpu);
    /* From inside a bus access: the address of its instruction. */
    uint32_t (*pc)(const struct cpu *cpu);
    /* From inside a bus access: a new limit, no less than executed() + 1. */
    void (*limit)(struct cpu *cpu, uint64_t limit);
    /* From inside a bus access: stop when its instruction is done. */
    void (*stop)(struct cpu *cpu);
    /* Levels of the interrupt lines from now on; from inside a bus access, too. */
    void (*lines)(struct cpu *cpu, bool irq, bool fiq);
    /* From inside a read: the answer changes with time alone, so no loop around it is idle. */
    void (*changes)(struct cpu *cpu);
    /* Memory was changed by somebody else (a snapshot was restored): caches are thrown away. */
    void (*forget)(struct cpu *cpu);
    /* After CPU_IDLE: instructions of one round. The state after it is the state before it, until
     * an interrupt comes or a device changes. */
    uint64_t (*period)(const struct cpu *cpu);
    /* Replace all breakpoints, all watchpoints; what is more than the maximum is left out. */
    void (*breakpoints)(struct cpu *cpu, const uint32_t *addr, size_t count);
    void (*watchpoints)(struct cpu *cpu, const struct cpu_watch *list, size_t count);
    /* After CPU_WATCH: the first byte of it that was accessed, and the watchpoint's index. */
    size_t (*watched)(const struct cpu *cpu, uint32_t *addr);
    /* Of the last run: an interrupt was taken, first in front of the instruction at pc, after so
     * many others. */
    bool (*interrupted)(const struct cpu *cpu, uint32_t *pc, uint64_t *executed);
};

#endif
