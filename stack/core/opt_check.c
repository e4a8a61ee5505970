/* core/opt_check.c: options that cannot work together, or not yet, do not compile.
 *
 * Compiled before everything else (stack/CMakeLists.txt), so that the message about the option is
 * the first thing seen, and not what follows from it in some other file. Each message names the
 * option, the rule it breaks and the way out. What may be set per instance at run time is checked
 * once more by stack_config_set() and stack_config_check(). */
#include "lwip/def.h"
#include "lwip/opt.h"

/* ---- Not in the stack yet ---- */

#if !NO_SYS
#error "NO_SYS is 0 (lwIP's default): there is no OS layer yet, define NO_SYS 1 in lwipopts.h"
#endif
#if LWIP_NETCONN
#error "LWIP_NETCONN is 1: the sequential API is not in the stack yet, define LWIP_NETCONN 0"
#endif
#if LWIP_SOCKET
#error "LWIP_SOCKET is 1: the socket API is not in the stack yet, define LWIP_SOCKET 0"
#endif
#if LWIP_NETIF_API
#error "LWIP_NETIF_API is 1: it posts to a TCP/IP thread, which needs NO_SYS 0; define it 0"
#endif
#if LWIP_IPV6
#error "LWIP_IPV6 is 1: IPv6 is not in the stack yet, define LWIP_IPV6 0"
#endif
#if !LWIP_IPV4
#error "LWIP_IPV4 is 0: IPv4 is the only network layer so far, define LWIP_IPV4 1"
#endif
#if LWIP_DHCP
#error "LWIP_DHCP is 1: DHCP is not in the stack yet, define LWIP_DHCP 0"
#endif
#if LWIP_AUTOIP
#error "LWIP_AUTOIP is 1: AutoIP is not in the stack yet, define LWIP_AUTOIP 0"
#endif
#if LWIP_DNS
#error "LWIP_DNS is 1: the DNS client is not in the stack yet, define LWIP_DNS 0"
#endif
#if PPP_SUPPORT || PPPOE_SUPPORT || PPPOL2TP_SUPPORT
#error "PPP_SUPPORT, PPPOE_SUPPORT or PPPOL2TP_SUPPORT is 1: PPP is not in the stack, define it 0"
#endif
#if LWIP_ALTCP && LWIP_TCP
#error "LWIP_ALTCP is 1: layered TCP is not in the stack yet, define LWIP_ALTCP 0"
#endif
#if LWIP_TCP && !LWIP_CALLBACK_API && !LWIP_EVENT_API
#error "LWIP_CALLBACK_API is 0 and LWIP_EVENT_API 0: nobody would be told of an event"
#endif
#if LWIP_SNMP
#error "LWIP_SNMP is 1: there is no SNMP agent; MIB2_STATS 1 counts without one"
#endif

/* ---- Who provides memory ---- */

#if (MEM_ALIGNMENT & (MEM_ALIGNMENT - 1)) || MEM_ALIGNMENT < 1 || MEM_ALIGNMENT > 64
#error "MEM_ALIGNMENT must be a power of two from 1 to 64"
#endif
#if MEM_LIBC_MALLOC && MEM_USE_POOLS
#error "MEM_LIBC_MALLOC and MEM_USE_POOLS are both 1: the heap is one or the other"
#endif
#if MEM_CUSTOM_ALLOCATOR && MEM_USE_POOLS
#error "MEM_CUSTOM_ALLOCATOR and MEM_USE_POOLS are both 1: the heap is one or the other"
#endif
#if MEM_USE_POOLS && !MEMP_USE_CUSTOM_POOLS
#error "MEM_USE_POOLS is 1 without MEMP_USE_CUSTOM_POOLS 1: its pools stand in lwippools.h"
#endif
#if MEM_USE_POOLS && MEMP_MEM_MALLOC
#error "MEM_USE_POOLS and MEMP_MEM_MALLOC are both 1: each would take its memory from the other"
#endif
#if MEM_CUSTOM_ALLOCATOR && \
    !(defined MEM_CUSTOM_MALLOC && defined MEM_CUSTOM_CALLOC && defined MEM_CUSTOM_FREE)
