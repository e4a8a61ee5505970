/* harness/control/ops_world.c: the run as a whole: beginning, snapshots, checks, end. */
#define _GNU_SOURCE
#include "harness/check/oracle.h"
#include "harness/check/plant.h"
#include "harness/control/explain.h"
#include "harness/control/ops.h"
#include "harness/control/recording.h"
#include "harness/control/session.h"
#include "harness/firmware/process.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "sim/build_id.h"
#include "vnet/capture.h"
#include "vnet/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROTOCOL_VERSION 1u

static void reply_build(struct request *r)
{
    uint8_t id[BUILD_ID_MAX];
    size_t len = build_id_get(id);
    reply_hex(r, "build", id, (uint32_t)len);
}

static void open_trace(struct request *r, const char *path)
{
    struct session *s = r->session;
    if (path == NULL)
        return;
    s->trace_file = fopen(path, "we");
    if (s->trace_file == NULL)
        request_fail(r, "limit", "the trace file %.300s cannot be created: %s", path,
                     strerror(errno));
    else
        trace_sink_set(s->trace_file, explain_record, NULL);
}

void op_hello(struct request *r)
{
    struct session *s = r->session;
    uint64_t version = request_u64(r, "version", 0, UINT32_MAX);
    const char *capture = request_text_or(r, "capture", NULL);
    const char *trace = request_text_or(r, "trace", NULL);
    if (s->config.paths_overridden) {
        capture = s->config.capture;
        trace = s->config.trace;
    }
    if (request_ok(r) && version != PROTOCOL_VERSION)
        request_fail(r, "usage", "version %" PRIu64 " of the protocol is not spoken here, only %u",
                     version, PROTOCOL_VERSION);
    if (request_ok(r) && s->greeted)
        request_fail(r, "usage", "said already");
    if (!request_ok(r))
        return;
    open_trace(r, trace);
    if (!request_ok(r))
        return;
    char comment[64];
    snprintf(comment, sizeof comment, "lockwire, seed %" PRIu64, s->config.seed);
    r->world->capture = capture_open(r->world->sim, capture, comment);
    if (r->world->capture == NULL) {
        request_fail(r, "limit", "the capture file %.300s cannot be created: %s",
                     capture != NULL ? capture : "", strerror(errno));
        return;
    }
    s->capture_path = capture != NULL ? strdup(capture) : NULL;
    s->greeted = true;
    reply_int(r, "version", PROTOCOL_VERSION);
    reply_build(r);
    reply_int(r, "now", r->world->sim->now_ns);
}

void op_clock(struct request *r)
{
    reply_int(r, "now", r->world->sim->now_ns);
    reply_int(r, "events", r->world->sim->events);
    reply_int(r, "frames", world_frames(r->world));
    char hash[33];
    trace_hash(r->world->sim->trace, hash);
    reply_text(r, "trace", hash);
}

void op_check(struct request *r)
{
    char text[400];
    reply_text(r, "problem", oracle_check(r->world, text, sizeof text) ? text : NULL);
}

void op_limits(struct request *r)
{
    struct storm_limits limit = r->world->storm.limit;
    limit.instant = request_u64_or(r, "storm_instant", 1, INT64_MAX, limit.instant);
    limit.second = request_u64_or(r, "storm_second", 1, INT64_MAX, limit.second);
    if (!request_ok(r))
        return;
    r->world->storm.limit = limit;
    reply_int(r, "storm_instant", limit.instant);
    reply_int(r, "storm_second", limit.second);
}

void op_plant(struct request *r)
{
    const char *kind = request_text(r, "kind");
    struct host *h = request_host(r);
    if (request_ok(r) && h->interfaces == NULL)
        request_fail(r, "usage", "host %s has no interface", h->name);
    if (request_ok(r) && !plant_bug(h, kind))
        request_fail(r, "usage", "there is no bug \"%.60s\" to plant, only %s", kind,
                     plant_kinds());
}

/* Snapshots. Their table is the session's: a restored world does not know of later ones. */

static void refuse_with_tap(struct request *r)
{
    if (r->session->tap_count > 0)
        request_fail(r, "usage", "there is a TAP in this world, and the kernel behind it cannot go "
                     "back in time");
}

void op_snapshot(struct request *r)
{
    struct session *s = r->session;
    refuse_with_tap(r);
    if (!request_ok(r))
        return;
    if (s->snapshot_count == SESSION_SNAPSHOTS_MAX) {
        request_fail(r, "limit", "there are %u snapshots, more are not kept", s->snapshot_count);
        return;
    }
    struct arena_snapshot *snapshot = arena_snapshot_take();
    if (snapshot == NULL) {
        request_fail(r, "limit", "no memory for a snapshot");
        return;
    }
    s->snapshots[s->snapshot_count++] = snapshot;
    reply_int(r, "snapshot", s->snapshot_count);
    reply_int(r, "bytes", arena_snapshot_bytes(snapshot));
}

