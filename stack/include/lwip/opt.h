/* lwip/opt.h: every build option, with its default. Long because there are so many.
 *
 * The user's lwipopts.h is read first; what it leaves open is set here to lwIP's default. Names,
 * meanings and defaults are lwIP's, with these exceptions, each of them refused or noted where it
 * matters:
 *   - LWIP_NETCONN and LWIP_SOCKET are 0 unless it sets them: these are not in the stack yet;
 *   - NO_SYS keeps lwIP's default 0 but only 1 is accepted for now.
 * stack/core/opt_check.c refuses combinations that cannot work and says which value breaks which
 * rule. TCP's options stand in priv/opt_tcp.h. Options of protocols to come keep their lwIP names
 * in priv/opt_later.h, so that an existing lwipopts.h is read without surprises. What a small
 * target may leave out stands in priv/opt_small.h.
 *
 * Our own options stand in the last section. In the multi-instance build, options that are listed
 * in stack/core/config.def are defaults that each instance may override at run time. */
#ifndef LWIP_HDR_OPT_H
#define LWIP_HDR_OPT_H

#include "lwipopts.h"

#include "lwip/debug.h"

/* ---- Operating system, timers, bytes ---- */

/* 1: no operating system; the main loop drives the stack */
#ifndef NO_SYS
#define NO_SYS 0
#endif

#ifndef LWIP_TIMERS
#ifdef NO_SYS_NO_TIMERS
#define LWIP_TIMERS (!NO_SYS || (NO_SYS && !NO_SYS_NO_TIMERS))
#else
#define LWIP_TIMERS 1
#endif
#endif
/* 1: the port brings its own sys_timeout() family */
#ifndef LWIP_TIMERS_CUSTOM
#define LWIP_TIMERS_CUSTOM 0
#endif
/* how bytes are copied; SMEMCPY is for small constant lengths */
#ifndef MEMCPY
#define MEMCPY(dst,src,len) memcpy(dst,src,len)
#endif
#ifndef SMEMCPY
#define SMEMCPY(dst,src,len) memcpy(dst,src,len)
#endif
#ifndef MEMMOVE
#define MEMMOVE(dst,src,len) memmove(dst,src,len)
#endif
/* messages between threads never lie on a thread's stack */
#ifndef LWIP_MPU_COMPATIBLE
#define LWIP_MPU_COMPATIBLE 0
#endif
/* with an OS: threads take one lock instead of posting messages */
#ifndef LWIP_TCPIP_CORE_LOCKING
#define LWIP_TCPIP_CORE_LOCKING 1
#endif
#ifndef LWIP_TCPIP_CORE_LOCKING_INPUT
#define LWIP_TCPIP_CORE_LOCKING_INPUT 0
#endif
/* protect pools and heap against other contexts by sys_arch_protect() */
#ifndef SYS_LIGHTWEIGHT_PROT
#define SYS_LIGHTWEIGHT_PROT 1
#endif
/* a check that the caller may enter the stack; empty: none */
#ifndef LWIP_ASSERT_CORE_LOCKED
#define LWIP_ASSERT_CORE_LOCKED()
#endif

/* ---- Memory ---- */

