/* stack/drivers/lpc2468_emac_tx.c: the transmit ring (5 to 7) and the memory behind it.
 *
 * The ring is read from tx_done (oldest that may still be on its way) to tx_produce. A status is
 * marked before its fragment is handed over; a mark that is gone says "sent" even where
 * TxConsumeIndex does not move (erratum E1). Descriptors are taken again by TxConsumeIndex alone.
 *
 * TX memory is a ring of bytes. A frame's copied bytes are in one piece there, frames in the order
 * of the ring; head == tail means empty. */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

#include "lwip/def.h"

#include <string.h>

#define HEADER_BYTES 14u
#define NO_MEMORY 0xffffffffu
#define FAILURES                                                                                   \
    (LPC_TXSTATUS_EXCESSIVEDEFER | LPC_TXSTATUS_EXCESSIVECOLLISION | LPC_TXSTATUS_LATECOLLISION |  \
     LPC_TXSTATUS_UNDERRUN | LPC_TXSTATUS_NODESCRIPTOR)

/* How a frame goes into the ring. */
struct plan {
    unsigned fragments;
    uint16_t copied; /* bytes in TX memory */
    bool all;        /* everything is copied */
    bool direct;     /* at least one pbuf is read where it is */
};

/* A walk over a packet's pbufs, without padding in front and empty ones. */
struct walk {
    struct pbuf *next;
    uint16_t skip, left;
    const u8_t *bytes;
    uint16_t count;
    bool changes; /* its bytes may change behind our back */
};

/* Of a packet that is long enough to have its padding. */
static uint16_t frame_bytes(const struct pbuf *p)
{
    return (uint16_t)(p->tot_len - ETH_PAD_SIZE);
}

static struct walk walk_begin(struct pbuf *p)
{
    return (struct walk){.next = p, .skip = ETH_PAD_SIZE, .left = frame_bytes(p)};
}

static bool walk_on(struct walk *w)
{
    while (w->left > 0) {
        struct pbuf *p = w->next;
        uint16_t skip = LWIP_MIN(w->skip, p->len);
        w->bytes = (const u8_t *)p->payload + skip;
        uint16_t here = (uint16_t)(p->len - skip);
        w->count = LWIP_MIN(here, w->left);
        w->changes = PBUF_NEEDS_COPY(p) != 0;
        w->skip = (uint16_t)(w->skip - skip);
        w->left = (uint16_t)(w->left - w->count);
        w->next = p->next;
        if (w->count > 0)
            return true;
    }
    return false;
}

/* Where DMA finds the bytes; 0: they have to be copied. */
static uint32_t reach(const struct lpc2468_emac *e, const struct walk *w)
{
    return e->config.copy || w->changes ? 0 : bus_address(e->bus, w->bytes, w->count);
}

static struct plan make_plan(const struct lpc2468_emac *e, struct pbuf *p)
{
    struct plan plan = {0};
    bool copying = false;
    struct walk w = walk_begin(p);
    while (walk_on(&w)) {
        bool direct = reach(e, &w) != 0;
        plan.fragments += direct || !copying;
        plan.direct |= direct;
        plan.copied = (uint16_t)(plan.copied + (direct ? 0 : w.count));
        copying = !direct;
    }
    if (plan.fragments >= e->config.tx_descriptors)
        plan = (struct plan){.fragments = 1, .all = true, .copied = frame_bytes(p)};
    return plan;
}

/* ---- TX memory ---- */

/* Offset of `bytes` in one piece, not taken yet; NO_MEMORY: there are none. */
static uint32_t find_memory(const struct lpc2468_emac *e, uint32_t bytes)
{
    uint32_t head = e->tx_memory_head, tail = e->tx_memory_tail;
    if (head < tail)
        return tail - head > bytes ? head : NO_MEMORY;
    if (e->tx_memory_bytes - head > bytes)
        return head;
    return tail > bytes || (tail == head && e->tx_memory_bytes > bytes) ? 0 : NO_MEMORY;
}

static uint32_t whole_words(uint32_t bytes)
{
    return (bytes + 3u) & ~3u;
}

/* ---- What comes back ---- */

