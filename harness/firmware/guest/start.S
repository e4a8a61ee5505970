/* harness/firmware/guest/start.S: from reset to main(), and IRQ to the handler that the VIC names.
 *
 * Always ARM state: the core begins in it, and enters every exception in it (ARM7TDMI manual ch.
 * Exceptions). Handlers and main() may be Thumb: they are entered by BX. */
    .syntax unified
    .arch armv4t
    .arm

    .section .vectors, "ax"
    .global vectors
    .type vectors, %function
vectors:
    ldr pc, at_reset
    ldr pc, at_exception        /* undefined instruction */
    ldr pc, at_exception        /* SWI: nobody uses it */
    ldr pc, at_exception        /* prefetch abort */
    ldr pc, at_exception        /* data abort */
    .word 0                     /* the flash programmer puts the boot loader's checksum here */
    ldr pc, at_irq
    ldr pc, at_exception        /* FIQ: not used */
at_reset:
    .word start
at_exception:
    .word exception
at_irq:
    .word irq
    .size vectors, . - vectors

    .equ MODE_IRQ, 0xd2         /* with IRQ and FIQ off */
    .equ MODE_SYS, 0xdf
    .equ VIC_ADDRESS, 0xffffff00

    .text
    .type start, %function
start:
    msr cpsr_c, #MODE_IRQ
    ldr sp, =irq_stack
    msr cpsr_c, #MODE_SYS       /* main() has the registers of user mode, and may mask interrupts */
    ldr sp, =main_stack
    ldr r0, =data_image
    ldr r1, =data_begin
    ldr r2, =data_end
1:  cmp r1, r2
    ldrcc r3, [r0], #4
    strcc r3, [r1], #4
    bcc 1b
    ldr r1, =bss_begin
    ldr r2, =bss_end
    mov r3, #0
2:  cmp r1, r2
    strcc r3, [r1], #4
    bcc 2b
    ldr r0, =main
    mov lr, pc
    bx r0
3:  b 3b                        /* main() does not return */
    .size start, . - start

/* Not nested: other interrupts wait until this one is done. */
    .type irq, %function
irq:
    sub lr, lr, #4
    stmfd sp!, {r0-r3, r12, lr}
    ldr r2, =VIC_ADDRESS
    ldr r1, [r2]
    mov lr, pc
    bx r1
    ldr r2, =VIC_ADDRESS
    str r2, [r2]                /* any value: the VIC goes back to lower priorities */
    ldmfd sp!, {r0-r3, r12, pc}^
    .size irq, . - irq

    .type exception, %function
exception:
    b exception
    .size exception, . - exception
    .pool
