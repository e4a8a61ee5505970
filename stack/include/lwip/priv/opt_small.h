/* lwip/priv/opt_small.h: what a program for a small target may leave out. Ours, all of them: lwIP
 * has no such options, because it has none of this. The defaults leave nothing out that a program
 * can notice. */
#ifndef LWIP_HDR_OPT_SMALL_H
#define LWIP_HDR_OPT_SMALL_H

/* discarded packets are counted by reason, and told to the host (lockwire/stack.h) */
#ifndef LWIP_DROP_REASONS
#define LWIP_DROP_REASONS (LWIP_STATS || LWIP_MULTI_INSTANCE)
#endif
/* allocations can be made to fail, for tests (stack/core/alloc_fault.h) */
#ifndef LWIP_ALLOC_FAULTS
#define LWIP_ALLOC_FAULTS LWIP_MULTI_INSTANCE
#endif
/* listeners, Ethernet types and IP transports besides the stack's own can be registered with an
 * instance (stack/core/modules.h) */
#ifndef LWIP_MODULES_MORE
#define LWIP_MODULES_MORE 1
#endif
/* the heap's free blocks are on a list; 0: they are looked for in the row of all blocks, as lwIP
 * does: slower when there are many, and a few hundred bytes shorter. Statistics, guard bytes and
 * MEM_SANITY_CHECK need the list */
#ifndef MEM_FREE_LIST
#define MEM_FREE_LIST 1
#endif
/* memp_free() refuses what is no element in use of that pool; 0: whoever frees the wrong thing
 * breaks the pool, as with lwIP. Statistics of pools need it */
#ifndef MEMP_FREE_CHECK
#define MEMP_FREE_CHECK 1
#endif
/* checksums are added up byte by byte: slower, and a few hundred bytes shorter */
#ifndef LWIP_CHECKSUM_SMALL
#define LWIP_CHECKSUM_SMALL 0
#endif
/* the header of an ARP packet, an ICMP message or a UDP datagram may be spread over several pbufs;
 * 0: one that is not whole in the first is dropped as too short, as lwIP does. Enough where the
 * driver's buffers hold all headers */
#ifndef LWIP_SPREAD_HEADERS
#define LWIP_SPREAD_HEADERS 1
#endif
/* frames whose source is no station's address are dropped [802.3 3.2.3], and ARP believes nobody
 * who says that he has our hardware address or none; 0: ARP alone looks at addresses, and learns
 * any but a group's [RFC1812 3.3.2] */
#ifndef LWIP_ETHERNET_SOURCE_CHECK
#define LWIP_ETHERNET_SOURCE_CHECK 1
#endif
/* an interface may bear an address of 169.254/16 and keeps to the rules for it: what it sends stays
 * on the link [RFC3927 2.6.2], its ARP replies are broadcast [RFC3927 2.5]; 0: none ever does, as
 * in lwIP without LWIP_AUTOIP. Neighbours may have such addresses all the same */
#ifndef LWIP_IP_LINK_LOCAL
#define LWIP_IP_LINK_LOCAL 1
#endif
/* 802.3 frames with a SNAP header are received [RFC1122 2.3.3]; 0: they are dropped */
#ifndef LWIP_ETHERNET_SNAP
#define LWIP_ETHERNET_SNAP 1
#endif
/* IP options of what arrives are looked into: malformed ones and source routes are refused, an echo
 * reply bears the request's [RFC1122 3.2.1.8][RFC1122 3.2.2.6]; 0: they are passed over unread */
#ifndef LWIP_IP_OPTIONS_CHECK
#define LWIP_IP_OPTIONS_CHECK 1
#endif
/* a datagram with IP options that is too big for its link is sent in fragments [RFC791 3.1]; 0: it
 * is refused (ERR_VAL), as lwIP does */
#ifndef LWIP_IP_FRAG_OPTIONS
#define LWIP_IP_FRAG_OPTIONS 1
#endif
/* ICMP errors about what was sent are passed on to the transports [RFC1122 3.2.2]; 0: dropped */
#ifndef LWIP_ICMP_ERRORS_IN
#define LWIP_ICMP_ERRORS_IN 1
#endif

#endif
