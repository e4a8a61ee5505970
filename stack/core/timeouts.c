/* core/timeouts.c: one list of timeouts, sorted by deadline, on the 32-bit millisecond clock.
 *
 * The clock wraps after 49.7 days: deadlines compare by the sign of their difference, so every
 * pending one lies less than 2^31 ms from now; sys_timeout() takes at most a quarter of the range.
 * Timeouts with equal deadlines run in the order they were armed. A timeout leaves the list
 * before its handler runs, so handlers may arm and cancel whatever they like. */
#include "lwip/timeouts.h"

#include "stack/core/instance.h"
#include "stack/core/pools.h"
#include "stack/core/speed.h"
#include "stack/core/ticker.h"
#include "stack/core/timeouts.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/sys.h"

#if LWIP_TIMERS && !LWIP_TIMERS_CUSTOM

#define TIMEOUT_MAX (LWIP_UINT32_MAX / 4)
#define TURNS_MAX 1000u /* timeouts that one sys_check_timeouts() runs */

static bool is_before(u32_t a, u32_t b)
{
    return (u32_t)(a - b) > 0x7fffffffu;
}

void timeouts_arm(struct sys_timeo *t, u32_t due_ms)
{
    struct sys_timeo **at = &STACK->timeouts.next;
    t->time = due_ms;
    while (*at != NULL && !is_before(due_ms, (*at)->time))
        at = &(*at)->next;
    t->next = *at;
    *at = t;
}

void timeouts_disarm(struct sys_timeo *t)
{
    sys_untimeout(t->h, t->arg); /* no two have both in common */
}

/* Most moves are to a later time that is still before the next one's: nothing is searched then. */
void timeouts_move(struct sys_timeo *t, u32_t due_ms)
{
    if (FAST_PATHS && !is_before(due_ms, t->time) &&
        (t->next == NULL || is_before(due_ms, t->next->time))) {
        t->time = due_ms;
        return;
    }
    timeouts_disarm(t);
    timeouts_arm(t, due_ms);
}

static bool is_embedded(const struct sys_timeo *t)
{
    return t->arg == t;
}

static void release(struct sys_timeo *t)
{
    if (!is_embedded(t))
        memp_free(MEMP_SYS_TIMEOUT, t);
}

#if LWIP_DEBUG_TIMERNAMES
static void set_name(struct sys_timeo *t, const char *name)
{
    t->handler_name = name;
}
#else
static void set_name(struct sys_timeo *t, const char *name)
{
    (void)t, (void)name;
}
#endif

/* A pool with all its elements in use is too small for the program, which has to be told. That its
 * memory could not be had is nobody's mistake: the timeout is lost, and counted as the pool's
 * error. */
static struct sys_timeo *take(sys_timeout_handler handler, void *arg, const char *name)
{
    struct sys_timeo *t = memp_malloc(MEMP_SYS_TIMEOUT);
    LWIP_ASSERT("sys_timeout: MEMP_NUM_SYS_TIMEOUT is too small",
                t != NULL || MEMP_MEM_MALLOC ||
                    pools_used(MEMP_SYS_TIMEOUT) < CFG(memp_num_sys_timeout));
    if (t == NULL)
        return NULL;
    t->h = handler;
    t->arg = arg;
    set_name(t, name);
    return t;
}

#if LWIP_DEBUG_TIMERNAMES
void sys_timeout_debug(u32_t msecs, sys_timeout_handler handler, void *arg,
                       const char *handler_name)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ASSERT("sys_timeout: longer than a quarter of the clock's range", msecs <= TIMEOUT_MAX);
    struct sys_timeo *t = take(handler, arg, handler_name);
    if (t != NULL)
        timeouts_arm(t, sys_now() + msecs);
}
#else
void sys_timeout(u32_t msecs, sys_timeout_handler handler, void *arg)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ASSERT("sys_timeout: longer than a quarter of the clock's range", msecs <= TIMEOUT_MAX);
    struct sys_timeo *t = take(handler, arg, NULL);
    if (t != NULL)
        timeouts_arm(t, sys_now() + msecs);
}
#endif

void sys_untimeout(sys_timeout_handler handler, void *arg)
{
    struct sys_timeo *t;
    LWIP_ASSERT_CORE_LOCKED();
    for (struct sys_timeo **at = &STACK->timeouts.next; (t = *at) != NULL; at = &t->next)
        if (t->h == handler && t->arg == arg) {
            *at = t->next;
            release(t);
            return;
        }
}

