/* driver_boot.c: a driver in the manner of boot loaders: no interrupt, one frame at a time, every
 * wait bounded and given up; the PHY is looked for at all addresses, and only the link bit and the
 * partner's word are looked at; when the link has changed, MAC2, Command, IPGT and SUPP follow.
 * One dummy frame is sent for erratum E1. The MAC's pause frames and all groups are let through,
 * and RX is enabled before there are rings. Trouble ends in halt and init (sheet, 2.1, 6, 13, 16,
 * 19). */
#include "world.h"

enum { RX = 5, TX = 3, RX_BUFFER = 1536, TX_BUFFER = 1536, NOBODY = 32 };
#define RX_BUFFERS ERAM
#define TX_BUFFERS (RX_BUFFERS + RX * RX_BUFFER)
#define RX_STATUSES (TX_BUFFERS + TX * TX_BUFFER)
#define TX_DESCRIPTORS (RX_STATUSES + 8 * RX)
#define RX_DESCRIPTORS (TX_DESCRIPTORS + 8 * TX)
#define TX_STATUSES (RX_DESCRIPTORS + 8 * RX)
#define BAD 0x3b800000u

struct booting {
    struct world *w;
    unsigned phy;   /* address; NOBODY: none answers */
    unsigned mode;  /* bit of ANAR, as resolved; 0: no link */
    unsigned polls, inits, given_up, changes;
};

/* ---- the PHY ---- */

static bool miim_idle(struct booting *d)
{
    for (unsigned tries = 0; tries < 2000; tries++)
        if (!(load(d->w, EMAC(0x34)) & 1u))
            return true;
    d->given_up++;
    return false;
}

static unsigned phy_at(struct booting *d, unsigned address, unsigned reg)
{
    store(d->w, EMAC(0x28), address << 8 | reg);
    store(d->w, EMAC(0x24), 1);
    if (!miim_idle(d))
        return 0xffff;
    store(d->w, EMAC(0x24), 0); /* before the value is read */
    return load(d->w, EMAC(0x30));
}

static unsigned find_phy(struct booting *d)
{
    for (unsigned address = 0; address < 32; address++) {
        unsigned id = phy_at(d, address, 2);
        if (id != 0xffff && id != 0)
            return address;
    }
    return NOBODY;
}

/* ANAR's bit of what both can do, 0 without a link. The first read has the latch (PHY sheet, 1). */
static unsigned link_mode(struct booting *d)
{
    unsigned common, bit = 0x100;

    phy_at(d, d->phy, 1);
    if (!(phy_at(d, d->phy, 1) & 4u))
        return 0;
    common = phy_at(d, d->phy, 4) & phy_at(d, d->phy, 5);
    while (bit > 0x20 && !(common & bit))
        bit >>= 1;
    return bit;
}

static void follow(struct booting *d, unsigned mode)
{
    struct world *w = d->w;
    bool full = mode & 0x140;

    d->mode = mode;
    store(w, EMAC(0x04), 0x30 | (full ? 1 : 0));
    store(w, EMAC(0x100), (load(w, EMAC(0x100)) & ~0x400u) | (full ? 0x400u : 0));
    store(w, EMAC(0x08), full ? 0x15 : 0x12);
    store(w, EMAC(0x18), mode & 0x180 ? 0x100 : 0);
}

static bool wait_link(struct booting *d, unsigned tries)
{
    while (tries-- > 0) {
        unsigned mode = link_mode(d);
        if (mode != 0) {
            follow(d, mode);
            return true;
        }
        spin(d->w, 500);
    }
    return false;
}

/* ---- the MAC ---- */

static void halt(struct booting *d)
{
    store(d->w, EMAC(0x00), 0xcf00);
    store(d->w, EMAC(0x100), 0x38);
    store(d->w, EMAC(0x100), 0);
}

static void rings(struct booting *d)
{
    struct world *w = d->w;

    for (uint32_t i = 0; i < RX; i++) {
        store(w, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + RX_BUFFER * i);
        store(w, RX_DESCRIPTORS + 8 * i + 4, RX_BUFFER - 1);
        store(w, RX_STATUSES + 8 * i, 0);
    }
    store(w, EMAC(0x110), RX - 1); /* numbers before bases, of enabled channels (6, 19) */
    store(w, EMAC(0x10c), RX_STATUSES);
    store(w, EMAC(0x108), RX_DESCRIPTORS);
    store(w, EMAC(0x124), TX - 1);
    store(w, EMAC(0x120), TX_STATUSES);
    store(w, EMAC(0x11c), TX_DESCRIPTORS);
}

static bool push(struct booting *d, const uint8_t *bytes, uint32_t length)
{
    struct world *w = d->w;
    uint32_t i = load(w, EMAC(0x128));

    copy_in(w, TX_BUFFERS + TX_BUFFER * i, bytes, length);
    store(w, TX_DESCRIPTORS + 8 * i, TX_BUFFERS + TX_BUFFER * i);
    store(w, TX_DESCRIPTORS + 8 * i + 4, 0x40000000u | (length - 1));
    store(w, TX_STATUSES + 4 * i, 0);
    store(w, EMAC(0x128), (i + 1) % TX);
    for (unsigned tries = 0; tries < 20000; tries++)
        if (load(w, EMAC(0x12c)) == load(w, EMAC(0x128)))
            return true;
    d->given_up++;
    return false;
}

