/* stack/drivers/lpc2468_emac.c: life, link and interrupts of the MAC. See lpc2468_emac.h. */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

#include "lwip/sys.h"

#define HCLK_HZ 72000000u
#define RX_DESCRIPTORS 16u
#define TX_DESCRIPTORS 16u
#define RX_BUFFER_BYTES 512u
#define FRAME_MAX 1536u
#define FRAME_MIN 64u

/* Gaps of 96 bit times, retries, window: 4.3 to 4.5. */
#define IPGT_FULL_DUPLEX 0x15u
#define IPGT_HALF_DUPLEX 0x12u
#define IPGR_GAP 0x0c12u
#define CLRT_DEFAULT 0x370fu

/* PAUSE: 512 quanta of 512 bit times, repeated at 80 % of it while the ring is full (11). */
#define PAUSE_COUNTERS (512u << 16 | 410u)

void lpc_emac_change(const struct lpc2468_emac *e, uint32_t reg, uint32_t clear, uint32_t set)
{
    SYS_ARCH_DECL_PROTECT(level);
    SYS_ARCH_PROTECT(level);
    lpc_emac_set(e, reg, (lpc_emac_get(e, reg) & ~clear) | set);
    SYS_ARCH_UNPROTECT(level);
}

/* ---- Life ---- */

static void fill_in(struct lpc2468_emac_config *c)
{
    if (c->hclk_hz == 0)
        c->hclk_hz = HCLK_HZ;
    if (c->rx_descriptors == 0)
        c->rx_descriptors = RX_DESCRIPTORS;
    if (c->tx_descriptors == 0)
        c->tx_descriptors = TX_DESCRIPTORS;
    if (c->rx_buffer_bytes == 0)
        c->rx_buffer_bytes = RX_BUFFER_BYTES;
    if (c->frame_max == 0)
        c->frame_max = FRAME_MAX;
    if (c->memory == 0)
        c->memory = LPC_ETHERNET_RAM;
    if (c->memory_bytes == 0)
        c->memory_bytes = LPC_ETHERNET_RAM_BYTES;
}

/* Lays memory out; false: what is asked for does not fit, or a frame would not. */
static bool lay_out(struct lpc2468_emac *e, bool rx_direct)
{
    const struct lpc2468_emac_config *c = &e->config;
    e->rx_descriptors = c->memory;
    e->rx_statuses = e->rx_descriptors + c->rx_descriptors * LPC_RX_ENTRY;
    e->tx_descriptors = e->rx_statuses + c->rx_descriptors * LPC_RX_STATUS_ENTRY;
    e->tx_statuses = e->tx_descriptors + c->tx_descriptors * LPC_TX_ENTRY;
    e->rx_buffers = e->tx_statuses + c->tx_descriptors * LPC_TX_STATUS_ENTRY;
    e->tx_memory = e->rx_buffers;
    if (!rx_direct)
        e->tx_memory += (uint32_t)c->rx_descriptors * c->rx_buffer_bytes;
    uint32_t used = e->tx_memory - c->memory;
    if (used > c->memory_bytes || c->memory_bytes - used < c->frame_max + 4u)
        return false;
    uint32_t left = (c->memory_bytes - used) & ~3u;
    e->tx_memory_bytes = (uint16_t)(left < 0xfffcu ? left : 0xfffcu);
    return true;
}

static bool can_be(struct lpc2468_emac *e)
{
    const struct lpc2468_emac_config *c = &e->config;
    if (c->rx_descriptors < LPC2468_EMAC_RX_MIN || c->rx_descriptors > LPC2468_EMAC_RX_MAX ||
        c->tx_descriptors < LPC2468_EMAC_TX_MIN || c->tx_descriptors > LPC2468_EMAC_TX_MAX)
        return false;
    if (c->rx_buffer_bytes < FRAME_MIN || c->rx_buffer_bytes > LPC_FRAGMENT_MAX ||
        c->rx_buffer_bytes % 4 != 0 || c->memory % 8 != 0)
        return false;
    if (c->frame_max < FRAME_MIN || c->frame_max > LPC_FRAGMENT_MAX)
        return false;
    /* a frame has to fit in a ring that software owns but for one descriptor */
    if ((c->rx_descriptors - 1u) * c->rx_buffer_bytes < c->frame_max)
        return false;
    return lay_out(e, false);
}

