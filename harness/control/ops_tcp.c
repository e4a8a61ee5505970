/* harness/control/ops_tcp.c: TCP listeners and connections in the controller's hands. What is only
 * looked at: ops_tcp_info.c. */
#include "harness/control/ops.h"
#include "harness/host/host.h"
#include "harness/host/tcp_connection.h"
#include "harness/host/tcp_listener.h"
#include "harness/host/world.h"

#include <stdio.h>
#include <string.h>

#define DATA_MAX 65536u /* bytes per message, either way */
#define WRITE_MAX 65535u
#define MS_MAX UINT32_MAX
#define LENGTH_MAX ((uint64_t)INT64_MAX)

static struct connection *request_connection(struct request *r)
{
    return (struct connection *)request_object(r, &connection_class);
}

static void fail_with(struct request *r, const char *what, err_t err)
{
    request_fail(r, "stack", "%s: the stack answered err_t %d%s", what, err,
                 err == ERR_MEM   ? " (out of memory)"
                 : err == ERR_USE ? " (in use)"
                 : err == ERR_RTE ? " (no route)"
                                  : "");
}

static int8_t flag_or_none(struct request *r, const char *name)
{
    return request_has(r, name) ? (int8_t)request_bool(r, name) : (int8_t)-1;
}

static struct connection_settings read_settings(struct request *r)
{
    struct connection_settings s = {
        .nodelay = flag_or_none(r, "nodelay"),
        .keepalive = flag_or_none(r, "keepalive"),
        .prio = (int16_t)request_i64_or(r, "prio", 1, 127, -1),
        .tos = (int16_t)request_i64_or(r, "tos", 0, 255, -1),
        .ttl = (int16_t)request_i64_or(r, "ttl", 0, 255, -1),
        .keep_idle_ms = request_i64_or(r, "keep_idle_ms", 1, MS_MAX, -1),
        .keep_intvl_ms = request_i64_or(r, "keep_intvl_ms", 1, MS_MAX, -1),
        .keep_cnt = request_i64_or(r, "keep_cnt", 1, 255, -1),
        .user_timeout_ms = request_i64_or(r, "user_timeout_ms", 0, MS_MAX, -1),
    };
    static const char *const known[] = {"newreno", "cubic", NULL};
    if (request_has(r, "cc"))
        snprintf(s.cc, sizeof s.cc, "%s", known[request_choice(r, "cc", known)]);
    return s;
}

static struct connection_duty read_duty(struct request *r)
{
    return (struct connection_duty){
        .discard = request_bool_or(r, "discard", false),
        .echo = request_bool_or(r, "echo", false),
        .closes = request_bool_or(r, "closes", false),
        .source = request_u64_or(r, "source", 0, LENGTH_MAX, 0),
        .expect = request_u64_or(r, "expect", 0, LENGTH_MAX, 0),
        .seed = request_u64_or(r, "seed", 0, LENGTH_MAX, 1),
    };
}

void op_tcp_listen(struct request *r)
{
    struct host *h = request_host(r);
    struct listener_config config = {
        .addr = request_addr_or(r, "addr", 0),
        .port = (uint16_t)request_u64_or(r, "port", 0, 65535, 0),
        .backlog = (uint8_t)request_u64_or(r, "backlog", 1, 255, 255),
        .reuse = request_bool_or(r, "reuse", false),
        .settings = read_settings(r),
        .duty = read_duty(r),
    };
    if (!request_ok(r))
        return;
    err_t err;
    struct listener *l = listener_new(h, &config, &err);
    if (l == NULL) {
        fail_with(r, "a TCP port could not be listened on", err);
        return;
    }
    reply_int(r, "object", l->object.id);
    reply_int(r, "port", listener_port(l));
}

static void reply_ends(struct request *r, const struct connection *c)
{
    reply_addr(r, "local", c->local);
    reply_int(r, "local_port", c->local_port);
    reply_addr(r, "remote", c->remote);
    reply_int(r, "remote_port", c->remote_port);
}

void op_tcp_accept(struct request *r)
{
    struct listener *l = (struct listener *)request_object(r, &listener_class);
    struct connection *c = request_ok(r) ? listener_accept(l) : NULL;
    if (c == NULL) {
        reply_bool(r, "empty", true);
        return;
    }
    reply_int(r, "object", c->object.id);
    reply_ends(r, c);
}

void op_tcp_connect(struct request *r)
{
    struct host *h = request_host(r);
    struct connection_config config = {
        .addr = request_addr(r, "addr"),
        .port = (uint16_t)request_u64(r, "port", 0, 65535),
        .local = request_addr_or(r, "local", 0),
        .local_port = (uint16_t)request_u64_or(r, "local_port", 0, 65535, 0),
        .reuse = request_bool_or(r, "reuse", false),
        .settings = read_settings(r),
        .duty = read_duty(r),
    };
    if (!request_ok(r))
        return;
    err_t err;
    struct connection *c = connection_new(h, &config, &err);
    reply_json(r, "err", json_integer(err));
    if (c == NULL)
        return;
    reply_int(r, "object", c->object.id);
    reply_ends(r, c);
}

