/* stack/drivers/lpc2468_emac_recovery.c: after RxOverrun and TxUnderrun, the errors that a channel
 * does not survive (4.21).
 *
 * Each channel is stopped between frames, what it has done is taken, then it alone is reset and
 * rebuilt; the other one goes on. Resets need the PHY's clock (E5): nothing is done without a
 * link. */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

/* The channel has stopped, or has had its time. */
static bool has_stopped(const struct lpc2468_emac *e, uint32_t flag, uint32_t since_ms,
                        uint32_t now_ms)
{
    return (lpc_emac_get(e, LPC_STATUS) & flag) == 0 || now_ms - since_ms >= LPC2468_EMAC_STOP_MS;
}

/* ---- Receiving ---- */

static void reset_receiver(struct lpc2468_emac *e)
{
    e->rx_stopping = false;
    e->counters.rx_recoveries++;
    lpc_emac_change(e, LPC_MAC1, 0, LPC_MAC1_RESET_MCS_RX);
    lpc_emac_change(e, LPC_COMMAND, 0, LPC_COMMAND_RXRESET);
    lpc_emac_rx_program(e);
    lpc_emac_change(e, LPC_MAC1, LPC_MAC1_RESET_MCS_RX, 0);
    lpc_emac_set(e, LPC_INTCLEAR,
             LPC_INT_RXOVERRUN | LPC_INT_RXERROR | LPC_INT_RXFINISHED | LPC_INT_RXDONE);
    lpc_emac_change(e, LPC_COMMAND, 0, LPC_COMMAND_RXENABLE);
    lpc_emac_change(e, LPC_MAC1, 0, LPC_MAC1_RECEIVE_ENABLE);
}

bool lpc2468_emac_rx_recover(struct lpc2468_emac *e, uint32_t now_ms)
{
    if (!e->started || !(e->rx_broken || e->rx_stopping))
        return false;
    if (!e->link_up)
        return true;
    if (!e->rx_stopping) {
        lpc_emac_change(e, LPC_MAC1, LPC_MAC1_RECEIVE_ENABLE, 0);
        lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_RXENABLE, 0);
        e->rx_stopping = true;
        e->rx_since_ms = now_ms;
    }
    if (!has_stopped(e, LPC_STATUS_RX, e->rx_since_ms, now_ms))
        return true;
    if (lpc_emac_get(e, LPC_RXPRODUCEINDEX) != e->rx_seen)
        return true; /* a last frame came in */
    e->rx_broken = false;
    reset_receiver(e);
    return false;
}

/* ---- Sending ---- */

/* A descriptor and what the driver knows of it go to another place. */
static void move(struct lpc2468_emac *e, unsigned from, unsigned to)
{
    uint32_t source = lpc_emac_tx_descriptor(e, from), target = lpc_emac_tx_descriptor(e, to);
    e->tx[to] = e->tx[from];
    lpc_emac_set(e, target, lpc_emac_get(e, source));
    lpc_emac_set(e, target + 4, lpc_emac_get(e, source + 4));
}

/* The ring one place on: what was at 1 is at 0. */
static void rotate(struct lpc2468_emac *e)
{
    unsigned last = e->config.tx_descriptors - 1u;
    struct lpc2468_emac_tx first = e->tx[0];
    uint32_t address = lpc_emac_get(e, lpc_emac_tx_descriptor(e, 0));
    uint32_t control = lpc_emac_get(e, lpc_emac_tx_descriptor(e, 0) + 4);
    for (unsigned i = 0; i < last; i++)
        move(e, i + 1, i);
    e->tx[last] = first;
    lpc_emac_set(e, lpc_emac_tx_descriptor(e, last), address);
    lpc_emac_set(e, lpc_emac_tx_descriptor(e, last) + 4, control);
}

/* What has not been sent moves to the ring's beginning, where a reset channel begins. */
static void move_to_front(struct lpc2468_emac *e)
{
    unsigned left = lpc2468_emac_tx_pending(e);
    for (unsigned i = e->tx_done; i > 0; i--)
        rotate(e);
    for (unsigned i = 0; i < left; i++)
        lpc_emac_set(e, lpc_emac_tx_status(e, i), EMAC_TX_MARK);
    e->tx_done = 0;
    e->tx_produce = (uint8_t)left;
}

/* The frame that the channel was at: its bytes were on the wire, its status is lost. */
static void give_up_first(struct lpc2468_emac *e)
{
    bool last = false;
    if (e->tx_done != e->tx_produce)
        e->counters.tx_unknown++;
    while (!last && e->tx_done != e->tx_produce) {
        last = e->tx[e->tx_done].last;
        lpc_emac_tx_release(e);
    }
    e->tx_errors = 0;
}

static void reset_transmitter(struct lpc2468_emac *e)
{
    e->tx_stopping = false;
    e->counters.tx_recoveries++;
    lpc_emac_change(e, LPC_MAC1, 0, LPC_MAC1_RESET_MCS_TX);
    lpc_emac_change(e, LPC_COMMAND, 0, LPC_COMMAND_TXRESET);
    move_to_front(e);
    lpc_emac_tx_program(e);
    lpc_emac_change(e, LPC_MAC1, LPC_MAC1_RESET_MCS_TX, 0);
    lpc_emac_set(e, LPC_INTCLEAR, LPC_INT_TXUNDERRUN | LPC_INT_TXERROR);
    lpc_emac_change(e, LPC_COMMAND, 0, LPC_COMMAND_TXENABLE);
    if (e->tx_produce != 0)
        lpc_emac_set(e, LPC_TXPRODUCEINDEX, e->tx_produce);
}

bool lpc2468_emac_tx_recover(struct lpc2468_emac *e, uint32_t now_ms)
{
    if (!e->started || !(e->tx_broken || e->tx_stopping))
        return false;
    if (!e->link_up)
        return true;
    if (!e->tx_stopping) {
        lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_TXENABLE, 0);
        e->tx_stopping = true;
        e->tx_since_ms = now_ms;
    }
    if (!has_stopped(e, LPC_STATUS_TX, e->tx_since_ms, now_ms))
        return true;
    e->tx_broken = false;
    lpc_emac_tx_take_back(e);
    give_up_first(e);
    reset_transmitter(e);
    return false;
}
