/* Snapshots: rewind with pointers and running hash, plug-in data, files, a second process. */
#define _GNU_SOURCE
#include "sim/arena.h"
#include "sim/sim.h"

#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT ((size_t)2 << 20)

/* ---- a small world: walkers that leave notes, allocate, free and draw numbers ---- */

struct note {
    struct note *next;
    uint64_t t_ns;
    size_t size;
};

struct walker {
    struct event event;
    struct world *world;
    struct prng prng;
    uint32_t source;
    struct note *notes;
    unsigned held;
};

struct world {
    struct sim *sim;
    struct walker *walkers[8];
};

static void drop_note(struct walker *w)
{
    struct note **last = &w->notes;
    while ((*last)->next != NULL)
        last = &(*last)->next;
    struct note *n = *last;
    *last = NULL;
    w->held--;
    arena_free(n, n->size);
}

static void walk(void *arg)
{
    struct walker *w = arg;
    struct sim *sim = w->world->sim;
    size_t size = sizeof(struct note) + (size_t)prng_below(&w->prng, 900);
    struct note *n = arena_alloc(size);

    CHECK(n != NULL);
    *n = (struct note){.next = w->notes, .t_ns = sim->now_ns, .size = size};
    w->notes = n;
    w->held++;
    trace_emit(sim->trace, sim->now_ns, TRACE_APP, w->source, size, n->next ? n->next->t_ns : 0,
               n, 0);
    while (w->held > 20)
        drop_note(w);
    queue_arm(sim->queue, &w->event, sim->now_ns + 1 + prng_below(&w->prng, 5000));
}

static struct world *make_world(void)
{
    CHECK(arena_open(LIMIT));
    struct world *world = arena_calloc(sizeof *world);
    arena_root_set(world);
    world->sim = sim_new(42);
    for (unsigned i = 0; i < 8; i++) {
        struct walker *w = arena_calloc(sizeof *w);
        char name[16];
        snprintf(name, sizeof name, "walker%u", i);
        w->world = world;
        w->source = trace_source(world->sim->trace, name);
        prng_init(&w->prng, world->sim->seed, name);
        event_init(&w->event, walk, w);
        queue_arm(world->sim->queue, &w->event, i);
        world->walkers[i] = w;
    }
    return world;
}

struct outcome {
    char hash[33];
    uint64_t now_ns, events, records;
    size_t allocated;
};

static bool same(const struct outcome *a, const struct outcome *b)
{
    return strcmp(a->hash, b->hash) == 0 && a->now_ns == b->now_ns && a->events == b->events &&
           a->records == b->records && a->allocated == b->allocated;
}

static struct outcome run_on(struct world *world, uint64_t until_ns)
{
    struct outcome o = {{0}, 0, 0, 0, 0};

    CHECK_INT(sim_run(world->sim, until_ns, NEVER), SIM_DEADLINE);
    CHECK(queue_check(world->sim->queue) == NULL);
    CHECK(arena_check() == NULL);
    trace_hash(world->sim->trace, o.hash);
    o.now_ns = world->sim->now_ns;
    o.events = world->sim->events;
    o.records = trace_records(world->sim->trace);
    o.allocated = arena_allocated();
    return o;
}

UNIT(arena_snapshot, restored_world_runs_on_identically)
{
    struct world *world = make_world();
    run_on(world, 1000000);
    struct arena_snapshot *s = arena_snapshot_take();
    CHECK(s != NULL);
    CHECK(arena_snapshot_bytes(s) >= arena_used());
    struct outcome first = run_on(world, 3000000);

    for (unsigned i = 0; i < 3; i++) { /* the snapshot can be used again and again */
        arena_snapshot_restore(s);
        CHECK(arena_root() == world);
        CHECK_INT(world->sim->now_ns, 1000000);
        arena_fill_set(i == 0 ? -1 : 0x11 * (int)i);
        struct outcome again = run_on(world, 3000000);
        CHECKF(same(&first, &again), "%s, then %s", first.hash, again.hash);
    }
    arena_snapshot_free(s);
}

UNIT(arena_snapshot, snapshot_does_not_change_the_run)
{
    struct outcome plain = run_on(make_world(), 2000000);
    arena_close();
    struct world *world = make_world();
    for (uint64_t t = 100000; t < 2000000; t += 100000) {
        run_on(world, t);
        arena_snapshot_free(arena_snapshot_take());
    }
    struct outcome stopped = run_on(world, 2000000);
    CHECK(same(&plain, &stopped));
}

UNIT(arena_snapshot, older_snapshot_can_follow_a_younger_one)
{
    struct world *world = make_world();
    struct arena_snapshot *at0 = arena_snapshot_take();
    struct outcome one = run_on(world, 500000);
    struct arena_snapshot *at1 = arena_snapshot_take();
    struct outcome two = run_on(world, 900000), got;

    arena_snapshot_restore(at0);
    got = run_on(world, 500000);
    CHECK(same(&one, &got));
    arena_snapshot_restore(at1);
    got = run_on(world, 900000);
    CHECK(same(&two, &got));
    arena_snapshot_restore(at0);
    got = run_on(world, 900000);
    CHECK(same(&two, &got));
    arena_snapshot_free(at0);
    arena_snapshot_free(at1);
}

