/* emac_rx.c: a frame arrives: enables, MAC-level checks, control frames, filter, wake-up; what is
 * left goes to emac_rx_dma.c (sheet, 4.17, 8, 9, 11, 15).
 *
 * The model is told of a frame when its last bit has come. Its first bit's time follows from its
 * length and the speed: what was switched off or in reset then does not see the frame. */
#include "sim/devices/emac_state.h"

#include <stddef.h>
#include <string.h>

#define PREAMBLE_BYTES 8u
#define TOTAL_MIN 64u
#define TOTAL_MIN_VLAN 68u
#define TYPE_LIMIT 1518u /* of RSV; TSV0's is 1500 (4.17) */

struct arrival {
    const struct emac_arrival *frame;
    uint64_t first_ns;
    uint32_t head; /* proprietary header in front of the addresses (MAC2.3) */
    uint8_t fcs[4];
    bool crc_good;
    struct emac_traits traits;
    struct emac_stored stored;
};

static bool was_on(const struct emac_gate *g, uint64_t t_ns)
{
    return (g->on && g->since_ns <= t_ns) || (g->off_ns > t_ns && g->before_ns <= t_ns);
}

/* ---- does anything come in at all ---- */

/* NULL: it does; else what counts it. */
static uint64_t *kept_out(struct emac *e, const struct arrival *a, bool looped)
{
    struct mii_state m = emac_medium(e);
    bool garbled = (e->r[R_COMMAND] & COMMAND_RMII) != 0 &&
                   ((e->r[R_SUPP] & SUPP_SPEED) != 0) != (m.mbps != 10);

    if (!looped && (!m.clock || !m.link || m.isolated || m.loopback || garbled ||
                    (e->r[R_MAC1] & MAC1_LOOPBACK) != 0))
        return &e->count.rx_no_link;
    if (!was_on(&e->receive_enable, a->first_ns))
        return &e->count.rx_disabled;
    if ((e->r[R_MAC1] & MAC1_HOLDS_RX) != 0 || e->rx.reset_ns > a->first_ns)
        return &e->count.rx_reset;
    if (!looped && emac_flow_collides(e, a->first_ns))
        return &e->count.rx_collided;
    return NULL;
}

/* ---- what the MAC makes of it ---- */

static void check_fcs(struct emac *e, struct arrival *a)
{
    const struct emac_arrival *f = a->frame;
    uint32_t from = a->head < f->length ? a->head : f->length;
    uint8_t right[4];

    emac_crc_fcs(emac_crc(EMAC_CRC_START, f->bytes, f->length), right);
    memcpy(a->fcs, f->fcs != NULL ? f->fcs : right, 4);
    if (from > 0)
        emac_crc_fcs(emac_crc(EMAC_CRC_START, f->bytes + from, f->length - from), right);
    if ((f->faults & (EMAC_RX_CRC | EMAC_RX_ALIGNMENT)) != 0)
        for (unsigned i = 0; i < 4; i++)
            a->fcs[i] = (uint8_t)~right[i];
    if (e->rx.spoilt)
        a->fcs[3] = (uint8_t)~right[3];
    e->rx.spoilt = false;
    a->crc_good = (f->faults & EMAC_RX_CUT) == 0 && memcmp(a->fcs, right, 4) == 0;
}

/* Bytes in front of the FCS that came. */
static uint32_t data_length(const struct arrival *a)
{
    return a->frame->length < a->stored.total ? a->frame->length : a->stored.total;
}

