/* Timers T0 to T3: exact to the nanosecond, against a model that ticks. */
#include "lpc2468_bench.h"

static const uint32_t bases[TIMERS] = {LPC2468_T0_BASE, LPC2468_T1_BASE, LPC2468_T2_BASE,
                                       LPC2468_T3_BASE};
#define T(unit, offset) (bases[unit] + (offset))

UNIT(lpc2468_timer, registers_after_reset_and_bit_by_bit)
{
    static const struct {
        uint32_t offset, mask;
    } regs[] = {{0x0c, 0xffffffffu}, {0x14, 0xfff}, {0x18, 0xffffffffu}, {0x1c, 0xffffffffu},
                {0x20, 0xffffffffu}, {0x24, 0xffffffffu}, {0x28, 0xfff}, {0x3c, 0xfff},
                {0x70, 0xf}, {0x04, 0x3}, {0x10, 0xffffffffu}, {0x08, 0xffffffffu}};
    struct chip_bench *b = chip_new();

    set(b, A_PCONP, 1u << 1 | 1u << 2 | 1u << 22 | 1u << 23);
    for (unsigned unit = 0; unit < TIMERS; unit++) {
        for (uint32_t off = 0; off <= 0x3c; off += 4)
            CHECK_INT(get(b, T(unit, off)), 0);
        CHECK_INT(get(b, T(unit, 0x70)), 0);
        for (unsigned i = 0; i < sizeof regs / sizeof regs[0]; i++)
            for (unsigned bit = 0; bit < 32; bit++) {
                set(b, T(unit, 0x04), 0);
                uint32_t one = 1u << bit;
                if (!(one & regs[i].mask))
                    continue;
                set(b, T(unit, regs[i].offset), one);
                CHECK_INT(get(b, T(unit, regs[i].offset)), one);
                set(b, T(unit, regs[i].offset), 0);
                CHECK_INT(get(b, T(unit, regs[i].offset)), 0);
            }
    }
}

UNIT(lpc2468_timer, each_has_a_channel_and_a_bit_of_pconp)
{
    static const struct {
        unsigned channel, power;
    } units[TIMERS] = {{4, 1}, {5, 2}, {26, 22}, {27, 23}};

    for (unsigned unit = 0; unit < TIMERS; unit++) {
        struct chip_bench *b = chip_new();
        set(b, A_PCONP, 0);
        CHECK_INT(lpc2468_read(b->chip, T(unit, 0x08), 4, 0), 0);
        CHECK(b->errors == 1 && b->error.kind == GUEST_UNPOWERED);
        b->errors = 0;
        set(b, A_PCONP, 1u << units[unit].power);
        set(b, T(unit, 0x18), 100);
        set(b, T(unit, 0x14), 1);
        set(b, A_VIC_ENABLE, 1u << units[unit].channel);
        set(b, T(unit, 0x04), 1);
        chip_until(b, 1000 * MS);
        CHECK(b->irq);
        CHECK_INT(get(b, VIC(0)), 1u << units[unit].channel);
        set(b, T(unit, 0x00), 1);
        CHECK(!b->irq);
    }
}

UNIT(lpc2468_timer, reset_bit_holds_the_counters_at_zero)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x0c), 9);
    set(b, T0(0x04), 1);
    chip_until(b, 100000);
    CHECK(get(b, T0(0x08)) == 180 && get(b, T0(0x10)) == 0);
    chip_until(b, 100300);
    CHECK_INT(get(b, T0(0x10)), 5);
    set(b, T0(0x04), 3);
    CHECK(get(b, T0(0x08)) == 0 && get(b, T0(0x10)) == 0);
    chip_until(b, 200000);
    CHECK(get(b, T0(0x08)) == 0 && get(b, T0(0x10)) == 0);
    set(b, T0(0x04), 1);
    chip_until(b, 300000);
    CHECK_INT(get(b, T0(0x08)), 180);
    set(b, T0(0x04), 0);
    chip_until(b, 400000);
    CHECK_INT(get(b, T0(0x08)), 180);
}