#error "MEM_CUSTOM_ALLOCATOR is 1: define MEM_CUSTOM_MALLOC, MEM_CUSTOM_CALLOC, MEM_CUSTOM_FREE"
#endif
#if !MEM_CUSTOM_ALLOCATOR && !MEM_LIBC_MALLOC && !MEM_USE_POOLS && MEM_SIZE < 256
#error "MEM_SIZE is less than 256: the heap has no room for a single packet"
#endif
#if LWIP_MULTI_INSTANCE && (MEM_CUSTOM_ALLOCATOR || MEM_LIBC_MALLOC)
#error "LWIP_MULTI_INSTANCE 1 needs the instance's own heap: no MEM_LIBC_MALLOC, no custom one"
#endif
#if LWIP_MULTI_INSTANCE && defined LWIP_RAM_HEAP_POINTER
#error "LWIP_RAM_HEAP_POINTER is one heap, LWIP_MULTI_INSTANCE 1 wants one for each instance"
#endif

/* ---- Pools (how many counts for nothing when elements come from the heap) ---- */

#if !MEMP_MEM_MALLOC
#if LWIP_UDP && MEMP_NUM_UDP_PCB < 1
#error "LWIP_UDP is 1 and MEMP_NUM_UDP_PCB less than 1: no UDP pcb could ever be made"
#endif
#if LWIP_RAW && MEMP_NUM_RAW_PCB < 1
#error "LWIP_RAW is 1 and MEMP_NUM_RAW_PCB less than 1: no raw pcb could ever be made"
#endif
#if LWIP_TCP && MEMP_NUM_TCP_PCB < 1
#error "LWIP_TCP is 1 and MEMP_NUM_TCP_PCB less than 1: no connection could ever be made"
#endif
#if LWIP_IGMP && MEMP_NUM_IGMP_GROUP < 2
#error "LWIP_IGMP is 1 and MEMP_NUM_IGMP_GROUP less than 2: all-systems takes one per interface"
#endif
#if LWIP_ARP && ARP_QUEUEING && MEMP_NUM_ARP_QUEUE < 1
#error "ARP_QUEUEING is 1 and MEMP_NUM_ARP_QUEUE less than 1: no packet could ever wait"
#endif
#if IP_REASSEMBLY && MEMP_NUM_REASSDATA < 1
#error "IP_REASSEMBLY is 1 and MEMP_NUM_REASSDATA less than 1: nothing could be put together"
#endif
#if IP_REASSEMBLY && IP_REASS_MAX_PBUFS < MEMP_NUM_REASSDATA
#error "IP_REASS_MAX_PBUFS is less than MEMP_NUM_REASSDATA: each datagram holds a pbuf at least"
#endif
#if IP_FRAG && !LWIP_NETIF_TX_SINGLE_PBUF && MEMP_NUM_FRAG_PBUF < 1
#error "IP_FRAG is 1 and MEMP_NUM_FRAG_PBUF less than 1: no fragment could ever be sent"
#endif
#endif

#if !MEM_FREE_LIST && LWIP_MULTI_INSTANCE
#error "MEM_FREE_LIST is 0 and LWIP_MULTI_INSTANCE 1: only a single instance's heap is plain"
#endif
#if !MEM_FREE_LIST && (MEM_STATS || MEM_SANITY_CHECK || MEM_OVERFLOW_CHECK)
#error "MEM_FREE_LIST is 0: MEM_STATS, MEM_SANITY_CHECK and MEM_OVERFLOW_CHECK need it"
#endif
#if !MEMP_FREE_CHECK && !MEMP_MEM_MALLOC && LWIP_MULTI_INSTANCE
#error "MEMP_FREE_CHECK is 0 and LWIP_MULTI_INSTANCE 1: only a single instance's pools are plain"
#endif
#if !MEMP_FREE_CHECK && !MEMP_MEM_MALLOC && \
    (MEMP_STATS || MEMP_SANITY_CHECK || MEMP_OVERFLOW_CHECK || MEM_USE_POOLS)
#error "MEMP_FREE_CHECK is 0: MEMP_STATS, MEMP_SANITY_CHECK, MEMP_OVERFLOW_CHECK and MEM_USE_POOLS \
need it"
#endif
#if LWIP_MULTI_INSTANCE && !LWIP_DROP_REASONS
#error "LWIP_MULTI_INSTANCE is 1 and LWIP_DROP_REASONS 0: a host's trace names why packets are lost"
#endif

/* ---- Layers that need each other ---- */

