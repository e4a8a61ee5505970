/* harness/runner/replay.c: a recording is fed to a new world; the trace hash tells whether it was
 * the same run. Needs no controller: its answers are in the recording. */
#include "harness/control/recording.h"
#include "harness/control/session.h"
#include "harness/host/fatal.h"
#include "harness/host/world.h"
#include "harness/runner/cli.h"
#include "sim/build_id.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replay {
    struct recording recording;
    struct session *session;
    const char *path;
};

/* A short recording is one of a crash: everything that is left has been replayed. */
static int tell_unfinished(const struct replay *p)
{
    char hash[33];
    trace_hash(session_sim(p->session)->trace, hash);
    printf("%s\n", hash);
    fflush(stdout);
    fprintf(stderr, "lockwire-sim: %s: the recorded run ended without a trace hash (it crashed or "
            "was stopped); replayed up to its end without a crash, at %llu ns\n", p->path,
            (unsigned long long)session_sim(p->session)->now_ns);
    return EXIT_DIFFERS;
}

/* What was found at the run's end is said again; nobody listens to anything else. */
static void tell_problems(const struct replay *p, const char *reply, size_t len)
{
    json_t *json = json_loadb(reply, len, 0, NULL);
    const json_t *problem, *problems = json_object_get(json, "problems");
    size_t i;
    json_array_foreach(problems, i, problem)
        fprintf(stderr, "lockwire-sim: %s: %s\n", p->path, json_string_value(problem));
    json_decref(json);
}

static void send_message(void *ctx, const void *bytes, size_t len)
{
    const struct replay *p = ctx;
    const char *message = bytes;
    if (message[0] == 'R' && p->session->finished)
        tell_problems(p, message + 1, len - 1);
}

static size_t receive_message(void *ctx, void *buffer, size_t room)
{
    struct replay *p = ctx;
    size_t len;
    const uint8_t *record = recording_next(&p->recording, &len);
    if (record == NULL) {
        int status = tell_unfinished(p);
        fflush(NULL);
        _exit(status);
    }
    if (len > room)
        fatal(FATAL_PROTOCOL, "a message of %zu bytes, more than %zu", len, room);
    memcpy(buffer, record, len);
    return len;
}

/* The file's bytes stand behind the command that names it. */
static uint8_t *read_file(void *ctx, const char *path, size_t *len, const char **why)
{
    struct replay *p = ctx;
    size_t at = p->recording.at;
    uint32_t check = p->recording.check;
    (void)path;
    const uint8_t *record = recording_next(&p->recording, len);
    uint8_t *bytes = NULL;
    *why = "it could not be read when this was recorded";
    if (record != NULL && record[0] == 'B')
        bytes = malloc(*len);
    if (bytes == NULL) {
        p->recording.at = at;
        p->recording.check = check;
        return NULL;
    }
    *len -= 1;
    memcpy(bytes, record + 1, *len);
    return bytes;
}

/* The kernel's part is in the recording: whether a TAP was opened, and what it brought. What is
 * sent to it is let go. */
static bool open_tap(void *ctx, const struct session_tap *tap, char *why, size_t room)
{
    struct replay *p = ctx;
    struct recording ahead = p->recording;
    struct recorded_tap t;
    size_t len;
    const uint8_t *record = recording_next(&ahead, &len);
    bool opened = record != NULL && len == RECORD_TAP_HEAD && recorded_tap_get(record, len, &t) &&
                  t.port == tap->port;
    if (opened)
        p->recording = ahead;
    else
        snprintf(why, room, "it could not be opened when this was recorded");
    return opened;
}

static void close_tap(void *ctx, uint32_t port)
{
    (void)ctx;
    (void)port;
}

static void write_tap(void *ctx, uint32_t port, const void *bytes, size_t len)
{
    (void)ctx;
    (void)port;
    (void)bytes;
    (void)len;
}

static void count_tap(void *ctx, uint32_t port, struct session_tap_counts *counts)
{
    (void)ctx;
    (void)port;
    *counts = (struct session_tap_counts){0};
}

static void rebind(void *ctx, struct sim *sim)
{
    (void)ctx;
    (void)sim; /* session_sim() is asked each time */
}

static void die(void *ctx, enum fatal_kind kind, const char *text)
{
    const struct replay *p = ctx;
    fflush(NULL);
    fprintf(stderr, "lockwire-sim: %s: the replayed run ended: %s: %s\n", p->path,
            fatal_kind_name(kind), text);
    _exit(EXIT_FATAL);
}

static bool open_recording(struct replay *p)
{
    bool good = recording_open(&p->recording, p->path) && recording_verify(&p->recording);
    if (!good)
        fprintf(stderr, "lockwire-sim: %s is not a whole recording: %s\n", p->path,
                p->recording.error);
    return good;
}

