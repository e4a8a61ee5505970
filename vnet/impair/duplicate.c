/* duplicate.c: a delivery happens more than once; fault.c makes the copies. */
#include "vnet/impair/impair.h"

#define COPIES_MAX 1000u

static const char *problem(const struct fault_config *c)
{
    return c->copies < 1 || c->copies > COPIES_MAX ? "copies: must be 1 to 1000" : NULL;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    d->copies = f->config.copies;
    d->gap_ns = f->config.gap_ns;
    return VERDICT_FORK;
}

const struct impair_ops impair_duplicate = {
    .kind = FAULT_DUPLICATE, .problem = problem, .apply = apply};
