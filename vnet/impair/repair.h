/* repair.h: makes the checksums of a frame fit its contents again, as far as there are any: IPv4
 * header, and of whole datagrams ICMP, IGMP, UDP, UDP-Lite and TCP. A UDP checksum of 0 (none)
 * stays. What the frame's own lengths put outside it is left alone. */
#ifndef VNET_IMPAIR_REPAIR_H
#define VNET_IMPAIR_REPAIR_H

#include <stdint.h>

void repair_checksums(uint8_t *frame, uint32_t len);

#endif
