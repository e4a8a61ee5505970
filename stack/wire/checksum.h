/* wire/checksum.h: the Internet checksum (RFC 1071): fast, and independent of alignment.
 *
 * Partial sums are 32-bit accumulators of 16-bit one's-complement addition in network byte order:
 * sum = checksum_add(sum, bytes, len) over pieces, all of which but the last have even length
 * (with odd pieces in between: checksum_add_at()), then checksum_fold(sum) is the
 * value to store with put_be16(). Verifying: the fold over data and stored checksum is 0. */
#ifndef STACK_WIRE_CHECKSUM_H
#define STACK_WIRE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len);
/* `offset`: position of `bytes` in the whole; odd positions are rotated in correctly. */
uint32_t checksum_add_at(uint32_t sum, const void *bytes, size_t len, size_t offset);
uint16_t checksum_fold(uint32_t sum); /* complemented, host order */
/* The sum of an IPv4 pseudo header; addresses in network byte order as stored in ip4_addr_t. */
uint32_t checksum_pseudo(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint16_t len);
/* RFC 1624: the checksum after the 16-bit field `before` became `after` (host order values). */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after);

#endif
