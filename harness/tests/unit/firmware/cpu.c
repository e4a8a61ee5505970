/* Unit tests of harness/firmware/cpu_unicorn.c, through the module that it makes. */
#include "harness/firmware/cpu.h"
#include "harness/tests/unit/unit.h"

#include <dlfcn.h>
#include <stdlib.h>

#define RAM 0x40000000u
#define PAGE 4096u
#define STAY 0xeafffffeu /* b . */

struct bench {
    const struct cpu_ops *ops;
    struct cpu *cpu;
    struct arm7 r;
    uint32_t *code, *ram;
    struct cpu_fault fault;
    unsigned reads, writes, misaligned;
    uint32_t addr, value, answer;
    uint64_t at;         /* executed() at the last access */
    bool stops, changes; /* what a device does when it is accessed */
    bool raises;
};

static uint32_t on_read(void *ctx, uint32_t addr, unsigned bytes)
{
    struct bench *b = ctx;

    (void)bytes;
    b->reads++;
    b->addr = addr;
    b->at = b->ops->executed(b->cpu);
    if (b->changes)
        b->ops->changes(b->cpu);
    return b->answer;
}

static void on_write(void *ctx, uint32_t addr, uint32_t value, unsigned bytes)
{
    struct bench *b = ctx;

    (void)bytes;
    b->writes++;
    b->addr = addr;
    b->value = value;
    b->at = b->ops->executed(b->cpu);
    if (b->stops)
        b->ops->stop(b->cpu);
    if (b->raises)
        b->ops->lines(b->cpu, true, false);
}

static void on_misaligned(void *ctx, uint32_t addr, unsigned bytes, bool write)
{
    struct bench *b = ctx;

    (void)bytes;
    (void)write;
    b->misaligned++;
    b->addr = addr;
}

/* false: there is no module, and the test is over. */
static bool open_bench(struct bench *b, const uint32_t *words, size_t count)
{
    void *module = LOCKWIRE_ARM7[0] != '\0' ? dlopen(LOCKWIRE_ARM7, RTLD_NOW | RTLD_LOCAL) : NULL;

    memset(b, 0, sizeof *b);
    if (module == NULL) {
        fprintf(stderr, "skipped: no ARM emulator (libunicorn-dev)\n");
        return false;
    }
    b->ops = dlsym(module, CPU_OPS_SYMBOL);
    CHECK(b->ops != NULL && b->ops->version == CPU_OPS_VERSION);
    b->code = aligned_alloc(PAGE, PAGE);
    b->ram = aligned_alloc(PAGE, PAGE);
    CHECK(b->code != NULL && b->ram != NULL);
    memset(b->code, 0, PAGE);
    memset(b->ram, 0, PAGE);
    memcpy(b->code, words, count * sizeof *words);
    const struct cpu_region regions[] = {{0, PAGE, b->code, false}, {RAM, PAGE, b->ram, true}};
    const struct cpu_bus bus = {b, on_read, on_write, on_misaligned};
    const char *why = "";
    b->cpu = b->ops->open(regions, 2, &bus, &why);
    CHECKF(b->cpu != NULL, "%s", why);
    arm7_reset(&b->r);
    return true;
}

static enum cpu_stop run(struct bench *b, uint64_t limit)
{
    return b->ops->run(b->cpu, &b->r, limit, &b->fault);
}

static void close_bench(struct bench *b)
{
    b->ops->close(b->cpu);
    free(b->code);
    free(b->ram);
}

#define PROGRAM(b, ...)                                                                            \
    static const uint32_t words[] = {__VA_ARGS__};                                                 \
    struct bench b;                                                                                \
    if (!open_bench(&b, words, sizeof words / sizeof words[0]))                                    \
        return

UNIT(firmware_cpu, limit_stops_after_exactly_so_many_instructions)
{
    PROGRAM(b, 0xe2800001,  /* add r0, r0, #1 */
            0xeafffffd);    /* b 0 */
    CHECK_INT(run(&b, 7), CPU_LIMIT);
    CHECK_INT(b.ops->executed(b.cpu), 7);
    CHECK_INT(b.r.r[0], 4);
    CHECK_INT(b.r.r[15], 4);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.r.r[15], 0);
    close_bench(&b);
}

