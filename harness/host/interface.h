/* harness/host/interface.h: where a host's netif meets a port of a segment: the driver.
 *
 * As a network card that is not promiscuous, it takes frames to its own address and to groups.
 * Sending pads to 60 bytes with zeros, gathers the pbuf chain once and gives the frame to the port.
 * What happens on the cable afterwards (queue full, loss) the stack does not learn, as with
 * hardware. The cable's state is the netif's link state. Receiving filters as hardware does: group
 * addresses and the interface's own pass, frames to other stations do not reach the host.
 *
 * With a VLAN set, the driver tags every frame it sends and takes in only frames of that VLAN, of
 * which it removes the tag: to the stack it is an ordinary interface. Frames without a tag, with
 * another VLAN's, a priority tag or two tags are dropped (eth_vlan_foreign). Without a VLAN, tagged
 * frames reach the stack as they are. */
#ifndef HARNESS_HOST_INTERFACE_H
#define HARNESS_HOST_INTERFACE_H

#include "lwip/acd.h"
#include "lwip/netif.h"

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct host;
struct interface_chip;
struct interface_chip_config;
struct port;
struct segment;

#define INTERFACE_VLAN_NONE (-1)

struct interface_config {
    struct segment *segment;
    uint32_t ip, mask, gw; /* host byte order; 0: none */
    const uint8_t *mac;    /* NULL: derived from the host's name */
    uint16_t mtu;
    int32_t vlan;          /* tag control information 0..0xffff, or INTERFACE_VLAN_NONE */
    uint16_t checksum;     /* NETIF_CHECKSUM_* that the stack generates and checks */
    bool acd;              /* probe the address before it is used [RFC5227 2.1] */
    bool up;
    const struct interface_chip_config *chip; /* NULL: the virtual driver */
};

/* What became of address conflict detection. */
enum interface_acd {
    INTERFACE_ACD_OFF,
    INTERFACE_ACD_PROBING,
    INTERFACE_ACD_OK,
    INTERFACE_ACD_LOST
};

struct host_interface {
    struct netif netif; /* lwIP's, first: interface_of() */
    struct host *host;
    struct port *port;
    struct interface_chip *chip; /* NULL: the virtual driver */
    struct host_interface *next; /* of the host, latest first */
    struct acd acd;
    uint32_t ip, mask, gw; /* wanted, for acd; host byte order */
    uint32_t conflicts;
    int32_t vlan;
    uint16_t mtu, checksum; /* as configured */
    uint8_t mac[6];
    uint8_t acd_result; /* enum interface_acd */
    bool acd_added;
    bool acd_runs; /* up and with link, as far as conflict detection knows */
};

/* Why there is no interface: what was asked for cannot be, the world has no room for it, or the
 * stack has not. */
enum interface_refusal { INTERFACE_MISTAKE, INTERFACE_NO_ROOM, INTERFACE_STACK_REFUSED };

/* Plugs the host into a segment with a port that bears the host's name (for a second interface on
 * the same segment: name.2 and so on). NULL: *why, in words, and *refusal; it may be tried again.
 * The host must not be entered. */
struct host_interface *interface_new(struct host *h, const struct interface_config *config,
                                     const char **why, enum interface_refusal *refusal);
/* Takes the netif away; the port stays on its segment and swallows what arrives. Host entered. */
void interface_remove(struct host_interface *i);

/* Sets the address at once, or, with acd, once it has been probed. Host entered. */
void interface_address_set(struct host_interface *i, uint32_t ip, uint32_t mask, uint32_t gw);

/* After each change of the interface's state or link: with conflict detection, an address is given
 * up with the link and probed anew when it is back [RFC5227 2.1]. Host entered. */
void interface_acd_follow(struct host_interface *i);

/* The interface that a netif of the harness is part of. */
static inline struct host_interface *interface_of(struct netif *netif)
{
    return (struct host_interface *)netif;
}

/* What every driver does with a packet before it sends it: ERR_IF while the host is being closed;
 * else counted against storms. */
err_t interface_may_send(struct host_interface *i);
/* Of a frame's tag; false: it is of another network. */
bool interface_takes_tag(const struct host_interface *i, unsigned type, unsigned tci,
                         unsigned inner);

/* By lwIP's index (netif_get_index); NULL: none that belongs to the harness. */
struct host_interface *interface_by_index(const struct host *h, uint32_t index);

/* The bytes of a received frame go into the stack. Takes over the reference. Host entered. */
void interface_input(struct host_interface *i, struct frame *frame);

/* receive.c: the pbuf for a received frame, and the frame's reference is taken over; NULL: pools
 * or heap are exhausted (counted and traced). */
struct pbuf *receive_pbuf(struct host_interface *i, struct frame *frame);

#endif
