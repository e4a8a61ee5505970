/* udp/udp_ports.c: ephemeral ports. Read udp_ports.h first. */
#include "stack/udp/udp_ports.h"

#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/udp/udp_demux.h"

#if LWIP_UDP

#define PORT_COUNT (UDP_LOCAL_PORT_RANGE_END - UDP_LOCAL_PORT_RANGE_START + 1u)

/* The option's port is the first one tried, so the one before it counts as given out last. One
 * below the range stands for the range's first. Chance is drawn all the same: what else the
 * instance draws shall not hang on the option. */
void udp_init(void)
{
    u32_t first = CFG(udp_port_first);
    u32_t drawn = UDP_LOCAL_PORT_RANGE_START + stack_random() % PORT_COUNT;

    if (first == 0)
        STACK->udp.port_last = drawn;
    else if (first > UDP_LOCAL_PORT_RANGE_START)
        STACK->udp.port_last = first - 1;
    else
        STACK->udp.port_last = UDP_LOCAL_PORT_RANGE_END;
}

static bool in_use(u32_t port, bool lite)
{
    const struct udp_pcb *pcb = STACK->pub.udp_pcbs_;

    while (pcb != NULL &&
           (pcb->local_port != port || (LWIP_UDPLITE && udp_pcb_is_lite(pcb) != lite)))
        pcb = pcb->next;
    return pcb != NULL;
}

u16_t udp_ports_choose(bool lite)
{
    u32_t port = STACK->udp.port_last;

    for (u32_t tries = PORT_COUNT; tries != 0; tries--) {
        port = port == UDP_LOCAL_PORT_RANGE_END ? UDP_LOCAL_PORT_RANGE_START : port + 1;
        if (in_use(port, lite))
            continue;
        STACK->udp.port_last = port;
        return (u16_t)port;
    }
    return 0;
}

#endif
