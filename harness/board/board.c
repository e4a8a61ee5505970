/* harness/board/board.c: see board.h. */
#include "harness/board/board.h"

#include "sim/arena.h"
#include "sim/devices/dm9161_regs.h"
#include "sim/prng.h"
#include "sim/sim.h"
#include "vnet/fault.h"
#include "vnet/frame.h"
#include "vnet/port.h"
#include "vnet/segment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ETHERNET_MIN 60u /* without FCS */
#define PHY_ADDRESS 0x1fu /* in RLSR */
#define TRANSMIT_MAX 4u /* frames ahead of the world: one an instruction, and the chip's own */

struct leaving {
    struct frame *frame;
    uint64_t t_ns;
};

struct board {
    struct sim *sim;
    struct port *port;
    struct board_owner owner;
    struct lpc2468 *chip;
    struct event event;  /* the chip does something by itself */
    struct event leave;  /* a frame that was sent ahead of the world */
    struct leaving leaving[TRANSMIT_MAX];
    uint32_t leaving_count;
    uint32_t source;
    struct mii_partner partner; /* if it was given */
    bool has_partner;
    struct chip_faults faults;
    uint32_t expected; /* kinds of guest errors, as bits */
    struct guest_error errors[BOARD_ERRORS_MAX];
    uint32_t error_count;
    uint64_t error_total;
};

/* ---- Time ---- */

static void arm(struct board *b)
{
    uint64_t next = lpc2468_next(b->chip);

    if (next != UINT64_MAX && next < b->sim->now_ns)
        next = b->sim->now_ns;
    if (next == UINT64_MAX)
        queue_cancel(b->sim->queue, &b->event);
    else if (!event_armed(&b->event) || b->event.t_ns != next)
        queue_arm(b->sim->queue, &b->event, next);
}

static void stir(struct board *b)
{
    if (b->owner.stirred != NULL)
        b->owner.stirred(b->owner.ctx);
}

static void due(void *arg)
{
    struct board *b = arg;

    lpc2468_advance(b->chip, b->sim->now_ns);
    stir(b);
    arm(b);
}

/* ---- To the wire ---- */

static void arm_leaving(struct board *b)
{
    if (b->leaving_count != 0)
        queue_arm(b->sim->queue, &b->leave, b->leaving[0].t_ns);
}

static void leave(void *arg)
{
    struct board *b = arg;
    struct frame *frame = b->leaving[0].frame;

    b->leaving_count--;
    memmove(&b->leaving[0], &b->leaving[1], b->leaving_count * sizeof b->leaving[0]);
    arm_leaving(b);
    (void)port_send(b->port, frame);
}

/* A frame that no receiver would take ends here, with a line in the trace. */
static void lose(struct board *b, const uint8_t *bytes, uint32_t length, unsigned reason)
{
    trace_emit(b->sim->trace, b->sim->now_ns, TRACE_FRAME_DROP, b->source, reason, 0, bytes,
               length);
}

static void transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs,
                     uint64_t now_ns)
{
    struct board *b = ctx;
    struct frame *frame = NULL;

    if (bad_fcs) {
        lose(b, bytes, length, WIRE_CORRUPTED);
        return;
    }
    if (length >= 1 && length <= FRAME_MAX)
        frame = frame_copy(bytes, length);
    if (frame == NULL) {
        lose(b, bytes, length, WIRE_NO_MEMORY);
        return;
    }
    if (now_ns <= b->sim->now_ns) {
        (void)port_send(b->port, frame);
        return;
    }
    assert(b->leaving_count < TRANSMIT_MAX);
    b->leaving[b->leaving_count++] = (struct leaving){frame, now_ns};
    arm_leaving(b);
    if (b->owner.sent_ahead != NULL)
        b->owner.sent_ahead(b->owner.ctx);
}

/* The frame that was given to transmit() last ends before its time: it is no frame. */
static void cut(void *ctx, uint32_t bytes, uint64_t now_ns)
{
    struct board *b = ctx;

    (void)bytes;
    (void)now_ns;
    if (b->leaving_count == 0) {
        (void)port_abort(b->port);
        return;
    }
    struct frame *frame = b->leaving[--b->leaving_count].frame;
    if (b->leaving_count == 0)
        queue_cancel(b->sim->queue, &b->leave);
    lose(b, frame->data, frame->len, WIRE_CORRUPTED);
    frame_unref(frame);
}

/* ---- From the wire ---- */

/* As the PHY has it; by registers, which know no time: the chip may be ahead of the world here. */
static bool half_duplex(const struct board *b)
{
    const struct dm9161 *phy = lpc2468_phy(b->chip);
    uint16_t control = dm9161_peek(phy, DM9161_BMCR);
    unsigned mode = dm9161_peek(phy, DM9161_DSCSR) & DSCSR_NO_RESULT;

    if ((control & BMCR_AN_ENABLE) == 0)
        return (control & BMCR_DUPLEX) == 0;
    return mode == DSCSR_100HDX || mode == DSCSR_10HDX;
}

