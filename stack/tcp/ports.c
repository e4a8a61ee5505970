/* tcp/ports.c: see ports.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/ports.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

u16_t tcp_port_choose(void)
{
    u16_t *last = &STACK->tcp.port_last;

    if (CFG(tcp_port_first) == 0)
        return tcp_port_first_free(TCP_PORT_FIRST + stack_random() % TCP_PORT_COUNT);
    u32_t next = *last == 0 ? CFG(tcp_port_first) : *last + 1u;
    if (next == TCP_PORT_LAST + 1 || next > 0xffff)
        next = TCP_PORT_FIRST;
    u16_t port = tcp_port_first_free(next);
    if (port != 0)
        *last = port;
    return port;
}

#endif
