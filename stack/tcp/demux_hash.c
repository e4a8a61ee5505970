/* tcp/demux_hash.c: connections by addresses and ports, where there may be many.
 *
 * They hang in hash buckets, so that finding one of a thousand costs what finding one of two does.
 * Pcbs that were put on a list by hand (lwIP's TCP_REG) may not have had their addresses yet: those
 * are looked for in the list, once. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_HASH_SIZE

#include "stack/tcp/ports.h"
#include "stack/tcp/tcp_local.h"

_Static_assert((TCP_HASH_SIZE & (TCP_HASH_SIZE - 1)) == 0, "TCP_HASH_SIZE: a power of two");

static struct tcp_pcb **bucket(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                               u16_t remote_port)
{
    u32_t h = ip_2_ip4(local)->addr ^ ip_2_ip4(remote)->addr * 0x9e3779b1u;

    h = (h ^ (u32_t)remote_port << 16 ^ local_port) * 0x85ebca6bu;
    return &STACK->tcp.hash[(h >> 16 ^ h >> 24) & (TCP_HASH_SIZE - 1)];
}

static bool matches(const struct tcp_pcb *pcb, const ip_addr_t *local, u16_t local_port,
                    const ip_addr_t *remote, u16_t remote_port)
{
    return pcb->remote_port == remote_port && pcb->local_port == local_port &&
           ip_addr_eq(&pcb->remote_ip, remote) && ip_addr_eq(&pcb->local_ip, local);
}

void tcp_demux_add(struct tcp_pcb *pcb)
{
    struct tcp_pcb **at =
        bucket(&pcb->local_ip, pcb->local_port, &pcb->remote_ip, pcb->remote_port);

    if (tcp_marked(pcb, TM_HASHED))
        return;
    tcp_port_note(pcb->local_port);
    pcb->hash_next = *at;
    *at = pcb;
    tcp_mark(pcb, TM_HASHED);
}

void tcp_demux_remove(struct tcp_pcb *pcb)
{
    struct tcp_pcb **at =
        bucket(&pcb->local_ip, pcb->local_port, &pcb->remote_ip, pcb->remote_port);

    if (!tcp_marked(pcb, TM_HASHED))
        return;
    while (*at != pcb)
        at = &(*at)->hash_next;
    *at = pcb->hash_next;
    pcb->hash_next = NULL;
    tcp_unmark(pcb, TM_HASHED);
}

static struct tcp_pcb *find_by_hand(struct tcp_pcb *list, const ip_addr_t *local, u16_t local_port,
                                    const ip_addr_t *remote, u16_t remote_port)
{
    for (struct tcp_pcb *pcb = list; pcb != NULL; pcb = pcb->next)
        if (!tcp_marked(pcb, TM_HASHED) &&
            matches(pcb, local, local_port, remote, remote_port)) {
            STACK->tcp.unhashed--;
            tcp_demux_add(pcb);
            return pcb;
        }
    return NULL;
}

struct tcp_pcb *tcp_demux_find(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                               u16_t remote_port)
{
    struct tcp_pcb *pcb = *bucket(local, local_port, remote, remote_port);

    while (pcb != NULL && !matches(pcb, local, local_port, remote, remote_port))
        pcb = pcb->hash_next;
    if (pcb == NULL && STACK->tcp.unhashed != 0)
        pcb = find_by_hand(STACK->pub.tcp_active_pcbs_, local, local_port, remote, remote_port);
    if (pcb == NULL && STACK->tcp.unhashed != 0)
        pcb = find_by_hand(STACK->pub.tcp_tw_pcbs_, local, local_port, remote, remote_port);
    return pcb;
}

#endif
