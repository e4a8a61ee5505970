/* tcp/ports.c: see ports.h. The pcbs are gone through once for each 32 ports, not for each port: so
 * looking for the last free one of 16384 takes 512 walks, and needs no memory. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/ports.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#include <stdbool.h>

#define FIRST ((u32_t)TCP_LOCAL_PORT_RANGE_START)
#define LAST ((u32_t)TCP_LOCAL_PORT_RANGE_END)
#define PORT_COUNT (LAST - FIRST + 1)
#define WINDOW 32u

static u32_t bit_of(u16_t port, u32_t first)
{
    u32_t at = port - first;

    return at < WINDOW ? 1u << at : 0;
}

static u32_t taken_from_list(const struct tcp_pcb *list, u32_t first)
{
    u32_t taken = 0;

    for (; list != NULL; list = list->next)
        taken |= bit_of(list->local_port, first);
    return taken;
}

/* Bit n: port first+n is some pcb's. */
static u32_t taken_from(u32_t first)
{
    u32_t taken = taken_from_list(tcp_bound_pcbs, first) |
                  taken_from_list(tcp_active_pcbs, first) | taken_from_list(tcp_tw_pcbs, first);
    const struct tcp_pcb_listen *l = tcp_listen_pcbs.listen_pcbs;

    for (; l != NULL; l = l->next)
        taken |= bit_of(l->local_port, first);
    return taken;
}

static u32_t lowest_bit(u32_t bits)
{
    u32_t n = 0;

    for (; (bits & 1) == 0; bits >>= 1)
        n++;
    return n;
}

/* From start upwards, round at the range's end, until each port of it was looked at. A start that
 * is not in the range (which only the user can choose) leads into it. */
static u16_t first_free(u32_t start)
{
    u32_t port = start;
    u32_t tries = start >= FIRST && start <= LAST ? PORT_COUNT : 0x10000u;

    for (u32_t tried = 0; tried < tries;) {
        u32_t end = port <= LAST ? LAST : 0xffffu;
        u32_t width = LWIP_MIN(WINDOW, end - port + 1);
        u32_t free = ~taken_from(port) & (0xffffffffu >> (WINDOW - width));

        if (free != 0)
            return (u16_t)(port + lowest_bit(free));
        tried += width;
        port = port + width > end ? FIRST : port + width;
    }
    return 0;
}

u16_t tcp_port_choose(void)
{
    u16_t *last = &STACK->tcp.port_last;

    if (CFG(tcp_port_first) == 0)
        return first_free(FIRST + stack_random() % PORT_COUNT);
    u32_t next = *last == 0 ? CFG(tcp_port_first) : *last + 1u;
    if (next == LAST + 1 || next > 0xffff)
        next = FIRST;
    u16_t port = first_free(next);
    if (port != 0)
        *last = port;
    return port;
}

#endif
