/* Tests of stack/core/stats.c. */
#include "core_fixture.h"

#include "lwip/memp.h"
#include "lwip/stats.h"

UNIT(stats, begin_at_zero_but_for_what_is_available)
{
    fixture_up(NULL);
    CHECK_INT(lwip_stats.ip.recv, 0);
    CHECK_INT(lwip_stats.udp.xmit, 0);
    CHECK_INT(lwip_stats.mib2.ipinreceives, 0);
    CHECK_INT(lwip_stats.mem.avail, CFG(mem_size));
    for (unsigned i = 0; i < MEMP_MAX; i++)
        CHECK(lwip_stats.memp[i] != NULL);
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->avail, CFG(pbuf_pool_size));
    fixture_down();
}

UNIT(stats, macros_change_the_current_instance)
{
    fixture_up(NULL);
    IP_STATS_INC(ip.recv);
    MIB2_STATS_INC(mib2.ipinreceives);
    CHECK_INT(lwip_stats.ip.recv, 1);
    CHECK_INT(fixture.s->stats.ip.recv, 1);
    CHECK_INT(fixture.s->stats.mib2.ipinreceives, 1);
    fixture_down();
}

UNIT(stats, display_names_counters_and_pools)
{
    fixture_up(NULL);
    lwip_stats.udp.xmit = 4711;
    stats_display_proto(&lwip_stats.udp, "UDP");
    CHECK(strncmp(fixture.diag, "UDP\n", 4) == 0);
    CHECK(strstr(fixture.diag, "xmit        4711\n") != NULL);
    fixture.diag[0] = '\0';
    stats_display_memp(lwip_stats.memp[MEMP_UDP_PCB], MEMP_UDP_PCB);
    CHECK(strncmp(fixture.diag, "UDP_PCB\n", 8) == 0);
    fixture.diag[0] = '\0';
    stats_display_memp(lwip_stats.memp[MEMP_UDP_PCB], MEMP_MAX);
    CHECK(fixture.diag[0] == '\0');
    stats_display();
    CHECK(strstr(fixture.diag, "LINK\n") != NULL);
    fixture_down();
}
