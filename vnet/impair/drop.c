/* drop.c: a chosen delivery is lost. Chosen by chance it is called loss, else a fault. */
#include "vnet/impair/impair.h"

static enum verdict apply(struct fault *f, struct delivery *d)
{
    d->why = f->config.probability.den != 0 ? WIRE_LOSS : WIRE_FAULT_DROP;
    return VERDICT_DROP;
}

const struct impair_ops impair_drop = {.kind = FAULT_DROP, .apply = apply};
