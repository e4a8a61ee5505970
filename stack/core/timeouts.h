/* core/timeouts.h: what the stack itself does with the timeout list, besides lwip/timeouts.h.
 *
 * An embedded timeout is a struct sys_timeo that its owner keeps: arming it needs no pool element
 * and cannot fail. Its argument is its own address, which is how the list knows not to give it back
 * to the pool. */
#ifndef STACK_CORE_TIMEOUTS_H
#define STACK_CORE_TIMEOUTS_H

#include "lwip/timeouts.h"

#include <stdbool.h>

/* Puts t, which is not in the list, into it; t->h and t->arg are set by the caller. */
void timeouts_arm(struct sys_timeo *t, u32_t due_ms);

/* Takes t out of the list; no harm if it is not there. */
void timeouts_disarm(struct sys_timeo *t);

/* Moves t to another deadline; behind those that have the same. */
void timeouts_move(struct sys_timeo *t, u32_t due_ms);

/* NULL, or what is wrong with the list. */
const char *timeouts_check(void);

/* Frees what is in the list. */
void timeouts_fini(void);

#endif
