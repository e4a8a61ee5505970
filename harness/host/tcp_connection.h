/* harness/host/tcp_connection.h: a TCP connection of a host in the controller's hands.
 *
 * An application against lwIP's RAW API that does what it is told: data that arrives is held, and
 * the window opens as the controller fetches it; or the connection has a duty (echo, sink, source)
 * and works on its own, without waking the controller at each segment. Everything lives in the
 * arena. Addresses are in host byte order; 0 means "any". Errors are lwIP's err_t.
 *
 * The pcb is ours until connection_close() succeeds or the err call-back has run. After a close the
 * stack goes on with it (FIN-WAIT, TIME-WAIT ...), and connection_pcb() finds it on the stack's
 * lists for as long as it is there: by its argument, which no other pcb can have.
 *
 * Read next: tcp_connection.c (life, call-backs), tcp_transfer.c (data in both directions). */
#ifndef HARNESS_HOST_TCP_CONNECTION_H
#define HARNESS_HOST_TCP_CONNECTION_H

#include "harness/host/object.h"
#include "harness/host/tcp_bytes.h"
#include "harness/host/tcp_log.h"

#include "lwip/err.h"

#include <stddef.h>

struct listener;
struct pbuf;
struct tcp_pcb;

/* What may be set on a pcb; -1 (cc: ""): leave it. */
struct connection_settings {
    int8_t nodelay, keepalive;
    int16_t prio, tos, ttl;
    int64_t keep_idle_ms, keep_intvl_ms, keep_cnt, user_timeout_ms;
    char cc[16];
};

/* What a connection does on its own. */
struct connection_duty {
    bool discard;    /* what arrives is read at once, counted and summed, and thrown away */
    bool echo;       /* what arrives is sent back */
    bool closes; /* when all is sent, what was expected is here; discard, echo: behind the peer */
    uint64_t source; /* pattern bytes to send */
    uint64_t expect; /* the first so many bytes that arrive have to be the pattern */
    uint64_t seed;   /* of both patterns */
};

/* A call-back may be told to do something else, the next so many times. */
enum connection_call { CALL_CONNECTED, CALL_RECV, CALL_SENT, CALL_POLL, CALL_ACCEPT, CALLS };
enum connection_action {
    ACTION_NONE,
    ACTION_REFUSE, /* returns ERR_MEM; recv: only for data */
    ACTION_ABORT,  /* aborts the pcb, returns ERR_ABRT */
    ACTION_CLOSE   /* closes the pcb */
};

struct connection_plan {
    uint32_t count;
    uint8_t action;
};

/* Bytes that were written by reference: they stay until they have been acknowledged. */
struct reference {
    struct reference *next;
    uint64_t end; /* of them in the stream */
    uint32_t len;
    uint8_t data[];
};

struct connection {
    struct object object;
    struct tcp_pcb *pcb;          /* NULL: not ours any more */
    struct listener *listener;    /* it waits there to be accepted; NULL */
    struct connection *next;      /* behind it in the listener's queue */
    struct tcp_log log;
    struct byte_queue in;         /* arrived, not fetched; the window is closed by as much */
    struct byte_queue out;        /* waits for room in the send buffer */
    struct pattern source, expect;
    struct reference *references; /* oldest first */
    struct connection_plan plans[CALLS];
    uint64_t written, acked, received; /* bytes */
    uint64_t drained;                  /* thrown away unseen (discard) */
    uint32_t crc;                      /* of these */
    uint32_t local, remote;
    uint16_t local_port, remote_port;
    int16_t error; /* err_t that the err call-back reported; 0: none */
    uint8_t poll_interval;
    bool discard, echo, closes;
    bool connected, peer_closed;
    bool closed;     /* by the controller or by its duty */
    bool wants_room; /* the controller sent more than fitted */
    bool retrying;   /* memory was short: the poll call-back tries again */
    bool news;       /* since the controller last asked */
    bool delayed;    /* counts in the listener's backlog until accepted */
};

struct connection_config {
    uint32_t addr, local;
    uint16_t port, local_port; /* local_port 0: ephemeral */
    bool reuse;                /* SO_REUSEADDR */
    struct connection_settings settings;
    struct connection_duty duty;
};

extern const struct object_class connection_class;
extern const struct connection_settings connection_settings_none;

/* Begins to connect. NULL: *err says why not. Host not entered, as for all of these. */
struct connection *connection_new(struct host *h, const struct connection_config *config,
                                  err_t *err);
/* For the listener, host entered: a connection for a pcb that the stack hands over. NULL: no
 * room, the pcb is untouched. */
struct connection *connection_adopt(struct host *h, struct tcp_pcb *pcb);
/* The rest of it; may end with a close. */
void connection_begin(struct connection *c, const struct connection_duty *duty);

/* Queues what fits in the send buffer, *taken bytes. ERR_CONN: there is no pcb any more. */
err_t connection_send(struct connection *c, const void *bytes, uint32_t len, uint32_t *taken);
/* Queues all; what does not fit waits for room. ERR_MEM: the world's memory is full. */
err_t connection_send_all(struct connection *c, const void *bytes, uint32_t len);
/* Forgets what waits for room; returns how many bytes that were. */
uint64_t connection_send_cancel(struct connection *c);

enum connection_write_flags { WRITE_COPY = 1, WRITE_MORE = 2, WRITE_URGENT = 4, WRITE_HOLD = 8 };
/* tcp_write() as it is (WRITE_URGENT: tcp_write_urgent()), then tcp_output() unless WRITE_HOLD. */
err_t connection_write(struct connection *c, const void *bytes, uint16_t len, unsigned flags);
err_t connection_output(struct connection *c);

/* Takes up to `room` bytes that have arrived; the window opens by as much. */
uint32_t connection_recv(struct connection *c, uint8_t *bytes, uint32_t room);

void connection_source(struct connection *c, uint64_t seed, uint64_t len);
void connection_expect(struct connection *c, uint64_t seed, uint64_t len);
void connection_discard(struct connection *c, bool on);

/* ERR_MEM: call again, as tcp_close(). Closed already: ERR_OK. */
err_t connection_close(struct connection *c);
err_t connection_shutdown(struct connection *c, bool rx, bool tx);
void connection_abort(struct connection *c); /* also what the stack still has of a closed one */

err_t connection_set(struct connection *c, const struct connection_settings *settings);
void connection_poll(struct connection *c, uint8_t interval); /* in 500 ms; 0: none */
void connection_plan_set(struct connection *c, enum connection_call call,
                         enum connection_action action, uint32_t count);
/* What the call-back has to do this time. */
enum connection_action connection_planned(struct connection_plan *plan);

/* Host entered: ours, or the stack's remains of it; NULL: gone. */
struct tcp_pcb *connection_pcb(const struct connection *c);
/* Host entered. ERR_VAL: no such congestion control. */
err_t connection_settings_apply(struct tcp_pcb *pcb, const struct connection_settings *settings);

/* Between the two files, host entered. */
void connection_pump(struct connection *c);      /* writes what waits and fits; may close */
void connection_tell(struct connection *c);      /* something for the controller */
void connection_log(struct connection *c, enum tcp_log_kind kind, int64_t value);
/* false: no room to keep what p brings, nothing was taken. Frees p otherwise. */
bool connection_take(struct connection *c, struct pbuf *p);
void connection_acked(struct connection *c, uint32_t len);
void connection_references_free(struct connection *c);
void connection_poll_arm(struct connection *c);

#endif
