/* replay.c: a recorded run again, in another process. */
#include "unit.h"

#include "client.h"
#include "harness/control/recording.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run with traffic, a fault with a predicate, a snapshot, and rewinding. */
static void record_run(const char *path, bool finish)
{
    struct client *c = client_spawn("--record", path, "--seed", "42", NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'snapshot'}");
    client_do(c, NULL, "{'op': 'fault', 'segment': 1, 'kind': 'drop', 'predicate': true, "
                       "'match': [['ip.proto', '==', 1]]}");
    client_do(c, NULL, "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', 'data': '00'}");
    unsigned asked = 0;
    char type = client_advance(c, 3000000, NULL, NULL);
    while (type != 'D') {
        if (type == 'P') {
            asked++;
            client_write(c, "p\1", 2); /* the advance that asked goes on */
            type = client_read(c);
        } else {
            type = client_advance(c, 3000000, NULL, NULL);
        }
    }
    CHECK_INT(asked, 1);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    client_do(c, NULL, "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', 'data': '0102'}");
    client_run(c, 5000000);
    if (finish)
        client_finish(c);
    CHECK_INT(client_stop(c), finish ? 0 : 4);
}

UNIT(replay, recorded_run_gives_the_same_hash)
{
    char path[64], out[1000];
    client_temporary(path);
    record_run(path, true);
    int status = client_tool(out, sizeof out, "--replay", path, NULL);
    CHECKF(status == 0, "%d: %s", status, out);
    CHECK_INT(strlen(out), 33);
    unlink(path);
}

UNIT(replay, same_seed_gives_the_same_recording)
{
    char one[64], two[64], first[100], second[100];
    client_temporary(one);
    client_temporary(two);
    record_run(one, true);
    record_run(two, true);
    CHECK_INT(client_tool(first, sizeof first, "--replay", one, NULL), 0);
    CHECK_INT(client_tool(second, sizeof second, "--replay", two, NULL), 0);
    CHECK(strcmp(first, second) == 0);
    unlink(one);
    unlink(two);
}

/* What `finish` found is found again, and said; it does not change the verdict on the hash. */
UNIT(replay, problems_of_the_end_are_said_again)
{
    char path[64], out[1000];
    client_temporary(path);
    struct client *c = client_spawn("--record", path, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'plant', 'kind': 'leak_pbuf', 'host': 1}");
    client_do(c, NULL, "{'op': 'finish'}");
    CHECK_INT(client_stop(c), 0);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 0);
    CHECKF(strstr(out, "was closed and still holds PBUF_POOL 1") != NULL, "%s", out);
    unlink(path);
}

UNIT(replay, unfinished_run_is_replayed_to_its_end)
{
    char path[64], out[1000];
    client_temporary(path);
    record_run(path, false);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 1);
    CHECKF(strstr(out, "ended without a trace hash") != NULL, "%s", out);
    unlink(path);
}

UNIT(replay, crash_happens_again)
{
    char path[64], out[1000];
    client_temporary(path);
    struct client *c = client_spawn("--record", path, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    static const char crash[] = "C{\"op\": \"plant\", \"kind\": \"crash\", \"host\": 1}";
    client_write(c, crash, sizeof crash - 1);
    CHECK_INT(client_read(c), 0);
    CHECK_INT(client_stop(c), 1000 + SIGSEGV);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 1000 + SIGSEGV);
    unlink(path);
}

/* The same messages, with or without another hash behind them. */
static void rewrite(const char *path, const char *hash)
{
    struct recording r;
    CHECK(recording_open(&r, path));
    struct recorder *out = recorder_open(path, r.build, r.build_len, r.seed);
    const uint8_t *record;
    size_t len;
    while ((record = recording_next(&r, &len)) != NULL)
        if (record[0] != 'H')
            recorder_put(out, record, len);
    if (hash != NULL)
        recorder_put_typed(out, 'H', hash, 32);
    recorder_close(out);
    recording_close(&r);
}

UNIT(replay, other_hash_is_told)
{
    char path[64], out[1000];
    client_temporary(path);
    record_run(path, true);
    rewrite(path, "00112233445566778899aabbccddeeff");
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 1);
    CHECKF(strstr(out, "recorded 00112233445566778899aabbccddeeff, got ") != NULL, "%s", out);
    rewrite(path, NULL);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 1);
    CHECKF(strstr(out, "before its trace hash was written") != NULL, "%s", out);
    unlink(path);
}

UNIT(replay, damaged_file_is_refused)
{
    char path[64], out[1000];
    client_temporary(path);
    record_run(path, true);
    struct stat st;
    stat(path, &st);
    CHECK(truncate(path, st.st_size - 3) == 0);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 2);
    CHECKF(strstr(out, "is not a whole recording: at byte ") != NULL, "%s", out);
    CHECK(truncate(path, 2) == 0);
    CHECK_INT(client_tool(out, sizeof out, "--replay", path, NULL), 2);
    CHECKF(strstr(out, "expected \"LWR1\"") != NULL, "%s", out);
    unlink(path);
}

UNIT(replay, capture_and_trace_change_nothing)
{
    char path[64], capture[64], trace[64], plain[100], full[100];
    client_temporary(path);
    client_temporary(capture);
    client_temporary(trace);
    record_run(path, true);
    CHECK_INT(client_tool(plain, sizeof plain, "--replay", path, NULL), 0);
    CHECK_INT(client_tool(full, sizeof full, "--replay", path, "--capture", capture, "--trace",
                          trace, "--check", NULL), 0);
    CHECK(strcmp(plain, full) == 0);
    struct stat st;
    CHECK(stat(capture, &st) == 0 && st.st_size > 1000);
    CHECK(stat(trace, &st) == 0 && st.st_size > 1000);
    unlink(path);
    unlink(capture);
    unlink(trace);
}