static void look(struct emac *e, struct arrival *a)
{
    uint32_t length = data_length(a), rsv = a->stored.total & 0xffff;
    uint32_t mac2 = e->r[R_MAC2];
    bool symbol = (a->frame->faults & EMAC_RX_SYMBOL) != 0;
    bool check = (mac2 & MAC2_FRAME_LENGTH_CHECK) != 0 && (mac2 & MAC2_HUGE_FRAME_ENABLE) == 0;

    check_fcs(e, a);
    a->traits = emac_traits(a->frame->bytes + (a->head < length ? a->head : 0),
                            a->head < length ? length - a->head : 0, TYPE_LIMIT);
    const struct emac_traits *t = &a->traits;
    if (e->knobs.no_range_quirk || (mac2 & MAC2_HUGE_FRAME_ENABLE) != 0)
        a->traits.out_of_range = false;
    a->traits.length_error = t->length_error && check;
    rsv |= e->rx.previous | (symbol ? RSV_CODE_VIOLATION : 0);
    e->rx.previous = 0;
    rsv |= a->crc_good ? 0 : RSV_CRC_ERROR;
    rsv |= t->length_error ? RSV_LENGTH_CHECK_ERROR : 0;
    rsv |= t->out_of_range ? RSV_LENGTH_OUT_OF_RANGE : 0;
    rsv |= a->crc_good && !symbol ? RSV_RECEIVE_OK : 0;
    rsv |= t->multicast ? RSV_MULTICAST : 0;
    rsv |= t->broadcast ? RSV_BROADCAST : 0;
    rsv |= (a->frame->faults & EMAC_RX_ALIGNMENT) != 0 ? RSV_DRIBBLE_NIBBLE : 0;
    rsv |= t->control ? RSV_CONTROL_FRAME : 0;
    rsv |= t->pause ? RSV_PAUSE : 0;
    rsv |= t->control && !t->pause ? RSV_UNSUPPORTED_OPCODE : 0;
    rsv |= t->vlan ? RSV_VLAN : 0;
    e->r[R_RSV] = rsv;
}

/* true: the frame's preamble is not to this MAC's taste. */
static bool preamble_refused(const struct emac *e, unsigned faults)
{
    uint32_t mac2 = e->r[R_MAC2];

    return ((faults & EMAC_RX_PREAMBLE) != 0 && (mac2 & MAC2_PURE_PREAMBLE) != 0) ||
           ((faults & EMAC_RX_LONG_PREAMBLE) != 0 && (mac2 & MAC2_LONG_PREAMBLE) != 0);
}

static bool runt_refused(struct emac *e, const struct arrival *a)
{
    bool tagged = a->traits.vlan && e->knobs.vlan_runt;
    uint32_t least = tagged ? TOTAL_MIN_VLAN : TOTAL_MIN;

    if (a->stored.total >= least)
        return false;
    e->rx.previous |= RSV_RXDV;
    return (e->r[R_COMMAND] & COMMAND_PASS_RUNT_FRAME) == 0 || !a->crc_good ||
           data_length(a) < a->head + 12; /* no addresses to judge it by */
}

/* Control frames: PAUSE is obeyed; true: swallowed. */
static bool control(struct emac *e, const struct arrival *a)
{
    static const uint8_t everybody[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01};
    const uint8_t *da = a->frame->bytes + a->head;
    uint8_t station[6];

    if (!a->traits.control || !a->crc_good)
        return false;
    emac_filter_station(e, station);
    if (a->traits.pause && (memcmp(da, everybody, 6) == 0 || memcmp(da, station, 6) == 0)) {
        e->count.rx_pause++;
        emac_flow_pause(e, a->traits.quanta);
    }
    return (e->r[R_MAC1] & MAC1_PASS_ALL) == 0;
}

/* ---- behind the MAC ---- */

/* true: the frame woke the chip, and is lost by it. */
static bool woke(struct emac *e, const struct arrival *a, unsigned match)
{
    uint32_t wanted = e->r[R_RX_FILTER_CTRL], *status = &e->r[R_RX_FILTER_WOL_STATUS];
    uint32_t reasons = 0;

    if ((wanted & (FILTER_RX_WOL | FILTER_MAGIC_WOL)) == 0 || !a->crc_good)
        return false;
    if ((wanted & FILTER_RX_WOL) != 0 && match != 0)
        reasons |= WOL_RX_FILTER | match;
    if ((wanted & FILTER_MAGIC_WOL) != 0 &&
        emac_filter_magic(e, a->frame->bytes, data_length(a)))
        reasons |= WOL_MAGIC;
    if (reasons == 0)
        return false;
    bool slept = (reasons & (WOL_RX_FILTER | WOL_MAGIC) & ~*status) != 0;
    *status |= reasons;
    emac_raise(e, INT_WAKEUP);
    return slept;
}

static bool dma_was_on(const struct emac *e, const struct arrival *a)
{
    if (e->rx.announced_dma && e->rx.carrier_until_ns == e->now_ns)
        return true;
    return e->rx_enable.on && was_on(&e->rx_enable, a->first_ns);
}

