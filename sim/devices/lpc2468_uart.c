/* sim/devices/lpc2468_uart.c: UART0 as a console (UM10237 ch. UART0).
 *
 * A byte written leaves at once: LSR always says that there is room, whatever the baud rate says.
 * Nothing is ever received. The one interrupt that comes is "holding register empty": when it is
 * enabled and after each byte; reading IIR or writing THR takes it away. */
#include "sim/devices/lpc2468_state.h"

#include <stddef.h>

/* The first three offsets hold different registers by direction and DLAB: judged below. */
static const struct lpc2468_register table[UART_REGISTERS] = {
    [UART_DATA] = {0x00, LPC2468_RW, true, 0, 0xffu, "U0THR"},
    [UART_IER] = {0x04, LPC2468_RW, true, 0, 0xffffffffu, "U0IER"},
    [UART_IIR] = {0x08, LPC2468_RW, true, 0, 0xffffffffu, "U0FCR"},
    [UART_LCR] = {0x0c, LPC2468_RW, false, 0, 0xffu, "U0LCR"},
    [UART_LSR] = {0x14, LPC2468_RO, false, LSR_READY, 0xffu, "U0LSR"},
    [UART_SCR] = {0x1c, LPC2468_RW, false, 0, 0xffu, "U0SCR"},
    [UART_ACR] = {0x20, LPC2468_RW, false, 0, 0x307u, "U0ACR"},
    [UART_ICR] = {0x24, LPC2468_RW, false, 0, 0x3fu, "U0ICR"},
    [UART_FDR] = {0x28, LPC2468_RW, false, 0x10u, 0xffu, "U0FDR"},
    [UART_TER] = {0x30, LPC2468_RW, false, 0x80u, 0x80u, "U0TER"},
};

static bool divisor_latch(const struct lpc2468_uart *u)
{
    return (u->reg[UART_LCR] & LCR_DLAB) != 0;
}

bool lpc2468_uart_line(const struct lpc2468 *c)
{
    return c->uart.empty_news && c->uart.reg[UART_IER] & IER_THRE;
}

static uint32_t read_identification(struct lpc2468 *c)
{
    struct lpc2468_uart *u = &c->uart;
    uint32_t fifos = u->fcr & FCR_ENABLE ? IIR_FIFOS : 0;

    if (!lpc2468_uart_line(c))
        return fifos | IIR_NONE;
    u->empty_news = false;
    lpc2468_vic_update(c);
    return fifos | IIR_THRE;
}

static uint32_t read_uart(struct lpc2468 *c, unsigned unit, unsigned index)
{
    struct lpc2468_uart *u = &c->uart;

    (void)unit;
    switch (index) {
    case UART_DATA:
        return divisor_latch(u) ? u->dll : 0;
    case UART_IER:
        return divisor_latch(u) ? u->dlm : u->reg[UART_IER];
    case UART_IIR:
        return read_identification(c);
    default:
        return u->reg[index];
    }
}

static void write_data(struct lpc2468 *c, uint32_t value)
{
    struct lpc2468_uart *u = &c->uart;

    if (divisor_latch(u)) {
        u->dll = value;
        return;
    }
    if (!(u->reg[UART_TER] & 0x80u))
        return; /* the transmitter is off */
    if (c->env.console != NULL)
        c->env.console(c->env.ctx, (char)value);
    u->empty_news = true;
}

static void write_enable(struct lpc2468 *c, uint32_t value)
{
    struct lpc2468_uart *u = &c->uart;

    if (divisor_latch(u)) {
        u->dlm = value & 0xffu;
        return;
    }
    if (value & ~IER_BITS)
        lpc2468_reserved(c, "U0IER", LPC2468_UART0_BASE + 0x04u, value);
    if (value & IER_THRE && !(u->reg[UART_IER] & IER_THRE))
        u->empty_news = true;
    u->reg[UART_IER] = value & IER_BITS;
}

static void write_uart(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value)
{
    (void)unit;
    if (index == UART_DATA) {
        write_data(c, value);
    } else if (index == UART_IER) {
        write_enable(c, value);
    } else if (index == UART_IIR) {
        if (value & ~FCR_BITS)
            lpc2468_reserved(c, "U0FCR", LPC2468_UART0_BASE + 0x08u, value);
        c->uart.fcr = value & FCR_BITS;
    } else {
        c->uart.reg[index] = value;
    }
    lpc2468_vic_update(c);
}

void lpc2468_uart_reset(struct lpc2468 *c)
{
    lpc2468_block_reset(c->uart.reg, &lpc2468_uart_block);
    c->uart.dll = 1;
    c->uart.dlm = 0;
    c->uart.fcr = 0;
    c->uart.empty_news = false;
}

const struct lpc2468_block lpc2468_uart_block = {
    LPC2468_UART0_BASE, LPC2468_APB_SLOT, table, UART_REGISTERS, PCONP_UART0, LPC2468_NARROW, 0,
    read_uart, write_uart};
