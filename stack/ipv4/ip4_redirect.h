/* ipv4/ip4_redirect.h: host routes learnt from ICMP redirects [RFC1122 3.2.2.2].
 *
 * A small cache of destination -> gateway, of which both lie beyond and on the link of one
 * interface. It is empty on most hosts for ever: then it costs a datagram one comparison. Routes go
 * when they are ip_redirect_maxage old, when their gateway stops answering, and when their
 * interface goes down, away, or changes address, mask or gateway. */
#ifndef STACK_IPV4_IP4_REDIRECT_H
#define STACK_IPV4_IP4_REDIRECT_H

#include <stdbool.h>

#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "stack/core/instance.h"
#include "stack/wire/icmp.h"

/* Redirects are obeyed at all in this build. */
#define IP4_REDIRECTS (LWIP_ICMP && LWIP_IP_REDIRECTS > 0)

#if IP4_REDIRECTS
/* The gateway for dest on netif, or NULL. */
const ip4_addr_t *ip4_redirect_find(const struct netif *netif, const ip4_addr_t *dest);

/* What a datagram to dest is handed to netif->output() for: dest itself, or the gateway that a
 * redirect has named for it. Valid until the cache changes. */
static inline const ip4_addr_t *ip4_next_hop(const struct netif *netif, const ip4_addr_t *dest)
{
    if (STACK->ipv4.redirect.count == 0)
        return dest;
    const ip4_addr_t *gateway = ip4_redirect_find(netif, dest);
    return gateway != NULL ? gateway : dest;
}

/* A redirect, checksum verified, payload at the ICMP header, came in by inp: the route is learnt
 * and DROP_REASONS returned, or the reason why it is not obeyed. p stays the caller's. */
enum drop_reason ip4_redirect_learn(const struct pbuf *p, const struct wire_icmp *m,
                                    struct netif *inp);

/* Forgets the routes of an interface; those through `gateway` if that is not NULL. */
void ip4_redirect_forget(const struct netif *netif, const ip4_addr_t *gateway);

void ip4_redirect_module_init(void);
void ip4_redirect_module_fini(void);
/* NULL, or what is wrong. */
const char *ip4_redirect_module_check(void);
#else
static inline const ip4_addr_t *ip4_next_hop(const struct netif *netif, const ip4_addr_t *dest)
{
    (void)netif;
    return dest;
}
static inline enum drop_reason ip4_redirect_learn(const struct pbuf *p, const struct wire_icmp *m,
                                                  struct netif *inp)
{
    (void)p;
    (void)m;
    (void)inp;
    return DROP_icmp_redirect;
}
static inline void ip4_redirect_forget(const struct netif *netif, const ip4_addr_t *gateway)
{
    (void)netif;
    (void)gateway;
}
static inline void ip4_redirect_module_init(void)
{
}
static inline void ip4_redirect_module_fini(void)
{
}
static inline const char *ip4_redirect_module_check(void)
{
    return NULL;
}
#endif

#endif
