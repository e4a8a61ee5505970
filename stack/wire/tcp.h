/* wire/tcp.h: TCP headers [RFC9293 3.1] and their options.
 *
 * A header is 20 bytes and up to 40 of options. wire_tcp_parse() reads the 20 and says how long the
 * whole is; the options are read separately, because most segments that matter for speed have none
 * or a timestamp alone. Sequence numbers are compared by wire/tcp_seq.h. */
#ifndef STACK_WIRE_TCP_H
#define STACK_WIRE_TCP_H

#include "lwip/opt.h"
#include "stack/wire/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_TCP_HLEN 20u
#define WIRE_TCP_HLEN_MAX 60u
#define WIRE_TCP_OPTIONS_MAX 40u
#define WIRE_TCP_SACK_MAX 4u
#define WIRE_TCP_WINDOW_SHIFT_MAX 14u /* a larger shift is to be taken for 14 */

#define WIRE_TCP_FIN 0x001u
#define WIRE_TCP_SYN 0x002u
#define WIRE_TCP_RST 0x004u
#define WIRE_TCP_PSH 0x008u
#define WIRE_TCP_ACK 0x010u
#define WIRE_TCP_URG 0x020u
#define WIRE_TCP_ECE 0x040u
#define WIRE_TCP_CWR 0x080u

struct wire_tcp {
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint8_t header_len; /* bytes, options included: a multiple of 4, 20 to 60 */
    uint16_t flags;     /* WIRE_TCP_*; the reserved bits are neither read nor sent */
    uint16_t window, checksum, urgent;
};

enum wire_tcp_result {
    WIRE_TCP_OK,
    WIRE_TCP_SHORT,        /* no whole header */
    WIRE_TCP_OFFSET_SMALL, /* data offset less than 5 words */
    WIRE_TCP_OFFSET_LARGE  /* options reach behind the segment's end */
};

/* `contiguous`: bytes at `bytes`, 20 are needed; `total`: bytes of the whole segment as IP
 * delivered it. *t is filled in unless the result is WIRE_TCP_SHORT. After WIRE_TCP_OK the header
 * lies inside the segment, but its options may lie behind `contiguous`. */
static inline enum wire_tcp_result wire_tcp_parse(const uint8_t *bytes, size_t contiguous,
                                                  size_t total, struct wire_tcp *t)
{
    if (contiguous < WIRE_TCP_HLEN || total < WIRE_TCP_HLEN)
        return WIRE_TCP_SHORT;
    t->src_port = get_be16(bytes);
    t->dst_port = get_be16(bytes + 2);
    t->seq = get_be32(bytes + 4);
    t->ack = get_be32(bytes + 8);
    t->header_len = (uint8_t)((bytes[12] >> 4) * 4);
    t->flags = bytes[13]; /* without the reserved bits, which are ignored [RFC9293 3.1 Rsrvd] */
    t->window = get_be16(bytes + 14);
    t->checksum = get_be16(bytes + 16);
    t->urgent = get_be16(bytes + 18);
    if (t->header_len < WIRE_TCP_HLEN)
        return WIRE_TCP_OFFSET_SMALL;
    if (t->header_len > total)
        return WIRE_TCP_OFFSET_LARGE;
    return WIRE_TCP_OK;
}

/* Writes 20 bytes; options, if t->header_len has room for some, are wire_tcp_options_emit()'s.
 * Returns the sum of what was written, for checksum_fold64() (wire/checksum.h): to add it up from
 * memory would mean to wait until all of it is there. Here because the stack has one place that
 * calls it, which does not always want the sum. */
static inline uint64_t wire_tcp_emit(uint8_t *bytes, const struct wire_tcp *t)
{
    uint32_t ports = (uint32_t)t->src_port << 16 | t->dst_port;
    uint32_t offset = t->header_len / 4u;
    uint32_t control = offset << 28 | (t->flags & 0xffu) << 16 | t->window;
    uint32_t last = (uint32_t)t->checksum << 16 | t->urgent;

    put_be32(bytes, ports);
    put_be32(bytes + 4, t->seq);
    put_be32(bytes + 8, t->ack);
    put_be32(bytes + 12, control);
    put_be32(bytes + 16, last);
    return (uint64_t)ports + t->seq + t->ack + control + last;
}

