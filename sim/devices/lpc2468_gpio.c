/* sim/devices/lpc2468_gpio.c: the ports (UM10237 ch. GPIO).
 *
 * Ports 0 to 4 are reached by FIO, whose registers' bytes and half-words stand by themselves; 0 and
 * 1 by the old registers instead as long as SCS.GPIOM is 0. The way that is not chosen reaches no
 * pin: what it writes is lost, and reported.
 *
 * Nothing is connected but MDINTR# to P2.10: other pins read as they are driven, or 1 by their
 * pull-up. A pin is its level whatever function PINSEL gives it. Edges of ports 0 and 2 interrupt
 * by the channel of EINT3. */
#include "sim/devices/lpc2468_state.h"

#define FIO(n)                                                                                     \
    [(n) * FIO_EACH + FIO_DIR] = {0x20 * (n), LPC2468_RW, false, 0, 0xffffffffu, "FIO" #n "DIR"},  \
    [(n) * FIO_EACH + FIO_MASK] = {0x20 * (n) + 0x10, LPC2468_RW, false, 0, 0xffffffffu,           \
                                   "FIO" #n "MASK"},                                               \
    [(n) * FIO_EACH + FIO_PIN] = {0x20 * (n) + 0x14, LPC2468_RW, false, 0, 0xffffffffu,            \
                                  "FIO" #n "PIN"},                                                 \
    [(n) * FIO_EACH + FIO_SET] = {0x20 * (n) + 0x18, LPC2468_RW, false, 0, 0xffffffffu,            \
                                  "FIO" #n "SET"},                                                 \
    [(n) * FIO_EACH + FIO_CLR] = {0x20 * (n) + 0x1c, LPC2468_WO, false, 0, 0xffffffffu,            \
                                  "FIO" #n "CLR"}
static const struct lpc2468_register fio[FIO_REGISTERS] = {FIO(0), FIO(1), FIO(2), FIO(3), FIO(4)};

#define OLD(n)                                                                                     \
    [(n) * GPIO_EACH + GPIO_PIN] = {0x10 * (n), LPC2468_RW, false, 0, 0xffffffffu, "IO" #n "PIN"}, \
    [(n) * GPIO_EACH + GPIO_SET] = {0x10 * (n) + 0x4, LPC2468_RW, false, 0, 0xffffffffu,           \
                                    "IO" #n "SET"},                                                \
    [(n) * GPIO_EACH + GPIO_DIR] = {0x10 * (n) + 0x8, LPC2468_RW, false, 0, 0xffffffffu,           \
                                    "IO" #n "DIR"},                                                \
    [(n) * GPIO_EACH + GPIO_CLR] = {0x10 * (n) + 0xc, LPC2468_WO, false, 0, 0xffffffffu,           \
                                    "IO" #n "CLR"}
#define INTERRUPTS(n, at)                                                                          \
    [GPIO_INT##n + GPIO_STAT_R] = {(at), LPC2468_RO, false, 0, 0xffffffffu, "IO" #n "IntStatR"},   \
    [GPIO_INT##n + GPIO_STAT_F] = {(at) + 0x4, LPC2468_RO, false, 0, 0xffffffffu,                  \
                                   "IO" #n "IntStatF"},                                            \
    [GPIO_INT##n + GPIO_INT_CLR] = {(at) + 0x8, LPC2468_WO, false, 0, 0xffffffffu,                 \
                                    "IO" #n "IntClr"},                                             \
    [GPIO_INT##n + GPIO_EN_R] = {(at) + 0xc, LPC2468_RW, false, 0, 0xffffffffu, "IO" #n "IntEnR"}, \
    [GPIO_INT##n + GPIO_EN_F] = {(at) + 0x10, LPC2468_RW, false, 0, 0xffffffffu,                   \
                                 "IO" #n "IntEnF"}
static const struct lpc2468_register old[GPIO_REGISTERS] = {
    OLD(0), OLD(1),
    [GPIO_INT_STATUS] = {0x80, LPC2468_RO, false, 0, 0x5u, "IOIntStatus"},
    INTERRUPTS(0, 0x84), INTERRUPTS(2, 0xa4),
};

static uint32_t levels(const struct lpc2468 *c, unsigned port)
{
    const struct lpc2468_gpio *g = &c->gpio;
    uint32_t outside = port == MDINTR_PORT && c->mdintr ? ~MDINTR_BIT : 0xffffffffu;

    return (g->latch[port] & g->dir[port]) | (outside & ~g->dir[port]);
}

void lpc2468_gpio_update(struct lpc2468 *c)
{
    struct lpc2468_gpio *g = &c->gpio;

    for (unsigned i = 0; i < 2; i++) {
        uint32_t now = levels(c, 2 * i), changed = now ^ g->high[i];
        g->rose[i] |= changed & now & g->rising[i];
        g->fell[i] |= changed & ~now & g->falling[i];
        g->high[i] = now;
    }
}

bool lpc2468_gpio_line(const struct lpc2468 *c)
{
    const struct lpc2468_gpio *g = &c->gpio;

    return (g->rose[0] | g->fell[0] | g->rose[1] | g->fell[1]) != 0;
}

/* Whether the port is reached this way; if not, that is the driver's error. */
static bool reaches(struct lpc2468 *c, bool fast, unsigned index, bool write, uint32_t value)
{
    bool chosen = (c->system[SYS_SCS] & SCS_GPIOM) != 0;
    const struct lpc2468_register *r = fast ? &fio[index] : &old[index];
    uint32_t base = fast ? LPC2468_FIO_BASE : LPC2468_GPIO_BASE;

    if (fast == chosen || (fast && index >= 2 * FIO_EACH))
        return true;
    lpc2468_report(c, GUEST_UNPOWERED, write, r->name, base + r->offset, value,
                   fast ? "ports 0 and 1 are not reached by FIO: SCS.GPIOM is 0"
                        : "ports 0 and 1 are reached by FIO: SCS.GPIOM is 1");
    return false;
}

static void put(uint32_t *word, uint32_t value, uint32_t lanes)
{
    *word = (*word & ~lanes) | (value & lanes);
}

static uint32_t read_fio(struct lpc2468 *c, unsigned unit, unsigned index)
{
    const struct lpc2468_gpio *g = &c->gpio;
    unsigned port = index / FIO_EACH;

    (void)unit;
    if (!reaches(c, true, index, false, 0))
        return 0;
    switch (index % FIO_EACH) {
    case FIO_DIR:
        return g->dir[port];
    case FIO_MASK:
        return g->mask[port];
    case FIO_PIN:
        return levels(c, port) & ~g->mask[port];
    default:
        return g->latch[port] & ~g->mask[port];
    }
}

static void write_fio(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    struct lpc2468_gpio *g = &c->gpio;
    unsigned port = index / FIO_EACH;

    (void)unit;
    if (!reaches(c, true, index, true, value))
        return;
    uint32_t open = c->lanes & ~g->mask[port];
    switch (index % FIO_EACH) {
    case FIO_DIR:
        put(&g->dir[port], value, c->lanes);
        break;
    case FIO_MASK:
        put(&g->mask[port], value, c->lanes);
        break;
    case FIO_PIN:
        put(&g->latch[port], value, open);
        break;
    case FIO_SET:
        g->latch[port] |= value & open;
        break;
    default:
        g->latch[port] &= ~(value & open);
        break;
    }
    lpc2468_gpio_update(c);
    lpc2468_vic_update(c);
}

static uint32_t read_interrupts(const struct lpc2468_gpio *g, unsigned i, unsigned which)
{
    switch (which) {
    case GPIO_STAT_R:
        return g->rose[i];
    case GPIO_STAT_F:
        return g->fell[i];
    case GPIO_EN_R:
        return g->rising[i];
    default:
        return g->falling[i];
    }
}

static uint32_t read_old(struct lpc2468 *c, unsigned unit, unsigned index)
{
    const struct lpc2468_gpio *g = &c->gpio;
    unsigned port = index / GPIO_EACH;

    (void)unit;
    if (index == GPIO_INT_STATUS)
        return (uint32_t)((g->rose[0] | g->fell[0]) != 0) |
               (uint32_t)((g->rose[1] | g->fell[1]) != 0) << 2;
    if (index >= GPIO_INT2)
        return read_interrupts(g, 1, index - GPIO_INT2);
    if (index >= GPIO_INT0)
        return read_interrupts(g, 0, index - GPIO_INT0);
    if (!reaches(c, false, index, false, 0))
        return 0;
    switch (index % GPIO_EACH) {
    case GPIO_PIN:
        return levels(c, port);
    case GPIO_DIR:
        return g->dir[port];
    default:
        return g->latch[port];
    }
}

static void write_interrupts(struct lpc2468_gpio *g, unsigned i, unsigned which, uint32_t value)
{
    if (which == GPIO_INT_CLR) {
        g->rose[i] &= ~value;
        g->fell[i] &= ~value;
    } else if (which == GPIO_EN_R) {
        g->rising[i] = value;
    } else {
        g->falling[i] = value;
    }
}

static void write_port(struct lpc2468 *c, unsigned index, uint32_t value)
{
    struct lpc2468_gpio *g = &c->gpio;
    unsigned port = index / GPIO_EACH, which = index % GPIO_EACH;

    if (!reaches(c, false, index, true, value))
        return;
    if (which == GPIO_PIN)
        g->latch[port] = value;
    else if (which == GPIO_SET)
        g->latch[port] |= value;
    else if (which == GPIO_DIR)
        g->dir[port] = value;
    else
        g->latch[port] &= ~value;
}

static void write_old(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    (void)unit;
    if (index >= GPIO_INT2)
        write_interrupts(&c->gpio, 1, index - GPIO_INT2, value);
    else if (index >= GPIO_INT0)
        write_interrupts(&c->gpio, 0, index - GPIO_INT0, value);
    else
        write_port(c, index, value);
    lpc2468_gpio_update(c);
    lpc2468_vic_update(c);
}

void lpc2468_gpio_reset(struct lpc2468 *c)
{
    c->gpio = (struct lpc2468_gpio){0};
    c->gpio.high[0] = levels(c, 0);
    c->gpio.high[1] = levels(c, 2);
}

const struct lpc2468_block lpc2468_gpio_block = {
    LPC2468_GPIO_BASE, LPC2468_APB_SLOT, old, GPIO_REGISTERS, 0, LPC2468_WORDS, 0,
    read_old, write_old};
const struct lpc2468_block lpc2468_fio_block = {
    LPC2468_FIO_BASE, LPC2468_FIO_SIZE, fio, FIO_REGISTERS, 0, LPC2468_LANES, 0,
    read_fio, write_fio};
