/* harness/runner/bridge.h: the TAPs of a live session on the libuv loop: frames between descriptors
 * (tap_device.h) and the ports of the world, with a bounded queue towards the kernel.
 *
 * Frames are read only while an advance is under way; until then they wait in the kernel, which
 * drops them when it likes (1000 frames per device by default). */
#ifndef HARNESS_RUNNER_BRIDGE_H
#define HARNESS_RUNNER_BRIDGE_H

#include "harness/control/session.h"
#include "sim/loop.h"

#define BRIDGE_TAPS_MAX 16u
#define BRIDGE_QUEUE_MAX 256u /* frames that wait until the kernel takes them */

struct bridge;

/* A frame has come from the kernel; the world's clock stands where the wall's does. */
typedef void bridge_bring_fn(void *ctx, uint32_t port, const uint8_t *bytes, size_t len);

/* NULL: no memory. The loop is a paced one. */
struct bridge *bridge_new(struct loop *loop, bridge_bring_fn *bring, void *ctx);
/* Closes its handles, whose memory goes when loop_free() has let libuv see to them. NULL is
 * allowed. */
void bridge_free(struct bridge *b);

/* false: `why`, one sentence. A descriptor that was inherited is closed with the TAP. */
bool bridge_open(struct bridge *b, const struct session_tap *tap, char *why, size_t room);
void bridge_close(struct bridge *b, uint32_t port);
/* An advance is about to begin. */
void bridge_resume(struct bridge *b);
/* Sends a frame to the kernel, behind those that wait already. What cannot be sent is counted. */
void bridge_write(struct bridge *b, uint32_t port, const void *bytes, size_t len);
void bridge_counts(const struct bridge *b, uint32_t port, struct session_tap_counts *counts);

#endif