/* That something was injected is part of the run's identity, whatever comes of it. */
static void note_hits(struct board *b, uint32_t hits, bool sending)
{
    if (hits != 0)
        trace_emit(b->sim->trace, b->sim->now_ns, TRACE_IMPAIR, b->source, WIRE_CORRUPTED, sending,
                   NULL, 0);
}

static struct emac_tx_fault tx_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    struct board *b = ctx;
    struct emac_tx_fault fault;

    (void)bytes;
    (void)length;
    note_hits(b, chip_faults_send(&b->faults, half_duplex(b), &fault), true);
    return fault;
}

/* A frame takes the wire's time of 60 bytes at least, and that is what a MAC sees of a shorter one:
 * with zeros behind it, or else everything that a Scapy port does not pad would be a runt. Real
 * runts come by injection (EMAC_RX_CUT). */
static void arrived(void *ctx, struct port *port, struct frame *frame)
{
    struct board *b = ctx;
    uint8_t padded[ETHERNET_MIN] = {0}, changed[CHIP_FRAME_MAX];
    struct emac_arrival a = {.bytes = frame->data, .length = frame->len};

    if (frame->len < ETHERNET_MIN) {
        memcpy(padded, frame->data, frame->len);
        a.bytes = padded;
        a.length = ETHERNET_MIN;
    }
    (void)port;
    note_hits(b, chip_faults_arrive(&b->faults, &a, changed), false);
    lpc2468_receive(b->chip, &a, b->sim->now_ns);
    frame_unref(frame);
    stir(b);
    arm(b);
}

/* A cable of 10 Mbit/s ends at somebody who can do no more. */
static void tell_partner(struct board *b, bool present)
{
    uint64_t rate = segment_rate(port_segment(b->port));
    struct mii_partner partner = {.present = present, .negotiates = true,
                                  .abilities = MII_10HD | MII_10FD};

    if (rate > 10000000u)
        partner.abilities |= MII_100HD | MII_100FD;
    if (b->has_partner) {
        partner = b->partner;
        partner.present = present;
    }
    lpc2468_partner(b->chip, &partner, b->sim->now_ns);
    lpc2468_advance(b->chip, b->sim->now_ns); /* what takes no time has happened */
}

static void link_changed(void *ctx, struct port *port, bool up)
{
    struct board *b = ctx;

    (void)port;
    tell_partner(b, up);
    stir(b);
    arm(b);
}

/* ---- What the chip tells ---- */

static void irq(void *ctx, bool i, bool f)
{
    struct board *b = ctx;

    if (b->owner.irq != NULL)
        b->owner.irq(b->owner.ctx, i, f);
}

static void link(void *ctx, bool up, uint64_t now_ns)
{
    struct board *b = ctx;

    if (b->owner.link != NULL)
        b->owner.link(b->owner.ctx, up, now_ns);
}

static void console(void *ctx, char byte)
{
    struct board *b = ctx;

    if (b->owner.console != NULL)
        b->owner.console(b->owner.ctx, byte);
}

static void *external(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct board *b = ctx;

    return b->owner.external != NULL ? b->owner.external(b->owner.ctx, addr, bytes) : NULL;
}

/* The kind and the register's address and value are part of the run's identity. */
void board_guest_error(struct board *b, const struct guest_error *error)
{
    b->error_total++;
    if (b->error_count < BOARD_ERRORS_MAX)
        b->errors[b->error_count++] = *error;
    trace_emit(b->sim->trace, b->sim->now_ns, TRACE_DEVICE, b->source,
               (uint64_t)error->kind << 32 | error->addr, error->value, error->reg,
               strlen(error->reg));
    if (b->owner.guest_error != NULL)
        b->owner.guest_error(b->owner.ctx, error);
}

static void guest_error(void *ctx, const struct guest_error *error)
{
    board_guest_error(ctx, error);
}

size_t board_errors(const struct board *b, const struct guest_error **errors, uint64_t *total)
{
    *errors = b->errors;
    *total = b->error_total;
    return b->error_count;
}

void board_errors_clear(struct board *b)
{
    b->error_count = 0;
    b->error_total = 0;
}

/* ---- Accesses ---- */

uint32_t board_read(struct board *b, uint32_t addr, unsigned bytes, uint64_t now_ns)
{
    uint32_t value = lpc2468_read(b->chip, addr, bytes, now_ns);

    arm(b);
    return value;
}

void board_write(struct board *b, uint32_t addr, uint32_t value, unsigned bytes, uint64_t now_ns)
{
    lpc2468_write(b->chip, addr, value, bytes, now_ns);
    arm(b);
}

struct lpc2468 *board_chip(struct board *b)
{
    return b->chip;
}

uint64_t board_next(const struct board *b)
{
    return lpc2468_next(b->chip);
}

/* ---- What goes wrong ---- */

