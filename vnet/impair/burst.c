/* burst.c: losses that come in bursts: the two-state model of Gilbert (1960) and Elliott (1963).
 *
 * Each direction has its own state, good at first. A frame first moves the state, then is lost
 * with the probability of the state it is now in. */
#include "vnet/impair/impair.h"

struct state {
    struct pairs bad; /* uint32_t: 1 in a burst */
};

static const char *problem(const struct fault_config *c)
{
    if (!impair_ratio_ok(c->p_enter, true))
        return "p_enter: must be between 0 and 1";
    if (!impair_ratio_ok(c->p_leave, true))
        return "p_leave: must be between 0 and 1";
    if (!impair_ratio_ok(c->p_loss_good, false) || !impair_ratio_ok(c->p_loss_bad, false))
        return "p_loss_good, p_loss_bad: must be between 0 and 1";
    return NULL;
}

static const char *init(struct fault *f, const struct fault_config *config)
{
    (void)config;
    struct state *st = f->state;
    pairs_init(&st->bad, sizeof(uint32_t));
    if (f->config.p_loss_good.den == 0)
        f->config.p_loss_good = (struct ratio){0, 1};
    if (f->config.p_loss_bad.den == 0)
        f->config.p_loss_bad = (struct ratio){1, 1};
    return NULL;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    struct state *st = f->state;
    uint32_t *bad = pairs_get(&st->bad, d->t.src->index, d->dst->index);
    if (bad == NULL) {
        d->why = WIRE_NO_MEMORY;
        return VERDICT_DROP;
    }
    struct prng p;
    impair_draw(f, d, &p);
    if (prng_chance(&p, *bad ? f->config.p_leave : f->config.p_enter))
        *bad = !*bad;
    if (!prng_chance(&p, *bad ? f->config.p_loss_bad : f->config.p_loss_good))
        return VERDICT_PASS;
    d->why = WIRE_BURST_LOSS;
    return VERDICT_DROP;
}

static void done(struct fault *f, bool drop)
{
    struct state *st = f->state;
    (void)drop;
    pairs_free(&st->bad);
}

const struct impair_ops impair_burst = {
    .kind = FAULT_BURST,
    .problem = problem,
    .state_size = sizeof(struct state),
    .init = init,
    .apply = apply,
    .done = done,
};
