/* harness/firmware/gdb_stub.h: gdb's commands: what a packet asks, and the answer. There is one
 * processor, and one thread. What is not known is answered by an empty packet, as the protocol
 * wants.
 *
 * Works on a target that is given as functions; how packets come and go is gdb.c's business. */
#ifndef HARNESS_FIRMWARE_GDB_STUB_H
#define HARNESS_FIRMWARE_GDB_STUB_H

#include "harness/firmware/cpu.h"
#include "harness/firmware/gdb_packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gdb's numbers of signals, which are no system's. */
enum gdb_signal {
    GDB_SIGINT = 2,
    GDB_SIGILL = 4,
    GDB_SIGTRAP = 5,
    GDB_SIGABRT = 6,
    GDB_SIGBUS = 10,
    GDB_SIGSEGV = 11
};

/* The number behind Z and z. */
enum gdb_point { GDB_SOFT_BREAK, GDB_HARD_BREAK, GDB_WATCH_WRITE, GDB_WATCH_READ, GDB_WATCH_BOTH };

struct gdb_target {
    void *ctx;
    struct arm7 *cpu;
    /* Memory; false: not all of it is there, and nothing was done. */
    bool (*peek)(void *ctx, uint32_t addr, void *bytes, uint32_t count);
    bool (*poke)(void *ctx, uint32_t addr, const void *bytes, uint32_t count);
    /* Sets or takes away; false: it cannot be set there, or there are too many. */
    bool (*point)(void *ctx, enum gdb_point kind, bool set, uint32_t addr, uint32_t bytes);
    /* What `monitor COMMAND` says: at most room bytes of text with its zero. */
    void (*monitor)(void *ctx, const char *command, char *text, size_t room);
    /* gdb has changed registers or memory: the run is not what it would have been. */
    void (*changed)(void *ctx);
};

enum gdb_wish {
    GDB_ANSWER,   /* send the answer */
    GDB_NO_ACKS,  /* the same, and no acknowledgements from then on */
    GDB_CONTINUE, /* no answer before it stops again */
    GDB_STEP,     /* the same, after one instruction */
    GDB_DETACH,   /* send the answer; the processor goes on without gdb */
    GDB_KILL      /* the same without an answer */
};

struct gdb_stub {
    struct gdb_target target;
    char stop[48];    /* why it stands still: the answer to ? */
    char answer[GDB_PAYLOAD_MAX];
    size_t length;    /* of the answer */
};

void gdb_stub_init(struct gdb_stub *s, const struct gdb_target *target);
/* The processor has stopped; the answer is the stop reply. */
void gdb_stub_stopped(struct gdb_stub *s, enum gdb_signal signal);
/* The same by a watchpoint of this kind at addr. */
void gdb_stub_watched(struct gdb_stub *s, enum gdb_point kind, uint32_t addr);
/* It will not go on: the answer says by which signal, 0: it has come to its end. */
void gdb_stub_ended(struct gdb_stub *s, unsigned signal);

/* A packet of length bytes, a zero behind them. */
enum gdb_wish gdb_stub_hear(struct gdb_stub *s, const char *packet, size_t length);

#endif
