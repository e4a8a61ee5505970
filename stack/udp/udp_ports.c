/* udp/udp_ports.c: ephemeral ports. Read udp_ports.h first. */
#include "stack/udp/udp_ports.h"

#include "lwip/udp.h"
#include "stack/core/instance.h"
#include "stack/udp/udp_demux.h"

#if LWIP_UDP

#define PORT_COUNT (UDP_LOCAL_PORT_RANGE_END - UDP_LOCAL_PORT_RANGE_START + 1u)

void udp_ports_init(void)
{
    STACK->udp.port_last = (u16_t)(UDP_LOCAL_PORT_RANGE_START + stack_random() % PORT_COUNT);
}

static bool in_use(u16_t port, bool lite)
{
    const struct udp_pcb *pcb = STACK->pub.udp_pcbs_;

    while (pcb != NULL && (pcb->local_port != port || udp_pcb_is_lite(pcb) != lite))
        pcb = pcb->next;
    return pcb != NULL;
}

u16_t udp_ports_choose(bool lite)
{
    u16_t *last = &STACK->udp.port_last;

    for (u32_t n = 0; n < PORT_COUNT; n++) {
        *last = *last == UDP_LOCAL_PORT_RANGE_END ? UDP_LOCAL_PORT_RANGE_START
                                                  : (u16_t)(*last + 1);
        if (!in_use(*last, lite))
            return *last;
    }
    return 0;
}

#endif
