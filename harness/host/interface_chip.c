/* harness/host/interface_chip.c: see interface_chip.h. */
#include "harness/host/interface_chip.h"

#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "stack/drivers/lpc2468_ethernetif.h"

#include "lwip/timeouts.h"
#include "lockwire/bus_table.h"
#include "netif/ethernet.h"

#include <string.h>

/* DMA reaches pbufs where they are: the arena seems to lie in external memory. */
#define EXTERNAL_BASE 0x80000000u
#define EXTERNAL_END 0xe0000000u
#define COLD_WATCH_MS 100u
#define NEVER_WATCH_MS 0xffffu

struct interface_chip {
    struct host_interface *interface;
    struct board *board;
    struct bus bus;
    struct lpc2468_ethernetif eth;
    bool irq;       /* the line to the core */
    bool pending;   /* an interrupt waits for the processor */
    bool polled;
    bool timed;     /* a time-out of the stack is set */
    bool working;   /* in the driver */
};

static struct sim *sim_of(const struct interface_chip *c)
{
    return c->interface->host->world->sim;
}

/* ---- The bus ---- */

static uint32_t read32(void *ctx, uint32_t addr)
{
    struct interface_chip *c = ctx;

    return board_read(c->board, addr, 4, sim_of(c)->now_ns);
}

static void write32(void *ctx, uint32_t addr, uint32_t value)
{
    struct interface_chip *c = ctx;

    board_write(c->board, addr, value, 4, sim_of(c)->now_ns);
}

static void *external(void *ctx, uint32_t addr, uint32_t bytes)
{
    (void)ctx;
    uint64_t offset = addr - EXTERNAL_BASE;

    if (addr < EXTERNAL_BASE || offset + bytes > arena_used())
        return NULL;
    return (uint8_t *)ARENA_BASE + offset;
}

static void *pointer(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct interface_chip *c = ctx;

    if (addr >= LPC2468_ETHERNET_RAM_BASE && bytes <= LPC2468_ETHERNET_RAM_SIZE &&
        addr - LPC2468_ETHERNET_RAM_BASE <= LPC2468_ETHERNET_RAM_SIZE - bytes)
        return (uint8_t *)lpc2468_ethernet_ram(board_chip(c->board)) +
               (addr - LPC2468_ETHERNET_RAM_BASE);
    return external(ctx, addr, bytes);
}

static uint32_t address(void *ctx, const void *p, uint32_t bytes)
{
    uintptr_t at = (uintptr_t)p;

    (void)ctx;
    if (at < ARENA_BASE || at - ARENA_BASE + bytes > EXTERNAL_END - EXTERNAL_BASE)
        return 0;
    return EXTERNAL_BASE + (uint32_t)(at - ARENA_BASE);
}

/* ---- Work ---- */

static void timed_out(void *arg);

/* The driver says when it wants to be called although nothing happens. */
static void set_timer(struct interface_chip *c)
{
    uint32_t ms = lpc2468_ethernetif_next_poll_ms(&c->eth);

    if (c->timed)
        sys_untimeout(timed_out, c);
    c->timed = ms != LPC2468_ETHERNETIF_NEVER;
    if (c->timed)
        sys_timeout(ms, timed_out, c);
}

static void work(struct interface_chip *c)
{
    c->working = true;
    do {
        c->pending = false;
        if (!c->polled && c->irq) {
            if (lpc2468_ethernetif_interrupt(&c->eth) == 0)
                lpc2468_ethernetif_phy_interrupt(&c->eth);
        }
        lpc2468_ethernetif_poll(&c->eth);
    } while (c->eth.more || (!c->polled && c->pending && c->irq));
    c->working = false;
    set_timer(c);
}

static void timed_out(void *arg)
{
    struct interface_chip *c = arg;

    c->timed = false;
    work(c);
}

void interface_chip_serve(struct interface_chip *c)
{
    if (c->pending && !c->working && c->eth.netif != NULL)
        work(c);
}

static void on_irq(void *ctx, bool irq, bool fiq)
{
    struct interface_chip *c = ctx;

    (void)fiq;
    c->pending = c->pending || (irq && !c->irq);
    c->irq = irq;
}

/* An event or a frame, with nobody in the driver. */
static void on_stirred(void *ctx)
{
    struct interface_chip *c = ctx;

    if (c->pending && !c->polled)
        host_interrupt(c->interface);
}

/* ---- Life ---- */

static void fill_driver(struct interface_chip *c, const struct interface_chip_config *config)
{
    struct lpc2468_ethernetif *eth = &c->eth;

    eth->bus = &c->bus;
    eth->user = c->interface;
    memcpy(eth->emac.mac, c->interface->mac, sizeof eth->emac.mac);
    eth->emac.interrupts = !config->polled;
    eth->emac.copy = false;
    eth->emac.flat = c->interface->host->rx == HOST_RX_FLAT;
    eth->emac.fcs_not_stored = config->emac.no_fcs_stored;
    eth->emac.hclk_hz = config->emac.hclk_hz;
    eth->phy.address = DM9161_ANY_ADDRESS;
    eth->phy.interrupt = !config->polled;
    eth->phy.watch_ms = config->cold || config->polled ? COLD_WATCH_MS : NEVER_WATCH_MS;
}

struct interface_chip *interface_chip_new(struct host_interface *i,
                                          const struct interface_chip_config *config)
{
    struct interface_chip *c = arena_calloc(sizeof *c);

    if (c == NULL)
        return NULL;
    c->interface = i;
    c->polled = config->polled;
    c->bus = (struct bus){.ctx = c, .read32 = read32, .write32 = write32, .pointer = pointer,
                          .address = address};
    struct board_owner owner = {.ctx = c, .irq = on_irq, .stirred = on_stirred,
                                .external = external};
    struct board_config board = {.chip = {.emac = config->emac, .phy = config->phy}};
    board.chip.emac.dma_anywhere = true;
    board.chip.emac.miim_instant = !config->cold;
    board.chip.phy.instant = !config->cold;
    c->board = board_new(sim_of(c), i->port, i->host->source, &owner, &board);
    if (c->board == NULL) {
        arena_free(c, sizeof *c);
        return NULL;
    }
    fill_driver(c, config);
    return c;
}

/* Channels of the interrupt controller: the block's, and the PHY's pin. */
static void set_up_vic(struct interface_chip *c)
{
    write32(c, LPC2468_VIC_BASE + 0x010,
            1u << LPC2468_INT_ETHERNET | 1u << LPC2468_INT_EINT0);
}

bool interface_chip_add(struct interface_chip *c)
{
    struct host_interface *i = c->interface;

    if (netif_add(&i->netif, NULL, NULL, NULL, &c->eth, ethernetif_init, ethernet_input) == NULL)
        return false;
    if (!c->polled)
        set_up_vic(c);
    return true;
}

void interface_chip_start(struct interface_chip *c)
{
    work(c);
}

void interface_chip_stop(struct interface_chip *c)
{
    if (c->timed)
        sys_untimeout(timed_out, c);
    c->timed = false;
    lpc2468_ethernetif_stop(&c->eth);
}

void interface_chip_free(struct interface_chip *c)
{
    if (c == NULL)
        return;
    board_free(c->board);
    arena_free(c, sizeof *c);
}

struct board *interface_chip_board(struct interface_chip *c)
{
    return c->board;
}
