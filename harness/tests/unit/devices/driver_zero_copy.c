/* driver_zero_copy.c: an interrupt-driven driver that copies nothing, in the manner of ports of
 * lwIP: frames lie in fragments of 800 bytes where DMA put them, at odd addresses; whoever takes
 * them keeps them for a while, and descriptors are refilled later, in batches, out of order. The
 * first buffers are handed over by the same routine, index by index. Frames are sent in two
 * fragments with Override, the first of 14 bytes. The interrupt routine masks what the task is to
 * do. The two directions recover by themselves, by MAC1's RESET MCS bits and Status (sheet, 5, 7,
 * 8, 17, 19). */
#include "world.h"

enum {
    RX = 8, TX = 8, BUFFERS = 14, FRAGMENT = 800, STEP = 804, TX_SLOTS = 3, TX_STEP = 1516,
    PHY = 5 << 8, HEADER = 14
};
#define RX_STATUSES ERAM
#define RX_DESCRIPTORS (RX_STATUSES + 8 * RX)
#define TX_DESCRIPTORS (RX_DESCRIPTORS + 8 * RX)
#define TX_STATUSES (TX_DESCRIPTORS + 8 * TX)
#define POOL (TX_STATUSES + 4 * TX)
#define TX_AREA (POOL + BUFFERS * STEP)
_Static_assert(POOL + BUFFERS * STEP + TX_SLOTS * TX_STEP <= ERAM_END, "it fits");
#define RX_EVENTS 0x0fu
#define TX_EVENTS 0xf0u
#define RX_WANTED 0x0du /* RxError would come with each frame (16, E4) */
#define TX_WANTED 0xb0u
#define BAD 0x39800000u
#define NONE 0xffu

struct zero_copy {
    struct world *w;
    bool full, fast;
    uint8_t in_ring[RX];         /* which buffer a descriptor has */
    uint8_t free[BUFFERS], held[BUFFERS];
    unsigned frees, holds;
    uint32_t rx_next, rx_fill;   /* to look at, to refill */
    uint32_t tx_put, tx_got;     /* slots of TX_AREA, counted on */
    uint32_t tx_seen;            /* TxConsumeIndex, as far as slots were taken back */
    bool due, rx_lost, tx_lost;
    unsigned polls, interrupts, rx_recoveries, tx_recoveries, tx_errors;
};

static uint32_t buffer_at(unsigned n)
{
    return POOL + n * STEP + (n & 3); /* byte aligned (5) */
}

/* ---- receive ---- */

/* As far as buffers go; one index write each at first, and one for all later. */
static void refill(struct zero_copy *d, uint32_t end, bool each)
{
    uint32_t before = d->rx_fill;

    do {
        if (d->frees == 0)
            break;
        unsigned n = d->free[--d->frees];
        d->in_ring[d->rx_fill] = (uint8_t)n;
        store(d->w, RX_DESCRIPTORS + 8 * d->rx_fill + 4, 0x80000000u | (FRAGMENT - 1));
        store(d->w, RX_DESCRIPTORS + 8 * d->rx_fill, buffer_at(n));
        store(d->w, RX_STATUSES + 8 * d->rx_fill, 0xffffffffu);
        d->rx_fill = (d->rx_fill + 1) % RX;
        if (each)
            store(d->w, EMAC(0x118), d->rx_fill);
    } while (d->rx_fill != end);
    if (!each && d->rx_fill != before)
        store(d->w, EMAC(0x118), d->rx_fill);
}

static void rx_setup(struct zero_copy *d)
{
    d->rx_next = d->rx_fill = 0;
    store(d->w, EMAC(0x108), RX_DESCRIPTORS);
    store(d->w, EMAC(0x10c), RX_STATUSES);
    store(d->w, EMAC(0x110), RX - 1);
    refill(d, 0, true);
}

static void tx_setup(struct zero_copy *d)
{
    d->tx_put = d->tx_got = d->tx_seen = 0;
    store(d->w, EMAC(0x11c), TX_DESCRIPTORS);
    store(d->w, EMAC(0x120), TX_STATUSES);
    store(d->w, EMAC(0x124), TX - 1);
    store(d->w, EMAC(0x128), 0);
}

/* The whole of a frame, if its last fragment is there. Its buffers are kept. */
static void take(struct zero_copy *d, uint32_t produce)
{
    uint8_t bytes[4 * FRAGMENT];
    uint32_t length = 0, status = 0, i = d->rx_next;

    do {
        CHECK(i != produce); /* a frame's statuses are all there when its first one is */
        status = load(d->w, RX_STATUSES + 8 * i);
        uint32_t size = (status & 0x7ff) + 1;
        CHECK(size == FRAGMENT || status & 1u << 30);
        copy_out(d->w, buffer_at(d->in_ring[i]), bytes + length, size);
        length += size;
        d->held[d->holds++] = d->in_ring[i];
        d->in_ring[i] = NONE;
        i = (i + 1) % RX;
    } while (!(status & 1u << 30));
    d->rx_next = i;
    if ((status & BAD) == 0)
        world_took(d->w, bytes, length - 4);
    else /* of a frame that found the ring too short (8) */
        CHECK_INT(status & BAD, 0x20000000);
}

