/* sim/devices/lpc2468_timer.c: T0 to T3 (UM10237 ch. Timers).
 *
 * Edges of PCLK lie at the multiples of its period since time 0, rounded up to the nanosecond.
 * What one edge does, in this order:
 * - TC has a value that the match registers did not see yet: they do. Equal ones set their
 *   interrupt flag and drive EMR, and a stop clears TCR's enable bit and ends the edge.
 * - PC equal to PR: PC becomes 0, and TC one more, or 0 where a match with reset is equal.
 *   Otherwise PC becomes one more.
 * So an interrupt comes one PCLK after TC reached the value, and a reset lets the value stand for
 * its full time, as the manual's drawings show. Match with stop and reset leaves TC at 0.
 *
 * Nothing ticks here: the time between is computed. Counter mode and capture have no pins: CTCR and
 * CCR are stored, and a timer in counter mode stands still as it sees no edges. */
#include "sim/devices/lpc2468_state.h"

#include <stddef.h>

#define SECOND_NS 1000000000u
typedef unsigned __int128 wide;

#define ROW(offset_, access_, mask_, name_) {offset_, access_, false, 0, mask_, name_}
#define TIMER_TABLE(t)                                                                             \
    {                                                                                              \
        [TIMER_IR] = {0x00, LPC2468_RW, true, 0, 0x3fu, t "IR"},                                   \
        [TIMER_TCR] = ROW(0x04, LPC2468_RW, 0x3u, t "TCR"),                                        \
        [TIMER_TC] = ROW(0x08, LPC2468_RW, 0xffffffffu, t "TC"),                                   \
        [TIMER_PR] = ROW(0x0c, LPC2468_RW, 0xffffffffu, t "PR"),                                   \
        [TIMER_PC] = ROW(0x10, LPC2468_RW, 0xffffffffu, t "PC"),                                   \
        [TIMER_MCR] = ROW(0x14, LPC2468_RW, 0xfffu, t "MCR"),                                      \
        [TIMER_MR0] = ROW(0x18, LPC2468_RW, 0xffffffffu, t "MR0"),                                 \
        [TIMER_MR1] = ROW(0x1c, LPC2468_RW, 0xffffffffu, t "MR1"),                                 \
        [TIMER_MR2] = ROW(0x20, LPC2468_RW, 0xffffffffu, t "MR2"),                                 \
        [TIMER_MR3] = ROW(0x24, LPC2468_RW, 0xffffffffu, t "MR3"),                                 \
        [TIMER_CCR] = ROW(0x28, LPC2468_RW, 0xfffu, t "CCR"),                                      \
        [TIMER_CR0] = ROW(0x2c, LPC2468_RO, 0xffffffffu, t "CR0"),                                 \
        [TIMER_CR1] = ROW(0x30, LPC2468_RO, 0xffffffffu, t "CR1"),                                 \
        [TIMER_CR2] = ROW(0x34, LPC2468_RO, 0xffffffffu, t "CR2"),                                 \
        [TIMER_CR3] = ROW(0x38, LPC2468_RO, 0xffffffffu, t "CR3"),                                 \
        [TIMER_EMR] = ROW(0x3c, LPC2468_RW, 0xfffu, t "EMR"),                                      \
        [TIMER_CTCR] = ROW(0x70, LPC2468_RW, 0xfu, t "CTCR"),                                      \
    }
static const struct lpc2468_register table0[TIMER_REGISTERS] = TIMER_TABLE("T0");
static const struct lpc2468_register table1[TIMER_REGISTERS] = TIMER_TABLE("T1");
static const struct lpc2468_register table2[TIMER_REGISTERS] = TIMER_TABLE("T2");
static const struct lpc2468_register table3[TIMER_REGISTERS] = TIMER_TABLE("T3");

static uint32_t divider(const struct lpc2468 *c, unsigned unit)
{
    static const uint8_t fields[TIMERS] = {PCLK_TIMER0, PCLK_TIMER1, PCLK_TIMER2, PCLK_TIMER3};

    return lpc2468_pclk_divider(c, fields[unit]);
}

static uint64_t edges_until(const struct lpc2468 *c, unsigned unit, uint64_t t_ns)
{
    return (uint64_t)((wide)t_ns * c->config.cclk_hz / ((wide)SECOND_NS * divider(c, unit)));
}

static uint64_t time_of(const struct lpc2468 *c, unsigned unit, wide edge)
{
    wide t = (edge * SECOND_NS * divider(c, unit) + c->config.cclk_hz - 1) / c->config.cclk_hz;

    return t > UINT64_MAX ? UINT64_MAX : (uint64_t)t;
}

