/* emac.c: the EMAC's life: reset, time, arrival, counters, check. Contract: emac.h; the cut into
 * files: README.md. */
#include "sim/devices/emac_state.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define MODULE_ID 0x39022001u
#define HCLK_HZ 72000000u
#define MCFG_WIDTH 3u
#define PREFETCH 3u
#define ABSENT 0xffffu

size_t emac_size(void)
{
    return sizeof(struct emac);
}

static void fill_defaults(struct emac_knobs *k)
{
    k->mcfg_width = k->mcfg_width == 0 ? MCFG_WIDTH : k->mcfg_width > 4 ? 4 : k->mcfg_width;
    k->prefetch = k->prefetch == 0 ? PREFETCH : k->prefetch;
    k->miim_absent = k->miim_absent == 0 ? ABSENT : k->miim_absent;
    k->module_id = k->module_id == 0 ? MODULE_ID : k->module_id;
    k->hclk_hz = k->hclk_hz == 0 ? HCLK_HZ : k->hclk_hz;
}

static void power_up(struct emac *e)
{
    emac_registers_reset(e, R_MAC1);
    prng_init(&e->backoff, e->knobs.seed, "emac.backoff");
}

struct emac *emac_init(void *memory, const struct emac_env *env, const struct emac_knobs *knobs)
{
    struct emac *e = memory;

    memset(e, 0, sizeof *e);
    e->env = *env;
    if (knobs != NULL)
        e->knobs = *knobs;
    fill_defaults(&e->knobs);
    power_up(e);
    return e;
}

void emac_reset(struct emac *e, uint64_t now_ns)
{
    struct emac_env env = e->env;
    struct emac_knobs knobs = e->knobs;
    struct emac_counters count;
    bool line;

    emac_advance(e, now_ns);
    emac_tx_abort(e); /* whoever hears the wire is told */
    line = e->line;
    count = e->count;
    memset(e, 0, sizeof *e);
    e->env = env;
    e->knobs = knobs;
    e->count = count;
    e->now_ns = now_ns;
    e->rx.reset_ns = now_ns;
    e->line = line;
    power_up(e);
    emac_line(e);
}

/* ---- the medium ---- */

struct mii_state emac_medium(const struct emac *e)
{
    if (e->env.phy.state == NULL)
        return (struct mii_state){0};
    return e->env.phy.state(e->env.phy.ctx, e->now_ns);
}

uint64_t emac_byte_ns(const struct emac *e)
{
    return emac_medium(e).mbps == 10 ? 800 : 80;
}

uint64_t emac_bits_ns(const struct emac *e, uint64_t bits)
{
    return bits * emac_byte_ns(e) / 8;
}

/* ---- time ---- */

enum emac_event { EVENT_RX, EVENT_TX, EVENT_MIIM, EVENT_MIRROR, EVENTS };

/* The earliest; of equal ones the first in the order above. */
static uint64_t next_event(const struct emac *e, enum emac_event *which)
{
    uint64_t t[EVENTS] = {
        [EVENT_RX] = emac_rx_next(e),
        [EVENT_TX] = emac_tx_next(e),
        [EVENT_MIIM] = e->miim.op != MIIM_IDLE ? e->miim.done_ns : EMAC_NEVER,
        [EVENT_MIRROR] = emac_flow_next(e),
    };
    unsigned first = 0;

    for (unsigned i = 1; i < EVENTS; i++)
        if (t[i] < t[first])
            first = i;
    *which = (enum emac_event)first;
    return t[first];
}

uint64_t emac_next(const struct emac *e)
{
    enum emac_event which;

    return next_event(e, &which);
}

/* Does what is due up to until_ns. The line is told after each event, so that an interrupt routine
 * finds the registers as they are at that time. */
void emac_run(struct emac *e, uint64_t until_ns)
{
    enum emac_event which;
    uint64_t t;

    if (e->tx.stalled && emac_medium(e).clock)
        e->tx.stalled = false;
    while ((t = next_event(e, &which)) <= until_ns && t != EMAC_NEVER) {
        if (t > e->now_ns)
            e->now_ns = t;
        switch (which) {
        case EVENT_RX:
            emac_rx_commit(e);
            break;
        case EVENT_TX:
            emac_tx_event(e);
            break;
        case EVENT_MIIM:
            emac_miim_done(e);
            break;
        default:
            emac_flow_mirror(e);
        }
        emac_line(e);
    }
}

void emac_advance(struct emac *e, uint64_t now_ns)
{
    emac_run(e, now_ns);
    if (now_ns > e->now_ns)
        e->now_ns = now_ns;
}

bool emac_hung(const struct emac *e)
{
    return e->hung;
}

/* ---- frames ---- */

void emac_carrier(struct emac *e, uint64_t until_ns, uint64_t now_ns)
{
    emac_advance(e, now_ns);
    e->rx.carrier_from_ns = now_ns;
    e->rx.carrier_until_ns = until_ns;
    e->rx.announced_dma = e->rx_enable.on;
}

void emac_receive(struct emac *e, const struct emac_arrival *frame, uint64_t now_ns)
{
    emac_advance(e, now_ns);
    emac_rx_arrive(e, frame, false);
    e->rx.announced_dma = false;
    emac_run(e, now_ns);
    emac_line(e);
}

/* ---- for others to look at ---- */

void emac_counters(const struct emac *e, struct emac_counters *out)
{
    *out = e->count;
}

const char *emac_check(const struct emac *e)
{
    const struct emac_rx *r = &e->rx;
    const struct emac_tx *t = &e->tx;
    uint32_t rx_number = e->r[R_RX_DESCRIPTOR_NUMBER], tx_number = e->r[R_TX_DESCRIPTOR_NUMBER];

    if (r->fill > rx_number || r->produce > rx_number || r->consume > rx_number)
        return "a receive index is beyond RxDescriptorNumber";
    if (t->produce > tx_number || t->consume > tx_number || t->shown > tx_number)
        return "a transmit index is beyond TxDescriptorNumber";
    if (r->ahead.count > EMAC_AHEAD || t->ahead.count > EMAC_AHEAD)
        return "more descriptors read ahead than there is room for";
    if (r->ahead.head >= EMAC_AHEAD || t->ahead.head >= EMAC_AHEAD)
        return "the queue of descriptors read ahead begins outside itself";
    if (r->pending_count > EMAC_PENDING ||
        (r->produce + r->pending_count) % (rx_number + 1) != r->fill)
        return "receive statuses under way do not fill the gap to the next descriptor";
    if (t->length > EMAC_FRAME_MAX || t->wire > EMAC_FRAME_MAX)
        return "the frame under way is longer than the largest";
    if (t->phase > TX_WIRE || e->miim.op > MIIM_WRITE)
        return "an engine is in a state that does not exist";
    for (unsigned i = 0; i < EMAC_REGS; i++)
        if ((e->r[i] & ~emac_register_row((enum emac_reg)i)->mask) != 0)
            return "a register holds bits that it does not have";
    if (e->line != ((e->r[R_INT_STATUS] & e->r[R_INT_ENABLE]) != 0))
        return "the interrupt line is not what IntStatus and IntEnable make it";
    return NULL;
}
