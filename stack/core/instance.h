/* core/instance.h: the composition of an instance. Read this first.
 *
 * Everything that changes at run time is in struct stack. Each module owns the member that bears
 * its name and touches no other module's; other modules go through its header. Module state types
 * stand in <room>/<module>_state.h, which contain types only: including them here is the one
 * exception to "core sees nothing above it", so that an instance is one flat object. A script
 * checks both rules. */
#ifndef STACK_CORE_INSTANCE_H
#define STACK_CORE_INSTANCE_H

#include "lockwire/stack.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/priv/current.h"
#include "lwip/stats.h"

#include "stack/core/config.h"
#include "stack/core/drop.h"
#include "stack/core/mem_state.h"
#include "stack/core/memp_state.h"
#include "stack/core/netif_state.h"
#include "stack/core/ticker.h"
#include "stack/core/timeouts_state.h"
#include "stack/ipv4/ipv4_state.h"
#include "stack/link/link_state.h"
#include "stack/tcp/tcp_state.h"
#include "stack/udp/udp_state.h"

struct stack {
    struct stack_public pub; /* must be first: stack_current points at it */

#if LWIP_MULTI_INSTANCE
    uint32_t now_ms;         /* sampled by stack_enter() */
    struct stack_env env;
    struct stack_config config;
    uint16_t depth;          /* nesting of stack_enter() on this instance */
#elif !defined LWIP_RAND
    uint32_t random;         /* core/instance_single.c: stack_random() */
#endif
#if LWIP_DROP_REASONS
    uint32_t drops[DROP_REASONS];
#endif
    struct stats_ stats;
    struct ip_globals ip;    /* the packet being received: ip_data for lwIP's users */

    struct pbuf_state pbuf;         /* core/pbuf_alloc.c */
    struct timeouts_state timeouts; /* core/timeouts.c */
    struct netif_state netif;       /* core/netif_*.c, core/loopback.c */
    struct ipv4_state ipv4;         /* ipv4/: ip4, fragments, icmp, igmp */
    struct udp_state udp;           /* udp/ */
    struct tcp_instance tcp;        /* tcp/ */
    struct link_state link;         /* link/: ethernet, arp, acd; behind what is small, which a
                                       small processor reaches best near the beginning */
    char text[IP4ADDR_STRLEN_MAX];  /* ip4addr_ntoa(): until the next such call */

    /* last, because they hold memory that need not be cleared when an instance is made */
    struct mem_state mem;           /* core/mem.c: the heap */
    struct memp_state memp;         /* core/memp.c: the pools */
};

#if LWIP_MULTI_INSTANCE
#define STACK ((struct stack *)stack_current)
#define CFG(name) (STACK->config.name)
#else
#define STACK (&stack_only)
#define CFG(name) (stack_config_default.name)
#endif

/* Inside the stack lwIP's "globals" skip the public pointers. */
#undef lwip_stats
#define lwip_stats (STACK->stats)
#undef ip_data
#define ip_data (STACK->ip)

/* 32 random bits from the instance's stream (LWIP_RAND in single-instance builds). */
uint32_t stack_random(void);

#endif