#if LWIP_ARP && !LWIP_ETHERNET
#error "LWIP_ARP is 1 and LWIP_ETHERNET 0: ARP speaks Ethernet, define both alike"
#endif
#if LWIP_ACD && !LWIP_ARP
#error "LWIP_ACD is 1 and LWIP_ARP 0: conflicts are detected by ARP"
#endif
#if LWIP_IP_REDIRECTS < 0 || LWIP_IP_REDIRECTS > 255
#error "LWIP_IP_REDIRECTS must be from 0 to 255: the cache is searched from end to end"
#endif
#if LWIP_TCP && LWIP_TCP_PMTUD && !LWIP_ICMP_ERRORS_IN
#error "LWIP_TCP_PMTUD is 1 and LWIP_ICMP_ERRORS_IN 0: nobody could say that a segment is too big"
#endif
#if LWIP_UDPLITE && !LWIP_UDP
#error "LWIP_UDPLITE is 1 and LWIP_UDP 0: UDP-Lite is a kind of UDP pcb"
#endif
#if LWIP_TCP && LWIP_EVENT_API && LWIP_CALLBACK_API
#error "LWIP_EVENT_API and LWIP_CALLBACK_API are both 1: an event is reported one way"
#endif
#if LWIP_TCP && LWIP_TCP_SACK_OUT && !TCP_QUEUE_OOSEQ
#error "LWIP_TCP_SACK_OUT is 1 and TCP_QUEUE_OOSEQ 0: there would be nothing to report"
#endif
#if LWIP_TCP && LWIP_TCP_SACK_OUT && !TCP_OOSEQ_OVERLAP
#error "LWIP_TCP_SACK_OUT is 1 and TCP_OOSEQ_OVERLAP 0: what is kept so is not reported"
#endif
#if LWIP_TCP && TCP_CC == 1 && !LWIP_TCP_CUBIC
#error "TCP_CC is 1 and LWIP_TCP_CUBIC 0: CUBIC is not compiled in"
#endif
#if LWIP_TCP && LWIP_TCP_RACK && !LWIP_TCP_SACK_IN
#error "LWIP_TCP_RACK is 1 and LWIP_TCP_SACK_IN 0: RACK is fed by the peer's SACK blocks"
#endif
#if LWIP_TCP && LWIP_TCP_PMTUD && !LWIP_TCP_ICMP_ERRORS
#error "LWIP_TCP_PMTUD is 1 and LWIP_TCP_ICMP_ERRORS 0: a path's MTU is told by ICMP errors"
#endif
#if LWIP_TCP && !TCP_ISN_HASH && LWIP_MULTI_INSTANCE
#error "TCP_ISN_HASH is 0 and LWIP_MULTI_INSTANCE 1: instances would have each other's numbers"
#endif
#if LWIP_TCP && !TCP_ISN_HASH && LWIP_TCP_TIMESTAMPS && TCP_TIMESTAMP_OFFSET
#error "TCP_ISN_HASH is 0 and TCP_TIMESTAMP_OFFSET 1: offsets come from the same hash"
#endif
#if LWIP_TCP && !TCP_ISN_SIPHASH && LWIP_MULTI_INSTANCE
#error "TCP_ISN_SIPHASH is 0 and LWIP_MULTI_INSTANCE 1: instances may want timestamp offsets"
#endif
#if LWIP_TCP && !TCP_ISN_SIPHASH && LWIP_TCP_TIMESTAMPS && TCP_TIMESTAMP_OFFSET
#error "TCP_ISN_SIPHASH is 0 and TCP_TIMESTAMP_OFFSET 1: HalfSipHash has no bits for offsets"
#endif
#if LWIP_TCP && (TCP_PMTU_MIN < 68 || TCP_PMTU_MIN > 65535)
#error "TCP_PMTU_MIN is not from 68 to 65535: 68 is what every link takes"
#endif
#if LWIP_TCP && \
    (TCP_HASH_SIZE < 0 || TCP_HASH_SIZE > 65536 || (TCP_HASH_SIZE & (TCP_HASH_SIZE - 1)))
