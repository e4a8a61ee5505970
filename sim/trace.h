/* sim/trace.h: the append-only record of what happened, and its running 128-bit hash.
 *
 * The hash (XXH3-128) over the fixed set of hashed records is the run's identity. A record enters
 * it as little-endian fixed-width fields: kind u16, source u32, time u64, a u64, b u64, length
 * u32, then `length` bytes. Structs are never hashed. The hash state lives in the arena; a sink
 * (trace.jsonl) lives outside and changes nothing.
 *
 * A source is a named thing (host, port, link direction). Names are hashed when registered, as a
 * record of kind 0xffff with the new id as source and the name as bytes; ids count from 1 in order
 * of registration. Source 0 is the world itself; its name is empty. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum trace_kind {
    TRACE_FRAME_TX,   /* source: port; bytes: the frame; a: frame number of this port */
    TRACE_FRAME_RX,   /* source: port; bytes: the frame; a: frame number of this port */
    TRACE_FRAME_DROP, /* source: port or link; a: reason (source's own enum); bytes: the frame */
    TRACE_IMPAIR,     /* source: link direction; a: what was done, b: parameter */
    TRACE_STACK_DROP, /* source: host; a: enum drop_reason */
    TRACE_STACK_EVENT,/* source: host; a: kind << 32 | a, b: b */
    TRACE_LINK,       /* source: port or link; a: 1 up, 0 down */
    TRACE_APP,        /* source: host; a, b: application's own; bytes: text */
    TRACE_CONTROL,    /* source: 0; a: op number: what the controller did to the world */
    TRACE_RANDOM,     /* debug level only, never hashed: source's stream gave a */
    TRACE_DEVICE,     /* source: host; a guest error: a: kind << 32 | address, b: value; bytes:
                       * register's name */
    TRACE_KINDS
};

struct trace; /* lives in the arena */

struct trace *trace_new(void); /* NULL: no room */
void trace_free(struct trace *t); /* NULL is allowed */
uint32_t trace_source(struct trace *t, const char *name); /* copies the name; 0: no room */
const char *trace_source_name(const struct trace *t, uint32_t source); /* valid until the next */
void trace_emit(struct trace *t, uint64_t now_ns, enum trace_kind kind, uint32_t source,
                uint64_t a, uint64_t b, const void *bytes, size_t length);

/* The same for bytes that are, to the last bit, those of an earlier record: the hash takes `told`,
 * the caller's number of that record, in their place (kind | 0x100, ..., length as ever, then told
 * as u64). The sink gets the bytes. */
void trace_refer(struct trace *t, uint64_t now_ns, enum trace_kind kind, uint32_t source,
                 uint64_t a, uint64_t b, uint64_t told, const void *bytes, size_t length);

/* 32 lower-case hex digits and a terminator. May be asked at any time; changes nothing. */
void trace_hash(struct trace *t, char hex[33]);
uint64_t trace_records(const struct trace *t); /* hashed ones, registrations not counted */

/* One JSON object per record and line, flushed line by line: {"t": ns, "kind": "frame_rx",
 * "source": "a/eth0", "a": .., "b": .., "reason": "...", "bytes": "hex"}; NULL: no sink. `explain`
 * may add members for a record (", \"reason\": \"queue_full\""), or be NULL.
 *
 * How much was written is kept in the arena: after a restore, the next record first cuts the file
 * back to what it held at the snapshot (pipes go on, and what was cut is not brought back by
 * restoring a later snapshot). After a failed write (disk full) nothing more is written. */
typedef void trace_explain_fn(void *ctx, enum trace_kind kind, uint64_t a, uint64_t b, FILE *out);
void trace_sink_set(FILE *out, trace_explain_fn *explain, void *ctx);
bool trace_sink_failed(void); /* since it was set */
const char *trace_kind_name(enum trace_kind kind); /* "frame_rx" */

#endif
