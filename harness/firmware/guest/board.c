/* harness/firmware/guest/board.c: see board.h. UM10237 ch. Clocking and power, VIC, Timers, UART0.
 */
#include "harness/firmware/guest/board.h"

#include "lwip/opt.h"
#include "lwip/sys.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define T0IR REG(0xe0004000)
#define T0TCR REG(0xe0004004)
#define T0TC REG(0xe0004008)
#define T0PR REG(0xe000400c)
#define T0PC REG(0xe0004010)
#define T0MCR REG(0xe0004014)
#define T0MR0 REG(0xe0004018)
#define U0THR REG(0xe000c000)
#define U0DLL REG(0xe000c000)
#define U0DLM REG(0xe000c004)
#define U0FCR REG(0xe000c008)
#define U0LCR REG(0xe000c00c)
#define U0LSR REG(0xe000c014)
#define PINSEL0 REG(0xe002c000)
#define MAMCR REG(0xe01fc000)
#define MAMTIM REG(0xe01fc004)
#define PLLCON REG(0xe01fc080)
#define PLLCFG REG(0xe01fc084)
#define PLLSTAT REG(0xe01fc088)
#define PLLFEED REG(0xe01fc08c)
#define PCON REG(0xe01fc0c0)
#define CCLKCFG REG(0xe01fc104)
#define CLKSRCSEL REG(0xe01fc10c)
#define EXTINT REG(0xe01fc140)
#define EXTMODE REG(0xe01fc148)
#define EXTPOLAR REG(0xe01fc14c)
#define SCS REG(0xe01fc1a0)
#define VICIntSelect REG(0xfffff00c)
#define VICIntEnable REG(0xfffff010)
#define VICIntEnClr REG(0xfffff014)
#define VICVectAddr(n) REG(0xfffff100 + 4 * (n))
#define VICVectPriority(n) REG(0xfffff200 + 4 * (n))

#define TIMER0 4u
#define PCLK_KHZ 18000u /* 72 MHz / 4: what PCLKSEL0 is after reset */
#define UART_115200_DIVISOR 10u
#define SLEEP_MS_MAX 60000u

static void feed_pll(void)
{
    PLLFEED = 0xaa;
    PLLFEED = 0x55;
}

/* 12 MHz crystal * 2 * 12 = 288 MHz, divided by 4. */
static void start_clock(void)
{
    PLLCON = 0;
    feed_pll();
    SCS |= 0x20; /* OSCEN */
    while ((SCS & 0x40) == 0) /* OSCSTAT */
        ;
    CLKSRCSEL = 1;
    PLLCFG = 11;
    feed_pll();
    PLLCON = 1;
    feed_pll();
    CCLKCFG = 3;
    while ((PLLSTAT & 0x04000000) == 0) /* PLOCK */
        ;
    PLLCON = 3;
    feed_pll();
    MAMCR = 0;
    MAMTIM = 4;
    MAMCR = 2;
}

static void start_console(void)
{
    PINSEL0 = (PINSEL0 & ~0xf0u) | 0x50u; /* P0.2 TXD0, P0.3 RXD0 */
    U0LCR = 0x83;
    U0DLL = UART_115200_DIVISOR;
    U0DLM = 0;
    U0LCR = 0x03;
    U0FCR = 0x07;
}

/* The interrupt only wakes: what is due is found by the clock. */
static void timer_matched(void)
{
    T0IR = 0x01;
}

static void start_timer(void)
{
    T0TCR = 0x02;
    T0PR = PCLK_KHZ - 1;
    T0MCR = 0x01;
    T0MR0 = 0xffffffff;
    T0TCR = 0x01;
    board_interrupt(TIMER0, 8, timer_matched);
}

void board_start(void)
{
    VICIntEnClr = 0xffffffff;
    VICIntSelect = 0;
    start_clock();
    start_console();
    start_timer();
}

void board_interrupt(unsigned channel, unsigned priority, board_handler *handler)
{
    VICVectAddr(channel) = (uint32_t)(uintptr_t)handler;
    VICVectPriority(channel) = priority;
    VICIntEnable = 1u << channel;
}

void board_eint0_falling(void)
{
    EXTMODE |= 1;
    EXTPOLAR &= ~1u;
    EXTINT = 1;
}

void board_eint0_done(void)
{
    EXTINT = 1;
}

/* ---- Time ---- */

u32_t sys_now(void)
{
    return T0TC;
}

u32_t sys_jiffies(void)
{
    return T0TC;
}

/* The match comes when TC reaches it: one that was set too late never does. */
static int alarm_set(uint32_t ms)
{
    uint32_t at = T0TC + ms;

    T0MR0 = at;
    return (int32_t)(at - T0TC) > 0;
}

/* An interrupt ends the sleep although IRQ is off; it is served when IRQ is on again. */
void board_sleep(uint32_t ms, const volatile uint32_t *busy)
{
    if (ms == 0 || !alarm_set(ms < SLEEP_MS_MAX ? ms : SLEEP_MS_MAX))
        return;
    sys_prot_t before = sys_arch_protect();
    if (*busy == 0)
        PCON = 1; /* IDL */
    sys_arch_unprotect(before);
}

/* xorshift over what the timer says now: good enough for ports and sequence numbers of a test. */
uint32_t arm7_random(void)
{
    static uint32_t state = 0x2468;

    state ^= T0TC << 16 ^ T0PC;
    state = state != 0 ? state : 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* ---- Console ---- */

static void put(char c)
{
    while ((U0LSR & 0x20) == 0) /* THRE */
        ;
    U0THR = (uint8_t)c;
}

void board_print(const char *text)
{
    for (; *text != '\0'; text++)
        put(*text);
}

void board_print_number(uint32_t value)
{
    char digits[10];
    unsigned n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0)
        put(digits[--n]);
}

/* Stays at an instruction that does not exist: the simulator reports it with a backtrace; a chip
 * would be reset by its watchdog. */
_Noreturn void arm7_stopped(const char *what, const char *file, int line)
{
    board_print("stopped: ");
    board_print(what);
    board_print(" at ");
    board_print(file);
    put(':');
    board_print_number((uint32_t)line);
    put('\n');
    for (;;)
        __builtin_trap();
}
