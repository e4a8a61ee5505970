/* sim/trace_state.h: the trace's inside, shared by trace.c (hash) and trace_sink.c (JSON lines). */
#ifndef SIM_TRACE_STATE_H
#define SIM_TRACE_STATE_H

#include "sim/hash.h"
#include "sim/trace.h"

/* Records wait here until there are enough of them to be worth a call of the hash function. */
#define TRACE_PENDING 2048u

struct trace { /* in the arena */
    struct hash hash;
    uint32_t pending_len;
    unsigned char pending[TRACE_PENDING];
    uint64_t records;
    uint64_t sink_end; /* how far the sink was written, see trace_sink.c */
    char **names;      /* of sources 1, 2, ... */
    uint32_t sources, room;
};

extern bool trace_sink_wanted; /* there is a sink and it has not failed */

__attribute__((cold)) void trace_sink_write(struct trace *t, uint64_t now_ns, enum trace_kind kind,
                                            uint32_t source, uint64_t a, uint64_t b,
                                            const void *bytes, size_t length);

#endif
