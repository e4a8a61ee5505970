/* udp/module.c: UDP and UDP-Lite as part of an instance. */
#include "stack/core/modules.h"

#include "lwip/udp.h"
#include "stack/core/instance.h"

#if LWIP_UDP

void udp_module_fini(void)
{
    while (STACK->pub.udp_pcbs_ != NULL)
        udp_remove(STACK->pub.udp_pcbs_);
}

const char *udp_module_check(void)
{
    u32_t n = 0;

    if (STACK->udp.deliveries != NULL)
        return "udp: a delivery has not ended";
    for (const struct udp_pcb *pcb = STACK->pub.udp_pcbs_; pcb != NULL; pcb = pcb->next) {
        if (++n > CFG(memp_num_udp_pcb))
            return "udp: the pcb list is longer than the pool, or a ring";
        if (pcb->local_port == 0)
            return "udp: an unbound pcb is on the list";
    }
    return NULL;
}

#else

void udp_module_fini(void)
{
}

const char *udp_module_check(void)
{
    return NULL;
}

#endif
