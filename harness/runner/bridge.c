/* harness/runner/bridge.c
 *
 * libuv tells whenever there is something to read. If the world cannot take it (no advance is under
 * way, or the present one is about to end), the descriptor is left alone until bridge_resume(), or
 * libuv would tell again at once. */
#include "harness/runner/bridge.h"

#include "harness/runner/tap_device.h"
#include "vnet/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_AT_ONCE 64u /* frames, before others on the loop have their turn */

struct waiting {
    size_t len;
    uint8_t *bytes; /* malloc'ed */
};

struct tap {
    struct bridge *bridge;
    uv_poll_t poll;
    int fd;
    uint32_t port;
    bool deaf; /* reading waits for bridge_resume() */
    struct session_tap_counts counts;
    struct waiting queue[BRIDGE_QUEUE_MAX]; /* a ring */
    uint32_t head, count;
};

struct bridge {
    struct loop *loop;
    bridge_bring_fn *bring;
    void *ctx;
    struct tap *taps[BRIDGE_TAPS_MAX];
    uint32_t count;
    uint8_t frame[FRAME_MAX + 1];
};

static void ready(uv_poll_t *poll, int status, int events);

static struct tap *find(const struct bridge *b, uint32_t port)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->taps[i]->port == port)
            return b->taps[i];
    return NULL;
}

/* Listens for what matters now. */
static void watch(struct tap *t)
{
    int events = (t->deaf ? 0 : UV_READABLE) | (t->count > 0 ? UV_WRITABLE : 0);
    if (events != 0 && !t->counts.gone)
        uv_poll_start(&t->poll, events, ready);
    else
        uv_poll_stop(&t->poll);
}

static void forget_queue(struct tap *t)
{
    for (; t->count > 0; t->count--) {
        free(t->queue[t->head].bytes);
        t->head = (t->head + 1) % BRIDGE_QUEUE_MAX;
    }
}

/* To the kernel. */

enum sent { SENT, SENT_LATER, SENT_NEVER };

static enum sent try_write(struct tap *t, const void *bytes, size_t len)
{
    ssize_t n;
    do
        n = write(t->fd, bytes, len);
    while (n < 0 && errno == EINTR);
    if (n >= 0) {
        t->counts.out++;
        return SENT;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM)
        return SENT_LATER;
    /* EIO: the device is not up; EBADFD, EPIPE: it was removed, which reading finds out */
    t->counts.dropped[errno == EIO || errno == EBADFD || errno == EPIPE ? TAP_DOWN
                                                                        : TAP_REFUSED]++;
    return SENT_NEVER;
}

static void put_off(struct tap *t, const void *bytes, size_t len)
{
    uint8_t *copy = t->count < BRIDGE_QUEUE_MAX ? malloc(len) : NULL;
    if (copy == NULL) {
        t->counts.dropped[TAP_QUEUE_FULL]++;
        return;
    }
    memcpy(copy, bytes, len);
    t->queue[(t->head + t->count) % BRIDGE_QUEUE_MAX] = (struct waiting){len, copy};
    t->count++;
    if (t->count == 1)
        watch(t);
}

void bridge_write(struct bridge *b, uint32_t port, const void *bytes, size_t len)
{
    struct tap *t = find(b, port);
    if (t->counts.gone)
        t->counts.dropped[TAP_DOWN]++;
    else if (t->count > 0 || try_write(t, bytes, len) == SENT_LATER)
        put_off(t, bytes, len);
}

static void send_waiting(struct tap *t)
{
    while (t->count > 0) {
        struct waiting *w = &t->queue[t->head];
        if (try_write(t, w->bytes, w->len) == SENT_LATER)
            return;
        free(w->bytes);
        t->head = (t->head + 1) % BRIDGE_QUEUE_MAX;
        t->count--;
    }
}

/* From the kernel. */

static void lose(struct tap *t)
{
    t->counts.gone = true;
    t->counts.dropped[TAP_DOWN] += t->count;
    forget_queue(t);
}

