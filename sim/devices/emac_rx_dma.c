/* emac_rx_dma.c: a frame on its way to memory: fragments, statuses, index, interrupts; the ring's
 * ends and its reset (sheet, 5, 6, 8 and 14). */
#include "sim/devices/emac_state.h"

#include <stddef.h>
#include <string.h>

#define STATUS_SIZE 8u
#define E2_NUMBER 5u /* below it, statuses shift */

static uint32_t free_descriptors(const struct emac *e)
{
    uint32_t count = e->r[R_RX_DESCRIPTOR_NUMBER] + 1;

    return (e->rx.consume + count - e->rx.fill - 1) % count;
}

bool emac_rx_full(const struct emac *e)
{
    return free_descriptors(e) == 0;
}

bool emac_rx_active(const struct emac *e)
{
    const struct emac_rx *r = &e->rx;
    bool in_flight = r->pending_count > 0 || (r->announced_dma && e->now_ns < r->carrier_until_ns);

    return ((e->r[R_COMMAND] & COMMAND_RX_ENABLE) != 0 || in_flight) && !emac_rx_full(e) &&
           !r->dead && !r->rests;
}

/* Nothing is looked at before there is a base: some enable first (6). */
void emac_rx_fetch(struct emac *e)
{
    if ((e->r[R_COMMAND] & COMMAND_RX_ENABLE) == 0 || e->rx.dead || e->r[R_RX_DESCRIPTOR] == 0)
        return;
    e->rx.rests = false;
    if (!emac_ahead_fill(e, &e->rx.ahead, R_RX_DESCRIPTOR, e->rx.fill, free_descriptors(e)))
        e->rx.dead = true;
}

void emac_rx_enable(struct emac *e)
{
    e->rx.ahead.count = 0;
    emac_rx_fetch(e);
}

/* What was read ahead is forgotten and read again later, as drivers build their descriptors now.
 * RxStatus is 0 until then, even where RxEnable was left on (14.1). */
void emac_rx_reset(struct emac *e)
{
    struct emac_rx *r = &e->rx;

    r->fill = r->produce = r->consume = 0;
    r->dead = r->announced_dma = r->spoilt = false;
    r->rests = true;
    r->pending_count = 0;
    r->ahead.count = 0;
    r->reset_ns = e->now_ns;
}

/* ---- statuses ---- */

uint64_t emac_rx_next(const struct emac *e)
{
    return e->rx.pending_count > 0 ? e->rx.pending[e->rx.pending_head].due_ns : EMAC_NEVER;
}

void emac_rx_commit(struct emac *e)
{
    struct emac_rx *r = &e->rx;
    struct emac_pending *p = &r->pending[r->pending_head];
    uint32_t number = e->r[R_RX_DESCRIPTOR_NUMBER], interrupts = p->interrupts;
    bool shifts = e->knobs.rx_number_erratum && number < E2_NUMBER;
    uint32_t slot = shifts ? emac_next_index(r->produce, number) : r->produce;
    uint8_t *s = emac_dma(e, R_RX_STATUS, e->r[R_RX_STATUS] + slot * STATUS_SIZE, STATUS_SIZE,
                          "status outside the memory that DMA reaches");

    r->pending_head = (r->pending_head + 1) % EMAC_PENDING;
    r->pending_count--;
    if (s == NULL) {
        r->dead = true;
        r->pending_count = 0;
        r->fill = r->produce;
        r->ahead.count = 0;
        return;
    }
    emac_put32(s, p->status);
    emac_put32(s + 4, p->hash);
    r->produce = emac_next_index(r->produce, number);
    if (!e->knobs.finished_when_empty && emac_next_index(r->produce, number) == r->consume)
        interrupts |= INT_RX_FINISHED;
    emac_raise(e, interrupts);
}

static void push_status(struct emac *e, uint32_t status, uint32_t hash, uint32_t interrupts)
{
    struct emac_rx *r = &e->rx;
    uint32_t at = (r->pending_head + r->pending_count) % EMAC_PENDING;

    r->pending[at] = (struct emac_pending){e->now_ns + e->knobs.dma_ns, status, hash, interrupts};
    r->pending_count++;
    r->fill = emac_next_index(r->fill, e->r[R_RX_DESCRIPTOR_NUMBER]);
    if (e->knobs.dma_ns == 0)
        emac_rx_commit(e);
}