/* ---- plug-in data ---- */

static unsigned char plugin_data[1000];

UNIT(arena_snapshot, region_is_restored_with_the_world)
{
    make_world();
    unsigned char *odd = plugin_data + 3; /* at no alignment in particular */
    CHECK(arena_region_add(odd, 501));
    memset(plugin_data, 1, sizeof plugin_data);
    struct arena_snapshot *s = arena_snapshot_take();
    memset(plugin_data, 2, sizeof plugin_data);
    arena_snapshot_restore(s);
    for (size_t i = 0; i < sizeof plugin_data; i++)
        CHECK_INT(plugin_data[i], i >= 3 && i < 504 ? 1 : 2);
    arena_snapshot_free(s);
}

UNIT(arena_snapshot, region_added_later_is_not_in_an_older_snapshot)
{
    make_world();
    struct arena_snapshot *before = arena_snapshot_take();
    CHECK(arena_region_add(plugin_data, 100));
    CHECK(arena_region_add(plugin_data + 100, 100));
    struct arena_snapshot *with = arena_snapshot_take();
    memset(plugin_data, 7, sizeof plugin_data);
    arena_snapshot_restore(before);
    CHECK_INT(plugin_data[0], 7);
    CHECK(arena_region_add(plugin_data, 100)); /* not known any more: no overlap */
    arena_snapshot_restore(with);
    CHECK_INT(plugin_data[0], 0);
    CHECK_INT(plugin_data[199], 0);
    CHECK_INT(plugin_data[200], 7);
    arena_region_remove(plugin_data);
    memset(plugin_data, 9, sizeof plugin_data);
    struct arena_snapshot *second_only = arena_snapshot_take();
    memset(plugin_data, 8, sizeof plugin_data);
    arena_snapshot_restore(second_only);
    CHECK_INT(plugin_data[99], 8);
    CHECK_INT(plugin_data[100], 9);
    arena_snapshot_free(before);
    arena_snapshot_free(with);
    arena_snapshot_free(second_only);
}

UNIT(arena_snapshot, region_without_room_is_refused)
{
    make_world();
    arena_fail_nth(1);
    CHECK(!arena_region_add(plugin_data, 100));
}

/* ---- files ---- */

static int write_to_memory_file(const struct arena_snapshot *s)
{
    const char *why = "unset";
    int fd = memfd_create("snapshot", 0);

    CHECK(fd >= 0);
    CHECKF(arena_snapshot_write(s, fd, &why), "%s", why);
    CHECK(why == NULL);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

UNIT(arena_snapshot, file_round_trip_gives_the_same_world)
{
    struct world *world = make_world();
    run_on(world, 700000);
    struct arena_snapshot *s = arena_snapshot_take();
    int fd = write_to_memory_file(s);
    struct outcome first = run_on(world, 1500000);

    arena_close(); /* nothing of the first life is left */
    CHECK(arena_open(LIMIT));
    const char *why;
    struct arena_snapshot *read = arena_snapshot_read(fd, &why);
    CHECKF(read != NULL, "%s", why);
    arena_snapshot_restore(read);
    struct outcome again = run_on(arena_root(), 1500000);
    CHECK(same(&first, &again));
    close(fd);
    arena_snapshot_free(s);
    arena_snapshot_free(read);
}

/* The second process: this executable once more, caught before main() by the environment. It runs
 * the restored world on and writes the outcome to descriptor 1. */
#define CHILD_FD "LOCKWIRE_TEST_SNAPSHOT_FD"
#define CHILD_UNTIL 1500000u

__attribute__((constructor)) static void be_second_process(void)
{
    const char *fd = getenv(CHILD_FD), *why = "the arena cannot be opened";

    if (fd == NULL)
        return;
    struct arena_snapshot *s = arena_open(LIMIT) ? arena_snapshot_read(atoi(fd), &why) : NULL;
    if (s == NULL) {
        fprintf(stderr, "second process: %s\n", why);
        _exit(3);
    }
    arena_snapshot_restore(s);
    struct world *world = arena_root();
    struct outcome o = {{0}, 0, 0, 0, 0};
    sim_run(world->sim, CHILD_UNTIL, NEVER);
    trace_hash(world->sim->trace, o.hash);
    o.now_ns = world->sim->now_ns;
    o.events = world->sim->events;
    o.records = trace_records(world->sim->trace);
    o.allocated = arena_allocated();
    _exit(write(1, &o, sizeof o) == (ssize_t)sizeof o ? 0 : 4);
}

static struct outcome run_in_second_process(int fd)
{
    struct outcome o = {{0}, 0, 0, 0, 0};
    int out[2], status;
    char number[16];

    CHECK_INT(pipe(out), 0);
    snprintf(number, sizeof number, "%d", fd);
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        setenv(CHILD_FD, number, 1);
        execl("/proc/self/exe", "second", (char *)NULL);
        _exit(5);
    }
    close(out[1]);
    CHECK_INT(read(out[0], &o, sizeof o), sizeof o);
    close(out[0]);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    return o;
}

