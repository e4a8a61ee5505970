/* sim/trace_sink.c: trace records as JSON lines, for people and tools. Contract: sim/trace.h.
 *
 * The file lies outside the world, the world only knows how far it was written (`sink_end`).
 * Positions count from an origin that is moved when a world arrives which was written further than
 * this file (a snapshot from another process, or one taken before a rewind): its next record then
 * follows the file's end. */
#include "sim/trace_state.h"

#include <inttypes.h>
#include <unistd.h>

static const char *const kind_names[TRACE_KINDS] = {
    [TRACE_FRAME_TX] = "frame_tx",       [TRACE_FRAME_RX] = "frame_rx",
    [TRACE_FRAME_DROP] = "frame_drop",   [TRACE_IMPAIR] = "impair",
    [TRACE_STACK_DROP] = "stack_drop",   [TRACE_STACK_EVENT] = "stack_event",
    [TRACE_LINK] = "link",               [TRACE_APP] = "app",
    [TRACE_CONTROL] = "control",         [TRACE_RANDOM] = "random",
    [TRACE_DEVICE] = "device",
};

/* What belongs to this process and not to the world. */
static struct {
    FILE *out;
    trace_explain_fn *explain;
    void *ctx;
    off_t start;     /* file offset when the sink was set; < 0: cannot seek */
    uint64_t origin; /* the position that lies at `start` */
    uint64_t end;    /* the position at the file's end */
} sink;

bool trace_sink_wanted;

const char *trace_kind_name(enum trace_kind kind)
{
    return kind < TRACE_KINDS ? kind_names[kind] : "unknown";
}

void trace_sink_set(FILE *out, trace_explain_fn *explain, void *ctx)
{
    sink.out = out;
    sink.explain = explain;
    sink.ctx = ctx;
    sink.start = out == NULL ? -1 : ftello(out);
    sink.origin = sink.end = 0;
    trace_sink_wanted = out != NULL;
}

bool trace_sink_failed(void)
{
    return sink.out != NULL && !trace_sink_wanted;
}

static void cut_back(uint64_t position)
{
    uint64_t kept = position > sink.origin ? position - sink.origin : 0;
    off_t offset = sink.start + (off_t)kept;

    if (fflush(sink.out) != 0 || ftruncate(fileno(sink.out), offset) != 0 ||
        fseeko(sink.out, offset, SEEK_SET) != 0)
        trace_sink_wanted = false;
    sink.origin = position - kept;
    sink.end = position;
}

static void follow_world(const struct trace *t)
{
    if (t->sink_end > sink.end) {
        sink.origin += t->sink_end - sink.end;
        sink.end = t->sink_end;
    } else if (t->sink_end < sink.end) {
        cut_back(t->sink_end);
    }
}

static void print_string(const char *text)
{
    putc('"', sink.out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(sink.out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(sink.out, "\\u%04x", *c);
        else
            putc(*c, sink.out);
    }
    putc('"', sink.out);
}

static void print_bytes(const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    fputs(", \"bytes\": \"", sink.out);
    for (size_t i = 0; i < length; i++) {
        putc(digits[bytes[i] >> 4], sink.out);
        putc(digits[bytes[i] & 15u], sink.out);
    }
    putc('"', sink.out);
}

void trace_sink_write(struct trace *t, uint64_t now_ns, enum trace_kind kind, uint32_t source,
                      uint64_t a, uint64_t b, const void *bytes, size_t length)
{
    if (sink.start >= 0)
        follow_world(t);
    fprintf(sink.out, "{\"t\": %" PRIu64 ", \"kind\": \"%s\", \"source\": ", now_ns,
            trace_kind_name(kind));
    print_string(trace_source_name(t, source));
    fprintf(sink.out, ", \"a\": %" PRIu64 ", \"b\": %" PRIu64, a, b);
    if (sink.explain != NULL)
        sink.explain(sink.ctx, kind, a, b, sink.out);
    if (length > 0)
        print_bytes(bytes, length);
    fputs("}\n", sink.out);
    if (fflush(sink.out) != 0)
        trace_sink_wanted = false;
    if (sink.start >= 0) {
        sink.end = sink.origin + (uint64_t)(ftello(sink.out) - sink.start);
        t->sink_end = sink.end;
    }
}
