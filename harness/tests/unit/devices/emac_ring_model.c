/* The reference: see emac_ring_model.h. */
#include "emac_ring_model.h"

uint32_t below(struct world *w, uint32_t n)
{
    return (uint32_t)prng_below(&w->chance, n);
}

static uint8_t pattern(uint32_t number, uint32_t i)
{
    return (uint8_t)(number * 31 + i * (number % 7 + 1) + (i >> 5));
}

void make(uint8_t *f, uint32_t length, uint32_t number, bool foreign)
{
    memcpy(f, foreign ? "\x02\2\2\2\2\2" : STATION, 6);
    for (uint32_t i = 6; i < length; i++)
        f[i] = pattern(number, i);
    for (uint32_t i = 0; i < 4 && 14 + i < length; i++)
        f[14 + i] = (uint8_t)(number >> 8 * i);
    memcpy(f + 12, "\x08\x00", 2);
}

enum fate tx_fate(uint32_t number)
{
    return number % 977 == 3 ? STALL : number % 13 == 5 ? UNDERRUN : FINE;
}

enum fate rx_fate(uint32_t number)
{
    return number % 991 == 6 ? STALL : number % 17 == 3 ? CRC : number % 19 == 4 ? SYMBOL
           : number % 23 == 5 ? OVERRUN : FINE;
}

/* ---- the reference: transmit ---- */

static void tx_give_back(struct world *w, uint32_t status)
{
    struct tx_model *t = &w->tx;
    struct descriptor d = t->q[t->head];

    t->head = (t->head + 1) % QUEUE;
    t->count--;
    t->status[t->consume] = status;
    t->consume = (t->consume + 1) % t->n;
    w->ints |= (d.irq ? TX_DONE : 0) | (t->count == 0 ? TX_FINISHED : 0);
}

static void tx_expect(struct world *w, uint32_t wire, uint32_t length, bool bad)
{
    struct tx_model *t = &w->tx;

    t->done = t->now + (8 + wire) * BYTE_NS;
    CHECK(w->heard_count > 0);
    struct heard *h = &w->heard[0];
    CHECK_INT(h->number, t->number);
    CHECK_INT(h->length, length);
    CHECK_INT(h->bad, bad);
    CHECK_INT(h->t, t->now);
    uint8_t f[SLOT * 3] = {0}; /* what is padded is 0 */
    make(f, t->length, t->number, false);
    CHECK_MEM(h->bytes, f, length);
    w->heard_count--;
    memmove(h, h + 1, w->heard_count * sizeof *h);
}

static void tx_start(struct world *w)
{
    struct tx_model *t = &w->tx;
    uint32_t fragments = 0, wire;

    t->length = 0;
    while (fragments < t->count && !t->q[(t->head + fragments) % QUEUE].last)
        t->length += t->q[(t->head + fragments++) % QUEUE].bytes;
    if (t->skipping || fragments == t->count) { /* its end is not there: it is lost */
        bool first = !t->skipping;
        t->skipping = fragments == t->count;
        while (fragments > 1 && first) {
            tx_give_back(w, 0);
            fragments--;
        }
        while (fragments-- > 0)
            tx_give_back(w, 0x40000000);
        if (!t->skipping)
            tx_give_back(w, 0x40000000);
        w->ints |= first ? TX_ERROR : 0;
        return;
    }
    t->number = t->q[(t->head + fragments) % QUEUE].number;
    t->length += t->q[(t->head + fragments) % QUEUE].bytes;
    while (fragments-- > 0)
        tx_give_back(w, 0);
    t->flying = true;
    wire = (t->length < 60 ? 60 : t->length) + 4;
    if (tx_fate(t->number) == UNDERRUN)
        tx_expect(w, wire / 2, wire / 2 - 4, true);
    else
        tx_expect(w, wire, wire - 4, false);
}

void tx_advance(struct world *w, uint64_t until)
{
    struct tx_model *t = &w->tx;

    for (;;) {
        if (t->flying) {
            if (t->done > until)
                break;
            t->now = t->done;
            t->free_at = t->done + GAP_NS;
            t->flying = false;
            if (tx_fate(t->number) == STALL) {
                t->dead = true;
                w->ints |= TX_UNDERRUN;
            } else {
                bool under = tx_fate(t->number) == UNDERRUN;
                tx_give_back(w, under ? S_ERROR | 0x20000000 : 0);
                w->ints |= under ? TX_ERROR : 0;
                w->frames_out++;
            }
            continue;
        }
        uint64_t start = t->now > t->free_at ? t->now : t->free_at;
        if (!t->enabled || t->dead || t->count == 0 || start > until)
            break;
        t->now = start;
        tx_start(w);
    }
    t->now = until;
}

/* ---- the reference: receive ---- */

uint32_t rx_free(const struct rx_model *r)
{
    return r->n - 1 - (r->produce + r->n - r->consume) % r->n;
}

static void rx_store(struct world *w, enum fate fate)
{
    struct rx_model *r = &w->rx;
    struct expected x = {.number = r->air_number, .length = r->air_length};
    uint32_t want = r->air_length + 4, left;
    bool missing = false;

    if (fate == OVERRUN)
        want = (want + 1) / 2;
    left = want;
    while (left > 0 && !missing) {
        uint32_t i = r->produce, bytes = left < r->size[i] ? left : r->size[i];
        left -= bytes;
        x.bytes += bytes;
        w->ints |= r->irq[i] ? RX_DONE : 0;
        r->produce = (r->produce + 1) % r->n;
        missing = left > 0 && rx_free(r) == 0;
        w->ints |= rx_free(r) == 0 ? RX_FINISHED : 0;
    }
    x.status = (fate == CRC ? S_CRC | S_ERROR : 0) | (fate == SYMBOL ? 0x81000000 : 0) |
               (fate == OVERRUN && !missing ? 0x90000000 : 0) | (missing ? 0x20000000 : 0);
    w->ints |= x.status != 0 ? RX_ERROR : 0;
    r->q[(r->head + r->count++) % QUEUE] = x;
    CHECK(r->count <= QUEUE);
}

void rx_land(struct world *w)
{
    struct rx_model *r = &w->rx;
    enum fate fate = rx_fate(r->air_number);

    r->air = false;
    if (r->air_lost || r->air_length + 4 < 64 || r->air_foreign || !r->enabled ||
        !r->air_enabled || r->dead) {
        w->lost_on_purpose++;
    } else if (rx_free(r) == 0) {
        w->ints |= RX_OVERRUN;
        w->lost_on_purpose++;
    } else if (fate == STALL) {
        w->ints |= RX_OVERRUN;
        r->dead = true;
        w->lost_on_purpose++;
    } else {
        rx_store(w, fate);
    }
}
