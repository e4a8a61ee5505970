/* vnet/port.h: a place on a segment to plug something in: a host's interface, a Scapy socket, a
 * hardware model's PHY.
 *
 * Sending takes over one reference of the frame. Receiving hands one reference to the owner, from
 * inside an event, at the instant the last bit has arrived. Segments: vnet/segment.h. */
#ifndef VNET_PORT_H
#define VNET_PORT_H

#include "vnet/frame.h"

#include <stdbool.h>
#include <stdint.h>

struct port;
struct segment;

/* What the owner of a port supplies. */
struct port_owner {
    /* takes over the reference */
    void (*receive)(void *ctx, struct port *port, struct frame *frame);
    /* the cable was plugged or pulled; may be NULL */
    void (*link_changed)(void *ctx, struct port *port, bool up);
    void *ctx;
};

/* owner NULL: nobody from now on; frames that arrive are counted, traced and let go. */
void port_attach(struct port *port, const struct port_owner *owner);

/* Nobody is attached: never was, or went with port_attach(port, NULL). */
bool port_is_free(const struct port *port);

/* Puts the frame on the wire now (or into the port's queue behind what is being sent). Takes over
 * the caller's reference in every case. false: dropped at once (link down, queue full): counted,
 * traced and captured with the reason. */
bool port_send(struct port *port, struct frame *frame);

/* The sender stops in the middle of the frame that it is sending: what is out has no FCS, so nobody
 * takes it (WIRE_CORRUPTED). false: none is being sent, or a fault or impairment holds it. */
bool port_abort(struct port *port);

const char *port_name(const struct port *port);       /* "lan/a" */
uint32_t port_source(const struct port *port);        /* its name in the trace */
uint64_t port_frames_sent(const struct port *port);   /* given to port_send(), refused ones too */
uint64_t port_frames_received(const struct port *port);
struct segment *port_segment(const struct port *port);
bool port_link_is_up(const struct port *port);
/* Pulls or plugs this port's own cable: frames on it are lost ("link_down"), see segment.h. */
void port_link_set(struct port *port, bool up);

#endif
