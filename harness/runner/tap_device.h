/* harness/runner/tap_device.h: a descriptor whose other end is the Linux kernel's network. */
#ifndef HARNESS_RUNNER_TAP_DEVICE_H
#define HARNESS_RUNNER_TAP_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/* Opens the TAP device of this name (made if there is none; it then goes with the descriptor) in
 * the network namespace at the path `netns` (NULL: that of the process). The kernel is told to
 * compute all checksums itself. Returns a non-blocking descriptor, each read() or write() of which
 * is one frame; -1: `why`, one sentence (room bytes). */
int tap_device_open(const char *name, const char *netns, char *why, size_t room);

/* The same for a descriptor that was inherited: a TAP without packet information, or a socket that
 * keeps frames apart (SOCK_SEQPACKET, SOCK_DGRAM) with anything behind it. */
bool tap_device_adopt(int fd, char *why, size_t room);

#endif
