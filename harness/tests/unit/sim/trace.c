/* The trace: the hash against an encoder of this test's own, and the JSON sink. */
#include "sim/trace.h"

#include "sim/arena.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- the record format a second time, from trace.h's words ---- */

struct record_log {
    unsigned char bytes[1 << 16];
    size_t len;
};

static void log_number(struct record_log *log, uint64_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value /= 256)
        log->bytes[log->len++] = (unsigned char)(value % 256);
}

static void log_record(struct record_log *log, unsigned kind, uint32_t source, uint64_t t_ns,
                       uint64_t a, uint64_t b, const void *bytes, size_t length)
{
    log_number(log, kind, 2);
    log_number(log, source, 4);
    log_number(log, t_ns, 8);
    log_number(log, a, 8);
    log_number(log, b, 8);
    log_number(log, length, 4);
    if (length > 0)
        memcpy(log->bytes + log->len, bytes, length);
    log->len += length;
}

static void check_hash(struct trace *t, const struct record_log *log)
{
    char hex[33], expected[33];
    XXH128_hash_t h = XXH3_128bits(log->bytes, log->len);

    snprintf(expected, sizeof expected, "%016llx%016llx", (unsigned long long)h.high64,
             (unsigned long long)h.low64);
    trace_hash(t, hex);
    CHECKF(strcmp(hex, expected) == 0, "%s, expected %s", hex, expected);
}

static struct trace *new_trace(void)
{
    CHECK(arena_open((size_t)1 << 20));
    struct trace *t = trace_new();
    CHECK(t != NULL);
    return t;
}

UNIT(trace, empty_trace_has_the_hash_of_nothing)
{
    struct trace *t = new_trace();
    char hex[33];

    trace_hash(t, hex);
    CHECK(strcmp(hex, "99aa06d3014798d86001c324468d497f") == 0);
    CHECK_INT(trace_records(t), 0);
}

UNIT(trace, every_record_enters_the_hash_as_documented)
{
    static struct record_log log;
    struct trace *t = new_trace();
    unsigned char frame[1514];

    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (unsigned char)(i * 7);
    CHECK_INT(trace_source(t, "lan/a"), 1);
    log_record(&log, 0xffff, 1, 0, 0, 0, "lan/a", 5);
    CHECK_INT(trace_source(t, ""), 2);
    log_record(&log, 0xffff, 2, 0, 0, 0, "", 0);
    check_hash(t, &log);
    unsigned hashed = 0;
    for (unsigned i = 0; i < 60; i++) {
        enum trace_kind kind = (enum trace_kind)(i % TRACE_KINDS);
        size_t length = i % 3 == 0 ? 0 : (size_t)i * 25;
        uint64_t a = (uint64_t)i << 56 | i, b = UINT64_MAX - i, now = (uint64_t)i * i * 1000000007;
        trace_emit(t, now, kind, i % 3, a, b, frame, length);
        if (kind != TRACE_RANDOM) {
            log_record(&log, kind, i % 3, now, a, b, frame, length);
            hashed++;
        }
        check_hash(t, &log);
    }
    CHECK_INT(trace_records(t), hashed);
    CHECK_INT(hashed, 60 - 5); /* TRACE_RANDOM is the tenth of eleven kinds */
}

/* Records wait in a buffer: of every length that leaves it nearly full, full, or too small. */
UNIT(trace, hash_does_not_depend_on_when_it_is_asked_for)
{
    static unsigned char frame[9216];

    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (unsigned char)(i * 13);
    for (size_t length = 900; length <= 2200; length += 1) {
        struct record_log *log = calloc(1, sizeof *log);
        struct trace *t = new_trace();
        for (unsigned i = 0; i < 5; i++) {
            trace_emit(t, i, TRACE_FRAME_TX, 0, i, 0, frame, length);
            log_record(log, TRACE_FRAME_TX, 0, i, i, 0, frame, length);
        }
        check_hash(t, log);
        arena_close();
        free(log);
    }
}

UNIT(trace, reference_hashes_the_number_in_place_of_the_bytes)
{
    static struct record_log log;
    struct trace *t = new_trace();
    const uint64_t told = UINT64_C(0x0102030405060708);

    for (unsigned i = 0; i < 100; i++) { /* more than the buffer holds */
        unsigned char *at;
        trace_refer(t, 7 * i, TRACE_FRAME_RX, 0, i, 3, told + i, "the frame", 9);
        log_record(&log, TRACE_FRAME_RX | 0x100, 0, 7 * i, i, 3, NULL, 0);
        at = log.bytes + log.len - 4;
        memcpy(at, "\x09\0\0\0", 4); /* its length stays the frame's */
        log_number(&log, told + i, 8);
    }
    check_hash(t, &log);
    CHECK_INT(trace_records(t), 100);
}

