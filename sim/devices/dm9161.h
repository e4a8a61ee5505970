/* sim/devices/dm9161.h: Davicom's DM9161AEP PHY: registers, reset, auto-negotiation, link.
 *
 * Source: the data sheet as our facts sheet restates it, IEEE 802.3 clauses 22 and 28. Passive like
 * sim/devices/emac.h: the owner says the time. All durations are parameters with the sheet's
 * defaults. */
#ifndef SIM_DEVICES_DM9161_H
#define SIM_DEVICES_DM9161_H

#include "sim/devices/mii.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero: the default that stands behind it. */
struct dm9161_config {
    uint8_t address;          /* strap, 0..31 */
    bool rmii;                /* strap */
    bool isolated_at_zero;    /* strapped to address 0 it comes up isolated */
    bool clock_stops_in_power_down; /* the board's MAC clock comes from the PHY */
    bool silent;              /* never answers a management frame */
    bool no_clock;            /* the reference clock does not run */
    bool instant;             /* all durations below are 0: nothing is waited for */
    uint16_t id2;             /* 0xb8a0; registers 19 and 20 are there if bits 9:4 are 0x0a */
    uint16_t straps;          /* RLSR's other bits (13, 12, 10..5): 0x00e0, op-mode 111 */
    uint64_t reset_ns;        /* 1 ms */
    uint64_t negotiate_ns;    /* 1800 ms, from (re)start to link */
    uint64_t forced_ns;       /* 10 ms, from forced mode to link */
    uint64_t parallel_ns;     /* 1800 ms */
    uint64_t link_loss_ns;    /* 1 ms, from a pulled cable to link down */
};

struct dm9161_env {
    void *ctx;
    void (*interrupt)(void *ctx, bool asserted);       /* MDINTR#, a level; NULL: not connected */
    void (*link)(void *ctx, bool up, uint64_t now_ns); /* has changed; NULL: nobody asks */
};

struct dm9161; /* in memory of its owner */

size_t dm9161_size(void);
struct dm9161 *dm9161_init(void *memory, const struct dm9161_env *env,
                           const struct dm9161_config *config, uint64_t now_ns);
/* Hardware reset: straps are latched anew. */
void dm9161_reset(struct dm9161 *p, uint64_t now_ns);
/* The PHY as a MAC sees it. Valid as long as p is. */
struct mii_phy dm9161_mii(struct dm9161 *p);

/* The address and interface pins, from now on; latched by the next hardware reset only. */
void dm9161_strap(struct dm9161 *p, uint8_t address, bool rmii);

/* The cable's other end, from now on. Of a partner that does not negotiate the best of its
 * abilities is what it is forced to; none: it is mute. abilities may have bit 13 (remote fault). */
void dm9161_partner(struct dm9161 *p, const struct mii_partner *partner, uint64_t now_ns);

/* Faults: never answers any more (or does again); the clock stops (or runs again). */
void dm9161_silence(struct dm9161 *p, bool silent);
void dm9161_clock(struct dm9161 *p, bool runs);
/* RX_ER was seen on a frame: RECR counts. */
void dm9161_receive_error(struct dm9161 *p);
/* A frame that never ended was sent: BMSR.1, at 10 Mbit/s and with 10BTCSR.11 set. */
void dm9161_jabber(struct dm9161 *p);

/* What struct mii_state does not say. */
bool dm9161_loop_out(const struct dm9161 *p);       /* DSCR.0: the medium gets its frames back */
bool dm9161_collision_test(const struct dm9161 *p); /* BMCR.7: COL answers whatever is sent */

uint64_t dm9161_next(const struct dm9161 *p); /* UINT64_MAX: nothing is to happen */
void dm9161_advance(struct dm9161 *p, uint64_t now_ns);

/* As a management read without its side effects (latches stay): for tests and reports. */
uint16_t dm9161_peek(const struct dm9161 *p, unsigned reg);

const char *dm9161_check(const struct dm9161 *p);

#endif
