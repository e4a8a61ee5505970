/* harness/firmware/gdb_socket.c: see gdb_socket.h. */
#include "harness/firmware/gdb_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct gdb_socket {
    int listener, peer; /* -1: none (any more) */
    int controller;     /* not ours; -1: none */
    int signals;        /* readable while SIGINT or SIGTERM is pending */
    uint16_t port;
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void gdb_socket_close(struct gdb_socket *s)
{
    if (s == NULL)
        return;
    close_one(&s->listener);
    close_one(&s->peer);
    close_one(&s->signals);
    free(s);
}

static void signals_of_the_end(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static bool listen_on(struct gdb_socket *s, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof at;
    int yes = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->listener < 0 ||
        setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(s->listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(s->listener, 1) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&at, &size) != 0)
        return false;
    s->port = ntohs(at.sin_port);
    return true;
}

struct gdb_socket *gdb_socket_open(uint16_t port, int controller, char *why, size_t room)
{
    struct gdb_socket *s = malloc(sizeof *s);
    sigset_t set;

    if (s == NULL) {
        snprintf(why, room, "no memory");
        return NULL;
    }
    *s = (struct gdb_socket){-1, -1, controller, -1, 0};
    if (!listen_on(s, port)) {
        if (errno == EADDRINUSE)
            snprintf(why, room, "port %u is in use (0 takes one that is free)", port);
        else
            snprintf(why, room, "port %u: %s", port, strerror(errno));
        gdb_socket_close(s);
        return NULL;
    }
    signals_of_the_end(&set);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s;
}

uint16_t gdb_socket_port(const struct gdb_socket *s)
{
    return s->port;
}

bool gdb_socket_connected(const struct gdb_socket *s)
{
    return s->peer >= 0;
}

/* Waits for what gdb does; false: the run is to end. The signals are held back meanwhile, so that
 * they are seen here, and reach their handler right after. */
static bool wait_for(const struct gdb_socket *s, int fd, short events)
{
    struct pollfd on[] = {{.fd = fd, .events = events},
                          {.fd = s->controller}, /* its end is always told */
                          {.fd = s->signals, .events = POLLIN}};
    sigset_t set, before;
    int n;

    signals_of_the_end(&set);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    do
        n = poll(on, sizeof on / sizeof on[0], -1);
    while (n < 0 && errno == EINTR);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n > 0 && on[1].revents == 0 && on[2].revents == 0;
}

static void take_in(struct gdb_socket *s)
{
    int yes = 1;

    s->peer = accept(s->listener, NULL, NULL);
    if (s->peer < 0)
        return;
    fcntl(s->peer, F_SETFD, FD_CLOEXEC);
    fcntl(s->peer, F_SETFL, O_NONBLOCK);
    setsockopt(s->peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    close_one(&s->listener);
}

static bool is_nothing(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

enum gdb_read gdb_socket_read(struct gdb_socket *s, void *bytes, size_t room, bool wait,
                              size_t *count)
{
    *count = 0;
    while (s->peer < 0) {
        if (!wait)
            return GDB_READ_NOTHING;
        if (!wait_for(s, s->listener, POLLIN))
            return GDB_READ_END;
        take_in(s);
    }
    for (;;) {
        ssize_t n = recv(s->peer, bytes, room, 0);
        if (n > 0) {
            *count = (size_t)n;
            return GDB_READ_BYTES;
        }
        if (n == 0 || !is_nothing(errno))
            return GDB_READ_GONE;
        if (!wait)
            return GDB_READ_NOTHING;
        if (!wait_for(s, s->peer, POLLIN))
            return GDB_READ_END;
    }
}

bool gdb_socket_write(struct gdb_socket *s, const void *bytes, size_t count)
{
    const char *from = bytes;

    while (count != 0) {
        ssize_t n = send(s->peer, from, count, MSG_NOSIGNAL);
        if (n > 0) {
            from += n;
            count -= (size_t)n;
        } else if (!is_nothing(errno) || !wait_for(s, s->peer, POLLOUT)) {
            return false;
        }
    }
    return true;
}
