/* driver_copy.c: a polled driver that copies, in the manner of vendors' samples: resets all at
 * once, delays by reading registers, asks the module for its revision, leaves MDC's divider alone,
 * waits for the PHY with counted polls, one fragment per frame, padding and FCS by MAC2.
 * Interrupts are on in the EMAC and off in the VIC. Status words lie in front of the descriptors,
 * both at the very end of the Ethernet RAM. Whatever goes wrong, all of the MAC is set up anew
 * (sheet, 2, 14.2, 19). */
#include "world.h"

enum { RX = 4, TX = 3, BUFFER = 1536, PHY = 5 << 8, POLLS = 200000 };
#define TX_DESCRIPTORS (ERAM_END - 8 * TX)
#define TX_STATUSES (TX_DESCRIPTORS - 4 * TX)
#define RX_DESCRIPTORS (TX_STATUSES - 4 - 8 * RX)
#define RX_STATUSES (RX_DESCRIPTORS - 8 * RX)
#define RX_BUFFERS ERAM
#define TX_BUFFERS (ERAM + RX * BUFFER)
_Static_assert(RX_STATUSES % 8 == 0, "statuses of receive are aligned");
#define BAD 0x39800000u /* CRC, symbol, alignment, overrun, no descriptor: not the range (10) */

struct copying {
    struct world *w;
    unsigned mode; /* DSCSR 15:12 */
    unsigned restarts;
};

static unsigned phy(struct copying *d, unsigned reg)
{
    unsigned polls = 0;

    store(d->w, EMAC(0x28), PHY | reg);
    store(d->w, EMAC(0x24), 1);
    while (load(d->w, EMAC(0x34)) & 1u)
        CHECK(++polls < 1000);
    store(d->w, EMAC(0x24), 0);
    return load(d->w, EMAC(0x30));
}

static void phy_set(struct copying *d, unsigned reg, unsigned value)
{
    unsigned polls = 0;

    store(d->w, EMAC(0x28), PHY | reg);
    store(d->w, EMAC(0x2c), value);
    while (load(d->w, EMAC(0x34)) & 1u)
        CHECK(++polls < 1000);
}

static void phy_wait(struct copying *d, unsigned reg, unsigned mask, unsigned value)
{
    unsigned polls = 0;

    while ((phy(d, reg) & mask) != value)
        CHECK(++polls < POLLS);
}

static void rings(struct copying *d)
{
    struct world *w = d->w;

    for (uint32_t i = 0; i < RX; i++) {
        store(w, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + BUFFER * i);
        store(w, RX_DESCRIPTORS + 8 * i + 4, 0x80000000u | (BUFFER - 1));
        store(w, RX_STATUSES + 8 * i, 0);
        store(w, RX_STATUSES + 8 * i + 4, 0);
    }
    store(w, EMAC(0x108), RX_DESCRIPTORS);
    store(w, EMAC(0x10c), RX_STATUSES);
    store(w, EMAC(0x110), RX - 1);
    store(w, EMAC(0x118), 0);
    for (uint32_t i = 0; i < TX; i++) {
        store(w, TX_DESCRIPTORS + 8 * i, TX_BUFFERS + BUFFER * i);
        store(w, TX_DESCRIPTORS + 8 * i + 4, 0);
        store(w, TX_STATUSES + 4 * i, 0);
    }
    store(w, EMAC(0x11c), TX_DESCRIPTORS);
    store(w, EMAC(0x120), TX_STATUSES);
    store(w, EMAC(0x124), TX - 1);
    store(w, EMAC(0x128), 0);
}

static void reset(struct world *w)
{
    store(w, EMAC(0x00), 0xcf00);
    store(w, EMAC(0x100), 0x38);
    spin(w, 100);
    store(w, EMAC(0x00), 2);
    store(w, EMAC(0x04), 0x30);
    store(w, EMAC(0x14), 1536);
    store(w, EMAC(0x10), 0x370f);
    store(w, EMAC(0x0c), 0x12);
    store(w, EMAC(0x100), 0x240);
    store(w, EMAC(0x18), 0x800); /* of no effect here (4.7) */
    spin(w, 20);
    store(w, EMAC(0x18), 0);
}

