/* The register map: names, reset values, bits, access kinds, PowerDown (sheet, 3, 4, 19). */
#include "emac_bench.h"

enum kind { RW, RO, WO };
struct row {
    uint32_t offset;
    const char *name;
    enum kind kind;
    uint32_t reset, bits; /* bits: that can be written and read back */
    uint32_t tolerated;   /* bits that are not there and are no error */
};

/* Section 3 with the bits of section 4. Indices are limited by the ring, Command's resets clear
 * themselves: both have tests of their own. */
static const struct row rows[] = {
    {0x000, "MAC1", RW, 0x8000, 0xcf1f, 0},
    {0x004, "MAC2", RW, 0, 0x73ff, 0},
    {0x008, "IPGT", RW, 0, 0x7f, 0},
    {0x00c, "IPGR", RW, 0, 0x7f7f, 0},
    {0x010, "CLRT", RW, 0x370f, 0x3f0f, 0},
    {0x014, "MAXF", RW, 0x600, 0xffff, 0},
    {0x018, "SUPP", RW, 0, 0x100, 0x800},
    {0x01c, "TEST", RW, 0, 7, 0},
    {0x020, "MCFG", RW, 0, 0x801f, 0x7fe0},
    {0x024, "MCMD", RW, 0, 3, 0},
    {0x028, "MADR", RW, 0, 0x1f1f, 0},
    {0x02c, "MWTD", WO, 0, 0xffff, 0},
    {0x030, "MRDD", RO, 0, 0, 0},
    {0x034, "MIND", RO, 0, 0, 0},
    {0x040, "SA0", RW, 0, 0xffff, 0},
    {0x044, "SA1", RW, 0, 0xffff, 0},
    {0x048, "SA2", RW, 0, 0xffff, 0},
    {0x100, "Command", RW, 0, 0x7c3, 0x38},
    {0x104, "Status", RO, 0, 0, 0},
    {0x108, "RxDescriptor", RW, 0, 0xfffffffc, 3},
    {0x10c, "RxStatus", RW, 0, 0xfffffff8, 7},
    {0x110, "RxDescriptorNumber", RW, 0, 0xffff, 0},
    {0x114, "RxProduceIndex", RO, 0, 0, 0},
    {0x118, "RxConsumeIndex", RW, 0, 0, 0xffff},
    {0x11c, "TxDescriptor", RW, 0, 0xfffffffc, 3},
    {0x120, "TxStatus", RW, 0, 0xfffffffc, 3},
    {0x124, "TxDescriptorNumber", RW, 0, 0xffff, 0},
    {0x128, "TxProduceIndex", RW, 0, 0, 0xffff},
    {0x12c, "TxConsumeIndex", RO, 0, 0, 0},
    {0x158, "TSV0", RO, 0, 0, 0},
    {0x15c, "TSV1", RO, 0, 0, 0},
    {0x160, "RSV", RO, 0, 0, 0},
    {0x170, "FlowControlCounter", RW, 0, 0xffffffff, 0},
    {0x174, "FlowControlStatus", RO, 0, 0, 0},
    {0x200, "RxFilterCtrl", RW, 0, 0x303f, 0},
    {0x204, "RxFilterWoLStatus", RO, 0, 0, 0},
    {0x208, "RxFilterWoLClear", WO, 0, 0x1bf, 0xfffffe40},
    {0x210, "HashFilterL", RW, 0, 0xffffffff, 0},
    {0x214, "HashFilterH", RW, 0, 0xffffffff, 0},
    {0xfe0, "IntStatus", RO, 0, 0, 0},
    {0xfe4, "IntEnable", RW, 0, 0x30ff, 0},
    {0xfe8, "IntClear", WO, 0, 0x30ff, 0xffffcf00},
    {0xfec, "IntSet", WO, 0, 0x30ff, 0},
    {0xff4, "PowerDown", RW, 0, 0x80000000, 0},
    {0xffc, "ModuleID", RO, 0x39022001, 0, 0},
};
#define ROWS (sizeof rows / sizeof rows[0])

static void forget(struct bench *b)
{
    memset(b->errors, 0, sizeof b->errors);
    b->error_count = 0;
}

