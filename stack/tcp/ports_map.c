/* tcp/ports_map.c: a free port where there may be many connections. See ports.h.
 *
 * Nearly always the first port tried is free, and known to be: `ports_seen` has a bit for each port
 * that was given to a pcb since the pcbs were last gone through (and for all others that are the
 * same modulo TCP_PORTS_SEEN). If its bit is set, the pcbs are gone through: once for each 1024
 * ports, not for each port, so that looking for the last free one of 16384 takes 16 walks, and 128
 * bytes. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_HASH_SIZE

#include "stack/tcp/ports.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/core/instance.h"

#include <stdbool.h>
#include <string.h>

#define WORDS 32u
#define WINDOW (WORDS * 32u)

/* Ports from `first` on: which are some pcb's. */
struct taken {
    u32_t first;
    u32_t bits[WORDS];
};

void tcp_port_note(u16_t port)
{
    u32_t bit = port % TCP_PORTS_SEEN;

    STACK->tcp.ports_seen[bit / 32] |= 1u << bit % 32;
}

/* A pcb that was put on a list by hand may have had its port later. */
static bool may_be_taken(u32_t port)
{
    u32_t bit = port % TCP_PORTS_SEEN;

    return STACK->tcp.unhashed != 0 || (STACK->tcp.ports_seen[bit / 32] >> bit % 32 & 1) != 0;
}

static void take(struct taken *taken, u16_t port)
{
    u32_t at = port - taken->first;

    tcp_port_note(port);
    if (at < WINDOW)
        taken->bits[at / 32] |= 1u << at % 32;
}

static void take_list(struct taken *taken, const struct tcp_pcb *list)
{
    for (; list != NULL; list = list->next)
        take(taken, list->local_port);
}

static void find_taken(struct taken *taken, u32_t first)
{
    const struct tcp_pcb_listen *l = tcp_listen_pcbs.listen_pcbs;

    *taken = (struct taken){.first = first};
    memset(STACK->tcp.ports_seen, 0, sizeof STACK->tcp.ports_seen); /* those of old pcbs go */
    take_list(taken, tcp_bound_pcbs);
    take_list(taken, tcp_active_pcbs);
    take_list(taken, tcp_tw_pcbs);
    for (; l != NULL; l = l->next)
        take(taken, l->local_port);
}

/* The first of `width` ports that is free; width: none. */
static u32_t lowest_free(const struct taken *taken, u32_t width)
{
    u32_t n = 0;

    while (n < width && (taken->bits[n / 32] >> n % 32 & 1) != 0)
        n += n % 32 == 0 && taken->bits[n / 32] == 0xffffffffu ? 32 : 1;
    return LWIP_MIN(n, width);
}

/* From start upwards, round at the range's end, until each port of it was looked at. A start that
 * is not in the range (which only the user can choose) leads into it. */
u16_t tcp_port_first_free(u32_t start)
{
    u32_t port = start;
    u32_t tries = start >= TCP_PORT_FIRST && start <= TCP_PORT_LAST ? TCP_PORT_COUNT : 0x10000u;

    if (!may_be_taken(port))
        return (u16_t)port;
    for (u32_t tried = 0; tried < tries;) {
        struct taken taken;
        u32_t end = port <= TCP_PORT_LAST ? TCP_PORT_LAST : 0xffffu;
        u32_t width = LWIP_MIN(WINDOW, end - port + 1);
        u32_t free;

        find_taken(&taken, port);
        free = lowest_free(&taken, width);
        if (free < width)
            return (u16_t)(port + free);
        tried += width;
        port = port + width > end ? TCP_PORT_FIRST : port + width;
    }
    return 0;
}

#endif
