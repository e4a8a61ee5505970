/* small/lwipopts.h: the options that scripts/size measures, for unit tests on the build machine.
 *
 * Which features there are is as measured (configuration "full"); what is said here are sizes,
 * which tests and a 64-bit processor want larger, assertions, and a loopback. */
#ifndef UNIT_STACK_SMALL_LWIPOPTS_H
#define UNIT_STACK_SMALL_LWIPOPTS_H

#include "size_full.h" /* scripts/size --options full */

#undef LWIP_NOASSERT
#define LWIP_TESTMODE 1
#define LWIP_ALLOC_FAULTS 1 /* tests make allocations fail */
#undef MEM_ALIGNMENT
#define MEM_ALIGNMENT 8
#undef MEM_SIZE
#define MEM_SIZE 32768
#undef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 400
#undef MEMP_NUM_TCP_PCB
#define MEMP_NUM_TCP_PCB 16
#undef MEMP_NUM_TCP_PCB_LISTEN
#define MEMP_NUM_TCP_PCB_LISTEN 8
#define MEMP_NUM_TCP_SEG 256
#define MEMP_NUM_PBUF 64
#undef TCP_WND
#define TCP_WND (10 * TCP_MSS)
#undef TCP_SND_BUF
#define TCP_SND_BUF (12 * TCP_MSS)
#define TCP_SND_QUEUELEN 40
#define LWIP_TCP_RTO_TIME 1000
#undef TCP_SYN_R2_MS /* with 1 s TCP_SYNMAXRTX alone makes less */
#define TCP_SYN_R2_MS 180000
/* what is measured with them, but can be had without: here it is (OVERLAP 1 is unit.stack's) */
#undef TCP_OOSEQ_OVERLAP
#define TCP_OOSEQ_OVERLAP 0
#define TCP_ISN_HASH 0
#define TCP_CHALLENGE_ACK_LIMIT 0
/* tests have both ends of a connection in one stack, and share ports */
#define SO_REUSE 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 1
/* lwIP's tests count its coarse ticks */
#undef LWIP_TIMER_GRANULARITY_MS
#define LWIP_TIMER_GRANULARITY_MS 0

#endif
