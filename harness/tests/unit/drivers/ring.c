/* Long random runs: frames of every size and shape out and in, faults on both sides, a processor
 * that is away for a while, against lists of what has to come out. Nothing is lost that was not
 * counted as lost, nothing is torn, nothing comes twice or out of order.
 *
 * A round is 64 operations and a rest in which everything ends; then the lists are compared. */
#include "board.h"

#include "sim/prng.h"
#include "stack/drivers/lpc2468_regs.h"

#include <stdlib.h>

#define OPERATIONS 64u
#ifndef ROUNDS
#define ROUNDS 300u /* of each seed; unit.drivers_long: 5000, ten million operations */
#endif
#define LIST 512u

struct numbered {
    uint32_t serial;
    uint16_t bytes;
};

struct run {
    struct board *b;
    struct prng dice;
    struct numbered out[LIST], in[LIST]; /* accepted by the driver; put on the wire to it */
    unsigned outs, ins, bad_ins;         /* bad_ins: with a fault that the MAC reports */
    uint32_t serial;
    bool half_duplex;
};

static uint32_t below(struct run *r, uint32_t n)
{
    return (uint32_t)prng_below(&r->dice, n);
}

static uint16_t random_bytes(struct run *r, uint16_t least)
{
    static const uint16_t corners[] = {60, 61, 64, 511, 512, 513, 1020, 1024, 1513, 1514};
    if (below(r, 3) == 0)
        return corners[below(r, 10)];
    return (uint16_t)(least + below(r, 1515u - least));
}

static void send(struct run *r)
{
    static const pbuf_type types[] = {PBUF_RAM, PBUF_POOL, PBUF_ROM, PBUF_REF};
    uint8_t frame[BOARD_FRAME_MAX];
    uint16_t bytes = random_bytes(r, 18);
    board_make_frame(r->b, frame, bytes, r->serial);
    pbuf_type type = types[below(r, 4)];
    struct pbuf *p = board_chain(frame, bytes, 1 + below(r, 6), type);
    /* bytes of PBUF_ROM may not change; these are on our stack, and do */
    for (struct pbuf *q = p; q != NULL && type == PBUF_ROM; q = q->next)
        q->type_internal = (u8_t)PBUF_REF;
    err_t result = r->b->netif.linkoutput(&r->b->netif, p);
    pbuf_free(p);
    CHECKF(result == ERR_OK || result == ERR_MEM, "linkoutput says %d", result);
    if (result == ERR_OK)
        r->out[r->outs++] = (struct numbered){.serial = r->serial, .bytes = bytes};
    r->serial++;
}

static void arrive(struct run *r, unsigned fault)
{
    uint16_t bytes = random_bytes(r, 60);
    board_arrive_serial(r->b, bytes, r->serial, fault);
    r->in[r->ins++] = (struct numbered){.serial = r->serial++, .bytes = bytes};
    r->bad_ins += fault != 0 && fault != EMAC_RX_STALL;
}

static void break_sending(struct run *r)
{
    static const struct emac_tx_fault faults[] = {
        {.status_stall = true}, {.underrun = true},        {.collisions = 3},
        {.collisions = 16},     {.late_collision = true},  {.excessive_defer = true}};
    if (r->b->tx_fault_armed)
        return;
    r->b->tx_fault = faults[below(r, 6)];
    r->b->tx_fault_after = below(r, 4);
    r->b->tx_fault_armed = true;
}

