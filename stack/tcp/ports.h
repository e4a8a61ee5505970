/* tcp/ports.h: ephemeral ports [RFC6056 3.3.1]: a random start in TCP_LOCAL_PORT_RANGE_START to
 * _END, then upwards (and round) past those in use. The option tcp_port_first makes the sequence
 * start there and go on from the last one given. */
#ifndef STACK_TCP_PORTS_H
#define STACK_TCP_PORTS_H

#include "lwip/opt.h"

#include "lwip/arch.h"

#define TCP_PORT_FIRST ((u32_t)TCP_LOCAL_PORT_RANGE_START)
#define TCP_PORT_LAST ((u32_t)TCP_LOCAL_PORT_RANGE_END)
#define TCP_PORT_COUNT (TCP_PORT_LAST - TCP_PORT_FIRST + 1)

/* A port that no bound, listening, active or TIME-WAIT pcb has; 0: none is left. */
u16_t tcp_port_choose(void);
/* For ports.c. From start upwards, round at the range's end, until each port of it was looked at. A
 * start that is not in the range (which only the user can choose) leads into it. 0: none. */
u16_t tcp_port_first_free(u32_t start);
/* Has to be told of each local port that a pcb gets. */
#if TCP_HASH_SIZE
void tcp_port_note(u16_t port);
#else
static inline void tcp_port_note(u16_t port)
{
    LWIP_UNUSED_ARG(port);
}
#endif

#endif
