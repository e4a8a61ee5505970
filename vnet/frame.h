/* vnet/frame.h: bytes on the wire: immutable, reference-counted, in the arena.
 *
 * A frame is Ethernet from the destination address to the end of the payload, without preamble
 * and FCS, 1 to FRAME_MAX bytes. Whoever builds it may write until it is first sent; from then on
 * nobody may: a change (corruption, truncation) makes a new frame. A broadcast to a thousand
 * hosts is one frame with a thousand references. */
#ifndef VNET_FRAME_H
#define VNET_FRAME_H

#include <stdalign.h>
#include <stdint.h>

#define FRAME_MAX 9216u

struct frame {
    uint32_t refs;
    uint32_t len;
    uint64_t told; /* where the trace has its bytes: source << 40 | number; 0: nowhere yet */
    alignas(16) uint8_t data[];
};

/* A new frame with one reference; NULL: the arena is full. frame_new: contents undefined. */
struct frame *frame_new(uint32_t len);
struct frame *frame_copy(const void *bytes, uint32_t len);
static inline struct frame *frame_ref(struct frame *f) { f->refs++; return f; }
void frame_unref(struct frame *f);

#endif
