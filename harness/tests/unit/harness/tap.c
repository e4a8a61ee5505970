/* tap.c: the port whose other side is the kernel, with a socket pair in the kernel's place. */
#include "unit.h"

#include "client.h"
#include "harness/control/recording.h"
#include "harness/runner/bridge.h"
#include "vnet/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LATENCY_NS 50000u
#define WIRE_60_NS 5760u /* 60 octets, FCS and preamble at 100 Mbit/s */

/* A simulator in paced mode with a hub, on it the controller's port t (1) and a TAP (2), whose
 * other end is `outside`. */
struct bench {
    struct client *c;
    int outside;
};

static int open_pair(int *inherited)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    CHECK(fcntl(pair[0], F_SETFD, FD_CLOEXEC) == 0);
    *inherited = pair[1];
    return pair[0];
}

static void build(struct client *c)
{
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub', 'latency_ns': %u}",
              LATENCY_NS);
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
}

static struct bench start(const char *more, const char *value)
{
    struct bench b;
    int inherited;
    b.outside = open_pair(&inherited);
    b.c = client_spawn("--paced", more, value, NULL);
    build(b.c);
    CHECK_INT(client_do(b.c, "port", "{'op': 'tap', 'segment': 1, 'name': 'tap', 'fd': %d}",
                        inherited), 2);
    close(inherited);
    return b;
}

static void bring(const struct bench *b, uint8_t mark)
{
    uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, mark};
    CHECK_INT(write(b->outside, frame, sizeof frame), sizeof frame);
}

static void put(const struct bench *b, uint32_t mark)
{
    uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, (uint8_t)mark,
                         (uint8_t)(mark >> 8)};
    client_send(b->c, 1, frame, sizeof frame);
}

/* The mark of the next frame for the kernel; -1: there is none. */
static int taken(const struct bench *b)
{
    uint8_t frame[100];
    ssize_t n = recv(b->outside, frame, sizeof frame, MSG_DONTWAIT);
    return n == 60 ? frame[14] | frame[15] << 8 : -1;
}

static long long counts(const struct bench *b, const char *name)
{
    json_t *r = client_ask(b->c, "{'op': 'tap_counts', 'port': 2}");
    const json_t *dropped = json_object_get(r, "dropped");
    const json_t *value = json_object_get(r, name);
    long long n = json_is_boolean(value) ? json_is_true(value)
                                         : json_integer_value(value != NULL ? value
                                               : json_object_get(dropped, name));
    json_decref(r);
    return n;
}

/* Lets real time pass until a number of the TAP's is there; it comes or the test times out. */
static void await(const struct bench *b, const char *name, long long value)
{
    static const uint64_t step_ns = 1000000;
    uint64_t now = (uint64_t)client_do(b->c, "now", "{'op': 'clock'}");
    while (counts(b, name) != value)
        client_run(b->c, now += step_ns);
}

static void stop(struct bench *b)
{
    client_finish(b->c);
    CHECK_INT(client_stop(b->c), 0);
    close(b->outside);
}

static void refused(struct client *c, const char *command, const char *words)
{
    json_t *r = client_ask(c, "%s", command);
    const char *error = json_string_value(json_object_get(r, "error"));
    CHECKF(error != NULL && strstr(error, words) != NULL, "%s: %s", command,
           error != NULL ? error : "not refused");
    CHECK(strcmp(json_string_value(json_object_get(r, "kind")), "usage") == 0);
    json_decref(r);
}

UNIT(tap, frame_from_outside_wakes_a_quiet_world_and_takes_its_time)
{
    char path[64];
    client_temporary(path);
    struct bench b = start("--record", path);
    uint8_t advance[9] = {'A', 255, 255, 255, 255, 255, 255, 255, 255};
    client_write(b.c, advance, sizeof advance); /* without a deadline, and nothing to come */
    bring(&b, 7);
    CHECK_INT(client_read(b.c), 'F');
    CHECK_INT(b.c->message[13 + 14], 7);
    uint64_t arrived = 0, sent = 0;
    for (int i = 7; i >= 0; i--)
        arrived = arrived << 8 | b.c->message[5 + i];
    stop(&b);
    /* the recording has the moment at which it came in: from there on virtual time is exact */
    struct recording r;
    const uint8_t *record;
    size_t len;
    CHECK(recording_open(&r, path) && recording_verify(&r));
    while ((record = recording_next(&r, &len)) != NULL) {
        struct recorded_tap t;
        if (recorded_tap_get(record, len, &t) && len > RECORD_TAP_HEAD) {
            CHECK_INT(t.port, 2);
            CHECK_INT(len, RECORD_TAP_HEAD + 60);
            sent = t.t_ns;
        }
    }
    recording_close(&r);
    CHECK_INT(arrived, sent + WIRE_60_NS + LATENCY_NS);
    unlink(path);
}