/* Runs what is due at one reading of the clock, then says when to come again. A handler that sets
 * itself again for the same instant has its turns, but not for ever. */
u32_t sys_check_timeouts(void)
{
    LWIP_ASSERT_CORE_LOCKED();
    u32_t now = sys_now();
    for (unsigned turns = 0; turns < TURNS_MAX; turns++) {
        PBUF_CHECK_FREE_OOSEQ();
        struct sys_timeo *t = STACK->timeouts.next;
        if (t == NULL || is_before(now, t->time))
            break;
        STACK->timeouts.next = t->next;
        STACK->timeouts.current_due_ms = t->time;
        sys_timeout_handler handler = t->h;
        void *arg = t->arg;
        release(t);
        if (handler != NULL)
            handler(arg);
    }
    return sys_timeouts_sleeptime();
}

u32_t sys_timeouts_sleeptime(void)
{
    LWIP_ASSERT_CORE_LOCKED();
    const struct sys_timeo *t = STACK->timeouts.next;
    if (LWIP_TCP && STACK->pbuf.pool_was_empty)
        return 0;
    if (t == NULL)
        return SYS_TIMEOUTS_SLEEPTIME_INFINITE;
    u32_t now = sys_now();
    return is_before(t->time, now) ? 0 : t->time - now;
}

/* After a pause in which no timeouts were to run: the first is due now, the others keep their
 * distance from it. */
void sys_restart_timeouts(void)
{
    struct sys_timeo *t = STACK->timeouts.next;
    if (t == NULL)
        return;
    u32_t shift = sys_now() - t->time;
    for (; t != NULL; t = t->next)
        t->time += shift;
}

#if LWIP_TIMEOUTS_TESTED
struct sys_timeo **sys_timeouts_get_next_timeout(void)
{
    return &STACK->timeouts.next;
}
#endif

/* The protocols of this stack keep their own embedded timers, so there is nothing to start. */
void sys_timeouts_init(void)
{
    STACK->timeouts.next = NULL;
    STACK->timeouts.current_due_ms = 0;
}

#if LWIP_TIMEOUTS_TESTED
/* A timeout that arms itself again: relative to when it was due, so that it does not drift; if
 * that has passed already, relative to now, because catching up would never end. */
void lwip_cyclic_timer(void *arg)
{
    const struct lwip_cyclic_timer *cyclic = arg;
    u32_t due = STACK->timeouts.current_due_ms + cyclic->interval_ms;
    cyclic->handler();
    u32_t now = sys_now();
    struct sys_timeo *t = take(lwip_cyclic_timer, arg, "lwip_cyclic_timer");
    if (t != NULL)
        timeouts_arm(t, is_before(due, now) ? now + cyclic->interval_ms : due);
}
#endif

const char *timeouts_check(void)
{
    const struct sys_timeo *before = NULL;
    u32_t n = 0;
    for (const struct sys_timeo *t = STACK->timeouts.next; t != NULL; before = t, t = t->next) {
        if (before != NULL && is_before(t->time, before->time))
            return "timeouts: the list is not in the order of deadlines";
        if (t->h == NULL)
            return "timeouts: an entry has no handler";
        if (!is_embedded(t))
            n++;
        else if (!((const struct ticker *)t->arg)->armed)
            return "timeouts: a ticker is in the list and does not know it";
        if (n > pools_used(MEMP_SYS_TIMEOUT))
            return "timeouts: the list is longer than its pool (a circle?)";
    }
    return NULL;
}

void timeouts_fini(void)
{
    while (STACK->timeouts.next != NULL) {
        struct sys_timeo *t = STACK->timeouts.next;
        STACK->timeouts.next = t->next;
        release(t);
    }
}

#else

/* Timeouts are the port's own (LWIP_TIMERS_CUSTOM), or there are none: tickers then only move
 * when the port calls the protocols' x_tmr() functions. */
void timeouts_arm(struct sys_timeo *t, u32_t due_ms)
{
    LWIP_UNUSED_ARG(t);
    LWIP_UNUSED_ARG(due_ms);
}

void timeouts_disarm(struct sys_timeo *t)
{
    LWIP_UNUSED_ARG(t);
}

void timeouts_move(struct sys_timeo *t, u32_t due_ms)
{
    LWIP_UNUSED_ARG(t);
    LWIP_UNUSED_ARG(due_ms);
}

const char *timeouts_check(void)
{
    return NULL;
}

void timeouts_fini(void)
{
}

#endif