static void recover_rx(struct zero_copy *d)
{
    struct world *w = d->w;

    d->rx_recoveries++;
    d->rx_lost = false;
    store(w, EMAC(0), load(w, EMAC(0)) | 0x800);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) & ~1u);
    for (unsigned polls = 0; load(w, EMAC(0x104)) & 1; polls++)
        CHECK(polls < 100000);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 0x20);
    for (uint32_t i = 0; i < RX; i++)
        if (d->in_ring[i] != NONE)
            d->free[d->frees++] = d->in_ring[i];
    memset(d->in_ring, NONE, sizeof d->in_ring);
    while (d->frees < RX && d->holds > 0) /* whoever has them has to give some back */
        d->free[d->frees++] = d->held[--d->holds];
    rx_setup(d);
    store(w, EMAC(0), load(w, EMAC(0)) & ~0x800u);
    store(w, EMAC(0xfe8), RX_EVENTS);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 1);
    store(w, EMAC(0), load(w, EMAC(0)) | 1);
}

/* ---- transmit ---- */

static void reclaim(struct zero_copy *d)
{
    uint32_t consume = load(d->w, EMAC(0x12c));

    for (; d->tx_seen != consume; d->tx_seen = (d->tx_seen + 1) % TX) {
        if (load(d->w, TX_STATUSES + 4 * d->tx_seen) >> 31)
            d->tx_errors++;
        if (load(d->w, TX_DESCRIPTORS + 8 * d->tx_seen + 4) & 1u << 30)
            d->tx_got++;
    }
}

static void recover_tx(struct zero_copy *d)
{
    struct world *w = d->w;

    d->tx_recoveries++;
    d->tx_lost = false;
    store(w, EMAC(0), load(w, EMAC(0)) | 0x200);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) & ~2u);
    for (unsigned polls = 0; load(w, EMAC(0x104)) & 2; polls++)
        CHECK(polls < 100000);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 0x10);
    tx_setup(d);
    store(w, EMAC(0), load(w, EMAC(0)) & ~0x200u);
    store(w, EMAC(0xfe8), TX_EVENTS);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 2);
}

static bool send(void *driver, const uint8_t *bytes, uint32_t length)
{
    struct zero_copy *d = driver;
    struct world *w = d->w;
    uint32_t i = load(w, EMAC(0x128)), j = (i + 1) % TX, consume = load(w, EMAC(0x12c));
    uint32_t at = TX_AREA + d->tx_put % TX_SLOTS * TX_STEP;

    if (d->tx_lost || j == consume || (j + 1) % TX == consume || d->tx_put - d->tx_got == TX_SLOTS)
        return false;
    copy_in(w, at, bytes, length);
    store(w, TX_DESCRIPTORS + 8 * i, at);
    store(w, TX_DESCRIPTORS + 8 * i + 4, HEADER - 1);
    store(w, TX_DESCRIPTORS + 8 * j, at + HEADER);
    store(w, TX_DESCRIPTORS + 8 * j + 4, 0xf4000000u | (length - HEADER - 1));
    d->tx_put++;
    store(w, EMAC(0x128), (j + 1) % TX);
    return true;
}

/* ---- interrupt and task ---- */

static void isr(void *driver)
{
    struct zero_copy *d = driver;
    uint32_t events = load(d->w, EMAC(0xfe0)) & load(d->w, EMAC(0xfe4));

    d->interrupts++;
    CHECK(events != 0);
    store(d->w, EMAC(0xfe8), events);
    if (events & RX_EVENTS) {
        store(d->w, EMAC(0xfe4), load(d->w, EMAC(0xfe4)) & ~RX_EVENTS);
        d->due = true;
    }
    if (events & 1)
        d->rx_lost = true;
    if (events & 0x10)
        d->tx_lost = true;
    if (events & TX_EVENTS)
        reclaim(d);
}

static void poll(void *driver)
{
    struct zero_copy *d = driver;

    if (d->tx_lost)
        recover_tx(d);
    if (++d->polls % 3 == 0) /* somebody is done with what he kept, last in first out */
        while (d->holds > 0)
            d->free[d->frees++] = d->held[--d->holds];
    if (d->due) {
        d->due = false;
        while (d->rx_next != load(d->w, EMAC(0x114)))
            take(d, load(d->w, EMAC(0x114)));
        if (d->rx_lost)
            recover_rx(d);
        d->w->masked = true;
        store(d->w, EMAC(0xfe4), load(d->w, EMAC(0xfe4)) | RX_WANTED);
        d->w->masked = false;
    }
    if (d->rx_fill != d->rx_next)
        refill(d, d->rx_next, false);
}

/* ---- start ---- */

