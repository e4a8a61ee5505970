/* sim/devices/lpc2468_vic.c: the vectored interrupt controller, ARM's PL192 (sheet 2.3, UM10237 ch.
 * VIC).
 *
 * Of the enabled requests that are no FIQ and whose priority VICSWPrioMask lets through, the one of
 * the least priority value is the current one; among equals that of the least channel. It reaches
 * the core if its priority is above all that are in service. Reading VICAddress gives its vector
 * and puts its priority into service; writing it ends the highest one there. So a handler that
 * opens the core's interrupts is interrupted by higher ones only. With nothing to serve VICAddress
 * reads as the last time.
 *
 * VICProtection is stored: who accesses is not told apart here. */
#include "sim/devices/lpc2468_state.h"

#include <stddef.h>

enum { CHANNELS = 32, PRIORITIES = 16, NOBODY = -1 };

#define VECT(n) [VIC_VECT_ADDR0 + (n)] = {0x100 + 4 * (n), LPC2468_RW, false, 0, 0xffffffffu, \
                                          "VICVectAddr" #n}
#define PRIO(n) [VIC_VECT_PRIORITY0 + (n)] = {0x200 + 4 * (n), LPC2468_RW, false, 0xfu, 0xfu, \
                                              "VICVectPriority" #n}
#define ALL(row)                                                                                   \
    row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7), row(8), row(9), row(10),       \
        row(11), row(12), row(13), row(14), row(15), row(16), row(17), row(18), row(19), row(20),  \
        row(21), row(22), row(23), row(24), row(25), row(26), row(27), row(28), row(29), row(30),  \
        row(31)

static const struct lpc2468_register table[VIC_REGISTERS] = {
    [VIC_IRQ_STATUS] = {0x000, LPC2468_RO, false, 0, 0xffffffffu, "VICIRQStatus"},
    [VIC_FIQ_STATUS] = {0x004, LPC2468_RO, false, 0, 0xffffffffu, "VICFIQStatus"},
    [VIC_RAW_INTR] = {0x008, LPC2468_RO, false, 0, 0xffffffffu, "VICRawIntr"},
    [VIC_INT_SELECT] = {0x00c, LPC2468_RW, false, 0, 0xffffffffu, "VICIntSelect"},
    [VIC_INT_ENABLE] = {0x010, LPC2468_RW, false, 0, 0xffffffffu, "VICIntEnable"},
    [VIC_INT_EN_CLR] = {0x014, LPC2468_WO, false, 0, 0xffffffffu, "VICIntEnClr"},
    [VIC_SOFT_INT] = {0x018, LPC2468_RW, false, 0, 0xffffffffu, "VICSoftInt"},
    [VIC_SOFT_INT_CLEAR] = {0x01c, LPC2468_WO, false, 0, 0xffffffffu, "VICSoftIntClear"},
    [VIC_PROTECTION] = {0x020, LPC2468_RW, false, 0, 0x1u, "VICProtection"},
    [VIC_SW_PRIO_MASK] = {0x024, LPC2468_RW, false, 0xffffu, 0xffffu, "VICSWPrioMask"},
    ALL(VECT),
    ALL(PRIO),
    [VIC_ADDRESS] = {0xf00, LPC2468_RW, false, 0, 0xffffffffu, "VICAddress"},
};

static uint32_t raw(const struct lpc2468_vic *v)
{
    return v->lines | v->reg[VIC_SOFT_INT];
}

static uint32_t irq_status(const struct lpc2468_vic *v)
{
    return raw(v) & v->reg[VIC_INT_ENABLE] & ~v->reg[VIC_INT_SELECT];
}

static uint32_t fiq_status(const struct lpc2468_vic *v)
{
    return raw(v) & v->reg[VIC_INT_ENABLE] & v->reg[VIC_INT_SELECT];
}

/* The channel that may interrupt the core now. */
static int current(const struct lpc2468_vic *v)
{
    uint32_t status = irq_status(v);
    uint32_t best = PRIORITIES;
    int channel = NOBODY;

    if (v->in_service != 0)
        best = (uint32_t)__builtin_ctz(v->in_service);
    for (int n = 0; n < CHANNELS && status != 0; n++, status >>= 1) {
        uint32_t priority = v->reg[VIC_VECT_PRIORITY0 + n];
        if (status & 1u && priority < best && v->reg[VIC_SW_PRIO_MASK] >> priority & 1u) {
            best = priority;
            channel = n;
        }
    }
    return channel;
}

