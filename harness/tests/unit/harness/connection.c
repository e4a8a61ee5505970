/* connection.c: TCP connections and listeners as a controller has them: what comes back, in which
 * order the call-backs ran, what is refused, and that nothing is left behind. */
#include "unit.h"

#include "client.h"

#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define BULK 1000000

static int64_t number(struct client *c, const char *op, int object, const char *name)
{
    json_t *r = client_ask(c, "{'op': '%s', 'object': %d}", op, object);
    const json_t *value = json_object_get(r, name);
    CHECKF(json_is_integer(value) || json_is_boolean(value), "%s of %s", name, op);
    int64_t n = json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
    json_decref(r);
    return n;
}

static void check_state(struct client *c, int object, const char *state)
{
    json_t *r = client_ask(c, "{'op': 'tcp_status', 'object': %d}", object);
    const char *is = json_string_value(json_object_get(r, "state"));
    CHECKF(strcmp(is, state) == 0, "%s is not %s", is, state);
    json_decref(r);
}

/* The call-backs so far as one text: "connected 0, sent 3". */
static void check_events(struct client *c, int object, const char *expected)
{
    char text[512] = "";
    size_t i, used = 0;
    const json_t *e;
    json_t *r = client_ask(c, "{'op': 'tcp_events', 'object': %d}", object);
    json_array_foreach(json_object_get(r, "events"), i, e)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %lld", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(e, 1)),
                                 json_integer_value(json_array_get(e, 2)));
    CHECKF(strcmp(text, expected) == 0, "%s", text);
    json_decref(r);
}

static void check_recv(struct client *c, int object, int max, const char *hex)
{
    json_t *r = client_ask(c, "{'op': 'tcp_recv', 'object': %d, 'max': %d}", object, max);
    const char *data = json_string_value(json_object_get(r, "data"));
    CHECKF(data != NULL && strcmp(data, hex) == 0, "%s is not %s", data, hex);
    json_decref(r);
}

/* 'extra' continues the JSON of tcp_listen. */
static int listen_on(struct client *c, const char *extra)
{
    return (int)client_do(c, "object", "{'op': 'tcp_listen', 'host': 2, 'port': 80%s}", extra);
}

static int connect_to(struct client *c, const char *extra)
{
    return (int)client_do(c, "object", "{'op': 'tcp_connect', 'host': 1, 'addr': '10.0.0.2', "
                          "'port': 80%s}", extra);
}

static void pass(struct client *c, uint64_t ns)
{
    client_run(c, (uint64_t)client_do(c, "now", "{'op': 'clock'}") + ns);
}

static void open_pair(struct client *c, int *near, int *far)
{
    client_two_hosts(c);
    int l = listen_on(c, "");
    *near = connect_to(c, "");
    pass(c, SECOND);
    *far = (int)client_do(c, "object", "{'op': 'tcp_accept', 'object': %d}", l);
    check_state(c, *near, "ESTABLISHED");
    check_state(c, *far, "ESTABLISHED");
}

static void end(struct client *c)
{
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(connection, data_goes_both_ways_and_ends_with_the_fin)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    CHECK_INT(client_do(c, "taken", "{'op': 'tcp_send', 'object': %d, 'data': '616263'}", near), 3);
    CHECK_INT(client_do(c, "taken", "{'op': 'tcp_send', 'object': %d, 'data': '7a'}", far), 1);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", far, "pending"), 3);
    check_recv(c, far, 2, "6162");
    check_recv(c, far, 65536, "63");
    check_recv(c, near, 1, "7a");
    CHECK_INT(number(c, "tcp_recv", far, "eof"), 0);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_end', 'object': %d, 'how': 'wr'}", near), 0);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_recv", far, "eof"), 1);
    check_state(c, near, "FIN_WAIT_2");
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_end', 'object': %d, 'how': 'close'}", far), 0);
    pass(c, SECOND);
    check_state(c, near, "TIME_WAIT");
    check_state(c, far, "CLOSED");
    check_events(c, near, "connected 0, recv 1, sent 3, closed 0");
    check_events(c, far, "accept 0, recv 3, sent 1, closed 0");
    end(c);
}

UNIT(connection, unread_data_closes_the_window_and_reading_opens_it)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    int64_t open = number(c, "tcp_info", far, "rcv_wnd");
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '%0400d'}", near, 0);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_info", far, "rcv_wnd"), open - 200);
    client_do(c, NULL, "{'op': 'tcp_recv', 'object': %d, 'max': 150}", far);
    CHECK_INT(number(c, "tcp_info", far, "rcv_wnd"), open - 50);
    end(c);
}

