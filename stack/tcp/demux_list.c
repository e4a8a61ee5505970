/* tcp/demux_list.c: connections by addresses and ports, where there are few: TCP_HASH_SIZE 0. */
#include "lwip/opt.h"

#if LWIP_TCP && !TCP_HASH_SIZE

#include "stack/tcp/tcp_local.h"

TCP_APART struct tcp_pcb *find(struct tcp_pcb *pcb, const ip_addr_t *local, u32_t ports,
                            const ip_addr_t *remote)
{
    while (pcb != NULL &&
           (((u32_t)pcb->local_port << 16 | pcb->remote_port) != ports ||
            !ip_addr_eq(&pcb->remote_ip, remote) || !ip_addr_eq(&pcb->local_ip, local)))
        pcb = pcb->next;
    return pcb;
}

struct tcp_pcb *tcp_demux_find(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                               u16_t remote_port)
{
    u32_t ports = (u32_t)local_port << 16 | remote_port;
    struct tcp_pcb *pcb = find(STACK->pub.tcp_active_pcbs_, local, ports, remote);

    return pcb != NULL ? pcb : find(STACK->pub.tcp_tw_pcbs_, local, ports, remote);
}

#endif
