/* core/drop.h: every cause for which the stack discards a packet has one name.
 *
 * A discarded packet goes through drop(reason, netif, p) exactly once: a counter of the instance
 * [RFC1122 3.1], a hook of its host (trace line). drop() frees nothing and touches no lwIP
 * statistics: the place that discards does both. Each module lists its reasons in its own .def
 * file, one line each: DROP_REASON(name, "what was wrong, in words"). Names begin with the
 * protocol: arp_, ip4_ ... Without LWIP_DROP_REASONS nothing is counted and nobody is told. */
#ifndef STACK_CORE_DROP_H
#define STACK_CORE_DROP_H

#include "lwip/opt.h"

struct netif;
struct pbuf;

enum drop_reason {
#define DROP_REASON(name, text) DROP_##name,
#include "stack/core/drop.def"
#include "stack/link/drop.def"
#include "stack/ipv4/drop.def"
#include "stack/udp/drop.def"
#include "stack/tcp/drop.def"
#undef DROP_REASON
    DROP_REASONS
};

#if LWIP_DROP_REASONS
/* cold: compilers then keep what leads to it out of the way of packets that pass. */
__attribute__((cold)) void drop(enum drop_reason reason, const struct netif *netif,
                                const struct pbuf *p);
#else
static inline void drop(enum drop_reason reason, const struct netif *netif, const struct pbuf *p)
{
    (void)reason;
    (void)netif;
    (void)p;
}
#endif

#endif