UNIT(connection, listener_hands_out_in_order_of_arrival)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int l = listen_on(c, "");
    int first = connect_to(c, ", 'local_port': 5003");
    pass(c, SECOND);
    connect_to(c, ", 'local_port': 5001");
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_listener", l, "pending"), 2);
    client_do(c, NULL, "{'op': 'object_close', 'object': %d}", first); /* aborted before accept */
    pass(c, SECOND);
    json_t *r = client_ask(c, "{'op': 'tcp_accept', 'object': %d}", l);
    CHECK_INT(json_integer_value(json_object_get(r, "remote_port")), 5003);
    int reset = (int)json_integer_value(json_object_get(r, "object"));
    json_decref(r);
    CHECK_INT(number(c, "tcp_status", reset, "err"), -14);
    CHECK_INT(client_do(c, "remote_port", "{'op': 'tcp_accept', 'object': %d}", l), 5001);
    r = client_ask(c, "{'op': 'tcp_accept', 'object': %d}", l);
    CHECK(json_is_true(json_object_get(r, "empty")));
    json_decref(r);
    end(c);
}

UNIT(connection, nobody_listens_is_a_reset)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int near = connect_to(c, "");
    uint32_t object = 0;
    while (client_advance(c, CLIENT_NEVER, NULL, &object) == 'F')
        continue;
    CHECK_INT(object, near);
    CHECK_INT(number(c, "tcp_status", near, "err"), -14);
    check_events(c, near, "error -14");
    json_t *r = client_ask(c, "{'op': 'tcp_info', 'object': %d}", near);
    CHECK(json_is_true(json_object_get(r, "gone")));
    json_decref(r);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_send', 'object': %d, 'data': '00'}", near), -14);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_end', 'object': %d, 'how': 'close'}", near), 0);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_end', 'object': %d, 'how': 'wr'}", near), -11);
    end(c);
}

UNIT(connection, refused_data_is_offered_again)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_plan', 'object': %d, 'call': 'recv', 'action': 'refuse', "
                       "'count': 2}", far);
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '616263'}", near);
    pass(c, 5 * SECOND);
    check_recv(c, far, 9, "616263");
    check_events(c, far, "accept 0, refused 3, refused 3, recv 3");
    end(c);
}

UNIT(connection, callback_that_aborts_is_the_end)
{
    static const char *const calls[] = {"recv", "sent"};
    for (int i = 0; i < 2; i++) {
        struct client *c = client_start();
        int near, far;
        open_pair(c, &near, &far);
        int victim = i == 0 ? far : near, other = i == 0 ? near : far;
        client_do(c, NULL, "{'op': 'tcp_plan', 'object': %d, 'call': '%s', 'action': 'abort'}",
                  victim, calls[i]);
        client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '616263'}", near);
        pass(c, SECOND);
        CHECK_INT(number(c, "tcp_status", victim, "err"), -13);
        CHECK_INT(number(c, "tcp_status", other, "err"), -14);
        end(c);
    }
}

UNIT(connection, callback_that_closes_sends_the_fin)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_plan', 'object': %d, 'call': 'sent', 'action': 'close'}", near);
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '61'}", near);
    pass(c, SECOND);
    check_state(c, near, "FIN_WAIT_2");
    check_recv(c, far, 9, "61");
    CHECK_INT(number(c, "tcp_recv", far, "eof"), 1);
    end(c);
}

UNIT(connection, accept_that_refuses_resets)
{
    static const char *const actions[] = {"refuse", "abort"};
    for (int i = 0; i < 2; i++) {
        struct client *c = client_start();
        client_two_hosts(c);
        int l = listen_on(c, "");
        client_do(c, NULL, "{'op': 'tcp_plan', 'object': %d, 'call': 'accept', 'action': '%s'}", l,
                  actions[i]);
        int first = connect_to(c, "");
        pass(c, SECOND);
        int second = connect_to(c, "");
        pass(c, SECOND);
        CHECK_INT(number(c, "tcp_status", first, "err"), -14);
        check_state(c, second, "ESTABLISHED");
        CHECK_INT(number(c, "tcp_listener", l, "pending"), 1);
        CHECK_INT(number(c, "tcp_listener", l, "accepted"), 1);
        end(c);
    }
}

UNIT(connection, patterns_arrive_whole_in_both_directions)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    for (int i = 0; i < 2; i++)
        client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'send': %d, 'expect': %d, "
                           "'seed': 5}", i == 0 ? near : far, BULK, BULK);
    pass(c, 10 * SECOND);
    for (int i = 0; i < 2; i++) {
        json_t *r = client_ask(c, "{'op': 'tcp_status', 'object': %d}", i == 0 ? near : far);
        CHECK_INT(json_integer_value(json_object_get(r, "source_left")), 0);
        CHECK_INT(json_integer_value(json_object_get(r, "expect_left")), 0);
        CHECK_INT(json_integer_value(json_object_get(r, "acked")), BULK);
        CHECK(json_object_get(r, "bad_at") == NULL);
        json_decref(r);
    }
    end(c);
}

