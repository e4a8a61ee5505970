/* harness/control/explain.h: a trace record's numbers in words, for trace.jsonl. */
#ifndef HARNESS_CONTROL_EXPLAIN_H
#define HARNESS_CONTROL_EXPLAIN_H

#include "sim/trace.h"

/* trace_explain_fn: adds members such as "reason": "queue_full". */
void explain_record(void *ctx, enum trace_kind kind, uint64_t a, uint64_t b, FILE *out);

#endif