UNIT(lpc2468_timer, pclksel_divides_cclk)
{
    static const unsigned dividers[4] = {4, 1, 2, 8};

    static const struct {
        uint32_t addr, shift;
    } fields[TIMERS] = {{A_PCLKSEL0, 2}, {A_PCLKSEL0, 4}, {A_PCLKSEL1, 12}, {A_PCLKSEL1, 14}};

    for (unsigned unit = 0; unit < TIMERS; unit++)
        for (unsigned sel = 0; sel < 4; sel++) {
            struct chip_bench *b = chip_new();
            set(b, A_PCONP, 1u << 1 | 1u << 2 | 1u << 22 | 1u << 23);
            set(b, fields[unit].addr, sel << fields[unit].shift);
            set(b, T(unit, 0x04), 1);
            chip_until(b, 1000000000);
            CHECK_INT(get(b, T(unit, 0x08)), 72000000 / dividers[sel]);
        }
}

UNIT(lpc2468_timer, pclksel_that_changes_counts_on_with_the_new_clock)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x04), 1);
    chip_until(b, 1000000);
    set(b, A_PCLKSEL0, 1u << 2);
    CHECK_INT(get(b, T0(0x08)), 18000);
    chip_until(b, 2000000);
    CHECK_INT(get(b, T0(0x08)), 18000 + 72000);
}

UNIT(lpc2468_timer, cclk_of_the_configuration_counts_and_the_pll_does_not)
{
    struct chip_bench *b = chip_with(&(struct lpc2468_config){.cclk_hz = 57600000});

    set(b, SYSTEM(0x84), 0x0b);
    set(b, SYSTEM(0x80), 3);
    set(b, SYSTEM(0x8c), 0xaa);
    set(b, SYSTEM(0x8c), 0x55);
    set(b, A_PCLKSEL0, 1u << 2);
    set(b, T0(0x04), 1);
    chip_until(b, 1000000000);
    CHECK_INT(get(b, T0(0x08)), 57600000);
}

/* 72 MHz: edge n of PCLK (18 MHz) is at ceil(n * 1000 / 18) ns. The interrupt comes one PCLK after
 * the match. */
UNIT(lpc2468_timer, interrupt_comes_at_its_nanosecond)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x18), 18000);
    set(b, T0(0x14), 3); /* interrupt and reset */
    set(b, A_VIC_ENABLE, 1u << 4);
    set(b, T0(0x04), 1);
    for (uint64_t n = 1; n <= 50; n++) {
        uint64_t edge = n * 18001;
        uint64_t due = (edge * 1000 + 17) / 18;
        CHECK_INT(lpc2468_next(b->chip), due);
        chip_until(b, due - 1);
        CHECK(!b->irq);
        CHECK_INT(get(b, T0(0x00)), 0);
        chip_until(b, due);
        CHECK(b->irq);
        CHECK_INT(get(b, T0(0x00)), 1);
        CHECK_INT(get(b, T0(0x08)), 0);
        set(b, T0(0x00), 0xff);
        CHECK(!b->irq);
    }
}

UNIT(lpc2468_timer, match_with_interrupt_alone_comes_once_each_round_of_32_bits)
{
    struct chip_bench *b = chip_with(&(struct lpc2468_config){.cclk_hz = 1000000000});

    set(b, A_PCLKSEL0, 1u << 2);
    set(b, T0(0x24), 99);
    set(b, T0(0x14), 1u << 9);
    set(b, T0(0x04), 1);
    CHECK_INT(lpc2468_next(b->chip), 100);
    chip_until(b, 100);
    CHECK_INT(get(b, T0(0)), 8);
    CHECK_INT(lpc2468_next(b->chip), NO_TIME); /* the flag is still set */
    set(b, T0(0), 8);
    CHECK_INT(lpc2468_next(b->chip), 100 + (UINT64_C(1) << 32));
    chip_until(b, 100 + (UINT64_C(1) << 32));
    CHECK_INT(get(b, T0(0)), 8);
    CHECK_INT(get(b, T0(8)), 100);
}

