/* The VIC: every register, priorities and nesting against a small reference (sheet 2.3). */
#include "lpc2468_bench.h"

UNIT(lpc2468_vic, registers_2_3_after_reset_have_their_values)
{
    struct chip_bench *b = chip_new();

    for (uint32_t off = 0; off <= 0x24; off += 4)
        if (off != 0x14 && off != 0x1c)
            CHECK_INT(get(b, VIC(off)), off == 0x24 ? 0xffff : 0);
    for (unsigned n = 0; n < 32; n++) {
        CHECK_INT(get(b, A_VECT(n)), 0);
        CHECK_INT(get(b, A_PRIO(n)), 15);
    }
    CHECK_INT(get(b, A_VIC_ADDRESS), 0);
}

UNIT(lpc2468_vic, registers_2_3_bit_by_bit)
{
    struct chip_bench *b = chip_new();

    for (unsigned n = 0; n < 32; n++) {
        uint32_t bit = 1u << n;
        set(b, VIC(0x0c), bit);
        CHECK_INT(get(b, VIC(0x0c)), bit);
        set(b, A_VECT(n), 0x12345678u ^ n);
        CHECK_INT(get(b, A_VECT(n)), 0x12345678u ^ n);
        set(b, A_PRIO(n), n & 15);
        CHECK_INT(get(b, A_PRIO(n)), n & 15);
        set(b, A_VIC_ENABLE, bit);
        CHECK_INT(get(b, A_VIC_ENABLE), bit);
        set(b, A_VIC_ENABLE, 0); /* zeros change nothing */
        CHECK_INT(get(b, A_VIC_ENABLE), bit);
        set(b, A_VIC_CLEAR, ~bit);
        CHECK_INT(get(b, A_VIC_ENABLE), bit);
        set(b, A_VIC_CLEAR, bit);
        CHECK_INT(get(b, A_VIC_ENABLE), 0);
        if (n < 16) {
            set(b, VIC(0x24), bit);
            CHECK_INT(get(b, VIC(0x24)), bit);
        }
    }
    set(b, VIC(0x20), 1);
    CHECK_INT(get(b, VIC(0x20)), 1);
}

UNIT(lpc2468_vic, software_interrupt_of_every_channel_is_irq_or_fiq_by_select)
{
    struct chip_bench *b = chip_new();

    for (unsigned n = 0; n < 32; n++)
        for (unsigned fiq = 0; fiq < 2; fiq++) {
            uint32_t bit = 1u << n;
            set(b, VIC(0x0c), fiq ? bit : ~bit);
            set(b, A_VECT(n), 0x100 + n);
            set(b, VIC(0x18), bit);
            CHECK_INT(get(b, VIC(0x08)), bit);
            CHECK_INT(get(b, VIC(0x18)), bit);
            CHECK(!b->irq && !b->fiq);
            CHECK_INT(get(b, VIC(0x00)) | get(b, VIC(0x04)), 0);
            set(b, A_VIC_ENABLE, bit);
            CHECK(b->irq == !fiq && b->fiq == fiq);
            CHECK_INT(get(b, VIC(0x00)), fiq ? 0 : bit);
            CHECK_INT(get(b, VIC(0x04)), fiq ? bit : 0);
            if (!fiq) {
                CHECK_INT(lpc2468_vector(b->chip), 0x100 + n);
                CHECK_INT(get(b, A_VIC_ADDRESS), 0x100 + n);
                CHECK(!b->irq); /* in service: itself no more */
                set(b, A_VIC_ADDRESS, 0);
                CHECK(b->irq);
            }
            set(b, VIC(0x1c), bit);
            CHECK(!b->irq && !b->fiq);
            set(b, A_VIC_CLEAR, bit);
        }
}

UNIT(lpc2468_vic, software_priority_mask_lets_through_only_its_ones)
{
    struct chip_bench *b = chip_new();

    set(b, A_VIC_ENABLE, 1u << 9);
    set(b, VIC(0x18), 1u << 9);
    for (unsigned p = 0; p < 16; p++) {
        set(b, A_PRIO(9), p);
        set(b, VIC(0x24), 1u << p);
        CHECK(b->irq);
        set(b, VIC(0x24), ~(1u << p) & 0xffffu);
        CHECK(!b->irq);
        CHECK_INT(get(b, VIC(0x00)), 1u << 9); /* the status does not know of it */
    }
}

UNIT(lpc2468_vic, nesting_takes_higher_ones_only_and_ends_in_reverse)
{
    struct chip_bench *b = chip_new();

    for (unsigned n = 0; n < 4; n++) {
        set(b, A_VECT(n), n + 1);
        set(b, A_PRIO(n), 10 - 2 * n); /* 10, 8, 6, 4 */
    }
    set(b, A_PRIO(1), 10);
    set(b, A_VIC_ENABLE, 15);
    set(b, VIC(0x18), 2);
    CHECK_INT(get(b, A_VIC_ADDRESS), 2);
    set(b, VIC(0x18), 1); /* equal priority waits */
    CHECK(!b->irq);
    set(b, VIC(0x18), 8);
    CHECK(b->irq);
    CHECK_INT(get(b, A_VIC_ADDRESS), 4);
    set(b, VIC(0x18), 4); /* lower waits */
    CHECK(!b->irq);
    CHECK_INT(get(b, A_VIC_ADDRESS), 4); /* nothing new: as the last time */
    set(b, VIC(0x1c), 8);
    set(b, A_VIC_ADDRESS, 0xffffffffu);
    CHECK(b->irq);
    CHECK_INT(get(b, A_VIC_ADDRESS), 3);
    set(b, VIC(0x1c), 4);
    set(b, A_VIC_ADDRESS, 0);
    CHECK(!b->irq);
    set(b, VIC(0x1c), 2);
    set(b, A_VIC_ADDRESS, 0);
    CHECK_INT(get(b, A_VIC_ADDRESS), 1);
    set(b, VIC(0x1c), 1);
    set(b, A_VIC_ADDRESS, 0);
    CHECK(!b->irq);
}

