/* emac_tx_frame.c: one frame to be sent: gathering, padding, FCS, limits, its fate on a shared
 * medium, and its status vector (sheet, 4.17, 7, 10 and 12). */
#include "sim/devices/emac_state.h"

#include <stddef.h>
#include <string.h>

#define ADDRESSES 12u
#define PREAMBLE_BYTES 8u
#define JAM_BYTES 4u
#define SLOT_BITS 512u
#define BACKOFF_MAX 10u
#define DEFER_NIBBLES_100 6071u /* excessive deferral, in nibble times */
#define DEFER_BITS_10 24287u    /* in bit times */
#define TYPE_LIMIT 1500u

uint64_t emac_tx_gap_ns(const struct emac *e, uint32_t gap)
{
    uint32_t nibbles = (gap & 0x7f) + (emac_full_duplex(e) ? 3 : 6);

    return nibbles * emac_bits_ns(e, 4);
}

/* ---- from the ring ---- */

static bool copy_fragment(struct emac *e, const struct emac_descriptor *d)
{
    struct emac_tx *t = &e->tx;
    uint32_t bytes = (d->control & CONTROL_SIZE) + 1, room = EMAC_FRAME_MAX - 4 - t->length;
    const uint8_t *p = emac_dma(e, R_TX_DESCRIPTOR, d->packet, bytes,
                                "buffer outside the memory that DMA reaches");

    if (p == NULL)
        return false;
    if (bytes > room)
        bytes = room;
    memcpy(t->bytes + t->length, p, bytes);
    t->last_at = t->length;
    t->last_bytes = bytes;
    t->length += bytes;
    return true;
}

/* A frame whose next fragment is not there yet is lost, up to its end, whenever that comes. */
static void pass_fragment(struct emac *e, bool last)
{
    struct emac_tx *t = &e->tx;
    bool missing = !last && emac_next_index(t->consume, e->r[R_TX_DESCRIPTOR_NUMBER]) == t->produce;
    uint32_t error = missing && !t->skipping ? INT_TX_ERROR : 0;

    e->count.tx_error += error != 0;
    t->skipping = t->skipping || missing;
    emac_tx_give_back(e, t->skipping ? TX_NO_DESCRIPTOR : 0, error);
    if (last)
        t->skipping = false;
}

bool emac_tx_gather(struct emac *e)
{
    struct emac_tx *t = &e->tx;

    t->length = 0;
    t->pause = false;
    while (t->produce != t->consume && !t->dead) {
        emac_tx_fetch(e);
        if (t->dead)
            break;
        struct emac_descriptor d = emac_ahead_first(e, &t->ahead, R_TX_DESCRIPTOR, t->consume);
        uint32_t end = CONTROL_LAST | (e->knobs.last_needs_override ? CONTROL_OVERRIDE : 0);
        bool last = (d.control & end) == end;
        if (!t->skipping && !copy_fragment(e, &d)) {
            t->dead = true;
            break;
        }
        if (last && !t->skipping) {
            t->control = d.control;
            return true;
        }
        pass_fragment(e, last);
        if (last)
            t->length = 0;
    }
    return false;
}

/* ---- its bytes ---- */

/* Length below which the frame is padded, without FCS; 0: never. */
static uint32_t pad_to(const struct emac *e, bool pad)
{
    uint32_t mac2 = e->r[R_MAC2];
    const uint8_t *type = e->tx.bytes + 12;

    if (!pad)
        return 0;
    if ((mac2 & MAC2_VLAN_PAD_ENABLE) != 0)
        return 64;
    if ((mac2 & MAC2_AUTO_DETECT_PAD) != 0 && e->tx.length >= 14 && type[0] == 0x81 && type[1] == 0)
        return 64;
    return 60;
}

static uint32_t crc_of(const struct emac *e, uint32_t from)
{
    const struct emac_tx *t = &e->tx;

    return t->length > from ? emac_crc(EMAC_CRC_START, t->bytes + from, t->length - from)
                            : EMAC_CRC_START;
}

/* Only `wire` bytes go out, and what stands at their end is no FCS. */
static void shorten(struct emac *e, uint32_t wire)
{
    struct emac_tx *t = &e->tx;

    if (wire >= t->wire)
        return;
    t->wire = wire;
    t->length = wire > 4 ? wire - 4 : wire;
    t->bad_fcs = true;
    emac_crc_fcs(~crc_of(e, 0), t->fcs); /* wrong in every bit */
}

