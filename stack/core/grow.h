/* core/grow.h: permanent memory for an instance.
 *
 * stack_grow() asks the host (env.grow) for `size` bytes, aligned for any type, contents undefined;
 * NULL: no more. What it gives is kept until stack_destroy() and is no "object still allocated":
 * it is for tables and pool chunks. Single-instance builds have none: always NULL. */
#ifndef STACK_CORE_GROW_H
#define STACK_CORE_GROW_H

#include <stddef.h>

void *stack_grow(size_t size);

#endif
