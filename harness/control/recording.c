/* harness/control/recording.c */
#include "harness/control/recording.h"

#include "vnet/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAGIC "LWR1"
#define MAGIC_LEN 4u
#define CHECK_LEN 4u
#define LENGTH_LEN 4u
#define HEADER_MAX (MAGIC_LEN + 1u + 255u + 8u + CHECK_LEN)

struct recorder {
    int fd;
    int error;
    uint32_t check;
};

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Writing. */

static void write_all(struct recorder *r, struct iovec *parts, int n)
{
    size_t left = 0;
    for (int i = 0; i < n; i++)
        left += parts[i].iov_len;
    while (left > 0 && r->error == 0) {
        ssize_t done = writev(r->fd, parts, n);
        if (done < 0) {
            r->error = errno == EINTR ? 0 : errno;
            continue;
        }
        left -= (size_t)done;
        for (size_t skip = (size_t)done; skip > 0;) {
            size_t step = skip < parts->iov_len ? skip : parts->iov_len;
            parts->iov_base = (uint8_t *)parts->iov_base + step;
            parts->iov_len -= step;
            skip -= step;
            if (parts->iov_len == 0 && n > 1) {
                parts++;
                n--;
            }
        }
    }
}

struct recorder *recorder_open(const char *path, const uint8_t *build, size_t build_len,
                               uint64_t seed)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (r->fd < 0) {
        free(r);
        return NULL;
    }
    uint8_t head[HEADER_MAX];
    size_t len = MAGIC_LEN;
    memcpy(head, MAGIC, MAGIC_LEN);
    head[len++] = (uint8_t)build_len;
    memcpy(head + len, build, build_len);
    len += build_len;
    for (int i = 0; i < 8; i++)
        head[len++] = (uint8_t)(seed >> (8 * i));
    r->check = XXH32(head, len, 0);
    put32(head + len, r->check);
    struct iovec part = {head, len + CHECK_LEN};
    write_all(r, &part, 1);
    return r;
}

static void put_parts(struct recorder *r, const void *first, size_t first_len, const void *rest,
                      size_t rest_len)
{
    uint8_t length[LENGTH_LEN], check[CHECK_LEN];
    if (r->error != 0)
        return;
    put32(length, (uint32_t)(first_len + rest_len));
    XXH32_state_t state;
    XXH32_reset(&state, r->check);
    XXH32_update(&state, length, sizeof length);
    XXH32_update(&state, first, first_len);
    if (rest_len > 0)
        XXH32_update(&state, rest, rest_len);
    r->check = XXH32_digest(&state);
    put32(check, r->check);
    struct iovec parts[] = {{length, sizeof length},
                            {(void *)(uintptr_t)first, first_len},
                            {(void *)(uintptr_t)rest, rest_len},
                            {check, sizeof check}};
    write_all(r, parts, 4);
}

void recorder_put(struct recorder *r, const void *bytes, size_t len)
{
    put_parts(r, bytes, len, bytes, 0); /* no null pointer is ever advanced, not even by 0 */
}

void recorder_put_typed(struct recorder *r, uint8_t type, const void *bytes, size_t len)
{
    put_parts(r, &type, 1, bytes, len);
}

void recorder_put_tap(struct recorder *r, const struct recorded_tap *t, const void *frame,
                      size_t len)
{
    uint8_t head[RECORD_TAP_HEAD];
    recorded_tap_put(head, t);
    put_parts(r, head, sizeof head, len > 0 ? frame : head, len);
}

int recorder_error(const struct recorder *r)
{
    return r->error;
}

void recorder_close(struct recorder *r)
{
    if (r == NULL)
        return;
    close(r->fd);
    free(r);
}

void recorded_tap_put(uint8_t head[RECORD_TAP_HEAD], const struct recorded_tap *t)
{
    head[0] = 'T';
    put32(head + 1, t->port);
    put32(head + 5, (uint32_t)t->t_ns);
    put32(head + 9, (uint32_t)(t->t_ns >> 32));
}

bool recorded_tap_get(const uint8_t *record, size_t len, struct recorded_tap *t)
{
    if (len < RECORD_TAP_HEAD || record[0] != 'T')
        return false;
    t->port = get32(record + 1);
    t->t_ns = get32(record + 5) | (uint64_t)get32(record + 9) << 32;
    return true;
}

/* Reading. */

