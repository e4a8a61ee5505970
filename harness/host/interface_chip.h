/* harness/host/interface_chip.h: an interface on an LPC2468 board: our driver, the chip's model and
 * a DM9161 between the netif and the port, in place of the virtual driver.
 *
 * Warm (the default of `--netif lpc2468`): the board has been on for a while, so the link is there
 * when the interface comes up, and management cycles take no time; frames take the time they take.
 * At the segment's rate of 100 or 10 Mbit/s everything then happens at the same times as with the
 * virtual driver. Cold: the chip comes out of reset when the interface is made; power-up, PHY reset
 * and negotiation take the time they take.
 *
 * The processor takes no time. Interrupts are served at once, unless the host has a cpu delay or is
 * paused: then when the processor has time, and meanwhile frames wait in the ring, which is as
 * short as the chip's.
 *
 * A guest error of our driver ends the run, as it is a bug whatever the scenario is about, unless
 * the scenario announced it (board_expect()). */
#ifndef HARNESS_HOST_INTERFACE_CHIP_H
#define HARNESS_HOST_INTERFACE_CHIP_H

#include "harness/board/board.h"

#include "lwip/ip4_addr.h"

#include <stdbool.h>

struct host_interface;
struct interface_chip;
struct lpc2468_ethernetif;

struct interface_chip_config {
    bool cold;
    bool polled;       /* no interrupts: the driver looks once a millisecond */
    bool zero_copy;    /* pbufs lie in external memory, which DMA reaches: frames are not copied */
    bool pause;        /* PAUSE is offered, obeyed and sent */
    uint16_t advertise;/* modes to offer, MII_x; 0: all */
    uint16_t forced;   /* one mode and no negotiation; 0: negotiate */
    struct lpc2468_config chip; /* but for what cold and zero_copy decide */
    const struct mii_partner *partner; /* as in struct board_config */
};

/* Board, chip and driver, not yet on the netif. NULL: the arena is full. */
struct interface_chip *interface_chip_new(struct host_interface *i,
                                          const struct interface_chip_config *config);
/* netif_add() with the driver. Host entered. false: the stack has no room. */
bool interface_chip_add(struct interface_chip *c, const ip4_addr_t *ip, const ip4_addr_t *mask,
                        const ip4_addr_t *gw);
/* After netif_add(): bring-up goes on; with a warm board the link is up afterwards if the cable's
 * is. Host entered. */
void interface_chip_start(struct interface_chip *c);
/* The processor has time again: interrupts that wait are served. Host entered. */
void interface_chip_serve(struct interface_chip *c);
/* Before netif_remove(): the driver lets go of everything. Host entered. */
void interface_chip_stop(struct interface_chip *c);
void interface_chip_free(struct interface_chip *c); /* NULL is allowed */

struct board *interface_chip_board(struct interface_chip *c);
const struct lpc2468_ethernetif *interface_chip_driver(const struct interface_chip *c);
/* The driver saves power (stop, PowerDown) and is no more to be had until it is woken; frames that
 * come meanwhile are lost. Host entered. */
void interface_chip_sleep(struct interface_chip *c, bool on);

#endif
