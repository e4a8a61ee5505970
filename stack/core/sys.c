/* core/sys.c: the OS layer of an instance in the simulator: there is no OS. Its clock is what the
 * host said on entry, and nothing runs beside it, so there is nothing to protect against. A
 * single-instance program has these from its port. */
#include "lwip/sys.h"

#include "stack/core/instance.h"

#if LWIP_MULTI_INSTANCE

u32_t sys_now(void)
{
    return STACK->now_ms;
}

u32_t sys_jiffies(void)
{
    return STACK->now_ms;
}

#if SYS_LIGHTWEIGHT_PROT
sys_prot_t sys_arch_protect(void)
{
    return 0;
}

void sys_arch_unprotect(sys_prot_t pval)
{
    LWIP_UNUSED_ARG(pval);
}
#endif

#endif