/* the heap is the C library's (or the MEM_CUSTOM_* functions) */
#ifndef MEM_LIBC_MALLOC
#define MEM_LIBC_MALLOC 0
#endif
#ifndef MEM_CUSTOM_ALLOCATOR
#if MEM_LIBC_MALLOC
#define MEM_CUSTOM_ALLOCATOR 1
#else
#define MEM_CUSTOM_ALLOCATOR 0
#endif
#endif
#if MEM_LIBC_MALLOC && !defined MEM_CUSTOM_MALLOC
#define MEM_CUSTOM_FREE free
#define MEM_CUSTOM_MALLOC malloc
#define MEM_CUSTOM_CALLOC calloc
#endif
/* pools take their elements from the heap instead of from arrays */
#ifndef MEMP_MEM_MALLOC
#define MEMP_MEM_MALLOC 0
#endif
/* zero the pools' memory at start */
#ifndef MEMP_MEM_INIT
#define MEMP_MEM_INIT 0
#endif
/* alignment of everything allocated: 4 on 32-bit targets, 8 on 64-bit ones */
#ifndef MEM_ALIGNMENT
#define MEM_ALIGNMENT 1
#endif
/* bytes in the heap */
#ifndef MEM_SIZE
#define MEM_SIZE 1600
#endif
/* guard bytes round pool elements: 1 checked on free, 2 on every operation */
#ifndef MEMP_OVERFLOW_CHECK
#define MEMP_OVERFLOW_CHECK 0
#endif
/* walk the free lists after each operation */
#ifndef MEMP_SANITY_CHECK
#define MEMP_SANITY_CHECK 0
#endif
/* guard bytes round heap blocks */
#ifndef MEM_OVERFLOW_CHECK
#define MEM_OVERFLOW_CHECK 0
#endif
/* walk the heap after each operation */
#ifndef MEM_SANITY_CHECK
#define MEM_SANITY_CHECK 0
#endif
/* the heap is a set of pools of fixed sizes, declared in lwippools.h */
#ifndef MEM_USE_POOLS
#define MEM_USE_POOLS 0
#endif
/* and takes the next bigger pool when the fitting one is empty */
#ifndef MEM_USE_POOLS_TRY_BIGGER_POOL
#define MEM_USE_POOLS_TRY_BIGGER_POOL 0
#endif
/* read the user's lwippools.h */
#ifndef MEMP_USE_CUSTOM_POOLS
#define MEMP_USE_CUSTOM_POOLS 0
#endif
/* mem_free() may be called from interrupts */
#ifndef LWIP_ALLOW_MEM_FREE_FROM_OTHER_CONTEXT
#define LWIP_ALLOW_MEM_FREE_FROM_OTHER_CONTEXT 0
#endif

/* ---- Pools: how many of each kind ---- */

/* ROM and REF pbufs */
#ifndef MEMP_NUM_PBUF
#define MEMP_NUM_PBUF 16
#endif
#ifndef MEMP_NUM_RAW_PCB
#define MEMP_NUM_RAW_PCB 4
#endif
#ifndef MEMP_NUM_UDP_PCB
#define MEMP_NUM_UDP_PCB 4
#endif
#ifndef MEMP_NUM_TCP_PCB
#define MEMP_NUM_TCP_PCB 5
#endif
#ifndef MEMP_NUM_TCP_PCB_LISTEN
#define MEMP_NUM_TCP_PCB_LISTEN 8
#endif
#ifndef MEMP_NUM_TCP_SEG
#define MEMP_NUM_TCP_SEG 16
#endif
#ifndef MEMP_NUM_ALTCP_PCB
#define MEMP_NUM_ALTCP_PCB MEMP_NUM_TCP_PCB
#endif
/* datagrams being reassembled at a time */
#ifndef MEMP_NUM_REASSDATA
#define MEMP_NUM_REASSDATA 5
#endif
/* fragments being sent at a time */
#ifndef MEMP_NUM_FRAG_PBUF
#define MEMP_NUM_FRAG_PBUF 15
#endif
/* packets waiting for address resolution */
#ifndef MEMP_NUM_ARP_QUEUE
#define MEMP_NUM_ARP_QUEUE 30
#endif
/* memberships over all interfaces, all-systems included */
#ifndef MEMP_NUM_IGMP_GROUP
#define MEMP_NUM_IGMP_GROUP 8
#endif
/* timers the stack itself may have armed at a time */
#ifndef PPP_NUM_TIMEOUTS
#define PPP_NUM_TIMEOUTS 0
#endif
#define LWIP_NUM_SYS_TIMEOUT_INTERNAL \
    (LWIP_TCP + IP_REASSEMBLY + LWIP_ARP + (2 * LWIP_DHCP) + LWIP_ACD + LWIP_IGMP + LWIP_DNS + \
     PPP_NUM_TIMEOUTS + (LWIP_IPV6 * (1 + LWIP_IPV6_REASS + LWIP_IPV6_MLD + LWIP_IPV6_DHCP6)))
