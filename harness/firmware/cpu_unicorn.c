/* harness/firmware/cpu_unicorn.c: the processor by the Unicorn engine (GPL-2): a module of its own,
 * loaded on demand, so that nothing else of Lockwire is linked with it.
 *
 * The core is TI925T, an ARMv4T as the ARM7TDMI-S is. Unicorn has no interrupt lines and no cycle
 * counter: a hook in front of each instruction counts, looks at the lines and stops. Exception
 * entry is done on the registers between two runs (arm7_enter()). Unicorn is never stopped from
 * inside a store to a device: it would repeat the store. What an ARM7 does differently with
 * misaligned addresses (it rotates) is reported, not imitated. */
#include "harness/firmware/cpu.h"

#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#define REGIONS_MAX 8u
#define ADDRESS_SPACE (UINT64_C(1) << 32)
#define PAGE 4096u
/* How long a loop that is looked at for idling may be. */
#define LOOP_MAX 512u
#define NOWHERE UINT64_C(0xffffffffffffffff) /* no address: run until stopped */

enum request { NOTHING, LIMIT, ASKED, INTERRUPT, BREAK, WATCH, IDLE, SOFTWARE, FAULT };

struct gap {
    struct cpu *cpu;
    uint32_t base;
};

struct cpu {
    uc_engine *uc;
    struct cpu_bus bus;
    struct cpu_region regions[REGIONS_MAX];
    struct gap gaps[REGIONS_MAX + 1];
    size_t region_count;
    uint64_t done, limit; /* instructions of this run, the one being executed included */
    struct arm7 loaded;   /* what the engine holds, if `holds` */
    bool holds;
    bool irq, fiq, asked;
    enum request why;
    uint32_t pc;          /* of the instruction that was not executed any more */
    struct cpu_fault fault;
    uint32_t breakpoints[CPU_BREAKPOINTS_MAX];
    size_t breakpoint_count;
    bool broke, first;    /* the last run ended at a breakpoint; nothing was done since */
    uint32_t broke_at;
    struct cpu_watch watches[CPU_WATCHPOINTS_MAX];
    size_t watch_count;
    struct {
        bool seen;
        uint32_t addr;
        size_t index;
    } watched;
    struct {
        bool taken;
        uint32_t pc;
        uint64_t executed;
    } interrupt;          /* the first of this run */
    struct {
        uint32_t at;      /* the address at which rounds are compared */
        uint64_t begun;   /* `done` at its last visit */
        uint64_t period;  /* instructions of the round that was found idle */
        uint32_t r[17];   /* registers there, CPSR last */
        bool known, changed;
    } loop;
};

/* ---- Registers ---- */

static const int names[16] = {
    UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4, UC_ARM_REG_R5,
    UC_ARM_REG_R6, UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
    UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC};

static const uint32_t modes[ARM7_BANKS] = {
    [ARM7_USR] = ARM7_MODE_SYS, [ARM7_SVC] = ARM7_MODE_SVC, [ARM7_ABT] = ARM7_MODE_ABT,
    [ARM7_UND] = ARM7_MODE_UND, [ARM7_IRQ] = ARM7_MODE_IRQ, [ARM7_FIQ] = ARM7_MODE_FIQ};

static uint32_t get(const struct cpu *c, int name)
{
    uint32_t value = 0;

    uc_reg_read(c->uc, name, &value);
    return value;
}

static void set(struct cpu *c, int name, uint32_t value)
{
    uc_reg_write(c->uc, name, &value);
}

static void load_bank(struct cpu *c, const struct arm7 *s, enum arm7_bank bank, bool current)
{
    set(c, UC_ARM_REG_CPSR, modes[bank] | ARM7_I | ARM7_F);
    if (bank != ARM7_USR)
        set(c, UC_ARM_REG_SPSR, s->spsr[bank]);
    if (bank == ARM7_FIQ || bank == ARM7_SVC) /* one that stands for all others */
        for (unsigned i = 0; i < 5; i++)
            set(c, names[8 + i], s->high[bank == ARM7_FIQ ? 1 : 0][i]);
    if (current)
        return;
    set(c, UC_ARM_REG_SP, s->sp[bank]);
    set(c, UC_ARM_REG_LR, s->lr[bank]);
}

