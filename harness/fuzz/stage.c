/* harness/fuzz/stage.c */
#include "harness/fuzz/stage.h"

#include "harness/check/oracle.h"
#include "harness/control/recording.h"
#include "harness/control/session.h"
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/judge.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "sim/build_id.h"
#include "vnet/frame.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES ((size_t)8 << 20)
#define PATH_LONGEST 4096
/* What a world may run before the first input. */
#define PREPARE_EVENTS 1000000u

struct prepared {
    struct arena_snapshot *snapshot;
    uint32_t session_snapshots; /* how many there were */
    uint64_t until_ns;
    unsigned objects; /* that hosts hold */
    bool greeted;
};

static struct {
    struct session *session;
    struct prepared worlds[STAGE_WORLDS_MAX + 1]; /* behind the last: the empty one */
    char paths[STAGE_WORLDS_MAX][PATH_LONGEST];
    unsigned count;
    enum stage_manners manners;
    struct recorder *recorder; /* of the one input that is recorded */
    struct recording recording; /* being fed */
    stage_next_fn *next;
    stage_watch_fn *watch;
    jmp_buf over;   /* where an input ends early */
    unsigned objects;   /* that hosts held at the beginning */
    uint32_t snapshots; /* that the session had then */
    bool preparing;
    bool abandoned; /* the input was left in the middle of something */
    bool told_time; /* the session has ended an advance */
} stage;

/* The session's carrier. */

static void send_message(void *ctx, const void *bytes, size_t len)
{
    const uint8_t *m = bytes;
    (void)ctx;
    if (m[0] == 'D' || m[0] == 'Q')
        stage.told_time = true;
    if (m[0] != 'F' || stage.preparing)
        return;
    if (stage.manners == STAGE_FRAMES)
        judge_frame(stage.session->world, m + 13, (uint32_t)(len - 13));
    if (stage.watch != NULL)
        stage.watch(m + 13, (uint32_t)(len - 13));
}

static size_t receive_message(void *ctx, void *buffer, size_t room)
{
    size_t len = 0;
    const uint8_t *m = NULL;
    (void)ctx;
    if (stage.preparing)
        m = recording_next(&stage.recording, &len);
    else if (stage.next != NULL)
        m = stage.next(&len);
    if (m == NULL || len > room)
        fatal(FATAL_PROTOCOL, "nobody answers");
    memcpy(buffer, m, len);
    return len;
}

/* An input has no files. */
static uint8_t *read_file(void *ctx, const char *path, size_t *len, const char **why)
{
    (void)ctx;
    (void)path;
    *len = 0;
    *why = "there are no files here";
    return NULL;
}

static void rebind(void *ctx, struct sim *sim)
{
    (void)ctx;
    (void)sim;
}

/* With STAGE_COMMANDS an input may break the protocol, ask for more than there is, or for a storm
 * (by a limit of 1 frame): it is over, and the next one begins from a snapshot. */
static void die(void *ctx, enum fatal_kind kind, const char *text)
{
    (void)ctx;
    bool allowed = kind == FATAL_PROTOCOL || strstr(text, "memory is full") != NULL ||
                   strncmp(text, "packet storm", 12) == 0;
    if (stage.manners == STAGE_COMMANDS && !stage.preparing && allowed) {
        host_abandon();
        longjmp(stage.over, 1);
    }
    fuzz_finding("%s: %s", fatal_kind_name(kind), text);
}

/* Opening. */

static bool complain(const char *what, const char *path, const char *why)
{
    fprintf(stderr, "lockwire-fuzz: %s %s: %s\n", what, path, why);
    return false;
}

static bool open_session(uint64_t seed)
{
    struct session_config config = {.seed = seed, .memory_bytes = MEMORY_BYTES,
                                    .paths_overridden = true};
    struct session_carrier carrier = {.send = send_message, .receive = receive_message,
                                      .read_file = read_file, .rebind = rebind};
    const char *why;
    fatal_handler_set(die, NULL);
    stage.session = session_new(&config, &carrier, &why);
    return stage.session != NULL || complain("no world", "", why);
}

static bool open_recorder(const char *path, uint64_t seed)
{
    uint8_t id[BUILD_ID_MAX];
    size_t len = build_id_get(id);
    stage.recorder = recorder_open(path, id, len, seed);
    return stage.recorder != NULL || complain("recording", path, strerror(errno));
}

