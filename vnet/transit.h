/* transit.h: a frame on its way: what travels with it from cable to cable. By value; holds one
 * reference of the frame and owns the note. */
#ifndef VNET_TRANSIT_H
#define VNET_TRANSIT_H

#include "vnet/frame.h"

struct note;
struct port;

struct transit {
    struct frame *frame;
    struct note *note;    /* what was done to it; NULL: nothing */
    struct port *src;     /* who sent it */
    uint64_t number;      /* src's count when it did */
    uint64_t asked_ns;    /* when the rules were asked; hub, link: when it started on the medium */
    uint32_t asked_rules; /* rules numbered below this one were there then */
    uint32_t flaps;       /* the segment's count of links going down when it was sent */
};

#endif