UNIT(firmware_cpu, thumb_code_is_entered_by_bx_and_goes_on_in_the_next_run)
{
    PROGRAM(b, 0xe28f0001,  /* add r0, pc, #1 */
            0xe12fff10,     /* bx r0 */
            0x31013101,     /* adds r1, #1; adds r1, #1 */
            0xe7fee7fe);    /* b . */
    CHECK_INT(run(&b, 3), CPU_LIMIT);
    CHECK((b.r.cpsr & ARM7_T) != 0);
    CHECK_INT(b.r.r[15], 10);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.r.r[1], 2);
    close_bench(&b);
}

UNIT(firmware_cpu, irq_is_taken_between_instructions_and_returns_by_subs)
{
    PROGRAM(b, 0xe10f0000,  /* mrs r0, cpsr */
            0xe3c00080,     /* bic r0, r0, #0x80 */
            0xe121f000,     /* msr cpsr_c, r0 */
            0xe2811001,     /* add r1, r1, #1 */
            0xeafffffd,     /* b 12 */
            0,
            0xe2822001,     /* 0x18: add r2, r2, #1 */
            0xe25ef004);    /* subs pc, lr, #4 */
    CHECK_INT(run(&b, 5), CPU_LIMIT);
    b.ops->lines(b.cpu, true, false);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.r.r[2], 1);
    CHECK_INT(b.r.cpsr & ARM7_MODE, ARM7_MODE_IRQ);
    b.ops->lines(b.cpu, false, false);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.r.cpsr & (ARM7_MODE | ARM7_I), ARM7_MODE_SVC);
    CHECK_INT(b.r.r[15], 12);
    close_bench(&b);
}

UNIT(firmware_cpu, masked_irq_waits_and_fiq_comes_first)
{
    PROGRAM(b, 0xe2811001,  /* add r1, r1, #1 */
            0xeafffffd,     /* b 0 */
            0, 0, 0, 0, STAY, 0xe28f8000); /* 0x1c: add r8, pc, #0 */
    b.ops->lines(b.cpu, true, true);
    CHECK_INT(run(&b, 4), CPU_LIMIT);
    CHECK_INT(b.r.r[1], 2);
    b.r.cpsr = ARM7_MODE_SVC;
    b.r.r[8] = 8;
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.r.cpsr & ARM7_MODE, ARM7_MODE_FIQ);
    CHECK_INT(b.r.r[8], 0x24);
    CHECK_INT(b.r.high[0][0], 8);
    close_bench(&b);
}

UNIT(firmware_cpu, swi_enters_supervisor_mode_with_the_next_address_in_lr)
{
    PROGRAM(b, 0xea000001,  /* b 12 */
            0, STAY,        /* 0x08 */
            0xef000012);    /* swi 0x12 */
    b.r.cpsr = ARM7_MODE_SYS;
    CHECK_INT(run(&b, 2), CPU_LIMIT);
    CHECK_INT(b.r.r[15], 8);
    CHECK_INT(b.r.r[14], 16);
    CHECK_INT(b.r.cpsr & (ARM7_MODE | ARM7_I), ARM7_MODE_SVC | ARM7_I);
    CHECK_INT(b.r.spsr[ARM7_SVC], ARM7_MODE_SYS);
    close_bench(&b);
}

UNIT(firmware_cpu, store_to_a_device_that_stops_is_done_once)
{
    PROGRAM(b, 0xe3a004ff,  /* mov r0, #0xff000000 */
            0xe5800010,     /* str r0, [r0, #16] */
            0xe2811001,     /* add r1, r1, #1 */
            STAY);
    b.stops = true;
    CHECK_INT(run(&b, 100), CPU_ASKED);
    CHECK_INT(b.writes, 1);
    CHECK_INT(b.addr, 0xff000010);
    CHECK_INT(b.value, 0xff000000);
    CHECK_INT(b.at, 1);
    CHECK_INT(b.ops->executed(b.cpu), 2);
    CHECK_INT(b.r.r[1], 0);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK_INT(b.writes, 1);
    CHECK_INT(b.r.r[1], 1);
    close_bench(&b);
}