static unsigned phy(struct zero_copy *d, unsigned reg)
{
    store(d->w, EMAC(0x24), 1); /* before the address (13) */
    store(d->w, EMAC(0x28), PHY | reg);
    while (load(d->w, EMAC(0x34)) & 5u)
        pass(d->w, 2000);
    return load(d->w, EMAC(0x30));
}

static void phy_set(struct zero_copy *d, unsigned reg, unsigned value)
{
    store(d->w, EMAC(0x24), 0);
    store(d->w, EMAC(0x28), PHY);
    store(d->w, EMAC(0x28), load(d->w, EMAC(0x28)) | reg);
    store(d->w, EMAC(0x2c), value);
    while (load(d->w, EMAC(0x34)) & 1u)
        pass(d->w, 2000);
}

static void negotiate(struct zero_copy *d)
{
    static const uint16_t best[4] = {0x100, 0x80, 0x40, 0x20};
    unsigned common, i = 0;

    store(d->w, EMAC(0x00), 0x0f00);
    store(d->w, EMAC(0x20), 0x8000 | 10u << 2); /* a wider field than there is: 2 (20.8) */
    store(d->w, EMAC(0x20), 7u << 2);
    phy_set(d, 0, 0x8000);
    while (phy(d, 0) & 0x8000)
        pass(d->w, 10000);
    phy_set(d, 0, 0x1200);
    while ((phy(d, 1) & 0x24) != 0x24)
        pass(d->w, 100000);
    common = phy(d, 4) & phy(d, 5);
    while (i < 3 && !(common & best[i]))
        i++;
    d->fast = i < 2;
    d->full = i % 2 == 0;
    store(d->w, EMAC(0x24), 0);
}

static void pools(struct zero_copy *d)
{
    d->frees = 0;
    d->holds = 0;
    for (unsigned i = 0; i < BUFFERS; i++)
        d->free[d->frees++] = (uint8_t)i;
    memset(d->in_ring, NONE, sizeof d->in_ring);
}

static void start(void *driver)
{
    struct zero_copy *d = driver;
    struct world *w = d->w;

    store(w, A_PCONP, load(w, A_PCONP) | 1u << 30);
    store(w, PINSEL(2), (load(w, PINSEL(2)) & ~0xf03f330fu) | 0x50150105u);
    store(w, PINSEL(3), 5);
    negotiate(d);
    store(w, EMAC(0x100), 0x78);
    store(w, EMAC(0x00), 0);
    store(w, EMAC(0x04), d->full); /* padding and FCS are Override's (5) */
    store(w, EMAC(0x08), d->full ? 0x15 : 0x12);
    store(w, EMAC(0x0c), 0x0c12);
    store(w, EMAC(0x18), d->fast ? 0x100 : 0);
    store(w, EMAC(0x100), 0x240 | (d->full ? 0x400u : 0));
    store(w, EMAC(0x48), 0x0002);
    store(w, EMAC(0x44), 0x1100);
    store(w, EMAC(0x40), 0x3322);
    pools(d);
    tx_setup(d);
    rx_setup(d);
    store(w, EMAC(0x210), 1u << 28);
    store(w, EMAC(0x214), 0);
    store(w, EMAC(0x200), 0x32);
    store(w, EMAC(0xfe8), 0xffffffffu);
    store(w, EMAC(0xfe4), RX_WANTED | TX_WANTED);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 3);
    store(w, EMAC(0x00), load(w, EMAC(0x00)) | 1);
    store(w, A_VECT(21), 0x21);
    store(w, A_PRIO(21), 5);
    store(w, A_VIC_ENABLE, 1u << 21);
    w->isr = isr;
    w->masked = false;
}

static const struct world_driver zero_copy = {
    start, send, poll, 1u << TO_STATION | 1u << TO_ALL | 1u << TO_GROUP};

static void trial(const struct emac_knobs *knobs, struct world_mode mode)
{
    struct zero_copy d = {.w = world_new(knobs, mode)};

    trial_all(d.w, &zero_copy, &d);
    CHECK(d.fast == (mode.mbps == 100) && d.full == mode.full);
    CHECK(d.interrupts > 100);
    CHECK(d.rx_recoveries >= 1);
    CHECK_INT(d.tx_errors, 1);
    CHECK(d.tx_recoveries >= 1);
    world_end(d.w);
}

UNIT(driver_zero_copy, works_in_each_mode_and_recovers_each_direction_by_itself)
{
    for (unsigned i = 0; i < 4; i++)
        trial(NULL, world_modes[i]);
}

UNIT(driver_zero_copy, works_on_every_reading_of_a_reset_a_full_ring_and_a_descriptor_read_ahead)
{
    static const struct emac_knobs knobs[] = {
        {.rx_full = EMAC_RX_FULL_WEDGE, .prefetch = 255},
        {.resets_disable = true, .prefetch = 1, .finished_when_empty = true},
        {.dma_ns = 900, .no_descriptor_error = true}};

    for (unsigned i = 0; i < sizeof knobs / sizeof knobs[0]; i++)
        trial(&knobs[i], world_modes[0]);
}