static void operate(struct run *r)
{
    static const unsigned faults[] = {EMAC_RX_CRC,     EMAC_RX_ALIGNMENT, EMAC_RX_SYMBOL,
                                      EMAC_RX_OVERRUN, EMAC_RX_CUT,       EMAC_RX_STALL};
    switch (below(r, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        send(r);
        break;
    case 4:
    case 5:
    case 6:
        arrive(r, 0);
        break;
    case 7:
        arrive(r, below(r, 4) == 0 ? faults[below(r, 6)] : 0);
        break;
    case 8:
        if (below(r, 6) == 0)
            break_sending(r);
        break;
    case 9:
        r->b->busy = below(r, 3) == 0;
        break;
    default:
        board_run_us(r->b, below(r, 250));
        break;
    }
}

static bool is(const struct run *r, const struct board_frame *f, const struct numbered *n)
{
    uint8_t frame[BOARD_FRAME_MAX];
    uint32_t bytes = n->bytes < 60 ? 60 : n->bytes;
    if (f->bad_fcs || f->bytes != bytes)
        return false;
    board_make_frame(r->b, frame, n->bytes, n->serial);
    return memcmp(f->data, frame, n->bytes) == 0;
}

/* Each good frame of `seen` is one of `list`, in its order; returns how many were left out. */
static unsigned match(const struct run *r, const struct board_frame *seen, unsigned count,
                      const struct numbered *list, unsigned length, const char *what)
{
    unsigned at = 0, found = 0;
    for (unsigned i = 0; i < count; i++) {
        if (seen[i].bad_fcs)
            continue; /* cut short on the wire: nobody takes it for a frame */
        while (at < length && !is(r, &seen[i], &list[at]))
            at++;
        CHECKF(at < length, "%s: frame %u of %u is torn, doubled or out of order", what, i, count);
        at++;
        found++;
    }
    return length - found;
}

static unsigned counted_rx_errors(const struct lpc2468_emac_counters *c)
{
    return c->rx_crc + c->rx_alignment + c->rx_symbol + c->rx_overrun + c->rx_no_descriptor +
           c->rx_length + c->rx_no_memory;
}

/* What the MAC itself never gave to the driver: frames for which there was no descriptor, that were
 * on the wire while the receiver was off or was reset, whose status could not be written, or of
 * which less than 64 bytes came. */
static uint64_t kept_from_driver(const struct run *r)
{
    struct emac_counters c;
    emac_counters(r->b->emac, &c);
    return c.rx_overrun + c.rx_disabled + c.rx_reset + c.rx_collided + c.rx_no_link + c.rx_runt;
}

static void round_of(struct run *r)
{
    struct board *b = r->b;
    const struct lpc2468_emac_counters before = b->eth.mac.counters;
    const uint64_t kept_before = kept_from_driver(r);
    board_forget(b);
    r->outs = r->ins = r->bad_ins = 0;
    for (unsigned i = 0; i < OPERATIONS; i++)
        operate(r);
    b->busy = false;
    b->tx_fault_armed = false;
    board_run_us(b, r->half_duplex ? 60000 : 20000);
    lpc2468_ethernetif_poll(&b->eth);

    const struct lpc2468_emac_counters *c = &b->eth.mac.counters;
    unsigned unsent = match(r, b->sent, b->sent_count, r->out, r->outs, "sent");
    CHECK_INT(unsent, c->tx_failed - before.tx_failed);
    CHECK_INT(lpc2468_emac_tx_pending(&b->eth.mac), 0);
    CHECK_INT(b->eth.mac.tx_held, 0);
    CHECK_INT(b->eth.queue_count, 0);

    unsigned missing = match(r, b->received, b->received_count, r->in, r->ins, "received");
    uint64_t kept = kept_from_driver(r) - kept_before;
    unsigned errors = counted_rx_errors(c) - counted_rx_errors(&before);
    CHECKF(missing == errors + kept, "%u frames missing, %u bad, %u kept from the driver", missing,
           errors, (unsigned)kept);
    CHECK(errors - (c->rx_no_descriptor - before.rx_no_descriptor) <= r->bad_ins);
}

static void run(bool direct, bool interrupts, unsigned full, bool half_duplex, uint64_t seed)
{
    struct run *r = calloc(1, sizeof *r);
    CHECK(r != NULL);
    struct board *b = r->b = board_new(NULL);
    b->knobs.dma_anywhere = direct;
    b->knobs.rx_full = (uint8_t)full;
    b->knobs.tx_consume_erratum = (seed & 1) != 0;
    b->knobs.prefetch = seed & 2 ? 255 : 0;
    b->knobs.dma_ns = seed & 4 ? 1500 : 0;
    b->eth.emac.interrupts = interrupts;
    r->half_duplex = half_duplex;
    prng_init(&r->dice, seed, "ring");
    board_add(b);
    board_partner(b, true, half_duplex ? DM9161_100HD : DM9161_ALL_MODES);
    board_run_us(b, 3000000);
    CHECK(netif_is_link_up(&b->netif));
    for (unsigned i = 0; i < ROUNDS; i++)
        round_of(r);
    CHECK(b->eth.mac.counters.tx_recoveries > 0);
    CHECK(b->eth.mac.counters.rx_recoveries > 0);
    board_end(b);
    free(r);
}

UNIT(ring, copied_by_interrupt)
{
    for (uint64_t seed = 1; seed <= 8; seed++)
        run(false, true, EMAC_RX_FULL_OVERRUN, false, seed);
}

UNIT(ring, direct_by_interrupt)
{
    for (uint64_t seed = 11; seed <= 18; seed++)
        run(true, true, EMAC_RX_FULL_OVERRUN, false, seed);
}

UNIT(ring, copied_polled)
{
    for (uint64_t seed = 21; seed <= 24; seed++)
        run(false, false, EMAC_RX_FULL_OVERRUN, false, seed);
}

UNIT(ring, direct_with_a_receiver_that_wedges)
{
    for (uint64_t seed = 31; seed <= 38; seed++)
        run(true, true, EMAC_RX_FULL_WEDGE, false, seed);
}

UNIT(ring, half_duplex)
{
    for (uint64_t seed = 41; seed <= 44; seed++)
        run(seed & 1, true, EMAC_RX_FULL_OVERRUN, true, seed);
}