UNIT(lpc2468_timer, match_with_stop_stops_at_the_value)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x0c), 2);
    set(b, T0(0x20), 6);
    set(b, T0(0x14), 5u << 6);
    set(b, T0(0x04), 1);
    uint64_t due = (19 * 1000 + 17) / 18; /* 6 * 3 edges to the value, and one more */
    CHECK_INT(lpc2468_next(b->chip), due);
    chip_until(b, due);
    CHECK_INT(get(b, T0(0x04)), 0);
    CHECK_INT(get(b, T0(0x08)), 6);
    CHECK_INT(get(b, T0(0x10)), 0);
    CHECK_INT(get(b, T0(0x00)), 4);
    chip_for(b, MS);
    CHECK_INT(get(b, T0(0x08)), 6);
    set(b, T0(0x04), 1); /* goes on behind the value */
    chip_for(b, MS);
    CHECK(get(b, T0(0x08)) > 1000);
}

UNIT(lpc2468_timer, counter_mode_and_capture_have_no_pins)
{
    struct chip_bench *b = chip_new();

    set(b, T0(0x70), 1);
    set(b, T0(0x28), 0x7);
    set(b, T0(0x18), 10);
    set(b, T0(0x14), 1);
    set(b, T0(0x04), 1);
    CHECK_INT(lpc2468_next(b->chip), NO_TIME);
    chip_for(b, 1000 * MS);
    CHECK_INT(get(b, T0(0x08)), 0);
    CHECK_INT(get(b, T0(0x2c)), 0);
    set(b, T0(0x70), 0);
    CHECK(lpc2468_next(b->chip) < 1001 * MS);
}

/* What an edge does, written down a second time, one edge at a time. */
struct ticking {
    uint32_t ir, tcr, tc, pr, pc, mcr, mr[4], emr;
    bool seen;
};

static void tick(struct ticking *t)
{
    bool reset = false, stop = false;

    if (t->tcr != 1)
        return;
    for (unsigned m = 0; m < 4; m++) {
        if (t->tc != t->mr[m])
            continue;
        unsigned control = t->mcr >> 3 * m & 7;
        reset |= (control & 2) != 0;
        if (t->seen)
            continue;
        stop |= (control & 4) != 0;
        t->ir |= (control & 1) << m;
        unsigned how = t->emr >> (4 + 2 * m) & 3;
        uint32_t bit = 1u << m;
        t->emr = how == 1 ? t->emr & ~bit : how == 2 ? t->emr | bit : how == 3 ? t->emr ^ bit
                                                                               : t->emr;
    }
    t->seen = true;
    if (stop) {
        t->tcr = 0;
        if (reset)
            t->tc = t->pc = 0;
        return;
    }
    if (t->pc != t->pr) {
        t->pc++;
        return;
    }
    t->pc = 0;
    t->tc = reset ? 0 : t->tc + 1;
    t->seen = false;
}

static uint32_t small(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    uint32_t draw = (uint32_t)(*seed >> 40);
    return draw >> 8 & 1 ? draw & 3u : draw & 31u;
}

static void compare_with(struct chip_bench *b, const struct ticking *t, unsigned seed)
{
    CHECKF(get(b, T0(0x00)) == t->ir, "IR, seed %u at %llu", seed, (unsigned long long)b->now_ns);
    CHECKF(get(b, T0(0x04)) == t->tcr, "TCR, seed %u at %llu", seed, (unsigned long long)b->now_ns);
    CHECKF(get(b, T0(0x08)) == t->tc, "TC, seed %u at %llu", seed, (unsigned long long)b->now_ns);
    CHECKF(get(b, T0(0x10)) == t->pc, "PC, seed %u at %llu", seed, (unsigned long long)b->now_ns);
    CHECKF(get(b, T0(0x3c)) == t->emr, "EMR, seed %u at %llu", seed, (unsigned long long)b->now_ns);
}