UNIT(connection, another_pattern_is_found_out)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'expect': 1000, 'seed': 5}", far);
    client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'send': 1000, 'seed': 6}", near);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", far, "bad_at"), 0);
    end(c);
}

UNIT(connection, duties_are_done_without_the_controller)
{
    struct client *c = client_start();
    client_two_hosts(c);
    listen_on(c, ", 'echo': true, 'closes': true");
    int near = connect_to(c, ", 'source': 100000, 'expect': 100000, 'seed': 3");
    pass(c, 5 * SECOND);
    CHECK_INT(number(c, "tcp_status", near, "expect_left"), 0);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_end', 'object': %d, 'how': 'wr'}", near), 0);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", near, "eof"), 1);
    check_state(c, near, "TIME_WAIT");
    end(c);
}

UNIT(connection, what_is_thrown_away_is_summed_up)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int l = listen_on(c, ", 'discard': true, 'closes': true");
    int near = connect_to(c, "");
    pass(c, SECOND);
    int far = (int)client_do(c, "object", "{'op': 'tcp_accept', 'object': %d}", l);
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '313233343536373839'}", near);
    client_do(c, NULL, "{'op': 'tcp_end', 'object': %d, 'how': 'close'}", near);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", far, "drained"), 9);
    CHECK_INT(number(c, "tcp_status", far, "crc"), 0xcbf43926);
    check_state(c, far, "CLOSED");
    check_state(c, near, "TIME_WAIT");
    end(c);
}

UNIT(connection, close_with_unread_data_resets)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '61'}", near);
    pass(c, SECOND);
    client_do(c, NULL, "{'op': 'tcp_end', 'object': %d, 'how': 'close'}", far);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", near, "err"), -14);
    check_state(c, far, "CLOSED");
    end(c);
}

UNIT(connection, bytes_by_reference_outlive_a_close)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_write', 'object': %d, 'data': '616263', "
                        "'copy': false, 'more': true, 'output': false}", near), 0);
    CHECK_INT(client_do(c, "err", "{'op': 'tcp_write', 'object': %d}", near), 0);
    client_do(c, NULL, "{'op': 'tcp_end', 'object': %d, 'how': 'close'}", near);
    pass(c, SECOND);
    check_recv(c, far, 9, "616263");
    end(c);
}

UNIT(connection, waiting_bytes_can_be_called_off)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    for (int i = 0; i < 40; i++)
        client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'all': true, 'data': '%08000d'}", near,
                  0);
    int64_t waiting = number(c, "tcp_status", near, "waiting");
    CHECK_INT(number(c, "tcp_status", near, "written") + waiting, 40 * 4000);
    CHECK(waiting > 0);
    CHECK_INT(number(c, "tcp_send_cancel", near, "cancelled"), waiting);
    CHECK_INT(number(c, "tcp_status", near, "waiting"), 0);
    end(c);
}

/* Runs of the same world from one moment on. */
static void go_on(struct client *c, int far, char hash[33])
{
    client_do(c, NULL, "{'op': 'tcp_end', 'object': %d, 'how': 'wr'}", far);
    pass(c, 3 * SECOND);
    client_hash(c, hash);
}

UNIT(connection, snapshot_in_the_middle_of_a_transfer)
{
    struct client *c = client_start();
    int near, far;
    char first[33], second[33];
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'expect': %d}", far, BULK / 2);
    client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'send': %d}", near, BULK);
    client_do(c, NULL, "{'op': 'tcp_write', 'object': %d, 'data': '7a', 'copy': false}", far);
    pass(c, 20 * SECOND / 1000);
    CHECK(number(c, "tcp_status", near, "source_left") > 0);
    client_do(c, NULL, "{'op': 'snapshot'}");
    go_on(c, far, first);
    CHECK_INT(number(c, "tcp_status", far, "expect_left"), 0);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    go_on(c, far, second);
    CHECK(strcmp(first, second) == 0);
    end(c);
}

