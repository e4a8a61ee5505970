/* vnet/fault.h: what goes wrong on a segment: standing impairments and scheduled faults, both as
 * data, in one list per segment that is applied in the order of declaration.
 *
 * A rule applies to one delivery: a frame on its way from port `src` to port `dst`. On a switch or
 * hub a broadcast is one delivery per receiver. It is asked at the moment the frame has crossed the
 * sender's cable (switch) or starts on the medium (hub, link); partition and link-down also catch
 * frames already in flight, at their arrival. Each rule draws from PRNG streams of its own, named
 * after segment, kind and the rule's ordinal among rules of this kind, one per direction and frame
 * (vnet/draw.h), so that a new host's frames change nobody else's luck.
 *
 * All rules are asked at one moment, in order; what one changes, the next ones see. A duplicate is
 * a delivery of its own for the rules behind. A partition asks each delivery exactly once: when
 * the rules are asked, or at arrival if it came into force while the frame was on its way.
 * Whoever is named in src, dst or groups need not exist yet: names bind when the port appears.
 * A frame changed on a hub or link keeps the arrival time of the original.
 *
 * Matching (all that are set must hold): direction, time window [from, until), header conditions,
 * then the controller's predicate; of the frames that match, `nth` picks the 1-based ordinals,
 * `every` each k-th, `probability` by chance; `count` ends the rule after that many.
 * `fired` counts deliveries that the rule changed. */
#ifndef VNET_FAULT_H
#define VNET_FAULT_H

#include "vnet/match.h"
#include "vnet/segment.h"

enum fault_kind {
    FAULT_DROP,
    FAULT_DELAY,     /* delay_ns + uniform [0, jitter_ns]; does not hold up other frames */
    FAULT_DUPLICATE, /* `copies` more, gap_ns apart, the first one gap_ns behind the original */
    FAULT_REORDER,   /* held back until `depth` later frames of the same direction have passed, or
                        delay_ns has gone by (must be > 0, so nothing is held for ever) */
    FAULT_CORRUPT,   /* offset < 0: `bits` random bits flipped; else byte at offset ^= xor;
                        repair: IPv4, ICMP, IGMP, UDP, TCP checksums recomputed afterwards */
    FAULT_TRUNCATE,  /* cut to `length` bytes */
    FAULT_PARTITION, /* dropped unless src and dst are in the same group; who is in none is alone */
    FAULT_BURST,     /* Gilbert-Elliott loss: p_enter, p_leave, p_loss_good, p_loss_bad. Per
                        direction, starting good; a frame first moves the state, then is lost with
                        that state's probability. A p_loss that is not set (den 0) is 0 in good
                        and 1 in bad */
    FAULT_RATE,      /* each direction is shaped to rate_bps, on top of the cable's own rate: a
                        frame leaves at once if the one before left its wire time (with gap, at
                        rate_bps) ago, else then; at most the segment's `queue` frames wait */
    FAULT_KINDS
};

struct fault_config {
    enum fault_kind kind;
    const char *src, *dst;       /* short port names; NULL: any */
    uint64_t from_ns, until_ns;  /* window of virtual time; until NEVER: open */
    const struct match_term *match; /* copied; NULL: all frames */
    uint32_t match_terms;
    uint32_t predicate;          /* 0: none, else asked through segment_predicate_set() */
    const uint64_t *nth;         /* ascending, copied; NULL: not used */
    uint32_t nth_count;
    uint64_t every;              /* 0: not used */
    struct ratio probability;    /* den 0: not used */
    uint64_t count;              /* 0: no limit */
    uint64_t delay_ns, jitter_ns, gap_ns, rate_bps;
    uint32_t copies, depth, length, bits;
    int32_t offset;
    uint8_t xor_byte;
    bool repair;
    struct ratio p_enter, p_leave, p_loss_good, p_loss_bad;
    const char *const *const *groups; /* FAULT_PARTITION: NULL-terminated lists of port names */
    uint32_t group_count;
    bool must_fire;              /* a scenario's fault: unfired at the end is a failure */
};

struct fault;

/* NULL: *why says which member is wrong and what was expected. */
struct fault *fault_add(struct segment *s, const struct fault_config *config, const char **why);
void fault_remove(struct fault *f); /* what it holds back goes on its way */
uint64_t fault_fired(const struct fault *f);
uint64_t fault_matched(const struct fault *f); /* deliveries that nth and every counted */
bool fault_must_fire(const struct fault *f);
enum fault_kind fault_kind_of(const struct fault *f);
const char *fault_kind_name(enum fault_kind kind); /* "drop" */
struct fault *segment_fault_next(struct segment *s, struct fault *f); /* NULL: first; then NULL */

/* Asked for faults with a predicate; runs inside an event and may block on the controller. */
typedef bool fault_predicate_fn(void *ctx, uint32_t predicate, const struct fault *f,
                                const struct frame *frame);
void segment_predicate_set(struct segment *s, fault_predicate_fn *fn, void *ctx);

/* Why a frame was dropped or changed, for traces and capture comments. */
enum wire_reason {
    WIRE_NONE,
    WIRE_QUEUE_FULL, WIRE_LINK_DOWN, WIRE_LOSS, WIRE_BURST_LOSS, WIRE_FAULT_DROP, WIRE_PARTITION,
    WIRE_DELAYED, WIRE_DUPLICATED, WIRE_REORDERED, WIRE_CORRUPTED, WIRE_TRUNCATED, WIRE_SHAPED,
    WIRE_NO_MEMORY,
    WIRE_REASONS
};
const char *wire_reason_name(enum wire_reason r); /* "queue_full" */

/* Trace records (sim/trace.h) of a segment: FRAME_TX a: the frame's number at its sender, when it
 * is accepted; FRAME_RX a: number at the receiver, b: number at the sender; FRAME_DROP source: the
 * port that refused it or would have got it, a: wire_reason, b: number at the sender; IMPAIR
 * source: "lan/a>b", a: wire_reason, b: the change (ns, copies, bit, bytes left). */

#endif