#ifndef MEMP_NUM_SYS_TIMEOUT
#define MEMP_NUM_SYS_TIMEOUT LWIP_NUM_SYS_TIMEOUT_INTERNAL
#endif
#ifndef MEMP_NUM_NETBUF
#define MEMP_NUM_NETBUF 2
#endif
#ifndef MEMP_NUM_NETCONN
#define MEMP_NUM_NETCONN 4
#endif
#ifndef MEMP_NUM_SELECT_CB
#define MEMP_NUM_SELECT_CB 4
#endif
#ifndef MEMP_NUM_TCPIP_MSG_API
#define MEMP_NUM_TCPIP_MSG_API 8
#endif
#ifndef MEMP_NUM_TCPIP_MSG_INPKT
#define MEMP_NUM_TCPIP_MSG_INPKT 8
#endif
#ifndef MEMP_NUM_NETDB
#define MEMP_NUM_NETDB 1
#endif
#ifndef MEMP_NUM_LOCALHOSTLIST
#define MEMP_NUM_LOCALHOSTLIST 1
#endif
/* buffers for received packets */
#ifndef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 16
#endif
#ifndef MEMP_NUM_API_MSG
#define MEMP_NUM_API_MSG MEMP_NUM_TCPIP_MSG_API
#endif
#ifndef MEMP_NUM_DNS_API_MSG
#define MEMP_NUM_DNS_API_MSG MEMP_NUM_TCPIP_MSG_API
#endif
#ifndef MEMP_NUM_SOCKET_SETGETSOCKOPT_DATA
#define MEMP_NUM_SOCKET_SETGETSOCKOPT_DATA MEMP_NUM_TCPIP_MSG_API
#endif
#ifndef MEMP_NUM_NETIFAPI_MSG
#define MEMP_NUM_NETIFAPI_MSG MEMP_NUM_TCPIP_MSG_API
#endif

/* ---- Ethernet and ARP ---- */

#ifndef LWIP_ARP
#define LWIP_ARP 1
#endif
/* addresses remembered at a time, static ones included */
#ifndef ARP_TABLE_SIZE
#define ARP_TABLE_SIZE 10
#endif
/* seconds an answer is believed */
#ifndef ARP_MAXAGE
#define ARP_MAXAGE 300
#endif
/* 1: several packets wait per address, at most ARP_QUEUE_LEN; 0: the latest one */
#ifndef ARP_QUEUEING
#define ARP_QUEUEING 0
#endif
#ifndef ARP_QUEUE_LEN
#define ARP_QUEUE_LEN 3
#endif
/* understand IEEE 802.1Q tags */
#ifndef ETHARP_SUPPORT_VLAN
#define ETHARP_SUPPORT_VLAN 0
#endif
/* a pcb's hints may carry a tag for what it sends */
#ifndef LWIP_VLAN_PCP
#define LWIP_VLAN_PCP 0
#endif
#ifndef LWIP_ETHERNET
#define LWIP_ETHERNET LWIP_ARP
#endif
/* bytes in front of the Ethernet header, so that what follows it is aligned */
#ifndef ETH_PAD_SIZE
#define ETH_PAD_SIZE 0
#endif
#ifndef ETHARP_SUPPORT_STATIC_ENTRIES
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
#endif
/* the same address may exist on two interfaces */
#ifndef ETHARP_TABLE_MATCH_NETIF
#define ETHARP_TABLE_MATCH_NETIF !LWIP_SINGLE_NETIF
#endif

/* ---- IPv4 and what belongs to it ---- */

