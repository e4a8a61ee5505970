/* medium.h: the inside of a segment and its ports: for vnet's own files only.
 *
 * What differs between switch, hub and link is behind struct medium_ops; everything they share
 * (names, sending, delivering, dropping, rules) is in segment.c, port.c and fault.c. */
#ifndef VNET_MEDIUM_H
#define VNET_MEDIUM_H

#include "sim/sim.h"
#include "vnet/cable.h"
#include "vnet/capture.h"
#include "vnet/fault.h"
#include "vnet/hold.h"
#include "vnet/pairs.h"
#include "vnet/port.h"
#include "vnet/segment.h"
#include "vnet/transit.h"

struct delivery;

struct port {
    struct segment *segment;
    struct port_owner owner; /* receive NULL: nobody */
    char *name;              /* "lan/a" */
    const char *short_name;  /* into name */
    uint32_t index;          /* in segment->ports */
    uint32_t source;         /* in the trace */
    uint32_t interface;      /* in the capture */
    bool up;
    uint64_t key;            /* for draw.h */
    uint64_t sent, received;
    uint64_t down_ns;        /* when the link last went down */
    uint32_t down_flaps;     /* segment->flaps after that */
    struct cable out;        /* from the owner */
    struct cable in;         /* switch: towards the owner */
};

/* A kind of segment. All may assume that the delivery or transit passed is theirs to take over. */
struct medium_ops {
    uint32_t ports_max;
    void (*port_init)(struct port *port);
    /* The rules have spoken: send it on its way, at d->release_ns. */
    void (*release)(struct segment *s, struct delivery *d);
    /* A delivery that was put off is due. */
    hold_expire_fn *expire;
    /* A port's link went down: lose what is on its cable. */
    void (*cut)(struct port *port);
    /* May be NULL. */
    void (*free)(struct segment *s);
    const char *(*check)(const struct segment *s);
};

extern const struct medium_ops switch_ops, hub_ops, link_ops;

struct switch_entry {
    uint64_t mac; /* as stored in memory, 0: empty place */
    uint64_t learned_ns;
    struct port *port; /* NULL: forgotten */
};

struct segment {
    struct sim *sim;
    struct capture *capture;
    bool captured; /* capture is one that records, or did */
    const struct medium_ops *ops;
    struct segment_config config;
    char *name;
    struct port **ports;
    uint32_t count, room;
    uint32_t flaps; /* links that went down so far */
    uint64_t frames;
    uint64_t loss_key, jitter_key;

    struct fault *faults, **faults_end;
    uint32_t fault_next; /* number of the next rule */
    uint32_t partitions; /* how many rules are */
    uint32_t kind_count[FAULT_KINDS];
    bool harmful; /* there are rules, or loss: deliveries have to be judged */
    uint32_t judging;
    fault_predicate_fn *predicate;
    void *predicate_ctx;
    struct hold hold;
    struct pairs directions; /* uint32_t trace sources of directions that were impaired */

    struct switch_entry *table; /* switch only */
    uint32_t table_room, table_count;
};

/* port.c: the frame has arrived at dst's owner. Takes over `t`. */
void port_deliver(struct port *dst, struct transit *t);
/* Lost at `at`: on the sender's side (CAPTURE_SENT) or the receiver's. Takes over `t`. */
__attribute__((cold)) void port_drop(struct port *at, enum capture_direction d, struct transit *t,
                                     enum wire_reason why);
/* Drops everything on the cable at `at`. */
void port_cut(struct port *at, struct cable *c, enum capture_direction d);

/* segment.c: jitter of this frame on its way to `to` (hub, link: to == src). */
uint64_t segment_jitter(const struct segment *s, const struct transit *t, const struct port *to);
void segment_harm_changed(struct segment *s); /* rules or loss came or went */
uint32_t segment_direction(struct segment *s, const struct port *src, const struct port *dst);
char *segment_text(const char *text); /* a copy in the arena; NULL: no room */
void segment_text_free(char *text);

/* fault.c: one delivery is asked about: base loss, then all rules; ends in ops->release, in a
 * drop, or held by a rule. Takes over `t`. release_ns: when it goes on if nothing happens. */
void segment_judge(struct segment *s, struct transit *t, struct port *dst, uint64_t release_ns);
/* A partition that came into force after the delivery was asked about cuts it off now. */
bool segment_cuts(struct segment *s, struct port *dst, struct transit *t);
void segment_faults_bind(struct segment *s, struct port *port); /* a port has appeared */
void segment_faults_free(struct segment *s);
const char *segment_faults_check(const struct segment *s);
uint64_t segment_faults_held(const struct segment *s);

#endif
