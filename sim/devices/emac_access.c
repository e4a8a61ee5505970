/* emac_access.c: a register is read or written: who may, and what follows (sheet, 3, 4 and 14).
 *
 * A forbidden access is reported and goes on as guest_error.h says. Reading changes nothing. */
#include "sim/devices/emac_state.h"

#include <stddef.h>

static void foreign(const struct emac *e, enum guest_error_kind kind, uint32_t offset, bool write,
                    uint32_t value, const char *what)
{
    if (e->env.guest_error != NULL)
        e->env.guest_error(e->env.ctx, &(struct guest_error){
                                           .kind = kind, .write = write, .reg = "",
                                           .addr = EMAC_BASE + offset, .value = value,
                                           .t_ns = e->now_ns, .what = what});
}

/* The register there, or NULL after reporting why it cannot be touched. */
static const struct emac_register *reach(struct emac *e, uint32_t offset, bool write,
                                         uint32_t value)
{
    const struct emac_register *row;

    if (e->hung)
        return NULL;
    if ((offset & 3) != 0)
        foreign(e, GUEST_MISALIGNED, offset, write, value, "registers stand at multiples of 4");
    row = emac_register_at(offset & ~3u);
    if ((e->r[R_POWER_DOWN] & POWER_DOWN) != 0 && row != emac_register_row(R_POWER_DOWN)) {
        foreign(e, GUEST_POWERED_DOWN, offset, write, value, "PowerDown is set: bus error");
        return NULL;
    }
    if (row == NULL)
        foreign(e, GUEST_UNMAPPED, offset, write, value, "reserved address");
    return row;
}

static enum emac_reg id_of(const struct emac_register *row)
{
    return (enum emac_reg)(row - emac_register_row(R_MAC1));
}

static uint32_t value_of(const struct emac *e, enum emac_reg reg)
{
    switch (reg) {
    case R_MIND:
        return emac_miim_mind(e);
    case R_STATUS:
        return (emac_rx_active(e) ? STATUS_RX : 0) | (emac_tx_active(e) ? STATUS_TX : 0);
    case R_RX_PRODUCE_INDEX:
        return e->rx.produce;
    case R_RX_CONSUME_INDEX:
        return e->rx.consume;
    case R_TX_PRODUCE_INDEX:
        return e->tx.produce;
    case R_TX_CONSUME_INDEX:
        return e->tx.shown;
    case R_FLOW_CONTROL_STATUS:
        return emac_flow_status(e);
    default:
        return e->r[reg];
    }
}

uint32_t emac_read(struct emac *e, uint32_t offset, uint64_t now_ns)
{
    emac_advance(e, now_ns);
    const struct emac_register *row = reach(e, offset, false, 0);

    if (row == NULL)
        return 0;
    if (row->access == EMAC_WO) {
        emac_guest(e, GUEST_WRITE_ONLY, id_of(row), false, 0, "write-only: reads as 0");
        return 0;
    }
    return value_of(e, id_of(row));
}

uint32_t emac_peek(const struct emac *e, uint32_t offset)
{
    const struct emac_register *row = emac_register_at(offset);

    return row == NULL || row->access == EMAC_WO ? 0 : value_of(e, id_of(row));
}

/* ---- writes with effects ---- */

static void gate(struct emac_gate *g, bool on, uint64_t now_ns)
{
    if (g->on == on)
        return;
    if (on) {
        g->since_ns = now_ns;
    } else {
        g->off_ns = now_ns;
        g->before_ns = g->since_ns;
    }
    g->on = on;
}

static void write_mac1(struct emac *e, uint32_t value)
{
    uint32_t before = e->r[R_MAC1], set = value & ~before;

    e->r[R_MAC1] = value;
    gate(&e->receive_enable, (value & MAC1_RECEIVE_ENABLE) != 0, e->now_ns);
    if ((before & MAC1_HOLDS_RX) != 0 && (value & MAC1_HOLDS_RX) == 0)
        e->rx.reset_ns = e->now_ns;
    if ((set & (MAC1_RESET_TX | MAC1_SOFT_RESET)) != 0)
        emac_tx_hold(e);
    if ((set & (MAC1_RESET_MCS_RX | MAC1_SOFT_RESET)) != 0)
        e->flow.paused_ns = 0;
    if ((set & (MAC1_RESET_MCS_TX | MAC1_SOFT_RESET)) != 0)
        e->flow.pending = e->flow.mirror = false;
    if ((set & (MAC1_SIMULATION_RESET | MAC1_SOFT_RESET)) != 0)
        prng_init(&e->backoff, e->knobs.seed, "emac.backoff");
}

void emac_datapath_reset(struct emac *e)
{
    emac_tx_reset(e);
    emac_rx_reset(e);
    emac_flow_reset(e);
    emac_registers_reset(e, R_FIRST_HOST);
    gate(&e->rx_enable, false, e->now_ns);
}

static void tx_enabled(struct emac *e)
{
    if (e->tx.phase == TX_IDLE)
        e->tx.ahead.count = 0; /* what was read ahead before is stale */
    emac_tx_fetch(e);
    if (e->tx.produce == e->tx.consume)
        emac_raise(e, INT_TX_FINISHED); /* 7.5 */
}

