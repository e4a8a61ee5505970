/* core/ticker.h: time for protocols that age things (ARP, reassembly, IGMP, ACD).
 *
 * lwIP calls such a protocol's x_tmr() at a fixed interval. Here a ticker keeps the protocol's own
 * millisecond clock and is only woken when something is due; calling x_tmr() by hand, as lwIP
 * applications and tests do, moves that clock on by one interval. So ageing is written once,
 * against deadlines:
 *
 *     entry->expires_ms = ticker_now(k) + 1000 * maxage;
 *     ticker_due(k, entry->expires_ms);          // earliest of all calls since the last run counts
 *     ...
 *     static void run(void) { for each entry: if (ticker_passed(k, entry->expires_ms)) expire;
 *                             else ticker_due(k, entry->expires_ms); }
 *     void etharp_tmr(void) { ticker_tick(k); }  // one interval passes at once
 *
 * Granularity: with config.timer_granularity_ms == g > 0 a deadline is rounded up to a multiple of
 * g ms of the instance's clock plus timer_phase_ms; with 0, of the ticker's own interval. Never
 * early. The timer itself is an embedded sys_timeo: it needs no pool element and cannot fail. */
#ifndef STACK_CORE_TICKER_H
#define STACK_CORE_TICKER_H

#include "lwip/opt.h"
#include "lwip/timeouts.h"

#include <stdbool.h>

struct ticker {
    struct sys_timeo timeo; /* in the instance's list while armed */
    void (*run)(void);
    u32_t due_ms;           /* ticker time; valid while armed */
    u32_t skew_ms;          /* ticker time minus the instance's clock */
    u16_t interval_ms;      /* lwIP's x_TMR_INTERVAL */
    u8_t armed;
    u8_t id;                /* enum stack_ticker_id, for the trace */
};

enum stack_ticker_id {
    TICKER_ARP,
    TICKER_ACD,
    TICKER_REASS,
    TICKER_IGMP,
    TICKER_REDIRECT,
    TICKER_TCP,
    TICKER_COUNT
};

/* k is all zero, as a new instance's memory is. */
void ticker_init(struct ticker *k, enum stack_ticker_id id, u16_t interval_ms, void (*run)(void));
u32_t ticker_now(const struct ticker *k);
/* run() shall be called once ticker_now() has reached due_ms (wrap-safe, within 2^31 ms). */
void ticker_due(struct ticker *k, u32_t due_ms);
/* The same, but exactly then: whatever was due before is forgotten. For whoever knows all his
 * deadlines. No cost when nothing changes. */
void ticker_set(struct ticker *k, u32_t due_ms);
/* true when due_ms is now or in the past */
bool ticker_passed(const struct ticker *k, u32_t due_ms);
/* Moves the ticker's clock by one interval and calls run() if something has become due (-Os: if
 * anything is armed). */
void ticker_tick(struct ticker *k);
void ticker_stop(struct ticker *k);
/* The handler of a ticker's embedded timeout; arg is the ticker. For core/timeouts.c. */
void ticker_expired(void *arg);

#endif
