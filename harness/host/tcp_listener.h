/* harness/host/tcp_listener.h: a listening TCP port of a host in the controller's hands.
 *
 * Connections wait in the order in which they were established. Without a duty each of them counts
 * in the backlog until the controller accepts it; with one (echo, sink, source) it begins at once
 * and need never be accepted. */
#ifndef HARNESS_HOST_TCP_LISTENER_H
#define HARNESS_HOST_TCP_LISTENER_H

#include "harness/host/tcp_connection.h"

struct tcp_pcb_listen;

struct listener_config {
    uint32_t addr; /* 0: any */
    uint16_t port; /* 0: ephemeral */
    uint8_t backlog;
    bool reuse; /* SO_REUSEADDR */
    struct connection_settings settings; /* of each connection, from its SYN-ACK on */
    struct connection_duty duty;
};

struct listener {
    struct object object;
    struct tcp_pcb_listen *pcb;
    struct connection *first, *last;
    uint32_t pending;  /* in this queue */
    uint64_t accepted; /* handed over by the stack so far */
    struct tcp_log log;
    struct connection_plan plan;
    struct connection_settings settings;
    struct connection_duty duty;
};

extern const struct object_class listener_class;

/* NULL: *err says why not. Host not entered. */
struct listener *listener_new(struct host *h, const struct listener_config *config, err_t *err);
/* The oldest that waits; NULL: none. It leaves the backlog. */
struct connection *listener_accept(struct listener *l);
/* c, which waits there, is closed or taken. */
void listener_forget(struct listener *l, struct connection *c);
uint16_t listener_port(const struct listener *l);

#endif