void lpc_emac_tx_release(struct lpc2468_emac *e)
{
    struct lpc2468_emac_tx *t = &e->tx[e->tx_done];
    if (t->held != NULL) {
        e->tx_held--;
        pbuf_free(t->held);
    }
    if (t->copied)
        e->tx_memory_tail = t->memory_end;
    *t = (struct lpc2468_emac_tx){0};
    e->tx_done = (uint8_t)lpc_emac_next_index(e->tx_done, e->config.tx_descriptors);
}

void lpc_emac_tx_drop(struct lpc2468_emac *e)
{
    while (e->tx_done != e->tx_produce)
        lpc_emac_tx_release(e);
}

static void count(struct lpc2468_emac *e, uint32_t status)
{
    struct lpc2468_emac_counters *c = &e->counters;
    c->tx_collisions += (status & LPC_TXSTATUS_COLLISIONS) >> LPC_TXSTATUS_COLLISIONS_SHIFT;
    c->tx_excessive_defer += (status & LPC_TXSTATUS_EXCESSIVEDEFER) != 0;
    c->tx_excessive_collision += (status & LPC_TXSTATUS_EXCESSIVECOLLISION) != 0;
    c->tx_late_collision += (status & LPC_TXSTATUS_LATECOLLISION) != 0;
    c->tx_underrun += (status & LPC_TXSTATUS_UNDERRUN) != 0;
    c->tx_no_descriptor += (status & LPC_TXSTATUS_NODESCRIPTOR) != 0;
    c->tx_failed += (status & FAILURES) != 0;
    c->tx_frames += (status & FAILURES) == 0;
}

void lpc_emac_tx_take_back(struct lpc2468_emac *e)
{
    unsigned n = e->config.tx_descriptors;
    e->tx_consume = (uint8_t)lpc_emac_get(e, LPC_TXCONSUMEINDEX);
    /* 0: the index says nothing of tx_done; it may lag behind it (E1), too */
    unsigned passed = lpc_emac_distance(e->tx_done, e->tx_consume, n);
    if (passed > lpc_emac_distance(e->tx_done, e->tx_produce, n))
        passed = 0;
    while (e->tx_done != e->tx_produce) {
        uint32_t status = lpc_emac_get(e, lpc_emac_tx_status(e, e->tx_done));
        if (status == EMAC_TX_MARK && passed == 0)
            return;
        passed -= passed > 0;
        e->tx_errors |= status == EMAC_TX_MARK ? 0 : status;
        if (e->tx[e->tx_done].last) {
            count(e, e->tx_errors);
            e->tx_errors = 0;
        }
        lpc_emac_tx_release(e);
    }
}

/* TxDone shall come when something is sent from now on. */
static void wake_on_done(struct lpc2468_emac *e)
{
    if (e->tx_wakes || !e->config.interrupts)
        return;
    e->tx_wakes = true;
    lpc_emac_set(e, LPC_INTCLEAR, LPC_INT_TXDONE);
    lpc_emac_change(e, LPC_INTENABLE, 0, LPC_INT_TXDONE);
    lpc_emac_tx_take_back(e); /* what was sent before the old TxDone was cleared */
}

void lpc2468_emac_reclaim(struct lpc2468_emac *e)
{
    if (!e->started)
        return;
    e->tx_waits = false;
    lpc_emac_tx_take_back(e);
    if (e->tx_held > 0)
        wake_on_done(e);
}

unsigned lpc2468_emac_tx_pending(const struct lpc2468_emac *e)
{
    return lpc_emac_distance(e->tx_done, e->tx_produce, e->config.tx_descriptors);
}

/* ---- Sending ---- */

/* One slot stays empty: a full ring would look like an empty one. */
static bool fits(const struct lpc2468_emac *e, const struct plan *plan)
{
    unsigned n = e->config.tx_descriptors;
    unsigned room = n - 1 - lpc_emac_distance(e->tx_consume, e->tx_produce, n);
    return plan->fragments <= room &&
           (plan->copied == 0 || find_memory(e, whole_words(plan->copied)) != NO_MEMORY);
}

struct filling {
    unsigned at, last;   /* next descriptor, the one before */
    uint32_t run, bytes; /* of copied bytes: offset where they begin, how many */
};