/* A new frame while the array is full (20.4). */
static void overrun(struct emac *e)
{
    e->count.rx_overrun++;
    if (e->knobs.rx_full == EMAC_RX_FULL_SILENT)
        return;
    emac_raise(e, INT_RX_OVERRUN);
    if (e->knobs.rx_full == EMAC_RX_FULL_WEDGE)
        e->rx.dead = true;
}

static void hand_over(struct emac *e, struct arrival *a, unsigned match)
{
    const struct emac_traits *t = &a->traits;
    struct emac_stored *s = &a->stored;
    unsigned faults = a->frame->faults;
    bool huge = (e->r[R_MAC2] & MAC2_HUGE_FRAME_ENABLE) != 0;

    s->status = (t->control ? RX_CONTROL_FRAME : 0) | (t->vlan ? RX_VLAN : 0) |
                (match == 0 ? RX_FAIL_FILTER : 0) | (t->multicast ? RX_MULTICAST : 0) |
                (t->broadcast ? RX_BROADCAST : 0) | (a->crc_good ? 0 : RX_CRC_ERROR) |
                ((faults & EMAC_RX_SYMBOL) != 0 ? RX_SYMBOL_ERROR : 0) |
                (t->length_error ? RX_LENGTH_ERROR : 0) |
                ((faults & EMAC_RX_ALIGNMENT) != 0 ? RX_ALIGNMENT_ERROR : 0);
    if (t->out_of_range || (s->total > e->r[R_MAXF] && !huge))
        s->status |= RX_RANGE_ERROR;
    s->hash = emac_filter_hash(e, a->frame->bytes + a->head);
    s->bytes = a->frame->bytes;
    s->length = a->frame->length;
    memcpy(s->fcs, a->fcs, 4);
    s->overrun = (faults & EMAC_RX_OVERRUN) != 0;
    s->stall = (faults & EMAC_RX_STALL) != 0;
    emac_rx_store(e, s);
}

static void judge(struct emac *e, struct arrival *a)
{
    if (runt_refused(e, a)) {
        e->count.rx_runt++;
        return;
    }
    if (control(e, a))
        return;
    unsigned match = emac_filter_match(e, a->frame->bytes + a->head);
    if (woke(e, a, match)) {
        e->count.rx_woke++;
    } else if (match == 0 && (e->r[R_COMMAND] & COMMAND_PASS_RX_FILTER) == 0) {
        e->rx.previous |= RSV_IGNORED;
        e->count.rx_filtered++;
    } else if (!dma_was_on(e, a)) {
        e->count.rx_disabled++;
    } else if (e->rx.dead) {
        e->count.rx_overrun++;
    } else if (emac_rx_full(e)) {
        overrun(e);
    } else {
        hand_over(e, a, match);
    }
}

void emac_rx_arrive(struct emac *e, const struct emac_arrival *frame, bool looped)
{
    struct emac_arrival f = *frame;
    struct arrival a = {.frame = &f};

    if (f.length > EMAC_FRAME_MAX - 4)
        f.length = EMAC_FRAME_MAX - 4;
    a.stored.total = f.length + 4;
    if ((f.faults & EMAC_RX_CUT) != 0 && f.cut < a.stored.total)
        a.stored.total = f.cut;
    uint64_t took = (PREAMBLE_BYTES + a.stored.total) * emac_byte_ns(e);
    a.first_ns = e->now_ns > took ? e->now_ns - took : 0;
    a.head = (e->r[R_MAC2] & MAC2_DELAYED_CRC) != 0 ? 4 : 0;
    uint64_t *lost = kept_out(e, &a, looped);
    if (lost != NULL) {
        ++*lost;
        return;
    }
    if (f.length == 0 || a.stored.total == 0) {
        e->rx.previous |= RSV_CARRIER; /* nothing but noise */
        return;
    }
    if (preamble_refused(e, f.faults)) {
        e->rx.previous |= RSV_IGNORED;
        e->count.rx_error++;
        return;
    }
    if (e->knobs.power_down_erratum && e->rx.power_down_ns > a.first_ns) {
        e->rx.spoilt = true;
        e->count.rx_reset++;
        return;
    }
    look(e, &a);
    judge(e, &a);
}