#ifndef LWIP_IPV4
#define LWIP_IPV4 1
#endif
/* be a router */
#ifndef IP_FORWARD
#define IP_FORWARD 0
#endif
#ifndef IP_REASSEMBLY
#define IP_REASSEMBLY 1
#endif
#ifndef IP_FRAG
#define IP_FRAG 1
#endif
#if !LWIP_IPV4
#undef IP_FORWARD
#define IP_FORWARD 0
#undef IP_REASSEMBLY
#define IP_REASSEMBLY 0
#undef IP_FRAG
#define IP_FRAG 0
#endif
/* 0: packets with IP options are dropped */
#ifndef IP_OPTIONS_ALLOWED
#define IP_OPTIONS_ALLOWED 1
#endif
/* seconds a datagram may stay incomplete (RFC 1122 3.3.2 asks for 60 to 120) */
#ifndef IP_REASS_MAXAGE
#define IP_REASS_MAXAGE 15
#endif
/* pbufs held by all incomplete datagrams together */
#ifndef IP_REASS_MAX_PBUFS
#define IP_REASS_MAX_PBUFS 10
#endif
#ifndef IP_DEFAULT_TTL
#define IP_DEFAULT_TTL 255
#endif
/* broadcasts are only sent by pcbs with SOF_BROADCAST */
#ifndef IP_SOF_BROADCAST
#define IP_SOF_BROADCAST 0
#endif
/* and only received by them */
#ifndef IP_SOF_BROADCAST_RECV
#define IP_SOF_BROADCAST_RECV 0
#endif
/* a router may send a packet back to where it came from */
#ifndef IP_FORWARD_ALLOW_TX_ON_RX_NETIF
#define IP_FORWARD_ALLOW_TX_ON_RX_NETIF 0
#endif
#ifndef LWIP_ICMP
#define LWIP_ICMP 1
#endif
#ifndef ICMP_TTL
#define ICMP_TTL IP_DEFAULT_TTL
#endif
/* answer echo requests to a broadcast address */
#ifndef LWIP_BROADCAST_PING
#define LWIP_BROADCAST_PING 0
#endif
#ifndef LWIP_MULTICAST_PING
#define LWIP_MULTICAST_PING 0
#endif
#ifndef LWIP_RAW
#define LWIP_RAW 0
#endif
#ifndef RAW_TTL
#define RAW_TTL IP_DEFAULT_TTL
#endif
#ifndef LWIP_ACD
#define LWIP_ACD (LWIP_AUTOIP || LWIP_DHCP_DOES_ACD_CHECK)
#endif
#ifndef LWIP_MIB2_CALLBACKS
#define LWIP_MIB2_CALLBACKS 0
#endif
#ifndef LWIP_IGMP
#define LWIP_IGMP 0
#endif
#if !LWIP_IPV4
#undef LWIP_IGMP
#define LWIP_IGMP 0
#endif
/* pcbs choose TTL and interface for multicasts they send */
#ifndef LWIP_MULTICAST_TX_OPTIONS
#define LWIP_MULTICAST_TX_OPTIONS ((LWIP_IGMP || LWIP_IPV6_MLD) && (LWIP_UDP || LWIP_RAW))
#endif
#ifndef LWIP_UDP
#define LWIP_UDP 1
#endif
#ifndef LWIP_UDPLITE
#define LWIP_UDPLITE 0
#endif
#ifndef UDP_TTL
#define UDP_TTL IP_DEFAULT_TTL
#endif

/* ---- Packet buffers ---- */

#ifndef PBUF_LINK_HLEN
#if defined LWIP_HOOK_VLAN_SET || LWIP_VLAN_PCP
#define PBUF_LINK_HLEN (18 + ETH_PAD_SIZE)
#else
#define PBUF_LINK_HLEN (14 + ETH_PAD_SIZE)
#endif
#endif
/* bytes a driver needs in front of the link header */
#ifndef PBUF_LINK_ENCAPSULATION_HLEN
#define PBUF_LINK_ENCAPSULATION_HLEN 0
#endif
/* bytes to reserve for network and transport headers (lwip/pbuf.h) */
#define PBUF_TRANSPORT_HLEN 20
#if LWIP_IPV6
#define PBUF_IP_HLEN 40
#else
#define PBUF_IP_HLEN 20
#endif
/* bytes in one pool buffer */
#ifndef PBUF_POOL_BUFSIZE
#define PBUF_POOL_BUFSIZE LWIP_MEM_ALIGN_SIZE(TCP_MSS + PBUF_IP_HLEN + PBUF_TRANSPORT_HLEN + \
    PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN)
#endif
/* type of a pbuf's reference count */
#ifndef LWIP_PBUF_REF_T
#define LWIP_PBUF_REF_T u8_t
#endif
/* the user's own members of struct pbuf, and how they are set */
#ifndef LWIP_PBUF_CUSTOM_DATA
#define LWIP_PBUF_CUSTOM_DATA
#endif
#ifndef LWIP_PBUF_CUSTOM_DATA_INIT
#define LWIP_PBUF_CUSTOM_DATA_INIT(p)
#endif