static void load(struct cpu *c, const struct arm7 *s)
{
    if (c->holds && memcmp(&c->loaded, s, sizeof *s) == 0)
        return;
    for (unsigned bank = 0; bank < ARM7_BANKS; bank++)
        load_bank(c, s, bank, bank == arm7_bank(s->cpsr));
    set(c, UC_ARM_REG_CPSR, s->cpsr);
    for (unsigned i = 0; i < 15; i++)
        set(c, names[i], s->r[i]);
}

static void save_bank(struct cpu *c, struct arm7 *s, enum arm7_bank bank, bool current)
{
    set(c, UC_ARM_REG_CPSR, modes[bank] | ARM7_I | ARM7_F);
    if (bank != ARM7_USR)
        s->spsr[bank] = get(c, UC_ARM_REG_SPSR);
    if (bank == ARM7_FIQ || bank == ARM7_SVC)
        for (unsigned i = 0; i < 5; i++)
            s->high[bank == ARM7_FIQ ? 1 : 0][i] = get(c, names[8 + i]);
    /* a current register has one value, not two that could differ */
    s->sp[bank] = current ? 0 : get(c, UC_ARM_REG_SP);
    s->lr[bank] = current ? 0 : get(c, UC_ARM_REG_LR);
}

static void save(struct cpu *c, struct arm7 *s)
{
    s->cpsr = get(c, UC_ARM_REG_CPSR);
    for (unsigned i = 0; i < 15; i++)
        s->r[i] = get(c, names[i]);
    s->r[15] = c->pc;
    for (unsigned bank = 0; bank < ARM7_BANKS; bank++)
        save_bank(c, s, bank, bank == arm7_bank(s->cpsr));
    memset(s->high[arm7_bank(s->cpsr) == ARM7_FIQ ? 1 : 0], 0, sizeof s->high[0]);
    set(c, UC_ARM_REG_CPSR, s->cpsr);
    c->loaded = *s;
    c->holds = true;
}

/* ---- Before each instruction ---- */

static void halt(struct cpu *c, enum request why)
{
    c->why = why;
    uc_emu_stop(c->uc);
}

static bool interrupted(const struct cpu *c)
{
    if (!c->irq && !c->fiq)
        return false;
    uint32_t cpsr = get(c, UC_ARM_REG_CPSR);
    return (c->fiq && (cpsr & ARM7_F) == 0) || (c->irq && (cpsr & ARM7_I) == 0);
}

static bool at_breakpoint(const struct cpu *c, uint32_t pc)
{
    if (c->first && pc == c->broke_at)
        return false; /* one goes on from a breakpoint */
    for (size_t i = 0; i < c->breakpoint_count; i++)
        if (c->breakpoints[i] == pc)
            return true;
    return false;
}

static void look_at_registers(const struct cpu *c, uint32_t r[17])
{
    for (unsigned i = 0; i < 15; i++)
        r[i] = get(c, names[i]);
    r[15] = 0;
    r[16] = get(c, UC_ARM_REG_CPSR);
}

/* Twice at the same place with the same registers, and nothing was written in between that was not
 * there before, nor a device asked whose answer changes with time alone: the next rounds will be
 * the same. */
static bool idles(struct cpu *c, uint32_t pc)
{
    uint32_t now[17];

    if (c->loop.known && pc != c->loop.at) {
        if (pc < c->pc && c->done - c->loop.begun > LOOP_MAX)
            c->loop.known = false;
        return false;
    }
    if (pc > c->pc && !c->loop.known)
        return false; /* loops begin with a jump backwards */
    bool same = false;
    if (!c->loop.known || !c->loop.changed) {
        look_at_registers(c, now);
        same = c->loop.known && memcmp(now, c->loop.r, sizeof now) == 0;
        memcpy(c->loop.r, now, sizeof now);
        c->loop.known = true;
    } else {
        c->loop.known = false;
    }
    c->loop.at = pc;
    c->loop.period = c->done - c->loop.begun;
    c->loop.begun = c->done;
    c->loop.changed = false;
    return same;
}

