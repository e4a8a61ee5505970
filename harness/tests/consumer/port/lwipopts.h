/* consumer/port/lwipopts.h: what firmware without an OS might say. TCP is left on, as is usual: the
 * program does not use it. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define MEM_ALIGNMENT 8
#define MEM_SIZE 8192
#define MEMP_NUM_UDP_PCB 4
#define PBUF_POOL_SIZE 8
#define LWIP_TCP 1
#define TCP_MSS 1460
#define LWIP_UDP 1
#define LWIP_RAW 1
#define LWIP_ICMP 1
#define LWIP_IGMP 1
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define ARP_QUEUEING 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_STATS 1
#define MEMP_STATS 1

#endif