/* The fastest management clock that is no faster than 2.5 MHz; the slowest there is, if none is:
 * 72 MHz / 28 is 2.57 MHz, which PHYs take (13). */
static uint32_t management_clock(uint32_t hclk_hz)
{
    static const uint8_t divider[] = {4, 4, 6, 8, 10, 14, 20, 28};
    uint32_t select = 1;
    while (select + 1 < sizeof divider && hclk_hz / divider[select] > 2500000u)
        select++;
    return select << LPC_MCFG_CLOCK_SELECT_SHIFT;
}

err_t lpc2468_emac_init(struct lpc2468_emac *e, struct bus *bus,
                        const struct lpc2468_emac_config *config)
{
    *e = (struct lpc2468_emac){.bus = bus, .config = *config};
    fill_in(&e->config);
    if (!can_be(e))
        return ERR_ARG;
    uint32_t clock = management_clock(e->config.hclk_hz);
    lpc_emac_set(e, LPC_POWERDOWN, 0);
    lpc_emac_set(e, LPC_MAC1, LPC_MAC1_RESETS_BUT_SOFT);
    lpc_emac_set(e, LPC_MCFG, LPC_MCFG_RESET_MII_MGMT | clock);
    lpc_emac_set(e, LPC_MCFG, clock);
    lpc_emac_set(e, LPC_MCMD, 0);
    return ERR_OK;
}

static void program_mode(struct lpc2468_emac *e)
{
    bool full = e->full_duplex;
    uint32_t flow = full && e->pause
                        ? (e->config.pause_rx ? LPC_MAC1_RX_FLOW_CONTROL : 0) |
                              (e->config.pause_tx ? LPC_MAC1_TX_FLOW_CONTROL : 0)
                        : 0;
    lpc_emac_set(e, LPC_MAC2, LPC_MAC2_CRC_ENABLE | LPC_MAC2_PAD_CRC_ENABLE |
                              (full ? LPC_MAC2_FULL_DUPLEX : 0));
    lpc_emac_set(e, LPC_IPGT, full ? IPGT_FULL_DUPLEX : IPGT_HALF_DUPLEX);
    lpc_emac_set(e, LPC_SUPP, e->mbps == 10 ? 0 : LPC_SUPP_SPEED_100);
    lpc_emac_change(e, LPC_MAC1, LPC_MAC1_RX_FLOW_CONTROL | LPC_MAC1_TX_FLOW_CONTROL, flow);
    lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_FULLDUPLEX, full ? LPC_COMMAND_FULLDUPLEX : 0);
}

static void program(struct lpc2468_emac *e)
{
    lpc_emac_set(e, LPC_IPGR, IPGR_GAP);
    lpc_emac_set(e, LPC_CLRT, CLRT_DEFAULT);
    lpc_emac_set(e, LPC_MAXF, e->config.frame_max);
    lpc_emac_set(e, LPC_COMMAND, e->config.mii ? 0 : LPC_COMMAND_RMII);
    program_mode(e);
    lpc_emac_set(e, LPC_FLOWCONTROLCOUNTER, PAUSE_COUNTERS);
    lpc_emac_filter_program(e);
    lpc_emac_rx_program(e);
    lpc_emac_tx_program(e);
}

static void enable(struct lpc2468_emac *e)
{
    uint32_t wanted = e->config.interrupts ? EMAC_RX_INTERRUPTS | LPC_INT_TXUNDERRUN : 0;
    lpc_emac_set(e, LPC_INTCLEAR, LPC_INT_ALL);
    lpc_emac_set(e, LPC_INTENABLE, wanted);
    /* receive DMA before the receiver, so that it cannot overflow (14.3) */
    lpc_emac_change(e, LPC_COMMAND, 0, LPC_COMMAND_RXENABLE | LPC_COMMAND_TXENABLE);
    lpc_emac_change(e, LPC_MAC1, 0, LPC_MAC1_RECEIVE_ENABLE);
}

