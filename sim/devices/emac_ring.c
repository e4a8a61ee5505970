/* emac_ring.c: descriptor rings: memory, index arithmetic, descriptors read ahead (sheet, 5 and 6).
 *
 * What was read ahead is frozen: a driver that changes a descriptor after handing it over is
 * reported when the descriptor's turn comes, and what was handed over is used. */
#include "sim/devices/emac_state.h"

#include <assert.h>
#include <stddef.h>

#define ETHERNET_RAM_BASE 0x7fe00000u
#define ETHERNET_RAM_SIZE 0x4000u
#define DESCRIPTOR_SIZE 8u

uint32_t emac_next_index(uint32_t i, uint32_t number)
{
    return i >= number ? 0 : i + 1;
}

uint32_t emac_get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void emac_put32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

uint8_t *emac_dma(const struct emac *e, enum emac_reg reg, uint32_t addr, uint32_t bytes,
                  const char *what)
{
    uint8_t *p = NULL;
    bool in_reach = e->knobs.dma_anywhere ||
                    (addr >= ETHERNET_RAM_BASE && bytes <= ETHERNET_RAM_SIZE &&
                     addr - ETHERNET_RAM_BASE <= ETHERNET_RAM_SIZE - bytes);

    if (in_reach && e->env.memory != NULL)
        p = e->env.memory(e->env.ctx, addr, bytes);
    if (p == NULL)
        emac_guest_dma(e, GUEST_DMA_RANGE, reg, addr, bytes, what);
    return p;
}

static bool read_descriptor(const struct emac *e, enum emac_reg base, uint32_t index,
                            struct emac_descriptor *out)
{
    uint32_t addr = e->r[base] + index * DESCRIPTOR_SIZE;
    const uint8_t *p = emac_dma(e, base, addr, DESCRIPTOR_SIZE,
                                "descriptor outside the memory that DMA reaches");

    if (p == NULL)
        return false;
    out->packet = emac_get32(p);
    out->control = emac_get32(p + 4);
    return true;
}

bool emac_ahead_fill(const struct emac *e, struct emac_ahead *a, enum emac_reg base, uint32_t from,
                     uint32_t owned)
{
    uint32_t number = e->r[base == R_RX_DESCRIPTOR ? R_RX_DESCRIPTOR_NUMBER
                                                   : R_TX_DESCRIPTOR_NUMBER];
    uint32_t want = owned < e->knobs.prefetch ? owned : e->knobs.prefetch;

    if (a->count > want)
        a->count = want;
    if (a->count == 0)
        a->told = false;
    while (a->count < want) {
        uint32_t index = (from + a->count) % (number + 1);
        if (!read_descriptor(e, base, index, &a->d[(a->head + a->count) % EMAC_AHEAD]))
            return false;
        a->count++;
    }
    return true;
}

struct emac_descriptor emac_ahead_first(const struct emac *e, struct emac_ahead *a,
                                        enum emac_reg base, uint32_t index)
{
    struct emac_descriptor *held = &a->d[a->head], found;

    assert(a->count > 0);
    if (!a->told && read_descriptor(e, base, index, &found) &&
        (found.packet != held->packet || found.control != held->control)) {
        bool packet = found.packet != held->packet;
        a->told = true;
        emac_guest_dma(e, GUEST_DESCRIPTOR, base,
                       e->r[base] + index * DESCRIPTOR_SIZE + (packet ? 0 : 4),
                       packet ? found.packet : found.control,
                       packet ? "Packet changed after the descriptor was handed over"
                              : "Control changed after the descriptor was handed over");
    }
    return *held;
}

void emac_ahead_drop(struct emac_ahead *a)
{
    assert(a->count > 0);
    a->head = (a->head + 1) % EMAC_AHEAD;
    a->count--;
    a->told = false;
}

static bool is_rx(enum emac_reg reg)
{
    return reg >= R_RX_DESCRIPTOR && reg <= R_RX_CONSUME_INDEX;
}

/* The channel is enabled, or not done yet. Some enable it first and give it bases and numbers then:
 * what was 0 before may be set (6, 19). */
static bool is_live(const struct emac *e, enum emac_reg reg)
{
    uint32_t enable = is_rx(reg) ? COMMAND_RX_ENABLE : COMMAND_TX_ENABLE;

    if (e->r[reg] == 0)
        return false;
    return (e->r[R_COMMAND] & enable) != 0 ||
           (is_rx(reg) ? emac_rx_active(e) : emac_tx_active(e));
}

