/* tcp/timer.h: the timers of a connection.
 *
 * Each is a deadline on TCP's clock (the ticker's: ms, or moved by hand through tcp_tmr()). With
 * lwIP's coarse ticks a deadline is rounded up to the next 250 ms tick for the delayed ACK and for
 * retries, to the next 500 ms tick for the others; with fine timers to timer_granularity_ms. Never
 * early, but a delayed ACK that would be half a second late otherwise. Deadlines may lie at most
 * 2^30 ms ahead: longer ones are cut. */
#ifndef STACK_TCP_TIMER_H
#define STACK_TCP_TIMER_H

#include "lwip/tcp.h"
#include "stack/core/instance.h"
#include "stack/tcp/features.h"
#include "stack/tcp/leaves.h"

#include <stdbool.h>

/* Timers that no pcb of this build ever starts. */
#define TCP_TIMERS_NEVER \
    ((LWIP_TCP_USER_TIMEOUT ? 0 : 1u << TCP_TIMER_USER) | (TCP_MAY_RACK ? 0 : 1u << TCP_TIMER_LOSS))

static inline bool tcp_timer_runs(const struct tcp_pcb *pcb, enum tcp_timer timer)
{
    return (pcb->timers & (1u << timer) & ~TCP_TIMERS_NEVER) != 0;
}

/* Starts it, or starts it anew. */
void tcp_timer_start(struct tcp_pcb *pcb, enum tcp_timer timer, u32_t in_ms);
void tcp_timer_stop(struct tcp_pcb *pcb, enum tcp_timer timer);
void tcp_timers_stop_all(struct tcp_pcb *pcb);
/* The retransmission timer runs exactly when something is in flight (or TM_ECN_PACED holds what
 * would be): started for rto_ms if it does not run yet. */
void tcp_timer_rexmit_keep(struct tcp_pcb *pcb);
/* The application's poll call-back, in its interval from now on, unless it runs. */
void tcp_timer_poll_keep(struct tcp_pcb *pcb);
/* The window is closed (or too small: TM_OVERRIDE): the first probe leaves in in_ms. */
void tcp_timer_persist_begin(struct tcp_pcb *pcb, u32_t in_ms);
/* The window is open, or nothing waits for it any more. */
void tcp_timer_persist_stop(struct tcp_pcb *pcb);
/* Keepalive, from now. Stops when it is off for the pcb, or the state does not want it. */
void tcp_timer_keep_restart(struct tcp_pcb *pcb);
/* so_options and keep_idle are written without a call: what has changed since is noticed here. */
void tcp_timer_keep_notice(struct tcp_pcb *pcb);

void tcp_timers_init(void);

#endif
