/* corrupt.c: a delivery's bytes change: random bits, or a chosen byte; with `repair` so that the
 * checksums do not tell. A change that repairing undoes (the checksum itself was hit) is drawn
 * again, a few times; a chosen one then counts as none. */
#include "vnet/impair/impair.h"
#include "vnet/impair/repair.h"

#include <string.h>

#define BITS_MAX 64u
#define TRIES_MAX 16u

static const char *problem(const struct fault_config *c)
{
    if (c->offset < 0)
        return c->bits < 1 || c->bits > BITS_MAX ? "bits: must be 1 to 64" : NULL;
    return c->xor_byte == 0 ? "xor_byte: must change at least one bit" : NULL;
}

/* Flips up to `bits` different ones; returns the lowest, counted from each byte's high end. */
static uint32_t flip(struct prng *p, uint8_t *data, uint32_t len, uint32_t bits)
{
    uint32_t total = len * 8, chosen[BITS_MAX], n = 0, lowest = UINT32_MAX;
    if (bits > total)
        bits = total;
    while (n < bits) {
        uint32_t bit = (uint32_t)prng_below(p, total), i = 0;
        while (i < n && chosen[i] != bit)
            i++;
        if (i < n)
            continue;
        chosen[n++] = bit;
        data[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
        if (bit < lowest)
            lowest = bit;
    }
    return lowest;
}

static bool corrupt(const struct fault_config *c, struct prng *p, const struct frame *from,
                    struct frame *to, uint32_t *where)
{
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        memcpy(to->data, from->data, from->len);
        if (c->offset >= 0)
            to->data[*where = (uint32_t)c->offset] ^= c->xor_byte;
        else
            *where = flip(p, to->data, to->len, c->bits);
        if (c->repair)
            repair_checksums(to->data, to->len);
        if (memcmp(to->data, from->data, from->len) != 0)
            return true;
        if (c->offset >= 0)
            return false;
    }
    return false;
}

static enum verdict apply(struct fault *f, struct delivery *d)
{
    const struct fault_config *c = &f->config;
    uint32_t len = d->t.frame->len, where = 0;
    if (c->offset >= 0 && (uint32_t)c->offset >= len)
        return VERDICT_PASS;
    struct frame *changed = frame_new(len);
    if (changed == NULL) {
        d->why = WIRE_NO_MEMORY;
        return VERDICT_DROP;
    }
    struct prng p;
    impair_draw(f, d, &p);
    if (!corrupt(c, &p, d->t.frame, changed, &where)) {
        frame_unref(changed);
        return VERDICT_PASS;
    }
    frame_unref(d->t.frame);
    d->t.frame = changed;
    impair_record(d, WIRE_CORRUPTED, where, c->offset >= 0 ? 0 : c->bits, c->repair);
    return VERDICT_CHANGED;
}

const struct impair_ops impair_corrupt = {
    .kind = FAULT_CORRUPT, .problem = problem, .apply = apply};
