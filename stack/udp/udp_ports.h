/* udp/udp_ports.h: ephemeral ports.
 *
 * They run through UDP_LOCAL_PORT_RANGE_START to _END (0xc000 to 0xffff) past those in use. As in
 * lwIP the start is random, not each choice; the option udp_port_first makes it a given one.
 * udp_init() sets it. */
#ifndef STACK_UDP_UDP_PORTS_H
#define STACK_UDP_UDP_PORTS_H

#include "lwip/arch.h"

#include <stdbool.h>

/* A port that no pcb of the flavour has; 0: none is left. */
u16_t udp_ports_choose(bool lite);

#endif
