/* stack/drivers/lpc2468_emac_local.h: what the files of the EMAC's driver share. Read
 * lpc2468_emac.h first. */
#ifndef STACK_DRIVERS_LPC2468_EMAC_LOCAL_H
#define STACK_DRIVERS_LPC2468_EMAC_LOCAL_H

#include "stack/drivers/bus.h"
#include "stack/drivers/lpc2468_emac.h"
#include "stack/drivers/lpc2468_regs.h"

#define EMAC_FCS 4u

/* In a transmit status before the hardware has written one: bits that it leaves 0. */
#define EMAC_TX_MARK LPC_TXSTATUS_UNUSED

/* Interrupts that receive_done() lets in again. */
#define EMAC_RX_INTERRUPTS (LPC_INT_RXDONE | LPC_INT_RXOVERRUN)

static inline uint32_t lpc_emac_get(const struct lpc2468_emac *e, uint32_t reg)
{
    return bus_read32(e->bus, reg);
}

static inline void lpc_emac_set(const struct lpc2468_emac *e, uint32_t reg, uint32_t value)
{
    bus_write32(e->bus, reg, value);
}

static inline unsigned lpc_emac_next_index(unsigned i, unsigned count)
{
    return i + 1 == count ? 0 : i + 1;
}

/* Steps from one index to the other, 0..count-1. */
static inline unsigned lpc_emac_distance(unsigned from, unsigned to, unsigned count)
{
    return to >= from ? to - from : to + count - from;
}

/* lpc2468_emac.c: a register that several contexts change: clear, then set bits. */
void lpc_emac_change(const struct lpc2468_emac *e, uint32_t reg, uint32_t clear, uint32_t set);

/* lpc2468_emac_filter.c: station address, filter and hash table as they shall be, into the
 * registers. */
void lpc_emac_filter_program(const struct lpc2468_emac *e);

/* lpc2468_emac_rx.c: buffers for the ring: pool pbufs, or (rx_direct false) none. */
void lpc_emac_rx_fill(struct lpc2468_emac *e);
/* Descriptors, bases and indices, of an empty ring. The channel is off. */
void lpc_emac_rx_program(struct lpc2468_emac *e);
/* Lets go of the ring's pbufs. The channel is off. */
void lpc_emac_rx_drop(struct lpc2468_emac *e);

/* lpc2468_emac_tx.c: bases, number and produce index; the ring holds tx_produce fragments from
 * index 0 on. The channel is off. */
void lpc_emac_tx_program(struct lpc2468_emac *e);
/* Takes back everything whose status is there. */
void lpc_emac_tx_take_back(struct lpc2468_emac *e);
/* The oldest fragment, sent or not, is let go of. */
void lpc_emac_tx_release(struct lpc2468_emac *e);
/* All of them. */
void lpc_emac_tx_drop(struct lpc2468_emac *e);

static inline uint32_t lpc_emac_tx_descriptor(const struct lpc2468_emac *e, unsigned i)
{
    return e->tx_descriptors + i * LPC_TX_ENTRY;
}

static inline uint32_t lpc_emac_tx_status(const struct lpc2468_emac *e, unsigned i)
{
    return e->tx_statuses + i * LPC_TX_STATUS_ENTRY;
}

#endif
