/* udp/udp_demux.h: which pcb a datagram is for.
 *
 * The rules are lwIP's: a pcb connected to the sender wins, and moves to the front of the list;
 * else the first unconnected one that matches, with preferences among several (see the .c file).
 * UDP and UDP-Lite have port spaces of their own [RFC3828 3.4], and neither sees the other's
 * datagrams [RFC3828 5]. */
#ifndef STACK_UDP_UDP_DEMUX_H
#define STACK_UDP_UDP_DEMUX_H

#include "lwip/ip.h"
#include "lwip/udp.h"

#include <stdbool.h>

static inline bool udp_pcb_is_lite(const struct udp_pcb *pcb)
{
    return LWIP_UDPLITE && (pcb->flags & UDP_FLAGS_UDPLITE) != 0;
}

/* Coverage that the pcb asks for and sends with; 0: all. */
#if LWIP_UDPLITE
static inline u16_t udp_pcb_coverage_rx(const struct udp_pcb *pcb)
{
    return pcb->chksum_len_rx;
}

static inline u16_t udp_pcb_coverage_tx(const struct udp_pcb *pcb)
{
    return pcb->chksum_len_tx;
}
#else
static inline u16_t udp_pcb_coverage_rx(const struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return 0;
}

static inline u16_t udp_pcb_coverage_tx(const struct udp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return 0;
}
#endif

struct udp_arrival {
    u16_t src_port, dst_port;
    bool lite;      /* protocol 136 */
    u8_t broadcast; /* not 0: the destination address is a broadcast on the incoming interface */
};

/* Whether pcb's port, interface and local address admit the current datagram. SO_REUSE only. */
bool udp_demux_admits(const struct udp_pcb *pcb, const struct udp_arrival *a,
                      const struct netif *inp);

/* NULL: nobody. */
struct udp_pcb *udp_demux_find(const struct udp_arrival *a, const struct netif *inp);

#endif
