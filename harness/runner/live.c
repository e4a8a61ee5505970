/* harness/runner/live.c: a session over the control socket, driven by libuv.
 *
 * The socket is read whenever no run is under way, message after message until it is empty or a
 * run begins; while one is, only the end of the conversation is watched for. */
#include "harness/control/recording.h"
#include "harness/control/session.h"
#include "harness/firmware/gdb.h"
#include "harness/host/fatal.h"
#include "harness/runner/bridge.h"
#include "harness/runner/cli.h"
#include "sim/build_id.h"
#include "sim/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct live {
    struct session *session;
    struct recorder *recorder;
    struct loop *loop;
    struct bridge *bridge; /* NULL: no TAP so far */
    uv_poll_t poll;
    uv_signal_t on_int, on_term;
    int fd;
    int status; /* of the process, once it is known */
    bool paced;
    bool running;
    uint8_t message[SESSION_MESSAGE_MAX];
};

/* The socket. libuv makes it non-blocking; what has to wait waits here. */

static void wait_for(const struct live *l, short events)
{
    struct pollfd p = {.fd = l->fd, .events = events};
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        continue;
}

static void send_message(void *ctx, const void *bytes, size_t len)
{
    const struct live *l = ctx;
    while (send(l->fd, bytes, len, MSG_NOSIGNAL) < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            wait_for(l, POLLOUT);
        else if (errno != EINTR)
            return; /* the end of the conversation shows when reading */
    }
}

/* The length of a message; 0: the controller is gone; -1: there is none now. */
static ssize_t take_message(const struct live *l, void *buffer, size_t room)
{
    for (;;) {
        ssize_t n = recv(l->fd, buffer, room, MSG_TRUNC);
        if (n >= 0)
            return n;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return -1;
        if (errno != EINTR)
            return 0;
    }
}

static int end_status(const struct live *l)
{
    return l->session->finished ? EXIT_OK : EXIT_UNFINISHED;
}

/* From inside an event: nothing can be unwound, and nothing has to be: files are written block by
 * block. */
static size_t receive_message(void *ctx, void *buffer, size_t room)
{
    const struct live *l = ctx;
    ssize_t n;
    while ((n = take_message(l, buffer, room)) < 0)
        wait_for(l, POLLIN);
    if (n == 0)
        _exit(EXIT_UNFINISHED);
    if ((size_t)n > room)
        fatal(FATAL_PROTOCOL, "a message of %zd bytes, more than %zu", n, room);
    return (size_t)n;
}

static uint8_t *read_file(void *ctx, const char *path, size_t *len, const char **why)
{
    const struct live *l = ctx;
    FILE *f = fopen(path, "rbe");
    uint8_t *bytes = NULL;
    size_t room = 0;
    *len = 0;
    *why = strerror(errno);
    while (f != NULL && !feof(f) && !ferror(f)) {
        if (*len == room) {
            room = room == 0 ? 1 << 20 : room * 2;
            uint8_t *more = realloc(bytes, room);
            if (more == NULL)
                break;
            bytes = more;
        }
        *len += fread(bytes + *len, 1, room - *len, f);
    }
    if (f == NULL)
        return NULL;
    bool whole = feof(f) != 0;
    fclose(f);
    if (!whole || *len >= RECORD_MAX) {
        *why = whole ? "too large" : "it cannot be read";
        free(bytes);
        return NULL;
    }
    if (l->recorder != NULL)
        recorder_put_typed(l->recorder, 'B', bytes, *len);
    return bytes;
}

static void rebind(void *ctx, struct sim *sim)
{
    loop_rebind(((struct live *)ctx)->loop, sim);
}

/* The kernel. */

static void bring(void *ctx, uint32_t port, const uint8_t *bytes, size_t len)
{
    const struct live *l = ctx;
    session_tap_frame(l->session, port, bytes, len);
}

static bool open_tap(void *ctx, const struct session_tap *tap, char *why, size_t room)
{
    struct live *l = ctx;
    if (!l->paced) {
        snprintf(why, room, "the kernel lives in real time: a TAP needs --paced");
        return false;
    }
    if (l->bridge == NULL)
        l->bridge = bridge_new(l->loop, bring, l);
    if (l->bridge == NULL) {
        snprintf(why, room, "no memory");
        return false;
    }
    return bridge_open(l->bridge, tap, why, room);
}

static void close_tap(void *ctx, uint32_t port)
{
    bridge_close(((struct live *)ctx)->bridge, port);
}

static void write_tap(void *ctx, uint32_t port, const void *bytes, size_t len)
{
    bridge_write(((struct live *)ctx)->bridge, port, bytes, len);
}

static void count_tap(void *ctx, uint32_t port, struct session_tap_counts *counts)
{
    bridge_counts(((struct live *)ctx)->bridge, port, counts);
}

static struct gdb *wait_for_gdb(void *ctx, const char *name, uint16_t port, char *why, size_t room)
{
    return gdb_new(name, port, ((const struct live *)ctx)->fd, why, room);
}

static void die(void *ctx, enum fatal_kind kind, const char *text)
{
    struct live *l = ctx;
    fflush(NULL);
    if (l->session != NULL)
        session_send_fatal(l->session, fatal_kind_name(kind), text);
    fprintf(stderr, "lockwire-sim: %s: %s\n", fatal_kind_name(kind), text);
    _exit(EXIT_FATAL);
}

