/* udp/udp_state.h: what UDP and raw IP keep in an instance beside the pcb lists. Types only.
 *
 * The lists themselves are lwIP's udp_pcbs and raw_pcbs (struct stack_public). */
#ifndef STACK_UDP_UDP_STATE_H
#define STACK_UDP_UDP_STATE_H

#include "lwip/opt.h"

#include "lwip/arch.h"

struct icmp_error;
struct udp_pcb;

struct raw_pcb;

/* A delivery to several pcbs that survives the removal of any of them by a receive function. The
 * members are set to their successor, or to NULL, when what they point at is removed. */
struct udp_delivery {
    struct udp_pcb *first; /* the pcb that matched best: served last */
    struct udp_pcb *next;  /* the next to be looked at */
    struct udp_delivery *outer;
};

struct raw_delivery {
    struct raw_pcb *current; /* whose receive function runs; NULL once it was removed */
    struct raw_pcb *next;
    struct raw_delivery *outer;
};

struct udp_state {
    struct udp_delivery *deliveries;     /* innermost first; NULL outside of a delivery */
    struct raw_delivery *raw_deliveries;
    /* told of ICMP errors about datagrams of a connected pcb; NULL: nobody wants to know */
    void (*udp_error)(struct udp_pcb *pcb, const struct icmp_error *error);
    u32_t port_last; /* the ephemeral port given out last */
};

#endif
