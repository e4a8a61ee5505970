/* stack/drivers/ethernetif_skeleton.h: a netif for a new MAC, to copy and fill in. Read
 * BRING_YOUR_OWN_MAC.md beside it. */
#ifndef STACK_DRIVERS_ETHERNETIF_SKELETON_H
#define STACK_DRIVERS_ETHERNETIF_SKELETON_H

#include "lwip/netif.h"

#include <stdbool.h>
#include <stdint.h>

#define SKELETON_FRAME_MAX 1514u /* without FCS */

/* What a MAC has to be able to do. Replace the table by your driver's functions, or keep it and
 * have several MACs. NULL where the hardware cannot: the netif then says so (ERR_IF). */
struct skeleton_mac {
    void *ctx;
    /* Resets the MAC, sets the station address, enables. false: the hardware does not answer. */
    bool (*start)(void *ctx, const uint8_t address[6]);
    /* Room for a frame of `bytes` bytes in the MAC's memory, in one piece; NULL: none now. */
    void *(*send_begin)(void *ctx, uint16_t bytes);
    /* The room that send_begin() gave is filled: out with it. */
    void (*send_end)(void *ctx, uint16_t bytes);
    /* The frame that arrived first, without FCS; *bytes its length. NULL: none is there. */
    const void *(*receive_begin)(void *ctx, uint16_t *bytes);
    /* It has been copied: its room is the MAC's again. */
    void (*receive_end)(void *ctx);
    /* What the PHY says, as read last. */
    bool (*link)(void *ctx);
};

struct skeleton_ethernetif {
    struct skeleton_mac mac; /* set by the program, with address, before netif_add() */
    uint8_t address[6];
    bool started;            /* the driver's */
};

/* For netif_add(); netif->state is a struct skeleton_ethernetif. ERR_IF: there is no MAC, or it
 * does not answer. */
err_t ethernetif_init(struct netif *netif);
/* Receives what is there and gives it to netif->input; never in an interrupt. */
void ethernetif_input(struct netif *netif);
/* netif_set_link_up() or _down(), as the MAC says; call it now and then. */
void ethernetif_check_link(struct netif *netif);

#endif
