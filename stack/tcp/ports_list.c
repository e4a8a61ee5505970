/* tcp/ports_list.c: a free port where there are few connections: TCP_HASH_SIZE 0. See ports.h. */
#include "lwip/opt.h"

#if LWIP_TCP && !TCP_HASH_SIZE

#include "stack/tcp/ports.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#include <stdbool.h>

/* Listeners begin like others. */
static bool has_port(const struct tcp_pcb *list, u32_t port)
{
    while (list != NULL && list->local_port != port)
        list = list->next;
    return list != NULL;
}

static bool is_taken(u32_t port)
{
    return has_port(tcp_listen_pcbs.pcbs, port) || has_port(tcp_bound_pcbs, port) ||
           has_port(tcp_active_pcbs, port) || has_port(tcp_tw_pcbs, port);
}

u16_t tcp_port_first_free(u32_t start)
{
    u32_t port = start;

    for (u32_t tries = 0x10000u; tries != 0; tries--) {
        if (!is_taken(port))
            return (u16_t)port;
        port = port == TCP_PORT_LAST || port == 0xffffu ? TCP_PORT_FIRST : port + 1;
    }
    return 0;
}

#endif
