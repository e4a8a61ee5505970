/* core/stats.c: lwIP's statistics: cleared when an instance is made, printed for a person. The
 * counters themselves are changed by the STATS macros where things happen. */
#include "lwip/stats.h"

#include "stack/core/instance.h"

#include "lwip/debug.h"
#include "lwip/memp.h"

#include <string.h>

#if LWIP_STATS

/* lwip_stats.memp[] is set up again by memp_init(). */
void stats_init(void)
{
    memset(&lwip_stats, 0, sizeof lwip_stats);
}

#if LWIP_STATS_DISPLAY

#define COUNT(x) LWIP_PLATFORM_DIAG(("  %-11s %" STAT_COUNTER_F "\n", #x, s->x))

void stats_display_proto(struct stats_proto *proto, const char *name)
{
    const struct stats_proto *s = proto;
    LWIP_PLATFORM_DIAG(("%s\n", name));
    COUNT(xmit);
    COUNT(recv);
    COUNT(fw);
    COUNT(drop);
    COUNT(chkerr);
    COUNT(lenerr);
    COUNT(memerr);
    COUNT(rterr);
    COUNT(proterr);
    COUNT(opterr);
    COUNT(err);
    COUNT(cachehit);
}

#if IGMP_STATS || MLD6_STATS
void stats_display_igmp(struct stats_igmp *igmp, const char *name)
{
    const struct stats_igmp *s = igmp;
    LWIP_PLATFORM_DIAG(("%s\n", name));
    COUNT(xmit);
    COUNT(recv);
    COUNT(drop);
    COUNT(chkerr);
    COUNT(lenerr);
    COUNT(memerr);
    COUNT(proterr);
    COUNT(rx_v1);
    COUNT(rx_group);
    COUNT(rx_general);
    COUNT(rx_report);
    COUNT(tx_join);
    COUNT(tx_leave);
    COUNT(tx_report);
}
#endif

#if MEM_STATS || MEMP_STATS
void stats_display_mem(struct stats_mem *mem, const char *name)
{
    LWIP_PLATFORM_DIAG(("%s\n", name));
    LWIP_PLATFORM_DIAG(("  avail       %" MEM_SIZE_F "\n", mem->avail));
    LWIP_PLATFORM_DIAG(("  used        %" MEM_SIZE_F "\n", mem->used));
    LWIP_PLATFORM_DIAG(("  max         %" MEM_SIZE_F "\n", mem->max));
    LWIP_PLATFORM_DIAG(("  err         %" STAT_COUNTER_F "\n", mem->err));
    LWIP_PLATFORM_DIAG(("  illegal     %" STAT_COUNTER_F "\n", mem->illegal));
}
#endif

#if MEMP_STATS
void stats_display_memp(struct stats_mem *mem, int index)
{
    if (index >= 0 && index < MEMP_MAX)
        stats_display_mem(mem, memp_pools[index]->desc);
}
#endif

#if SYS_STATS
static void display_syselem(const struct stats_syselem *s, const char *name)
{
    LWIP_PLATFORM_DIAG(("  %s\n", name));
    COUNT(used);
    COUNT(max);
    COUNT(err);
}

void stats_display_sys(struct stats_sys *sys)
{
    LWIP_PLATFORM_DIAG(("SYS\n"));
    display_syselem(&sys->sem, "sem");
    display_syselem(&sys->mutex, "mutex");
    display_syselem(&sys->mbox, "mbox");
}
#endif

/* MEMP_STATS_DISPLAY() is empty without MEMP_STATS. */
static void display_pools(void)
{
    for (int i = 0; i < MEMP_MAX; i++)
        MEMP_STATS_DISPLAY(i);
}

void stats_display(void)
{
    LINK_STATS_DISPLAY();
    ETHARP_STATS_DISPLAY();
    IPFRAG_STATS_DISPLAY();
    IP_STATS_DISPLAY();
    IGMP_STATS_DISPLAY();
    ICMP_STATS_DISPLAY();
    UDP_STATS_DISPLAY();
    TCP_STATS_DISPLAY();
    MEM_STATS_DISPLAY();
    display_pools();
    SYS_STATS_DISPLAY();
}

#endif
#endif
