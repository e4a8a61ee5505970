/* tcp/give_up.c: early data goes when memory is short. SACK told of it, but its sender has
 * to keep it until the cumulative ACK, and sends it again [RFC2018 8]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/reasm.h"
#include "stack/tcp/tcp_local.h"

void tcp_free_ooseq(struct tcp_pcb *pcb)
{
    tcp_reasm_free(pcb);
}

/* The longest: so nobody who fills the pool with gaps does so at the expense of others. */
bool tcp_give_up_ooseq(void)
{
    struct tcp_pcb *most = NULL;

    for (struct tcp_pcb *pcb = STACK->pub.tcp_active_pcbs_; pcb != NULL; pcb = pcb->next)
        if (pcb->ooseq != NULL && (most == NULL || pcb->ooseq_pbufs > most->ooseq_pbufs))
            most = pcb;
    if (most == NULL)
        return false;
    TCP_STATS_INC(tcp.memerr);
    tcp_free_ooseq(most);
    return true;
}

#endif