static bool open_session(struct replay *p, const struct cli *c)
{
    struct session_config config = {.seed = p->recording.seed, .memory_bytes = c->memory_bytes,
        .paths_overridden = true, .capture = c->capture, .trace = c->trace};
    struct session_carrier carrier = {.ctx = p, .send = send_message, .receive = receive_message,
                                      .read_file = read_file, .rebind = rebind,
                                      .tap_open = open_tap, .tap_close = close_tap,
                                      .tap_write = write_tap, .tap_counts = count_tap};
    const char *why;
    p->session = session_new(&config, &carrier, &why);
    if (p->session == NULL)
        fprintf(stderr, "lockwire-sim: the world cannot be made: %s\n", why);
    return p->session != NULL;
}

/* Whether the present advance was spoken to by a TAP, and when. What was asked and answered until
 * then stands before it. */
static bool tap_ahead(const struct replay *p, struct recorded_tap *t)
{
    struct recording ahead = p->recording;
    const uint8_t *record;
    size_t len;
    do
        record = recording_next(&ahead, &len);
    while (record != NULL && record[0] == 'p');
    return record != NULL && recorded_tap_get(record, len, t) && len > RECORD_TAP_HEAD &&
           t->t_ns >= session_sim(p->session)->now_ns && t->t_ns <= session_until(p->session);
}

/* The world is where the live one was when the frame came. */
static void take_tap(struct replay *p)
{
    size_t len;
    struct recorded_tap t;
    const uint8_t *record = recording_next(&p->recording, &len);
    if (record == NULL || !recorded_tap_get(record, len, &t) ||
        vector_get(&p->session->world->ports, t.port) == NULL)
        fatal(FATAL_PROTOCOL, "a TAP's frame was expected here: the run went another way");
    session_tap_frame(p->session, t.port, record + RECORD_TAP_HEAD, len - RECORD_TAP_HEAD);
}

static void feed(struct replay *p, const uint8_t *record, size_t len)
{
    enum session_want want = session_hear(p->session, record, len);
    while (want == SESSION_RUN) {
        struct sim *sim = session_sim(p->session);
        struct recorded_tap t;
        bool tap = tap_ahead(p, &t);
        enum sim_stop why = sim_run(sim, tap ? t.t_ns : session_until(p->session), UINT64_MAX);
        if (tap && why != SIM_INTERRUPTED)
            take_tap(p);
        else
            want = session_ran(p->session, why);
    }
}

static bool same_build(const struct recording *r)
{
    uint8_t id[BUILD_ID_MAX];
    size_t len = build_id_get(id);
    return len == r->build_len && memcmp(id, r->build, len) == 0;
}

static int compare(const struct replay *p, const uint8_t *recorded)
{
    if (!p->session->finished) {
        fprintf(stderr, "lockwire-sim: %s: the recording has a trace hash but no finish\n",
                p->path);
        return EXIT_USAGE_ERROR;
    }
    printf("%s\n", p->session->hash);
    if (memcmp(p->session->hash, recorded, 32) == 0)
        return EXIT_OK;
    fprintf(stderr, "lockwire-sim: %s: the trace hash differs: recorded %.32s, got %s%s\n", p->path,
            (const char *)recorded, p->session->hash,
            same_build(&p->recording) ? " (from the same build)" : " (recorded by another build)");
    return EXIT_DIFFERS;
}

/* What a TAP brought belongs into the advance before it, which is over here. */
static int tell_astray(const struct replay *p)
{
    fprintf(stderr, "lockwire-sim: %s: a frame came in by a TAP when the replayed run, at %llu ns, "
            "took none: it went another way\n", p->path,
            (unsigned long long)session_sim(p->session)->now_ns);
    return EXIT_DIFFERS;
}

static int run(struct replay *p)
{
    const uint8_t *record;
    size_t len;
    while ((record = recording_next(&p->recording, &len)) != NULL) {
        if (record[0] == 'H')
            return compare(p, record + 1);
        if (record[0] == 'T')
            return tell_astray(p);
        if (record[0] == 'B')
            continue; /* of a command that was refused before it looked at the file */
        feed(p, record, len);
    }
    if (p->session->finished) {
        printf("%s\n", p->session->hash);
        fprintf(stderr, "lockwire-sim: %s: the recorded run was stopped before its trace hash was "
                "written\n", p->path);
        return EXIT_DIFFERS;
    }
    return tell_unfinished(p);
}

int replay_main(const struct cli *c)
{
    struct replay p = {.path = c->replay};
    fatal_handler_set(die, &p);
    int status = EXIT_USAGE_ERROR;
    if (open_recording(&p) && open_session(&p, c)) {
        status = run(&p);
        session_free(p.session);
    }
    recording_close(&p.recording);
    return status;
}