/* ---- Interfaces ---- */

/* there is exactly one interface */
#ifndef LWIP_SINGLE_NETIF
#define LWIP_SINGLE_NETIF 0
#endif
#ifndef LWIP_NETIF_HOSTNAME
#define LWIP_NETIF_HOSTNAME 0
#endif
#ifndef LWIP_NETIF_API
#define LWIP_NETIF_API 0
#endif
/* told when an interface goes up or down or changes its address */
#ifndef LWIP_NETIF_STATUS_CALLBACK
#define LWIP_NETIF_STATUS_CALLBACK 0
#endif
/* any number of subscribers, told of every change */
#ifndef LWIP_NETIF_EXT_STATUS_CALLBACK
#define LWIP_NETIF_EXT_STATUS_CALLBACK 0
#endif
#ifndef LWIP_NETIF_LINK_CALLBACK
#define LWIP_NETIF_LINK_CALLBACK 0
#endif
#ifndef LWIP_NETIF_REMOVE_CALLBACK
#define LWIP_NETIF_REMOVE_CALLBACK 0
#endif
/* pcbs remember the ARP entry they used last */
#ifndef LWIP_NETIF_HWADDRHINT
#define LWIP_NETIF_HWADDRHINT 0
#endif
/* what is sent is always one flat pbuf */
#ifndef LWIP_NETIF_TX_SINGLE_PBUF
#define LWIP_NETIF_TX_SINGLE_PBUF 0
#endif
/* slots per interface for netif_alloc_client_data_id() */
#ifndef LWIP_NUM_NETIF_CLIENT_DATA
#define LWIP_NUM_NETIF_CLIENT_DATA 0
#endif
/* packets to an interface's own address come back in; who asks for the loopback interface alone, as
 * he may with lwIP, gets what it lives on */
#if !defined LWIP_NETIF_LOOPBACK && defined LWIP_HAVE_LOOPIF
#if LWIP_HAVE_LOOPIF
#define LWIP_NETIF_LOOPBACK 1
#endif
#endif
#ifndef LWIP_NETIF_LOOPBACK
#define LWIP_NETIF_LOOPBACK 0
#endif
/* 127.0.0.1 */
#ifndef LWIP_HAVE_LOOPIF
#define LWIP_HAVE_LOOPIF (LWIP_NETIF_LOOPBACK && !LWIP_SINGLE_NETIF)
#endif
#ifndef LWIP_LOOPIF_MULTICAST
#define LWIP_LOOPIF_MULTICAST 0
#endif
/* pbufs waiting to come back, per interface; 0: no limit */
#ifndef LWIP_LOOPBACK_MAX_PBUFS
#define LWIP_LOOPBACK_MAX_PBUFS 0
#endif
#ifndef LWIP_NETIF_LOOPBACK_MULTITHREADING
#define LWIP_NETIF_LOOPBACK_MULTITHREADING (!NO_SYS)
#endif

/* ---- Statistics ---- */

