/* truncate.c: a delivery loses its end. Frames that are short enough are left alone. */
#include "vnet/impair/impair.h"

static const char *problem(const struct fault_config *c)
{
    return c->length < 1 || c->length > FRAME_MAX ? "length: must be 1 to 9216" : NULL;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    uint32_t before = d->t.frame->len;
    if (before <= f->config.length)
        return VERDICT_PASS;
    if (impair_rewrite(d, f->config.length) == NULL) {
        d->why = WIRE_NO_MEMORY;
        return VERDICT_DROP;
    }
    impair_record(d, WIRE_TRUNCATED, f->config.length, before, false);
    return VERDICT_CHANGED;
}

const struct impair_ops impair_truncate = {
    .kind = FAULT_TRUNCATE, .problem = problem, .apply = apply};