/* The conversation. */

static void end(struct live *l, int status)
{
    l->status = status;
    loop_stop(l->loop);
}

static void ran(void *ctx, enum sim_stop why);

static void go_on(struct live *l, enum session_want want)
{
    l->running = want == SESSION_RUN;
    if (l->running && l->bridge != NULL)
        bridge_resume(l->bridge);
    if (l->running)
        loop_advance(l->loop, session_until(l->session), ran, l);
}

static void listen_on(struct live *l)
{
    while (!l->running) {
        ssize_t n = take_message(l, l->message, sizeof l->message);
        if (n < 0)
            return;
        if (n == 0) {
            end(l, end_status(l));
            return;
        }
        if ((size_t)n > sizeof l->message)
            fatal(FATAL_PROTOCOL, "a message of %zd bytes, more than %zu", n, sizeof l->message);
        go_on(l, session_hear(l->session, l->message, (size_t)n));
    }
}

static void ran(void *ctx, enum sim_stop why)
{
    struct live *l = ctx;
    go_on(l, session_ran(l->session, why));
    if (!l->running)
        listen_on(l);
}

static void readable(uv_poll_t *poll, int status, int events)
{
    struct live *l = poll->data;
    (void)status;
    (void)events;
    if (!l->running) {
        listen_on(l);
        return;
    }
    uint8_t byte;
    ssize_t n = recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0)
        end(l, EXIT_UNFINISHED);
    else if (n > 0)
        fatal(FATAL_PROTOCOL, "a message came before the advance was answered");
}

static void signalled(uv_signal_t *handle, int number)
{
    end(handle->data, EXIT_SIGNAL + number);
}

/* Life. */

static struct recorder *open_recorder(const struct cli *c)
{
    uint8_t id[BUILD_ID_MAX];
    size_t len = build_id_get(id);
    struct recorder *r = recorder_open(c->record, id, len, c->seed);
    if (r == NULL)
        fprintf(stderr, "lockwire-sim: the recording %s cannot be created: %s\n", c->record,
                strerror(errno));
    return r;
}

static bool open_session(struct live *l, const struct cli *c)
{
    int kind;
    socklen_t size = sizeof kind;
    if (getsockopt(c->control_fd, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 ||
        kind != SOCK_SEQPACKET) {
        fprintf(stderr, "lockwire-sim: --control: descriptor %d is not a SOCK_SEQPACKET socket\n",
                c->control_fd);
        return false;
    }
    int room = 4 * (int)SESSION_MESSAGE_MAX;
    setsockopt(c->control_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (c->record != NULL && (l->recorder = open_recorder(c)) == NULL)
        return false;
    struct session_config config = {
        .seed = c->seed, .memory_bytes = c->memory_bytes, .recorder = l->recorder};
    struct session_carrier carrier = {.ctx = l, .send = send_message, .receive = receive_message,
                                      .read_file = read_file, .rebind = rebind,
                                      .tap_open = open_tap, .tap_close = close_tap,
                                      .tap_write = write_tap, .tap_counts = count_tap,
                                      .gdb_new = wait_for_gdb};
    const char *why;
    l->session = session_new(&config, &carrier, &why);
    if (l->session == NULL)
        fprintf(stderr, "lockwire-sim: the world cannot be made: %s\n", why);
    return l->session != NULL;
}

static bool open_loop(struct live *l, const struct cli *c)
{
    l->loop = loop_new(session_sim(l->session), c->paced ? LOOP_PACED : LOOP_STEPPED);
    if (l->loop == NULL)
        return false;
    if (c->paced)
        loop_pace(l->loop, c->pace);
    if (c->batch != 0)
        loop_batch(l->loop, c->batch);
    uv_loop_t *uv = loop_uv(l->loop);
    uv_poll_init(uv, &l->poll, l->fd);
    uv_signal_init(uv, &l->on_int);
    uv_signal_init(uv, &l->on_term);
    l->poll.data = l->on_int.data = l->on_term.data = l;
    uv_signal_start(&l->on_int, signalled, SIGINT);
    uv_signal_start(&l->on_term, signalled, SIGTERM);
    uv_poll_start(&l->poll, UV_READABLE, readable);
    return true;
}

int live_main(const struct cli *c)
{
    struct live *l = calloc(1, sizeof *l);
    if (l == NULL)
        return EXIT_FATAL;
    l->fd = c->control_fd;
    l->paced = c->paced;
    fatal_handler_set(die, l);
    if (!open_session(l, c)) {
        recorder_close(l->recorder);
        free(l);
        return EXIT_USAGE_ERROR;
    }
    if (!open_loop(l, c))
        return EXIT_FATAL;
    loop_run(l->loop);
    uv_close((uv_handle_t *)&l->poll, NULL);
    uv_close((uv_handle_t *)&l->on_int, NULL);
    uv_close((uv_handle_t *)&l->on_term, NULL);
    bridge_free(l->bridge);
    loop_free(l->loop);
    session_free(l->session);
    recorder_close(l->recorder);
    close(l->fd);
    int status = l->status;
    free(l);
    return status;
}