UNIT(tap, frames_wait_outside_while_no_time_passes)
{
    struct bench b = start(NULL, NULL);
    bring(&b, 1);
    bring(&b, 2);
    CHECK_INT(counts(&b, "in"), 0);
    CHECK_INT(client_advance(b.c, CLIENT_NEVER, NULL, NULL), 'F');
    CHECK_INT(b.c->message[13 + 14], 1);
    CHECK_INT(client_advance(b.c, CLIENT_NEVER, NULL, NULL), 'F');
    CHECK_INT(b.c->message[13 + 14], 2);
    CHECK_INT(counts(&b, "in"), 2);
    stop(&b);
}

UNIT(tap, frame_to_outside_is_written_at_its_arrival)
{
    struct bench b = start(NULL, NULL);
    put(&b, 9);
    CHECK_INT(client_run(b.c, WIRE_60_NS + LATENCY_NS - 1), 0);
    CHECK_INT(taken(&b), -1);
    client_run(b.c, WIRE_60_NS + LATENCY_NS);
    CHECK_INT(taken(&b), 9);
    CHECK_INT(counts(&b, "out"), 1);
    stop(&b);
}

UNIT(tap, frames_that_nobody_takes_wait_in_a_bounded_queue)
{
    struct bench b = start(NULL, NULL);
    uint32_t sent = 0;
    uint64_t now = 0;
    while (counts(&b, "queue_full") < 3) { /* the socket has its own room */
        put(&b, sent++);
        client_run(b.c, now += 1000000);
    }
    uint32_t out = (uint32_t)counts(&b, "out");
    CHECK_INT(counts(&b, "waiting"), BRIDGE_QUEUE_MAX);
    CHECK_INT(out + BRIDGE_QUEUE_MAX + 3, sent);
    /* what waited comes in order, and what comes later comes behind it */
    uint32_t next = 0;
    for (; next < out; next++)
        CHECK_INT(taken(&b), (int)next);
    while (next < out + BRIDGE_QUEUE_MAX) {
        client_run(b.c, now += 1000000);
        for (int mark; (mark = taken(&b)) >= 0; next++)
            CHECK_INT(mark, (int)next);
    }
    CHECK_INT(counts(&b, "waiting"), 0);
    put(&b, 4711);
    client_run(b.c, now += 1000000);
    CHECK_INT(taken(&b), 4711);
    stop(&b);
}

UNIT(tap, frame_too_long_is_dropped_and_counted)
{
    struct bench b = start(NULL, NULL);
    uint8_t frame[FRAME_MAX + 1] = {0xff};
    CHECK_INT(write(b.outside, frame, FRAME_MAX + 1), FRAME_MAX + 1);
    await(&b, "too_long", 1);
    CHECK_INT(counts(&b, "in"), 0);
    CHECK_INT(write(b.outside, frame, FRAME_MAX), FRAME_MAX);
    await(&b, "in", 1);
    stop(&b);
}

UNIT(tap, other_end_that_goes_is_told_and_counted)
{
    struct bench b = start(NULL, NULL);
    close(b.outside);
    await(&b, "gone", 1);
    put(&b, 1);
    await(&b, "down", 1);
    client_finish(b.c);
    CHECK_INT(client_stop(b.c), 0);
}

UNIT(tap, recording_is_replayed_without_it)
{
    char path[64], out[1000];
    client_temporary(path);
    struct bench b = start("--record", path);
    client_do(b.c, NULL, "{'op': 'host', 'name': 'a'}");
    client_do(b.c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1', "
                         "'prefix': 24}");
    /* one is refused, in the replay too: the ids of later ports do not move */
    refused(b.c, "{'op': 'tap', 'segment': 1, 'name': 'other', 'fd': 1000}", "no descriptor 1000");
    client_do(b.c, NULL, "{'op': 'fault', 'segment': 1, 'kind': 'drop', 'predicate': true, "
                         "'nth': [2], 'src': 'tap', 'must_fire': false}");
    uint64_t now = 0;
    for (uint8_t i = 0; i < 20; i++) {
        bring(&b, i);
        bring(&b, i);
        put(&b, i);
        char type;
        now += 700000;
        while ((type = client_advance(b.c, now, NULL, NULL)) != 'D')
            while (type == 'P') { /* the advance that asked goes on */
                client_write(b.c, i % 2 ? "p\1" : "p\0", 2);
                type = client_read(b.c);
            }
    }
    await(&b, "in", 40);
    stop(&b);
    int status = client_tool(out, sizeof out, "--replay", path, NULL);
    CHECKF(status == 0, "%d: %s", status, out);
    unlink(path);
}

