/* harness/control/session.c */
#include "harness/control/session.h"

#include "harness/control/recording.h"
#include "harness/host/fatal.h"
#include "harness/host/object.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/capture.h"
#include "vnet/frame.h"
#include "vnet/port.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The one session of the process: what a call-back from inside the world is about. The world
 * itself may have come from a snapshot and knows no session. */
static struct session *current;

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}

static uint8_t *put64(uint8_t *p, uint64_t v)
{
    return put32(put32(p, (uint32_t)v), (uint32_t)(v >> 32));
}

static uint64_t get_le(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | p[bytes];
    return v;
}

/* Life. */

struct session *session_new(const struct session_config *config,
                            const struct session_carrier *carrier, const char **why)
{
    struct session *s = calloc(1, sizeof *s);
    *why = "no memory";
    if (s == NULL)
        return NULL;
    s->carrier = *carrier;
    s->config = *config;
    if (!arena_open(config->memory_bytes)) {
        *why = strerror(errno);
        free(s);
        return NULL;
    }
    s->world = world_new(config->seed);
    if (s->world == NULL) {
        *why = "the world's memory is too small";
        arena_close();
        free(s);
        return NULL;
    }
    current = s;
    return s;
}

void session_free(struct session *s)
{
    if (s->world != NULL && s->world->capture != NULL)
        capture_close(s->world->capture);
    trace_sink_set(NULL, NULL, NULL);
    if (s->trace_file != NULL)
        fclose(s->trace_file);
    for (uint32_t i = 0; i < s->snapshot_count; i++)
        arena_snapshot_free(s->snapshots[i]);
    arena_close();
    current = NULL;
    free(s->capture_path);
    free(s);
}

struct sim *session_sim(const struct session *s)
{
    return s->world->sim;
}

void session_send_fatal(struct session *s, const char *kind, const char *text)
{
    json_t *x = json_object();
    json_object_set_new(x, "error", json_string(text));
    json_object_set_new(x, "kind", json_string(kind));
    s->message[0] = 'X';
    size_t len = json_dumpb(x, (char *)s->message + 1, sizeof s->message - 1, JSON_COMPACT);
    json_decref(x);
    if (len <= sizeof s->message - 1)
        s->carrier.send(s->carrier.ctx, s->message, 1 + len);
}

/* Advancing. */

static void send_time(struct session *s, char type)
{
    uint8_t m[9];
    m[0] = (uint8_t)type;
    put64(m + 1, s->world->sim->now_ns);
    s->carrier.send(s->carrier.ctx, m, sizeof m);
}

/* Hands over the oldest delivery that still stands for something; false: there is none. */
static bool hand_over(struct session *s)
{
    struct delivery d;
    while (world_pop(s->world, &d)) {
        uint8_t *m = s->message;
        if (d.frame != NULL) {
            *m++ = 'F';
            m = put64(put32(m, d.id), d.t_ns);
            memcpy(m, d.frame->data, d.frame->len);
            m += d.frame->len;
            frame_unref(d.frame);
        } else {
            struct object *o = vector_get(&s->world->objects, d.id);
            if (o == NULL)
                continue;
            o->notifying = false;
            if (!o->class->ready(o))
                continue;
            *m++ = 'N';
            m = put64(put32(m, d.id), d.t_ns);
        }
        s->carrier.send(s->carrier.ctx, s->message, (size_t)(m - s->message));
        return true;
    }
    return false;
}

enum session_want session_ran(struct session *s, enum sim_stop why)
{
    if (hand_over(s))
        return SESSION_LISTEN;
    if (why == SIM_INTERRUPTED || why == SIM_BATCH)
        return SESSION_RUN;
    send_time(s, why == SIM_QUIET && s->until_ns == NEVER ? 'Q' : 'D');
    return SESSION_LISTEN;
}

static enum session_want hear_advance(struct session *s, const uint8_t *body, size_t len)
{
    if (len != 8)
        fatal(FATAL_PROTOCOL, "an advance has 8 bytes, not %zu", len);
    if (hand_over(s))
        return SESSION_LISTEN;
    s->until_ns = get_le(body, 8);
    if (s->until_ns < s->world->sim->now_ns)
        s->until_ns = s->world->sim->now_ns;
    return SESSION_RUN;
}