void op_tcp_send(struct request *r)
{
    struct connection *c = request_connection(r);
    bool all = request_bool_or(r, "all", false);
    struct bytes data = request_hex(r, "data", DATA_MAX);
    uint32_t taken = data.len;
    if (request_ok(r)) {
        err_t err = all ? connection_send_all(c, data.data, data.len)
                        : connection_send(c, data.data, data.len, &taken);
        reply_json(r, "err", json_integer(err));
        reply_int(r, "taken", err == ERR_OK ? taken : 0);
    }
    bytes_free(&data);
}

void op_tcp_send_cancel(struct request *r)
{
    struct connection *c = request_connection(r);
    if (request_ok(r))
        reply_int(r, "cancelled", connection_send_cancel(c));
}

void op_tcp_write(struct request *r)
{
    struct connection *c = request_connection(r);
    unsigned flags = (request_bool_or(r, "copy", true) ? WRITE_COPY : 0u) |
                     (request_bool_or(r, "more", false) ? WRITE_MORE : 0u) |
                     (request_bool_or(r, "urgent", false) ? WRITE_URGENT : 0u) |
                     (request_bool_or(r, "output", true) ? 0u : WRITE_HOLD);
    bool has_data = request_has(r, "data");
    struct bytes data = request_hex(r, "data", WRITE_MAX);
    if (request_ok(r)) {
        err_t err = has_data ? connection_write(c, data.data != NULL ? data.data : (uint8_t *)"",
                                                (uint16_t)data.len, flags)
                             : connection_output(c);
        reply_json(r, "err", json_integer(err));
    }
    bytes_free(&data);
}

void op_tcp_recv(struct request *r)
{
    struct connection *c = request_connection(r);
    uint32_t room = (uint32_t)request_u64_or(r, "max", 1, DATA_MAX, DATA_MAX);
    if (!request_ok(r))
        return;
    c->news = false;
    if (c->in.count == 0) {
        reply_bool(r, "empty", true);
        reply_bool(r, "eof", c->peer_closed);
        reply_bool(r, "closed", c->closed);
        reply_json(r, "err", json_integer(c->error));
        return;
    }
    uint8_t bytes[DATA_MAX];
    uint32_t len = connection_recv(c, bytes, room);
    reply_hex(r, "data", bytes, len);
}

void op_tcp_end(struct request *r)
{
    static const char *const ways[] = {"close", "abort", "rd", "wr", "rdwr", NULL};
    struct connection *c = request_connection(r);
    unsigned way = request_choice(r, "how", ways);
    err_t err = ERR_OK;
    if (!request_ok(r))
        return;
    if (way == 0)
        err = connection_close(c);
    else if (way == 1)
        connection_abort(c);
    else
        err = connection_shutdown(c, way != 3, way != 2);
    reply_json(r, "err", json_integer(err));
}

void op_tcp_set(struct request *r)
{
    struct connection *c = request_connection(r);
    struct connection_settings s = read_settings(r);
    uint8_t poll = (uint8_t)request_u64_or(r, "poll", 0, 255, 0);
    if (!request_ok(r))
        return;
    if (request_has(r, "poll"))
        connection_poll(c, poll);
    reply_json(r, "err", json_integer(connection_set(c, &s)));
}

void op_tcp_plan(struct request *r)
{
    static const char *const calls[] = {"connected", "recv", "sent", "poll", "accept", NULL};
    static const char *const actions[] = {"none", "refuse", "abort", "close", NULL};
    struct object *o = request_object(r, NULL);
    enum connection_call call = (enum connection_call)request_choice(r, "call", calls);
    enum connection_action action = (enum connection_action)request_choice(r, "action", actions);
    uint32_t count = (uint32_t)request_u64_or(r, "count", 0, UINT32_MAX, 1);
    if (!request_ok(r))
        return;
    const struct object_class *wanted = call == CALL_ACCEPT ? &listener_class : &connection_class;
    if (o->class != wanted)
        request_fail(r, "usage", "%s is a call-back of a %s, not of a %s", calls[call],
                     wanted->name, o->class->name);
    else if (call == CALL_ACCEPT && action == ACTION_CLOSE)
        request_fail(r, "usage", "accept can refuse or abort a connection, not close it");
    else if (call == CALL_ACCEPT)
        ((struct listener *)o)->plan =
            (struct connection_plan){.count = count, .action = (uint8_t)action};
    else
        connection_plan_set((struct connection *)o, call, action, count);
}

void op_tcp_bulk(struct request *r)
{
    struct connection *c = request_connection(r);
    uint64_t seed = request_u64_or(r, "seed", 0, LENGTH_MAX, 1);
    uint64_t send = request_u64_or(r, "send", 0, LENGTH_MAX, 0);
    uint64_t expect = request_u64_or(r, "expect", 0, LENGTH_MAX, 0);
    bool discard = request_bool_or(r, "discard", false);
    if (!request_ok(r))
        return;
    if (request_has(r, "expect"))
        connection_expect(c, seed, expect);
    if (request_has(r, "discard"))
        connection_discard(c, discard);
    if (request_has(r, "send"))
        connection_source(c, seed, send);
}
