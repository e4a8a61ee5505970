/* Captures: judged by tshark and capinfos, which must have nothing to complain about. */
#include "vnet/capture.h"

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

static void temporary(void)
{
    snprintf(path, sizeof path, "/tmp/lockwire-capture-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
}

static long file_size(void)
{
    struct stat st;
    CHECK(stat(path, &st) == 0);
    return (long)st.st_size;
}

/* Standard output of a command with %s for the file; its status must be 0 and its standard error
 * empty, but for the reminder not to be root. */
static char *judge(const char *command)
{
    static char out[1 << 20];
    char with_path[500], text[600], error_path[80], line[300];
    snprintf(error_path, sizeof error_path, "%s.err", path);
    int n = snprintf(with_path, sizeof with_path, command, path);
    CHECK(n > 0 && (size_t)n < sizeof with_path);
    snprintf(text, sizeof text, "{ %s; } 2>%s", with_path, error_path);
    FILE *p = popen(text, "r");
    CHECK(p != NULL);
    size_t used = fread(out, 1, sizeof out - 1, p);
    out[used] = '\0';
    int status = pclose(p);
    FILE *e = fopen(error_path, "r");
    while (e != NULL && fgets(line, sizeof line, e) != NULL)
        CHECKF(strstr(line, "could be dangerous") != NULL, "%s", line);
    fclose(e);
    unlink(error_path);
    CHECKF(status == 0, "%.300s: status %d", text, status);
    return out;
}

#define FIELDS                                                                                     \
    "tshark -r %s -T fields -e frame.time_epoch -e frame.interface_name "                          \
    "-e frame.packet_flags_direction -e frame.len -e frame.comment"

static void impaired_world(void)
{
    struct segment_config c = world_config(SEGMENT_SWITCH);
    c.queue = 2;
    world_open_captured(&c, 2, path);
    struct fault_config f = world_fault(FAULT_TRUNCATE);
    f.length = 40;
    f.nth = (uint64_t[]){2};
    f.nth_count = 1;
    world_fault_add(&f);
    f = world_fault(FAULT_DROP);
    f.nth = (uint64_t[]){3};
    f.nth_count = 1;
    world_fault_add(&f);
    for (uint8_t i = 0; i < 4; i++) /* the fourth finds the queue full */
        world_send(0, 1, 60, i);
    world_run();
}

UNIT(capture, frames_directions_times_and_reasons_are_read_back_by_tshark)
{
    temporary();
    impaired_world();
    world_close();
    const char *expected =
        "0.000000000\tlan/a\t0x00000002\t60\t\n"
        "0.000000000\tlan/a\t0x00000002\t60\t\n"
        "0.000000000\tlan/a\t0x00000002\t60\t\n"
        "0.000000000\tlan/a\t0x00000002\t60\tdropped: queue_full\n"
        "0.000011520\tlan/b\t0x00000001\t60\t\n"
        "0.000018240\tlan/b\t0x00000001\t40\ttruncated: 40 of 60 bytes left\n"
        "0.000019200\tlan/b\t0x00000001\t60\tdropped: fault_drop\n";
    char sorted[160];
    snprintf(sorted, sizeof sorted, "%s | sort -s -k1,1", FIELDS);
    char *got = judge(sorted);
    CHECKF(strcmp(got, expected) == 0, "got\n%s", got);
    unlink(path);
}

UNIT(capture, capinfos_sees_interfaces_nanoseconds_and_the_writer)
{
    temporary();
    impaired_world();
    world_close();
    char *got = judge("capinfos %s");
    static const char *const wanted[] = {
        "pcapng", "nanoseconds (9)", "Capture application: lockwire", "Capture comment:     a test",
        "Number of interfaces in file: 2", "Name = lan/a", "Name = lan/b", "Description = switch",
        "Number of packets:   7", "Encapsulation = Ethernet"};
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        CHECKF(strstr(got, wanted[i]) != NULL, "%s is not in\n%s", wanted[i], got);
    unlink(path);
}

/* A clean ARP request: no expert note, nothing taken for an FCS. */
UNIT(capture, padded_frame_is_not_suspected_of_a_check_sequence)
{
    temporary();
    struct segment_config c = world_config(SEGMENT_LINK);
    world_open_captured(&c, 2, path);
    struct frame *f = world_frame(0, ALL_PORTS, 60, 0);
    static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0, 10, 0,
                                    0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
    f->data[12] = 8, f->data[13] = 6;
    memcpy(f->data + 14, arp, sizeof arp);
    port_send(world.ports[0], f);
    world_run();
    world_close();
    char *got = judge("tshark -r %s -Y '_ws.malformed or eth.fcs or _ws.expert' "
                      "-o eth.check_fcs:TRUE");
    CHECKF(got[0] == '\0', "%s", got);
    got = judge("tshark -r %s -T fields -e arp.opcode -e eth.padding");
    CHECK(strstr(got, "1\t000000000000000000000000000000000000\n") == got);
    unlink(path);
}

UNIT(capture, file_of_a_killed_writer_ends_with_a_whole_frame)
{
    temporary();
    int ready[2];
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct segment_config c = world_config(SEGMENT_SWITCH);
        world_open_captured(&c, 3, path);
        for (unsigned i = 0;; i++) {
            world_send(i % 3, ALL_PORTS, 60 + i % 1400, (uint8_t)i);
            sim_run(world.sim, NEVER, UINT64_MAX);
            world.rx_count = 0;
            if (i == 2000 && write(ready[1], "x", 1) != 1)
                _exit(1);
        }
    }
    close(ready[1]); /* so that a child that fails is seen */
    char byte;
    CHECK_INT(read(ready[0], &byte, 1), 1);
    CHECK(kill(child, SIGKILL) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(ready[0]);
    char *got = judge("capinfos -T -r -c %s");
    unsigned long packets = strtoul(strrchr(got, '\t') + 1, NULL, 10);
    CHECKF(packets >= 6000, "%s", got);
    judge("tshark -r %s -Y _ws.malformed");
    unlink(path);
}

/* What the kernel may leave of a killed writer's file are whole pages: each such beginning has to
 * be a whole capture, and readers must not mind what makes it so. */
UNIT(capture, every_page_of_the_file_ends_with_a_whole_block)
{
    static uint8_t bytes[FRAME_MAX], file[1 << 22];
    temporary();
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, path, "x");
    capture_interface(cap, "lan/a", "switch");
    unsigned frames = 0;
    for (uint32_t len = 1; len <= 1600; len++, frames++) /* every rest of a page occurs */
        capture_frame(cap, 0, len, CAPTURE_SENT, bytes, len, len % 3 ? NULL : "dropped: loss");
    capture_frame(cap, 0, 5000, CAPTURE_SENT, bytes, FRAME_MAX, NULL); /* cannot but lie across */
    uint64_t giant_end = (uint64_t)file_size();
    for (uint32_t len = 3800; len <= 4020; len++, frames++)
        capture_frame(cap, 0, 6000, CAPTURE_SENT, bytes, len, NULL);
    capture_close(cap);
    arena_close();

    FILE *f = fopen(path, "r");
    size_t size = fread(file, 1, sizeof file, f);
    fclose(f);
    unsigned across = 0, blocks = 0;
    size_t at = 0;
    while (at < size) {
        uint32_t len = (uint32_t)file[at + 4] | (uint32_t)file[at + 5] << 8;
        CHECK(len >= 12 && len % 4 == 0 && at + len <= size);
        bool crosses = at / 4096 != (at + len - 1) / 4096;
        CHECKF(!crosses || at + len == giant_end, "block of %u bytes at %zu", len, at);
        across += crosses;
        at += len;
        blocks++;
    }
    CHECK_INT(across, 1);
    CHECKF(blocks > frames + 200, "%u blocks: where is the padding?", blocks);
    char *got = judge("capinfos -T -r -c %s");
    CHECK_INT(strtoul(strrchr(got, '\t') + 1, NULL, 10), frames + 1);
    got = judge("tshark -r %s -T fields -e frame.len | wc -l");
    CHECK_INT(strtoul(got, NULL, 10), frames + 1);
    unlink(path);
}

