/* harness/firmware/guest/board.h: the chip below the application: clocks, milliseconds, console,
 * interrupts, sleep. */
#ifndef HARNESS_FIRMWARE_GUEST_BOARD_H
#define HARNESS_FIRMWARE_GUEST_BOARD_H

#include <stdint.h>

typedef void board_handler(void);

/* PLL to 72 MHz, timer, console; interrupts are off in the VIC. */
void board_start(void);
/* Calls the handler, with IRQ off, at each interrupt of a VIC channel; priority 0 comes first. */
void board_interrupt(unsigned channel, unsigned priority, board_handler *handler);
/* EINT0 is to follow falling edges of P2.10. */
void board_eint0_falling(void);
void board_eint0_done(void);

/* Sleeps until an interrupt comes, at most `ms` milliseconds, unless *busy says that there is
 * something to do. IRQ is off while it is looked at: an interrupt just before is not slept over. */
void board_sleep(uint32_t ms, const volatile uint32_t *busy);

void board_print(const char *text);
void board_print_number(uint32_t value);

#endif
