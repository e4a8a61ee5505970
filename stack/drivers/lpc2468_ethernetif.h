/* stack/drivers/lpc2468_ethernetif.h: a netif on the LPC2468's EMAC with a DM9161 PHY.
 *
 *   static struct bus bus;
 *   static struct lpc2468_ethernetif ethernet = {.bus = &bus, .emac = {.mac = {2, 0, 0, 0, 0, 1}}};
 *   netif_add(&netif, &ip, &mask, &gw, &ethernet, ethernetif_init, ethernet_input);
 *   netif_set_up(&netif);
 *   for (;;) {
 *       lpc2468_ethernetif_poll(&ethernet);
 *       sys_check_timeouts();
 *   }
 *
 * netif_add() needs no cable and no answer of the PHY: PHY, negotiation and link follow in poll(),
 * which calls netif_set_link_up() and netif_set_link_down() as the PHY says. Nothing waits.
 *
 * Polled (no interrupts): call lpc2468_ethernetif_poll() as often as frames may come: the receive
 * ring holds 15 short frames. With interrupts (emac.interrupts, phy.interrupt): the EMAC's service
 * routine calls lpc2468_ethernetif_interrupt(), the PHY's lpc2468_ethernetif_phy_interrupt(); when
 * they say so, and when lpc2468_ethernetif_next_poll_ms() has passed, poll() is due.
 *
 * With an operating system the three parts of poll() are tasks, each woken by a semaphore that the
 * service routine gives for its bits: a receive task calls ethernetif_input(), a transmit task
 * lpc2468_ethernetif_transmit(), and a slow one, every next_poll_ms, lpc2468_ethernetif_manage().
 * netif->linkoutput then belongs to the transmit task's context, as netif->input to the stack's.
 *
 * What is the board's: the interrupt controller's set-up (VIC channel 21; EINT0 for MDINTR#), and
 * clocks. Power and pins of the block are set up here (PCONP, PINSEL2, PINSEL3; with phy.interrupt
 * PINSEL4 for P2.10 as EINT0). */
#ifndef STACK_DRIVERS_LPC2468_ETHERNETIF_H
#define STACK_DRIVERS_LPC2468_ETHERNETIF_H

#include "stack/drivers/dm9161.h"
#include "stack/drivers/lpc2468_emac.h"

#include "lwip/netif.h"

/* Packets that wait for room in the transmit ring. */
#ifndef LPC2468_ETHERNETIF_QUEUE
#define LPC2468_ETHERNETIF_QUEUE 16
#endif

/* Frames that one ethernetif_input() takes at most, so that a flood cannot hold its caller. */
#ifndef LPC2468_ETHERNETIF_BUDGET
#define LPC2468_ETHERNETIF_BUDGET 64
#endif

#define LPC2468_ETHERNETIF_NEVER 0xffffffffu

struct lpc2468_ethernetif_packet {
    struct pbuf *p;
    const void *payload; /* as it was: a sender that moves it has used the pbuf again */
};

struct lpc2468_ethernetif {
    /* Set by the program, before netif_add(); the rest zero. */
    struct bus *bus;
    struct lpc2468_emac_config emac;
    struct dm9161_phy_config phy; /* ctx, link and ready are filled in here */
    void *user;                   /* the program's own */

    /* For reading. */
    struct netif *netif;
    struct lpc2468_emac mac;
    struct dm9161_phy transceiver;
    struct lpc2468_ethernetif_packet queue[LPC2468_ETHERNETIF_QUEUE];
    u16_t queue_first, queue_count;
    uint32_t failed; /* of mac.counters.tx_failed, already in ifouterrors */
    bool more;       /* receiving was cut short by the budget */
};

/* For netif_add(); netif->state is a struct lpc2468_ethernetif. Sets name, output, linkoutput,
 * address, MTU, flags and the IGMP filter. ERR_ARG: the configuration cannot be; ERR_IF: there is
 * no bus. */
err_t ethernetif_init(struct netif *netif);

/* Everything that is due now, by sys_now(). Not from an interrupt. */
void lpc2468_ethernetif_poll(struct lpc2468_ethernetif *eth);
/* Milliseconds until poll() is due although no interrupt comes; 0: at once;
 * LPC2468_ETHERNETIF_NEVER: it is stopped, or waits for an interrupt. Without interrupts 1 at
 * most. */
uint32_t lpc2468_ethernetif_next_poll_ms(const struct lpc2468_ethernetif *eth);

/* The EMAC's interrupt. Returns LPC2468_EMAC_x: what is to be done, poll() does all of it; 0: it
 * was not the EMAC. */
unsigned lpc2468_ethernetif_interrupt(struct lpc2468_ethernetif *eth);
/* MDINTR#: poll() is due. An input that is sensitive to the level stays masked until
 * lpc2468_ethernetif_phy_quiet(); see dm9161_phy_interrupt(). */
void lpc2468_ethernetif_phy_interrupt(struct lpc2468_ethernetif *eth);
bool lpc2468_ethernetif_phy_quiet(const struct lpc2468_ethernetif *eth);

/* The parts of poll(). */
/* Receives what is there, gives it to netif->input, and recovers a broken receiver. */
void ethernetif_input(struct netif *netif);
/* Recovers a broken transmitter, takes back what was sent, sends what waits. */
void lpc2468_ethernetif_transmit(struct lpc2468_ethernetif *eth);
/* PHY and link. */
void lpc2468_ethernetif_manage(struct lpc2468_ethernetif *eth);

/* After netif_set_down(), before netif_remove(): lets go of all pbufs. The interface is of no use
 * afterwards until it is added anew. */
void lpc2468_ethernetif_stop(struct lpc2468_ethernetif *eth);

#endif