UNIT(lpc2468_vic, end_of_nothing_is_a_guest_error_but_at_start_up)
{
    struct chip_bench *b = chip_new();

    set(b, A_VIC_ADDRESS, 0); /* nothing is enabled: what start-ups do */
    set(b, A_VIC_ENABLE, 1);
    write_fails(b, A_VIC_ADDRESS, 0, 4, GUEST_INTERRUPT, "VICAddress");
    set(b, VIC(0x18), 1);
    CHECK_INT(get(b, A_VIC_ADDRESS), 0);
    set(b, A_VIC_ADDRESS, 0);
    set(b, VIC(0x1c), 1);
    write_fails(b, A_VIC_ADDRESS, 7, 4, GUEST_INTERRUPT, "VICAddress");
}

UNIT(lpc2468_vic, irq_and_fiq_are_told_on_change_only)
{
    struct chip_bench *b = chip_new();

    set(b, A_VIC_ENABLE, 7);
    set(b, VIC(0x18), 1);
    CHECK_INT(b->irq_changes, 1);
    set(b, VIC(0x18), 2);
    CHECK_INT(b->irq_changes, 1);
    set(b, VIC(0x0c), 4);
    set(b, VIC(0x18), 4);
    CHECK_INT(b->irq_changes, 2);
    CHECK(b->irq && b->fiq);
    set(b, VIC(0x1c), 7);
    CHECK(!b->irq && !b->fiq);
}

/* The controller, written down a second time: a stack of priorities, everything searched. */
struct reference {
    uint32_t soft, enable, select, mask, prio[32], vect[32], address;
    uint32_t stack[16];
    unsigned depth;
};

static int winner(const struct reference *r)
{
    int best = -1;

    for (int n = 31; n >= 0; n--) {
        uint32_t bit = 1u << n;
        if (!(r->soft & r->enable & bit) || r->select & bit || !(r->mask >> r->prio[n] & 1))
            continue;
        if (r->depth > 0 && r->prio[n] >= r->stack[r->depth - 1])
            continue;
        if (best < 0 || r->prio[n] <= r->prio[best])
            best = n;
    }
    return best;
}

static void random_step(struct chip_bench *b, struct reference *r, uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    uint32_t draw = (uint32_t)(*seed >> 32), n = draw >> 3 & 31, bit = 1u << n;

    switch (draw >> 8 & 15) {
    case 0:
        set(b, VIC(0x0c), r->select = draw & draw >> 7 & 0x11111111u);
        break;
    case 1:
        set(b, VIC(0x24), r->mask = (draw | draw >> 9) & 0xffffu);
        break;
    case 2:
        set(b, A_VIC_CLEAR, bit);
        r->enable &= ~bit;
        break;
    case 3:
        set(b, A_PRIO(n), r->prio[n] = draw >> 20 & 15);
        break;
    case 4:
    case 5:
    case 6:
        set(b, A_VIC_ENABLE, bit);
        r->enable |= bit;
        break;
    case 7:
    case 8:
    case 9:
        set(b, VIC(0x18), bit);
        r->soft |= bit;
        break;
    case 10:
        set(b, VIC(0x1c), bit);
        r->soft &= ~bit;
        break;
    case 11:
    case 12:
        if (r->depth > 0 && draw >> 28 < 4) { /* seldom, so that it gets deep */
            set(b, A_VIC_ADDRESS, draw);
            r->depth--;
        }
        break;
    default:
        if (winner(r) >= 0) {
            r->address = r->vect[winner(r)];
            r->stack[r->depth] = r->prio[winner(r)];
            r->depth++;
        }
        CHECK_INT(get(b, A_VIC_ADDRESS), r->address);
        break;
    }
}

UNIT(lpc2468_vic, everything_as_the_reference_says)
{
    struct chip_bench *b = chip_new();
    struct reference r = {.mask = 0xffff};
    uint64_t seed = 1;
    unsigned deepest = 0;

    for (unsigned n = 0; n < 32; n++) {
        r.prio[n] = 15;
        set(b, A_VECT(n), r.vect[n] = 0x40000000u + n);
    }
    for (unsigned i = 0; i < 100000; i++) {
        random_step(b, &r, &seed);
        CHECK(b->irq == (winner(&r) >= 0));
        CHECK(b->fiq == ((r.soft & r.enable & r.select) != 0));
        CHECK_INT(lpc2468_vector(b->chip), winner(&r) < 0 ? r.address : r.vect[winner(&r)]);
        CHECK_INT(get(b, VIC(0x00)), r.soft & r.enable & ~r.select);
        deepest = r.depth > deepest ? r.depth : deepest;
    }
    CHECKF(deepest >= 5, "%u", deepest);
}