/* Events of what was asked for; false: more than allowed. */
static bool run_events(enum session_want want, uint64_t events)
{
    while (want == SESSION_RUN) {
        struct sim *sim = session_sim(stage.session);
        uint64_t before = sim->events;
        if (events == 0)
            return false;
        want = session_ran(stage.session, sim_run(sim, session_until(stage.session), events));
        events -= sim->events - before;
    }
    return true;
}

static bool is_finish(const uint8_t *message, size_t len)
{
    bool is = false;
    json_t *command = message[0] == 'C' ? json_loadb((const char *)message + 1, len - 1, 0, NULL)
                                        : NULL;
    const char *op = json_string_value(json_object_get(command, "op"));
    is = op != NULL && strcmp(op, "finish") == 0;
    json_decref(command);
    return is;
}

/* Feeds a recording to the session, which is at the beginning, up to its finish. */
static bool prepare(const char *path, struct recorder *recorder)
{
    struct recording *r = &stage.recording;
    size_t len;
    const uint8_t *message;
    bool good = recording_open(r, path);
    stage.session->config.recorder = recorder;
    stage.preparing = true;
    while (good && (message = recording_next(r, &len)) != NULL && !is_finish(message, len))
        good = run_events(session_hear(stage.session, message, len), PREPARE_EVENTS);
    stage.preparing = false;
    stage.session->config.recorder = NULL;
    if (!good || r->error[0] != '\0')
        complain("prepared world", path, r->error[0] != '\0' ? r->error : "it never ends");
    good = good && r->error[0] == '\0';
    recording_close(r);
    return good;
}

static unsigned count_objects(const struct world *w)
{
    unsigned n = 0;
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        const struct host *h = vector_get(&w->hosts, id);
        n += h != NULL ? stack_report_leaks(h->stack, NULL, 0) : 0;
    }
    return n;
}

static bool keep(struct prepared *p)
{
    const struct session *s = stage.session;
    *p = (struct prepared){.snapshot = arena_snapshot_take(), .greeted = s->greeted,
                           .session_snapshots = s->snapshot_count, .until_ns = s->until_ns,
                           .objects = count_objects(s->world)};
    return p->snapshot != NULL || complain("snapshot", "", "no memory");
}

/* Those that an input took. */
static void forget_snapshots(uint32_t kept)
{
    struct session *s = stage.session;
    while (s->snapshot_count > kept)
        arena_snapshot_free(s->snapshots[--s->snapshot_count]);
}

static void restore(const struct prepared *p)
{
    struct session *s = stage.session;
    arena_snapshot_restore(p->snapshot);
    s->world = arena_root();
    s->greeted = p->greeted;
    s->until_ns = p->until_ns;
    s->finished = false;
    stage.abandoned = false;
    stage.objects = p->objects;
    stage.snapshots = p->session_snapshots;
    forget_snapshots(stage.snapshots);
}

static bool of_prefix(const char *name, const char *prefix)
{
    size_t len = strlen(name), head = strlen(prefix);
    return strncmp(name, prefix, head) == 0 && (name[head] == '-' || name[head] == '.') &&
           len > 4 && strcmp(name + len - 4, ".lwr") == 0;
}

static bool find_worlds(const char *data, const char *prefix)
{
    char folder[PATH_LONGEST];
    struct dirent **names;
    snprintf(folder, sizeof folder, "%s/worlds", data);
    int n = scandir(folder, &names, NULL, alphasort);
    if (n < 0)
        return complain("prepared worlds", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        if (of_prefix(names[i]->d_name, prefix) && stage.count < STAGE_WORLDS_MAX &&
            snprintf(stage.paths[stage.count], PATH_LONGEST, "%s/%s", folder, names[i]->d_name) <
                PATH_LONGEST)
            stage.count++;
        free(names[i]);
    }
    free(names);
    return stage.count > 0 || complain("prepared worlds", folder, "there is none of this target");
}

/* All worlds have one seed: there is one session. */
static bool read_seed(const char *path, uint64_t *seed)
{
    struct recording r = {0};
    bool good = recording_open(&r, path);
    if (good)
        *seed = r.seed;
    else
        complain("prepared world", path, r.error);
    recording_close(&r);
    return good;
}

static bool open_empty(const struct fuzz_options *options, enum stage_manners manners)
{
    uint64_t seed = 0;
    stage.manners = manners;
    if (!read_seed(stage.paths[0], &seed))
        return false;
    if (!open_session(seed) || !keep(&stage.worlds[stage.count]))
        return false;
    return options->record == NULL || open_recorder(options->record, seed);
}

