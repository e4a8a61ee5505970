/* ports/sim/lwipopts.h: the "sim profile", what a simulated host is unless its scenario says
 * otherwise.
 *
 * Several stacks per process, no operating system, everything that works on IPv4. Most
 * values here are defaults that core/config.def lets each host change at run time; pools and heap
 * are limits, filled on demand, so a host that uses little stays small. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

/* ---- Who drives the stack ---- */
#define LWIP_MULTI_INSTANCE 1
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_TIMERS 1
#define LWIP_TIMER_GRANULARITY_MS 1

/* ---- Memory: 1 MiB of heap, 256 receive buffers, pools that do not run out by accident ---- */
#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 0
#define MEM_SIZE (1024 * 1024)
#define PBUF_POOL_SIZE 256
#define PBUF_POOL_BUFSIZE 1536
#define MEMP_NUM_PBUF 256
#define MEMP_NUM_RAW_PCB 64
#define MEMP_NUM_UDP_PCB 64
#define MEMP_NUM_TCP_PCB 64
#define MEMP_NUM_TCP_PCB_LISTEN 64
#define MEMP_NUM_TCP_SEG 1024
#define MEMP_NUM_REASSDATA 16
#define MEMP_NUM_FRAG_PBUF 128
/* with IP_REASS_MAX_PBUFS less than PBUF_POOL_SIZE: packets that wait cannot make a host deaf */
#define MEMP_NUM_ARP_QUEUE 96
#define MEMP_NUM_IGMP_GROUP 64
#define MEMP_NUM_SYS_TIMEOUT 64

/* ---- Link ---- */
#define LWIP_ARP 1
#define LWIP_ETHERNET 1
#define ARP_TABLE_SIZE 32
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 3
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define ETHARP_SUPPORT_VLAN 1
#define LWIP_VLAN_PCP 1
#define LWIP_ACD 1

/* ---- Drivers: as the virtual interface, a burst waits rather than being lost ---- */
#define LPC2468_ETHERNETIF_QUEUE 512

/* ---- IPv4 ---- */
#define LWIP_IPV4 1
/* the forwarding code is always there; a host becomes a router with ip_forward=1 */
#define IP_FORWARD 0
#define IP_OPTIONS_ALLOWED 1
#define IP_FRAG 1
#define IP_REASSEMBLY 1
#define IP_REASS_MAXAGE 60 /* [RFC1122 3.3.2] */
#define IP_REASS_MAX_PBUFS 128
#define LWIP_IP_REDIRECTS 8
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 1
#define LWIP_ICMP 1
/* a flood of what nobody wants is not answered by a flood [RFC1812 4.3.2.8] */
#define LWIP_ICMP_ERROR_RATE 1000
#define LWIP_ICMP_ERROR_BURST 50
#define LWIP_IGMP 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_UDPLITE 1
#define LWIP_UDP_IP_OPTIONS 1
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1

/* ---- TCP ---- */
#define LWIP_TCP 1
#define TCP_MSS 1460
#define TCP_WND (44 * TCP_MSS) /* as much as fits in 16 bits; a larger one is announced scaled */
#define TCP_SND_BUF (44 * TCP_MSS)
#define TCP_SND_QUEUELEN 512
#define LWIP_TCP_RTO_TIME 1000 /* RFC 6298, 2.1 */
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 0
#define LWIP_TCP_TIMESTAMPS 1
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_PMTUD 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_PCB_NUM_EXT_ARGS 2
#define TCP_LISTEN_BACKLOG 1
#define TCP_HASH_SIZE 64
#define TCP_OOSEQ_MAX_BYTES 0 /* no limit but the window */
#define TCP_OOSEQ_MAX_PBUFS 0

/* ---- Interfaces ---- */
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_NETIF_REMOVE_CALLBACK 1
#define LWIP_NETIF_HWADDRHINT 1
#define LWIP_NETIF_TX_SINGLE_PBUF 0
#define LWIP_NUM_NETIF_CLIENT_DATA 2
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 1

/* ---- Checksums ---- */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHECKSUM_ON_COPY 1

/* ---- Statistics: all of them, 32 bits wide ---- */
#define LWIP_STATS 1
#define LWIP_STATS_LARGE 1
#define LWIP_STATS_DISPLAY 1
#define LINK_STATS 1
#define ETHARP_STATS 1
#define IP_STATS 1
#define IPFRAG_STATS 1
#define ICMP_STATS 1
#define IGMP_STATS 1
#define UDP_STATS 1
#define TCP_STATS 1
#define MEM_STATS 1
#define MEMP_STATS 1
#define SYS_STATS 1
#define MIB2_STATS 1

#endif
