/* stack/drivers/dm9161.h: driver of Davicom's DM9161 PHYs (E, A/AEP, B, C).
 *
 * A state machine over management cycles. It never waits: dm9161_phy_poll() goes on as far as
 * cycles have ended, starts the next one and returns; a cycle that still runs is asked for at most
 * `spins` times. Every other wait is by time, `now_ms`: the caller's clock in milliseconds, which
 * wraps after 2^32.
 *
 *   SEARCHING    reads the identifiers, at one address or at all 32
 *   RESETTING    BMCR.RESET is set until the PHY clears it
 *   WATCHING     configured; negotiates, has a link, loses it
 *   ABSENT       nobody answered; it is tried again after DM9161_RETRY_MS
 *   FOREIGN      somebody answered who is no DM9161; likewise
 *   STUCK        the reset did not end within DM9161_RESET_MS_MAX; likewise
 *
 * In WATCHING, `ready` holds: the PHY has been reset and its clocks run, so that the MAC's resets,
 * which need them, may be done (UM10237 ch. Ethernet; sheet 2.1).
 *
 * Which function where: dm9161_phy_interrupt() anywhere, from an interrupt too; the others from one
 * context at a time, the one in which the call-backs then come.
 *
 * Source: the data sheet and IEEE 802.3 clauses 22 and 28, as the PHY sheet restates them. */
#ifndef STACK_DRIVERS_DM9161_H
#define STACK_DRIVERS_DM9161_H

#include "stack/drivers/mdio.h"

#include <stdbool.h>
#include <stdint.h>

#define DM9161_ANY_ADDRESS 0xffu

/* Modes, as bits of ANAR and ANLPAR. */
#define DM9161_10HD 0x0020u
#define DM9161_10FD 0x0040u
#define DM9161_100HD 0x0080u
#define DM9161_100FD 0x0100u
#define DM9161_ALL_MODES 0x01e0u
#define DM9161_PAUSE 0x0400u

#define DM9161_RETRY_MS 1000u
#define DM9161_RESET_MS_MAX 600u /* clause 22 allows 500 */
/* Without a result for so long, the partner is reported as silent, and a PHY that says "link" but
 * never "complete" negotiates anew. Clause 28 needs up to some 4 s. */
#define DM9161_NEGOTIATION_MS 5000u

#define DM9161_NO_WATCH 0xffffu
#define DM9161_NEVER 0xffffffffu

struct dm9161_link {
    bool up;
    /* What follows is valid while up. */
    bool full_duplex;
    bool negotiated; /* false: forced by configuration, or the partner does not negotiate and its
                      * speed was found by parallel detection; then half duplex */
    bool pause;      /* both ends said in negotiation that they obey PAUSE frames */
    uint16_t mbps;   /* 10 or 100 */
};

struct dm9161_phy_config {
    uint8_t address;     /* 0..31 or DM9161_ANY_ADDRESS */
    uint16_t advertise;  /* modes to offer, DM9161_PAUSE too; 0: all four without pause */
    uint16_t forced;     /* one mode: no negotiation; 0: negotiate */
    bool interrupt;      /* MDINTR# is connected and leads to dm9161_phy_interrupt() */
    uint16_t watch_ms;   /* how often the link is looked at; 0: 100, with interrupt 1000;
                          * DM9161_NO_WATCH, with interrupt: only until there is a link, or none
                          * for DM9161_NEGOTIATION_MS; then the PHY has to say something */
    uint16_t spins;      /* times a cycle that runs is asked for in one poll, beyond the first */
    void *ctx;
    /* The link has changed, its mode too; link is valid during the call. Not NULL. */
    void (*link)(void *ctx, const struct dm9161_link *link);
    /* true: reset and configured, clocks run. false: it does not answer any more. NULL: nobody
     * asks. */
    void (*ready)(void *ctx, bool ready);
};

enum dm9161_state {
    DM9161_SEARCHING,
    DM9161_RESETTING,
    DM9161_WATCHING,
    DM9161_ABSENT,
    DM9161_FOREIGN,
    DM9161_STUCK
};

/* For reading: members are the driver's. */
struct dm9161_phy {
    struct dm9161_phy_config config;
    struct mdio mdio;
    struct dm9161_link link;
    uint32_t since_ms;       /* when the present state, or negotiation, began */
    uint32_t due_ms;         /* when the next look or attempt is due, while nothing runs */
    uint16_t id1, id2;       /* as read last */
    uint16_t bmsr, anlpar, aner, dscsr;
    uint16_t mismatches;     /* DSCSR and ANAR & ANLPAR disagreed: DSCSR was believed */
    uint16_t restarts;       /* negotiations begun anew because they came to nothing */
    uint8_t state;           /* enum dm9161_state */
    uint8_t address;         /* where it is, or is being looked for */
    uint8_t step;            /* the access that runs, or none */
    bool partner_silent;     /* no link for DM9161_NEGOTIATION_MS */
    bool foreign_seen;
    bool rests;              /* for good: until there is an interrupt */
    volatile bool interrupted;
};

/* Begins the search. Copies config and mdio. */
void dm9161_phy_init(struct dm9161_phy *p, const struct dm9161_phy_config *config,
                     const struct mdio *mdio, uint32_t now_ms);
/* Goes on as far as possible now; calls back. */
void dm9161_phy_poll(struct dm9161_phy *p, uint32_t now_ms);
/* Milliseconds until it wants to be polled: 1 while a cycle runs, 0 after an interrupt,
 * DM9161_NEVER: not before the next one. */
uint32_t dm9161_phy_next_ms(const struct dm9161_phy *p, uint32_t now_ms);
/* MDINTR# is asserted. The line stays so until a poll has read MDINTR: with an input that is
 * sensitive to the level, keep it masked until the PHY is quiet; with one that is sensitive to the
 * falling edge nothing is to be done. */
void dm9161_phy_interrupt(struct dm9161_phy *p);
/* MDINTR has been read since the last interrupt; false, too, while no PHY answers. */
bool dm9161_phy_quiet(const struct dm9161_phy *p);

/* dm9161_text.c: what keeps the link down, in words; NULL: nothing does, or it is too early to
 * say. Static text. */
const char *dm9161_phy_problem(const struct dm9161_phy *p);

/* The best of a set of modes: 100FD, 100HD, 10FD, 10HD in this order; 0: none. */
uint16_t dm9161_best(uint16_t modes);

#endif
