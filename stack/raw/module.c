/* raw/module.c: raw IP as part of an instance. */
#include "stack/core/modules.h"

#include "lwip/raw.h"
#include "stack/core/instance.h"
#include "stack/raw/raw_local.h"

#if LWIP_RAW

void raw_module_fini(void)
{
    while (STACK->pub.raw_pcbs_ != NULL)
        raw_remove(STACK->pub.raw_pcbs_);
}

const char *raw_module_check(void)
{
    u32_t n = 0;

    if (STACK->udp.raw_deliveries != NULL)
        return "raw: a delivery has not ended";
    for (const struct raw_pcb *pcb = STACK->pub.raw_pcbs_; pcb != NULL; pcb = pcb->next)
        if (++n > CFG(memp_num_raw_pcb))
            return "raw: the pcb list is longer than the pool, or a ring";
    return NULL;
}

#else

void raw_module_fini(void)
{
}

const char *raw_module_check(void)
{
    return NULL;
}

#endif