UNIT(arena_snapshot, second_process_runs_on_identically)
{
    struct world *world = make_world();
    run_on(world, 700000);
    struct arena_snapshot *s = arena_snapshot_take();
    int fd = write_to_memory_file(s);
    struct outcome first = run_on(world, CHILD_UNTIL), again = run_in_second_process(fd);

    CHECKF(same(&first, &again), "%s, then %s", first.hash, again.hash);
    close(fd);
    arena_snapshot_free(s);
}

static void expect_refusal(const unsigned char *bytes, size_t len, const char *part)
{
    int fd = memfd_create("damaged", 0);
    const char *why = NULL;

    CHECK_INT(write(fd, bytes, len), len);
    lseek(fd, 0, SEEK_SET);
    CHECK(arena_snapshot_read(fd, &why) == NULL);
    CHECKF(why != NULL && strstr(why, part) != NULL, "expected \"%s\", got \"%s\"", part,
           why ? why : "nothing");
    close(fd);
}

UNIT(arena_snapshot, damaged_files_are_refused_with_a_reason)
{
    make_world();
    struct arena_snapshot *s = arena_snapshot_take();
    int fd = write_to_memory_file(s);
    size_t len = (size_t)lseek(fd, 0, SEEK_END), header = len - arena_snapshot_bytes(s);
    unsigned char *bytes = malloc(len + 1);
    CHECK_INT(pread(fd, bytes, len, 0), len);
    bytes[len] = 0;

    expect_refusal(bytes, 0, "not a snapshot");
    expect_refusal(bytes, header - 1, "not a snapshot");
    expect_refusal(bytes, header, "cut off");
    expect_refusal(bytes, len - 1, "cut off");
    expect_refusal(bytes, len + 1, "follows");
    for (size_t at = 0; at < header; at++) { /* every byte of the header is guarded */
        bytes[at] ^= 0x40;
        expect_refusal(bytes, len, at < 24 ? "not a snapshot" : at < 56 ? "another build"
                                                                      : "header is damaged");
        bytes[at] ^= 0x40;
    }
    for (size_t at = header; at < len; at += 997) {
        bytes[at] ^= 1;
        expect_refusal(bytes, len, "contents are damaged");
        bytes[at] ^= 1;
    }
    free(bytes);
    close(fd);
    arena_snapshot_free(s);
}

UNIT(arena_snapshot, file_for_another_memory_limit_is_refused)
{
    make_world();
    struct arena_snapshot *s = arena_snapshot_take();
    int fd = write_to_memory_file(s);
    const char *why;

    arena_close();
    CHECK(arena_snapshot_read(fd, &why) == NULL); /* no arena at all */
    CHECK(strstr(why, "memory limit") != NULL);
    CHECK(arena_open(2 * LIMIT));
    lseek(fd, 0, SEEK_SET);
    CHECK(arena_snapshot_read(fd, &why) == NULL);
    CHECK(strstr(why, "memory limit") != NULL);
    arena_snapshot_free(s);
    close(fd);
}

UNIT(arena_snapshot, snapshot_with_plugin_data_is_not_written)
{
    make_world();
    CHECK(arena_region_add(plugin_data, 100));
    struct arena_snapshot *s = arena_snapshot_take();
    const char *why = NULL;
    CHECK(!arena_snapshot_write(s, -1, &why));
    CHECKF(strstr(why, "plug-in") != NULL, "%s", why);
    arena_snapshot_free(s);
}

UNIT(arena_snapshot, full_disk_and_bad_descriptor_are_reported)
{
    make_world();
    struct arena_snapshot *s = arena_snapshot_take();
    const char *why = NULL;
    int full = open("/dev/full", O_WRONLY), directory = open("/", O_RDONLY);

    CHECK(!arena_snapshot_write(s, full, &why));
    CHECKF(strstr(why, "no space") != NULL, "%s", why);
    CHECK(!arena_snapshot_write(s, -1, &why));
    CHECKF(strstr(why, "cannot be written") != NULL, "%s", why);
    CHECK(arena_snapshot_read(directory, &why) == NULL);
    CHECKF(strstr(why, "cannot be read") != NULL, "%s", why);
    close(full);
    close(directory);
    arena_snapshot_free(s);
}

#ifndef LOCKWIRE_UNIT_PLAIN
#include <signal.h>
Test(arena_snapshot, asan_state_is_restored_with_the_world, .signal = SIGABRT)
{
    arena_open(LIMIT);
    unsigned char *kept = arena_alloc(64), *gone = arena_alloc(64);
    arena_free(gone, 64);
    struct arena_snapshot *s = arena_snapshot_take();
    arena_alloc(64);
    arena_free(kept, 64);
    arena_snapshot_restore(s);
    kept[63] = 1; /* valid again */
    arena_snapshot_free(s);
    arena_free(gone, 64); /* freed again: ASan asserts; without it, the check finds it */
    if (arena_check() != NULL)
        abort();
}
#endif
