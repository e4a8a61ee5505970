/* sim/devices/dm9161_state.h: what a DM9161 is made of; for its own files only. */
#ifndef SIM_DEVICES_DM9161_STATE_H
#define SIM_DEVICES_DM9161_STATE_H

#include "sim/devices/dm9161.h"

/* What goes on by itself. Each has a deadline unless said otherwise. */
enum dm9161_phase {
    DM9161_RESETTING,
    DM9161_OFF,           /* powered down; no deadline */
    DM9161_WAITING,       /* nothing on the line that a link could be made with; no deadline */
    DM9161_BREAK_LINK,    /* transmitter off, so that the partner starts anew, too */
    DM9161_ABILITY,       /* three equal bursts were heard */
    DM9161_ACKNOWLEDGE,   /* three with the acknowledge bit */
    DM9161_CONSISTENCY,   /* and the same contents: the page is taken */
    DM9161_PARALLEL,      /* a signal of one speed instead of bursts */
    DM9161_GOOD_CHECK,    /* the mode is known, the link is coming up */
    DM9161_NOTHING_COMMON,/* no mode that both can; no deadline */
    DM9161_FORCED_WAIT,   /* without negotiation, the link is coming up */
    DM9161_UP,            /* no deadline */
    DM9161_LOSING,        /* the signal went away, the link is still said to be up */
    DM9161_LINK_FORCED    /* DSCR.7; no deadline */
};

/* The signal on the line. */
#define LINE_SILENT 0u
#define LINE_10 0x10000u  /* link pulses */
#define LINE_100 0x20000u /* idle symbols */
#define LINE_FLP 0x40000u /* bursts with the partner's word in the low 16 bits */

struct dm9161_latched { /* strap pins at the last hardware reset */
    uint8_t address;
    bool rmii, isolated;
};

struct dm9161 {
    struct dm9161_env env;
    struct dm9161_config config; /* defaults filled in; address and rmii: pins as they are now */
    struct dm9161_latched strap;
    uint64_t now_ns;
    uint64_t start_ns;    /* of the negotiation */
    uint64_t deadline_ns; /* of the phase; UINT64_MAX: none */
    enum dm9161_phase phase;
    uint32_t line;      /* what comes from the partner now */
    uint32_t link_line; /* what the negotiation or the link is based on */

    uint16_t advertised; /* ANAR as the partner heard it */
    uint16_t bmcr, anar, anlpar, aner, dscr, btcsr, pwdor, configr, recr, discr;
    uint16_t masks;   /* MDINTR 11:8 */
    uint16_t changes; /* MDINTR 4:2 */
    uint8_t monitor;  /* ANMB */
    bool complete;    /* BMSR.5, and DSCSR's nibble tells the mode */
    bool link, link_latch;
    bool remote_fault, jabber; /* latches of BMSR */

    uint16_t mbps;    /* of the link or the last result; after a reset what BMCR says */
    bool full_duplex; /* likewise */
    uint16_t mode_said_mbps; /* of the last link: what MDINTR's changes are measured against */
    bool mode_said_full;
    bool pin;         /* MDINTR# is asserted */
    bool silent, clock_stopped;
};

/* dm9161_registers.c */
void dm9161_defaults(struct dm9161 *p);
bool dm9161_mdio(void *ctx, unsigned address, unsigned reg, bool write, uint16_t *value,
                 uint64_t now_ns);
bool dm9161_has_extras(const struct dm9161 *p);
uint16_t dm9161_mode_bit(const struct dm9161 *p);

/* dm9161_link.c */
uint32_t dm9161_line_of(const struct mii_partner *partner);
/* What a start of the link finding, a command that ends a link, and time do. */
void dm9161_start(struct dm9161 *p);
void dm9161_restart(struct dm9161 *p);
void dm9161_soft_reset(struct dm9161 *p);
void dm9161_line_changed(struct dm9161 *p, uint32_t line);
void dm9161_step(struct dm9161 *p);
void dm9161_set_duplex(struct dm9161 *p, bool full);
void dm9161_pin_update(struct dm9161 *p);

#endif