/* What was read ahead belongs to the old array. */
static void read_anew(struct emac *e, enum emac_reg reg)
{
    if (is_rx(reg)) {
        e->rx.ahead.count = 0;
        emac_rx_fetch(e);
    } else {
        e->tx.ahead.count = 0;
        emac_tx_fetch(e);
    }
}

void emac_ring_base(struct emac *e, enum emac_reg reg, uint32_t value)
{
    uint32_t before = e->r[reg], low = value & ~emac_register_row(reg)->mask;

    if (low != 0)
        emac_guest(e, GUEST_BASE_MISALIGNED, reg, true, value,
                   reg == R_RX_STATUS ? "not a multiple of 8" : "not a multiple of 4");
    value -= low;
    if (value == before)
        return;
    if (is_live(e, reg))
        emac_guest(e, GUEST_RING_LIVE, reg, true, value,
                   "base changed while the channel is enabled");
    e->r[reg] = value;
    if (reg == R_RX_DESCRIPTOR || reg == R_TX_DESCRIPTOR)
        read_anew(e, reg);
}

/* An index that the ring no longer has. */
static void fold(struct emac *e, enum emac_reg reg, uint32_t *index, uint32_t number)
{
    if (*index <= number)
        return;
    emac_guest(e, GUEST_RING_INDEX, reg, true, number, "an index is beyond the new number");
    *index %= number + 1;
}

void emac_ring_number(struct emac *e, enum emac_reg reg, uint32_t value)
{
    if (value == e->r[reg])
        return;
    if (is_live(e, reg))
        emac_guest(e, GUEST_RING_LIVE, reg, true, value,
                   "number changed while the channel is enabled");
    e->r[reg] = value;
    if (is_rx(reg)) {
        fold(e, reg, &e->rx.consume, value);
        fold(e, reg, &e->rx.produce, value);
        e->rx.pending_count = 0;
        e->rx.fill = e->rx.produce;
    } else {
        fold(e, reg, &e->tx.produce, value);
        fold(e, reg, &e->tx.consume, value);
        if (e->tx.shown > value)
            e->tx.shown = e->tx.consume;
    }
    read_anew(e, reg);
}

/* How far it is from index a to index b of a ring. */
static uint32_t distance(uint32_t a, uint32_t b, uint32_t number)
{
    return b >= a ? b - a : number + 1 - a + b;
}

static uint32_t checked_index(const struct emac *e, enum emac_reg reg, uint32_t value,
                              uint32_t number)
{
    if (value <= number)
        return value;
    emac_guest(e, GUEST_RING_INDEX, reg, true, value, "beyond the number of descriptors");
    return value % (number + 1);
}

void emac_ring_tx_produce(struct emac *e, uint32_t value)
{
    uint32_t number = e->r[R_TX_DESCRIPTOR_NUMBER], before = e->tx.produce;

    value = checked_index(e, R_TX_PRODUCE_INDEX, value, number);
    if (distance(e->tx.consume, before, number) + distance(before, value, number) > number)
        emac_guest(e, GUEST_RING_INDEX, R_TX_PRODUCE_INDEX, true, value,
                   "more descriptors than were free: it passes TxConsumeIndex");
    e->tx.produce = value;
    e->tx.ready_ns = e->now_ns + e->knobs.dma_ns;
    emac_tx_fetch(e);
}

/* Nothing can come: the driver may still hand over its first buffers one by one, index by index all
 * around the ring, from where both indices are 0. */
static bool rx_stands(const struct emac *e)
{
    return (e->r[R_COMMAND] & COMMAND_RX_ENABLE) == 0 ||
           (e->r[R_MAC1] & MAC1_RECEIVE_ENABLE) == 0 || (e->r[R_MAC1] & MAC1_HOLDS_RX) != 0;
}

void emac_ring_rx_consume(struct emac *e, uint32_t value)
{
    uint32_t number = e->r[R_RX_DESCRIPTOR_NUMBER], before = e->rx.consume;

    value = checked_index(e, R_RX_CONSUME_INDEX, value, number);
    if (!rx_stands(e) &&
        distance(before, value, number) > distance(before, e->rx.produce, number))
        emac_guest(e, GUEST_RING_INDEX, R_RX_CONSUME_INDEX, true, value,
                   "more descriptors than were filled: it passes RxProduceIndex");
    e->rx.consume = value;
    if (e->knobs.finished_when_empty && value != before && value == e->rx.produce)
        emac_raise(e, INT_RX_FINISHED);
    emac_rx_fetch(e);
}
