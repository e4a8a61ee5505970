/* Unit tests of harness/firmware/arm7.c (ARM7TDMI manual ch. Programmer's model). */
#include "harness/firmware/cpu.h"
#include "harness/tests/unit/unit.h"

UNIT(firmware_arm7, reset_is_supervisor_mode_with_interrupts_off_at_address_0)
{
    struct arm7 cpu;

    memset(&cpu, 0xff, sizeof cpu);
    arm7_reset(&cpu);
    CHECK_INT(cpu.r[15], 0);
    CHECK_INT(cpu.cpsr, 0xd3);
}

UNIT(firmware_arm7, irq_entry_banks_sp_and_lr_and_keeps_the_rest)
{
    struct arm7 cpu;

    arm7_reset(&cpu);
    cpu.cpsr = ARM7_MODE_SYS | ARM7_T;
    cpu.r[8] = 8;
    cpu.r[13] = 0x1000;
    cpu.r[14] = 0x2000;
    cpu.sp[ARM7_IRQ] = 0x3000;
    arm7_enter(&cpu, ARM7_MODE_IRQ, 0x18, 0x104);
    CHECK_INT(cpu.cpsr, ARM7_MODE_IRQ | ARM7_I);
    CHECK_INT(cpu.spsr[ARM7_IRQ], ARM7_MODE_SYS | ARM7_T);
    CHECK_INT(cpu.r[8], 8);
    CHECK_INT(cpu.r[13], 0x3000);
    CHECK_INT(cpu.r[14], 0x104);
    CHECK_INT(cpu.r[15], 0x18);
    CHECK_INT(cpu.sp[ARM7_USR], 0x1000);
    CHECK_INT(cpu.lr[ARM7_USR], 0x2000);
}

UNIT(firmware_arm7, fiq_entry_banks_r8_to_r12_and_masks_both)
{
    struct arm7 cpu;

    arm7_reset(&cpu);
    cpu.cpsr = ARM7_MODE_SVC;
    cpu.r[7] = 7;
    cpu.r[8] = 8;
    cpu.r[12] = 12;
    cpu.high[1][0] = 80;
    arm7_enter(&cpu, ARM7_MODE_FIQ, 0x1c, 0x10);
    CHECK_INT(cpu.cpsr, ARM7_MODE_FIQ | ARM7_I | ARM7_F);
    CHECK_INT(cpu.r[7], 7);
    CHECK_INT(cpu.r[8], 80);
    CHECK_INT(cpu.high[0][0], 8);
    CHECK_INT(cpu.high[0][4], 12);
}

UNIT(firmware_arm7, every_mode_has_its_name_and_bank)
{
    static const struct {
        uint32_t mode;
        enum arm7_bank bank;
        const char *name;
    } rows[] = {{ARM7_MODE_USR, ARM7_USR, "usr"}, {ARM7_MODE_SYS, ARM7_USR, "sys"},
                {ARM7_MODE_SVC, ARM7_SVC, "svc"}, {ARM7_MODE_ABT, ARM7_ABT, "abt"},
                {ARM7_MODE_UND, ARM7_UND, "und"}, {ARM7_MODE_IRQ, ARM7_IRQ, "irq"},
                {ARM7_MODE_FIQ, ARM7_FIQ, "fiq"}, {0x15, ARM7_USR, "?"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_INT(arm7_bank(rows[i].mode | ARM7_I), rows[i].bank);
        CHECK(strcmp(arm7_mode_name(rows[i].mode | ARM7_T), rows[i].name) == 0);
    }
}