#ifndef LWIP_STATS
#define LWIP_STATS 1
#endif
#if LWIP_STATS
/* stats_display() and the names it prints */
#ifndef LWIP_STATS_DISPLAY
#define LWIP_STATS_DISPLAY 0
#endif
#ifndef LINK_STATS
#define LINK_STATS 1
#endif
#ifndef ETHARP_STATS
#define ETHARP_STATS (LWIP_ARP)
#endif
#ifndef IP_STATS
#define IP_STATS 1
#endif
#ifndef IPFRAG_STATS
#define IPFRAG_STATS (IP_REASSEMBLY || IP_FRAG)
#endif
#ifndef ICMP_STATS
#define ICMP_STATS 1
#endif
#ifndef IGMP_STATS
#define IGMP_STATS (LWIP_IGMP)
#endif
#ifndef UDP_STATS
#define UDP_STATS (LWIP_UDP)
#endif
#ifndef TCP_STATS
#define TCP_STATS (LWIP_TCP)
#endif
#ifndef MEM_STATS
#define MEM_STATS ((MEM_CUSTOM_ALLOCATOR == 0) && (MEM_USE_POOLS == 0))
#endif
#ifndef MEMP_STATS
#define MEMP_STATS (MEMP_MEM_MALLOC == 0)
#endif
#ifndef SYS_STATS
#define SYS_STATS (NO_SYS == 0)
#endif
#ifndef IP6_STATS
#define IP6_STATS (LWIP_IPV6)
#endif
#ifndef ICMP6_STATS
#define ICMP6_STATS (LWIP_IPV6 && LWIP_ICMP6)
#endif
#ifndef IP6_FRAG_STATS
#define IP6_FRAG_STATS (LWIP_IPV6 && (LWIP_IPV6_FRAG || LWIP_IPV6_REASS))
#endif
#ifndef MLD6_STATS
#define MLD6_STATS (LWIP_IPV6 && LWIP_IPV6_MLD)
#endif
#ifndef ND6_STATS
#define ND6_STATS (LWIP_IPV6)
#endif
#ifndef MIB2_STATS
#define MIB2_STATS 0
#endif
#else
/* without statistics none of them exists, whatever lwipopts.h asked for */
#undef LINK_STATS
#undef ETHARP_STATS
#undef IP_STATS
#undef IPFRAG_STATS
#undef ICMP_STATS
#undef IGMP_STATS
#undef UDP_STATS
#undef TCP_STATS
#undef MEM_STATS
#undef MEMP_STATS
#undef SYS_STATS
#undef LWIP_STATS_DISPLAY
#undef IP6_STATS
#undef ICMP6_STATS
#undef IP6_FRAG_STATS
#undef MLD6_STATS
#undef ND6_STATS
#undef MIB2_STATS
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define IGMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define MEM_STATS 0
#define MEMP_STATS 0
#define SYS_STATS 0
#define LWIP_STATS_DISPLAY 0
#define IP6_STATS 0
#define ICMP6_STATS 0
#define IP6_FRAG_STATS 0
#define MLD6_STATS 0
#define ND6_STATS 0
#define MIB2_STATS 0
#endif

/* ---- Checksums: 0 where hardware does it ---- */

/* each interface says which checksums it wants made and checked */
#ifndef LWIP_CHECKSUM_CTRL_PER_NETIF
#define LWIP_CHECKSUM_CTRL_PER_NETIF 0
#endif
#ifndef CHECKSUM_GEN_IP
#define CHECKSUM_GEN_IP 1
#endif
#ifndef CHECKSUM_GEN_UDP
#define CHECKSUM_GEN_UDP 1
#endif
#ifndef CHECKSUM_GEN_TCP
#define CHECKSUM_GEN_TCP 1
#endif
#ifndef CHECKSUM_GEN_ICMP
#define CHECKSUM_GEN_ICMP 1
#endif
#ifndef CHECKSUM_GEN_ICMP6
#define CHECKSUM_GEN_ICMP6 1
#endif
#ifndef CHECKSUM_CHECK_IP
#define CHECKSUM_CHECK_IP 1
#endif
#ifndef CHECKSUM_CHECK_UDP
#define CHECKSUM_CHECK_UDP 1
#endif
#ifndef CHECKSUM_CHECK_TCP
#define CHECKSUM_CHECK_TCP 1
#endif
#ifndef CHECKSUM_CHECK_ICMP
#define CHECKSUM_CHECK_ICMP 1
#endif
#ifndef CHECKSUM_CHECK_ICMP6
#define CHECKSUM_CHECK_ICMP6 1
#endif
/* sum while copying; udp_send*_chksum() exist */
#ifndef LWIP_CHECKSUM_ON_COPY
#define LWIP_CHECKSUM_ON_COPY 0
#endif

