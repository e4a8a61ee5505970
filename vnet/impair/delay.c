/* delay.c: a delivery arrives later than it would have; others may overtake it. */
#include "vnet/impair/impair.h"

static const char *problem(const struct fault_config *c)
{
    return c->delay_ns == 0 && c->jitter_ns == 0 ? "delay_ns: must be more than 0" : NULL;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    uint64_t delay = f->config.delay_ns;
    if (f->config.jitter_ns > 0) {
        struct prng p;
        impair_draw(f, d, &p);
        delay += prng_below(&p, f->config.jitter_ns + 1);
    }
    if (delay == 0)
        return VERDICT_PASS;
    d->release_ns += delay;
    impair_record(d, WIRE_DELAYED, delay, 0, false);
    return VERDICT_CHANGED;
}

const struct impair_ops impair_delay = {.kind = FAULT_DELAY, .problem = problem, .apply = apply};