static uint32_t lines(const struct lpc2468 *c)
{
    return (uint32_t)lpc2468_timer_line(c, 0) << LPC2468_INT_TIMER0 |
           (uint32_t)lpc2468_timer_line(c, 1) << LPC2468_INT_TIMER1 |
           (uint32_t)lpc2468_timer_line(c, 2) << LPC2468_INT_TIMER2 |
           (uint32_t)lpc2468_timer_line(c, 3) << LPC2468_INT_TIMER3 |
           (uint32_t)lpc2468_gpio_line(c) << LPC2468_INT_EINT3 |
           (uint32_t)lpc2468_uart_line(c) << LPC2468_INT_UART0 |
           (c->system[SYS_EXTINT] & 1u) << LPC2468_INT_EINT0 |
           (uint32_t)c->emac_line << LPC2468_INT_ETHERNET;
}

void lpc2468_vic_update(struct lpc2468 *c)
{
    struct lpc2468_vic *v = &c->vic;

    v->lines = lines(c);
    bool irq = current(v) != NOBODY, fiq = fiq_status(v) != 0;
    bool news = irq != v->irq || fiq != v->fiq;
    v->irq = irq;
    v->fiq = fiq;
    lpc2468_wake(c);
    if (news && c->env.irq != NULL)
        c->env.irq(c->env.ctx, irq, fiq);
}

uint32_t lpc2468_vector(const struct lpc2468 *c)
{
    int channel = current(&c->vic);

    return c->vic.reg[channel == NOBODY ? VIC_ADDRESS : VIC_VECT_ADDR0 + channel];
}

static uint32_t begin_service(struct lpc2468 *c)
{
    struct lpc2468_vic *v = &c->vic;
    int channel = current(v);

    if (channel != NOBODY) {
        v->reg[VIC_ADDRESS] = v->reg[VIC_VECT_ADDR0 + channel];
        v->in_service |= 1u << v->reg[VIC_VECT_PRIORITY0 + channel];
        lpc2468_vic_update(c);
    }
    return v->reg[VIC_ADDRESS];
}

/* While nothing is enabled the write is what start-ups do to begin from a clean slate. */
static void end_service(struct lpc2468 *c, uint32_t value)
{
    struct lpc2468_vic *v = &c->vic;

    if (v->in_service == 0 && v->reg[VIC_INT_ENABLE] != 0)
        lpc2468_report(c, GUEST_INTERRUPT, true, "VICAddress", LPC2468_VIC_BASE + 0xf00u, value,
                       "end of an interrupt, and none is in service");
    v->in_service &= v->in_service - 1u;
}

static uint32_t read_vic(struct lpc2468 *c, unsigned unit, unsigned index)
{
    (void)unit;
    switch (index) {
    case VIC_IRQ_STATUS:
        return irq_status(&c->vic);
    case VIC_FIQ_STATUS:
        return fiq_status(&c->vic);
    case VIC_RAW_INTR:
        return raw(&c->vic);
    case VIC_ADDRESS:
        return begin_service(c);
    default:
        return c->vic.reg[index];
    }
}

static void write_vic(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    uint32_t *reg = c->vic.reg;

    (void)unit;
    switch (index) {
    case VIC_INT_ENABLE:
    case VIC_SOFT_INT:
        reg[index] |= value;
        break;
    case VIC_INT_EN_CLR:
        reg[VIC_INT_ENABLE] &= ~value;
        break;
    case VIC_SOFT_INT_CLEAR:
        reg[VIC_SOFT_INT] &= ~value;
        break;
    case VIC_ADDRESS:
        end_service(c, value);
        break;
    default:
        reg[index] = value;
        break;
    }
    lpc2468_vic_update(c);
}

void lpc2468_vic_reset(struct lpc2468 *c)
{
    lpc2468_block_reset(c->vic.reg, &lpc2468_vic_block);
    c->vic.in_service = 0;
}

const struct lpc2468_block lpc2468_vic_block = {
    LPC2468_VIC_BASE, LPC2468_VIC_SIZE, table, VIC_REGISTERS, 0, LPC2468_WORDS, 0,
    read_vic, write_vic};
