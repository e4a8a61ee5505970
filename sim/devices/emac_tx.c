/* emac_tx.c: the transmit engine: what is sent when, statuses, reset (sheet, 7 and 14).
 *
 * One frame at a time: taken from the ring (TX_IDLE), then deferring or colliding (TX_TRYING), then
 * on the wire (TX_WIRE). Fragments before the last are given back when their data has been taken,
 * which is when the frame starts; the last one when the frame has left. What happens to the frame
 * is decided when it is taken: emac_tx_frame.c. */
#include "sim/devices/emac_state.h"

#include <stddef.h>
#include <string.h>

#define PREAMBLE_BYTES 8u

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool data_in_flight(const struct emac *e)
{
    return e->tx.phase != TX_IDLE && !e->tx.pause;
}

bool emac_tx_active(const struct emac *e)
{
    return ((e->r[R_COMMAND] & COMMAND_TX_ENABLE) != 0 || data_in_flight(e)) &&
           e->tx.produce != e->tx.consume;
}

static uint32_t owned(const struct emac *e)
{
    const struct emac_tx *t = &e->tx;
    uint32_t count = t->produce >= t->consume
                         ? t->produce - t->consume
                         : e->r[R_TX_DESCRIPTOR_NUMBER] + 1 - t->consume + t->produce;

    return count == 0 && data_in_flight(e) ? 1 : count; /* an index moved back under it */
}

void emac_tx_fetch(struct emac *e)
{
    if (e->tx.dead || ((e->r[R_COMMAND] & COMMAND_TX_ENABLE) == 0 && !data_in_flight(e)))
        return;
    if (!emac_ahead_fill(e, &e->tx.ahead, R_TX_DESCRIPTOR, e->tx.consume, owned(e)))
        e->tx.dead = true;
}

/* ---- when ---- */

static uint64_t data_ns(const struct emac *e)
{
    uint64_t t = later(e->tx.free_ns, e->tx.ready_ns);

    if ((e->r[R_COMMAND] & COMMAND_TX_ENABLE) == 0 || e->tx.dead ||
        e->tx.produce == e->tx.consume || (e->r[R_TEST] & TEST_PAUSE) != 0)
        return EMAC_NEVER;
    if (emac_full_duplex(e))
        return later(t, e->flow.paused_ns);
    if (e->rx.carrier_until_ns != 0)
        t = later(t, e->rx.carrier_until_ns + emac_tx_gap_ns(e, e->r[R_IPGR]));
    return t;
}

uint64_t emac_tx_next(const struct emac *e)
{
    if (e->tx.phase != TX_IDLE)
        return e->tx.at_ns;
    if (e->tx.stalled || (e->r[R_MAC1] & MAC1_HOLDS_TX) != 0)
        return EMAC_NEVER;
    uint64_t data = data_ns(e);
    return e->flow.pending && e->tx.free_ns < data ? e->tx.free_ns : data;
}

/* ---- the end of a frame ---- */

void emac_tx_give_back(struct emac *e, uint32_t status, uint32_t interrupts)
{
    struct emac_tx *t = &e->tx;
    uint8_t *p = emac_dma(e, R_TX_STATUS, e->r[R_TX_STATUS] + t->consume * 4, 4,
                          "status outside the memory that DMA reaches");

    if (p == NULL) {
        t->dead = true;
        return;
    }
    emac_put32(p, status);
    if (t->ahead.count > 0) {
        if ((emac_ahead_first(e, &t->ahead, R_TX_DESCRIPTOR, t->consume).control &
             CONTROL_INTERRUPT) != 0)
            interrupts |= INT_TX_DONE;
        emac_ahead_drop(&t->ahead);
    }
    t->consume = emac_next_index(t->consume, e->r[R_TX_DESCRIPTOR_NUMBER]);
    if (!e->knobs.tx_consume_erratum || t->frames > 0)
        t->shown = t->consume;
    if (t->consume == t->produce)
        interrupts |= INT_TX_FINISHED;
    emac_raise(e, interrupts);
}

/* DMA reads a buffer while the frame leaves; whoever writes to it before its status is there sends
 * something else on the chip. The model sent what was handed over. */
static void check_buffer(const struct emac *e)
{
    const struct emac_tx *t = &e->tx;
    uint32_t packet = t->ahead.count > 0 ? t->ahead.d[t->ahead.head].packet : 0;

    if (packet == 0 || t->last_bytes == 0)
        return;
    const uint8_t *now = emac_dma(e, R_TX_DESCRIPTOR, packet, t->last_bytes,
                                  "buffer outside the memory that DMA reaches");
    if (now != NULL && memcmp(now, t->bytes + t->last_at, t->last_bytes) != 0)
        emac_guest_dma(e, GUEST_DESCRIPTOR, R_TX_DESCRIPTOR, packet, t->last_bytes,
                       "buffer changed before its frame had left");
}

/* Which interrupt an error that is not fatal raises (20.5). */
static uint32_t interrupt_of(const struct emac *e, uint32_t status)
{
    return e->knobs.underrun_always && (status & TX_UNDERRUN) != 0 ? INT_TX_UNDERRUN
                                                                   : INT_TX_ERROR;
}

