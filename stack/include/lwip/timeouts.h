/* lwip/timeouts.h: one-shot timeouts on the stack's millisecond clock, which may wrap.
 *
 * Timeouts with equal times run in the order in which they were set. A handler may set and remove
 * timeouts. */
#ifndef LWIP_HDR_TIMEOUTS_H
#define LWIP_HDR_TIMEOUTS_H

#include "lwip/err.h"
#include "lwip/opt.h"
#if !NO_SYS
#include "lwip/sys.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LWIP_DEBUG_TIMERNAMES
#ifdef LWIP_DEBUG
#define LWIP_DEBUG_TIMERNAMES SYS_DEBUG
#else
#define LWIP_DEBUG_TIMERNAMES 0
#endif
#endif

#define SYS_TIMEOUTS_SLEEPTIME_INFINITE 0xFFFFFFFF

typedef void (*lwip_cyclic_timer_handler)(void);
/* A stack timer: handler is to run every interval_ms. */
struct lwip_cyclic_timer {
    u32_t interval_ms;
    lwip_cyclic_timer_handler handler;
#if LWIP_DEBUG_TIMERNAMES
    const char *handler_name;
#endif
};
/* Those of the protocols built in. The stack drives them itself. */
extern const struct lwip_cyclic_timer lwip_cyclic_timers[];
extern const int lwip_num_cyclic_timers;

typedef void (*sys_timeout_handler)(void *arg);

struct sys_timeo {
    struct sys_timeo *next;
    u32_t time; /* absolute, on the clock of sys_now() */
    sys_timeout_handler h;
    void *arg;
#if LWIP_DEBUG_TIMERNAMES
    const char *handler_name;
#endif
};

#if LWIP_TIMERS

void sys_timeouts_init(void);
/* Runs handler(arg) once, msecs from now (< 2^30). Takes an element of MEMP_SYS_TIMEOUT: asserts
 * when all are in use; when there is no memory for one the timeout is lost, and counted as an error
 * of the pool. */
#if LWIP_DEBUG_TIMERNAMES
void sys_timeout_debug(u32_t msecs, sys_timeout_handler handler, void *arg,
                       const char *handler_name);
#define sys_timeout(msecs, handler, arg) sys_timeout_debug(msecs, handler, arg, #handler)
#else
void sys_timeout(u32_t msecs, sys_timeout_handler handler, void *arg);
#endif
/* Removes the first timeout with this handler and argument, if there is one. */
void sys_untimeout(sys_timeout_handler handler, void *arg);
/* After a pause in which no timeouts were to run: the first one is due now, the others keep their
 * distances from it. */
void sys_restart_timeouts(void);
/* Runs what is due. Returns milliseconds until the next, as sys_timeouts_sleeptime(). */
u32_t sys_check_timeouts(void);
/* 0: something is due; SYS_TIMEOUTS_SLEEPTIME_INFINITE: nothing is set. */
u32_t sys_timeouts_sleeptime(void);

/* As with lwIP these two are there for tests alone; and for simulated hosts. */
#define LWIP_TIMEOUTS_TESTED (LWIP_TESTMODE || LWIP_MULTI_INSTANCE)
#if LWIP_TIMEOUTS_TESTED
/* The head of the list. */
struct sys_timeo **sys_timeouts_get_next_timeout(void);
/* arg: a struct lwip_cyclic_timer; runs it and sets it again so that it does not drift. */
void lwip_cyclic_timer(void *arg);
#endif

#endif

#ifdef __cplusplus
}
#endif

#endif
