/* emac_regs.c: the register map (sheet, section 3): names, reset values, bits, access.
 *
 * `quiet` bits do not exist and yet are no mistake to write: drivers in the field do, to find out
 * MCFG's width (4.9), to clear everything at once (19), or for other parts of the family (20.12).
 */
#include "sim/devices/emac_state.h"

#include <stddef.h>

static const struct emac_register table[EMAC_REGS] = {
    [R_MAC1] = {0x000, EMAC_RW, "MAC1", 0x8000, 0xcf1f, 0},
    [R_MAC2] = {0x004, EMAC_RW, "MAC2", 0, 0x73ff, 0},
    [R_IPGT] = {0x008, EMAC_RW, "IPGT", 0, 0x7f, 0},
    [R_IPGR] = {0x00c, EMAC_RW, "IPGR", 0, 0x7f7f, 0},
    [R_CLRT] = {0x010, EMAC_RW, "CLRT", 0x370f, 0x3f0f, 0},
    [R_MAXF] = {0x014, EMAC_RW, "MAXF", 0x600, 0xffff, 0},
    [R_SUPP] = {0x018, EMAC_RW, "SUPP", 0, SUPP_SPEED, SUPP_RESET_RMII},
    [R_TEST] = {0x01c, EMAC_RW, "TEST", 0, 0x7, 0},
    /* CLOCK SELECT as wide as the knob says: emac_access.c */
    [R_MCFG] = {0x020, EMAC_RW, "MCFG", 0, 0x803f, 0x7fc0},
    [R_MCMD] = {0x024, EMAC_RW, "MCMD", 0, 0x3, 0},
    [R_MADR] = {0x028, EMAC_RW, "MADR", 0, 0x1f1f, 0},
    [R_MWTD] = {0x02c, EMAC_WO, "MWTD", 0, 0xffff, 0},
    [R_MRDD] = {0x030, EMAC_RO, "MRDD", 0, 0xffff, 0},
    [R_MIND] = {0x034, EMAC_RO, "MIND", 0, 0xf, 0},
    [R_SA0] = {0x040, EMAC_RW, "SA0", 0, 0xffff, 0},
    [R_SA1] = {0x044, EMAC_RW, "SA1", 0, 0xffff, 0},
    [R_SA2] = {0x048, EMAC_RW, "SA2", 0, 0xffff, 0},
    [R_COMMAND] = {0x100, EMAC_RW, "Command", 0, 0x7fb, 0},
    [R_STATUS] = {0x104, EMAC_RO, "Status", 0, 0x3, 0},
    [R_RX_DESCRIPTOR] = {0x108, EMAC_RW, "RxDescriptor", 0, 0xfffffffc, 0x3},
    [R_RX_STATUS] = {0x10c, EMAC_RW, "RxStatus", 0, 0xfffffff8, 0x7},
    [R_RX_DESCRIPTOR_NUMBER] = {0x110, EMAC_RW, "RxDescriptorNumber", 0, 0xffff, 0},
    [R_RX_PRODUCE_INDEX] = {0x114, EMAC_RO, "RxProduceIndex", 0, 0xffff, 0},
    [R_RX_CONSUME_INDEX] = {0x118, EMAC_RW, "RxConsumeIndex", 0, 0xffff, 0},
    [R_TX_DESCRIPTOR] = {0x11c, EMAC_RW, "TxDescriptor", 0, 0xfffffffc, 0x3},
    [R_TX_STATUS] = {0x120, EMAC_RW, "TxStatus", 0, 0xfffffffc, 0x3},
    [R_TX_DESCRIPTOR_NUMBER] = {0x124, EMAC_RW, "TxDescriptorNumber", 0, 0xffff, 0},
    [R_TX_PRODUCE_INDEX] = {0x128, EMAC_RW, "TxProduceIndex", 0, 0xffff, 0},
    [R_TX_CONSUME_INDEX] = {0x12c, EMAC_RO, "TxConsumeIndex", 0, 0xffff, 0},
    [R_TSV0] = {0x158, EMAC_RO, "TSV0", 0, 0xffffffff, 0},
    [R_TSV1] = {0x15c, EMAC_RO, "TSV1", 0, 0xfffff, 0},
    [R_RSV] = {0x160, EMAC_RO, "RSV", 0, 0x7fffffff, 0},
    [R_FLOW_CONTROL_COUNTER] = {0x170, EMAC_RW, "FlowControlCounter", 0, 0xffffffff, 0},
    [R_FLOW_CONTROL_STATUS] = {0x174, EMAC_RO, "FlowControlStatus", 0, 0xffff, 0},
    [R_RX_FILTER_CTRL] = {0x200, EMAC_RW, "RxFilterCtrl", 0, 0x303f, 0},
    [R_RX_FILTER_WOL_STATUS] = {0x204, EMAC_RO, "RxFilterWoLStatus", 0, 0x1bf, 0},
    [R_RX_FILTER_WOL_CLEAR] = {0x208, EMAC_WO, "RxFilterWoLClear", 0, 0x1bf, 0xffffffff},
    [R_HASH_FILTER_L] = {0x210, EMAC_RW, "HashFilterL", 0, 0xffffffff, 0},
    [R_HASH_FILTER_H] = {0x214, EMAC_RW, "HashFilterH", 0, 0xffffffff, 0},
    [R_INT_STATUS] = {0xfe0, EMAC_RO, "IntStatus", 0, INT_ALL, 0},
    [R_INT_ENABLE] = {0xfe4, EMAC_RW, "IntEnable", 0, INT_ALL, 0},
    [R_INT_CLEAR] = {0xfe8, EMAC_WO, "IntClear", 0, INT_ALL, 0xffffffff},
    [R_INT_SET] = {0xfec, EMAC_WO, "IntSet", 0, INT_ALL, 0},
    [R_POWER_DOWN] = {0xff4, EMAC_RW, "PowerDown", 0, POWER_DOWN, 0},
    [R_MODULE_ID] = {0xffc, EMAC_RO, "ModuleID", 0, 0xffffffff, 0}, /* knob */
};

const struct emac_register *emac_register_row(enum emac_reg reg)
{
    return &table[reg];
}

const struct emac_register *emac_register_at(uint32_t offset)
{
    unsigned low = 0, high = EMAC_REGS;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (table[middle].offset == offset)
            return &table[middle];
        if (table[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *emac_register_name(uint32_t offset)
{
    const struct emac_register *row = emac_register_at(offset);

    return row != NULL ? row->name : NULL;
}

void emac_registers_reset(struct emac *e, enum emac_reg first)
{
    for (unsigned i = first; i < EMAC_REGS; i++)
        e->r[i] = table[i].reset;
    e->r[R_MODULE_ID] = e->knobs.module_id;
}

static void report(const struct emac *e, const struct guest_error *error)
{
    if (e->env.guest_error != NULL)
        e->env.guest_error(e->env.ctx, error);
}

void emac_guest(const struct emac *e, enum guest_error_kind kind, enum emac_reg reg, bool write,
                uint32_t value, const char *what)
{
    report(e, &(struct guest_error){.kind = kind, .write = write, .reg = table[reg].name,
                                    .addr = EMAC_BASE + table[reg].offset, .value = value,
                                    .t_ns = e->now_ns, .what = what});
}

void emac_guest_dma(const struct emac *e, enum guest_error_kind kind, enum emac_reg reg,
                    uint32_t addr, uint32_t value, const char *what)
{
    report(e, &(struct guest_error){.kind = kind, .reg = table[reg].name, .addr = addr,
                                    .value = value, .t_ns = e->now_ns, .what = what});
}
