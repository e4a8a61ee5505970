/* apps.c: programs on hosts: private copies, output, rewinding. */
#include "unit.h"

#include "client.h"

#include <stdlib.h>

static int start(struct client *c, int host, const char *program, const char *args)
{
    return (int)client_do(c, "object", "{'op': 'app', 'host': %d, 'path': '%s/%s.so', "
                          "'args': [%s]}", host, LOCKWIRE_APPS, program, args);
}

/* All lines of an app, joined with "|". */
static void output(struct client *c, int app, char *text, size_t room)
{
    json_t *r = client_ask(c, "{'op': 'app_output', 'object': %d}", app);
    const json_t *lines = json_object_get(r, "lines");
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(lines); i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", i > 0 ? "|" : "",
                                 json_string_value(json_array_get(lines, i)));
    json_decref(r);
}

UNIT(apps, each_host_has_its_own_variables)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int a = start(c, 1, "counter", "\"one\""), b = start(c, 2, "counter", "\"two\", \"x\"");
    int a2 = start(c, 1, "counter", "\"three\"");
    char text[400];
    client_run(c, 3500000); /* the counters count every millisecond */
    output(c, a, text, sizeof text);
    CHECKF(strcmp(text, "one of 2: 1|one: 1|one: 2") == 0, "%s", text);
    output(c, b, text, sizeof text);
    CHECKF(strcmp(text, "two of 3: 1|two: 1|two: 2") == 0, "%s", text);
    output(c, a2, text, sizeof text);
    CHECKF(strcmp(text, "three of 2: 1|three: 1|three: 2") == 0, "%s", text);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(apps, variables_are_part_of_snapshots)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int a = start(c, 1, "counter", "\"n\"");
    char text[400];
    client_run(c, 2500000);
    output(c, a, text, sizeof text);
    CHECKF(strcmp(text, "n of 2: 1|n: 1") == 0, "%s", text);
    client_do(c, NULL, "{'op': 'snapshot'}");
    client_run(c, 4500000);
    output(c, a, text, sizeof text);
    CHECKF(strcmp(text, "n: 2|n: 3") == 0, "%s", text);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    client_run(c, 4500000);
    output(c, a, text, sizeof text);
    CHECKF(strcmp(text, "n: 2|n: 3") == 0, "%s", text);
    json_t *r = client_ask(c, "{'op': 'snapshot_save', 'path': '/dev/null'}");
    CHECK(json_is_false(json_object_get(r, "ok"))); /* code cannot follow into another process */
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(apps, output_notifies)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int a = start(c, 1, "counter", "\"n\"");
    uint64_t t;
    uint32_t object;
    CHECK_INT(client_advance(c, CLIENT_NEVER, &t, &object), 'N');
    CHECK_INT(object, a);
    CHECK_INT(t, 1000000);
    client_do(c, NULL, "{'op': 'app_output', 'object': %d}", a);
    CHECK_INT(client_advance(c, CLIENT_NEVER, &t, &object), 'N');
    CHECK_INT(t, 2000000);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(apps, object_without_app_main_is_refused)
{
    struct client *c = client_start();
    client_two_hosts(c);
    json_t *r = client_ask(c, "{'op': 'app', 'host': 1, 'path': '%s/no_main.so'}",
                           LOCKWIRE_APPS);
    CHECK(strstr(json_string_value(json_object_get(r, "error")), "no function app_main") != NULL);
    json_decref(r);
    r = client_ask(c, "{'op': 'app', 'host': 1, 'path': '%s/unresolved.so'}",
                   LOCKWIRE_APPS);
    CHECKF(strstr(json_string_value(json_object_get(r, "error")), "no_such_function") != NULL, "%s",
           (const char *)c->message);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(apps, sensor_retries_with_back_off_until_acknowledged)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int collector = (int)client_do(c, "object", "{'op': 'udp', 'host': 2, 'port': 5683}");
    int a = start(c, 1, "sensor", "'10.0.0.2', '5683', '1000', '100', '4'");
    client_run(c, 1000000000);
    /* first reading 1000 ms after the start at 1 ms; retries after 100 and 200 ms more */
    static const uint64_t sent_ms[] = {1001, 1101, 1301};
    client_run(c, UINT64_C(1400000000));
    int from = 0;
    for (int i = 0; i < 3; i++) {
        json_t *r = client_ask(c, "{'op': 'udp_recv', 'object': %d}", collector);
        CHECK(strncmp(json_string_value(json_object_get(r, "data")), "520000000107d7", 14) == 0);
        uint64_t t = (uint64_t)json_integer_value(json_object_get(r, "t"));
        CHECK_INT(t / 1000000, sent_ms[i]);
        from = (int)json_integer_value(json_object_get(r, "port"));
        json_decref(r);
    }
    client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'addr': '10.0.0.1', 'port': %d, "
                       "'data': '4100000001'}", collector, from);
    client_run(c, UINT64_C(1900000000));
    char text[400];
    output(c, a, text, sizeof text);
    CHECKF(strcmp(text, "sensor.so: a report every 1000 ms|"
                        "report 1 acknowledged after 3 tries") == 0, "%s", text);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}
