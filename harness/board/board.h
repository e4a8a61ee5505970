/* harness/board/board.h: a board with an LPC2468 on a port of a segment: what a host's driver or a
 * firmware stands on.
 *
 * It joins the chip's MAC side to the port (a cable's link and rate are the PHY's link partner),
 * keeps the guest errors until somebody asks, and has an event for what the chip does by itself.
 * Lives in the arena.
 *
 * Half duplex: each direction of a cable has its own transmitter here, as everywhere in vnet, so
 * that nobody disturbs anybody: the chip is told of no carrier (lpc2468_carrier()), and collisions
 * and deferral come by injection alone.
 *
 * Accesses happen at a time of their own, not before the world's: a processor may run ahead of the
 * world up to the next event. What the chip sends then leaves when the world has come that far. */
#ifndef HARNESS_BOARD_BOARD_H
#define HARNESS_BOARD_BOARD_H

#include "harness/board/chip_fault.h"
#include "sim/devices/lpc2468.h"
#include "sim/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct frame;
struct port;
struct sim;

#define BOARD_ERRORS_MAX 64u /* kept; the rest is counted */

struct board_owner {
    void *ctx;
    /* Lines to the core have changed; from inside an access or an event. */
    void (*irq)(void *ctx, bool irq, bool fiq);
    /* The chip has put a frame on its pins in an access ahead of the world: the processor must let
     * the world catch up after this instruction. NULL: never runs ahead. */
    void (*sent_ahead)(void *ctx);
    /* Something happened in the chip by an event or a frame: look at it. NULL: irq is enough. */
    void (*stirred)(void *ctx);
    void (*console)(void *ctx, char byte);             /* UART0; NULL */
    void (*link)(void *ctx, bool up, uint64_t now_ns); /* the PHY's; NULL */
    guest_error_fn *guest_error; /* told of each, once it is kept; NULL */
    void *flash, *ram; /* of a firmware; NULL */
    void *(*external)(void *ctx, uint32_t addr, uint32_t bytes); /* NULL */
};

struct board_config {
    struct lpc2468_config chip;
    const struct mii_partner *partner; /* at the other end of the cable, while its link is up; NULL:
                                        * negotiates what the segment's rate allows */
};

/* Attaches itself to the port. NULL: the arena is full. source: of trace records and messages. */
struct board *board_new(struct sim *sim, struct port *port, uint32_t source,
                        const struct board_owner *owner, const struct board_config *config);
/* Leaves the port and gives everything back. */
void board_free(struct board *b);

/* Accesses at now_ns (not before the world's time, nor before the last one's). */
uint32_t board_read(struct board *b, uint32_t addr, unsigned bytes, uint64_t now_ns);
void board_write(struct board *b, uint32_t addr, uint32_t value, unsigned bytes, uint64_t now_ns);
struct lpc2468 *board_chip(struct board *b);
/* When the chip does something by itself; UINT64_MAX: nothing. */
uint64_t board_next(const struct board *b);

/* ---- What goes wrong, by injection. Each takes effect now. ---- */

/* A fault of frames from now on; its number, from 1; 0: no room. */
uint32_t board_fault_add(struct board *b, const struct chip_fault_kind *kind, uint32_t skip,
                         uint32_t count, uint32_t amount);
const struct chip_fault *board_fault(const struct board *b, uint64_t number); /* NULL: none */
/* The PHY answers management cycles, or not. */
void board_mdio(struct board *b, bool answers);
/* The PHY's clock runs, or not. */
void board_clock(struct board *b, bool runs);
/* The cable's other end is somebody else, while its link is up; NULL: negotiates what the segment's
 * rate allows. */
void board_partner(struct board *b, const struct mii_partner *partner);
/* A register of the PHY is written behind the driver's back, as by a disturbance. false: the PHY
 * does not answer. */
bool board_phy_write(struct board *b, unsigned reg, uint16_t value);
/* Guest errors of this kind were announced: the owner need not end the run for them. */
void board_expect(struct board *b, enum guest_error_kind kind);
bool board_expects(const struct board *b, enum guest_error_kind kind);

/* What the driver did wrong, oldest first, up to BOARD_ERRORS_MAX; total counts all. */
size_t board_errors(const struct board *b, const struct guest_error **errors, uint64_t *total);
void board_errors_clear(struct board *b);
/* One that the processor noticed. */
void board_guest_error(struct board *b, const struct guest_error *error);

const char *board_check(const struct board *b);

#endif
