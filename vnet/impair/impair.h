/* impair.h: what a kind of fault is made of. To add one: a file here with its ops, a line in
 * fault_kind and in kinds[] of fault.c, a unit test with a fixed seed, the Python name.
 *
 * A rule sees deliveries (one frame, one receiver) one at a time. apply() may change, drop, fork
 * or keep the one it is shown; it draws only from impair_draw() and sets `fired` through its
 * verdict. State per direction goes into a struct pairs in `state`. */
#ifndef VNET_IMPAIR_IMPAIR_H
#define VNET_IMPAIR_IMPAIR_H

#include "sim/prng.h"
#include "vnet/fault.h"
#include "vnet/medium.h"
#include "vnet/note.h"

struct delivery {
    struct transit t;
    struct port *dst;
    uint64_t release_ns; /* switch: when it is put on the receiver's cable; else its arrival */
    uint64_t salt;       /* tells copies of one frame apart */
    enum wire_reason why; /* set with VERDICT_DROP */
    uint32_t copies;     /* set with VERDICT_FORK */
    uint64_t gap_ns;
};

enum verdict {
    VERDICT_PASS, /* as it was */
    VERDICT_CHANGED,
    VERDICT_DROP,
    VERDICT_FORK,
    VERDICT_KEPT  /* apply() took over what the delivery holds */
};

struct impair_ops {
    enum fault_kind kind;
    /* NULL, or which member of the config is impossible */
    const char *(*problem)(const struct fault_config *config);
    size_t state_size; /* of fault.state, zeroed before init(); 0: none */
    /* NULL, or what went wrong (done() follows). `config` is the caller's; may be NULL. */
    const char *(*init)(struct fault *f, const struct fault_config *config);
    /* A port is there, from the start or since now; false: no memory. May be NULL. */
    bool (*bind)(struct fault *f, const struct port *port);
    enum verdict (*apply)(struct fault *f, struct delivery *d);
    /* Another delivery has passed this rule and is on its way; may be NULL. */
    void (*passed)(struct fault *f, const struct port *src, const struct port *dst,
                   uint64_t release_ns);
    /* Gives back its memory, and what it keeps: to the rules behind (drop = false), or lets go of
     * it. May be NULL. */
    void (*done)(struct fault *f, bool drop);
    uint64_t (*held)(const struct fault *f);
    const char *(*check)(const struct fault *f);
};

struct fault {
    struct fault *next;
    struct segment *segment;
    const struct impair_ops *ops;
    struct fault_config config; /* its pointers are to copies in the arena */
    uint32_t number;            /* counts up per segment, never reused */
    uint64_t key;               /* for draw.h */
    struct port *src, *dst;     /* NULL: any, or not there yet (config's name is then set) */
    uint64_t matched, fired;
    uint32_t nth_next;          /* index of the next ordinal in config.nth */
    void *state;
};

extern const struct impair_ops impair_drop, impair_delay, impair_duplicate, impair_reorder,
    impair_corrupt, impair_truncate, impair_partition, impair_burst, impair_rate;

/* loss.c: the segment's own loss strikes this delivery */
bool loss_strikes(const struct segment *s, const struct transit *t, const struct port *dst);

#define IMPAIR_NO_MEMORY "no memory for a fault"

/* fault.c, for the rules */
void impair_draw(const struct fault *f, const struct delivery *d, struct prng *p);
/* The note and the trace record of a change. */
void impair_record(struct delivery *d, enum wire_reason what, uint64_t a, uint64_t b,
                   bool repaired);
/* On to the rules behind f. */
void impair_resume(struct fault *f, struct delivery *d);
/* Replaces the frame of d by one of len bytes, whose first are copied; NULL: no memory. */
struct frame *impair_rewrite(struct delivery *d, uint32_t len);
/* A probability that is well formed and, if so wanted, set. */
bool impair_ratio_ok(struct ratio r, bool required);

#define IMPAIR_DELAY_MAX_NS ((uint64_t)1 << 61)

#endif
