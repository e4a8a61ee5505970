/* udp/udp_error.c: ICMP errors on their way up to a connected pcb. Read udp_error.h first. */
#include "stack/udp/udp_error.h"

#include "stack/core/instance.h"
#include "stack/udp/udp_demux.h"
#include "stack/wire/bytes.h"

#if LWIP_UDP && LWIP_ICMP_ERRORS_IN

void udp_error_set(void (*report)(struct udp_pcb *pcb, const struct icmp_error *error))
{
    STACK->udp.udp_error = report;
}

static bool sent_by(const struct udp_pcb *pcb, const struct icmp_error *e)
{
    return (pcb->flags & UDP_FLAGS_CONNECTED) != 0 &&
           udp_pcb_is_lite(pcb) == (e->proto == IP_PROTO_UDPLITE) &&
           pcb->local_port == get_be16(e->quoted) && pcb->remote_port == get_be16(e->quoted + 2) &&
           ip4_addr_eq(ip_2_ip4(&pcb->remote_ip), &e->dst) &&
           (ip_addr_isany_val(pcb->local_ip) || ip4_addr_eq(ip_2_ip4(&pcb->local_ip), &e->src));
}

void udp_error_input(const struct icmp_error *e, struct netif *inp)
{
    LWIP_UNUSED_ARG(inp);
    if (STACK->udp.udp_error == NULL || e->quoted_len < 4)
        return;
    for (struct udp_pcb *pcb = STACK->pub.udp_pcbs_; pcb != NULL; pcb = pcb->next)
        if (sent_by(pcb, e)) {
            STACK->udp.udp_error(pcb, e);
            return;
        }
}

#endif
