/* client.h: a controller in C: starts a lockwire-sim and talks to it as PROTOCOL.md says. */
#ifndef HARNESS_TESTS_CLIENT_H
#define HARNESS_TESTS_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CLIENT_NEVER UINT64_MAX
#define CLIENT_ROOM (256u * 1024u)

struct client {
    int fd;
    pid_t pid;
    size_t len; /* of the message read last; 0: the simulator is gone */
    uint8_t message[CLIENT_ROOM];
};

/* Starts the simulator with extra arguments (NULL-terminated list), no hello said. */
struct client *client_spawn(const char *first, ...) __attribute__((sentinel));
/* The same, and hello without files. */
struct client *client_start(void);

void client_write(struct client *c, const void *bytes, size_t len);
/* The next message, in c->message; returns its type, 0: the simulator is gone. */
char client_read(struct client *c);

/* Sends a command given as JSON (printf-like, with ' for ") and returns the reply, also a refusal.
 * The test fails when no R comes. The caller gives the reference back. */
json_t *client_ask(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a command that has to succeed; returns the integer member `name` (NULL: nothing). */
int64_t client_do(struct client *c, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void client_send(struct client *c, uint32_t port, const void *frame, size_t len);
/* Advances; returns the answer's type, *t_ns its time, *id its object or port. */
char client_advance(struct client *c, uint64_t until_ns, uint64_t *t_ns, uint32_t *id);
/* Advances to the very end of [now, until], whatever is handed over; returns how much was. */
unsigned client_run(struct client *c, uint64_t until_ns);
/* The trace hash so far. */
void client_hash(struct client *c, char hash[33]);

/* Says finish; the test fails when an oracle found a problem. */
void client_finish(struct client *c);
/* Hangs up and waits: the exit status, 1000 + signal if it was killed by one. */
int client_stop(struct client *c);

/* Runs lockwire-sim with arguments; its output goes to out (room bytes). Returns its status. */
int client_tool(char *out, size_t room, const char *first, ...) __attribute__((sentinel));

/* A file name that is new, in the directory for temporary files; the text is the caller's. */
void client_temporary(char path[64]);

/* Two hosts a (10.0.0.1) and b (10.0.0.2) and the controller's port t, ids 1, 2, 1, on a switch
 * "lan" with 100 Mbit/s and 50 us; announcements are over, the clock shows 1 ms. */
void client_two_hosts(struct client *c);

#endif
