/* tcp/features.h: what of TCP is compiled.
 *
 * An option that a host may set at run time (core/config.def) is only a default where there are
 * many hosts: its code is always there. In a build with one instance what is off is never asked
 * for, and the tests for it are constants. Options without a run-time side hold for both. */
#ifndef STACK_TCP_FEATURES_H
#define STACK_TCP_FEATURES_H

#include "stack/core/speed.h"

#include "lwip/tcp.h"

#include <stdbool.h>

#define TCP_MAY(option) (LWIP_MULTI_INSTANCE || (option))

#define TCP_MAY_SACK TCP_MAY(LWIP_TCP_SACK_OUT || LWIP_TCP_SACK_IN)
#define TCP_MAY_SACK_IN TCP_MAY(LWIP_TCP_SACK_IN)
/* What is lost is added up as it is marked (sack.c); else, where nobody speaks SACK and windows are
 * small, when somebody asks (sack_none.c). */
#define TCP_SUMS_MARKS (TCP_MAY_SACK_IN || FAST_PATHS)
#define TCP_MAY_RACK TCP_MAY(LWIP_TCP_RACK)
#define TCP_MAY_LIMITED (TCP_MAY_SACK_IN || TCP_MAY(TCP_LIMITED_TRANSMIT))
#define TCP_MAY_BACKLOG TCP_MAY(TCP_LISTEN_BACKLOG)
#define TCP_MAY_TIMESTAMPS TCP_MAY(LWIP_TCP_TIMESTAMPS)
#define TCP_MAY_ECN TCP_MAY(LWIP_TCP_ECN)
#define TCP_MAY_LIMIT_CHALLENGES TCP_MAY(TCP_CHALLENGE_ACK_LIMIT)
/* Bytes behind gaps have a limit. */
#define TCP_COUNTS_EARLY (LWIP_MULTI_INSTANCE || CFG(tcp_ooseq_max_bytes) != 0)
/* A SYN asks for more than an MSS. */
#define TCP_MAY_WISH (LWIP_WND_SCALE || TCP_MAY_TIMESTAMPS || TCP_MAY_SACK || TCP_MAY_ECN)
/* A window may shrink for a reason that is no loss found by counting or by the timer. */
#define TCP_MAY_REDUCE_EARLY (TCP_MAY_ECN || TCP_MAY_RACK || TCP_MAY_PMTUD)
#define TCP_MAY_PMTUD (LWIP_TCP_ICMP_ERRORS && TCP_MAY(LWIP_TCP_PMTUD))

/* Flags that no pcb of this build ever has. */
#define TF_NEVER \
    ((TCP_MAY_SACK ? 0 : TF_SACK) | (TCP_MAY_TIMESTAMPS ? 0 : TF_TIMESTAMP) | \
     (LWIP_WND_SCALE ? 0 : TF_WND_SCALE))

#if LWIP_TCP
/* What the ends have agreed on: TF_SACK, TF_TIMESTAMP, TF_WND_SCALE. */
static inline bool tcp_agreed(const struct tcp_pcb *pcb, unsigned flag)
{
    return (pcb->flags & flag & ~TF_NEVER) != 0;
}

/* One of them is taken back. */
static inline void tcp_disagree(struct tcp_pcb *pcb, unsigned flags)
{
    if ((flags & ~TF_NEVER) != 0)
        tcp_clear_flags(pcb, flags & ~TF_NEVER);
}

/* The shifts of [RFC7323 2.3]. */
static inline unsigned tcp_snd_shift(const struct tcp_pcb *pcb)
{
    return LWIP_WND_SCALE ? pcb->snd_scale : 0;
}

static inline unsigned tcp_rcv_shift(const struct tcp_pcb *pcb)
{
    return LWIP_WND_SCALE ? pcb->rcv_scale : 0;
}

/* R2 as the application has set it, ms; 0: it has not. */
static inline u32_t tcp_user_limit(const struct tcp_pcb *pcb)
{
    return LWIP_TCP_USER_TIMEOUT ? pcb->user_timeout_ms : 0;
}
#endif

#endif
