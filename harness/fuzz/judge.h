/* harness/fuzz/judge.h: is a frame that a host sent one that a host may send?
 *
 * Reads the frame with vnet's decoder, never the stack's. Judged: addresses, lengths, header
 * checksums, checksums of what the host itself made, the link address that belongs to a group, and
 * what ICMP errors may never be about [RFC1122 3.2.2]. A frame that is wrong is a finding. */
#ifndef HARNESS_FUZZ_JUDGE_H
#define HARNESS_FUZZ_JUDGE_H

#include <stdint.h>

struct world;

void judge_frame(const struct world *w, const uint8_t *frame, uint32_t len);

#endif
