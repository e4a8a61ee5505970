/* harness/host/options.h: a host's options by name: lwIP's options in lower case
 * (stack/core/config.def), and the harness's own:
 *
 *     timer  "fine" (1 ms) or "coarse" (each protocol's own lwIP interval)
 *     rx     "pool" or "flat" (host.h)
 *
 * Some may change while the host runs: those that the stack looks at each time. */
#ifndef HARNESS_HOST_OPTIONS_H
#define HARNESS_HOST_OPTIONS_H

#include "harness/host/host.h"

#include <stddef.h>

/* An option's value: a text for timer and rx, else an integer. */
struct option_value {
    const char *text; /* NULL: the integer counts */
    uint64_t integer;
};

/* What a simulated host starts with: the `sim` profile (ARCHITECTURE.md). */
void options_default(struct host_config *config);

/* false: why (room bytes) says in one sentence what is wrong and what would be right. */
bool options_set(struct host_config *config, const char *name, struct option_value value,
                 char *why, size_t room);
/* The same for a host that runs. Host not entered. */
bool options_change(struct host *h, const char *name, struct option_value value, char *why,
                    size_t room);

/* The i-th option of a host: its name, NULL behind the last. */
const char *options_get(const struct host *h, size_t i, struct option_value *value);

#endif