static bool counts(const struct lpc2468_timer *t)
{
    return (t->reg[TIMER_TCR] & (TCR_ENABLE | TCR_RESET)) == TCR_ENABLE &&
           (t->reg[TIMER_CTCR] & CTCR_MODE) == 0;
}

static unsigned control_of(const struct lpc2468_timer *t, unsigned match)
{
    return t->reg[TIMER_MCR] >> 3 * match & 7u;
}

static unsigned output_of(const struct lpc2468_timer *t, unsigned match)
{
    return t->reg[TIMER_EMR] >> (4 + 2 * match) & 3u;
}

/* The last value of TC in a round from 0: the least with reset, or all there are. */
static uint32_t last_of_round(const struct lpc2468_timer *t)
{
    uint32_t last = UINT32_MAX;

    for (unsigned m = 0; m < TIMER_MATCHES; m++)
        if (control_of(t, m) & MCR_RESET && t->reg[TIMER_MR0 + m] < last)
            last = t->reg[TIMER_MR0 + m];
    return last;
}

/* The next value from TC on at which something happens; the last there is if nothing does. */
static uint32_t next_of_interest(const struct lpc2468_timer *t)
{
    uint32_t next = UINT32_MAX;

    for (unsigned m = 0; m < TIMER_MATCHES; m++) {
        uint32_t value = t->reg[TIMER_MR0 + m];
        if ((control_of(t, m) || output_of(t, m)) && value >= t->reg[TIMER_TC] && value < next)
            next = value;
    }
    return next;
}

static void drive_output(struct lpc2468_timer *t, unsigned match)
{
    uint32_t bit = 1u << match;
    unsigned how = output_of(t, match);

    if (how == 1)
        t->reg[TIMER_EMR] &= ~bit;
    else if (how == 2)
        t->reg[TIMER_EMR] |= bit;
    else if (how == 3)
        t->reg[TIMER_EMR] ^= bit;
}

/* The match registers look at TC. true: an interrupt flag is new. */
static bool compare(struct lpc2468_timer *t)
{
    uint32_t flags = t->reg[TIMER_IR];
    unsigned does = 0;

    t->compared = true;
    for (unsigned m = 0; m < TIMER_MATCHES; m++) {
        if (t->reg[TIMER_MR0 + m] != t->reg[TIMER_TC])
            continue;
        does |= control_of(t, m);
        if (control_of(t, m) & MCR_INTERRUPT)
            t->reg[TIMER_IR] |= 1u << m;
        drive_output(t, m);
    }
    if (does & MCR_STOP) {
        t->reg[TIMER_TCR] &= ~TCR_ENABLE;
        if (does & MCR_RESET)
            t->reg[TIMER_TC] = t->reg[TIMER_PC] = 0;
    }
    return t->reg[TIMER_IR] != flags;
}

static void next_value(struct lpc2468_timer *t)
{
    bool reset = false;

    for (unsigned m = 0; m < TIMER_MATCHES; m++)
        if (control_of(t, m) & MCR_RESET && t->reg[TIMER_MR0 + m] == t->reg[TIMER_TC])
            reset = true;
    t->reg[TIMER_PC] = 0;
    t->reg[TIMER_TC] = reset ? 0 : t->reg[TIMER_TC] + 1;
    t->compared = false;
}

/* Until TC changes. PC beyond PR has to come round. */
static uint64_t edges_left(const struct lpc2468_timer *t)
{
    uint32_t pr = t->reg[TIMER_PR], pc = t->reg[TIMER_PC];

    return (uint64_t)(uint32_t)(pr - pc) + 1u;
}

/* Whole rounds of TC from 0 to 0 change nothing once one was gone through, but the outputs that
 * toggle. */
static wide skip_rounds(struct lpc2468_timer *t, wide edges)
{
    uint32_t last = last_of_round(t);
    wide round = ((wide)last + 1) * ((wide)t->reg[TIMER_PR] + 1);

    if (edges / round % 2 == 1)
        for (unsigned m = 0; m < TIMER_MATCHES; m++)
            if (output_of(t, m) == 3 && t->reg[TIMER_MR0 + m] <= last)
                drive_output(t, m);
    return edges % round;
}

/* A fresh value of TC, PC = 0: on to the next one of interest, or as far as the edges go. */
static wide skip_values(struct lpc2468_timer *t, wide edges)
{
    wide each = (wide)t->reg[TIMER_PR] + 1;
    wide values = next_of_interest(t) - t->reg[TIMER_TC];

    if (edges >= values * each) {
        t->reg[TIMER_TC] += (uint32_t)values;
        return edges - values * each;
    }
    t->reg[TIMER_TC] += (uint32_t)(edges / each);
    t->reg[TIMER_PC] = (uint32_t)(edges % each);
    t->compared = t->reg[TIMER_PC] != 0;
    return 0;
}