static void add_fcs(struct emac *e, bool append)
{
    struct emac_tx *t = &e->tx;
    uint32_t head = (e->r[R_MAC2] & MAC2_DELAYED_CRC) != 0 ? 4 : 0;
    uint8_t own[4], whole[4];

    if (append) {
        t->wire = t->length + 4;
        if (head == 0)
            return;
        emac_crc_fcs(crc_of(e, head), t->fcs);
        emac_crc_fcs(crc_of(e, 0), whole);
        t->bad_fcs = memcmp(t->fcs, whole, 4) != 0; /* as the others on the wire see it */
        return;
    }
    t->wire = t->length;
    if (t->length <= 4) {
        t->bad_fcs = true;
        t->tsv0 |= TSV0_CRC_ERROR;
        memset(t->fcs, 0, 4);
        return;
    }
    t->length -= 4;
    memcpy(t->fcs, t->bytes + t->length, 4);
    emac_crc_fcs(crc_of(e, head), own);
    emac_crc_fcs(crc_of(e, 0), whole);
    if (memcmp(t->fcs, own, 4) != 0)
        t->tsv0 |= TSV0_CRC_ERROR;
    t->bad_fcs = memcmp(t->fcs, whole, 4) != 0;
}

static void form(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    uint32_t mac2 = e->r[R_MAC2], maxf = e->r[R_MAXF];
    bool override = (t->control & CONTROL_OVERRIDE) != 0;
    bool huge = override ? (t->control & CONTROL_HUGE) != 0 : (mac2 & MAC2_HUGE_FRAME_ENABLE) != 0;
    bool pad = override ? (t->control & CONTROL_PAD) != 0 : (mac2 & MAC2_PAD_CRC_ENABLE) != 0;
    bool crc = override ? (t->control & CONTROL_CRC) != 0 : (mac2 & MAC2_CRC_ENABLE) != 0;
    uint32_t least = pad_to(e, pad);

    if (t->length < ADDRESSES)
        emac_guest(e, GUEST_FRAME, R_TX_PRODUCE_INDEX, false, t->length,
                   "frame shorter than its addresses");
    if (t->length < least) {
        memset(t->bytes + t->length, 0, least - t->length);
        t->length = least;
        crc = true;
    }
    add_fcs(e, crc);
    if (t->wire > maxf && !huge) {
        emac_guest(e, GUEST_FRAME, R_MAXF, false, t->wire, "frame longer than MAXF without Huge");
        shorten(e, maxf);
        t->tsv0 |= e->knobs.tx_cut_silently ? 0 : TSV0_GIANT;
    }
}

/* ---- its fate ---- */

static uint64_t defer_limit_ns(const struct emac *e)
{
    return emac_byte_ns(e) == 80 ? emac_bits_ns(e, 4) * DEFER_NIBBLES_100
                                 : emac_bits_ns(e, 1) * DEFER_BITS_10;
}

/* Nanoseconds from the n-th collision's jam to the next attempt, n from 1. */
static uint64_t back_off_ns(struct emac *e, unsigned n)
{
    uint32_t mac2 = e->r[R_MAC2];
    uint64_t gap = emac_tx_gap_ns(e, e->r[R_IPGT]), slots;

    if ((mac2 & MAC2_NO_BACKOFF) != 0 ||
        ((mac2 & MAC2_BP_NO_BACKOFF) != 0 && emac_flow_pressing(e)))
        return gap;
    slots = prng_below(&e->backoff, (uint64_t)1 << (n < BACKOFF_MAX ? n : BACKOFF_MAX));
    slots *= emac_bits_ns(e, SLOT_BITS);
    return slots > gap ? slots : gap;
}

/* Moves at_ns to the attempt that succeeds or is the last. */
static void collide(struct emac *e, unsigned collisions)
{
    struct emac_tx *t = &e->tx;
    unsigned limit = e->r[R_CLRT] & 0xf, count = collisions > limit ? limit : collisions;
    uint64_t attempt = (PREAMBLE_BYTES + JAM_BYTES) * emac_byte_ns(e);

    for (unsigned n = 1; n <= count; n++)
        t->at_ns += attempt + back_off_ns(e, n);
    t->collided = count * JAM_BYTES;
    t->status |= count << TX_COLLISIONS_SHIFT;
    if (collisions > limit) {
        t->at_ns += attempt;
        t->collided += JAM_BYTES;
        t->status |= TX_EXCESSIVE_COLLISION;
        t->wire = 0;
    }
}

