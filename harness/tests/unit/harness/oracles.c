/* oracles.c: each oracle catches the bug planted for it, and is silent without. */
#include "unit.h"

#include "client.h"

#include <signal.h>
#include <unistd.h>

static void plant(struct client *c, const char *kind)
{
    char text[200];
    int n = snprintf(text, sizeof text, "C{\"op\": \"plant\", \"kind\": \"%s\", \"host\": 1}",
                     kind);
    client_write(c, text, (size_t)n);
}

/* finish has exactly one problem, which says so. */
static void check_found_at_the_end(const char *kind, const char *says)
{
    struct client *c = client_start();
    client_two_hosts(c);
    plant(c, kind);
    CHECK_INT(client_read(c), 'R');
    json_t *r = client_ask(c, "{'op': 'finish'}");
    const json_t *problems = json_object_get(r, "problems");
    CHECKF(json_array_size(problems) >= 1, "%s: %.300s", kind, (const char *)c->message);
    CHECKF(strstr(json_string_value(json_array_get(problems, 0)), says) != NULL, "%s: %s", kind,
           (const char *)c->message);
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

/* The run ends with an X of that kind, at once or within 10 ms. */
static void check_ends_the_run(const char *kind, const char *x_kind, const char *says)
{
    struct client *c = client_start();
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'limits', 'storm_instant': 500, 'storm_second': 900}");
    plant(c, kind);
    char type = client_read(c);
    while (type != 'X' && type != '\0' && type != 'D')
        type = client_advance(c, 11000000, NULL, NULL);
    char expected[64];
    snprintf(expected, sizeof expected, "\"kind\":\"%s\"", x_kind);
    CHECKF(type == 'X' && strstr((const char *)c->message, says) != NULL &&
               strstr((const char *)c->message, expected) != NULL,
           "%s: %.300s", kind, (const char *)c->message);
    CHECK_INT(client_stop(c), 3);
}

UNIT(oracles, lost_pbuf_is_found)
{
    check_found_at_the_end("leak_pbuf", "leak: host a was closed and still holds ");
}

UNIT(oracles, lost_heap_is_found)
{
    check_found_at_the_end("leak_heap", "leak: host a was closed and still holds ");
}

UNIT(oracles, lost_frame_is_found)
{
    check_found_at_the_end("lost_frame", "of the world's memory were never given back");
}

UNIT(oracles, corrupt_queue_is_found)
{
    check_ends_the_run("corrupt_queue", "oracle", "object check: host a");
}

UNIT(oracles, corrupt_list_is_found)
{
    check_ends_the_run("corrupt_list", "oracle", "object check: host a");
}

/* Without checks on the way the end is the last chance. */
UNIT(oracles, corrupt_queue_is_found_at_the_end)
{
    struct client *c = client_spawn("--check", "0", NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    plant(c, "corrupt_queue");
    CHECK_INT(client_read(c), 'R');
    CHECK_INT(client_run(c, 2000000), 0);
    json_t *r = client_ask(c, "{'op': 'finish'}");
    const json_t *problems = json_object_get(r, "problems");
    CHECK_INT(json_array_size(problems), 1);
    CHECK(strstr(json_string_value(json_array_get(problems, 0)), "object check: host a") != NULL);
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

UNIT(oracles, storm_at_one_instant_is_found)
{
    check_ends_the_run("storm", "oracle", "packet storm: more than 500 frames sent at the virtual");
}

UNIT(oracles, storm_within_a_second_is_found)
{
    check_ends_the_run("storm_slow", "oracle", "packet storm: more than 900 frames sent since");
}

UNIT(oracles, endless_loop_at_one_instant_is_found)
{
    check_ends_the_run("loop", "oracle", "packet storm: host a was woken more than 500 times");
}

UNIT(oracles, time_running_backwards_is_found)
{
    check_ends_the_run("time_backwards", "oracle", "virtual time ran backwards");
}

UNIT(oracles, failed_assertion_is_told)
{
    check_ends_the_run("panic", "panic", "a planted bug");
}

UNIT(oracles, unfired_fault_is_found)
{
    struct client *c = client_start();
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': "
                       "[['udp.dport', '==', 53]]}");
    client_do(c, NULL, "{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': "
                       "[['ip.proto', '==', 1]]}");
    client_do(c, NULL, "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2'}");
    client_run(c, 3000000);
    CHECK_INT(client_do(c, "fired", "{'op': 'fault_status', 'fault': 2}"), 1);
    json_t *r = client_ask(c, "{'op': 'finish'}");
    const json_t *unfired = json_object_get(r, "unfired");
    CHECK_INT(json_array_size(unfired), 1);
    CHECK_INT(json_integer_value(json_array_get(unfired, 0)), 1);
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

UNIT(oracles, full_disk_is_found)
{
    struct client *c = client_spawn(NULL, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1, 'trace': '/dev/full'}");
    client_two_hosts(c);
    json_t *r = client_ask(c, "{'op': 'finish'}");
    const json_t *problems = json_object_get(r, "problems");
    CHECK_INT(json_array_size(problems), 1);
    CHECK(strstr(json_string_value(json_array_get(problems, 0)), "trace: ") != NULL);
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

/* Packets under way, waiting for ARP, half reassembled, unread: none of that is a leak. */
UNIT(oracles, busy_world_has_no_problem)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int s = (int)client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 7}");
    client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'addr': '10.0.0.99', 'port': 7, "
                       "'data': '00'}", s);
    client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'addr': '127.0.0.1', 'port': 7, "
                       "'data': '00'}", s);
    client_do(c, NULL, "{'op': 'ping', 'host': 2, 'addr': '10.0.0.1'}");
    client_advance(c, 1003000, NULL, NULL);
    json_t *r = client_ask(c, "{'op': 'finish'}");
    CHECKF(json_array_size(json_object_get(r, "problems")) == 0, "%.300s",
           (const char *)c->message);
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

UNIT(oracles, request_to_end_ends_the_process)
{
    struct client *c = client_start();
    client_two_hosts(c);
    CHECK(kill(c->pid, SIGTERM) == 0);
    CHECK_INT(client_read(c), 0);
    CHECK_INT(client_stop(c), 128 + SIGTERM);
    c = client_start();
    client_two_hosts(c);
    plant(c, "storm_slow"); /* never quiet */
    CHECK_INT(client_read(c), 'R');
    client_do(c, NULL, "{'op': 'limits', 'storm_second': 1000000000}");
    uint8_t advance[9];
    memset(advance, 0xff, sizeof advance);
    advance[0] = 'A';
    client_do(c, NULL, "{'op': 'link', 'segment': 1, 'port': 't', 'up': false}");
    client_write(c, advance, sizeof advance);
    usleep(100000);
    CHECK(kill(c->pid, SIGINT) == 0);
    while (client_read(c) != '\0')
        continue;
    CHECK_INT(client_stop(c), 128 + SIGINT);
}