UNIT(emac_regs, section_3_names_and_reset_values_and_nothing_between)
{
    struct bench *b = bench_new(NULL);
    const struct row *r = rows;

    for (uint32_t offset = 0; offset < EMAC_SIZE; offset += 4) {
        bool there = r < rows + ROWS && r->offset == offset;
        const char *name = emac_register_name(offset);
        CHECKF((name != NULL) == there, "offset 0x%03x", offset);
        CHECKF(!there || strcmp(name, r->name) == 0, "offset 0x%03x is %s", offset, name);
        if (there && r->kind != WO)
            CHECKF(rd(b, offset) == r->reset, "%s is 0x%x", name, rd(b, offset));
        r += there;
    }
    CHECK(emac_register_name(2) == NULL && emac_register_name(EMAC_SIZE) == NULL);
    bench_end(b);
}

/* Each bit alone, so that none stands in for another. */
UNIT(emac_regs, section_4_each_bit_of_each_register_is_there_or_reserved)
{
    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned bit = 0; bit < 32; bit++) {
            const struct row *r = &rows[i];
            struct bench *b = bench_new(NULL);
            uint32_t v = 1u << bit;
            bool kept = (r->bits & v) != 0, tolerated = (r->tolerated & v) != 0;

            b->watched = true;
            wr(b, r->offset, v);
            if (r->kind == RO) {
                CHECKF(b->errors[GUEST_READ_ONLY] == 1, "%s", r->name);
            } else if (!kept && !tolerated) {
                CHECKF(b->errors[GUEST_RESERVED_BITS] == 1, "%s bit %u", r->name, bit);
                CHECK(b->last_error.write);
                CHECK_INT(b->last_error.value, v);
                CHECK_INT(b->last_error.addr, EMAC_BASE + r->offset);
                CHECK_INT(b->last_error.t_ns, b->now);
                CHECK(strcmp(b->last_error.reg, r->name) == 0);
            } else {
                CHECKF(b->errors[GUEST_RESERVED_BITS] == 0, "%s bit %u", r->name, bit);
            }
            if (r->kind == RW && r->offset != 0xff4) {
                uint32_t expected = kept ? v : 0;
                CHECKF(rd(b, r->offset) == expected, "%s bit %u reads 0x%x", r->name, bit,
                       rd(b, r->offset));
            }
            const char *broken = emac_check(b->e);
            CHECKF(broken == NULL, "%s bit %u: %s", r->name, bit, broken);
            bench_end(b);
        }
}

UNIT(emac_regs, section_3_a_write_only_register_reads_0_and_is_reported)
{
    struct bench *b = bench_new(NULL);

    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].kind == WO) {
            CHECK_INT(rd(b, rows[i].offset), 0);
            CHECK(!b->last_error.write && strcmp(b->last_error.reg, rows[i].name) == 0);
            expect_error(b, GUEST_WRITE_ONLY);
        }
    bench_end(b);
}

UNIT(emac_regs, section_3_a_gap_reads_0_and_loses_writes)
{
    struct bench *b = bench_new(NULL);

    CHECK_INT(rd(b, 0x038), 0);
    CHECK_INT(b->last_error.addr, 0xffe00038);
    expect_error(b, GUEST_UNMAPPED);
    wr(b, 0xff0, 0x1234);
    CHECK_INT(b->last_error.value, 0x1234);
    expect_error(b, GUEST_UNMAPPED);
    CHECK_INT(rd(b, 0x80000000u), 0);
    expect_error(b, GUEST_UNMAPPED);
    bench_end(b);
}

UNIT(emac_regs, section_1_a_misaligned_access_is_done_rounded_down)
{
    struct bench *b = bench_new(NULL);

    wr(b, MAXF + 2, 0x5ee);
    expect_error(b, GUEST_MISALIGNED);
    CHECK_INT(rd(b, MAXF), 0x5ee);
    CHECK_INT(rd(b, MAXF + 1), 0x5ee);
    expect_error(b, GUEST_MISALIGNED);
    bench_end(b);
}

UNIT(emac_regs, section_4_22_power_down_leaves_no_other_register)
{
    struct bench *b = bench_new(NULL);

    wr(b, POWER, 0x80000000);
    CHECK_INT(rd(b, POWER), 0x80000000);
    CHECK_INT(b->error_count, 0);
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].offset != 0xff4) {
            CHECK_INT(rd(b, rows[i].offset), 0);
            expect_error(b, GUEST_POWERED_DOWN);
            wr(b, rows[i].offset, 1);
            expect_error(b, GUEST_POWERED_DOWN);
        }
    wr(b, POWER, 0);
    CHECK_INT(rd(b, MAC1), 0x8000);
    CHECK_INT(rd(b, MAXF), 0x600);
    bench_end(b);
}