static bool read_file(struct recording *r, const char *path)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        snprintf(r->error, sizeof r->error, "cannot be opened: %s", strerror(errno));
        return false;
    }
    size_t room = 0, got;
    do {
        if (r->len == room) {
            room = room == 0 ? 65536 : room * 2;
            uint8_t *more = realloc(r->bytes, room);
            if (more == NULL)
                break;
            r->bytes = more;
        }
        got = fread(r->bytes + r->len, 1, room - r->len, f);
        r->len += got;
    } while (got > 0);
    bool bad = ferror(f) || !feof(f);
    fclose(f);
    if (bad)
        snprintf(r->error, sizeof r->error, "cannot be read: %s", strerror(errno));
    return !bad;
}

static bool wrong(struct recording *r, size_t at, const char *expected)
{
    snprintf(r->error, sizeof r->error, "at byte %zu of %zu: expected %s", at, r->len, expected);
    return false;
}

static bool check_follows(struct recording *r, size_t from, size_t to, const char *what)
{
    char text[128];
    if (r->len - to < CHECK_LEN) {
        snprintf(text, sizeof text, "the %s's check, but the file ends", what);
        return wrong(r, to, text);
    }
    uint32_t expected = XXH32(r->bytes + from, to - from, r->check), got = get32(r->bytes + to);
    if (got != expected) {
        snprintf(text, sizeof text, "the check %08x of the %s that begins at byte %zu, got %08x",
                 expected, what, from, got);
        return wrong(r, to, text);
    }
    r->check = got;
    r->at = to + CHECK_LEN;
    return true;
}

static bool read_header(struct recording *r)
{
    if (r->len < MAGIC_LEN || memcmp(r->bytes, MAGIC, MAGIC_LEN) != 0)
        return wrong(r, 0, "\"" MAGIC "\", the mark of a recording");
    if (r->len < MAGIC_LEN + 1)
        return wrong(r, MAGIC_LEN, "a build id, but the file ends");
    r->build_len = r->bytes[MAGIC_LEN];
    r->build = r->bytes + MAGIC_LEN + 1;
    size_t seed_at = MAGIC_LEN + 1 + r->build_len;
    if (r->len < seed_at + 8)
        return wrong(r, r->len, "a build id and a seed, but the file ends");
    for (int i = 7; i >= 0; i--)
        r->seed = r->seed << 8 | r->bytes[seed_at + (size_t)i];
    return check_follows(r, 0, seed_at + 8, "header");
}

bool recording_open(struct recording *r, const char *path)
{
    *r = (struct recording){0};
    return read_file(r, path) && read_header(r);
}

bool recording_adopt(struct recording *r, uint8_t *bytes, size_t len)
{
    *r = (struct recording){.bytes = bytes, .len = len};
    return read_header(r);
}

const uint8_t *recording_next(struct recording *r, size_t *len)
{
    size_t from = r->at;
    if (from == r->len)
        return NULL;
    if (r->len - from < LENGTH_LEN) {
        wrong(r, from, "a record's length, but the file ends");
        return NULL;
    }
    uint32_t length = get32(r->bytes + from);
    if (length == 0 || length > RECORD_MAX) {
        wrong(r, from, "a record's length of 1 byte to 1 GiB");
        return NULL;
    }
    if (r->len - from - LENGTH_LEN < length) {
        char text[96];
        snprintf(text, sizeof text, "a record of %u bytes, but the file ends", length);
        wrong(r, from, text);
        return NULL;
    }
    if (!check_follows(r, from, from + LENGTH_LEN + length, "record"))
        return NULL;
    *len = length;
    return r->bytes + from + LENGTH_LEN;
}

static bool verify_rest(struct recording *r)
{
    size_t len;
    bool ended = false;
    const uint8_t *record;
    while ((record = recording_next(r, &len)) != NULL) {
        if (ended)
            return wrong(r, r->at - len - CHECK_LEN, "nothing behind the trace hash");
        if (memchr("CSApBTH", record[0], 7) == NULL)
            return wrong(r, r->at - len - CHECK_LEN, "a record of type C, S, A, p, B, T or H");
        ended = record[0] == 'H';
        if (ended && len != 33)
            return wrong(r, r->at - len - CHECK_LEN, "a trace hash of 32 digits");
        if (record[0] == 'T' && (len < RECORD_TAP_HEAD || len > RECORD_TAP_HEAD + FRAME_MAX))
            return wrong(r, r->at - len - CHECK_LEN, "port, time and frame of a TAP");
    }
    return r->error[0] == '\0';
}

bool recording_verify(struct recording *r)
{
    size_t at = r->at;
    uint32_t check = r->check;
    bool good = verify_rest(r);
    r->at = at;
    r->check = check;
    return good;
}

void recording_close(struct recording *r)
{
    free(r->bytes);
    *r = (struct recording){0};
}