UNIT(firmware_cpu, interrupt_raised_by_a_store_is_taken_before_the_next_instruction)
{
    PROGRAM(b, 0xe3a004ff,  /* mov r0, #0xff000000 */
            0xe5800000,     /* str r0, [r0] */
            0xe2811001,     /* add r1, r1, #1 */
            0, 0, 0, STAY); /* 0x18 */
    b.r.cpsr = ARM7_MODE_SVC;
    b.raises = true;
    CHECK_INT(run(&b, 3), CPU_LIMIT);
    CHECK_INT(b.r.r[15], 0x18);
    CHECK_INT(b.r.r[14], 12);
    CHECK_INT(b.r.r[1], 0);
    close_bench(&b);
}

UNIT(firmware_cpu, loop_without_change_is_idle_and_its_period_is_told)
{
    PROGRAM(b, 0xe3a004ff,  /* mov r0, #0xff000000 */
            0xe5901000,     /* 4: ldr r1, [r0] */
            0xe3110001,     /* tst r1, #1 */
            0x0afffffc);    /* beq 4 */
    CHECK_INT(run(&b, 1000), CPU_IDLE);
    CHECK_INT(b.ops->period(b.cpu), 3);
    CHECK_INT(b.r.r[15], 4);
    b.answer = 1;
    CHECK_INT(run(&b, 3), CPU_LIMIT);
    CHECK_INT(b.r.r[15], 16);
    close_bench(&b);
}

UNIT(firmware_cpu, loop_that_counts_or_asks_the_time_is_not_idle)
{
    PROGRAM(b, 0xe3a004ff,  /* mov r0, #0xff000000 */
            0xe5901000,     /* 4: ldr r1, [r0] */
            0xeafffffd);    /* b 4 */
    b.changes = true;
    CHECK_INT(run(&b, 1000), CPU_LIMIT);
    CHECK_INT(b.ops->executed(b.cpu), 1000);
    close_bench(&b);
}

UNIT(firmware_cpu, breakpoint_stops_before_its_instruction_and_lets_it_go_on)
{
    PROGRAM(b, 0xe2800001,  /* add r0, r0, #1 */
            0xe2800001,     /* add r0, r0, #1 */
            0xe2800001,     /* add r0, r0, #1 */
            0xeafffffb);    /* b 0 */
    static const uint32_t at[] = {8};
    b.ops->breakpoints(b.cpu, at, 1);
    CHECK_INT(run(&b, 100), CPU_BREAK);
    CHECK_INT(b.r.r[0], 2);
    CHECK_INT(b.r.r[15], 8);
    CHECK_INT(run(&b, 100), CPU_BREAK);
    CHECK_INT(b.r.r[0], 5);
    close_bench(&b);
}

UNIT(firmware_cpu, breakpoint_at_the_first_instruction_stops_a_run_that_did_not_end_there)
{
    PROGRAM(b, 0xe2800001,  /* add r0, r0, #1 */
            0xeafffffd);    /* b 0 */
    static const uint32_t at[] = {0};
    b.ops->breakpoints(b.cpu, at, 1);
    CHECK_INT(run(&b, 100), CPU_BREAK);
    CHECK_INT(b.ops->executed(b.cpu), 0);
    CHECK_INT(run(&b, 2), CPU_LIMIT);
    CHECK_INT(b.r.r[15], 0);
    CHECK_INT(run(&b, 100), CPU_BREAK);
    CHECK_INT(b.ops->executed(b.cpu), 0);
    CHECK_INT(b.r.r[0], 1);
    close_bench(&b);
}