static void before(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct cpu *c = ctx;
    uint32_t pc = (uint32_t)address;

    (void)uc;
    (void)size;
    if (c->why != NOTHING)
        return; /* on its way out */
    bool idle = idles(c, pc);
    c->pc = pc;
    if (c->watched.seen)
        halt(c, WATCH);
    else if (c->asked)
        halt(c, ASKED);
    else if (interrupted(c))
        halt(c, INTERRUPT);
    else if (c->done >= c->limit)
        halt(c, LIMIT);
    else if (at_breakpoint(c, pc))
        halt(c, BREAK);
    else if (idle)
        halt(c, IDLE);
    else
        c->done++;
    c->first = false;
}

/* ---- Memory and devices ---- */

static const uint8_t *bytes_at(const struct cpu *c, uint64_t address)
{
    for (size_t i = 0; i < c->region_count; i++) {
        const struct cpu_region *r = &c->regions[i];
        if (address >= r->base && address - r->base < r->bytes)
            return (const uint8_t *)r->memory + (address - r->base);
    }
    return NULL;
}

static void look_for_watch(struct cpu *c, uint32_t addr, uint32_t bytes, bool write)
{
    for (size_t i = 0; i < c->watch_count && !c->watched.seen; i++) {
        const struct cpu_watch *w = &c->watches[i];
        if ((write ? !w->on_write : !w->on_read) || (uint64_t)addr + bytes <= w->addr ||
            addr >= (uint64_t)w->addr + w->bytes)
            continue;
        c->watched.seen = true;
        c->watched.addr = addr > w->addr ? addr : w->addr;
        c->watched.index = i;
    }
}

static void on_access(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                      void *ctx)
{
    struct cpu *c = ctx;
    bool write = type == UC_MEM_WRITE;
    const uint8_t *there = bytes_at(c, address);

    (void)uc;
    if (there != NULL && (((uint64_t)size - 1) & address) != 0)
        c->bus.misaligned(c->bus.ctx, (uint32_t)address, (unsigned)size, write);
    look_for_watch(c, (uint32_t)address, (uint32_t)size, write);
    if (write && (there == NULL || memcmp(there, &value, (size_t)size) != 0)) /* little-endian */
        c->loop.changed = true;
}

static uint64_t device_read(uc_engine *uc, uint64_t offset, unsigned size, void *ctx)
{
    struct gap *gap = ctx;
    struct cpu *c = gap->cpu;

    (void)uc;
    return c->bus.read(c->bus.ctx, gap->base + (uint32_t)offset, size);
}

static void device_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *ctx)
{
    struct gap *gap = ctx;
    struct cpu *c = gap->cpu;

    (void)uc;
    c->bus.write(c->bus.ctx, gap->base + (uint32_t)offset, (uint32_t)value, size);
}

static bool on_invalid(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                       void *ctx)
{
    struct cpu *c = ctx;

    (void)uc;
    (void)size;
    (void)value;
    c->fault.addr = (uint32_t)address;
    switch (type) {
    case UC_MEM_FETCH_UNMAPPED:
    case UC_MEM_FETCH_PROT:
        c->fault.kind = CPU_FETCH;
        break;
    case UC_MEM_READ_UNMAPPED:
    case UC_MEM_READ_PROT:
        c->fault.kind = CPU_READ;
        break;
    default:
        c->fault.kind = CPU_WRITE;
        break;
    }
    c->why = FAULT;
    return false;
}

static bool on_undefined(uc_engine *uc, void *ctx)
{
    struct cpu *c = ctx;

    (void)uc;
    c->fault.kind = CPU_UNDEFINED;
    c->fault.addr = c->pc;
    c->why = FAULT;
    return false;
}

#define EXCEPTION_SWI 2u

static void on_exception(uc_engine *uc, uint32_t number, void *ctx)
{
    struct cpu *c = ctx;

    (void)uc;
    if (number == EXCEPTION_SWI) {
        halt(c, SOFTWARE);
        return;
    }
    c->fault.kind = CPU_UNDEFINED;
    c->fault.addr = c->pc;
    halt(c, FAULT);
}

/* ---- Life ---- */

