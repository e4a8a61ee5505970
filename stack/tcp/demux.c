/* tcp/demux.c: which pcb a segment is for.
 *
 * A connection, TIME-WAIT included, is found by addresses and ports: in hash buckets, or with
 * TCP_HASH_SIZE 0 by going through all of them. A listener is looked for in their list. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

/* A pcb bound to an interface hears nobody else. */
static bool by_its_netif(u8_t netif_idx, const struct netif *netif)
{
    return netif_idx == NETIF_NO_INDEX || netif_idx == netif_get_index(netif);
}

struct tcp_pcb *tcp_demux_connection(const struct tcp_in *in)
{
    struct tcp_pcb *pcb = tcp_demux_find(in->dst, in->h.dst_port, in->src, in->h.src_port);

    return pcb != NULL && by_its_netif(pcb->netif_idx, ip_current_input_netif()) ? pcb : NULL;
}

/* One that is bound to the address comes before one that takes any. */
struct tcp_pcb_listen *tcp_demux_listener(const struct tcp_in *in)
{
    struct tcp_pcb_listen *any = NULL;

    for (struct tcp_pcb_listen *l = STACK->pub.tcp_listen_pcbs_.listen_pcbs; l != NULL;
         l = l->next) {
        if (l->local_port != in->h.dst_port || !by_its_netif(l->netif_idx, in->netif))
            continue;
        if (ip_addr_eq(&l->local_ip, in->dst))
            return l;
        if (any == NULL && ip_addr_isany(&l->local_ip))
            any = l;
    }
    return any;
}

#endif