static void restore(struct session *s, const struct arena_snapshot *snapshot)
{
    arena_snapshot_restore(snapshot);
    process_forget();
    s->world = arena_root();
    s->carrier.rebind(s->carrier.ctx, s->world->sim);
}

void op_restore(struct request *r)
{
    struct session *s = r->session;
    uint64_t id = request_u64(r, "snapshot", 1, UINT32_MAX);
    if (request_ok(r) && id > s->snapshot_count)
        request_fail(r, "usage", "there is no snapshot %" PRIu64, id);
    refuse_with_tap(r);
    if (!request_ok(r))
        return;
    restore(s, s->snapshots[id - 1]);
    capture_sync(s->world->capture);
    reply_int(r, "now", s->world->sim->now_ns);
}

void op_snapshot_save(struct request *r)
{
    const char *path = request_text(r, "path");
    refuse_with_tap(r);
    if (!request_ok(r))
        return;
    /* A replay writes no files, but what can go wrong shall go wrong. */
    int fd = r->session->config.paths_overridden
                 ? memfd_create("lockwire-snapshot", MFD_CLOEXEC)
                 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        request_fail(r, "limit", "%.300s cannot be created: %s", path, strerror(errno));
        return;
    }
    struct arena_snapshot *snapshot = arena_snapshot_take();
    const char *why = "no memory for a snapshot";
    if (snapshot == NULL || !arena_snapshot_write(snapshot, fd, &why))
        request_fail(r, "limit", "%.300s cannot be written: %s", path, why);
    arena_snapshot_free(snapshot);
    if (close(fd) != 0 && request_ok(r))
        request_fail(r, "limit", "%.300s cannot be written: %s", path, strerror(errno));
}

/* The file's bytes go into the recording: a replay needs no file. */
static struct arena_snapshot *load(struct request *r, const char *path)
{
    struct session *s = r->session;
    const char *why = "no memory";
    size_t len;
    uint8_t *bytes = s->carrier.read_file(s->carrier.ctx, path, &len, &why);
    struct arena_snapshot *snapshot = NULL;
    int fd = bytes != NULL ? memfd_create("lockwire-snapshot", MFD_CLOEXEC) : -1;
    size_t done = 0;
    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, bytes + done, len - done);
        if (n < 0)
            break;
        done += (size_t)n;
    }
    if (fd >= 0 && done == len && lseek(fd, 0, SEEK_SET) == 0)
        snapshot = arena_snapshot_read(fd, &why);
    if (fd >= 0)
        close(fd);
    free(bytes);
    if (snapshot == NULL)
        request_fail(r, "usage", "%.300s cannot be loaded: %s", path, why);
    return snapshot;
}

void op_snapshot_load(struct request *r)
{
    struct session *s = r->session;
    const char *path = request_text(r, "path");
    const char *capture = s->capture_path;
    refuse_with_tap(r);
    struct arena_snapshot *snapshot = request_ok(r) ? load(r, path) : NULL;
    if (snapshot == NULL)
        return;
    capture_close(s->world->capture);
    s->world->capture = NULL;
    restore(s, snapshot);
    arena_snapshot_free(snapshot);
    r->world = s->world;
    if (capture != NULL && !capture_reopen(s->world->capture, capture))
        request_fail(r, "limit", "the capture file %.300s cannot be created: %s", capture,
                     strerror(errno));
    reply_int(r, "now", s->world->sim->now_ns);
}

/* The end. */

static void add_problem(void *ctx, const char *problem)
{
    json_array_append_new(ctx, json_string(problem));
}

static json_t *unfired(const struct world *w)
{
    json_t *ids = json_array();
    for (uint32_t id = 1; id <= w->faults.count; id++) {
        const struct rule *rule = vector_get(&w->faults, id);
        if (rule != NULL && rule->must_fire && fault_fired(rule->fault) == 0)
            json_array_append_new(ids, json_integer(id));
    }
    return ids;
}

void op_finish(struct request *r)
{
    struct session *s = r->session;
    struct world *w = r->world;
    json_t *problems = json_array();
    trace_hash(w->sim->trace, s->hash);
    reply_text(r, "trace", s->hash);
    reply_int(r, "now", w->sim->now_ns);
    reply_int(r, "events", w->sim->events);
    reply_int(r, "frames", world_frames(w));
    reply_json(r, "unfired", unfired(w));
    oracle_finish(w, add_problem, problems);
    s->world = NULL;
    r->world = NULL;
    s->finished = true;
    struct recorder *recorder = s->config.recorder;
    if (recorder != NULL) {
        recorder_put_typed(recorder, 'H', s->hash, 32);
        if (recorder_error(recorder) != 0) {
            char text[200];
            snprintf(text, sizeof text, "recording: it could not be written: %s",
                     strerror(recorder_error(recorder)));
            add_problem(problems, text);
        }
    }
    if (s->trace_file != NULL && trace_sink_failed())
        add_problem(problems, "trace: the file could not be written");
    reply_json(r, "problems", problems);
}