void lpc2468_emac_start(struct lpc2468_emac *e)
{
    if (e->started)
        return;
    lpc_emac_rx_fill(e);
    (void)lay_out(e, e->rx_direct); /* fits: it does with receive buffers, too */
    lpc_emac_set(e, LPC_POWERDOWN, 0); /* alone of all registers it answers in power-down (4.22) */
    lpc_emac_set(e, LPC_MAC1, LPC_MAC1_ALL_RESETS);
    lpc_emac_set(e, LPC_COMMAND,
             LPC_COMMAND_REGRESET | LPC_COMMAND_TXRESET | LPC_COMMAND_RXRESET);
    lpc_emac_set(e, LPC_MAC1, 0);
    e->tx_produce = e->tx_done = 0;
    e->tx_held = 0;
    e->tx_memory_head = e->tx_memory_tail = 0;
    e->rx_broken = e->tx_broken = e->rx_stopping = e->tx_stopping = false;
    e->rx_holds_off = e->tx_wakes = e->tx_waits = false;
    program(e);
    e->started = true;
    enable(e);
}

void lpc2468_emac_stop(struct lpc2468_emac *e)
{
    if (!e->started)
        return;
    lpc_emac_set(e, LPC_INTENABLE, 0);
    e->started = false;
    lpc_emac_change(e, LPC_MAC1, LPC_MAC1_RECEIVE_ENABLE, 0);
    lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_RXENABLE | LPC_COMMAND_TXENABLE, 0);
    /* Whatever is on its way ends here. Not by Command's resets: nobody knows whether the PHY's
     * clock, without which they hang the bus, still runs (E5). */
    lpc_emac_set(e, LPC_MAC1, LPC_MAC1_RESETS_BUT_SOFT);
    lpc_emac_tx_drop(e);
    lpc_emac_rx_drop(e);
}

void lpc2468_emac_power_down(struct lpc2468_emac *e)
{
    if (!e->started)
        lpc_emac_set(e, LPC_POWERDOWN, LPC_POWERDOWN_ON);
}

/* ---- Link ---- */

void lpc2468_emac_link(struct lpc2468_emac *e, bool up, unsigned mbps, bool full_duplex,
                       bool pause)
{
    e->link_up = up;
    if (!up)
        return;
    e->mbps = (uint16_t)mbps;
    e->full_duplex = full_duplex;
    e->pause = pause;
    if (e->started)
        program_mode(e);
}

/* ---- Interrupts ---- */

static unsigned work_of(struct lpc2468_emac *e, uint32_t status)
{
    unsigned work = 0;
    if ((status & EMAC_RX_INTERRUPTS) != 0)
        work |= LPC2468_EMAC_RECEIVE;
    if ((status & LPC_INT_TXDONE) != 0)
        work |= LPC2468_EMAC_TRANSMIT;
    if ((status & LPC_INT_RXOVERRUN) != 0)
        e->rx_broken = true;
    if ((status & LPC_INT_TXUNDERRUN) != 0)
        e->tx_broken = true;
    if (e->rx_broken || e->rx_stopping)
        work |= LPC2468_EMAC_RX_RECOVER;
    if (e->tx_broken || e->tx_stopping)
        work |= LPC2468_EMAC_TX_RECOVER;
    return work;
}

unsigned lpc2468_emac_interrupt(struct lpc2468_emac *e)
{
    if (!e->started)
        return 0;
    uint32_t enabled = lpc_emac_get(e, LPC_INTENABLE);
    uint32_t status = lpc_emac_get(e, LPC_INTSTATUS) & enabled;
    uint32_t mask = 0;
    lpc_emac_set(e, LPC_INTCLEAR, status);
    if ((status & EMAC_RX_INTERRUPTS) != 0)
        mask |= EMAC_RX_INTERRUPTS;
    if ((status & LPC_INT_TXDONE) != 0) {
        mask |= LPC_INT_TXDONE;
        e->tx_wakes = false;
    }
    if (mask != 0)
        lpc_emac_set(e, LPC_INTENABLE, enabled & ~mask);
    return work_of(e, status);
}

unsigned lpc2468_emac_poll(struct lpc2468_emac *e)
{
    if (!e->started)
        return 0;
    uint32_t status = lpc_emac_get(e, LPC_INTSTATUS);
    lpc_emac_set(e, LPC_INTCLEAR, status);
    return work_of(e, status);
}
