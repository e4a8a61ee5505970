/* vnet/segment.h: one shared medium: a switch, a hub or a point-to-point link, with its ports.
 *
 * Times (they are exact; ARCHITECTURE.md has the rules with examples):
 *   wire time of a frame = (max(len, 60) + 4 FCS + 8 preamble + 12 gap) * 8 / rate, where the gap
 *   delays the sender's next frame but not this frame's arrival; divisions round up to whole ns;
 *   switch: store-and-forward; each port has its own full-duplex cable at `rate`, so a frame is
 *     serialised twice; `latency` is end to end, half on each cable, an odd ns on the second;
 *   hub, link: one serialisation, `latency` once. link: exactly two ports. A hub is an ideal
 *     repeater: each sender has a channel of its own, there are no collisions, so that a host that
 *     speaks delays nobody else.
 *   jitter: drawn once per frame and cable (hub, link: the sender's; switch: the receiver's).
 * Each direction of each cable has a queue of at most `queue` frames waiting for the wire (the one
 * being sent not counted); a frame too many is dropped at the tail.
 * A switch learns source addresses, forgets them after `ageing_ns`, floods what it does not know,
 * broadcast and multicast; it never sends a frame back out of the port it came in by.
 *
 * A port's link going down loses the frames on its cable in both directions, even if it comes up
 * again before they would have arrived: what the port itself sent, and on a switch what waits for
 * it, is dropped at once; on a hub or link what others sent to it is dropped when it would have
 * arrived. A switch forgets what it learned on that port and sends nothing to a port that is down.
 *
 * Callbacks of port owners run inside events; they may send, attach and set links, but not add
 * ports or faults, nor free the segment. */
#ifndef VNET_SEGMENT_H
#define VNET_SEGMENT_H

#include "sim/sim.h"
#include "vnet/port.h"

#include <stddef.h>

struct segment;
struct capture;

enum segment_kind { SEGMENT_SWITCH, SEGMENT_HUB, SEGMENT_LINK };

struct segment_config {
    enum segment_kind kind;
    uint64_t rate_bps;   /* > 0 */
    uint64_t latency_ns;
    uint64_t jitter_ns;  /* uniform extra delay in [0, jitter]; frames stay in order */
    struct ratio loss;   /* Bernoulli, per delivery: once per frame and receiver */
    uint32_t queue;      /* frames, > 0 */
    uint64_t ageing_ns;  /* switch table; default 300 s */
};

#define SEGMENT_RATE_DEFAULT 100000000u
#define SEGMENT_QUEUE_DEFAULT 1000u
#define SEGMENT_AGEING_DEFAULT 300000000000u

/* NULL: no room, or *why says which value is impossible. The capture may be NULL. */
struct segment *segment_new(struct sim *sim, struct capture *capture, const char *name,
                            const struct segment_config *config, const char **why);
/* A new port; names are unique within the segment. The port's full name is "segment/name". */
struct port *segment_port_new(struct segment *s, const char *name, const char **why);
struct port *segment_port(struct segment *s, const char *name); /* by short name; NULL: none */
void segment_link_set(struct segment *s, bool up);              /* all ports */
void segment_free(struct segment *s);                           /* and its ports */

const char *segment_name(const struct segment *s);
uint64_t segment_rate(const struct segment *s); /* bits per second */
enum segment_kind segment_kind_of(const struct segment *s);
const char *segment_kind_name(enum segment_kind kind); /* "switch" */
uint64_t segment_frames(const struct segment *s); /* deliveries to port owners so far */
uint32_t segment_ports(const struct segment *s);
struct port *segment_port_at(struct segment *s, uint32_t index); /* in order of creation */
/* Frames that are on a cable, in a queue or held by a fault now: references, not frames. */
uint64_t segment_in_flight(const struct segment *s);

/* Wire time of `len` bytes at rate, without (arrival) or with the gap (next frame's start). */
uint64_t wire_time_ns(uint32_t len, uint64_t rate_bps, bool with_gap);

/* NULL, or the first broken invariant, in words. */
const char *segment_check(const struct segment *s);

#endif
