/* core/pools.h: what the rest of core asks of the pools besides lwIP's memp_*(). */
#ifndef STACK_CORE_POOLS_H
#define STACK_CORE_POOLS_H

#include "lwip/memp.h"

/* NULL, or what is wrong with a pool of the current instance. */
const char *pools_check(void);

/* Elements of `type` in use. */
unsigned pools_used(memp_t type);

/* The pool's name for people. */
const char *pools_name(memp_t type);

#endif