/* A frame that no advance takes: before any, later than its end, or earlier than the clock. */
UNIT(tap, recorded_frame_out_of_time_is_another_run)
{
    static const char hello[] = "C{\"op\":\"hello\",\"version\":1}";
    static const uint8_t advance[9] = {'A', 100}, frame[60] = {0xff};
    for (unsigned i = 0; i < 3; i++) {
        char path[64], out[1000];
        client_temporary(path);
        struct recorder *r = recorder_open(path, frame, 4, 1);
        recorder_put(r, hello, sizeof hello - 1);
        if (i > 0)
            recorder_put(r, advance, sizeof advance);
        if (i > 1)
            recorder_put(r, advance, sizeof advance);
        struct recorded_tap t = {.port = 1, .t_ns = i == 1 ? 101 : 99};
        recorder_put_tap(r, &t, frame, sizeof frame);
        recorder_close(r);
        CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 1);
        unlink(path);
    }
}

UNIT(tap, world_with_one_cannot_go_back)
{
    struct bench b = start(NULL, NULL);
    refused(b.c, "{'op': 'snapshot'}", "cannot go back in time");
    refused(b.c, "{'op': 'snapshot_save', 'path': '/nowhere/x'}", "cannot go back in time");
    refused(b.c, "{'op': 'snapshot_load', 'path': '/nowhere/x'}", "cannot go back in time");
    stop(&b);
    /* nor to where there was none */
    int inherited, outside = open_pair(&inherited);
    struct client *c = client_spawn("--paced", NULL);
    build(c);
    client_do(c, NULL, "{'op': 'snapshot'}");
    client_do(c, NULL, "{'op': 'tap', 'segment': 1, 'name': 'tap', 'fd': %d}", inherited);
    refused(c, "{'op': 'restore', 'snapshot': 1}", "cannot go back in time");
    CHECK_INT(client_stop(c), 4);
    close(outside);
}

UNIT(tap, without_paced_mode_is_refused)
{
    int inherited, outside = open_pair(&inherited);
    char command[100];
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan'}");
    snprintf(command, sizeof command, "{'op': 'tap', 'segment': 1, 'name': 'tap', 'fd': %d}",
             inherited);
    refused(c, command, "a TAP needs --paced");
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
    close(outside);
}

UNIT(tap, bad_input_is_refused_in_one_sentence)
{
    static const struct { const char *members, *words; } cases[] = {
        {"", "either a device or an fd is needed"},
        {", 'device': 'tap0', 'fd': 3", "either a device or an fd is needed"},
        {", 'fd': 1000", "there is no descriptor 1000"},
        {", 'fd': 2", "neither a TAP"}, /* /dev/null */
        {", 'fd': 4294967296", "fd"},
        {", 'device': ''", "has to be a device's name"},
        {", 'device': 'sixteen_letters_'", "has to be a device's name"},
        {", 'device': 'a/b'", "has to be a device's name"},
        {", 'device': 'tap%d'", "has to be a device's name"},
        {", 'device': 'tap0', 'netns': '/nowhere/ns'", "there is no network namespace /nowhere/ns"},
        {", 'device': 'tap0', 'netns': '/dev/null'", "cannot be entered"},
    };
    struct bench b = start(NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[300];
        snprintf(command, sizeof command, "{'op': 'tap', 'segment': 1, 'name': 'x'%s}",
                 cases[i].members);
        refused(b.c, command, cases[i].words);
    }
    refused(b.c, "{'op': 'tap', 'segment': 1, 'name': 'tap', 'fd': 3}", "has a port");
    refused(b.c, "{'op': 'tap', 'segment': 9, 'name': 'x', 'fd': 3}", "segment");
    refused(b.c, "{'op': 'tap_counts', 'port': 1}", "there is no TAP 1");
    refused(b.c, "{'op': 'tap_counts', 'port': 9}", "there is no TAP 9");
    stop(&b);
}

UNIT(tap, seventeenth_is_refused)
{
    /* only what is open when the simulator starts is inherited */
    int more[BRIDGE_TAPS_MAX], others[BRIDGE_TAPS_MAX];
    for (unsigned i = 0; i < BRIDGE_TAPS_MAX; i++)
        others[i] = open_pair(&more[i]);
    int last, outside = open_pair(&last);
    struct client *c = client_spawn("--paced", NULL);
    build(c);
    for (unsigned i = 0; i < BRIDGE_TAPS_MAX; i++)
        client_do(c, NULL, "{'op': 'tap', 'segment': 1, 'name': 'tap%u', 'fd': %d}", i, more[i]);
    char command[100];
    snprintf(command, sizeof command, "{'op': 'tap', 'segment': 1, 'name': 'x', 'fd': %d}", last);
    refused(c, command, "there are 16 TAPs, more are not possible");
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
    close(outside);
    for (unsigned i = 0; i < BRIDGE_TAPS_MAX; i++)
        close(others[i]);
}
