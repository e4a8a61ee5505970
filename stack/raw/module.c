/* raw/module.c: raw IP as part of an instance. */
#include "stack/core/modules.h"

#include "lwip/raw.h"
#include "stack/core/instance.h"
#include "stack/raw/raw_local.h"

#if LWIP_RAW

static void hear(enum netif_news news, struct netif *netif, const ip_addr_t *old_addr,
                 const ip_addr_t *new_addr)
{
    LWIP_UNUSED_ARG(netif);
    if (news == NETIF_NEWS_ADDR_CHANGED)
        raw_netif_ip_addr_changed(old_addr, new_addr);
}

void raw_module_init(void)
{
    static const struct netif_listener listener = {.hear = hear};

    netif_listener_register(&listener);
}

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

void raw_module_init(void)
{
}

void raw_module_fini(void)
{
}

const char *raw_module_check(void)
{
    return NULL;
}

#endif