static void change_one(struct chip_bench *b, struct ticking *t, uint64_t *seed)
{
    uint32_t value = small(seed), which = small(seed) % 9;
    unsigned m = small(seed) % 4;

    if (which == 0) {
        t->mr[m] = value;
        t->seen = false;
        set(b, T0(0x18) + 4 * m, value);
    } else if (which == 1) {
        t->tc = value > 28 ? UINT32_MAX - (value & 3) : value;
        t->seen = false;
        set(b, T0(0x08), t->tc);
    } else if (which == 2) {
        t->pr = value & 7;
        if (t->pc > t->pr)
            set(b, T0(0x10), t->pc = 0);
        set(b, T0(0x0c), t->pr);
    } else if (which == 3) {
        t->mcr = small(seed) | small(seed) << 5 | (small(seed) & 3) << 10;
        set(b, T0(0x14), t->mcr);
    } else if (which == 4) {
        t->emr = small(seed) | small(seed) << 5 | (small(seed) & 3) << 10;
        set(b, T0(0x3c), t->emr);
    } else if (which == 5) {
        t->tcr = value & 3;
        if (t->tcr & 2) {
            t->tc = t->pc = 0;
            t->seen = false;
        }
        set(b, T0(0x04), t->tcr);
    } else if (which < 8) {
        t->tcr = 1;
        set(b, T0(0x04), 1);
    }
    t->ir &= ~value;
    set(b, T0(0x00), value);
}

/* 1 GHz and PCLK undivided: an edge each nanosecond. */
UNIT(lpc2468_timer, everything_as_an_edge_by_edge_reference_says)
{
    for (unsigned s = 0; s < 300; s++) {
        struct chip_bench *b = chip_with(&(struct lpc2468_config){.cclk_hz = 1000000000});
        struct ticking t = {0};
        uint64_t seed = s;
        set(b, A_PCLKSEL0, 1u << 2);
        for (unsigned i = 0; i < 60; i++) {
            change_one(b, &t, &seed);
            compare_with(b, &t, s);
            uint64_t far = small(&seed) % 4 == 0 ? 3000 : small(&seed);
            uint64_t due = lpc2468_next(b->chip), end = b->now_ns + far;
            for (uint64_t now = b->now_ns; now < end;) {
                uint32_t before = t.ir;
                tick(&t);
                now++;
                if (t.ir != before) {
                    CHECKF(due == now, "due at %llu, came at %llu, seed %u",
                           (unsigned long long)due, (unsigned long long)now, s);
                    chip_until(b, now);
                    compare_with(b, &t, s);
                    due = lpc2468_next(b->chip);
                }
                CHECKF(due > now, "due at %llu and did not come, seed %u", (unsigned long long)due,
                       s);
            }
            chip_until(b, end);
            compare_with(b, &t, s);
        }
        chip_free(b);
    }
}

UNIT(lpc2468_timer, very_long_times_and_periods_are_computed_and_not_walked)
{
    struct chip_bench *b = chip_new();
    const uint64_t year = UINT64_C(31536000) * 1000000000;

    set(b, T0(0x14), 2); /* reset on 0: a round is one edge */
    set(b, T0(0x3c), 3u << 4);
    set(b, T0(0x04), 1);
    set(b, LPC2468_T1_BASE + 0x0c, UINT32_MAX);
    set(b, LPC2468_T1_BASE + 0x18, UINT32_MAX);
    set(b, LPC2468_T1_BASE + 0x14, 1);
    set(b, LPC2468_T1_BASE + 0x04, 1);
    CHECK_INT(lpc2468_next(b->chip), NO_TIME); /* later than time goes */
    chip_until(b, 100 * year);
    CHECK_INT(get(b, T0(0x08)), 0);
    CHECK_INT(get(b, LPC2468_T1_BASE + 0x08), UINT64_C(3153600000) * 18000000 >> 32);
}
