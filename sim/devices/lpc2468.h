/* sim/devices/lpc2468.h: the chip around the EMAC, as far as a network driver and a small firmware
 * without an operating system touch it, and the PHY on its pins.
 *
 *   address                 what
 *   0x00000000..0x0007ffff  flash, 512 KB (the owner's; writes are guest errors)
 *   0x40000000..0x4000ffff  local RAM, 64 KB
 *   0x7fe00000..0x7fe03fff  Ethernet RAM, 16 KB: what the EMAC's DMA reaches
 *   0x3fffc000              FIO: ports 0 to 4 by FIOxDIR MASK PIN SET CLR
 *   0xe0004000              T0, 0xe0008000 T1, 0xe0070000 T2, 0xe0074000 T3:
 *                           TCR TC PR PC MCR MR0..3 IR
 *   0xe000c000              UART0: THR (the firmware's console), LSR, and what set-up writes
 *   0xe0028000              GPIO: ports 0 and 1 by IOxPIN SET DIR CLR; interrupts of 0 and 2
 *   0xe002c000              PINSEL0..10, PINMODE0..9: stored; the EMAC's pins are judged
 *   0xe01fc000              system control: PCONP, PCON, PLLCON/CFG/STAT/FEED, CCLKCFG, USBCLKCFG,
 *                           CLKSRCSEL, SCS, IRCTRIM, PCLKSEL0/1, MAMCR/TIM, MEMMAP, INTWAKE,
 *                           EXTINT, EXTMODE, EXTPOLAR, RSID, AHBCFG1/2
 *   0xffe00000              EMAC
 *   0xfffff000              VIC, 32 vectored interrupts
 *
 * Anything else (watchdog, RTC, other UARTs, ...) is not there. Of the timers there is no counter
 * mode and no capture: their pins are not connected.
 *
 * The EMAC's pins: without MDC and MDIO management reads all ones, without REF_CLK there is no
 * clock, without any other no frame passes; none of that is a guest error by itself.
 *
 * MDINTR# of the PHY is wired to P2.10, which is EINT0 (VIC channel 14) if PINSEL4 says so, and a
 * pin of GPIO in any case. All other pins are open, pulled up.
 * Passive like sim/devices/emac.h; everything is in one block of the owner's memory. */
#ifndef SIM_DEVICES_LPC2468_H
#define SIM_DEVICES_LPC2468_H

#include "sim/devices/dm9161.h"
#include "sim/devices/emac.h"

#define LPC2468_FLASH_BASE 0x00000000u
#define LPC2468_FLASH_SIZE 0x00080000u
#define LPC2468_RAM_BASE 0x40000000u
#define LPC2468_RAM_SIZE 0x00010000u
#define LPC2468_ETHERNET_RAM_BASE 0x7fe00000u
#define LPC2468_ETHERNET_RAM_SIZE 0x00004000u
#define LPC2468_VIC_BASE 0xfffff000u

#define LPC2468_INT_TIMER0 4u
#define LPC2468_INT_TIMER1 5u
#define LPC2468_INT_UART0 6u
#define LPC2468_INT_EINT0 14u
#define LPC2468_INT_EINT3 17u
#define LPC2468_INT_ETHERNET 21u
#define LPC2468_INT_TIMER2 26u
#define LPC2468_INT_TIMER3 27u

struct lpc2468_config {
    struct emac_knobs emac;
    struct dm9161_config phy;
    uint32_t cclk_hz;  /* 0: 72 MHz; at most 1 GHz; fixed: what is written to the PLL is stored */
    bool powered;      /* PCONP.PCENET and the pins of EMAC (the PHY's mode) and EINT0 are set
                        * already, as if a start-up had done it */
};

struct lpc2468_env {
    void *ctx;
    /* As in struct emac_env, and frames that DSCR.0 of the PHY sends back. NULL: no wire. */
    void (*transmit)(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs,
                     uint64_t now_ns);
    void (*cut)(void *ctx, uint32_t bytes, uint64_t now_ns); /* as in struct emac_env; NULL */
    void (*irq)(void *ctx, bool irq, bool fiq);      /* lines to the core have changed; NULL */
    void (*link)(void *ctx, bool up, uint64_t now_ns); /* the PHY's; NULL */
    void (*console)(void *ctx, char byte);           /* UART0; NULL */
    struct emac_tx_fault (*tx_fault)(void *ctx, const uint8_t *bytes, uint32_t length); /* NULL */
    guest_error_fn *guest_error;                     /* NULL: nobody asks */
    /* Flash and local RAM of a firmware; NULL: a driver on the host has neither. */
    void *flash, *ram;
    /* External memory, 0x80000000 to 0xdfffffff, which the EMAC's DMA reaches through the bridge
     * when the knob dma_anywhere is set: `bytes` from addr on; NULL: not there. NULL: none. */
    void *(*external)(void *ctx, uint32_t addr, uint32_t bytes);
};

struct lpc2468;

/* The block holds EMAC, PHY and Ethernet RAM as well, and no address but its own and env's. */
size_t lpc2468_size(void);
struct lpc2468 *lpc2468_init(void *memory, const struct lpc2468_env *env,
                             const struct lpc2468_config *config, uint64_t now_ns);
/* The reset pin, which is the PHY's as well. Memory keeps its contents. */
void lpc2468_reset(struct lpc2468 *c, uint64_t now_ns);

/* One access of 1, 2 or 4 bytes. Memory takes any width; registers 32 bits, UART0's also less. */
uint32_t lpc2468_read(struct lpc2468 *c, uint32_t addr, unsigned bytes, uint64_t now_ns);
void lpc2468_write(struct lpc2468 *c, uint32_t addr, uint32_t value, unsigned bytes,
                   uint64_t now_ns);
/* The program counter to report with guest errors from now on; 0: none. */
void lpc2468_pc(struct lpc2468 *c, uint32_t pc);
const char *lpc2468_register_name(uint32_t addr); /* NULL: memory, or nothing */
/* It answers differently from one moment to the next: a timer, the pause counter. */
bool lpc2468_register_counts(uint32_t addr);
void *lpc2468_ethernet_ram(struct lpc2468 *c);    /* 16 KB; the emulator maps it */

uint64_t lpc2468_next(const struct lpc2468 *c);
void lpc2468_advance(struct lpc2468 *c, uint64_t now_ns);

/* As emac_receive() and emac_carrier(); without power nothing comes in. */
void lpc2468_receive(struct lpc2468 *c, const struct emac_arrival *frame, uint64_t now_ns);
void lpc2468_carrier(struct lpc2468 *c, uint64_t until_ns, uint64_t now_ns);
void lpc2468_partner(struct lpc2468 *c, const struct mii_partner *partner, uint64_t now_ns);

/* Levels of the lines to the core, and the vector that VICAddress would give. */
bool lpc2468_irq(const struct lpc2468 *c);
bool lpc2468_fiq(const struct lpc2468 *c);
uint32_t lpc2468_vector(const struct lpc2468 *c);
/* PCON stopped the core; it goes on when this is false again, which an interrupt brings about. */
bool lpc2468_asleep(const struct lpc2468 *c);

/* For counters, faults and reports: registers are reached by the bus alone. After a dm9161_x() that
 * takes no time (a fault), call lpc2468_advance(). */
struct emac *lpc2468_emac(struct lpc2468 *c);
struct dm9161 *lpc2468_phy(struct lpc2468 *c);

const char *lpc2468_check(const struct lpc2468 *c);

#endif
