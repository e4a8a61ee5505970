/* core/instance_local.h: what the instance files tell each other. */
#ifndef STACK_CORE_INSTANCE_LOCAL_H
#define STACK_CORE_INSTANCE_LOCAL_H

#include "stack/core/instance.h"

#include <stdbool.h>

/* Brings up all rooms of the current instance, whose memory is zeroed but for env, config and
 * time; false: out of memory. And the reverse. */
bool instance_bring_up(void);
void instance_shut_down(void);

/* Makes s current for a look at it, whatever was; returns what instance_switch_back() takes. */
struct stack_public *instance_switch(const struct stack *s);
void instance_switch_back(struct stack_public *before);

/* The clock of s. */
uint32_t instance_now(const struct stack *s);

#endif
