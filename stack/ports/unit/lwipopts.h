/* ports/unit/lwipopts.h: one stack per process, for unit tests in the manner of lwIP's own.
 *
 * Everything that works on IPv4 is on, pools are big enough that no test runs out by accident, the
 * heap checks itself, and lwIP's coarse timers keep their own intervals. The test program brings
 * sys_now(). It is also what lockwire::stack is built with unless LOCKWIRE_STACK_PORT_DIR says
 * otherwise. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

#define LWIP_TESTMODE 1
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0

/* ---- Memory ---- */
#define MEM_ALIGNMENT 8
#ifndef MEM_SIZE
#define MEM_SIZE 32768
#endif
#define PBUF_POOL_SIZE 400 /* lwIP's tests of pbuf chains need about that many */
#define MEMP_NUM_PBUF 64
#define MEMP_NUM_RAW_PCB 16
#define MEMP_NUM_UDP_PCB 16
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_PCB_LISTEN 8
#define MEMP_NUM_TCP_SEG 256
#define MEMP_NUM_REASSDATA 8
#define MEMP_NUM_FRAG_PBUF 64
#define MEMP_NUM_ARP_QUEUE 32
#define MEMP_NUM_IGMP_GROUP 16
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 8)
#define MEM_SANITY_CHECK 1
#define MEMP_SANITY_CHECK 1
#define LWIP_ALLOC_FAULTS 1

/* ---- Link ---- */
#define LWIP_ARP 1
#define ARP_QUEUEING 1
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define ETHARP_SUPPORT_VLAN 1
#define LWIP_ACD 1

/* ---- IPv4 ---- */
#define LWIP_IPV4 1
#define IP_FORWARD 1
#define IP_OPTIONS_ALLOWED 1
#define IP_FRAG 1
#define IP_REASSEMBLY 1
#define IP_REASS_MAX_PBUFS 128
#define LWIP_ICMP 1
#define LWIP_IGMP 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_UDPLITE 1
#define SO_REUSE 1
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 1

/* ---- TCP ---- */
#define LWIP_TCP 1
#define TCP_MSS 1460
#define TCP_WND (10 * TCP_MSS)
#define TCP_SND_BUF (12 * TCP_MSS)
#define TCP_SND_QUEUELEN 40
#define LWIP_TCP_RTO_TIME 1000 /* RFC 6298, 2.1 */
#define LWIP_TCP_SACK_OUT 1
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 0
#define LWIP_TCP_TIMESTAMPS 0
#define TCP_LISTEN_BACKLOG 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_PCB_NUM_EXT_ARGS 2

/* ---- Interfaces ---- */
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_NETIF_REMOVE_CALLBACK 1
#define LWIP_NETIF_HWADDRHINT 1
#define LWIP_NUM_NETIF_CLIENT_DATA 2
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 1
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHECKSUM_ON_COPY 1

/* ---- Statistics ---- */
#define LWIP_STATS 1
#define LWIP_STATS_LARGE 1
#define LWIP_STATS_DISPLAY 1
#define MIB2_STATS 1

#endif
