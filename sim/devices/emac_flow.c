/* emac_flow.c: PAUSE in and out, the mirror counter, back-pressure (sheet, 4.8, 4.18 and 11). */
#include "sim/devices/emac_state.h"

#include <string.h>

#define QUANTUM_BITS 512u
#define SHORTCUT_BITS 8u /* TEST.0: one byte time */
#define JABBER_BYTES 4125u /* 0.33 ms at 100 Mbit/s, 3.3 ms at 10: then the preamble pauses */
#define JABBER_GAP_BYTES 12u

static uint64_t quantum_ns(const struct emac *e)
{
    return emac_bits_ns(e, (e->r[R_TEST] & TEST_SHORTCUT_PAUSE) != 0 ? SHORTCUT_BITS
                                                                     : QUANTUM_BITS);
}

/* ---- a PAUSE that came ---- */

void emac_flow_pause(struct emac *e, uint32_t quanta)
{
    uint64_t from = e->now_ns;

    if (!emac_full_duplex(e) || (e->r[R_MAC1] & MAC1_RX_FLOW_CONTROL) == 0)
        return;
    if (e->tx.phase == TX_WIRE && e->tx.at_ns > from)
        from = e->tx.at_ns; /* the time counts from the end of the frame that is under way */
    e->flow.paused_ns = quanta == 0 ? e->now_ns : from + quanta * quantum_ns(e);
}

/* ---- ours ---- */

static void ask(struct emac *e, bool zero)
{
    e->flow.pending = true;
    e->flow.zero = zero;
}

void emac_flow_command(struct emac *e, uint32_t before)
{
    uint32_t changed = e->r[R_COMMAND] ^ before;
    bool on = (e->r[R_COMMAND] & COMMAND_TX_FLOW_CONTROL) != 0;

    if ((changed & (COMMAND_TX_FLOW_CONTROL | COMMAND_FULL_DUPLEX)) == 0)
        return;
    e->flow.mirror = false;
    if (!emac_full_duplex(e)) {
        e->flow.pending = false;
        e->flow.mirror = on;
        e->flow.mirror_ns = e->now_ns;
        e->flow.quantum_ns = quantum_ns(e);
        return;
    }
    if ((changed & COMMAND_TX_FLOW_CONTROL) != 0 && (e->r[R_MAC1] & MAC1_TX_FLOW_CONTROL) != 0)
        ask(e, !on);
}

void emac_flow_test(struct emac *e, uint32_t before)
{
    if (((e->r[R_TEST] ^ before) & TEST_BACK_PRESSURE) != 0 && !e->flow.mirror)
        e->flow.mirror_ns = e->now_ns;
}

void emac_flow_build(struct emac *e)
{
    static const uint8_t start[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01};
    static const uint8_t type_opcode[4] = {0x88, 0x08, 0x00, 0x01};
    uint32_t timer = e->flow.zero ? 0 : e->r[R_FLOW_CONTROL_COUNTER] >> 16;
    uint8_t *p = e->tx.bytes;

    memset(p, 0, 60);
    memcpy(p, start, 6);
    emac_filter_station(e, p + 6);
    memcpy(p + 12, type_opcode, 4);
    p[16] = (uint8_t)(timer >> 8);
    p[17] = (uint8_t)timer;
    e->tx.length = 60;
    e->tx.pause = true;
    e->tx.zero = e->flow.zero;
    e->flow.pending = false;
    e->flow.mirror = false;
}

/* Its last bit has just left. */
void emac_flow_sent(struct emac *e)
{
    bool on = (e->r[R_COMMAND] & COMMAND_TX_FLOW_CONTROL) != 0 && emac_full_duplex(e);

    if (!on || e->tx.zero)
        return;
    e->flow.mirror = true;
    e->flow.mirror_ns = e->now_ns;
    e->flow.quantum_ns = quantum_ns(e);
}

void emac_flow_reset(struct emac *e)
{
    e->flow = (struct emac_flow){0};
}

uint32_t emac_flow_status(const struct emac *e)
{
    uint32_t top = emac_full_duplex(e) ? e->r[R_FLOW_CONTROL_COUNTER] & 0xffff
                                       : e->r[R_FLOW_CONTROL_COUNTER] >> 16;

    if (!e->flow.mirror)
        return 0;
    uint64_t count = (e->now_ns - e->flow.mirror_ns) / e->flow.quantum_ns;
    if (top == 0 && emac_full_duplex(e))
        top = 0xffff; /* no repetition: it counts on */
    return count < top ? (uint32_t)count : top;
}

uint64_t emac_flow_next(const struct emac *e)
{
    uint32_t mirror = e->r[R_FLOW_CONTROL_COUNTER] & 0xffff;

    if (!e->flow.mirror || mirror == 0 || e->flow.pending || !emac_full_duplex(e))
        return EMAC_NEVER;
    return e->flow.mirror_ns + mirror * e->flow.quantum_ns;
}

void emac_flow_mirror(struct emac *e)
{
    e->flow.mirror = false; /* until the next one is out */
    if ((e->r[R_MAC1] & MAC1_TX_FLOW_CONTROL) != 0)
        ask(e, false);
}

/* ---- half duplex: a preamble that does not end ---- */

bool emac_flow_pressing(const struct emac *e)
{
    return !emac_full_duplex(e) && ((e->r[R_COMMAND] & COMMAND_TX_FLOW_CONTROL) != 0 ||
                                    (e->r[R_TEST] & TEST_BACK_PRESSURE) != 0);
}

/* A frame from the medium whose first bit came then. It gets through where it began before the
 * preamble did, or in one of the preamble's pauses. */
bool emac_flow_collides(const struct emac *e, uint64_t first_ns)
{
    uint64_t byte = emac_byte_ns(e), on = JABBER_BYTES * byte, gap = JABBER_GAP_BYTES * byte;

    if (!emac_flow_pressing(e) || first_ns < e->flow.mirror_ns)
        return false;
    return (first_ns - e->flow.mirror_ns) % (on + gap) < on;
}
