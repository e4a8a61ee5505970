/* lwip/stats.h: what was counted. lwip_stats is the current instance's; counters wrap.
 *
 * Two vocabularies: lwIP's own (struct stats_proto ...: one line per layer) and MIB-II's (RFC 1213
 * names). A packet that is discarded also has a named reason, stack/core/drop.h. */
#ifndef LWIP_HDR_STATS_H
#define LWIP_HDR_STATS_H

#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/opt.h"
#include "lwip/priv/current.h"

#ifdef __cplusplus
extern "C" {
#endif

#if LWIP_STATS

#ifndef LWIP_STATS_LARGE
#define LWIP_STATS_LARGE 0
#endif
#if LWIP_STATS_LARGE
#define STAT_COUNTER u32_t
#define STAT_COUNTER_F U32_F
#else
#define STAT_COUNTER u16_t
#define STAT_COUNTER_F U16_F
#endif

struct stats_proto {
    STAT_COUNTER xmit; /* sent */
    STAT_COUNTER recv; /* received */
    STAT_COUNTER fw; /* forwarded */
    STAT_COUNTER drop; /* discarded */
    STAT_COUNTER chkerr; /* bad checksum */
    STAT_COUNTER lenerr; /* bad length */
    STAT_COUNTER memerr; /* out of memory */
    STAT_COUNTER rterr; /* no route */
    STAT_COUNTER proterr; /* bad protocol */
    STAT_COUNTER opterr; /* bad options */
    STAT_COUNTER err; /* anything else */
    STAT_COUNTER cachehit;
};

struct stats_igmp {
    STAT_COUNTER xmit;
    STAT_COUNTER recv;
    STAT_COUNTER drop;
    STAT_COUNTER chkerr;
    STAT_COUNTER lenerr;
    STAT_COUNTER memerr;
    STAT_COUNTER proterr;
    STAT_COUNTER rx_v1;
    STAT_COUNTER rx_group;
    STAT_COUNTER rx_general;
    STAT_COUNTER rx_report;
    STAT_COUNTER tx_join;
    STAT_COUNTER tx_leave;
    STAT_COUNTER tx_report;
};

struct stats_mem {
#if defined(LWIP_DEBUG) || LWIP_STATS_DISPLAY
    const char *name;
#endif
    STAT_COUNTER err;     /* refused */
    mem_size_t avail;     /* bytes or elements in all */
    mem_size_t used;      /* now */
    mem_size_t max;       /* at most so far */
    STAT_COUNTER illegal; /* frees that were refused */
};

struct stats_syselem {
    STAT_COUNTER used;
    STAT_COUNTER max;
    STAT_COUNTER err;
};

struct stats_sys {
    struct stats_syselem sem;
    struct stats_syselem mutex;
    struct stats_syselem mbox;
};

struct stats_mib2 {
    /* IP */
    u32_t ipinhdrerrors;
    u32_t ipinaddrerrors;
    u32_t ipinunknownprotos;
    u32_t ipindiscards;
    u32_t ipindelivers;
    u32_t ipoutrequests;
    u32_t ipoutdiscards;
    u32_t ipoutnoroutes;
    u32_t ipreasmoks;
    u32_t ipreasmfails;
    u32_t ipfragoks;
    u32_t ipfragfails;
    u32_t ipfragcreates;
    u32_t ipreasmreqds;
    u32_t ipforwdatagrams;
    u32_t ipinreceives;
    u32_t ip6reasmoks;
    /* TCP */
    u32_t tcpactiveopens;
    u32_t tcpattemptfails;
    u32_t tcpestabresets;
    u32_t tcpinerrs;
    u32_t tcpinsegs;
    u32_t tcpoutrsts;
    u32_t tcpoutsegs;
    u32_t tcppassiveopens;
    u32_t tcpretranssegs;
    /* UDP */
    u32_t udpindatagrams;
    u32_t udpinerrors;
    u32_t udpnoports;
    u32_t udpoutdatagrams;
    /* ICMP */
    u32_t icmpinaddrmaskreps;
    u32_t icmpinaddrmasks;
    u32_t icmpindestunreachs;
    u32_t icmpinechoreps;
    u32_t icmpinechos;
    u32_t icmpinerrors;
    u32_t icmpinmsgs;
    u32_t icmpinparmprobs;
    u32_t icmpinredirects;
    u32_t icmpinsrcquenchs;
    u32_t icmpintimeexcds;
    u32_t icmpintimestampreps;
    u32_t icmpintimestamps;
    u32_t icmpoutdestunreachs;
    u32_t icmpoutechoreps;
    u32_t icmpoutechos;
    u32_t icmpouterrors;
    u32_t icmpoutmsgs;
    u32_t icmpouttimeexcds;
};

/* Per interface. */
struct stats_mib2_netif_ctrs {
    u32_t ifinoctets;
    u32_t ifinucastpkts;
    u32_t ifinnucastpkts;
    u32_t ifindiscards;
    u32_t ifinerrors;
    u32_t ifinunknownprotos;
    u32_t ifoutoctets;
    u32_t ifoutucastpkts;
    u32_t ifoutnucastpkts;
    u32_t ifoutdiscards;
    u32_t ifouterrors;
};

struct stats_ {
#if LINK_STATS
    struct stats_proto link;
#endif
#if ETHARP_STATS
    struct stats_proto etharp;
#endif
#if IPFRAG_STATS
    struct stats_proto ip_frag;
#endif
#if IP_STATS
    struct stats_proto ip;
#endif
#if ICMP_STATS
    struct stats_proto icmp;
#endif
#if IGMP_STATS
    struct stats_igmp igmp;
#endif
#if UDP_STATS
    struct stats_proto udp;
#endif
#if TCP_STATS
    struct stats_proto tcp;
#endif
#if MEM_STATS
    struct stats_mem mem;
#endif
#if MEMP_STATS
    struct stats_mem *memp[MEMP_MAX];
#endif
#if SYS_STATS
    struct stats_sys sys;
#endif
#if IP6_STATS
    struct stats_proto ip6;
#endif
#if ICMP6_STATS
    struct stats_proto icmp6;
#endif
#if IP6_FRAG_STATS
    struct stats_proto ip6_frag;
#endif
#if MLD6_STATS
    struct stats_igmp mld6;
#endif
#if ND6_STATS
    struct stats_proto nd6;
#endif
#if MIB2_STATS
    struct stats_mib2 mib2;
#endif
};

#define lwip_stats (*stack_current->stats_)

void stats_init(void);

#define STATS_INC(x) ++lwip_stats.x
#define STATS_DEC(x) --lwip_stats.x
#define STATS_INC_USED(x, y, type) \
    do { lwip_stats.x.used = (type)(lwip_stats.x.used + (y)); \
         if (lwip_stats.x.max < lwip_stats.x.used) { lwip_stats.x.max = lwip_stats.x.used; } \
    } while (0)
#define STATS_GET(x) lwip_stats.x

#else

#define stats_init() ((void)0)
#define STATS_INC(x) ((void)0)
#define STATS_DEC(x) ((void)0)
#define STATS_INC_USED(x, y, type) ((void)0)
#define STATS_GET(x) 0
struct stats_ {
    u8_t nothing;
};

#endif

#if LINK_STATS
#define LINK_STATS_INC(x) STATS_INC(x)
#define LINK_STATS_DISPLAY() stats_display_proto(&lwip_stats.link, "LINK")
#else
#define LINK_STATS_INC(x) ((void)0)
#define LINK_STATS_DISPLAY() ((void)0)
#endif
#if ETHARP_STATS
#define ETHARP_STATS_INC(x) STATS_INC(x)
#define ETHARP_STATS_DISPLAY() stats_display_proto(&lwip_stats.etharp, "ETHARP")
#else
#define ETHARP_STATS_INC(x) ((void)0)
#define ETHARP_STATS_DISPLAY() ((void)0)
#endif
#if IPFRAG_STATS
#define IPFRAG_STATS_INC(x) STATS_INC(x)
#define IPFRAG_STATS_DISPLAY() stats_display_proto(&lwip_stats.ip_frag, "IPFRAG")
#else
#define IPFRAG_STATS_INC(x) ((void)0)
#define IPFRAG_STATS_DISPLAY() ((void)0)
#endif
#if IP_STATS
#define IP_STATS_INC(x) STATS_INC(x)
#define IP_STATS_DISPLAY() stats_display_proto(&lwip_stats.ip, "IP")
#else
#define IP_STATS_INC(x) ((void)0)
#define IP_STATS_DISPLAY() ((void)0)
#endif
#if ICMP_STATS
#define ICMP_STATS_INC(x) STATS_INC(x)
#define ICMP_STATS_DISPLAY() stats_display_proto(&lwip_stats.icmp, "ICMP")
#else
#define ICMP_STATS_INC(x) ((void)0)
#define ICMP_STATS_DISPLAY() ((void)0)
#endif
#if IGMP_STATS
#define IGMP_STATS_INC(x) STATS_INC(x)
#define IGMP_STATS_DISPLAY() stats_display_igmp(&lwip_stats.igmp, "IGMP")
#else
#define IGMP_STATS_INC(x) ((void)0)
#define IGMP_STATS_DISPLAY() ((void)0)
#endif
#if UDP_STATS
#define UDP_STATS_INC(x) STATS_INC(x)
#define UDP_STATS_DISPLAY() stats_display_proto(&lwip_stats.udp, "UDP")
#else
#define UDP_STATS_INC(x) ((void)0)
#define UDP_STATS_DISPLAY() ((void)0)
#endif
#if TCP_STATS
#define TCP_STATS_INC(x) STATS_INC(x)
#define TCP_STATS_DISPLAY() stats_display_proto(&lwip_stats.tcp, "TCP")
#else
#define TCP_STATS_INC(x) ((void)0)
#define TCP_STATS_DISPLAY() ((void)0)
#endif
#if IP6_STATS
#define IP6_STATS_INC(x) STATS_INC(x)
#define IP6_STATS_DISPLAY() stats_display_proto(&lwip_stats.ip6, "IP6")
#else
#define IP6_STATS_INC(x) ((void)0)
#define IP6_STATS_DISPLAY() ((void)0)
#endif
#if ICMP6_STATS
#define ICMP6_STATS_INC(x) STATS_INC(x)
#define ICMP6_STATS_DISPLAY() stats_display_proto(&lwip_stats.icmp6, "ICMP6")
#else
#define ICMP6_STATS_INC(x) ((void)0)
#define ICMP6_STATS_DISPLAY() ((void)0)
#endif
#if IP6_FRAG_STATS
#define IP6_FRAG_STATS_INC(x) STATS_INC(x)
#define IP6_FRAG_STATS_DISPLAY() stats_display_proto(&lwip_stats.ip6_frag, "IP6_FRAG")
#else
#define IP6_FRAG_STATS_INC(x) ((void)0)
#define IP6_FRAG_STATS_DISPLAY() ((void)0)
#endif
#if MLD6_STATS
#define MLD6_STATS_INC(x) STATS_INC(x)
#define MLD6_STATS_DISPLAY() stats_display_igmp(&lwip_stats.mld6, "MLD6")
#else
#define MLD6_STATS_INC(x) ((void)0)
#define MLD6_STATS_DISPLAY() ((void)0)
#endif
#if ND6_STATS
#define ND6_STATS_INC(x) STATS_INC(x)
#define ND6_STATS_DISPLAY() stats_display_proto(&lwip_stats.nd6, "ND6")
#else
#define ND6_STATS_INC(x) ((void)0)
#define ND6_STATS_DISPLAY() ((void)0)
#endif
#if MEM_STATS
#define MEM_STATS_AVAIL(x, y) lwip_stats.mem.x = y
#define MEM_STATS_INC(x) STATS_INC(mem.x)
#define MEM_STATS_INC_USED(x, y) STATS_INC_USED(mem, y, mem_size_t)
#define MEM_STATS_DEC_USED(x, y) lwip_stats.mem.x = (mem_size_t)((lwip_stats.mem.x) - (y))
#define MEM_STATS_DISPLAY() stats_display_mem(&lwip_stats.mem, "HEAP")
#else
#define MEM_STATS_AVAIL(x, y) ((void)0)
#define MEM_STATS_INC(x) ((void)0)
#define MEM_STATS_INC_USED(x, y) ((void)0)
#define MEM_STATS_DEC_USED(x, y) ((void)0)
#define MEM_STATS_DISPLAY() ((void)0)
#endif
#if MEMP_STATS
#define MEMP_STATS_DEC(x, i) STATS_DEC(memp[i]->x)
#define MEMP_STATS_DISPLAY(i) stats_display_memp(lwip_stats.memp[i], i)
#define MEMP_STATS_GET(x, i) STATS_GET(memp[i]->x)
#else
#define MEMP_STATS_DEC(x, i) ((void)0)
#define MEMP_STATS_DISPLAY(i) ((void)0)
#define MEMP_STATS_GET(x, i) 0
#endif
#if SYS_STATS
#define SYS_STATS_INC(x) STATS_INC(sys.x)
#define SYS_STATS_DEC(x) STATS_DEC(sys.x)
#define SYS_STATS_INC_USED(x) STATS_INC_USED(sys.x, 1, STAT_COUNTER)
#define SYS_STATS_DISPLAY() stats_display_sys(&lwip_stats.sys)
#else
#define SYS_STATS_INC(x) ((void)0)
#define SYS_STATS_DEC(x) ((void)0)
#define SYS_STATS_INC_USED(x) ((void)0)
#define SYS_STATS_DISPLAY() ((void)0)
#endif
#if MIB2_STATS
#define MIB2_STATS_INC(x) STATS_INC(x)
#else
#define MIB2_STATS_INC(x) ((void)0)
#endif

#if LWIP_STATS_DISPLAY
/* Print through LWIP_PLATFORM_DIAG. */
void stats_display(void);
void stats_display_proto(struct stats_proto *proto, const char *name);
void stats_display_igmp(struct stats_igmp *igmp, const char *name);
void stats_display_mem(struct stats_mem *mem, const char *name);
void stats_display_memp(struct stats_mem *mem, int index);
void stats_display_sys(struct stats_sys *sys);
#else
#define stats_display() ((void)0)
#define stats_display_proto(proto, name) ((void)0)
#define stats_display_igmp(igmp, name) ((void)0)
#define stats_display_mem(mem, name) ((void)0)
#define stats_display_memp(mem, index) ((void)0)
#define stats_display_sys(sys) ((void)0)
#endif

#ifdef __cplusplus
}
#endif

#endif