static void write_command(struct emac *e, uint32_t value)
{
    uint32_t before = e->r[R_COMMAND], changed;

    if ((value & COMMAND_RESETS) != 0 && !emac_medium(e).clock) {
        emac_guest(e, GUEST_NO_CLOCK, R_COMMAND, true, value,
                   "a datapath reset without the PHY's clock hangs the bus");
        if (e->knobs.hang_without_clock) {
            e->hung = true;
            return;
        }
    }
    if ((value & COMMAND_REG_RESET) != 0) {
        emac_datapath_reset(e);
        return;
    }
    if (e->knobs.resets_disable)
        value &= ~((value & COMMAND_TX_RESET) != 0 ? COMMAND_TX_ENABLE : 0) &
                 ~((value & COMMAND_RX_RESET) != 0 ? COMMAND_RX_ENABLE : 0);
    e->r[R_COMMAND] = value & ~COMMAND_RESETS;
    e->duplex_told = false;
    if ((value & COMMAND_TX_RESET) != 0)
        emac_tx_reset(e);
    if ((value & COMMAND_RX_RESET) != 0)
        emac_rx_reset(e);
    changed = e->r[R_COMMAND] ^ before;
    gate(&e->rx_enable, (value & COMMAND_RX_ENABLE) != 0, e->now_ns);
    if ((changed & COMMAND_RX_ENABLE) != 0)
        emac_rx_enable(e);
    if ((changed & value & COMMAND_TX_ENABLE) != 0)
        tx_enabled(e);
    emac_flow_command(e, before);
}

static void write_power_down(struct emac *e, uint32_t value)
{
    if ((value & ~e->r[R_POWER_DOWN]) != 0)
        e->rx.power_down_ns = e->now_ns;
    e->r[R_POWER_DOWN] = value;
}

/* A value that only has to be stored, or one of the management block. */
static void store(struct emac *e, enum emac_reg reg, uint32_t value)
{
    uint32_t before = e->r[reg];

    e->r[reg] = value;
    switch (reg) {
    case R_MAC2:
        e->duplex_told = false;
        break;
    case R_TEST:
        emac_flow_test(e, before);
        break;
    case R_MCFG:
        e->r[reg] = value & (0x8003u | ((1u << e->knobs.mcfg_width) - 1) << 2);
        emac_miim_mcfg(e, before);
        break;
    case R_MCMD:
        emac_miim_mcmd(e);
        break;
    case R_MADR:
        emac_miim_madr(e, before);
        break;
    case R_MWTD:
        emac_miim_mwtd(e, value);
        break;
    default:
        break;
    }
}

static void effect(struct emac *e, enum emac_reg reg, uint32_t value)
{
    switch (reg) {
    case R_MAC1:
        write_mac1(e, value);
        break;
    case R_COMMAND:
        write_command(e, value);
        break;
    case R_RX_DESCRIPTOR:
    case R_RX_STATUS:
    case R_TX_DESCRIPTOR:
    case R_TX_STATUS:
        emac_ring_base(e, reg, value);
        break;
    case R_RX_DESCRIPTOR_NUMBER:
    case R_TX_DESCRIPTOR_NUMBER:
        emac_ring_number(e, reg, value);
        break;
    case R_RX_CONSUME_INDEX:
        emac_ring_rx_consume(e, value);
        break;
    case R_TX_PRODUCE_INDEX:
        emac_ring_tx_produce(e, value);
        break;
    case R_RX_FILTER_WOL_CLEAR:
        e->r[R_RX_FILTER_WOL_STATUS] &= ~value;
        break;
    case R_INT_CLEAR:
        e->r[R_INT_STATUS] &= ~value;
        break;
    case R_INT_SET:
        emac_raise(e, value);
        break;
    case R_POWER_DOWN:
        write_power_down(e, value);
        break;
    default:
        store(e, reg, value);
    }
}

/* What the hardware sets at the very instant of IntClear stays set (18), unless somebody could have
 * seen it before: emac_advance() or another access at that time. */
static void catch_up(struct emac *e, uint32_t offset, uint64_t now_ns)
{
    if (offset != emac_register_row(R_INT_CLEAR)->offset) {
        emac_advance(e, now_ns);
        return;
    }
    if (now_ns > e->now_ns) {
        emac_run(e, now_ns - 1);
        e->now_ns = now_ns;
    }
}

void emac_write(struct emac *e, uint32_t offset, uint32_t value, uint64_t now_ns)
{
    catch_up(e, offset, now_ns);
    const struct emac_register *row = reach(e, offset, true, value);

    if (row == NULL)
        return;
    enum emac_reg reg = id_of(row);
    if (row->access == EMAC_RO) {
        emac_guest(e, GUEST_READ_ONLY, reg, true, value, "read-only: the write is lost");
        return;
    }
    if ((value & ~(row->mask | row->quiet)) != 0)
        emac_guest(e, GUEST_RESERVED_BITS, reg, true, value, "reserved bits are to be written 0");
    bool base = reg == R_RX_DESCRIPTOR || reg == R_RX_STATUS || reg == R_TX_DESCRIPTOR ||
                reg == R_TX_STATUS;
    effect(e, reg, base ? value : value & row->mask);
    emac_run(e, now_ns);
    emac_line(e);
}
