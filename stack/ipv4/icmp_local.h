/* ipv4/icmp_local.h: ICMP as the other files of this directory see it. Without LWIP_ICMP the
 * functions are there and do nothing (icmp_none.c). */
#ifndef STACK_IPV4_ICMP_LOCAL_H
#define STACK_IPV4_ICMP_LOCAL_H

#include "lwip/icmp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"
#include "stack/core/instance.h"
#include "stack/wire/icmp.h"

/* Sends the error `type`, `code` with the four octets `word` about the datagram p (payload at its
 * IP header, which is contiguous), unless one of the rules in icmp_error.c forbids it or
 * the rate limit is reached. p is neither changed nor freed. */
void icmp_error_send(const struct pbuf *p, u8_t type, u8_t code, u32_t word);

/* icmp_limit.c: takes one message's worth from the token bucket; false: none left. */
#if LWIP_ICMP && (LWIP_ICMP_ERROR_RATE || LWIP_MULTI_INSTANCE)
void icmp_limit_init(void);
bool icmp_limit_take(void);
#else
static inline void icmp_limit_init(void)
{
}
static inline bool icmp_limit_take(void)
{
    return true;
}
#endif

/* icmp_echo.c: answers an echo request; takes over p, whose payload is at the ICMP header. */
void icmp_echo_input(struct pbuf *p, struct netif *inp);

/* Counts an ICMP message that is thrown away, and frees it. */
static inline void icmp_discard(struct pbuf *p, enum drop_reason reason, const struct netif *inp)
{
    ICMP_STATS_INC(icmp.drop);
    drop(reason, inp, p);
    pbuf_free(p);
}

/* icmp_error_input.c: an error came in; takes over p. */
#if LWIP_ICMP_ERRORS_IN
void icmp_error_input(struct pbuf *p, const struct wire_icmp *m, struct netif *inp);
#else
static inline void icmp_error_input(struct pbuf *p, const struct wire_icmp *m, struct netif *inp)
{
    LWIP_UNUSED_ARG(m);
    icmp_discard(p, DROP_icmp_error_unused, inp);
}
#endif
#endif
