/* ports/arm7/port.c: short critical sections: IRQ is masked in CPSR, FIQ is not.
 *
 * In ARM state always: Thumb of this generation cannot reach CPSR. */
#include "lwip/sys.h"

#define CPSR_I 0x80u

__attribute__((target("arm"), noinline)) sys_prot_t sys_arch_protect(void)
{
    uint32_t before, masked;
    __asm__ volatile("mrs %0, cpsr\n\torr %1, %0, %2\n\tmsr cpsr_c, %1"
                     : "=&r"(before), "=r"(masked)
                     : "I"(CPSR_I)
                     : "memory");
    return before;
}

__attribute__((target("arm"), noinline)) void sys_arch_unprotect(sys_prot_t pval)
{
    __asm__ volatile("msr cpsr_c, %0" ::"r"(pval) : "memory");
}