/* ---- data ---- */

static void copy_out(const struct emac_stored *f, uint32_t from, uint32_t bytes, uint8_t *to)
{
    uint32_t data = from < f->length ? f->length - from : 0;

    if (data > bytes)
        data = bytes;
    if (data > 0)
        memcpy(to, f->bytes + from, data);
    if (bytes > data)
        memcpy(to + data, f->fcs + (from + data - f->length), bytes - data);
}

/* One descriptor's worth, from byte `done` on. Returns the bytes that went into it, 0: none can. */
static uint32_t put_fragment(struct emac *e, const struct emac_stored *f, uint32_t done,
                             uint32_t keep, uint32_t *control)
{
    struct emac_rx *r = &e->rx;

    if (!emac_ahead_fill(e, &r->ahead, R_RX_DESCRIPTOR, r->fill, free_descriptors(e)))
        return 0;
    struct emac_descriptor d = emac_ahead_first(e, &r->ahead, R_RX_DESCRIPTOR, r->fill);
    uint32_t size = (d.control & CONTROL_SIZE) + 1, bytes = keep - done;
    if (size == 1 && done == 0)
        emac_guest_dma(e, GUEST_SIZE, R_RX_DESCRIPTOR, e->r[R_RX_DESCRIPTOR] + r->fill * 8 + 4,
                       d.control, "a receive buffer of one byte: Size is 0");
    if (bytes > size)
        bytes = size;
    uint8_t *to = emac_dma(e, R_RX_DESCRIPTOR, d.packet, bytes, /* what is written, not the room */
                           "buffer outside the memory that DMA reaches");
    if (to == NULL)
        return 0;
    copy_out(f, done, bytes, to);
    emac_ahead_drop(&r->ahead);
    *control = d.control;
    return bytes;
}

static void count_stored(struct emac *e, uint32_t status)
{
    uint32_t hard = (RX_ERROR_CAUSES & ~RX_RANGE_ERROR) | RX_NO_DESCRIPTOR;

    if ((status & hard) != 0)
        e->count.rx_error++;
    else
        e->count.rx_stored++;
}

/* Status of the fragment that ends the frame. */
static uint32_t last_status(const struct emac *e, const struct emac_stored *f, bool missing,
                            bool lost)
{
    uint32_t status = f->status | RX_LAST_FLAG | (missing ? RX_NO_DESCRIPTOR : 0) |
                      (lost ? RX_OVERRUN : 0);
    uint32_t causes = RX_ERROR_CAUSES | (e->knobs.no_descriptor_error ? RX_NO_DESCRIPTOR : 0);

    return status | ((status & causes) != 0 ? RX_ERROR : 0);
}

void emac_rx_store(struct emac *e, const struct emac_stored *f)
{
    struct emac_rx *r = &e->rx;
    uint32_t keep = e->knobs.no_fcs_stored && f->total > 4 ? f->total - 4 : f->total;
    uint32_t done = 0, control = 0, status;

    if (f->stall || r->pending_count == EMAC_PENDING) {
        e->count.rx_overrun++;
        r->dead = true;
        emac_raise(e, INT_RX_OVERRUN);
        return;
    }
    r->rests = false;
    if (f->overrun)
        keep = (keep + 1) / 2;
    do {
        uint32_t bytes = put_fragment(e, f, done, keep, &control), interrupts;
        if (bytes == 0) {
            r->dead = true;
            return;
        }
        done += bytes;
        bool more = done < keep, missing = more && free_descriptors(e) == 1;
        bool lost = (f->overrun && !more) || (more && r->pending_count == EMAC_PENDING - 1);
        status = bytes - 1;
        if (!more || missing || lost)
            status |= last_status(e, f, missing, lost);
        interrupts = (control & CONTROL_INTERRUPT) != 0 ? INT_RX_DONE : 0;
        if ((status & (RX_ERROR | RX_NO_DESCRIPTOR)) != 0)
            interrupts |= INT_RX_ERROR;
        push_status(e, status, f->hash, interrupts);
    } while ((status & RX_LAST_FLAG) == 0 && !r->dead);
    count_stored(e, status);
    emac_rx_fetch(e);
}
