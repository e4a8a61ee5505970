/* harness/host/host.h: a host: a stack instance with its clock, its randomness and its interfaces.
 *
 * Everything is in the arena. A host has one event in the world's queue: it is armed for whatever
 * comes first of the stack's next deadline and, with a cpu delay, the next received frame whose
 * processing is done. Each use of the stack stands between host_enter() and host_leave(); leaving
 * re-arms the event, so nobody else thinks of timers. Entering again from a call-back of the same
 * host is allowed.
 *
 * Life: host_new() → interfaces, objects, apps → host_close() → host_free(). */
#ifndef HARNESS_HOST_HOST_H
#define HARNESS_HOST_HOST_H

#include "harness/host/clock.h"
#include "lockwire/stack.h"
#include "sim/prng.h"
#include "sim/queue.h"
#include "stack/core/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame;
struct host;
struct host_interface;
struct object;
struct world;

/* Frames that may wait for a host with a cpu delay; more are dropped at the tail. */
#define HOST_WAITING_MAX 1024u

/* How a received frame becomes a pbuf. */
enum host_rx {
    HOST_RX_POOL, /* a chain of pool buffers, as drivers for lwIP do */
    HOST_RX_FLAT  /* one piece of heap memory */
};

struct host_config {
    const char *name;
    uint32_t boot_ms;
    int32_t clock_ppm;
    uint32_t clock_phase_ns;
    uint64_t cpu_ns; /* processing time of a received frame; 0: none */
    enum host_rx rx;
    struct stack_config stack;
};

/* Memory that the stack grew by; the bytes follow. */
struct grown {
    struct grown *next;
    size_t size; /* of the whole block */
};

/* A received frame for which the processor has no time yet: cpu delay, or a pause. */
struct waiting {
    struct waiting *next;
    struct host_interface *interface;
    struct frame *frame;
    uint64_t done_ns;
};

struct host {
    struct world *world;
    char *name;
    struct stack *stack; /* its memory: stack_size() bytes */
    struct host_clock clock;
    struct prng prng;
    struct event event;
    struct grown *grown;
    struct host_interface *interfaces; /* latest first */
    struct object *objects;            /* latest first */
    struct waiting *waiting, *waiting_last;
    uint64_t cpu_ns;
    uint32_t due_ms; /* if due_known: event, while armed, stands for this deadline of the stack */
    bool due_known;
    uint64_t paused_until_ns; /* its processor stands still before */
    uint64_t wake_ns, wakes; /* how often it was woken at one instant: loopback storms */
    uint32_t waiting_count;
    uint32_t id;
    uint32_t source; /* of trace records */
    uint32_t interface_count; /* ever made */
    uint32_t until_check; /* entries until the next object check; 0: at the next one */
    uint16_t depth;
    uint8_t mac[6]; /* asked for, of the first interface */
    bool has_mac;
    uint8_t rx; /* enum host_rx */
    bool closing; /* nothing it sends reaches the wire any more */
};

/* A host without interfaces. NULL: *why says what is wrong (name taken, options that contradict
 * each other, no room). */
struct host *host_new(struct world *w, const struct host_config *config, const char **why);

void host_enter(struct host *h);
void host_leave(struct host *h);

/* A frame has arrived at an interface: processed now, or after the cpu delay. Takes over the
 * reference. */
void host_receive(struct host_interface *i, struct frame *frame);

/* A board interrupts: served now, or when the processor has time (cpu delay, pause). */
void host_interrupt(struct host_interface *i);

/* The processor stands still for `ns` from now on (a debugger, a flash sector being erased): frames
 * wait, timers are served late; what waited is received before they are. A new pause replaces one
 * that is going on; 0 ends it. */
void host_pause(struct host *h, uint64_t ns);

/* Closes objects and interfaces; whatever the stack sends meanwhile is discarded. Afterwards only
 * lost memory is left in its pools: *problem (room bytes, may be empty) says what. */
void host_close(struct host *h, char *problem, size_t room);
void host_free(struct host *h); /* after host_close() */

struct host *host_by_name(const struct world *w, const char *name); /* NULL: none */
/* The host whose code is running: between the outermost enter and leave. */
struct host *host_running(void);

/* The code that ran was left by a jump out of fatal(): nothing runs, and the world is in pieces:
 * only a snapshot may be restored now. */
void host_abandon(void);

/* How often to check the objects of a host: 0 never, n: at every n-th entry, less often when the
 * host has more than a few hundred objects. For the process. */
void host_check_every(uint32_t entries);

#endif
