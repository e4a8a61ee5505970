/* core/instance.c: what holds for any instance: how its rooms are brought up and shut down, time,
 * checks. See instance.h; instance_multi.c and instance_single.c hold what differs. */
#include "stack/core/instance.h"

#include "stack/core/heap.h"
#include "stack/core/instance_local.h"
#include "stack/core/modules.h"
#include "stack/core/netif_local.h"
#include "stack/core/pools.h"
#include "stack/core/timeouts.h"

#include "lwip/debug.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"

#include <stdio.h>
#include <string.h>

#if LWIP_STATS
#define STATS_INIT() stats_init()
#else
#define STATS_INIT() ((void)0)
#endif

#if LWIP_TIMERS && !LWIP_TIMERS_CUSTOM
#define RUN_TIMEOUTS() ((void)sys_check_timeouts())
#else
#define RUN_TIMEOUTS() ((void)0)
#endif
#if ENABLE_LOOPBACK
#define RUN_LOOPBACK() netif_poll_all()
#else
#define RUN_LOOPBACK() ((void)0)
#endif

bool instance_bring_up(void)
{
    struct stack *s = STACK;
    if (LWIP_STATS || LWIP_MULTI_INSTANCE)
        s->pub.stats_ = &s->stats;
    s->pub.ip_data_ = &s->ip;
    STATS_INIT();
    mem_init();
    memp_init();
    link_module_init();
    ipv4_module_init();
    if (LWIP_UDP)
        udp_init();
    if (LWIP_TCP)
        tcp_module_init();
    /* after the rooms, so that they hear of the loopback interface */
    return netif_loopif_add();
}

void instance_shut_down(void)
{
    while (STACK->pub.netif_list_ != NULL)
        netif_remove(STACK->pub.netif_list_);
    raw_module_fini();
    tcp_module_fini();
    udp_module_fini();
    ipv4_module_fini();
    link_module_fini();
    timeouts_fini();
}

void stack_advance(struct stack *s)
{
    LWIP_UNUSED_ARG(s); /* without assertions */
    LWIP_ASSERT("stack_advance: this instance is not current", s == STACK);
    RUN_TIMEOUTS();
    RUN_LOOPBACK();
}

uint32_t stack_next_deadline(const struct stack *s)
{
    if (s->netif.loop_packets > 0 || (LWIP_TCP && s->pbuf.pool_was_empty))
        return 0;
    const struct sys_timeo *t = s->timeouts.next;
    if (t == NULL)
        return UINT32_MAX;
    uint32_t left = t->time - instance_now(s);
    return left > 0x7fffffffu ? 0 : left;
}

static const char *check_all(void)
{
    static const char *(*const checks[])(void) = {
        heap_check,       pools_check,       timeouts_check,   netif_check,
        link_module_check, ipv4_module_check, udp_module_check, tcp_module_check,
        raw_module_check,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const char *wrong = checks[i]();
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

const char *stack_check(struct stack *s)
{
    struct stack_public *before = instance_switch(s);
    const char *wrong = check_all();
    instance_switch_back(before);
    return wrong;
}

/* One line of a report; what does not fit is left out, the text stays terminated. */
static void add_line(char **text, size_t *room, const char *name, unsigned count)
{
    if (*room == 0)
        return;
    int n = snprintf(*text, *room, "%s %u\n", name, count);
    if (n < 0 || (size_t)n >= *room) {
        **text = '\0';
        *room = 0;
        return;
    }
    *text += n;
    *room -= (size_t)n;
}

unsigned stack_report_leaks(const struct stack *s, char *text, size_t room)
{
    struct stack_public *before = instance_switch(s);
    unsigned objects = 0;
    if (room > 0)
        *text = '\0';
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        unsigned used = pools_used((memp_t)i);
        if (used != 0)
            add_line(&text, &room, pools_name((memp_t)i), used);
        objects += used;
    }
    /* elements that are heap blocks (MEMP_MEM_MALLOC) have been named already */
    unsigned blocks = heap_blocks_used();
    if (MEMP_MEM_MALLOC)
        blocks = blocks > objects ? blocks - objects : 0;
    if (blocks != 0)
        add_line(&text, &room, "HEAP", blocks);
    instance_switch_back(before);
    return objects + blocks;
}
