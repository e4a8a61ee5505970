/* pcapng.h: blocks of a pcapng file, built in a caller's buffer. Pure; little-endian; nanoseconds.
 * Format: draft-ietf-opsawg-pcapng. All functions return the block's length, a multiple of 4,
 * or 0 if it does not fit. Texts longer than PCAPNG_TEXT_MAX are cut. */
#ifndef VNET_PCAPNG_H
#define VNET_PCAPNG_H

#include "vnet/frame.h"

#include <stddef.h>
#include <stdint.h>

#define PCAPNG_TEXT_MAX 1024u
#define PCAPNG_BLOCK_MAX (FRAME_MAX + 2 * PCAPNG_TEXT_MAX + 128)

size_t pcapng_section(uint8_t *buf, size_t room, const char *application, const char *comment);
size_t pcapng_interface(uint8_t *buf, size_t room, const char *name, const char *description);
/* flags: 1 received, 2 sent by the interface; comment may be NULL */
size_t pcapng_packet(uint8_t *buf, size_t room, uint32_t interface, uint64_t t_ns, uint32_t flags,
                     const uint8_t *bytes, uint32_t len, const char *comment);

/* A block of exactly `len` bytes (a multiple of 4, at least PCAPNG_PADDING_MIN) that readers skip:
 * its type is one of those that the draft leaves for local use. */
#define PCAPNG_PADDING_MIN 12u
size_t pcapng_padding(uint8_t *buf, size_t room, size_t len);

#endif
