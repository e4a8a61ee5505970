/* harness/fuzz/tcp_step.h: one step of a TCP conversation: from octets to a frame, and how it is
 * changed. tcp_state.c plays steps; seeds.py writes some.
 *
 * The head, TCP_STEP_HEAD octets:
 *   0      bits 0-3 what (STEPS below), bits 4-7 the unit of the delay before it
 *   1      how many units; 0 and 1: one. Waiting for an event: odd is one nanosecond less
 *   2      flags of the segment; of a command, which; of an ICMP error, its kind
 *   3      bits 0-2 what the sequence number counts from, bits 3-5 the acknowledgment; bits 6-7
 *          the window: as octets 8-9 say, largest, none, a byte
 *   4-5    added to the sequence number, signed, little-endian
 *   6-7    added to the acknowledgment
 *   8-9    window; the urgent pointer
 *   10     options: bits 0-1 timestamps (none, right, old, new), 2-3 SACK blocks, bit 4 those of
 *          SYN, bit 5 the record's own, bit 6 data goes on up to the edge of the window
 *   11     bit 0 a wrong checksum, bits 1-2 ECN, bit 3 the urgent pointer counts, bit 4 another
 *          port */
#ifndef HARNESS_FUZZ_TCP_STEP_H
#define HARNESS_FUZZ_TCP_STEP_H

#include "harness/fuzz/dice.h"
#include "harness/fuzz/records.h"

#define TCP_STEP_HEAD 12u
#define TCP_STEP_FRAME 2048u
#define TCP_STEP_COMMAND 1200u
/* worlds_tcp.py has the same */
#define TCP_PEER_PORT 40000u
#define TCP_HOST_PORT 80u
#define TCP_PEER_ISN 1000u

/* What the peer knows; highest: behind the last byte that it has ever sent within 2^30 of what the
 * host expects (no window is larger). */
struct tcp_numbers {
    uint32_t rcv_nxt, rcv_edge, snd_una, snd_nxt, snd_lbb, iss, ts_recent, their_ts, highest;
};

enum step_kind { STEP_SEGMENT, STEP_TIME, STEP_COMMAND, STEP_ERROR };

enum step_kind tcp_step_kind(const uint8_t *head);
uint64_t tcp_step_delay(const uint8_t *head);
bool tcp_step_waits_for_event(const uint8_t *head);

/* All write at most TCP_STEP_FRAME or TCP_STEP_COMMAND and return how much. */
size_t tcp_step_segment(uint8_t *frame, const struct record *r, struct tcp_numbers *n);
size_t tcp_step_error(uint8_t *frame, const struct record *r, const struct tcp_numbers *n);
size_t tcp_step_command(char *command, const uint8_t *head);
/* One for each different command, below 128. */
unsigned tcp_step_command_number(const uint8_t *head);

/* For records_mutate(). */
void tcp_step_mutate_head(uint8_t *head, struct dice *d);
size_t tcp_step_mutate_bytes(uint8_t *bytes, size_t len, size_t max, struct dice *d);
/* Makes a segment of another step. */
void tcp_step_become_segment(uint8_t *head, struct dice *d);
/* A new step behind the others; as a target's mutate(). */
size_t tcp_step_insert(uint8_t *bytes, size_t len, size_t max, struct dice *d);

/* The peer's stream at a sequence number. */
static inline uint8_t tcp_stream_octet(uint32_t seq)
{
    return (uint8_t)(seq * 2654435761u >> 24);
}

/* The value of a segment's timestamp, `before` if it has none. */
uint32_t tcp_step_stamp(const uint8_t *tcp, uint32_t len, uint32_t before);

static inline uint32_t tcp_get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t tcp_get32(const uint8_t *p)
{
    return tcp_get16(p) << 16 | tcp_get16(p + 2);
}

#endif
