/* harness/host/closest.h: "did you mean" for names that a person typed. */
#ifndef HARNESS_HOST_CLOSEST_H
#define HARNESS_HOST_CLOSEST_H

#include <stddef.h>

/* The i-th known name, NULL behind the last. */
typedef const char *closest_name_fn(const void *ctx, size_t i);

/* Writes up to three of the known names nearest to `name` (edit distance at most a third of its
 * length, or names that contain it), nearest first, as "a, b, c"; an empty text if none is near.
 * Returns how many. */
size_t closest_names(const char *name, closest_name_fn *known, const void *ctx, char *text,
                     size_t room);

#endif
