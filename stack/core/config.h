/* core/config.h: options that can differ from host to host.
 *
 * One row per option in config.def: STACK_OPTION(name, default, min, max). The name is lwIP's
 * option in lower case, the default is lwIP's option as set in lwipopts.h, the range is what
 * stack_config_set() accepts. Options of other modules' sizes are in units their lwIP name means.
 * In single-instance builds CFG(name) is a compile-time constant. */
#ifndef STACK_CORE_CONFIG_H
#define STACK_CORE_CONFIG_H

#include "lwip/def.h" /* LWIP_MIN in defaults */
#include "lwip/opt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack_config {
#define STACK_OPTION(name, dflt, min, max) uint32_t name;
#include "stack/core/config.def"
#undef STACK_OPTION
};

static const struct stack_config stack_config_default = {
#define STACK_OPTION(name, dflt, min, max) .name = (dflt),
#include "stack/core/config.def"
#undef STACK_OPTION
};

enum stack_config_result { STACK_CONFIG_OK, STACK_CONFIG_UNKNOWN, STACK_CONFIG_RANGE };

/* Sets an option by name. On STACK_CONFIG_RANGE min and max receive the accepted range. */
enum stack_config_result stack_config_set(struct stack_config *c, const char *name, uint64_t value,
                                          uint32_t *min, uint32_t *max);

/* The i-th option's name and value; NULL behind the last. Order is that of config.def. */
const char *stack_config_get(const struct stack_config *c, size_t i, uint32_t *value);

/* NULL, or which values contradict each other and how ("pbuf_pool_bufsize 64 is less than ..."). */
const char *stack_config_check(const struct stack_config *c);

#endif