#error "TCP_HASH_SIZE must be a power of two from 1 to 65536, or 0: no hash"
#endif
#if LWIP_VLAN_PCP && !ETHARP_SUPPORT_VLAN
#error "LWIP_VLAN_PCP is 1 and ETHARP_SUPPORT_VLAN 0: no tag would be sent"
#endif
#if LWIP_SINGLE_NETIF && LWIP_HAVE_LOOPIF
#error "LWIP_SINGLE_NETIF and LWIP_HAVE_LOOPIF are both 1: the loopback interface is a second one"
#endif
#if LWIP_HAVE_LOOPIF && !LWIP_NETIF_LOOPBACK
#error "LWIP_HAVE_LOOPIF is 1 and LWIP_NETIF_LOOPBACK 0: nothing would come back"
#endif
#if LWIP_NETIF_LOOPBACK_MULTITHREADING
#error "LWIP_NETIF_LOOPBACK_MULTITHREADING is 1: it needs NO_SYS 0"
#endif
#if LWIP_TIMERS_CUSTOM && LWIP_MULTI_INSTANCE
#error "LWIP_TIMERS_CUSTOM and LWIP_MULTI_INSTANCE are both 1: instances have their own timers"
#endif
#if LWIP_MULTI_INSTANCE && !LWIP_TIMERS
#error "LWIP_MULTI_INSTANCE is 1 and LWIP_TIMERS 0: stack_next_deadline() is made of timers"
#endif
#if UDP_LOCAL_PORT_RANGE_START < 1 || UDP_LOCAL_PORT_RANGE_END > 65535 || \
    UDP_LOCAL_PORT_RANGE_START > UDP_LOCAL_PORT_RANGE_END
#error "UDP_LOCAL_PORT_RANGE_START to UDP_LOCAL_PORT_RANGE_END is no range of ports"
#endif

/* ---- Sizes; these may contain casts and sizeof, which the preprocessor does not know ---- */

#define HEADERS \
    (PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN + PBUF_IP_HLEN + PBUF_TRANSPORT_HLEN)
#define ETHERNET_HLEN (14 + ETH_PAD_SIZE)

_Static_assert(PBUF_POOL_SIZE == 0 || PBUF_POOL_BUFSIZE > HEADERS,
               "PBUF_POOL_BUFSIZE has no room for data behind link, IP and transport headers");
_Static_assert(PBUF_POOL_BUFSIZE <= 65535 - (MEM_ALIGNMENT - 1),
               "PBUF_POOL_BUFSIZE is more than a pbuf's 16-bit length can say");
_Static_assert(!LWIP_ETHERNET || PBUF_LINK_HLEN >= ETHERNET_HLEN,
               "PBUF_LINK_HLEN is less than 14 + ETH_PAD_SIZE: no room for the Ethernet header");
_Static_assert((LWIP_PBUF_REF_T)-1 > 0, "LWIP_PBUF_REF_T is a signed type");
_Static_assert(LWIP_NUM_NETIF_CLIENT_DATA >= 0 && LWIP_NUM_NETIF_CLIENT_DATA <= 250,
               "LWIP_NUM_NETIF_CLIENT_DATA is not from 0 to 250: ids are 8 bits wide");
_Static_assert(RAW_TTL >= 1 && RAW_TTL <= 255, "RAW_TTL is not from 1 to 255");

/* ---- TCP's numbers; the second half is what LWIP_DISABLE_TCP_SANITY_CHECKS switches off ---- */

#define TCP_RULE(holds, message) _Static_assert(!LWIP_TCP || (holds), message)
#define TCP_SANITY(holds, message) TCP_RULE(LWIP_DISABLE_TCP_SANITY_CHECKS || (holds), message)

TCP_RULE(TCP_MSS >= 1 && TCP_MSS <= 65495, "TCP_MSS is not from 1 to 65495, an IP packet's data");
TCP_RULE(LWIP_WND_SCALE || TCP_WND <= 0xffff,
         "TCP_WND is more than 65535: define LWIP_WND_SCALE 1 and TCP_RCV_SCALE, or less");
TCP_RULE(TCP_RCV_SCALE >= 0 && TCP_RCV_SCALE <= 14, "TCP_RCV_SCALE is not from 0 to 14");
TCP_RULE(!LWIP_WND_SCALE || TCP_WND <= (0xffffll << (TCP_RCV_SCALE)),
         "TCP_WND is more than 65535 << TCP_RCV_SCALE: it could not be announced");
TCP_RULE(!LWIP_WND_SCALE || (TCP_WND >> (TCP_RCV_SCALE)) > 0,
         "TCP_WND is less than 1 << TCP_RCV_SCALE: it would be announced as 0");
