/* harness/control/session.h: one controller's conversation with one world. PROTOCOL.md is the
 * contract with the other end; this file is the one with whoever carries the messages: the live
 * socket (runner/live.c), a recording (runner/replay.c), a test.
 *
 * The carrier hands in one message at a time and does what the answer says. A session touches no
 * file descriptor of the connection and never runs events itself, so all carriers share it. */
#ifndef HARNESS_CONTROL_SESSION_H
#define HARNESS_CONTROL_SESSION_H

#include "sim/sim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena_snapshot;
struct gdb;
struct recorder;
struct world;

#define SESSION_MESSAGE_MAX (160u * 1024u)
#define SESSION_SNAPSHOTS_MAX 4096u

/* What the carrier is to do next. */
enum session_want {
    SESSION_LISTEN, /* hand in the next message */
    SESSION_RUN     /* run events up to session_until() and call session_ran() */
};

/* Which TAP a command names. */
struct session_tap {
    uint32_t port;      /* of the world, whose frames it exchanges with the kernel */
    const char *device; /* NULL: fd */
    const char *netns;  /* path of a network namespace; NULL: that of the process */
    int fd;             /* inherited; -1: device */
};

enum session_tap_drop { TAP_QUEUE_FULL, TAP_DOWN, TAP_REFUSED, TAP_TOO_LONG, TAP_DROPS };

/* What became of frames on the kernel's side. Not a part of the world: a replay has no kernel. */
struct session_tap_counts {
    uint64_t in, out; /* brought into the world, taken by the kernel */
    uint64_t waiting; /* for the kernel to take them */
    uint64_t dropped[TAP_DROPS];
    bool gone; /* the device was removed, or whoever held the other end is gone */
};

struct session_carrier {
    void *ctx;
    /* A message to the controller. */
    void (*send)(void *ctx, const void *bytes, size_t len);
    /* Waits for the controller's next message; from inside an event. Returns its length; does not
     * return when there will be none. */
    size_t (*receive)(void *ctx, void *buffer, size_t room);
    /* The contents of a file that a command names, for commands that read one. NULL: *why. The
     * caller frees it. */
    uint8_t *(*read_file)(void *ctx, const char *path, size_t *len, const char **why);
    /* The world was replaced by a snapshot. */
    void (*rebind)(void *ctx, struct sim *sim);
    /* Opens a TAP. false: why (room bytes of text). NULL: there are none here. From then on frames
     * are handed in by session_tap_frame(), while a run is under way. */
    bool (*tap_open)(void *ctx, const struct session_tap *tap, char *why, size_t room);
    void (*tap_close)(void *ctx, uint32_t port);
    /* A frame for the kernel, from inside an event. */
    void (*tap_write)(void *ctx, uint32_t port, const void *bytes, size_t len);
    void (*tap_counts)(void *ctx, uint32_t port, struct session_tap_counts *counts);
    /* Waits on this port (0: any) for the gdb of a firmware: gdb_new(). NULL: no gdb is ever waited
     * for; the run is the same. */
    struct gdb *(*gdb_new)(void *ctx, const char *name, uint16_t port, char *why, size_t room);
};

struct session_config {
    uint64_t seed;
    size_t memory_bytes;       /* limit of the arena */
    struct recorder *recorder; /* NULL: none */
    bool paths_overridden;     /* replay: hello's paths are ignored, files are not written */
    const char *capture, *trace; /* instead of hello's; NULL: none */
    /* Commands that load code or a world from a file, break the world on purpose, or change what
     * counts as broken, are refused: the controller is not to be trusted (fuzzing). */
    bool sandboxed;
};

struct session {
    struct session_carrier carrier;
    struct session_config config;
    struct world *world; /* NULL once finished */
    FILE *trace_file;
    char *capture_path; /* in use; NULL: none */
    struct arena_snapshot *snapshots[SESSION_SNAPSHOTS_MAX];
    uint32_t snapshot_count;
    uint32_t tap_count; /* with a TAP there is no way back: snapshots are refused */
    uint64_t until_ns;
    bool greeted;  /* hello was heard */
    bool finished;
    char hash[33]; /* once finished */
    uint8_t message[SESSION_MESSAGE_MAX];
};

/* Opens the arena and makes an empty world. NULL: *why. One session per process. */
struct session *session_new(const struct session_config *config,
                            const struct session_carrier *carrier, const char **why);
void session_free(struct session *s);

/* A message from the controller. */
enum session_want session_hear(struct session *s, const uint8_t *message, size_t len);
static inline uint64_t session_until(const struct session *s)
{
    return s->until_ns;
}
/* The run that was asked for has ended. */
enum session_want session_ran(struct session *s, enum sim_stop why);

/* A frame of 1 to FRAME_MAX bytes has come in by a TAP and begins at its port now. */
void session_tap_frame(struct session *s, uint32_t port, const uint8_t *bytes, size_t len);

struct sim *session_sim(const struct session *s);

/* Sends `X`; for the carrier's handler of fatal(). */
void session_send_fatal(struct session *s, const char *kind, const char *text);

/* For commands.c and the handlers: */

/* Runs one command and sends its reply. */
void session_command(struct session *s, const uint8_t *json, size_t len);
/* The same for one that was read before; for a carrier that gives the same ones again and again. It
 * is not recorded, and the carrier keeps it. */
struct json_t;
void session_command_read(struct session *s, struct json_t *command);
/* Asks the controller about a frame: fault_predicate_fn, ctx unused. */
struct fault;
struct frame;
bool session_ask(void *ctx, uint32_t predicate, const struct fault *f, const struct frame *frame);
/* A frame has arrived at the port of a TAP: port_owner's receive, ctx a struct control_port. */
struct port;
void session_tap_write(void *ctx, struct port *port, struct frame *frame);

#endif