static void finish_data(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    uint32_t status = t->status;

    if (t->stall) { /* the status cannot be written: nothing moves until TxReset */
        t->dead = true;
        e->count.tx_error++;
        emac_raise(e, INT_TX_UNDERRUN);
        return;
    }
    check_buffer(e);
    if ((status & TX_ERROR_CAUSES) != 0) {
        status |= TX_ERROR;
        e->count.tx_error++;
    } else if (t->on_medium || t->looped) {
        e->count.tx_sent++;
        e->count.tx_looped += t->looped;
    } else {
        e->count.tx_no_link++;
    }
    emac_tx_give_back(e, status, (status & TX_ERROR) == 0 ? 0 : interrupt_of(e, status));
    if (t->frames < 2)
        t->frames++;
}

static void finish(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    bool pause = t->pause;

    t->free_ns = e->now_ns + emac_tx_gap_ns(e, e->r[R_IPGT]);
    emac_tx_vectors(e);
    t->phase = TX_IDLE;
    e->flow.pressed = false;
    if (t->looped && (t->status & TX_ERROR_CAUSES) == 0)
        emac_rx_arrive(e, &(struct emac_arrival){.bytes = t->bytes, .length = t->length,
                                                 .fcs = t->bad_fcs ? t->fcs : NULL}, true);
    if (pause) {
        if ((t->status & TX_ERROR_CAUSES) == 0) {
            e->count.tx_pause++;
            emac_flow_sent(e);
        }
        return;
    }
    finish_data(e);
    emac_tx_fetch(e);
}

/* The frame stops here. */
static void cut(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    uint64_t gone = t->phase == TX_WIRE ? (e->now_ns - t->first_ns) / emac_byte_ns(e) : 0;
    uint32_t bytes = gone > PREAMBLE_BYTES ? (uint32_t)(gone - PREAMBLE_BYTES) : 0;

    if (bytes > t->wire)
        bytes = t->wire;
    t->status |= TX_UNDERRUN;
    t->wire = bytes;
    if (t->phase == TX_WIRE && t->on_medium && e->env.cut != NULL)
        e->env.cut(e->env.ctx, bytes, e->now_ns);
}

/* ---- the steps ---- */

static bool speed_matches(const struct emac *e, const struct mii_state *m)
{
    return (e->r[R_COMMAND] & COMMAND_RMII) == 0 ||
           ((e->r[R_SUPP] & SUPP_SPEED) != 0) == (m->mbps != 10);
}

static void put_on_wire(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    struct mii_state m = emac_medium(e);
    bool mac_loop = (e->r[R_MAC1] & MAC1_LOOPBACK) != 0;

    t->looped = mac_loop || (m.loopback && !m.isolated && speed_matches(e, &m));
    t->on_medium = !t->looped && m.link && !m.isolated && speed_matches(e, &m) && !m.loopback;
    t->first_ns = e->now_ns;
    t->at_ns = e->now_ns + (PREAMBLE_BYTES + t->wire) * emac_byte_ns(e);
    t->phase = TX_WIRE;
    if (t->on_medium && t->length > 0)
        e->env.transmit(e->env.ctx, t->bytes, t->length, t->bad_fcs, e->now_ns);
}

/* Half duplex: the medium was busy when this frame could have started. */
static bool carrier_deferred(const struct emac *e)
{
    uint64_t t = later(e->tx.free_ns, e->tx.ready_ns);

    return !emac_full_duplex(e) && e->rx.carrier_from_ns <= t && t < e->rx.carrier_until_ns;
}

static void take(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    bool pause = e->flow.pending && t->free_ns <= e->now_ns;

    if (!emac_medium(e).clock) {
        t->stalled = true;
        return;
    }
    t->status = t->tsv0 = 0;
    t->on_medium = t->looped = t->stall = t->bad_fcs = false;
    t->last_bytes = t->collided = 0;
    t->deferred = carrier_deferred(e);
    if (pause)
        emac_flow_build(e);
    else if (!emac_tx_gather(e))
        return;
    emac_tx_plan(e);
}

void emac_tx_event(struct emac *e)
{
    struct emac_tx *t = &e->tx;

    if (t->phase == TX_IDLE) {
        take(e);
        return;
    }
    if (!emac_medium(e).clock) { /* gone in the middle */
        cut(e);
        finish(e);
    } else if (t->phase == TX_TRYING && (t->wire > 0 || (t->status & TX_ERROR_CAUSES) == 0)) {
        put_on_wire(e); /* or the beginning of it: late collision, underrun */
    } else {
        finish(e);
    }
}

void emac_tx_hold(struct emac *e)
{
    if (e->tx.phase == TX_IDLE)
        return;
    cut(e);
    finish(e);
}

void emac_tx_abort(struct emac *e)
{
    if (e->tx.phase == TX_IDLE)
        return;
    cut(e);
    e->tx.phase = TX_IDLE;
    e->tx.free_ns = e->now_ns + emac_tx_gap_ns(e, e->r[R_IPGT]);
    e->count.tx_error++;
}

void emac_tx_reset(struct emac *e)
{
    struct emac_tx *t = &e->tx;

    if (data_in_flight(e))
        emac_tx_abort(e);
    t->produce = t->consume = t->shown = t->frames = 0;
    t->ahead.count = 0;
    t->ready_ns = 0;
    t->skipping = t->dead = false;
}