/* ---- Hooks ----
 *
 * The user defines the macro in lwipopts.h (or in the file LWIP_HOOK_FILENAME) as the name of a
 * function; undefined: no call. Arguments and results:
 *   LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port)
 *                                                     u32_t, the initial sequence number
 *   LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p)
 *                                                     ERR_OK: go on; else the segment is dropped
 *   LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH(pcb, internal_len)  u8_t, length with the hook's own options
 *   LWIP_HOOK_TCP_OUT_ADD_TCPOPTS(p, hdr, pcb, opts)  u32_t *, behind the options it has written
 *   LWIP_HOOK_IP4_INPUT(pbuf, input_netif)            1: the hook took the pbuf
 *   LWIP_HOOK_IP4_ROUTE_SRC(src, dest)                struct netif *, NULL: route as usual
 *   LWIP_HOOK_IP4_ROUTE()                             the same without arguments (old)
 *   LWIP_HOOK_IP4_CANFORWARD(src, dest)               1 yes, 0 no, -1 decide as usual
 *   LWIP_HOOK_ETHARP_GET_GW(netif, dest)              const ip4_addr_t *, NULL: netif's gateway
 *   LWIP_HOOK_VLAN_CHECK(netif, eth_hdr, vlan_hdr)    0: drop the frame
 *   LWIP_HOOK_VLAN_SET(netif, p, src, dst, eth_type)  tag to send with, below 0: none
 *   LWIP_HOOK_UNKNOWN_ETH_PROTOCOL(pbuf, netif)       ERR_OK: the hook took the pbuf
 *   LWIP_HOOK_MEMP_AVAILABLE(memp_t_type)             told when an empty pool has room again */

#include "lwip/priv/opt_tcp.h"
#include "lwip/priv/opt_later.h"
#include "lwip/priv/opt_debug.h"

/* ---- Ours, without TCP's ---- */

/* 1: any number of stacks in one process (lockwire/stack.h) */
#ifndef LWIP_MULTI_INSTANCE
#define LWIP_MULTI_INSTANCE 0
#endif
/* milliseconds between two looks at protocol timers; 0: lwIP's own intervals (ARP 1000, IGMP 100
 * ...) */
#ifndef LWIP_TIMER_GRANULARITY_MS
#define LWIP_TIMER_GRANULARITY_MS 0
#endif
/* ICMP errors that may leave per second on average; 0: no limit [RFC1812 4.3.2.8] */
#ifndef LWIP_ICMP_ERROR_RATE
#define LWIP_ICMP_ERROR_RATE 0
#endif
/* and how many at once */
#ifndef LWIP_ICMP_ERROR_BURST
#define LWIP_ICMP_ERROR_BURST 10
#endif
/* routes learnt from ICMP redirects, at most; 0: redirects are ignored [RFC1122 3.2.2.2] */
#ifndef LWIP_IP_REDIRECTS
#define LWIP_IP_REDIRECTS 4
#endif
/* and the seconds that one lives */
#ifndef LWIP_IP_REDIRECT_MAXAGE
#define LWIP_IP_REDIRECT_MAXAGE 600
#endif
/* 1: while the default gateway does not answer ARP, another interface's is used
 * [RFC1122 3.3.1.4] */
#ifndef LWIP_IP_DEAD_GATEWAY
#define LWIP_IP_DEAD_GATEWAY 1
#endif
/* 1: a UDP pcb can have IP options for its datagrams (udp_set_ip_options()) */
#ifndef LWIP_UDP_IP_OPTIONS
#define LWIP_UDP_IP_OPTIONS 0
#endif
/* packets netif_poll_all() brings back in one call */
#ifndef LWIP_LOOPBACK_MAX_POLL
#define LWIP_LOOPBACK_MAX_POLL 256
#endif
/* ephemeral ports: first and last */
#ifndef UDP_LOCAL_PORT_RANGE_START
#define UDP_LOCAL_PORT_RANGE_START 0xc000
#endif
#ifndef UDP_LOCAL_PORT_RANGE_END
#define UDP_LOCAL_PORT_RANGE_END 0xffff
#endif
#ifndef LWIP_ICMP_ECHO_CHECK_INPUT_PBUF_LEN
#define LWIP_ICMP_ECHO_CHECK_INPUT_PBUF_LEN 1
#endif
#ifndef IP_REASS_CHECK_OVERLAP
#define IP_REASS_CHECK_OVERLAP 1
#endif
/* a new datagram may push out the oldest incomplete one */
#ifndef IP_REASS_FREE_OLDEST
#define IP_REASS_FREE_OLDEST 1
#endif

#include "lwip/priv/opt_small.h"

#endif