/* Bits of wire_tcp_options.present. */
#define WIRE_TCP_OPT_MSS 0x01u
#define WIRE_TCP_OPT_WS 0x02u
#define WIRE_TCP_OPT_SACK_OK 0x04u
#define WIRE_TCP_OPT_TS 0x08u
#define WIRE_TCP_OPT_SACK 0x10u
#define WIRE_TCP_OPT_ALL 0x1fu

/* Those that this build speaks. The others are unknown to it: skipped, and never written. */
#if LWIP_MULTI_INSTANCE
#define WIRE_TCP_OPT_SPOKEN WIRE_TCP_OPT_ALL
#else
#define WIRE_TCP_OPT_SPOKEN \
    (WIRE_TCP_OPT_MSS | (LWIP_WND_SCALE ? WIRE_TCP_OPT_WS : 0u) | \
     (LWIP_TCP_SACK_OUT || LWIP_TCP_SACK_IN ? WIRE_TCP_OPT_SACK_OK | WIRE_TCP_OPT_SACK : 0u) | \
     (LWIP_TCP_TIMESTAMPS ? WIRE_TCP_OPT_TS : 0u))
#endif

struct wire_tcp_sack_block {
    uint32_t left, right; /* right: the first number behind the block */
};

/* A member means something only when its bit is in `present`. Values are as they stand in the
 * segment: whether they make sense there (an MSS of 0, a shift of 200, SACK blocks that nobody
 * sent, any of it outside a SYN) is TCP's to judge. */
struct wire_tcp_options {
    uint16_t present;
    uint16_t mss;
    uint8_t window_shift;
    uint8_t sack_count; /* 1 to 4 with WIRE_TCP_OPT_SACK, else 0 */
    uint32_t ts_value, ts_echo;
    struct wire_tcp_sack_block sack[WIRE_TCP_SACK_MAX];
};

/* Reads the option area of `len` bytes (0 to 40), at any alignment [RFC9293 3.2 MUST-64]. Unknown
 * options are skipped [RFC9293 3.1 MUST-6], reading stops at end-of-list, and of an option that
 * is there twice the first counts.
 * False: an option is malformed (a length of 0 or 1, one that reaches behind the area, a wrong one
 * for an option that is known). What came before it stands, nothing from it on is read: there is
 * no telling where the next option begins [RFC9293 3.1 MUST-7]. */
bool wire_tcp_options_parse(const uint8_t *bytes, size_t len, struct wire_tcp_options *o);

/* The MSS option, which is a word. */
static inline uint32_t wire_tcp_mss_option(uint16_t mss)
{
    return 0x02040000u | mss;
}

/* Writes what is present, each option padded in front by no-operations to a multiple of four bytes,
 * in a fixed order: MSS; SACK-permitted and timestamp in one group of 12; window scale; SACK.
 * Returns the bytes written, at most `room` (a multiple of four, at most 40). SACK blocks are cut
 * to what fits; another option that does not fit is left out. */
#if WIRE_TCP_OPT_SPOKEN == WIRE_TCP_OPT_MSS
static inline size_t wire_tcp_options_emit(uint8_t *bytes, size_t room,
                                           const struct wire_tcp_options *o)
{
    if ((o->present & WIRE_TCP_OPT_MSS) == 0 || room < 4)
        return 0;
    put_be32(bytes, wire_tcp_mss_option(o->mss));
    return 4;
}
#else
size_t wire_tcp_options_emit(uint8_t *bytes, size_t room, const struct wire_tcp_options *o);
#endif

/* What wire_tcp_options_emit() returns with a room of 40. */
#if WIRE_TCP_OPT_SPOKEN == WIRE_TCP_OPT_MSS
static inline size_t wire_tcp_options_len(const struct wire_tcp_options *o)
{
    return (o->present & WIRE_TCP_OPT_MSS) != 0 ? 4 : 0;
}
#else
size_t wire_tcp_options_len(const struct wire_tcp_options *o);
#endif

#endif
