/* loss.c: the segment's own Bernoulli loss: once per frame and receiver, before all rules. */
#include "vnet/draw.h"
#include "vnet/impair/impair.h"

bool loss_strikes(const struct segment *s, const struct transit *t, const struct port *dst)
{
    struct prng p;
    draw_init(&p, s->loss_key, t->src->key, dst->key, t->number, 0);
    return prng_chance(&p, s->config.loss);
}
