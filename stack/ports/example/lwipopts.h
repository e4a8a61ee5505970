/* ports/example/lwipopts.h: a small port to copy from. It says only what differs from lwIP's
 * defaults; stack/core/opt_check.c refuses what cannot work. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

/* no operating system: the program's main loop drives the stack */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0

/* 4 on a 32-bit target, 8 on a 64-bit one */
#define MEM_ALIGNMENT 8
#define MEM_SIZE 16384
#define PBUF_POOL_SIZE 16
#define TCP_MSS 1460 /* sizes the pool's buffers: a whole Ethernet frame fits in one */

#define LWIP_RAW 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1

#endif