UNIT(emac_regs, section_4_9_mcfg_is_as_wide_as_the_knob_says)
{
    for (unsigned width = 0; width <= 4; width += width == 0 ? 3 : 1) {
        struct bench *b = bench_new(&(struct emac_knobs){.mcfg_width = (uint8_t)width});
        unsigned sticks = 0;

        for (unsigned bit = 2; bit < 15; bit++) { /* as uC/TCP-IP probes it */
            wr(b, MCFG, 1u << bit);
            if (rd(b, MCFG) == 0)
                break;
            sticks++;
        }
        CHECK_INT(sticks, width == 4 ? 4 : 3);
        bench_end(b);
    }
}

UNIT(emac_regs, section_3_alignment_of_the_arrays)
{
    static const struct { uint32_t offset, low; } arrays[] = {
        {RX_DESCRIPTOR, 3}, {RX_STATUS, 7}, {TX_DESCRIPTOR, 3}, {TX_STATUS, 3}};
    struct bench *b = bench_new(NULL);

    for (unsigned i = 0; i < 4; i++)
        for (uint32_t low = 1; low < 8; low++) {
            bool wrong = (low & arrays[i].low) != 0;
            uint32_t value = RAM + 64 * i + low;
            if (low == 4 && !wrong) {
                wr(b, arrays[i].offset, value);
                CHECK_INT(rd(b, arrays[i].offset), value);
                continue;
            }
            wr(b, arrays[i].offset, value);
            CHECK_INT(rd(b, arrays[i].offset), value & ~arrays[i].low);
            CHECK_INT(b->last_error.value, value);
            expect_error(b, GUEST_BASE_MISALIGNED);
        }
    bench_end(b);
}

UNIT(emac_regs, knob_module_id_and_its_invented_default)
{
    struct bench *b = bench_new(&(struct emac_knobs){.module_id = 0x39022000});

    CHECK_INT(rd(b, MODULE_ID), 0x39022000); /* rev '-', E3 */
    wr(b, COMMAND, 8);
    CHECK_INT(rd(b, MODULE_ID), 0x39022000);
    bench_end(b);
}

UNIT(emac_regs, section_19_reading_changes_nothing)
{
    struct bench *b = bench_started(NULL);
    uint32_t first[ROWS];

    arrive(b, frame("\xff\xff\xff\xff\xff\xff", 60, 1), 60, 0);
    tx_send(b, frame("\xff\xff\xff\xff\xff\xff", 60, 1), 60);
    run_for(b, 100000);
    for (unsigned i = 0; i < ROWS; i++)
        first[i] = rows[i].kind == WO ? 0 : rd(b, rows[i].offset);
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].kind != WO)
            CHECKF(rd(b, rows[i].offset) == first[i], "%s", rows[i].name);
    CHECK((first[39] & 0xce) != 0);
    forget(b);
    bench_end(b);
}

UNIT(emac_regs, a_peek_is_what_a_read_gives_and_is_told_nobody)
{
    struct bench *b = bench_started(NULL);

    arrive(b, frame("\xff\xff\xff\xff\xff\xff", 60, 1), 60, 0);
    tx_send(b, frame("\xff\xff\xff\xff\xff\xff", 60, 1), 60);
    run_for(b, 100000);
    for (unsigned i = 0; i < ROWS; i++) {
        uint32_t peeked = emac_peek(b->e, rows[i].offset);
        CHECKF(peeked == (rows[i].kind == WO ? 0 : rd(b, rows[i].offset)), "%s", rows[i].name);
    }
    CHECK((emac_peek(b->e, INT_STATUS) & 0xce) != 0);
    CHECK_INT(emac_peek(b->e, 0x038), 0);
    CHECK_INT(emac_peek(b->e, 0x80000000u), 0);
    bench_end(b);
}

UNIT(emac_regs, guest_error_kinds_have_names)
{
    for (unsigned i = 0; i < GUEST_ERROR_KINDS; i++) {
        const char *name = guest_error_name((enum guest_error_kind)i);
        CHECK(name != NULL && strlen(name) > 2);
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(name, guest_error_name((enum guest_error_kind)k)) != 0);
    }
    CHECK(strcmp(guest_error_name(GUEST_RING_LIVE), "ring_live") == 0);
    CHECK(strcmp(guest_error_name(GUEST_ERROR_KINDS), "unknown") == 0);
}