static void share_medium(struct emac *e, const struct emac_tx_fault *f)
{
    struct emac_tx *t = &e->tx;

    if (t->deferred || f->defer || f->excessive_defer)
        t->status |= TX_DEFER;
    if (f->defer)
        t->at_ns += emac_bits_ns(e, SLOT_BITS);
    if (f->excessive_defer) {
        t->at_ns += defer_limit_ns(e);
        if ((e->r[R_MAC2] & MAC2_EXCESS_DEFER) == 0) {
            t->status |= TX_EXCESSIVE_DEFER;
            t->wire = 0;
            return;
        }
    }
    collide(e, f->collisions);
    if (f->late_collision && (t->status & TX_EXCESSIVE_COLLISION) == 0) {
        t->status |= TX_LATE_COLLISION;
        shorten(e, (e->r[R_CLRT] >> 8 & 0x3f) + 2); /* the byte behind the window */
    }
}

static void check_duplex(struct emac *e)
{
    bool mac2 = (e->r[R_MAC2] & MAC2_FULL_DUPLEX) != 0;

    if (mac2 == emac_full_duplex(e) || e->duplex_told)
        return;
    e->duplex_told = true;
    emac_guest(e, GUEST_DUPLEX, R_MAC2, false, e->r[R_MAC2],
               "MAC2.FULL-DUPLEX and Command.FullDuplex differ while a frame is sent");
}

void emac_tx_plan(struct emac *e)
{
    struct emac_tx *t = &e->tx;
    struct emac_tx_fault fault = {0};

    t->at_ns = e->now_ns;
    t->phase = TX_TRYING;
    if (t->pause) {
        t->wire = t->length + 4;
        return;
    }
    check_duplex(e);
    form(e);
    if (e->env.tx_fault != NULL)
        fault = e->env.tx_fault(e->env.ctx, t->bytes, t->length);
    t->stall = fault.status_stall;
    e->flow.pressed = e->flow.pressed || emac_flow_pressing(e);
    if (!emac_full_duplex(e))
        share_medium(e, &fault);
    t->deferred = false;
    if (fault.underrun && (t->status & TX_ERROR_CAUSES) == 0) {
        t->status |= TX_UNDERRUN;
        shorten(e, t->wire / 2);
    }
}

/* ---- its status vector ---- */

void emac_tx_vectors(struct emac *e)
{
    const struct emac_tx *t = &e->tx;
    struct emac_traits traits = emac_traits(t->bytes, t->length, TYPE_LIMIT);
    uint32_t mac2 = e->r[R_MAC2], v = t->tsv0 | TSV0_DONE;
    bool huge = (mac2 & MAC2_HUGE_FRAME_ENABLE) != 0;

    v |= traits.length_error && !huge && (mac2 & MAC2_FRAME_LENGTH_CHECK) != 0
             ? TSV0_LENGTH_CHECK_ERROR : 0;
    v |= traits.out_of_range && !huge && !e->knobs.no_range_quirk ? TSV0_LENGTH_OUT_OF_RANGE : 0;
    v |= traits.multicast ? TSV0_MULTICAST : 0;
    v |= traits.broadcast ? TSV0_BROADCAST : 0;
    v |= (t->status & TX_DEFER) != 0 ? TSV0_DEFER : 0;
    v |= (t->status & TX_EXCESSIVE_DEFER) != 0 ? TSV0_EXCESSIVE_DEFER : 0;
    v |= (t->status & TX_EXCESSIVE_COLLISION) != 0 ? TSV0_EXCESSIVE_COLLISION : 0;
    v |= (t->status & TX_LATE_COLLISION) != 0 ? TSV0_LATE_COLLISION : 0;
    v |= (t->status & TX_UNDERRUN) != 0 ? TSV0_UNDERRUN : 0;
    v |= traits.control ? TSV0_CONTROL_FRAME : 0;
    v |= traits.pause ? TSV0_PAUSE : 0;
    v |= e->flow.pressed ? TSV0_BACK_PRESSURE : 0;
    v |= traits.vlan ? TSV0_VLAN : 0;
    v |= ((t->wire + t->collided) & 0xffff) << TSV0_TOTAL_SHIFT;
    e->r[R_TSV0] = v;
    e->r[R_TSV1] = (t->wire & 0xffff) |
                   (t->status >> TX_COLLISIONS_SHIFT & 0xf) << TSV1_COLLISIONS_SHIFT;
}