/* A block may end so near the end of a page that no padding fits: the next one lies across. */
UNIT(capture, rest_of_a_page_too_small_for_padding_is_written_over)
{
    static uint8_t bytes[FRAME_MAX];
    temporary();
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, path, "x");
    capture_interface(cap, "lan/a", "switch");
    unsigned frames = 0, tiny_rests = 0;
    for (uint32_t len = 4030; len <= FRAME_MAX; len += 4, frames += 2) {
        capture_frame(cap, 0, len, CAPTURE_SENT, bytes, len, NULL);
        long rest = 4096 - file_size() % 4096;
        tiny_rests += rest < 12;
        capture_frame(cap, 0, len, CAPTURE_SENT, bytes, 60, NULL);
    }
    CHECKF(tiny_rests > 0, "%u frames", frames);
    CHECK(capture_error(cap) == NULL);
    capture_close(cap);
    arena_close();
    char *got = judge("capinfos -T -r -c %s");
    CHECK_INT(strtoul(strrchr(got, '\t') + 1, NULL, 10), frames);
    unlink(path);
}

UNIT(capture, full_disk_ends_it_after_the_last_whole_block_and_says_so)
{
    temporary();
    struct segment_config c = world_config(SEGMENT_LINK);
    signal(SIGXFSZ, SIG_IGN);
    /* A limit on the file's size fails writes in the middle of a block, as a full disk does. */
    struct rlimit limit = {1999, 1999};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(arena_open((size_t)16 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, path, NULL);
    CHECK(cap != NULL);
    const char *why;
    struct segment *s = segment_new(sim, cap, "lan", &c, &why);
    struct port *a = segment_port_new(s, "a", &why);
    CHECK(segment_port_new(s, "b", &why) != NULL);
    unsigned sent = 0;
    while (capture_error(cap) == NULL) {
        CHECK(sent < 100);
        CHECK(capture_recording(cap));
        port_send(a, frame_copy("0123456789abcdefghijklmnopqrstuvwxyz", 36));
        sim_run(sim, NEVER, UINT64_MAX);
        sent++;
    }
    CHECK(!capture_recording(cap));
    CHECK(strstr(capture_error(cap), "capture ended early: ") == capture_error(cap));
    port_send(a, frame_copy("more", 4));
    CHECK_INT(sim_run(sim, NEVER, UINT64_MAX), SIM_QUIET);
    CHECK_INT(segment_frames(s), sent + 1); /* the run goes on */
    long size = file_size();
    CHECKF(size > 1800 && size <= 1999 && size % 4 == 0, "%ld", size);
    segment_free(s);
    capture_close(cap);
    sim_free(sim);
    arena_close();
    limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    char *got = judge("capinfos -T -r -c %s");
    unsigned long packets = strtoul(strrchr(got, '\t') + 1, NULL, 10);
    CHECKF(packets == 2 * sent - 1 || packets == 2 * sent - 2, "%lu of %u", packets, sent);
    unlink(path);
}

UNIT(capture, device_that_is_full_from_the_start_is_reported)
{
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, "/dev/full", NULL);
    CHECK(cap != NULL);
    CHECK(capture_error(cap) != NULL);
    CHECK(strstr(capture_error(cap), strerror(ENOSPC)) != NULL);
    CHECK_INT(capture_interface(cap, "x", "y"), 0);
    capture_frame(cap, 0, 0, CAPTURE_SENT, (const uint8_t *)"a", 1, NULL);
    capture_close(cap);
    CHECK(capture_open(sim, "/no/such/directory/x", NULL) == NULL);
    CHECK_INT(errno, ENOENT);
    sim_free(sim);
    CHECK_INT(arena_allocated(), 0);
    arena_close();
}