bool stage_open(const struct fuzz_options *options, const char *prefix,
                enum stage_manners manners)
{
    if (options->worlds != NULL)
        prefix = options->worlds;
    if (!find_worlds(options->data, prefix) || !open_empty(options, manners))
        return false;
    const struct prepared empty = stage.worlds[stage.count];
    for (unsigned i = 0; i < stage.count; i++) {
        restore(&empty);
        if (!prepare(stage.paths[i], NULL) || !keep(&stage.worlds[i]))
            return false;
    }
    stage.worlds[stage.count] = empty;
    stage.session->config.sandboxed = true;
    return true;
}

/* Playing. */

/* The world is made again, so that its messages are in the recording. */
void stage_begin(unsigned which)
{
    which %= stage.count;
    if (stage.recorder == NULL) {
        restore(&stage.worlds[which]);
        return;
    }
    restore(&stage.worlds[stage.count]);
    stage.session->config.sandboxed = false;
    if (!prepare(stage.paths[which], stage.recorder))
        exit(FATAL_EXIT);
    stage.session->config.sandboxed = true;
    stage.session->config.recorder = stage.recorder;
}

void stage_begin_empty(void)
{
    restore(&stage.worlds[stage.count]);
    stage.session->config.recorder = stage.recorder;
}

struct world *stage_world(void)
{
    return stage.session->world;
}

void stage_next_set(stage_next_fn *next)
{
    stage.next = next;
}

void stage_watch_set(stage_watch_fn *watch)
{
    stage.watch = watch;
}

static bool advance(const uint8_t *message, size_t len, uint64_t events)
{
    if (setjmp(stage.over) != 0) {
        stage.abandoned = true;
        return false;
    }
    if (run_events(session_hear(stage.session, message, len), events))
        return true;
    if (stage.manners == STAGE_FRAMES)
        fuzz_finding("unbounded work: more than %llu events", (unsigned long long)events);
    return false;
}

#define COMMAND_EVENTS 20000u

bool stage_hear(const uint8_t *message, size_t len)
{
    return advance(message, len, COMMAND_EVENTS);
}

void stage_command(unsigned number, const uint8_t *message, size_t len)
{
    static json_t *commands[STAGE_COMMANDS_MOST]; /* not in the world: they stay */
    if (stage.recorder != NULL) {
        stage_hear(message, len);
        return;
    }
    if (commands[number] == NULL)
        commands[number] = json_loadb((const char *)message + 1, len - 1, 0, NULL);
    session_command_read(stage.session, commands[number]);
}

bool stage_send(unsigned which, const uint8_t *frame, size_t len)
{
    static uint8_t message[5 + FRAME_MAX];
    uint32_t port = 1 + which % stage.session->world->ports.count;
    len = len < FRAME_MAX ? len : FRAME_MAX;
    message[0] = 'S';
    for (int i = 0; i < 4; i++)
        message[1 + i] = (uint8_t)(port >> (8 * i));
    memcpy(message + 5, frame, len);
    return advance(message, 5 + len, 0);
}

bool stage_run(uint64_t for_ns, uint64_t events)
{
    uint64_t end = session_sim(stage.session)->events + events;
    uint64_t until = session_sim(stage.session)->now_ns + for_ns;
    uint8_t message[9] = {'A'};
    for (int i = 0; i < 8; i++)
        message[1 + i] = (uint8_t)(until >> (8 * i));
    stage.told_time = false;
    while (!stage.told_time) {
        uint64_t done = session_sim(stage.session)->events;
        if (!advance(message, sizeof message, end > done ? end - done : 0))
            return false;
    }
    return true;
}

static void report(void *ctx, const char *problem)
{
    (void)ctx;
    fuzz_finding("%s", problem);
}

static void end_world(struct session *s)
{
    struct world *w = s->world;
    s->world = NULL;
    oracle_finish(w, report, NULL);
}

/* Ends the world by a message, so that the replay ends it too. */
static void end_recorded(void)
{
    static const uint8_t finish[] = "C{\"op\":\"finish\"}";
    if (stage.session->world != NULL && !stage.abandoned)
        advance(finish, sizeof finish - 1, 0);
    recorder_close(stage.recorder);
    stage.recorder = NULL;
    stage.session->config.recorder = NULL;
}

void stage_end(bool thorough)
{
    struct session *s = stage.session;
    if (stage.recorder != NULL)
        end_recorded();
    else if (s->world != NULL && !stage.abandoned &&
             (thorough || count_objects(s->world) != stage.objects))
        end_world(s);
    forget_snapshots(stage.snapshots);
}

void stage_leave(void)
{
    if (stage.recorder != NULL)
        end_recorded();
    forget_snapshots(stage.snapshots);
}