static int by_base(const void *a, const void *b)
{
    const struct cpu_region *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

static bool map_gap(struct cpu *c, size_t number, uint64_t from, uint64_t to)
{
    struct gap *gap = &c->gaps[number];

    gap->cpu = c;
    gap->base = (uint32_t)from;
    return from == to || uc_mmio_map(c->uc, from, to - from, device_read, gap, device_write,
                                     gap) == UC_ERR_OK;
}

static bool map(struct cpu *c)
{
    uint64_t from = 0;

    for (size_t i = 0; i < c->region_count; i++) {
        const struct cpu_region *r = &c->regions[i];
        uint32_t rights = UC_PROT_READ | UC_PROT_EXEC | (r->writable ? UC_PROT_WRITE : 0);
        if (r->base % PAGE != 0 || r->bytes % PAGE != 0 || r->base < from ||
            !map_gap(c, i, from, r->base) ||
            uc_mem_map_ptr(c->uc, r->base, r->bytes, rights, r->memory) != UC_ERR_OK)
            return false;
        from = (uint64_t)r->base + r->bytes;
    }
    return map_gap(c, c->region_count, from, ADDRESS_SPACE);
}

static bool hook(struct cpu *c)
{
    uc_hook h;

    return uc_hook_add(c->uc, &h, UC_HOOK_CODE, before, c, (uint64_t)1, (uint64_t)0) == UC_ERR_OK &&
           uc_hook_add(c->uc, &h, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, on_access, c, (uint64_t)1,
                       (uint64_t)0) == UC_ERR_OK &&
           uc_hook_add(c->uc, &h, UC_HOOK_MEM_INVALID, on_invalid, c, (uint64_t)1,
                       (uint64_t)0) == UC_ERR_OK &&
           uc_hook_add(c->uc, &h, UC_HOOK_INSN_INVALID, on_undefined, c, (uint64_t)1,
                       (uint64_t)0) == UC_ERR_OK &&
           uc_hook_add(c->uc, &h, UC_HOOK_INTR, on_exception, c, (uint64_t)1,
                       (uint64_t)0) == UC_ERR_OK;
}

static void cpu_close(struct cpu *c)
{
    if (c == NULL)
        return;
    if (c->uc != NULL)
        uc_close(c->uc);
    free(c);
}

static struct cpu *cpu_open(const struct cpu_region *regions, size_t count,
                            const struct cpu_bus *bus, const char **why)
{
    struct cpu *c = calloc(1, sizeof *c);

    *why = "the emulator has no memory";
    if (c == NULL || count > REGIONS_MAX) {
        free(c);
        return NULL;
    }
    c->bus = *bus;
    c->region_count = count;
    memcpy(c->regions, regions, count * sizeof *regions);
    qsort(c->regions, count, sizeof *c->regions, by_base);
    if (uc_open(UC_ARCH_ARM, UC_MODE_ARM, &c->uc) != UC_ERR_OK) {
        c->uc = NULL;
        *why = "the Unicorn engine does not know ARM";
    } else if (uc_ctl_set_cpu_model(c->uc, UC_CPU_ARM_TI925T) != UC_ERR_OK) {
        *why = "the Unicorn engine does not know the core TI925T (ARMv4T)";
    } else if (!map(c) || !hook(c)) {
        *why = "the Unicorn engine refuses the memory map";
    } else {
        return c;
    }
    cpu_close(c);
    return NULL;
}

/* ---- Running ---- */

/* One stretch up to the first halt; the registers are in *s afterwards. */
static void stretch(struct cpu *c, struct arm7 *s)
{
    uint64_t begin = s->r[15] | ((s->cpsr & ARM7_T) != 0 ? 1 : 0);

    load(c, s);
    c->why = NOTHING;
    c->pc = s->r[15];
    uc_err err = uc_emu_start(c->uc, begin, NOWHERE, 0, 0);
    if (err != UC_ERR_OK && c->why != FAULT) {
        c->fault.kind = CPU_BROKEN;
        c->fault.addr = c->pc;
        c->why = FAULT;
    }
    if (c->why == SOFTWARE) /* goes on behind it */
        c->pc += (get(c, UC_ARM_REG_CPSR) & ARM7_T) != 0 ? 2 : 4;
    save(c, s);
}

static bool enter_interrupt(struct cpu *c, struct arm7 *s)
{
    bool fiq = c->fiq && (s->cpsr & ARM7_F) == 0, irq = c->irq && (s->cpsr & ARM7_I) == 0;

    if (!fiq && !irq)
        return false;
    if (!c->interrupt.taken) {
        c->interrupt.taken = true;
        c->interrupt.pc = s->r[15];
        c->interrupt.executed = c->done;
    }
    if (fiq)
        arm7_enter(s, ARM7_MODE_FIQ, 0x1c, s->r[15] + 4);
    else
        arm7_enter(s, ARM7_MODE_IRQ, 0x18, s->r[15] + 4);
    return true;
}

static enum cpu_stop cpu_run(struct cpu *c, struct arm7 *s, uint64_t limit,
                             struct cpu_fault *fault)
{
    c->done = 0;
    c->limit = limit;
    c->asked = false;
    c->first = c->broke;
    c->broke = c->watched.seen = c->interrupt.taken = false;
    c->loop.known = false;
    for (;;) {
        if (enter_interrupt(c, s))
            c->loop.known = false;
        stretch(c, s);
        switch (c->why) {
        case SOFTWARE:
            arm7_enter(s, ARM7_MODE_SVC, 0x08, s->r[15]);
            break;
        case INTERRUPT:
            break;
        case ASKED:
            return CPU_ASKED;
        case BREAK:
            c->broke = true;
            c->broke_at = s->r[15];
            return CPU_BREAK;
        case WATCH:
            return CPU_WATCH;
        case IDLE:
            return CPU_IDLE;
        case FAULT:
            *fault = c->fault;
            return CPU_FAULT;
        case LIMIT:
        case NOTHING:
            return CPU_LIMIT;
        }
    }
}

static uint64_t cpu_executed(const struct cpu *c)
{
    return c->why == NOTHING && c->done != 0 ? c->done - 1 : c->done;
}

static uint32_t cpu_pc(const struct cpu *c)
{
    return c->pc;
}

static void cpu_limit(struct cpu *c, uint64_t limit)
{
    c->limit = limit;
}

static void cpu_stop(struct cpu *c)
{
    c->asked = true;
}

static void cpu_lines(struct cpu *c, bool irq, bool fiq)
{
    c->irq = irq;
    c->fiq = fiq;
}

static void cpu_changes(struct cpu *c)
{
    c->loop.changed = true;
}

static void cpu_forget(struct cpu *c)
{
    c->holds = false;
    (void)uc_ctl_flush_tlb(c->uc);
}

static uint64_t cpu_period(const struct cpu *c)
{
    return c->loop.period;
}

static void cpu_breakpoints(struct cpu *c, const uint32_t *addr, size_t count)
{
    c->breakpoint_count = count < CPU_BREAKPOINTS_MAX ? count : CPU_BREAKPOINTS_MAX;
    memcpy(c->breakpoints, addr, c->breakpoint_count * sizeof *addr);
}

static void cpu_watchpoints(struct cpu *c, const struct cpu_watch *list, size_t count)
{
    c->watch_count = count < CPU_WATCHPOINTS_MAX ? count : CPU_WATCHPOINTS_MAX;
    memcpy(c->watches, list, c->watch_count * sizeof *list);
}

static size_t cpu_watched(const struct cpu *c, uint32_t *addr)
{
    *addr = c->watched.addr;
    return c->watched.index;
}

static bool cpu_interrupted(const struct cpu *c, uint32_t *pc, uint64_t *executed)
{
    *pc = c->interrupt.pc;
    *executed = c->interrupt.executed;
    return c->interrupt.taken;
}

extern const struct cpu_ops lockwire_cpu_ops;
const struct cpu_ops lockwire_cpu_ops = {
    .version = CPU_OPS_VERSION, .name = "Unicorn (GPL-2)", .open = cpu_open, .close = cpu_close,
    .run = cpu_run, .executed = cpu_executed, .pc = cpu_pc, .limit = cpu_limit, .stop = cpu_stop,
    .lines = cpu_lines, .changes = cpu_changes, .forget = cpu_forget,
    .period = cpu_period,
    .breakpoints = cpu_breakpoints, .watchpoints = cpu_watchpoints, .watched = cpu_watched,
    .interrupted = cpu_interrupted};
