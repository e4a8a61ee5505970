/* recording.c: recordings as files: round trip, and every way of being damaged. */
#include "unit.h"

#include "client.h"
#include "harness/control/recording.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const uint8_t build[] = {1, 2, 3, 4};

static void write_three(const char *path)
{
    struct recorder *r = recorder_open(path, build, sizeof build, UINT64_C(0x123456789abcdef0));
    CHECK(r != NULL);
    recorder_put(r, "Cabc", 4);
    recorder_put_typed(r, 'B', "", 0);
    recorder_put_typed(r, 'H', "0123456789abcdef0123456789abcdef", 32);
    CHECK_INT(recorder_error(r), 0);
    recorder_close(r);
}

static size_t read_bytes(const char *path, uint8_t *bytes, size_t room)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, bytes, room);
    close(fd);
    CHECK(n > 0);
    return (size_t)n;
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    CHECK(write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

static bool is_whole(const char *path, char *error)
{
    struct recording r;
    bool good = recording_open(&r, path) && recording_verify(&r);
    if (error != NULL)
        snprintf(error, 256, "%s", r.error);
    recording_close(&r);
    return good;
}

UNIT(recording, what_was_written_is_read)
{
    char path[64];
    client_temporary(path);
    write_three(path);
    struct recording r;
    CHECK(recording_open(&r, path));
    CHECK(r.seed == UINT64_C(0x123456789abcdef0));
    CHECK_INT(r.build_len, 4);
    CHECK_MEM(r.build, build, 4);
    CHECK(recording_verify(&r));
    size_t len;
    const uint8_t *m = recording_next(&r, &len);
    CHECK_INT(len, 4);
    CHECK_MEM(m, "Cabc", 4);
    m = recording_next(&r, &len);
    CHECK_INT(len, 1);
    CHECK_MEM(m, "B", 1);
    m = recording_next(&r, &len);
    CHECK_INT(len, 33);
    CHECK_MEM(m, "H0123456789abcdef", 17);
    CHECK(recording_next(&r, &len) == NULL);
    CHECK(r.error[0] == '\0');
    recording_close(&r);
    unlink(path);
}

UNIT(recording, every_changed_byte_is_found)
{
    char path[64], error[256];
    uint8_t bytes[512];
    client_temporary(path);
    write_three(path);
    size_t len = read_bytes(path, bytes, sizeof bytes);
    for (size_t i = 0; i < len; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            bytes[i] ^= (uint8_t)(1 << bit);
            write_bytes(path, bytes, len);
            CHECKF(!is_whole(path, error), "byte %zu", i);
            CHECKF(strncmp(error, "at byte ", 8) == 0, "byte %zu: %s", i, error);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    unlink(path);
}

/* Cut between two records it looks like the recording of a crash: whole, without a hash. */
UNIT(recording, every_cut_inside_a_record_is_found)
{
    char path[64], error[256];
    uint8_t bytes[512];
    client_temporary(path);
    write_three(path);
    size_t len = read_bytes(path, bytes, sizeof bytes);
    size_t header = 4 + 1 + sizeof build + 8 + 4;
    for (size_t cut = 0; cut < len; cut++) {
        bool boundary = cut == header || cut == header + 12 || cut == header + 12 + 9;
        write_bytes(path, bytes, cut);
        CHECKF(is_whole(path, error) == boundary, "cut at %zu: %s", cut, error);
    }
    unlink(path);
}

UNIT(recording, moved_record_is_found)
{
    char path[64];
    uint8_t bytes[512];
    client_temporary(path);
    struct recorder *r = recorder_open(path, build, sizeof build, 1);
    recorder_put(r, "Cone", 4);
    recorder_put(r, "Ctwo", 4);
    recorder_close(r);
    size_t len = read_bytes(path, bytes, sizeof bytes);
    uint8_t first[12];
    memcpy(first, bytes + len - 24, 12);
    memcpy(bytes + len - 24, bytes + len - 12, 12);
    memcpy(bytes + len - 12, first, 12);
    write_bytes(path, bytes, len);
    CHECK(!is_whole(path, NULL));
    unlink(path);
}

/* From memory, as fuzzers read; a verdict does not move the reader, whatever it is. */
UNIT(recording, verifying_stays_where_it_was)
{
    char path[64];
    uint8_t bytes[512];
    client_temporary(path);
    struct recorder *r = recorder_open(path, build, sizeof build, 1);
    recorder_put(r, "Cone", 4);
    recorder_put(r, "?two", 4); /* of no known type */
    recorder_close(r);
    size_t len = read_bytes(path, bytes, sizeof bytes), n;
    unlink(path);
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    struct recording seen;
    CHECK(recording_adopt(&seen, copy, len));
    size_t at = seen.at;
    CHECK(!recording_verify(&seen));
    CHECK_INT(seen.at, at);
    CHECK_MEM(recording_next(&seen, &n), "Cone", 4);
    recording_close(&seen);
}

UNIT(recording, missing_file_is_named)
{
    char error[256];
    CHECK(!is_whole("/nonexistent/x.lwr", error));
    CHECKF(strstr(error, "No such file") != NULL, "%s", error);
}

UNIT(recording, full_disk_is_remembered)
{
    struct recorder *r = recorder_open("/dev/full", build, sizeof build, 1);
    CHECK(r != NULL);
    recorder_put(r, "Cabc", 4);
    CHECK(recorder_error(r) != 0);
    recorder_close(r);
}
