/* core/timeouts_state.h: the part of an instance that core/timeouts.c owns. */
#ifndef STACK_CORE_TIMEOUTS_STATE_H
#define STACK_CORE_TIMEOUTS_STATE_H

#include "lwip/timeouts.h"

struct timeouts_state {
    struct sys_timeo *next; /* earliest deadline first; equal deadlines in arming order */
    u32_t current_due_ms;   /* when the timeout now running was due: cyclic timers do not drift */
};

#endif
