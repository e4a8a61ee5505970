/* tcp/isn_hook.h: LWIP_HOOK_TCP_ISN, the user's own initial sequence numbers, as a function.
 *
 * true: *isn is his. Without the hook it is never true, and vanishes. Ports in host byte order. */
#ifndef STACK_TCP_ISN_HOOK_H
#define STACK_TCP_ISN_HOOK_H

#include "lwip/tcp.h"

#include <stdbool.h>

#ifdef LWIP_HOOK_FILENAME
#include LWIP_HOOK_FILENAME
#endif

#ifdef LWIP_HOOK_TCP_ISN
static inline bool tcp_hook_isn(const struct tcp_pcb *pcb, u32_t *isn)
{
    *isn = LWIP_HOOK_TCP_ISN(&pcb->local_ip, pcb->local_port, &pcb->remote_ip, pcb->remote_port);
    return true;
}
#else
static inline bool tcp_hook_isn(const struct tcp_pcb *pcb, u32_t *isn)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(isn);
    return false;
}
#endif

#endif
