/* commands.c: what the simulator says to bad input. */
#include "unit.h"

#include "client.h"

struct bad {
    const char *command; /* JSON */
    const char *says;    /* part of the error */
};

/* Against a world of client_two_hosts(). */
static const struct bad table[] = {
    {"", "not JSON"},
    {"{", "not JSON"},
    {"[]", "has to be a JSON object"},
    {"{}", "\"op\" is missing"},
    {"{'op': 1}", "\"op\" has to be a text"},
    {"{'op': 'sgment'}", "there is no op \"sgment\" (did you mean segment"},
    {"{'op': 'zzzzzzzzz'}", "there is no op \"zzzzzzzzz\""},
    {"{'op': 'clock', 'op': 'clock'}", "duplicate"},
    {"{'op': 'hello', 'version': 1}", "hello: said already"},
    {"{'op': 'segment'}", "\"name\" is missing"},
    {"{'op': 'segment', 'name': null}", "\"name\" is missing"},
    {"{'op': 'segment', 'name': ''}", "1 to 64 letters"},
    {"{'op': 'segment', 'name': 'a b'}", "1 to 64 letters"},
    {"{'op': 'segment', 'name': 'lan'}", "there is a segment \"lan\" already"},
    {"{'op': 'segment', 'name': 'x', 'kind': 'ring'}", "has to be one of switch, hub, link"},
    {"{'op': 'segment', 'name': 'x', 'rate_bps': 0}", "\"rate_bps\" is 0 but has to be 1 to"},
    {"{'op': 'segment', 'name': 'x', 'rate_bps': '1'}", "\"rate_bps\" has to be an integer"},
    {"{'op': 'segment', 'name': 'x', 'rate_bps': 1.5}", "\"rate_bps\" has to be an integer"},
    {"{'op': 'segment', 'name': 'x', 'rate_bps': 18446744073709551616}", "not JSON"},
    {"{'op': 'segment', 'name': 'x', 'latency_ns': -1}", "\"latency_ns\" is -1"},
    {"{'op': 'segment', 'name': 'x', 'loss': [2, 1]}", "\"loss\" has to be a probability"},
    {"{'op': 'segment', 'name': 'x', 'loss': [0, 0]}", "\"loss\" has to be a probability"},
    {"{'op': 'segment', 'name': 'x', 'loss': 0.5}", "\"loss\" has to be a probability"},
    {"{'op': 'segment', 'name': 'x', 'capture': 1}", "\"capture\" has to be true or false"},
    {"{'op': 'port', 'segment': 9, 'name': 'x'}", "there is no segment 9"},
    {"{'op': 'port', 'segment': 0, 'name': 'x'}", "\"segment\" is 0 but has to be 1 to"},
    {"{'op': 'port', 'segment': 1, 'name': 'a'}", "has a port \"a\" already"},
    {"{'op': 'port', 'segment': 1, 'name': 'x', 'mac': '02'}", "\"mac\" is \"02\" but has to be"},
    {"{'op': 'link', 'segment': 1, 'port': 'zz', 'up': true}", "has no port \"zz\""},
    {"{'op': 'link', 'segment': 1}", "\"up\" is missing"},
    {"{'op': 'impair', 'segment': 1, 'kind': 'loss'}", "\"p\" is missing"},
    {"{'op': 'impair', 'segment': 1, 'kind': 'magic'}", "has to be one of loss"},
    {"{'op': 'impair_remove', 'impair': 1}", "there is no impair 1"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'nth': [2, 1]}", "ascending"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'nth': []}", "\"nth\""},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': 1}", "\"match\" has to be a list"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': [['udp.dprt', '==', 1]]}",
     "no field \"udp.dprt\" (did you mean udp.dport"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': [['udp.dport', '~', 1]]}",
     "\"~\" is no operator"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': [['udp.dport', '==']]}",
     "[field, operator, value]"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': [['udp.dport', '==', -1]]}",
     "non-negative integer"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'drop', 'match': [['bytes', '==', 0, '0']]}",
     "a condition on bytes"},
    {"{'op': 'fault', 'segment': 1, 'kind': 'partition', 'groups': [1]}",
     "each of \"groups\""},
    {"{'op': 'fault', 'segment': 1, 'kind': 'reorder'}", "delay_ns"},
    {"{'op': 'fault_status', 'fault': 1}", "there is no fault 1"},
    {"{'op': 'host', 'name': 'a'}", "there is a host \"a\" already"},
    {"{'op': 'host', 'name': 'h', 'boot_ms': 4294967296}", "\"boot_ms\""},
    {"{'op': 'host', 'name': 'h', 'clock_ppm': -500001}", "\"clock_ppm\" is -500001"},
    {"{'op': 'host', 'name': 'h', 'options': []}", "\"options\" has to be an object"},
    {"{'op': 'host', 'name': 'h', 'options': {'upd_ttl': 1}}", "did you mean udp_ttl"},
    {"{'op': 'host', 'name': 'h', 'options': {'udp_ttl': 256}}",
     "udp_ttl is 256 but has to be 1 to 255"},
    {"{'op': 'host', 'name': 'h', 'options': {'udp_ttl': 'x'}}", "udp_ttl has to be an integer"},
    {"{'op': 'host', 'name': 'h', 'options': {'timer': 'quick'}}", "\"fine\" or \"coarse\""},
    {"{'op': 'host', 'name': 'h', 'options': {'rx': 1}}", "\"pool\" or \"flat\""},
    {"{'op': 'option_set', 'host': 1, 'name': 'arp_table_size', 'value': 4}",
     "fixed when the host is made"},
    {"{'op': 'option_set', 'host': 1, 'name': 'udp_ttl'}", "\"value\" is missing"},
    {"{'op': 'netif', 'host': 3, 'segment': 1}", "there is no host 3"},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0'}", "\"ip\" is \"10.0.0\""},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.256'}", "\"ip\" is"},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1.'}", "\"ip\" is"},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.9', 'prefix': 33}", "\"prefix\""},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'mtu': 67}", "\"mtu\" is 67"},
    {"{'op': 'netif', 'host': 1, 'segment': 1, 'acd': true}", "needs an address"},
    {"{'op': 'netif_info', 'host': 1, 'netif': 9}", "has no interface 9"},
    {"{'op': 'udp', 'host': 1, 'port': 65536}", "\"port\" is 65536"},
    {"{'op': 'udp', 'host': 1, 'capacity': 0}", "\"capacity\" is 0"},
    {"{'op': 'udp_send', 'object': 1, 'data': '00'}", "there is no object 1"},
    {"{'op': 'raw', 'host': 1}", "\"proto\" is missing"},
    {"{'op': 'ping', 'host': 1}", "\"addr\" is missing"},
    {"{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', 'data': 'abc'}", "pairs of hexadecimal"},
    {"{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', 'data': 'zz'}", "pairs of hexadecimal"},
    {"{'op': 'igmp', 'host': 1, 'netif': 2, 'group': '224.1.1.1'}", "\"join\" is missing"},
    {"{'op': 'app', 'host': 1, 'path': '/nonexistent.so'}", "No such file"},
    {"{'op': 'app', 'host': 1, 'path': '/etc/passwd'}", "cannot be loaded: "},
    {"{'op': 'app', 'host': 1, 'path': '/tmp'}", "not a file"},
    {"{'op': 'app', 'host': 1, 'path': 'x', 'args': [1]}", "\"args\" has to be a list of texts"},
    {"{'op': 'app_output', 'object': 7}", "there is no object 7"},
    {"{'op': 'restore', 'snapshot': 1}", "there is no snapshot 1"},
    {"{'op': 'snapshot_load', 'path': '/nonexistent'}", "cannot be loaded: No such file"},
    {"{'op': 'snapshot_load', 'path': '/etc/passwd'}", "cannot be loaded: "},
    {"{'op': 'snapshot_save', 'path': '/nonexistent/x'}", "cannot be created"},
    {"{'op': 'snapshot_save', 'path': '/dev/full'}", "cannot be written"},
    {"{'op': 'limits', 'storm_instant': 0}", "\"storm_instant\" is 0"},
    {"{'op': 'plant', 'host': 1, 'kind': 'rose'}", "there is no bug \"rose\""},
};