UNIT(firmware_cpu, watchpoint_stops_behind_the_instruction_that_touched_its_bytes)
{
    PROGRAM(b, 0xe3a00101,  /* mov r0, #0x40000000 */
            0xe5801000,     /* 4: str r1, [r0] */
            0xe5d02002,     /* 8: ldrb r2, [r0, #2] */
            0xe5c01003,     /* 12: strb r1, [r0, #3] */
            0xe8800006,     /* 16: stm r0, {r1, r2} */
            STAY);
    static const struct cpu_watch on_write[] = {{RAM + 2, 1, false, true}},
                                  on_read[] = {{RAM + 64, 4, true, true},
                                               {RAM + 2, 2, true, false}},
                                  behind[] = {{RAM + 4, 4, true, true}};
    uint32_t addr;
    b.ops->watchpoints(b.cpu, on_write, 1);
    CHECK_INT(run(&b, 2), CPU_WATCH); /* rather than the limit */
    CHECK_INT(b.r.r[15], 8);
    CHECK_INT(b.ops->watched(b.cpu, &addr), 0);
    CHECK_INT(addr, RAM + 2);
    b.ops->watchpoints(b.cpu, on_read, 2);
    CHECK_INT(run(&b, 100), CPU_WATCH);
    CHECK_INT(b.r.r[15], 12);
    CHECK_INT(b.ops->watched(b.cpu, &addr), 1);
    b.ops->watchpoints(b.cpu, behind, 1);
    CHECK_INT(run(&b, 100), CPU_WATCH); /* the second word of STM */
    CHECK_INT(b.r.r[15], 20);
    CHECK_INT(addr, RAM + 2);
    CHECK_INT(b.ops->watched(b.cpu, &addr), 0);
    CHECK_INT(addr, RAM + 4);
    b.ops->watchpoints(b.cpu, behind, 0);
    CHECK_INT(run(&b, 100), CPU_IDLE);
    close_bench(&b);
}

UNIT(firmware_cpu, interrupt_of_a_run_is_told_with_its_place)
{
    PROGRAM(b, 0xe10f0000,  /* mrs r0, cpsr */
            0xe3c00080,     /* bic r0, r0, #0x80 */
            0xe121f000,     /* msr cpsr_c, r0 */
            0xe2811001,     /* 12: add r1, r1, #1 */
            0xeafffffd,     /* b 12 */
            0,
            STAY);          /* 0x18 */
    uint32_t pc;
    uint64_t executed;
    CHECK_INT(run(&b, 2), CPU_LIMIT);
    CHECK(!b.ops->interrupted(b.cpu, &pc, &executed));
    b.ops->lines(b.cpu, true, false);
    CHECK_INT(run(&b, 2), CPU_LIMIT);
    CHECK(b.ops->interrupted(b.cpu, &pc, &executed));
    CHECK_INT(pc, 12);
    CHECK_INT(executed, 1);
    CHECK_INT(b.r.r[1], 0);
    CHECK_INT(run(&b, 1), CPU_LIMIT);
    CHECK(!b.ops->interrupted(b.cpu, &pc, &executed));
    close_bench(&b);
}

UNIT(firmware_cpu, misaligned_word_is_reported_with_its_address)
{
    PROGRAM(b, 0xe3a00101,  /* mov r0, #0x40000000 */
            0xe5901002,     /* ldr r1, [r0, #2] */
            0xe1d010b2,     /* ldrh r1, [r0, #2] */
            STAY);
    CHECK_INT(run(&b, 3), CPU_LIMIT);
    CHECK_INT(b.misaligned, 1);
    CHECK_INT(b.addr, RAM + 2);
    close_bench(&b);
}

UNIT(firmware_cpu, undefined_instruction_is_a_fault_at_its_address)
{
    PROGRAM(b, 0xe2800001,  /* add r0, r0, #1 */
            0xe7f000f0);    /* udf #0 */
    CHECK_INT(run(&b, 100), CPU_FAULT);
    CHECK_INT(b.fault.kind, CPU_UNDEFINED);
    CHECK_INT(b.fault.addr, 4);
    CHECK_INT(b.r.r[15], 4);
    close_bench(&b);
}

UNIT(firmware_cpu, store_to_flash_is_a_fault_and_changes_nothing)
{
    PROGRAM(b, 0xe3a00c01,  /* mov r0, #0x100 */
            0xe5800000);    /* str r0, [r0] */
    CHECK_INT(run(&b, 100), CPU_FAULT);
    CHECK_INT(b.fault.kind, CPU_WRITE);
    CHECK_INT(b.fault.addr, 0x100);
    CHECK_INT(b.code[0x40], 0);
    close_bench(&b);
}

UNIT(firmware_cpu, jump_into_a_device_is_a_fault_and_no_access_to_it)
{
    PROGRAM(b, 0xe59f0000,  /* ldr r0, [pc] */
            0xe12fff10,     /* bx r0 */
            0xe01fc000);
    CHECK_INT(run(&b, 100), CPU_FAULT);
    CHECK_INT(b.fault.kind, CPU_FETCH);
    CHECK_INT(b.fault.addr, 0xe01fc000);
    CHECK_INT(b.reads, 0);
    close_bench(&b);
}
