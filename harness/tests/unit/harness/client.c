/* client.c */
#include "client.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 24

static uint64_t get_le(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | p[bytes];
    return v;
}

static struct client *spawn(char *const *args, int theirs, int mine)
{
    struct client *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->fd = mine;
    c->pid = fork();
    CHECK(c->pid >= 0);
    if (c->pid == 0) {
        close(mine);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 2);
        execv(LOCKWIRE_SIM, args);
        _exit(127);
    }
    close(theirs);
    return c;
}

struct client *client_spawn(const char *first, ...)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    char fd[16], *args[ARGS_MAX] = {LOCKWIRE_SIM, "--control", fd};
    snprintf(fd, sizeof fd, "%d", pair[1]);
    int n = 3;
    va_list list;
    va_start(list, first);
    for (const char *a = first; a != NULL && n < ARGS_MAX - 1; a = va_arg(list, const char *))
        args[n++] = (char *)(uintptr_t)a;
    va_end(list);
    return spawn(args, pair[1], pair[0]);
}

struct client *client_start(void)
{
    struct client *c = client_spawn("--check", NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    return c;
}

void client_write(struct client *c, const void *bytes, size_t len)
{
    CHECK(send(c->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len || errno == EPIPE);
}

char client_read(struct client *c)
{
    ssize_t n = recv(c->fd, c->message, sizeof c->message - 1, 0);
    c->len = n > 0 ? (size_t)n : 0;
    c->message[c->len] = '\0';
    return c->len > 0 ? (char)c->message[0] : '\0';
}

static json_t *ask(struct client *c, const char *format, va_list list)
{
    char text[8192] = "C";
    int n = vsnprintf(text + 1, sizeof text - 1, format, list);
    CHECK(n >= 0 && (size_t)n < sizeof text - 1);
    for (char *q = text; *q != '\0'; q++)
        if (*q == '\'')
            *q = '"';
    client_write(c, text, 1 + (size_t)n);
    char type = client_read(c);
    CHECKF(type == 'R', "to %.100s came %.300s", text, (const char *)c->message);
    json_t *reply = json_loadb((const char *)c->message + 1, c->len - 1, 0, NULL);
    CHECKF(reply != NULL, "no JSON: %.300s", (const char *)c->message);
    return reply;
}

json_t *client_ask(struct client *c, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    json_t *reply = ask(c, format, list);
    va_end(list);
    return reply;
}

int64_t client_do(struct client *c, const char *name, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    json_t *reply = ask(c, format, list);
    va_end(list);
    CHECKF(json_is_true(json_object_get(reply, "ok")), "%.300s", (const char *)c->message);
    int64_t value = name != NULL ? json_integer_value(json_object_get(reply, name)) : 0;
    json_decref(reply);
    return value;
}

void client_send(struct client *c, uint32_t port, const void *frame, size_t len)
{
    uint8_t m[10000] = {'S'};
    for (int i = 0; i < 4; i++)
        m[1 + i] = (uint8_t)(port >> (8 * i));
    memcpy(m + 5, frame, len);
    client_write(c, m, 5 + len);
}

char client_advance(struct client *c, uint64_t until_ns, uint64_t *t_ns, uint32_t *id)
{
    uint8_t m[9] = {'A'};
    for (int i = 0; i < 8; i++)
        m[1 + i] = (uint8_t)(until_ns >> (8 * i));
    client_write(c, m, sizeof m);
    char type = client_read(c);
    bool named = type == 'F' || type == 'N';
    if (id != NULL)
        *id = named ? (uint32_t)get_le(c->message + 1, 4) : 0;
    if (t_ns != NULL)
        *t_ns = get_le(c->message + (named ? 5 : 1), 8);
    return type;
}

unsigned client_run(struct client *c, uint64_t until_ns)
{
    unsigned n = 0;
    char type;
    while ((type = client_advance(c, until_ns, NULL, NULL)) == 'F' || type == 'N')
        n++;
    CHECKF(type == 'D' || type == 'Q', "got %.300s", (const char *)c->message);
    return n;
}

void client_hash(struct client *c, char hash[33])
{
    json_t *reply = client_ask(c, "{'op': 'clock'}");
    snprintf(hash, 33, "%s", json_string_value(json_object_get(reply, "trace")));
    json_decref(reply);
}

void client_finish(struct client *c)
{
    json_t *reply = client_ask(c, "{'op': 'finish'}");
    CHECKF(json_is_true(json_object_get(reply, "ok")) &&
               json_array_size(json_object_get(reply, "problems")) == 0,
           "%.300s", (const char *)c->message);
    json_decref(reply);
}

static int wait_for(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int client_stop(struct client *c)
{
    close(c->fd);
    int status = wait_for(c->pid);
    free(c);
    return status;
}

int client_tool(char *out, size_t room, const char *first, ...)
{
    char *args[ARGS_MAX] = {LOCKWIRE_SIM, (char *)(uintptr_t)first};
    int n = 2, ends[2];
    va_list list;
    va_start(list, first);
    for (char *a; n < ARGS_MAX - 1 && (a = va_arg(list, char *)) != NULL;)
        args[n++] = a;
    va_end(list);
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execv(LOCKWIRE_SIM, args);
        _exit(127);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    char rest[512];
    while ((got = read(ends[0], rest, sizeof rest)) > 0)
        for (ssize_t i = 0; i < got; i++)
            if (len + 1 < room)
                out[len++] = rest[i];
    out[len] = '\0';
    close(ends[0]);
    return wait_for(pid);
}

void client_temporary(char path[64])
{
    snprintf(path, 64, "/tmp/lockwire-test-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
}

void client_two_hosts(struct client *c)
{
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'switch', "
                       "'rate_bps': 100000000, 'latency_ns': 50000}");
    for (int i = 1; i <= 2; i++) {
        client_do(c, NULL, "{'op': 'host', 'name': '%c'}", 'a' + i - 1);
        client_do(c, NULL, "{'op': 'netif', 'host': %d, 'segment': 1, 'ip': "
                           "'10.0.0.%d', 'prefix': 24}", i, i);
    }
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_run(c, 1000000);
}
