/* harness/host/interface_chip.c: see interface_chip.h. */
#include "harness/host/interface_chip.h"

#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "stack/core/drop.h"
#include "stack/drivers/lpc2468_ethernetif.h"

#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lockwire/bus_table.h"
#include "netif/ethernet.h"

#include <inttypes.h>
#include <string.h>

/* With zero_copy the arena lies in external memory, as on a board whose heap and pools do, and DMA
 * reaches pbufs where they are. Otherwise they are in the chip's RAM, which DMA does not reach. */
#define EXTERNAL_BASE 0x80000000u
#define EXTERNAL_END 0xe0000000u
#define COLD_WATCH_MS 100u
#define NEVER_WATCH_MS 0xffffu
#define WARM_SPINS 4u /* management cycles take no time then */
#define ROUNDS_MAX 100000u /* an interrupt that never ends */
#define VIC_IRQ_STATUS 0x000u
#define VIC_INT_ENABLE 0x010u
#define VIC_INT_EN_CLR 0x014u
#define EXTINT 0xe01fc140u
#define EXTINT_EINT0 0x01u
#define ADDRESSES 12u
#define TAG 4u

struct interface_chip {
    struct host_interface *interface;
    struct board *board;
    struct bus bus;
    struct lpc2468_ethernetif eth;
    bool irq;       /* the line to the core */
    bool polled;
    bool zero_copy;
    bool phy_masked; /* the PHY's channel, until the driver has read what it says */
    bool timed;     /* a time-out of the stack is set, for due_ms */
    uint32_t due_ms;
    netif_linkoutput_fn output; /* the driver's */
    bool working;   /* in the driver */
    bool asleep;    /* power is saved: nobody may touch the block */
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
    const struct interface_chip *c = ctx;
    uint64_t offset = addr - EXTERNAL_BASE;

    if (!c->zero_copy || addr < EXTERNAL_BASE || offset + bytes > arena_used())
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
    const struct interface_chip *c = ctx;
    uintptr_t at = (uintptr_t)p;

    if (!c->zero_copy || at < ARENA_BASE || at - ARENA_BASE + bytes > EXTERNAL_END - EXTERNAL_BASE)
        return 0;
    return EXTERNAL_BASE + (uint32_t)(at - ARENA_BASE);
}

/* ---- Work ---- */

static void timed_out(void *arg);

/* The driver says when it wants to be called although nothing happens. */
static void set_timer(struct interface_chip *c)
{
    uint32_t ms = lpc2468_ethernetif_next_poll_ms(&c->eth), due_ms = sys_now() + ms;

    if (c->timed && c->due_ms == due_ms)
        return;
    if (c->timed)
        sys_untimeout(timed_out, c);
    c->due_ms = due_ms;
    c->timed = ms != LPC2468_ETHERNETIF_NEVER;
    if (c->timed)
        sys_timeout(ms, timed_out, c);
}

/* MDINTR# is a level and stays until the driver has read the PHY's register, which takes management
 * cycles: until then its channel is off. */
static void poll(struct interface_chip *c)
{
    lpc2468_ethernetif_poll(&c->eth);
    if (!c->phy_masked || !lpc2468_ethernetif_phy_quiet(&c->eth))
        return;
    c->phy_masked = false;
    write32(c, EXTINT, EXTINT_EINT0);
    write32(c, LPC2468_VIC_BASE + VIC_INT_ENABLE, 1u << LPC2468_INT_EINT0);
}

/* What service routines do. */
static void service(struct interface_chip *c)
{
    uint32_t status = read32(c, LPC2468_VIC_BASE + VIC_IRQ_STATUS);

    if ((status & 1u << LPC2468_INT_ETHERNET) != 0)
        (void)lpc2468_ethernetif_interrupt(&c->eth);
    if ((status & 1u << LPC2468_INT_EINT0) != 0) {
        c->phy_masked = true;
        write32(c, LPC2468_VIC_BASE + VIC_INT_EN_CLR, 1u << LPC2468_INT_EINT0);
        lpc2468_ethernetif_phy_interrupt(&c->eth);
    }
    poll(c);
}

static void work(struct interface_chip *c)
{
    unsigned rounds = 0;

    if (c->asleep)
        return;
    c->working = true;
    poll(c);
    while (c->eth.more || c->irq) {
        if (rounds++ == ROUNDS_MAX)
            fatal(FATAL_ORACLE, "host %s: its driver does not get the chip's interrupt to end",
                  c->interface->host->name);
        service(c);
    }
    c->working = false;
    interface_acd_follow(c->interface);
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
    if (c->irq && !c->working && !c->asleep && c->eth.netif != NULL)
        work(c);
}

static void on_irq(void *ctx, bool irq, bool fiq)
{
    struct interface_chip *c = ctx;

    (void)fiq;
    c->irq = irq && !c->polled;
}

/* An event or a frame, with nobody in the driver. */
static void on_stirred(void *ctx)
{
    struct interface_chip *c = ctx;

    if (c->irq && !c->working && !c->asleep)
        host_interrupt(c->interface);
}

static void on_guest_error(void *ctx, const struct guest_error *e)
{
    const struct interface_chip *c = ctx;

    if (board_expects(c->board, e->kind))
        return;
    fatal(FATAL_ORACLE, "guest error of host %s: %s: %s %s%s0x%08x (value 0x%08x) at %" PRIu64
          " ns: %s", c->interface->host->name, guest_error_name(e->kind),
          e->write ? "write to" : "read of", e->reg, e->reg[0] != '\0' ? ", " : "", e->addr,
          e->value, e->t_ns, e->what);
}