/* Sending. */

static void hear_send(struct session *s, const uint8_t *body, size_t len)
{
    if (len < 5 || len - 4 > FRAME_MAX)
        fatal(FATAL_PROTOCOL, "a frame to send has 1 to %u bytes, not %zu", FRAME_MAX,
              len < 4 ? 0 : len - 4);
    uint32_t id = (uint32_t)get_le(body, 4);
    struct control_port *p = vector_get(&s->world->ports, id);
    if (p == NULL)
        fatal(FATAL_PROTOCOL, "there is no port %" PRIu32 " to send on", id);
    struct frame *f = frame_copy(body + 4, (uint32_t)(len - 4));
    if (f == NULL)
        fatal(FATAL_INTERNAL, "the world's memory is full: no room for a frame");
    world_forgive(s->world);
    (void)port_send(p->port, f);
}

/* The kernel's frames. What the outside says counts as the controller's own words for the storm
 * oracle: a kernel that floods is not a storm of ours. */

static struct control_port *tap_port(struct session *s, uint32_t id)
{
    return s->world != NULL ? vector_get(&s->world->ports, id) : NULL;
}

void session_tap_frame(struct session *s, uint32_t port, const uint8_t *bytes, size_t len)
{
    const struct control_port *p = tap_port(s, port);
    if (p == NULL)
        fatal(FATAL_INTERNAL, "a TAP's frame for port %" PRIu32 ", which is not there", port);
    if (s->config.recorder != NULL) {
        struct recorded_tap t = {.port = port, .t_ns = s->world->sim->now_ns};
        recorder_put_tap(s->config.recorder, &t, bytes, len);
    }
    struct frame *f = frame_copy(bytes, (uint32_t)len);
    if (f == NULL)
        fatal(FATAL_INTERNAL, "the world's memory is full: no room for a frame");
    world_forgive(s->world);
    (void)port_send(p->port, f);
}

void session_tap_write(void *ctx, struct port *port, struct frame *frame)
{
    const struct control_port *p = ctx;
    (void)port;
    current->carrier.tap_write(current->carrier.ctx, p->id, frame->data, frame->len);
    frame_unref(frame);
}

/* Asking. */

static uint32_t rule_id(const struct vector *rules, const struct fault *f)
{
    for (uint32_t id = 1; id <= rules->count; id++) {
        const struct rule *r = vector_get(rules, id);
        if (r != NULL && r->fault == f)
            return id;
    }
    return 0;
}

bool session_ask(void *ctx, uint32_t predicate, const struct fault *f, const struct frame *frame)
{
    (void)ctx;
    struct session *s = current;
    uint8_t *m = s->message;
    *m++ = 'P';
    m = put32(m, predicate);
    m = put64(m, s->world->sim->now_ns);
    m = put32(m, rule_id(&s->world->faults, f));
    memcpy(m, frame->data, frame->len);
    m += frame->len;
    s->carrier.send(s->carrier.ctx, s->message, (size_t)(m - s->message));
    size_t len = s->carrier.receive(s->carrier.ctx, s->message, sizeof s->message);
    if (s->config.recorder != NULL && len > 0)
        recorder_put(s->config.recorder, s->message, len);
    if (len != 2 || s->message[0] != 'p' || s->message[1] > 1)
        fatal(FATAL_PROTOCOL, "a predicate was asked and has to be answered by p and 0 or 1");
    return s->message[1] == 1;
}

/* Listening. */

enum session_want session_hear(struct session *s, const uint8_t *message, size_t len)
{
    if (len == 0)
        fatal(FATAL_PROTOCOL, "an empty message");
    if (s->config.recorder != NULL)
        recorder_put(s->config.recorder, message, len);
    if (message[0] == 'C') {
        session_command(s, message + 1, len - 1);
        return SESSION_LISTEN;
    }
    if (s->world == NULL)
        fatal(FATAL_PROTOCOL, "the run is finished: nothing can follow");
    if (message[0] == 'A')
        return hear_advance(s, message + 1, len - 1);
    if (message[0] != 'S')
        fatal(FATAL_PROTOCOL, "a message of unknown type 0x%02x", message[0]);
    hear_send(s, message + 1, len - 1);
    return SESSION_LISTEN;
}
