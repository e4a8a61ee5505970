/* tcp/ports.h: ephemeral ports [RFC6056 3.3.1]: a random start in TCP_LOCAL_PORT_RANGE_START to
 * _END, then upwards (and round) past those in use. The option tcp_port_first makes the sequence
 * start there and go on from the last one given. */
#ifndef STACK_TCP_PORTS_H
#define STACK_TCP_PORTS_H

#include "lwip/arch.h"

/* A port that no bound, listening, active or TIME-WAIT pcb has; 0: none is left. */
u16_t tcp_port_choose(void);
/* Has to be told of each local port that a pcb gets. */
void tcp_port_note(u16_t port);

#endif