/* The mode, the address, the rings; and off it goes. */
static void go(struct copying *d)
{
    struct world *w = d->w;
    bool full = d->mode == 8 || d->mode == 2;

    if (full) {
        store(w, EMAC(0x04), load(w, EMAC(0x04)) | 1);
        store(w, EMAC(0x100), load(w, EMAC(0x100)) | 0x400);
    }
    store(w, EMAC(0x08), full ? 0x15 : 0x12);
    store(w, EMAC(0x18), d->mode >= 4 ? 0x100 : 0);
    store(w, EMAC(0x40), 0x3322);
    store(w, EMAC(0x44), 0x1100);
    store(w, EMAC(0x48), 0x0002);
    rings(d);
    store(w, EMAC(0x200), 0x22);
    store(w, EMAC(0xfe4), 0x88);
    store(w, EMAC(0xfe8), 0xffff);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 3);
    store(w, EMAC(0x00), load(w, EMAC(0x00)) | 1);
}

static void start(void *driver)
{
    struct copying *d = driver;
    struct world *w = d->w;

    store(w, A_PCONP, load(w, A_PCONP) | 1u << 30);
    store(w, PINSEL(2), load(w, EMAC(0xffc)) == 0x39022000u ? 0x50151105u : 0x50150105u);
    store(w, PINSEL(3), (load(w, PINSEL(3)) & ~0xfu) | 5);
    reset(w);
    phy_set(d, 0, 0x8000);
    phy_wait(d, 0, 0x8000, 0);
    CHECK_INT(phy(d, 2) << 16 | (phy(d, 3) & 0xfff0), 0x0181b8a0);
    phy_set(d, 0, 0x1200);
    phy_wait(d, 1, 0x20, 0x20);
    phy_wait(d, 1, 4, 4);
    d->mode = phy(d, 17) >> 12;
    go(d);
}

static bool send(void *driver, const uint8_t *bytes, uint32_t length)
{
    struct copying *d = driver;
    struct world *w = d->w;
    uint32_t i = load(w, EMAC(0x128)), next = i + 1 == TX ? 0 : i + 1;

    if (next == load(w, EMAC(0x12c)))
        return false;
    copy_in(w, load(w, TX_DESCRIPTORS + 8 * i), bytes, length);
    store(w, TX_DESCRIPTORS + 8 * i + 4, 0xc0000000u | (length - 1));
    store(w, EMAC(0x128), next);
    return true;
}

static void take(struct copying *d, uint32_t i)
{
    struct world *w = d->w;
    uint32_t status = load(w, RX_STATUSES + 8 * i), size = (status & 0x7ff) + 1;
    uint8_t bytes[BUFFER];

    CHECK((status & BAD) == 0 && (status & 0x40000000u) != 0 && size > 4);
    CHECK(status & 1u << 31); /* as a type is taken for a length, 16 E4 */
    copy_out(w, load(w, RX_DESCRIPTORS + 8 * i), bytes, size - 4);
    world_took(w, bytes, size - 4);
}

static void poll(void *driver)
{
    struct copying *d = driver;
    struct world *w = d->w;
    uint32_t events = load(w, EMAC(0xfe0)), i;

    CHECK(!w->b->irq); /* the VIC lets nothing through */
    if (events & 0x11) {
        d->restarts++;
        reset(w);
        go(d);
        return;
    }
    store(w, EMAC(0xfe8), events);
    while ((i = load(w, EMAC(0x118))) != load(w, EMAC(0x114))) {
        take(d, i);
        store(w, EMAC(0x118), i == load(w, EMAC(0x110)) ? 0 : i + 1);
    }
}

static const struct world_driver copying = {
    start, send, poll, 1u << TO_STATION | 1u << TO_ALL};

UNIT(driver_copy, works_in_each_mode_and_comes_back)
{
    for (unsigned i = 0; i < 4; i++) {
        struct copying d = {.w = world_new(NULL, world_modes[i])};
        trial_all(d.w, &copying, &d);
        CHECK_INT(d.mode, 8 >> i);
        CHECK_INT(d.restarts, 2); /* an overrun and a fatal underrun */
        world_end(d.w);
    }
}

UNIT(driver_copy, works_on_first_silicon_e3_and_where_a_full_ring_wedges_20_4)
{
    struct emac_knobs knobs = {.module_id = 0x39022000, .rx_full = EMAC_RX_FULL_WEDGE,
                               .prefetch = 255, .dma_ns = 700, .resets_disable = true};
    struct copying d = {.w = world_new(&knobs, world_modes[0])};

    trial_all(d.w, &copying, &d);
    CHECK_INT(d.restarts, 2);
    world_end(d.w);
}
