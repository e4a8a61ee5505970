/* sim/trace.c: the record of what happened and its running hash. Contract: sim/trace.h; how a
 * record is written for people: sim/trace_sink.c. */
#include "sim/trace_state.h"

#include "sim/arena.h"

#include <assert.h>
#include <string.h>

#define KIND_SOURCE 0xffffu
#define KIND_REFERS 0x100u /* the bytes are those of an earlier record */
#define HEADER_BYTES (2u + 4u + 8u + 8u + 8u + 4u)
#define SOURCES_AT_FIRST 16u

/* Written out byte by byte: compilers make one store of each of these, of a loop they do not. */
static void put_le32(unsigned char *to, uint32_t v)
{
    to[0] = (unsigned char)v;
    to[1] = (unsigned char)(v >> 8);
    to[2] = (unsigned char)(v >> 16);
    to[3] = (unsigned char)(v >> 24);
}

static void put_le64(unsigned char *to, uint64_t v)
{
    put_le32(to, (uint32_t)v);
    put_le32(to + 4, (uint32_t)(v >> 32));
}

static void flush(struct trace *t)
{
    hash_update(&t->hash, t->pending, t->pending_len);
    t->pending_len = 0;
}

/* Appends the header of a record; there is room for it. */
static inline unsigned char *put_header(struct trace *t, uint64_t now_ns, unsigned kind,
                                        uint32_t source, uint64_t a, uint64_t b, size_t length)
{
    unsigned char *to = t->pending + t->pending_len;
    to[0] = (unsigned char)kind;
    to[1] = (unsigned char)(kind >> 8);
    put_le32(to + 2, source);
    put_le64(to + 6, now_ns);
    put_le64(to + 14, a);
    put_le64(to + 22, b);
    put_le32(to + 30, (uint32_t)length);
    t->pending_len += HEADER_BYTES;
    return to + HEADER_BYTES;
}

static inline bool has_room(const struct trace *t, size_t more)
{
    return t->pending_len + HEADER_BYTES + more <= TRACE_PENDING;
}

static void hash_record(struct trace *t, uint64_t now_ns, unsigned kind, uint32_t source,
                        uint64_t a, uint64_t b, const void *bytes, size_t length)
{
    bool alone = length > TRACE_PENDING / 2;
    if (!has_room(t, alone ? 0 : length))
        flush(t);
    unsigned char *to = put_header(t, now_ns, kind, source, a, b, length);
    if (alone) {
        flush(t);
        hash_update(&t->hash, bytes, length);
        return;
    }
    t->pending_len += (uint32_t)length;
    if (length > 0)
        memcpy(to, bytes, length);
}

/* Any record. Not inline: what few records need would cost all of them saved registers. */
static __attribute__((noinline)) void emit(struct trace *t, uint64_t now_ns, enum trace_kind kind,
                                           uint32_t source, uint64_t a, uint64_t b,
                                           const void *bytes, size_t length)
{
    if (kind != TRACE_RANDOM) {
        hash_record(t, now_ns, kind, source, a, b, bytes, length);
        t->records++;
    }
    if (trace_sink_wanted)
        trace_sink_write(t, now_ns, kind, source, a, b, bytes, length);
}

/* Most records only wait to be hashed: nothing is called for them but, at the end, memcpy(). */
void trace_emit(struct trace *t, uint64_t now_ns, enum trace_kind kind, uint32_t source,
                uint64_t a, uint64_t b, const void *bytes, size_t length)
{
    assert(source <= t->sources && kind < TRACE_KINDS && length <= UINT32_MAX);
    if (kind == TRACE_RANDOM || trace_sink_wanted || length > TRACE_PENDING / 2 ||
        !has_room(t, length)) {
        emit(t, now_ns, kind, source, a, b, bytes, length);
        return;
    }
    unsigned char *to = put_header(t, now_ns, kind, source, a, b, length);
    t->pending_len += (uint32_t)length;
    t->records++;
    if (length > 0)
        memcpy(to, bytes, length);
}

void trace_refer(struct trace *t, uint64_t now_ns, enum trace_kind kind, uint32_t source,
                 uint64_t a, uint64_t b, uint64_t told, const void *bytes, size_t length)
{
    assert(source <= t->sources && kind < TRACE_KINDS && length <= UINT32_MAX);
    if (!has_room(t, sizeof told))
        flush(t);
    unsigned char *to =
        put_header(t, now_ns, (unsigned)kind | KIND_REFERS, source, a, b, length);
    put_le64(to, told);
    t->pending_len += (uint32_t)sizeof told;
    t->records++;
    if (trace_sink_wanted)
        trace_sink_write(t, now_ns, kind, source, a, b, bytes, length);
}

struct trace *trace_new(void)
{
    struct trace *t = arena_calloc(sizeof *t);
    if (t != NULL)
        hash_init(&t->hash);
    return t;
}

void trace_free(struct trace *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->sources; i++)
        arena_free(t->names[i], strlen(t->names[i]) + 1u);
    arena_free(t->names, t->room * sizeof *t->names);
    arena_free(t, sizeof *t);
}

static bool make_room(struct trace *t)
{
    if (t->sources < t->room)
        return true;
    uint32_t room = t->room == 0 ? SOURCES_AT_FIRST : 2u * t->room;
    char **names = arena_alloc(room * sizeof *names);
    if (names == NULL)
        return false;
    if (t->sources > 0)
        memcpy(names, t->names, t->sources * sizeof *names);
    arena_free(t->names, t->room * sizeof *names);
    t->names = names;
    t->room = room;
    return true;
}

uint32_t trace_source(struct trace *t, const char *name)
{
    size_t length = strlen(name);

    if (!make_room(t))
        return 0;
    char *copy = arena_alloc(length + 1u);
    if (copy == NULL)
        return 0;
    memcpy(copy, name, length + 1u);
    t->names[t->sources++] = copy;
    hash_record(t, 0, KIND_SOURCE, t->sources, 0, 0, name, length);
    return t->sources;
}

const char *trace_source_name(const struct trace *t, uint32_t source)
{
    assert(source <= t->sources);
    return source == 0 ? "" : t->names[source - 1u];
}

void trace_hash(struct trace *t, char hex[33])
{
    flush(t); /* when it is done makes no difference to the hash */
    hash_hex(hash_value(&t->hash), hex);
}

uint64_t trace_records(const struct trace *t)
{
    return t->records;
}
