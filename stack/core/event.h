/* core/event.h: tells the host of something worth tracing (enum stack_event). Does nothing in
 * single-instance builds. */
#ifndef STACK_CORE_EVENT_H
#define STACK_CORE_EVENT_H

#include "lockwire/stack.h"
#include "lwip/opt.h"

#if LWIP_MULTI_INSTANCE
void stack_emit(enum stack_event kind, uint32_t a, uint32_t b);
#else
static inline void stack_emit(enum stack_event kind, uint32_t a, uint32_t b)
{
    (void)kind, (void)a, (void)b;
}
#endif

#endif