TCP_RULE(LWIP_WND_SCALE || TCP_SND_BUF <= 0xffff,
         "TCP_SND_BUF is more than 65535: define LWIP_WND_SCALE 1, or less");
TCP_RULE(TCP_SND_QUEUELEN >= 2 && TCP_SND_QUEUELEN <= 65532,
         "TCP_SND_QUEUELEN is not from 2 to 65532");
TCP_RULE(!TCP_LISTEN_BACKLOG ||
             (TCP_DEFAULT_LISTEN_BACKLOG >= 0 && TCP_DEFAULT_LISTEN_BACKLOG <= 255),
         "TCP_DEFAULT_LISTEN_BACKLOG is not from 0 to 255: backlogs are 8 bits wide");
TCP_RULE(!LWIP_TCP_SACK_OUT || (LWIP_TCP_MAX_SACK_NUM >= 1 && LWIP_TCP_MAX_SACK_NUM <= 4),
         "LWIP_TCP_MAX_SACK_NUM is not from 1 to 4: a header has no room for more");
TCP_RULE(LWIP_TCP_PCB_NUM_EXT_ARGS >= 0 && LWIP_TCP_PCB_NUM_EXT_ARGS <= 250,
         "LWIP_TCP_PCB_NUM_EXT_ARGS is not from 0 to 250: ids are 8 bits wide");
TCP_RULE(TCP_RTO_MIN_MS <= TCP_RTO_MAX_MS, "TCP_RTO_MIN_MS is more than TCP_RTO_MAX_MS");

TCP_SANITY(MEMP_MEM_MALLOC || MEMP_NUM_TCP_SEG >= TCP_SND_QUEUELEN,
           "MEMP_NUM_TCP_SEG is less than TCP_SND_QUEUELEN: one connection may need all of them");
TCP_SANITY(TCP_SND_BUF >= 2 * TCP_MSS, "TCP_SND_BUF is less than 2 * TCP_MSS");
TCP_SANITY(TCP_SND_QUEUELEN >= 2 * (TCP_SND_BUF / TCP_MSS),
           "TCP_SND_QUEUELEN is less than 2 * (TCP_SND_BUF / TCP_MSS): pbufs run out before bytes");
TCP_SANITY(TCP_SNDLOWAT < TCP_SND_BUF, "TCP_SNDLOWAT is not less than TCP_SND_BUF");
TCP_SANITY(LWIP_WND_SCALE || TCP_SNDLOWAT < 0xffff - 4 * TCP_MSS,
           "TCP_SNDLOWAT is not 4 * TCP_MSS below 65535, where 16 bits end");
TCP_SANITY(TCP_SNDQUEUELOWAT < TCP_SND_QUEUELEN,
           "TCP_SNDQUEUELOWAT is not less than TCP_SND_QUEUELEN");
TCP_SANITY(TCP_WND >= TCP_MSS, "TCP_WND is less than TCP_MSS: no full segment could be received");
TCP_SANITY(MEMP_MEM_MALLOC || PBUF_POOL_SIZE == 0 ||
               TCP_WND <= PBUF_POOL_SIZE * ((long long)PBUF_POOL_BUFSIZE - HEADERS),
           "TCP_WND is more than the data that PBUF_POOL_SIZE buffers hold");

/* ---- Ranges of what core/config.def lists ---- */

/* another allocator's size is not ours to judge */
#if MEM_CUSTOM_ALLOCATOR || MEM_LIBC_MALLOC || MEM_USE_POOLS
#undef MEM_SIZE
#define MEM_SIZE 256
#endif

/* nor what is said of a protocol that is left out */
#if !LWIP_TCP
#undef TCP_TTL
#define TCP_TTL 255
#undef TCP_MSS
#define TCP_MSS 536
#undef TCP_WND
#define TCP_WND 2144
#undef TCP_SND_BUF
#define TCP_SND_BUF 1072
#undef TCP_SND_QUEUELEN
#define TCP_SND_QUEUELEN 8
#endif

#define TEXT(x) #x
#define STACK_OPTION(name, dflt, min, max) \
    _Static_assert((long long)(dflt) >= (long long)(min) && (long long)(dflt) <= (long long)(max), \
                   "option " #name ", upper case in lwipopts.h, is not from " TEXT(min) " to " \
                   TEXT(max));
#include "stack/core/config.def"
#undef STACK_OPTION