UNIT(commands, bad_input_is_answered_by_one_sentence)
{
    struct client *c = client_start();
    client_two_hosts(c);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        json_t *reply = client_ask(c, "%s", table[i].command);
        const char *error = json_string_value(json_object_get(reply, "error"));
        const char *kind = json_string_value(json_object_get(reply, "kind"));
        CHECKF(json_is_false(json_object_get(reply, "ok")) && error != NULL && kind != NULL,
               "%s: %.300s", table[i].command, (const char *)c->message);
        CHECKF(strstr(error, table[i].says) != NULL, "%s: %s", table[i].command, error);
        CHECKF(strchr(error, '\n') == NULL, "%s: %s", table[i].command, error);
        json_decref(reply);
    }
    CHECK_INT(client_do(c, "now", "{'op': 'finish'}"), 1000000);
    CHECK_INT(client_stop(c), 0);
}

/* A refused command has not changed the world: the same hash as without them, but for the
 * commands' own records, which count attempts too. */
UNIT(commands, refused_command_changes_nothing)
{
    struct client *c = client_start();
    client_two_hosts(c);
    json_t *reply = client_ask(c, "{'op': 'host', 'name': 'c', 'options': {'zzz': 1}}");
    CHECK(json_is_false(json_object_get(reply, "ok")));
    json_decref(reply);
    CHECK_INT(client_do(c, "host", "{'op': 'host', 'name': 'c'}"), 3);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(commands, hello_comes_first)
{
    struct client *c = client_spawn(NULL, NULL);
    json_t *reply = client_ask(c, "{'op': 'clock'}");
    CHECK(strstr(json_string_value(json_object_get(reply, "error")), "hello") != NULL);
    json_decref(reply);
    reply = client_ask(c, "{'op': 'hello', 'version': 2}");
    CHECK(strstr(json_string_value(json_object_get(reply, "error")), "version 2") != NULL);
    json_decref(reply);
    reply = client_ask(c, "{'op': 'hello', 'version': 1, 'capture': '/nonexistent/x'}");
    CHECK(strstr(json_string_value(json_object_get(reply, "error")), "cannot be created") != NULL);
    json_decref(reply);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    CHECK_INT(client_stop(c), 4);
}

UNIT(commands, nothing_follows_finish)
{
    struct client *c = client_start();
    client_finish(c);
    json_t *reply = client_ask(c, "{'op': 'clock'}");
    CHECK(strstr(json_string_value(json_object_get(reply, "error")), "finished") != NULL);
    json_decref(reply);
    CHECK_INT(client_stop(c), 0);
}

static void check_fatal(const void *message, size_t len, const char *says)
{
    struct client *c = client_start();
    client_two_hosts(c);
    client_write(c, message, len);
    CHECK_INT(client_read(c), 'X');
    CHECKF(strstr((const char *)c->message, "\"kind\":\"protocol\"") != NULL &&
               strstr((const char *)c->message, says) != NULL,
           "%.300s", (const char *)c->message);
    CHECK_INT(client_stop(c), 3);
}

UNIT(commands, broken_protocol_is_fatal)
{
    check_fatal("Z", 1, "unknown type 0x5a");
    check_fatal("A123", 4, "an advance has 8 bytes, not 3");
    check_fatal("S\1\0\0\0", 5, "1 to 9216 bytes, not 0");
    check_fatal("S\7\0\0\0x", 6, "there is no port 7");
    check_fatal("p\1", 2, "unknown type 0x70");
    static char large[5 + 9217] = "S\1\0\0\0";
    check_fatal(large, sizeof large, "1 to 9216 bytes, not 9217");
}