static void put_fragment(struct lpc2468_emac *e, struct filling *f, uint32_t address,
                         uint32_t bytes)
{
    lpc_emac_set(e, lpc_emac_tx_descriptor(e, f->at), address);
    lpc_emac_set(e, lpc_emac_tx_descriptor(e, f->at) + 4, bytes - 1);
    lpc_emac_set(e, lpc_emac_tx_status(e, f->at), EMAC_TX_MARK);
    e->tx[f->at] = (struct lpc2468_emac_tx){0};
    f->last = f->at;
    f->at = lpc_emac_next_index(f->at, e->config.tx_descriptors);
}

/* Ends a run of copied bytes: they are one fragment, however many pbufs they came from. */
static void put_run(struct lpc2468_emac *e, struct filling *f)
{
    if (f->bytes > 0)
        put_fragment(e, f, e->tx_memory + f->run, f->bytes);
    f->run += f->bytes;
    f->bytes = 0;
}

/* Of a frame's last fragment. Padding and FCS are what MAC2 says as well; Override is there for
 * chips that, as one sentence of the manual has it, see Last only with it (sheet, 20.7). */
#define CONTROL_END                                                                                \
    (LPC_CONTROL_LAST | LPC_CONTROL_INTERRUPT | LPC_CONTROL_OVERRIDE | LPC_CONTROL_PAD |           \
     LPC_CONTROL_CRC)

static void put_frame(struct lpc2468_emac *e, struct pbuf *p, const struct plan *plan)
{
    struct filling f = {.at = e->tx_produce};
    uint32_t begin = plan->copied > 0 ? find_memory(e, whole_words(plan->copied)) : 0;
    f.run = begin;
    struct walk w = walk_begin(p);
    while (walk_on(&w)) {
        uint32_t address = plan->all ? 0 : reach(e, &w);
        if (address == 0) {
            memcpy(bus_pointer(e->bus, e->tx_memory + f.run + f.bytes, w.count), w.bytes, w.count);
            f.bytes += w.count;
        } else {
            put_run(e, &f);
            put_fragment(e, &f, address, w.count);
        }
    }
    put_run(e, &f);
    uint32_t control = lpc_emac_tx_descriptor(e, f.last) + 4;
    lpc_emac_set(e, control, lpc_emac_get(e, control) | CONTROL_END);
    struct lpc2468_emac_tx *t = &e->tx[f.last];
    t->last = true;
    if (plan->copied > 0) {
        t->copied = true;
        t->memory_end = (uint16_t)(begin + whole_words(plan->copied));
        e->tx_memory_head = t->memory_end;
    }
    if (plan->direct) {
        t->held = p;
        e->tx_held++;
        pbuf_ref(p);
    }
    e->tx_produce = (uint8_t)f.at;
}

err_t lpc2468_emac_send(struct lpc2468_emac *e, struct pbuf *p)
{
    if (!e->started)
        return ERR_CONN;
    if (p->tot_len < ETH_PAD_SIZE + HEADER_BYTES || frame_bytes(p) > e->config.frame_max - EMAC_FCS)
        return ERR_BUF;
    struct plan plan = make_plan(e, p);
    bool stopped = e->tx_broken || e->tx_stopping;
    if (!stopped)
        lpc_emac_tx_take_back(e);
    if (!stopped && !fits(e, &plan))
        wake_on_done(e);
    if (stopped || !fits(e, &plan)) {
        e->tx_waits = true;
        return ERR_WOULDBLOCK;
    }
    put_frame(e, p, &plan);
    lpc_emac_set(e, LPC_TXPRODUCEINDEX, e->tx_produce);
    if (e->tx_held > 0)
        wake_on_done(e);
    return ERR_OK;
}

void lpc_emac_tx_program(struct lpc2468_emac *e)
{
    lpc_emac_set(e, LPC_TXDESCRIPTOR, e->tx_descriptors);
    lpc_emac_set(e, LPC_TXSTATUS, e->tx_statuses);
    lpc_emac_set(e, LPC_TXDESCRIPTORNUMBER, e->config.tx_descriptors - 1u);
    e->tx_consume = 0;
}