/* Lets `edges` pass. until_interrupt: only to the edge that sets a new flag. Gives how many were
 * left then; all of them means that no edge ever will. */
static wide run(struct lpc2468_timer *t, wide edges, bool until_interrupt)
{
    const wide all = edges;
    unsigned rounds = 0;

    while (edges > 0 && counts(t)) {
        bool fresh = !t->compared && t->reg[TIMER_PC] == 0;
        if (fresh && t->reg[TIMER_TC] == 0 && ++rounds >= 2) {
            if (until_interrupt)
                return all;
            edges = skip_rounds(t, edges);
        }
        if (fresh)
            edges = skip_values(t, edges);
        if (edges == 0)
            break;
        if (!t->compared) {
            bool news = compare(t);
            bool stopped = !counts(t);
            edges--;
            if (!stopped && edges_left(t) == 1)
                next_value(t);
            else if (!stopped)
                t->reg[TIMER_PC]++;
            if (news && until_interrupt)
                return edges;
            continue;
        }
        uint64_t left = edges_left(t);
        if (edges < left) {
            t->reg[TIMER_PC] += (uint32_t)edges;
            break;
        }
        edges -= left;
        next_value(t);
    }
    return until_interrupt ? all : 0;
}

static bool powered(const struct lpc2468 *c, unsigned unit)
{
    return lpc2468_is_powered(c, lpc2468_timer_blocks[unit].power);
}

/* One that stands still is not followed: whatever makes it count rebases it. */
void lpc2468_timer_sync(struct lpc2468 *c, unsigned unit)
{
    struct lpc2468_timer *t = &c->timer[unit];

    if (!counts(t) || !powered(c, unit))
        return;
    uint64_t edge = edges_until(c, unit, c->now_ns);
    run(t, edge - t->edge, false);
    t->edge = edge;
}

void lpc2468_timer_rebase(struct lpc2468 *c, unsigned unit)
{
    c->timer[unit].edge = edges_until(c, unit, c->now_ns);
}

uint64_t lpc2468_timer_next(const struct lpc2468 *c, unsigned unit)
{
    struct lpc2468_timer t = c->timer[unit];
    const wide endless = (wide)1 << 66; /* longer than two rounds */
    uint32_t wanted = 0;

    for (unsigned m = 0; m < TIMER_MATCHES; m++)
        if (control_of(&t, m) & MCR_INTERRUPT)
            wanted |= 1u << m;
    if (!counts(&t) || !(wanted & ~t.reg[TIMER_IR]) || !powered(c, unit))
        return UINT64_MAX;
    wide left = run(&t, endless, true);
    if (left == endless)
        return UINT64_MAX;
    return time_of(c, unit, c->timer[unit].edge + (endless - left));
}

bool lpc2468_timer_line(const struct lpc2468 *c, unsigned unit)
{
    return c->timer[unit].reg[TIMER_IR] != 0;
}

static uint32_t read_timer(struct lpc2468 *c, unsigned unit, unsigned index)
{
    return c->timer[unit].reg[index];
}

static void write_timer(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    struct lpc2468_timer *t = &c->timer[unit];

    if (index == TIMER_IR) {
        t->reg[TIMER_IR] &= ~value;
    } else {
        t->reg[index] = value;
        if (index == TIMER_TC || (index >= TIMER_MR0 && index <= TIMER_MR3))
            t->compared = false;
        if (index == TIMER_TCR && value & TCR_RESET) {
            t->reg[TIMER_TC] = t->reg[TIMER_PC] = 0;
            t->compared = false;
        }
        lpc2468_timer_rebase(c, unit);
    }
    lpc2468_vic_update(c);
}

void lpc2468_timer_reset(struct lpc2468 *c, unsigned unit)
{
    lpc2468_block_reset(c->timer[unit].reg, &lpc2468_timer_blocks[unit]);
    c->timer[unit].compared = false;
    lpc2468_timer_rebase(c, unit);
}

#define TIMER(n)                                                                                   \
    {LPC2468_T##n##_BASE, LPC2468_APB_SLOT, table##n, TIMER_REGISTERS, PCONP_TIM##n,               \
     LPC2468_WORDS, n, read_timer, write_timer}
const struct lpc2468_block lpc2468_timer_blocks[TIMERS] = {TIMER(0), TIMER(1), TIMER(2), TIMER(3)};
