/* vnet/capture.h: pcapng of everything, one interface per port, nanosecond stamps.
 *
 * A frame appears on its sender's interface (direction out of the host: epb_flags inbound = 1 is
 * "received by the port's owner", outbound = 2 is "sent by it") at the time the owner sent it, and
 * on each receiver's interface at the time it arrived. A frame that was impaired or dropped carries
 * a comment with the reason ("dropped: queue_full", "corrupted: bit 113, checksums repaired"); a
 * dropped one is written on the sender's interface if it never left, else on the interface it
 * would have arrived at.
 *
 * Each block goes out by one write(), but the kernel carries out a write() page by page and stops
 * between two pages when the process is killed (measured: 29 of 400 kills cut a block). Hence no
 * block that fits into a page of 4096 bytes lies across the boundary of two: a block that readers
 * skip fills the rest of a page. So the file of a killed process ends with a whole block, up to
 * the last frame. Not so frames above about 4000 bytes: their block can be cut, which readers
 * report, having read all before it.
 *
 * The descriptor is outside the arena; the file position is in it, so that
 * restoring a snapshot cuts the file back. When the disk is full the capture ends after the last
 * whole block and capture_error() says so; the run goes on and is reported as failed. */
#ifndef VNET_CAPTURE_H
#define VNET_CAPTURE_H

#include "sim/sim.h"
#include "vnet/frame.h"

#include <stdbool.h>

struct capture; /* in the arena */

/* path NULL: a capture that records nothing. NULL: no room. A file that cannot be created:
 * NULL and errno. `comment` goes into the section header. */
struct capture *capture_open(struct sim *sim, const char *path, const char *comment);
void capture_close(struct capture *c);
bool capture_recording(const struct capture *c); /* false: NULL, path NULL, ended by an error */
/* After a restore: cuts the file back to what the restored world had written. Done before the next
 * frame in any case; asking at once keeps a killed process's file right. What was cut off does not
 * come back when a later snapshot is restored after an earlier one. */
void capture_sync(struct capture *c);
/* A world restored from another process has no file here: starts one, with all interfaces. */
bool capture_reopen(struct capture *c, const char *path);
uint32_t capture_interface(struct capture *c, const char *name, const char *description);
enum capture_direction { CAPTURE_RECEIVED = 1, CAPTURE_SENT = 2 };
void capture_frame(struct capture *c, uint32_t interface, uint64_t t_ns, enum capture_direction d,
                   const uint8_t *bytes, uint32_t len, const char *comment);
const char *capture_error(const struct capture *c); /* NULL: all is well */

#endif
