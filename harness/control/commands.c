/* harness/control/commands.c: from a command's JSON to its handler, and back to a reply. */
#include "harness/control/ops.h"
#include "harness/control/session.h"
#include "harness/host/closest.h"
#include "harness/host/fatal.h"
#include "harness/host/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct op {
    const char *name;
    size_t name_len;
    void (*handle)(struct request *r);
    uint16_t number;
    bool traced;
};

static const struct op ops[] = {
#define OP(number, name, traced) {#name, sizeof #name - 1, op_##name, number, traced},
#include "harness/control/ops.def"
#undef OP
};

#define OPS (sizeof ops / sizeof ops[0])

static const char *op_name(const void *ctx, size_t i)
{
    (void)ctx;
    return i < OPS ? ops[i].name : NULL;
}

static const struct op *find(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < OPS; i++)
        if (ops[i].name_len == len && memcmp(ops[i].name, name, len) == 0)
            return &ops[i];
    return NULL;
}

static void unknown_op(struct request *r)
{
    char near[200];
    const char *name = r->op;
    r->op = "command";
    if (closest_names(name, op_name, NULL, near, sizeof near) > 0)
        request_fail(r, "usage", "there is no op \"%.60s\" (did you mean %s?)", name, near);
    else
        request_fail(r, "usage", "there is no op \"%.60s\"", name);
}

/* What the controller did to the world is part of the run's identity. */
static void trace_command(struct request *r, const struct op *op)
{
    struct sim *sim = r->world->sim;
    world_forgive(r->world);
    trace_emit(sim->trace, sim->now_ns, TRACE_CONTROL, 0, op->number, 0, op->name,
               strlen(op->name));
}

static bool is_trusting(const struct op *op)
{
    return op->handle == op_app || op->handle == op_firmware || op->handle == op_limits ||
           op->handle == op_plant ||
           op->handle == op_snapshot_load || op->handle == op_snapshot_save ||
           op->handle == op_tap;
}

static void dispatch(struct request *r)
{
    const struct session *s = r->session;
    if (!json_is_object(r->in)) {
        request_fail(r, "usage", "a command has to be a JSON object");
        return;
    }
    const char *name = request_text(r, "op");
    if (!request_ok(r))
        return;
    r->op = name;
    const struct op *op = find(name);
    if (op == NULL) {
        unknown_op(r);
        return;
    }
    if (s->finished)
        request_fail(r, "usage", "the run is finished: nothing can follow");
    else if (!s->greeted && op->handle != op_hello)
        request_fail(r, "usage", "the first command has to be hello");
    else if (s->config.sandboxed && is_trusting(op))
        request_fail(r, "usage", "not in a sandbox");
    if (!request_ok(r))
        return;
    if (op->traced)
        trace_command(r, op);
    op->handle(r);
}

static void send_reply(struct session *s, struct request *r)
{
    json_t *reply = r->out;
    if (!request_ok(r)) {
        json_object_clear(reply);
        json_object_set_new(reply, "ok", json_false());
        json_object_set_new(reply, "error", json_string(r->error));
        json_object_set_new(reply, "kind", json_string(r->kind));
    } else {
        json_object_set_new(reply, "ok", json_true());
    }
    s->message[0] = 'R';
    size_t room = sizeof s->message - 1;
    size_t len = json_dumpb(reply, (char *)s->message + 1, room, JSON_COMPACT);
    if (len == 0 || len > room)
        fatal(FATAL_INTERNAL, "the reply to %s does not fit a message (%zu bytes)", r->op, len);
    s->carrier.send(s->carrier.ctx, s->message, 1 + len);
}

/* in: NULL: it was not JSON, `where` says why. */
static void answer(struct session *s, json_t *in, const json_error_t *where)
{
    struct request r = {.session = s, .world = s->world, .in = in, .out = json_object(),
                        .op = "command"};
    if (r.out == NULL)
        fatal(FATAL_INTERNAL, "no memory for a reply");
    if (in == NULL)
        request_fail(&r, "usage", "not JSON: %s (at byte %d)", where->text, where->position);
    else
        dispatch(&r);
    send_reply(s, &r);
    json_decref(r.out);
}

void session_command(struct session *s, const uint8_t *json, size_t len)
{
    json_error_t where;
    json_t *in = json_loadb((const char *)json, len, JSON_REJECT_DUPLICATES, &where);
    answer(s, in, &where);
    json_decref(in);
}

void session_command_read(struct session *s, struct json_t *command)
{
    answer(s, command, NULL);
}