UNIT(connection, recorded_run_replays_to_its_hash)
{
    char recording[64], out[400], hash[33];
    client_temporary(recording);
    struct client *c = client_spawn("--record", recording, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    int near, far;
    open_pair(c, &near, &far);
    client_do(c, NULL, "{'op': 'tcp_send', 'object': %d, 'data': '616263'}", near);
    client_do(c, NULL, "{'op': 'tcp_set', 'object': %d, 'nodelay': true, 'tos': 8}", far);
    pass(c, SECOND);
    check_recv(c, far, 2, "6162");
    go_on(c, far, hash);
    end(c);
    int status = client_tool(out, sizeof out, "--replay", recording, NULL);
    CHECKF(status == 0 && strncmp(out, hash, 32) == 0, "%d: %s", status, out);
    unlink(recording);
}

UNIT(connection, nothing_is_left_whatever_is_open)
{
    struct client *c = client_start();
    int near, far;
    open_pair(c, &near, &far);
    connect_to(c, ", 'local_port': 5000");
    pass(c, SECOND); /* established, never accepted */
    connect_to(c, ", 'local_port': 5001");
    client_do(c, NULL, "{'op': 'tcp_connect', 'host': 1, 'addr': '10.0.0.9', 'port': 1}");
    client_do(c, NULL, "{'op': 'tcp_write', 'object': %d, 'data': '7a', 'copy': false}", far);
    client_do(c, NULL, "{'op': 'tcp_bulk', 'object': %d, 'send': %d}", near, BULK);
    end(c);
}

UNIT(connection, listener_takes_those_that_wait_with_it)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int l = listen_on(c, "");
    int near = connect_to(c, "");
    pass(c, SECOND);
    client_do(c, NULL, "{'op': 'object_close', 'object': %d}", l);
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", near, "err"), -14);
    int late = connect_to(c, "");
    pass(c, SECOND);
    CHECK_INT(number(c, "tcp_status", late, "err"), -14);
    end(c);
}

UNIT(connection, bad_input_is_one_sentence)
{
    static const struct {
        const char *command, *says;
    } table[] = {
        {"{'op': 'tcp_listen', 'host': 9}", "there is no host 9"},
        {"{'op': 'tcp_listen', 'host': 2, 'port': 80}", "err_t -8 (in use)"},
        {"{'op': 'tcp_listen', 'host': 2, 'port': 65536}", "\"port\" is 65536 but has to be 0 to"},
        {"{'op': 'tcp_listen', 'host': 2, 'backlog': 0}", "\"backlog\" is 0"},
        {"{'op': 'tcp_listen', 'host': 2, 'cc': 'vegas'}", "has to be one of newreno, cubic"},
        {"{'op': 'tcp_connect', 'host': 1, 'addr': 'b', 'port': 1}", "has to be an address"},
        {"{'op': 'tcp_connect', 'host': 1, 'addr': '10.0.0.2'}", "\"port\" is missing"},
        {"{'op': 'tcp_connect', 'host': 1, 'addr': '10.0.0.2', 'port': 1, 'prio': 0}", "\"prio\""},
        {"{'op': 'tcp_accept', 'object': 2}",
         "object 2 is a TCP connection, not a TCP listener"},
        {"{'op': 'tcp_send', 'object': 1, 'data': '00'}",
         "object 1 is a TCP listener, not a TCP connection"},
        {"{'op': 'tcp_send', 'object': 2, 'data': '0'}", "\"data\""},
        {"{'op': 'tcp_recv', 'object': 2, 'max': 0}", "\"max\" is 0"},
        {"{'op': 'tcp_recv', 'object': 99}", "there is no object 99"},
        {"{'op': 'tcp_end', 'object': 2, 'how': 'now'}",
         "has to be one of close, abort, rd, wr, rdwr"},
        {"{'op': 'tcp_plan', 'object': 2, 'call': 'accept', 'action': 'abort'}",
         "accept is a call-back of a TCP listener, not of a TCP connection"},
        {"{'op': 'tcp_plan', 'object': 1, 'call': 'recv', 'action': 'abort'}",
         "recv is a call-back of a TCP connection, not of a TCP listener"},
        {"{'op': 'tcp_plan', 'object': 1, 'call': 'accept', 'action': 'close'}",
         "accept can refuse or abort a connection, not close it"},
        {"{'op': 'tcp_events', 'object': 3}", "a UDP socket has no call-backs to tell of"},
    };
    struct client *c = client_start();
    client_two_hosts(c);
    CHECK_INT(listen_on(c, ""), 1);
    CHECK_INT(connect_to(c, ""), 2);
    CHECK_INT(client_do(c, "object", "{'op': 'udp', 'host': 1}"), 3);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        json_t *r = client_ask(c, "%s", table[i].command);
        const char *error = json_string_value(json_object_get(r, "error"));
        CHECKF(error != NULL && strstr(error, table[i].says) != NULL, "%s: %s", table[i].command,
               error);
        json_decref(r);
    }
    end(c);
}