/* One frame; false: there is none, or no room in time for one. */
static bool read_one(struct tap *t)
{
    struct bridge *b = t->bridge;
    if (!loop_sync(b->loop)) {
        t->deaf = true;
        return false;
    }
    ssize_t n = read(t->fd, b->frame, sizeof b->frame);
    if (n > (ssize_t)FRAME_MAX) {
        t->counts.dropped[TAP_TOO_LONG]++;
    } else if (n > 0) {
        t->counts.in++;
        b->bring(b->ctx, t->port, b->frame, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
        lose(t);
        return false;
    }
    return n > 0;
}

static void ready(uv_poll_t *poll, int status, int events)
{
    struct tap *t = poll->data;
    if (status < 0) {
        events = UV_READABLE; /* read() says what is wrong */
        uv_poll_stop(poll);
    }
    if ((events & UV_WRITABLE) != 0)
        send_waiting(t);
    for (unsigned n = 0; (events & UV_READABLE) != 0 && n < READ_AT_ONCE && read_one(t); n++)
        continue;
    watch(t);
}

void bridge_resume(struct bridge *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        struct tap *t = b->taps[i];
        if (t->deaf) {
            t->deaf = false;
            watch(t);
        }
    }
}

/* Life. */

struct bridge *bridge_new(struct loop *loop, bridge_bring_fn *bring, void *ctx)
{
    struct bridge *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->loop = loop;
    b->bring = bring;
    b->ctx = ctx;
    return b;
}

static void closed(uv_handle_t *handle)
{
    struct tap *t = handle->data;
    close(t->fd);
    free(t);
}

static void close_tap(struct tap *t)
{
    forget_queue(t);
    uv_close((uv_handle_t *)&t->poll, closed);
}

void bridge_close(struct bridge *b, uint32_t port)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->taps[i]->port != port)
            continue;
        close_tap(b->taps[i]);
        b->taps[i] = b->taps[--b->count];
        return;
    }
}

void bridge_free(struct bridge *b)
{
    for (uint32_t i = 0; b != NULL && i < b->count; i++)
        close_tap(b->taps[i]);
    free(b);
}

static struct tap *make(struct bridge *b, const struct session_tap *tap, int fd)
{
    struct tap *t = calloc(1, sizeof *t);
    if (t == NULL || uv_poll_init(loop_uv(b->loop), &t->poll, fd) != 0) {
        free(t);
        return NULL;
    }
    t->poll.data = t;
    t->bridge = b;
    t->fd = fd;
    t->port = tap->port;
    t->deaf = true; /* until the next advance */
    return t;
}

static bool has_fd(const struct bridge *b, int fd)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->taps[i]->fd == fd)
            return true;
    return false;
}

bool bridge_open(struct bridge *b, const struct session_tap *tap, char *why, size_t room)
{
    if (b->count == BRIDGE_TAPS_MAX) {
        snprintf(why, room, "there are %u TAPs, more are not possible", BRIDGE_TAPS_MAX);
        return false;
    }
    int fd = tap->fd;
    bool inherited = fd >= 0;
    if (inherited && has_fd(b, fd)) {
        snprintf(why, room, "descriptor %d is a TAP already", fd);
        return false;
    }
    if (inherited ? !tap_device_adopt(fd, why, room)
                  : (fd = tap_device_open(tap->device, tap->netns, why, room)) < 0)
        return false;
    struct tap *t = make(b, tap, fd);
    if (t == NULL) {
        snprintf(why, room, "descriptor %d cannot be waited for", fd);
        if (!inherited)
            close(fd);
        return false;
    }
    b->taps[b->count++] = t;
    loop_outside(b->loop);
    return true;
}

void bridge_counts(const struct bridge *b, uint32_t port, struct session_tap_counts *counts)
{
    const struct tap *t = b != NULL ? find(b, port) : NULL;
    if (t == NULL)
        return;
    *counts = t->counts;
    counts->waiting = t->count;
}