/* ---- Life ---- */

static void fill_driver(struct interface_chip *c, const struct interface_chip_config *config)
{
    struct lpc2468_ethernetif *eth = &c->eth;

    eth->bus = &c->bus;
    eth->user = c->interface;
    memcpy(eth->emac.mac, c->interface->mac, sizeof eth->emac.mac);
    eth->emac.interrupts = !config->polled;
    eth->emac.copy = !config->zero_copy;
    eth->emac.pause_rx = eth->emac.pause_tx = config->pause;
    eth->emac.flat = c->interface->host->rx == HOST_RX_FLAT;
    eth->emac.fcs_not_stored = config->chip.emac.no_fcs_stored;
    eth->emac.hclk_hz = config->chip.emac.hclk_hz;
    eth->phy.address = DM9161_ANY_ADDRESS;
    eth->phy.spins = config->cold ? 0 : WARM_SPINS;
    eth->phy.interrupt = !config->polled;
    eth->phy.advertise = config->advertise;
    eth->phy.forced = config->forced;
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
    c->zero_copy = config->zero_copy;
    c->bus = (struct bus){.ctx = c, .read32 = read32, .write32 = write32, .pointer = pointer,
                          .address = address};
    struct board_owner owner = {.ctx = c, .irq = on_irq, .stirred = on_stirred,
                                .external = external, .guest_error = on_guest_error};
    struct board_config board = {.chip = config->chip, .partner = config->partner};
    board.chip.emac.dma_anywhere = config->zero_copy;
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
    write32(c, LPC2468_VIC_BASE + VIC_INT_ENABLE,
            1u << LPC2468_INT_ETHERNET | 1u << LPC2468_INT_EINT0);
}

/* ---- In front of the driver ---- */

static struct pbuf *tagged(const struct pbuf *p, int32_t tci)
{
    struct pbuf *q = pbuf_alloc(PBUF_RAW, (u16_t)(p->tot_len + TAG), PBUF_RAM);
    if (q == NULL)
        return NULL;
    uint8_t *bytes = q->payload;
    const uint8_t tag[TAG] = {0x81, 0x00, (uint8_t)(tci >> 8), (uint8_t)tci};
    (void)pbuf_copy_partial(p, bytes, ADDRESSES, 0);
    memcpy(bytes + ADDRESSES, tag, TAG);
    (void)pbuf_copy_partial(p, bytes + ADDRESSES + TAG, (u16_t)(p->tot_len - ADDRESSES),
                            ADDRESSES);
    return q;
}

static err_t output(struct netif *netif, struct pbuf *p)
{
    struct host_interface *i = interface_of(netif);
    err_t err = interface_may_send(i);
    if (err != ERR_OK || i->vlan == INTERFACE_VLAN_NONE || p->tot_len < ADDRESSES)
        return err != ERR_OK ? err : i->chip->output(netif, p);
    struct pbuf *q = tagged(p, i->vlan);
    if (q == NULL)
        return ERR_BUF;
    err = i->chip->output(netif, q);
    pbuf_free(q);
    return err;
}

/* Takes the tag off: the addresses move up to the type. */
static bool untag(const struct host_interface *i, struct pbuf *p)
{
    uint8_t head[ADDRESSES + TAG + 2];

    if (pbuf_copy_partial(p, head, sizeof head, 0) != sizeof head ||
        !interface_takes_tag(i, (unsigned)head[12] << 8 | head[13],
                             (unsigned)head[14] << 8 | head[15],
                             (unsigned)head[16] << 8 | head[17]))
        return false;
    for (unsigned at = 0; at < ADDRESSES; at++)
        pbuf_put_at(p, (u16_t)(at + TAG), head[at]);
    return pbuf_remove_header(p, TAG) == 0;
}

static err_t input(struct pbuf *p, struct netif *netif)
{
    struct host_interface *i = interface_of(netif);

    if (i->vlan != INTERFACE_VLAN_NONE && !untag(i, p)) {
        drop(DROP_eth_vlan_foreign, netif, p);
        pbuf_free(p);
        return ERR_OK;
    }
    return ethernet_input(p, netif);
}

bool interface_chip_add(struct interface_chip *c, const ip4_addr_t *ip, const ip4_addr_t *mask,
                        const ip4_addr_t *gw)
{
    struct host_interface *i = c->interface;

    if (netif_add(&i->netif, ip, mask, gw, &c->eth, ethernetif_init, input) == NULL)
        return false;
    c->output = i->netif.linkoutput;
    i->netif.linkoutput = output;
    i->netif.mtu = i->mtu;
    NETIF_SET_CHECKSUM_CTRL(&i->netif, i->checksum);
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

void interface_chip_sleep(struct interface_chip *c, bool on)
{
    if (on == c->asleep)
        return;
    c->asleep = on;
    if (on) {
        lpc2468_emac_stop(&c->eth.mac);
        lpc2468_emac_power_down(&c->eth.mac);
        return;
    }
    lpc2468_emac_start(&c->eth.mac);
    work(c);
}

const struct lpc2468_ethernetif *interface_chip_driver(const struct interface_chip *c)
{
    return &c->eth;
}

struct board *interface_chip_board(struct interface_chip *c)
{
    return c->board;
}
