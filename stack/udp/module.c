/* udp/module.c: UDP and UDP-Lite as part of an instance. */
#include "stack/core/modules.h"

#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/udp/udp_error.h"
#include "stack/udp/udp_ports.h"

#if LWIP_UDP

static void hear(enum netif_news news, struct netif *netif, const ip_addr_t *old_addr,
                 const ip_addr_t *new_addr)
{
    LWIP_UNUSED_ARG(netif);
    if (news == NETIF_NEWS_ADDR_CHANGED)
        udp_netif_ip_addr_changed(old_addr, new_addr);
}

void udp_init(void)
{
    udp_ports_init();
}

void udp_module_init(void)
{
    static const struct netif_listener listener = {.hear = hear};
    static const struct ip_transport transport = {udp_input, UDP_ERROR_INPUT};

    udp_init();
    ip_transport_register(IP_PROTO_UDP, &transport);
    if (LWIP_UDPLITE)
        ip_transport_register(IP_PROTO_UDPLITE, &transport);
    netif_listener_register(&listener);
}

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

void udp_module_init(void)
{
}

void udp_module_fini(void)
{
}

const char *udp_module_check(void)
{
    return NULL;
}

#endif