static struct trace *emit_fixed_set(void)
{
    struct trace *t = new_trace();
    uint32_t a = trace_source(t, "lan/a"), b = trace_source(t, "lan/b");

    trace_emit(t, 0, TRACE_LINK, a, 1, 0, NULL, 0);
    trace_emit(t, 5760, TRACE_FRAME_TX, a, 1, 0, "\x02\x00\x00\x00\x00\x01 frame", 12);
    trace_emit(t, 11520, TRACE_FRAME_RX, b, 1, 0, "\x02\x00\x00\x00\x00\x01 frame", 12);
    trace_emit(t, UINT64_MAX, TRACE_APP, 0, UINT64_MAX, 0, "done", 4);
    return t;
}

UNIT(trace, fixed_set_has_the_pinned_hash)
{
    char hex[33];

    trace_hash(emit_fixed_set(), hex);
    CHECKF(strcmp(hex, "e878a08d50abdfec082eeaaa342a527a") == 0, "%s", hex);
}

UNIT(trace, random_draws_are_neither_hashed_nor_counted)
{
    struct trace *t = emit_fixed_set();
    char before[33], after[33];

    trace_hash(t, before);
    trace_emit(t, 1, TRACE_RANDOM, 1, 99, 0, NULL, 0);
    trace_hash(t, after);
    CHECK(strcmp(before, after) == 0);
    CHECK_INT(trace_records(t), 4);
}

UNIT(trace, any_changed_field_changes_the_hash)
{
    char hex[8][33];

    for (unsigned changed = 0; changed < 8; changed++) {
        struct trace *t = new_trace();
        trace_source(t, changed == 7 ? "y" : "x");
        trace_emit(t, changed == 1, changed == 2 ? TRACE_LINK : TRACE_APP, changed == 3,
                   changed == 4, changed == 5, "ab", changed == 6 ? 1 : 2);
        trace_hash(t, hex[changed]);
        for (unsigned other = 0; other < changed; other++)
            CHECKF(strcmp(hex[changed], hex[other]) != 0, "changes %u and %u", changed, other);
        arena_close();
    }
}

UNIT(trace, source_names_are_copied_and_found_again)
{
    struct trace *t = new_trace();
    char name[32];

    CHECK(strcmp(trace_source_name(t, 0), "") == 0);
    for (uint32_t i = 1; i <= 1000; i++) {
        snprintf(name, sizeof name, "segment/host%u", i);
        CHECK_INT(trace_source(t, name), i);
    }
    for (uint32_t i = 1; i <= 1000; i++) {
        snprintf(name, sizeof name, "segment/host%u", i);
        CHECK(strcmp(trace_source_name(t, i), name) == 0);
    }
    CHECK_INT(trace_source(t, name), 1001); /* names need not be unique */
    trace_free(t);
    CHECK_INT(arena_allocated(), 0);
}

UNIT(trace, source_without_room_gives_zero_and_leaves_the_hash)
{
    struct trace *t = new_trace();
    char before[33], after[33];

    trace_hash(t, before);
    for (uint64_t n = 1; n <= 2; n++) { /* the table, then the name */
        arena_fail_nth(n);
        CHECK_INT(trace_source(t, "x"), 0);
        arena_fail_nth(0);
    }
    trace_hash(t, after);
    CHECK(strcmp(before, after) == 0);
    CHECK_INT(trace_source(t, "x"), 1);
}

/* ---- the sink ---- */

static void read_back(FILE *f, char *text, size_t room)
{
    long at = ftell(f);
    rewind(f);
    text[fread(text, 1, room - 1, f)] = '\0';
    fseek(f, at, SEEK_SET);
}

static void explain_drop(void *ctx, enum trace_kind kind, uint64_t a, uint64_t b, FILE *out)
{
    (void)b;
    if (kind == TRACE_FRAME_DROP)
        fprintf(out, ", \"reason\": \"%s%llu\"", (const char *)ctx, (unsigned long long)a);
}

UNIT(trace, sink_changes_neither_hash_nor_count)
{
    char without[33], with[33];
    trace_hash(emit_fixed_set(), without);
    arena_close();

    FILE *out = tmpfile();
    CHECK(out != NULL);
    trace_sink_set(out, NULL, NULL);
    struct trace *t = emit_fixed_set();
    trace_hash(t, with);
    CHECK(strcmp(without, with) == 0);
    CHECK_INT(trace_records(t), 4);
    CHECK(ftell(out) > 0);
    trace_sink_set(NULL, NULL, NULL);
    fclose(out);
}