UNIT(capture, capture_without_a_path_records_nothing)
{
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, NULL, NULL);
    CHECK(cap != NULL);
    CHECK(!capture_recording(cap));
    CHECK(!capture_recording(NULL));
    CHECK_INT(capture_interface(cap, "a", NULL), 0);
    CHECK_INT(capture_interface(cap, "b", NULL), 1);
    capture_frame(cap, 1, 0, CAPTURE_SENT, (const uint8_t *)"a", 1, NULL);
    CHECK(capture_error(cap) == NULL);
    capture_close(cap);
    arena_close();
}

static void send_some(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        world_send(0, 1, 60, (uint8_t)i);
        world_run();
    }
}

UNIT(capture, restoring_a_snapshot_cuts_the_file_back)
{
    temporary();
    struct segment_config c = world_config(SEGMENT_LINK);
    world_open_captured(&c, 2, path);
    send_some(3);
    long at_snapshot = file_size();
    struct arena_snapshot *s = arena_snapshot_take();
    struct world aside = world;
    send_some(10);
    long later = file_size();
    CHECK(later > at_snapshot);
    arena_snapshot_restore(s);
    world = aside;
    send_some(1);
    CHECK_INT(file_size(), at_snapshot + (later - at_snapshot) / 10);
    arena_snapshot_restore(s);
    world = aside;
    send_some(10);
    CHECK_INT(file_size(), later);
    arena_snapshot_free(s);
    world_close();
    char *got = judge("capinfos -T -r -c %s");
    CHECK_INT(strtoul(strrchr(got, '\t') + 1, NULL, 10), 26);
    unlink(path);
}

UNIT(capture, sync_cuts_at_once_and_close_too)
{
    temporary();
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, path, NULL);
    capture_interface(cap, "a", NULL);
    long at_snapshot = file_size();
    struct arena_snapshot *s = arena_snapshot_take();
    for (unsigned round = 0; round < 2; round++) {
        capture_frame(cap, 0, 5, CAPTURE_SENT, (const uint8_t *)"abcd", 4, NULL);
        CHECK(file_size() > at_snapshot);
        arena_snapshot_restore(s);
        if (round == 0) {
            capture_sync(cap);
            CHECK_INT(file_size(), at_snapshot);
        }
    }
    capture_close(cap);
    CHECK_INT(file_size(), at_snapshot);
    arena_snapshot_free(s);
    arena_close();
    unlink(path);
}

UNIT(capture, world_restored_elsewhere_starts_a_file_with_all_interfaces)
{
    temporary();
    CHECK(arena_open((size_t)1 << 20));
    struct sim *sim = sim_new(1);
    struct capture *cap = capture_open(sim, NULL, "here");
    capture_interface(cap, "lan/a", "switch");
    capture_interface(cap, "lan/b", "switch");
    CHECK(capture_reopen(cap, path));
    capture_frame(cap, 1, 1, CAPTURE_RECEIVED, (const uint8_t *)"0123456789abcdef", 16, "x");
    capture_close(cap);
    char *got = judge(FIELDS);
    CHECKF(strcmp(got, "0.000000001\tlan/b\t0x00000001\t16\tx\n") == 0, "%s", got);
    arena_close();
    unlink(path);
}