uint32_t board_fault_add(struct board *b, const struct chip_fault_kind *kind, uint32_t skip,
                         uint32_t count, uint32_t amount)
{
    struct chip_faults *f = &b->faults;

    if (f->count == CHIP_FAULTS_MAX)
        return 0;
    f->list[f->count++] = (struct chip_fault){.kind = kind, .skip = skip, .count = count,
                                              .amount = amount};
    return f->count;
}

const struct chip_fault *board_fault(const struct board *b, uint64_t number)
{
    return number >= 1 && number <= b->faults.count ? &b->faults.list[number - 1] : NULL;
}

/* After something was done to the PHY. */
static void settle(struct board *b)
{
    lpc2468_advance(b->chip, b->sim->now_ns);
    stir(b);
    arm(b);
}

void board_mdio(struct board *b, bool answers)
{
    dm9161_silence(lpc2468_phy(b->chip), !answers);
    settle(b);
}

/* The chip is as far as the world before the clock stops: what was due has been done. The MAC finds
 * out at the end of a frame that is under way; the wire, at once. */
void board_clock(struct board *b, bool runs)
{
    lpc2468_advance(b->chip, b->sim->now_ns);
    if (!runs)
        (void)port_abort(b->port);
    dm9161_clock(lpc2468_phy(b->chip), runs);
    settle(b);
}

void board_partner(struct board *b, const struct mii_partner *partner)
{
    b->has_partner = partner != NULL;
    if (partner != NULL)
        b->partner = *partner;
    tell_partner(b, port_link_is_up(b->port));
    settle(b);
}

bool board_phy_write(struct board *b, unsigned reg, uint16_t value)
{
    struct mii_phy phy = dm9161_mii(lpc2468_phy(b->chip));
    unsigned address = dm9161_peek(lpc2468_phy(b->chip), DM9161_RLSR) & PHY_ADDRESS;

    lpc2468_advance(b->chip, b->sim->now_ns);
    bool written = phy.mdio(phy.ctx, address, reg, true, &value, b->sim->now_ns);
    settle(b);
    return written;
}

void board_expect(struct board *b, enum guest_error_kind kind)
{
    b->expected |= 1u << kind;
}

bool board_expects(const struct board *b, enum guest_error_kind kind)
{
    return (b->expected >> kind & 1u) != 0;
}

/* ---- Life ---- */

/* Stations that collide must not all wait equally long. */
static uint64_t back_off_seed(const struct board *b)
{
    struct prng stream;
    char name[300];

    snprintf(name, sizeof name, "board/%s", port_name(b->port));
    prng_init(&stream, b->sim->seed, name);
    return prng_u64(&stream);
}

struct board *board_new(struct sim *sim, struct port *port, uint32_t source,
                        const struct board_owner *owner, const struct board_config *config)
{
    struct board *b = arena_calloc(sizeof *b);
    void *memory = arena_alloc(lpc2468_size());

    if (b == NULL || memory == NULL) {
        arena_free(b, sizeof *b);
        arena_free(memory, lpc2468_size());
        return NULL;
    }
    b->sim = sim;
    b->port = port;
    b->owner = *owner;
    b->source = source;
    b->has_partner = config->partner != NULL;
    if (b->has_partner)
        b->partner = *config->partner;
    event_init(&b->event, due, b);
    event_init(&b->leave, leave, b);
    struct lpc2468_env env = {.ctx = b, .transmit = transmit, .cut = cut, .irq = irq, .link = link,
                              .console = console, .tx_fault = tx_fault,
                              .guest_error = guest_error, .flash = owner->flash,
                              .ram = owner->ram, .external = external};
    struct lpc2468_config chip = config->chip;
    chip.emac.seed = back_off_seed(b);
    b->chip = lpc2468_init(memory, &env, &chip, sim->now_ns);
    struct port_owner side = {.receive = arrived, .link_changed = link_changed, .ctx = b};
    port_attach(port, &side);
    tell_partner(b, port_link_is_up(port));
    arm(b);
    return b;
}

void board_free(struct board *b)
{
    port_attach(b->port, NULL);
    queue_cancel(b->sim->queue, &b->event);
    queue_cancel(b->sim->queue, &b->leave);
    for (uint32_t i = 0; i < b->leaving_count; i++)
        frame_unref(b->leaving[i].frame);
    arena_free(b->chip, lpc2468_size());
    arena_free(b, sizeof *b);
}

const char *board_check(const struct board *b)
{
    if (b->leaving_count > TRANSMIT_MAX || b->error_count > BOARD_ERRORS_MAX)
        return "board: a count is beyond its table";
    for (uint32_t i = 1; i < b->leaving_count; i++)
        if (b->leaving[i].t_ns < b->leaving[i - 1].t_ns)
            return "board: frames leave out of order";
    const char *faults = chip_faults_check(&b->faults);
    return faults != NULL ? faults : lpc2468_check(b->chip);
}