UNIT(trace, sink_writes_one_json_object_per_line)
{
    FILE *out = tmpfile();
    char text[2048];

    trace_sink_set(out, explain_drop, (void *)(uintptr_t)"full");
    struct trace *t = new_trace();
    trace_source(t, "a\"b\\\n/eth0");
    trace_emit(t, 7, TRACE_FRAME_DROP, 1, 3, 4, "\x00\xff\x1a", 3);
    trace_emit(t, UINT64_MAX, TRACE_CONTROL, 0, 0, UINT64_MAX, NULL, 0);
    trace_emit(t, 8, TRACE_RANDOM, 1, 5, 0, NULL, 0);
    read_back(out, text, sizeof text);
    static const char expected[] =
        "{\"t\": 7, \"kind\": \"frame_drop\", \"source\": \"a\\\"b\\\\\\u000a/eth0\", \"a\": 3, "
        "\"b\": 4, \"reason\": \"full3\", \"bytes\": \"00ff1a\"}\n"
        "{\"t\": 18446744073709551615, \"kind\": \"control\", \"source\": \"\", \"a\": 0, "
        "\"b\": 18446744073709551615}\n"
        "{\"t\": 8, \"kind\": \"random\", \"source\": \"a\\\"b\\\\\\u000a/eth0\", \"a\": 5, "
        "\"b\": 0}\n";
    CHECKF(strcmp(text, expected) == 0, "%.300s", text);
    trace_sink_set(NULL, NULL, NULL);
    fclose(out);
}

UNIT(trace, restore_cuts_the_sink_back)
{
    FILE *out = tmpfile();
    char text[1024];

    fputs("kept\n", out);
    trace_sink_set(out, NULL, NULL);
    struct trace *t = new_trace();
    trace_emit(t, 1, TRACE_APP, 0, 0, 0, NULL, 0);
    struct arena_snapshot *s = arena_snapshot_take();
    trace_emit(t, 2, TRACE_APP, 0, 0, 0, NULL, 0);
    trace_emit(t, 3, TRACE_APP, 0, 0, 0, NULL, 0);
    for (unsigned i = 0; i < 2; i++) {
        arena_snapshot_restore(s);
        trace_emit(t, 4, TRACE_APP, 0, 0, 0, NULL, 0);
        read_back(out, text, sizeof text);
        CHECKF(strcmp(text,
                      "kept\n{\"t\": 1, \"kind\": \"app\", \"source\": \"\", \"a\": 0, \"b\": 0}\n"
                      "{\"t\": 4, \"kind\": \"app\", \"source\": \"\", \"a\": 0, \"b\": 0}\n") == 0,
               "%.300s", text);
    }
    arena_snapshot_free(s);
    trace_sink_set(NULL, NULL, NULL);
    fclose(out);
}

UNIT(trace, world_written_further_than_the_sink_goes_on_at_its_end)
{
    FILE *out = tmpfile();
    char text[1024];

    trace_sink_set(out, NULL, NULL);
    struct trace *t = new_trace();
    trace_emit(t, 1, TRACE_APP, 0, 0, 0, NULL, 0);
    FILE *second = tmpfile();
    trace_sink_set(second, NULL, NULL);
    struct arena_snapshot *s = arena_snapshot_take();
    for (unsigned i = 0; i < 2; i++) {
        trace_emit(t, 2, TRACE_APP, 0, 0, 0, NULL, 0);
        read_back(second, text, sizeof text);
        CHECKF(strcmp(text, "{\"t\": 2, \"kind\": \"app\", \"source\": \"\", \"a\": 0, \"b\": 0}\n")
               == 0, "%.300s", text);
        arena_snapshot_restore(s);
    }
    arena_snapshot_free(s);
    trace_sink_set(NULL, NULL, NULL);
    fclose(out);
    fclose(second);
}

UNIT(trace, full_disk_ends_the_sink_but_not_the_run)
{
    FILE *out = fopen("/dev/full", "w");
    char without[33], with[33];

    trace_hash(emit_fixed_set(), without);
    arena_close();
    CHECK(out != NULL);
    trace_sink_set(out, NULL, NULL);
    CHECK(!trace_sink_failed());
    trace_hash(emit_fixed_set(), with);
    CHECK(trace_sink_failed());
    CHECK(strcmp(without, with) == 0);
    trace_sink_set(NULL, NULL, NULL);
    fclose(out);
}

UNIT(trace, kind_names_are_distinct)
{
    for (int i = 0; i < TRACE_KINDS; i++)
        for (int j = 0; j < i; j++)
            CHECK(strcmp(trace_kind_name((enum trace_kind)i), trace_kind_name((enum trace_kind)j)));
    CHECK(strcmp(trace_kind_name(TRACE_STACK_EVENT), "stack_event") == 0);
}