static void init(struct booting *d)
{
    struct world *w = d->w;
    uint8_t dummy[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, WORLD_STATION, 0x90, 0x00};

    d->inits++;
    halt(d);
    spin(w, 10);
    store(w, EMAC(0x00), 2);
    store(w, EMAC(0x04), 0x30);
    store(w, EMAC(0x14), 1536);
    store(w, EMAC(0x10), 0x370f);
    store(w, EMAC(0x0c), 0x0c12);
    store(w, EMAC(0x100), 0x200);
    store(w, EMAC(0x40), 0x3322);
    store(w, EMAC(0x44), 0x1100);
    store(w, EMAC(0x48), 0x0002);
    store(w, EMAC(0x200), 0x26); /* and all groups */
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 1);
    store(w, EMAC(0x100), load(w, EMAC(0x100)) | 2);
    rings(d);
    if (d->mode != 0)
        follow(d, d->mode);
    else
        CHECK(wait_link(d, 5000));
    store(w, EMAC(0xfe8), 0xffffffffu);
    push(d, dummy, sizeof dummy); /* with the erratum its index does not move, and that is that */
    store(w, EMAC(0x00), load(w, EMAC(0x00)) | 1);
}

static void start(void *driver)
{
    struct booting *d = driver;
    struct world *w = d->w;

    w->spare = 3000; /* it does not look at what comes while it sends */
    store(w, A_PCONP, load(w, A_PCONP) | 1u << 30);
    store(w, PINSEL(3), 5);
    store(w, PINSEL(2), (load(w, PINSEL(2)) & ~0xf03f330fu) | 0x50150105u);
    store(w, EMAC(0x00), 0x0f00);
    store(w, EMAC(0x20), 0x801c);
    store(w, EMAC(0x20), 0x1c);
    d->phy = find_phy(d);
    CHECK_INT(d->phy, 5);
    init(d);
}

static bool send(void *driver, const uint8_t *bytes, uint32_t length)
{
    struct booting *d = driver;

    if (d->mode == 0)
        return false;
    if (!push(d, bytes, length))
        init(d); /* the frame may be out all the same: it is not sent twice */
    return true;
}

static void receive(struct booting *d)
{
    struct world *w = d->w;
    uint32_t i = load(w, EMAC(0x118)), status, size;
    uint8_t bytes[RX_BUFFER];

    if (load(w, EMAC(0xfe0)) & 1u) {
        init(d);
        return;
    }
    if (i == load(w, EMAC(0x114)))
        return;
    status = load(w, RX_STATUSES + 8 * i);
    size = (status & 0x7ff) + 1;
    CHECK((status & BAD) == 0);
    copy_out(w, RX_BUFFERS + RX_BUFFER * i, bytes, size - 4);
    world_took(w, bytes, size - 4);
    store(w, EMAC(0x118), (i + 1) % RX);
}

static void poll(void *driver)
{
    struct booting *d = driver;

    if (++d->polls % 512 == 0) {
        unsigned mode = link_mode(d);
        if (mode != 0 && mode != d->mode)
            follow(d, mode);
        d->changes += mode != d->mode;
        d->mode = mode;
    }
    receive(d);
}

static const struct world_driver booting = {
    start, send, poll,
    1u << TO_STATION | 1u << TO_ALL | 1u << TO_GROUP | 1u << TO_OTHERS};

static void trial(bool erratum, unsigned mode)
{
    struct emac_knobs knobs = {.tx_consume_erratum = erratum};
    struct booting d = {.w = world_new(&knobs, world_modes[mode])};

    trial_all(d.w, &booting, &d);
    CHECK_INT(d.mode, 0x100 >> mode);
    CHECK_INT(d.given_up, 1 + (erratum ? d.inits : 0)); /* the stalled status; dummies */
    world_end(d.w);
}

UNIT(driver_boot, works_in_each_mode)
{
    for (unsigned i = 0; i < 4; i++)
        trial(false, i);
}

UNIT(driver_boot, works_with_erratum_e1_behind_one_dummy_frame)
{
    trial(true, 0);
    trial(true, 3);
}

UNIT(driver_boot, link_polled_alone_takes_it_from_mode_to_mode)
{
    struct booting d = {.w = world_new(NULL, world_modes[0])};

    d.w->accepts = booting.accepts;
    start(&d);
    for (unsigned i = 1; i < 8; i++) {
        trial_both(d.w, &booting, &d, 10);
        world_partner(d.w, world_modes[i % 4]);
        for (uint64_t end = d.w->b->now_ns + 40 * MS; d.w->b->now_ns < end;) {
            poll(&d);
            pass(d.w, 1000);
        }
        CHECK_INT(d.mode, 0x100 >> i % 4);
        trial_in(d.w, &booting, &d, 10);
    }
    CHECK(d.changes >= 7);
    CHECK_INT(d.inits, 1);
    world_end(d.w);
}
