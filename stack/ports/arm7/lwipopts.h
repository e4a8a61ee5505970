/* ports/arm7/lwipopts.h: a small host on an LPC2468: 64 KB of RAM, no operating system.
 *
 * Memory is lwIP's own defaults but for what a network of full-size frames needs. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

#define NO_SYS 1
/* interrupts share the driver's registers: ports/arm7/port.c masks them for moments */
#define SYS_LIGHTWEIGHT_PROT 1

#define MEM_ALIGNMENT 4
#define MEM_SIZE 8192
#define PBUF_POOL_SIZE 10
#define TCP_MSS 1460
#define TCP_SND_BUF (2 * TCP_MSS)

#define LWIP_NETIF_LINK_CALLBACK 1
#ifndef LWIP_IGMP
#define LWIP_IGMP 1
#endif
#ifndef LWIP_STATS
#define LWIP_STATS 0
#endif

#endif
