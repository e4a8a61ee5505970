/* sim/arena_file.c: snapshots to and from files. Contract: sim/arena.h.
 *
 * A file is one struct file_header and the snapshot's bytes. It is for another process of the same
 * build on the same machine, so the header is written as it lies in memory; everything in it is
 * checked before anything is believed. */
#include "sim/arena_state.h"

#include "sim/arena_poison.h"
#include "sim/build_id.h"
#include "sim/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAGIC "lockwire snapshot 1\n"

struct file_header {
    char magic[24];
    uint8_t build_id[BUILD_ID_MAX];
    uint64_t limit; /* of the arena: worlds with another one behave differently */
    uint64_t used, shadow, total;
    struct hash_value contents;
    struct hash_value header; /* of all members above */
};

#define HEADER_HASHED offsetof(struct file_header, header)

static bool write_all(int fd, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;

    while (len > 0) {
        ssize_t n = write(fd, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

/* Reads up to len bytes; fewer only at the end of the file. -1: errno says why. */
static ssize_t read_all(int fd, void *bytes, size_t len)
{
    unsigned char *to = bytes;
    size_t got = 0;

    while (got < len) {
        ssize_t n = read(fd, to + got, len - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static const char *try_write(const struct arena_snapshot *s, int fd)
{
    struct file_header h = {.magic = FILE_MAGIC, .used = s->used, .shadow = s->shadow,
                            .total = s->total};
    struct arena_state state;

    if (s->region_count != 0)
        return "the snapshot holds plug-in data and is valid in its own process only";
    if (build_id_get(h.build_id) == 0)
        return "this program was linked without a build id";
    memcpy(&state, s->bytes, sizeof state);
    h.limit = state.limit;
    h.contents = hash_of(s->bytes, s->total, 0);
    h.header = hash_of(&h, HEADER_HASHED, 0);
    if (write_all(fd, &h, sizeof h) && write_all(fd, s->bytes, s->total))
        return NULL;
    return errno == ENOSPC ? "no space left on the device" : "the file cannot be written";
}

bool arena_snapshot_write(const struct arena_snapshot *s, int fd, const char **why)
{
    *why = try_write(s, fd);
    return *why == NULL;
}

static bool same_hash(struct hash_value a, struct hash_value b)
{
    return a.low == b.low && a.high == b.high;
}

static const char *judge_header(const struct file_header *h)
{
    static const char magic[sizeof h->magic] = FILE_MAGIC;
    uint8_t own_id[BUILD_ID_MAX];

    if (memcmp(h->magic, magic, sizeof magic) != 0)
        return "this is not a snapshot";
    if (build_id_get(own_id) == 0)
        return "this program was linked without a build id";
    if (memcmp(h->build_id, own_id, sizeof own_id) != 0)
        return "the snapshot is from another build of the simulator";
    if (!same_hash(h->header, hash_of(h, HEADER_HASHED, 0)))
        return "the snapshot's header is damaged";
    if (arena_mapped() == 0 || h->limit != arena_state()->limit)
        return "the snapshot is of a world with another memory limit";
    if (h->used > arena_mapped() || h->used < sizeof(struct arena_state) ||
        h->shadow != shadow_bytes(h->used) ||
        h->total != arena_round(h->used) + arena_round(h->shadow))
        return "the snapshot's header is impossible";
    return NULL;
}

static const char *judge_contents(const struct arena_snapshot *s, const struct file_header *h)
{
    struct arena_state state;

    if (!same_hash(h->contents, hash_of(s->bytes, s->total, 0)))
        return "the snapshot's contents are damaged";
    memcpy(&state, s->bytes, sizeof state);
    if (state.magic != ARENA_MAGIC || state.top != s->used || state.limit != h->limit ||
        state.region_count != 0)
        return "the snapshot's contents are impossible";
    return NULL;
}

static const char *read_contents(struct arena_snapshot *s, const struct file_header *h, int fd)
{
    unsigned char beyond;
    ssize_t got = read_all(fd, s->bytes, h->total);

    if (got < 0)
        return "the file cannot be read";
    if ((uint64_t)got < h->total)
        return "the snapshot is cut off";
    if (read_all(fd, &beyond, 1) != 0)
        return "something follows the snapshot";
    s->used = h->used;
    s->shadow = h->shadow;
    s->region_count = 0;
    s->total = h->total;
    return judge_contents(s, h);
}

struct arena_snapshot *arena_snapshot_read(int fd, const char **why)
{
    struct file_header h;
    ssize_t got = read_all(fd, &h, sizeof h);

    if (got != (ssize_t)sizeof h) {
        *why = got < 0 ? "the file cannot be read" : "this is not a snapshot";
        return NULL;
    }
    *why = judge_header(&h);
    if (*why != NULL)
        return NULL;
    struct arena_snapshot *s = malloc(sizeof *s + h.total);
    if (s == NULL) {
        *why = "there is no memory for the snapshot";
        return NULL;
    }
    *why = read_contents(s, &h, fd);
    if (*why != NULL) {
        free(s);
        return NULL;
    }
    return s;
}
