/* sim/devices/lpc2468_state.h: what the chip is made of; for its own files only. */
#ifndef SIM_DEVICES_LPC2468_STATE_H
#define SIM_DEVICES_LPC2468_STATE_H

#include "sim/devices/lpc2468.h"

#include "sim/devices/lpc2468_regs.h"

enum lpc2468_access { LPC2468_RW, LPC2468_RO, LPC2468_WO };
enum lpc2468_width {
    LPC2468_WORDS,  /* 32 bits at a time */
    LPC2468_NARROW, /* bytes and half-words at a register's address, too */
    LPC2468_LANES   /* bytes and half-words of a register by themselves */
};

struct lpc2468_register {
    uint16_t offset;
    uint8_t access;  /* enum lpc2468_access */
    bool lenient;    /* ones in places that do not exist are usual: write-one-to-clear, bytes */
    uint32_t reset;
    uint32_t mask;   /* bits that exist */
    const char *name;
};

/* A part of the chip on the bus. Its words stand in the order of its table. */
struct lpc2468_block {
    uint32_t base, size;
    const struct lpc2468_register *table;
    unsigned count;
    unsigned power;   /* bit of PCONP; 0: always on */
    enum lpc2468_width width;
    unsigned unit;    /* of several equal ones */
    uint32_t (*read)(struct lpc2468 *c, unsigned unit, unsigned index);
    void (*write)(struct lpc2468 *c, unsigned unit, unsigned index, uint32_t value);
};

struct lpc2468_timer {
    uint32_t reg[TIMER_REGISTERS];
    uint64_t edge;  /* of PCLK, counted from time 0: reg is as it is after this one */
    bool compared;  /* the match registers have seen this TC */
};

struct lpc2468_gpio {
    uint32_t dir[PORTS], mask[PORTS], latch[PORTS];
    uint32_t high[2];                         /* of ports 0 and 2, as the edges were last seen */
    uint32_t rose[2], fell[2], rising[2], falling[2]; /* status and enable of interrupts */
};

struct lpc2468_uart {
    uint32_t reg[UART_REGISTERS];
    uint32_t dll, dlm, fcr;
    bool empty_news; /* the holding register became empty, and nobody was told yet */
};

struct lpc2468_vic {
    uint32_t reg[VIC_REGISTERS];
    uint32_t lines;      /* from the parts, without software interrupts */
    uint32_t in_service; /* bit p: one of priority p */
    bool irq, fiq;       /* to the core */
};

struct lpc2468 {
    struct lpc2468_env env;
    struct lpc2468_config config;
    uint64_t now_ns;
    uint32_t pc;
    struct emac *emac;
    struct dm9161 *phy;
    uint8_t *ethernet_ram;
    struct mii_phy phy_mii;

    struct lpc2468_timer timer[TIMERS];
    struct lpc2468_gpio gpio;
    uint32_t lanes;            /* bits of the register that the access under way covers */
    struct lpc2468_uart uart;
    struct lpc2468_vic vic;
    uint32_t pins[PIN_REGISTERS];
    uint32_t system[SYS_REGISTERS];
    uint32_t pll_con, pll_cfg; /* as the last feed made them count */
    bool pll_fed;              /* 0xaa was written to PLLFEED just now */
    bool asleep;
    bool mdintr;               /* MDINTR# is asserted, that is low */
    bool eint0_high, eint0_routed; /* the pin as the edge detector saw it last */
    bool emac_line;
    bool rmii;                 /* Command.RMII */
    bool quiet;                /* own reads of the EMAC are nobody's errors */
};

/* lpc2468.c: all but what the EMAC does at now_ns itself, which it does before or after the access
 * that comes now: an IntClear does not take what is set in its very instant (sheet 18). */
void lpc2468_advance_around_emac(struct lpc2468 *c, uint64_t now_ns);

/* lpc2468_bus.c */
void lpc2468_report(struct lpc2468 *c, enum guest_error_kind kind, bool write, const char *reg,
                    uint32_t addr, uint32_t value, const char *what);
void lpc2468_reserved(struct lpc2468 *c, const char *reg, uint32_t addr, uint32_t value);
void lpc2468_block_reset(uint32_t *words, const struct lpc2468_block *block);

/* The parts; the order is that of addresses. */
extern const struct lpc2468_block lpc2468_timer_blocks[TIMERS], lpc2468_uart_block,
    lpc2468_gpio_block, lpc2468_fio_block, lpc2468_pins_block, lpc2468_system_block,
    lpc2468_vic_block;

/* lpc2468_timer.c: all that is due up to now_ns; when the next interrupt comes. */
void lpc2468_timer_reset(struct lpc2468 *c, unsigned unit);
void lpc2468_timer_sync(struct lpc2468 *c, unsigned unit);
void lpc2468_timer_rebase(struct lpc2468 *c, unsigned unit); /* PCLK has changed: after a sync */
uint64_t lpc2468_timer_next(const struct lpc2468 *c, unsigned unit);
bool lpc2468_timer_line(const struct lpc2468 *c, unsigned unit);

/* lpc2468_gpio.c */
void lpc2468_gpio_reset(struct lpc2468 *c);
void lpc2468_gpio_update(struct lpc2468 *c); /* a pin may have changed */
bool lpc2468_gpio_line(const struct lpc2468 *c);

/* lpc2468_uart.c */
void lpc2468_uart_reset(struct lpc2468 *c);
bool lpc2468_uart_line(const struct lpc2468 *c);

/* lpc2468_pins.c */
void lpc2468_pins_reset(struct lpc2468 *c);
bool lpc2468_pins_clock(const struct lpc2468 *c); /* of the PHY reaches the EMAC */
bool lpc2468_pins_data(const struct lpc2468 *c);
bool lpc2468_pins_miim(const struct lpc2468 *c);
bool lpc2468_pins_eint0(const struct lpc2468 *c);

/* lpc2468_system.c */
void lpc2468_system_reset(struct lpc2468 *c, bool power_on);
bool lpc2468_is_powered(const struct lpc2468 *c, unsigned bit);
uint32_t lpc2468_pclk_divider(const struct lpc2468 *c, unsigned field); /* PCLK_x */
void lpc2468_eint0_update(struct lpc2468 *c);
void lpc2468_wake(struct lpc2468 *c);

/* lpc2468_vic.c: lines from the parts to the core, and news of them to the owner. */
void lpc2468_vic_reset(struct lpc2468 *c);
void lpc2468_vic_update(struct lpc2468 *c);

/* lpc2468_ethernet.c: EMAC and PHY in the chip. */
void lpc2468_ethernet_init(struct lpc2468 *c, void *emac_memory, void *phy_memory);
void lpc2468_ethernet_reset(struct lpc2468 *c);
void lpc2468_ethernet_power(struct lpc2468 *c); /* PCONP.PCENET has changed */
uint32_t lpc2468_ethernet_read(struct lpc2468 *c, uint32_t offset);
void lpc2468_ethernet_write(struct lpc2468 *c, uint32_t offset, uint32_t value);

#endif
