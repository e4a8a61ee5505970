/* ports/small/lwipopts.h: as little as can be had: what scripts/size measures beside lwIP.
 *
 * Nothing that lwIP has not got, counts as in lwIP's measurement, no statistics, no assertions.
 * TCP, UDP, fragments and early data are on unless whoever includes this says otherwise. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

/* ---- Memory: bytes and counts of lwIP's measurement ---- */
#ifndef MEM_ALIGNMENT
#define MEM_ALIGNMENT 4
#endif
#ifndef MEM_SIZE
#define MEM_SIZE 4096
#endif
#ifndef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 10
#endif
#define MEMP_NUM_TCP_PCB 4
#define MEMP_NUM_TCP_PCB_LISTEN 2
#define MEMP_NUM_UDP_PCB 4

/* ---- TCP ---- */
#define TCP_MSS 536
#define TCP_WND (4 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define LWIP_TCP_SACK_OUT 0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_WND_SCALE 0
#define LWIP_TIMER_GRANULARITY_MS 1

/* ---- Not asked for ---- */
#define LWIP_RAW 0
#define LWIP_IGMP 0
#define LWIP_STATS 0
#define LWIP_NOASSERT

/* ---- What lwIP has not got: lwip/priv/opt_small.h, and opt.h's last section ---- */
#define LWIP_MODULES_MORE 0
#define MEM_FREE_LIST 0
#define MEMP_FREE_CHECK 0
#define LWIP_CHECKSUM_SMALL 1
#define LWIP_SPREAD_HEADERS 0
#define LWIP_ETHERNET_SOURCE_CHECK 0
#define LWIP_IP_LINK_LOCAL 0
#define LWIP_ETHERNET_SNAP 0
#define LWIP_IP_OPTIONS_CHECK 0
#define LWIP_IP_FRAG_OPTIONS 0
#define LWIP_ICMP_ERRORS_IN 0
#define LWIP_IP_REDIRECTS 0
#define LWIP_IP_DEAD_GATEWAY 0
#define LWIP_TCP_CUBIC 0
#define LWIP_TCP_URGENT 0
#define LWIP_TCP_USER_TIMEOUT 0
#define LWIP_TCP_ICMP_ERRORS 0
#define LWIP_TCP_MIRRORS 0
#define TCP_LIMITED_TRANSMIT 0
#define TCP_RESTART_IDLE 0
#define TCP_TIMESTAMP_OFFSET 0
#define TCP_HASH_SIZE 0
#ifndef TCP_OOSEQ_OVERLAP /* lwIP has that, in part */
#define TCP_OOSEQ_OVERLAP 0
#endif
#define TCP_ISN_SIPHASH 0
#define TCP_TRIM_ACKED 0
#define TCP_SYN_R2_MS 0 /* TCP_SYNMAXRTX makes it 213 s, with lwIP's first timeout of 3 s */
#define TCP_TIME_WAIT_REUSE 0
#define TCP_CWND_SMOOTH 0

#endif
