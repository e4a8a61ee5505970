/* core/event.h: tells the host of something worth tracing (enum stack_event). Does nothing in
 * single-instance builds. */
#ifndef STACK_CORE_EVENT_H
#define STACK_CORE_EVENT_H

#include "lockwire/stack.h"

void stack_emit(enum stack_event kind, uint32_t a, uint32_t b);

#endif
